"""A refund: money that a channel gave back for units of order lines, each event once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from sync.money import CurrencyMismatch, total_of

__all__ = ["NOTHING", "Amounts", "Refund", "RefundKind", "RefundLine", "Source", "Teller", "plain_key", "totals"]

#: Who tells of a refund, the most telling first: what a settlement pays is final.
Source = Literal["settlement", "ledger", "order", "return"]
RefundKind = Literal["refund", "a_to_z", "chargeback"]

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What one refund gives back; positive is towards the buyer, all in the refund's currency.

    `goods` is net of the discounts that were taken back; `tax` is all tax beside the prices; `kept` (restocking,
    return shipping) lowers what the buyer gets. `withheld` and `fees` are between marketplace and seller, signed as
    the seller sees them: they are no part of what the buyer gets.
    """

    goods: Decimal = _ZERO
    shipping: Decimal = _ZERO
    gift: Decimal = _ZERO
    goodwill: Decimal = _ZERO
    tax: Decimal = _ZERO
    kept: Decimal = _ZERO
    withheld: Decimal = _ZERO
    fees: Decimal = _ZERO

    @property
    def before_tax(self) -> Decimal:
        """Return what the buyer gets, without tax."""
        return self.goods + self.shipping + self.gift + self.goodwill - self.kept

    @property
    def to_buyer(self) -> Decimal:
        """Return what the buyer gets."""
        return self.before_tax + self.tax

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


NOTHING = Amounts()


@dataclass(frozen=True, slots=True)
class RefundLine:
    """What goes back for one order line; `units` 0: the channel does not say how many."""

    line_id: str | None
    sku: str | None
    units: int
    amounts: Amounts


@dataclass(frozen=True, slots=True)
class Teller:
    """One source's word of a refund: its record there, when, and what the buyer gets by it."""

    source: Source
    record: str
    at: datetime
    to_buyer: Decimal
    settlement_id: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """One event. `key` tells it from other refunds of the order; `unknown` names charges that no rule knows."""

    channel: str
    order_id: str
    key: str
    kind: RefundKind
    at: datetime
    currency: str
    lines: tuple[RefundLine, ...]
    told_by: tuple[Teller, ...]
    #: The marketplace's id of the refund, where it has one.
    refund_id: str | None = None
    unknown: tuple[str, ...] = ()
    #: Only an order tells of it, and has shown something else before: one refund more, or another sum of all of them.
    is_unclear: bool = False

    @property
    def amounts(self) -> Amounts:
        """Return the sum of the lines."""
        return sum((line.amounts for line in self.lines), NOTHING)

    @property
    def to_buyer(self) -> Decimal:
        """Return what the buyer gets."""
        return self.amounts.to_buyer

    @property
    def sources(self) -> frozenset[Source]:
        """Return who tells of it."""
        return frozenset(t.source for t in self.told_by)

    def keyed(self, key: str) -> Refund:
        """Return the same refund under another key."""
        return replace(self, key=key)


def plain_key(text: str) -> str:
    """Return a text as a part of an external id: letters, digits and single hyphens."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")


def totals(refunds: Iterable[Refund]) -> tuple[Decimal, str | None]:
    """Return what buyers get by all these refunds and its currency, None for no refund.

    Raises:
        CurrencyMismatch: they are of two currencies.
    """
    held = list(refunds)
    currencies = sorted({r.currency for r in held})
    if len(currencies) > 1:
        raise CurrencyMismatch(currencies[0], currencies[1])
    return total_of(r.to_buyer for r in held), currencies[0] if currencies else None
