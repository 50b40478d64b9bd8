"""Which units of which return a refund pays for: the money of goods that come back, and money that comes alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from reconcile.refunds.models import Amounts, Refund, RefundLine, plain_key
from sync.money import allocate

__all__ = ["Portion", "Return", "ReturnLine", "pair_with_returns"]

#: Parts that go by units; delivery and wrapping stay with the first units.
_BY_UNITS = ("goods", "goodwill", "tax", "kept", "withheld", "fees")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units of one order line in a return, as the channel says."""

    line_id: str
    order_line_id: str | None
    sku: str
    quantity: int
    received: int
    reason: str | None
    disposition: str | None


@dataclass(frozen=True, slots=True)
class Return:
    """One return. `kind` is return, keep_it or replacement; `status` as in `sync.records.ChannelReturn`."""

    channel: str
    return_id: str
    order_id: str
    requested_at: datetime
    updated_at: datetime
    status: str
    vendor_status: str
    fulfilled_by: str
    kind: str
    rma: str | None
    lines: tuple[ReturnLine, ...]

    @property
    def key(self) -> str:
        """Return what tells it from the order's other returns, as a part of an external id."""
        own = self.return_id.removeprefix(self.order_id)
        return plain_key(own) or "1"

    @property
    def received(self) -> int:
        """Return how many units have come back."""
        return sum(line.received for line in self.lines)

    @property
    def units(self) -> int:
        """Return how many units are to come back."""
        return sum(line.quantity for line in self.lines)

    @property
    def brings_goods(self) -> bool:
        """Tell whether goods come back, or have come."""
        return self.received > 0 or (self.kind != "keep_it" and self.status != "cancelled")


@dataclass(frozen=True, slots=True)
class Portion:
    """What one credit document gives back of a refund: lines of one return, or money alone (`return_id` None)."""

    refund: Refund
    number: int
    return_id: str | None
    lines: tuple[RefundLine, ...]

    @property
    def key(self) -> str:
        """Return the refund's key, with the portion's number from the second on."""
        return self.refund.key if self.number == 1 else f"{self.refund.key}-p{self.number}"


def pair_with_returns(refunds: Sequence[Refund], returns: Iterable[Return]) -> list[Portion]:
    """Return the portions of an order's refunds; together they hold every cent of each refund.

    The oldest refund takes the units of the oldest return of its line. A refund that does not say how many units it
    is for takes those of the first return that has some left. A replacement is paid with goods, not with money.
    """
    free = {
        (back.return_id, line.line_id): line.quantity
        for back in returns
        if back.kind == "return" and back.brings_goods
        for line in back.lines
    }
    ordered = sorted(returns, key=lambda back: (back.requested_at, back.return_id))
    portions: list[Portion] = []
    for refund in refunds:
        by_return: dict[str | None, list[RefundLine]] = {}
        for line in refund.lines:
            for return_id, part in _split(line, ordered, free, refund.currency):
                by_return.setdefault(return_id, []).append(part)
        keys = sorted(by_return, key=lambda r: (r is None, r or ""))
        portions += [Portion(refund, n, key, tuple(by_return[key])) for n, key in enumerate(keys, 1)]
    return portions


def _split(
    line: RefundLine, returns: Sequence[Return], free: dict[tuple[str, str], int], currency: str
) -> list[tuple[str | None, RefundLine]]:
    if line.amounts.goods <= 0:
        return [(None, line)]
    taken: list[tuple[str | None, int]] = []
    needed = line.units
    for return_id, place in _candidates(line, returns, free):
        units = free[place] if line.units == 0 else min(free[place], needed)
        free[place] -= units
        needed -= units
        taken.append((return_id, units))
        if needed <= 0:
            break
    if needed > 0:
        taken.append((None, needed))
    if len(taken) <= 1:
        return [(r, replace(line, units=units)) for r, units in taken] or [(None, line)]
    shares = _shares(line.amounts, [units for _, units in taken], currency)
    return [(r, replace(line, units=units, amounts=share)) for (r, units), share in zip(taken, shares, strict=True)]


def _candidates(
    line: RefundLine, returns: Sequence[Return], free: Mapping[tuple[str, str], int]
) -> list[tuple[str, tuple[str, str]]]:
    return [
        (back.return_id, place)
        for back in returns
        for held in back.lines
        if free.get(place := (back.return_id, held.line_id), 0) > 0 and _fits(line, held)
    ]


def _fits(line: RefundLine, held: ReturnLine) -> bool:
    if line.line_id and held.order_line_id:
        return line.line_id == held.order_line_id
    return line.sku is None or line.sku == held.sku


def _shares(amounts: Amounts, units: Sequence[int], currency: str) -> list[Amounts]:
    """Return the amounts by units; every part adds to the whole (largest remainder)."""
    weights = [Decimal(u) for u in units]
    parts = {name: allocate(getattr(amounts, name), weights, currency) for name in _BY_UNITS}
    first = {name: getattr(amounts, name) for name in ("shipping", "gift")}
    return [
        Amounts(**{name: shares[n] for name, shares in parts.items()}, **(first if n == 0 else {}))
        for n in range(len(units))
    ]
