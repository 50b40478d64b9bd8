"""The money of an order's refunds: what each credit document has to give back, by the channel's tax policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from reconcile.mapping.skus import NO_MEMBER, Resolution
from reconcile.mapping.tax import TaxedAmount, apply_tax_policy
from reconcile.refunds.cases import Case
from reconcile.refunds.credited import Credited, Due, match_credits
from reconcile.refunds.documents import ErpDocument
from reconcile.refunds.goods_back import GoodsBack
from reconcile.refunds.models import Refund, RefundLine
from reconcile.refunds.returned import Portion
from reconcile.refunds.terms import Terms
from sync.money import total_of

if TYPE_CHECKING:
    from reconcile.controls.posting_stops import Stop

__all__ = ["CreditLine", "MoneyBack", "Owed", "money_back", "refund_stop"]


@dataclass(frozen=True, slots=True)
class CreditLine:
    """One line of a credit; `item_id` None: nobody has decided an item for `what`. `units` 0: it is not goods."""

    what: str
    item_id: str | None
    units: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Owed:
    """One credit document that a portion of a refund needs: its lines, and the bill that it takes back."""

    portion: Portion
    due: Due
    lines: tuple[CreditLine, ...]
    bill: ErpDocument | None

    @property
    def is_cash(self) -> bool:
        """Tell whether the sale was paid at once: its money goes back by a cash refund."""
        return self.bill is not None and self.bill.kind == "CashSale"

    @property
    def refund(self) -> Refund:
        """Return the refund that it is a portion of."""
        return self.portion.refund

    def payout_identity(self, terms: Terms, order_id: str) -> str:
        """Return the external id of the customer refund: `AMZ-RFD-113-…`."""
        return f"{terms.prefix}-RFD-{order_id}-{self.portion.key}"


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """The refunds of an order and the credits of the ERP against each other."""

    owed: tuple[Owed, ...]
    credited: Credited

    @property
    def open(self) -> list[Owed]:
        """Return what nobody has credited."""
        return [o for o in self.owed if not self.credited.is_credited(o.due)]


def money_back(
    terms: Terms, case: Case, goods: Sequence[GoodsBack], skus: Mapping[tuple[str, str], Resolution]
) -> MoneyBack:
    """Return what each portion of the order's refunds owes, and which documents give it already."""
    by_return = {g.back.return_id: g for g in goods}
    owed = []
    for portion in case.portions:
        bill = _bill(case, by_return.get(portion.return_id or ""), portion, skus)
        lines = _lines(terms, case, portion, skus)
        kind = "RFD" if bill is not None and bill.kind == "CashSale" else "CM"
        due = Due(
            event=portion.refund.key,
            identity=f"{terms.prefix}-{kind}-{case.order_id}-{portion.key}",
            amount=total_of(x.net for x in lines),
            with_tax=total_of(x.amounts.to_buyer for x in portion.lines),
        )
        owed.append(Owed(portion, due, tuple(lines), bill))
    return MoneyBack(tuple(owed), match_credits([o.due for o in owed], case.documents.credits))


def refund_stop(terms: Terms, case: Case, owed: Owed) -> Stop | None:
    """Return what in the refund itself keeps it from being credited, whatever the books say."""
    refund = owed.refund
    if refund.unknown:
        return (
            f"refund_type|{case.channel}|{refund.unknown[0]}",
            f"refunds of {case.channel} hold {refund.unknown[0]}, which no rule knows",
            "Choose category and account of this line type",
        )
    if case.order is not None:
        for line in owed.portion.lines:
            if _never_left(case, line):
                return (
                    f"refund_unshipped|{case.channel}",
                    f"{case.channel} gave money back for units that never left: a cancellation, no return",
                    f"Cancel or close the line of {case.order_id} in NetSuite; credit it only where it was billed",
                )
    if terms.routing.tax_policy == "included" and any(x.amounts.tax for x in owed.portion.lines):
        return (
            f"refund_tax|{case.channel}",
            f"refunds of {case.channel} name tax beside a price that the policy says holds it already",
            f"Decide the tax policy of {case.channel} again",
        )
    return None


def _never_left(case: Case, line: RefundLine) -> bool:
    held = [x for x in case.order.lines if _is_line(line, x.line_id, x.sku)] if case.order else []
    return bool(held) and sum(x.shipped for x in held) == 0


def _is_line(line: RefundLine, line_id: str, sku: str) -> bool:
    return line.line_id == line_id if line.line_id else line.sku == sku


def _bill(
    case: Case, goods: GoodsBack | None, portion: Portion, skus: Mapping[tuple[str, str], Resolution]
) -> ErpDocument | None:
    """Return the bill that money is given back of: the one that the return is made from, else one with its items."""
    bills = case.documents.bills
    if goods is not None and goods.source is not None and goods.source[1] in bills:
        return goods.source[1]
    items = {m.item_id for x in portion.lines if x.sku for m in skus[case.channel, x.sku].parts}
    return next((b for b in bills if items <= {x.item_id for x in b.lines}), bills[0] if bills else None)


class _Raw(NamedTuple):
    """An amount of a refund before the tax policy; `tax` is all tax of its order line."""

    what: str
    item_id: str | None
    units: Decimal
    net: Decimal
    tax: Decimal = Decimal(0)


def _lines(terms: Terms, case: Case, portion: Portion, skus: Mapping[tuple[str, str], Resolution]) -> list[CreditLine]:
    """Return the lines of a credit, tax on one of its own where it is booked; they add to what is due."""
    raw = [part for line in portion.lines for part in _parts(terms, case, portion, line, skus)]
    taxed = _taxed(terms, raw, portion.refund.currency)
    lines = [CreditLine(r.what, r.item_id, r.units, t.net) for r, t in zip(raw, taxed, strict=True)]
    tax = total_of(t.tax or Decimal(0) for t in taxed)
    if tax:
        lines.append(CreditLine("Tax", terms.routing.tax_item_id, Decimal(0), tax))
    return [x for x in lines if x.net or x.units]


def _taxed(terms: Terms, raw: Sequence[_Raw], currency: str) -> list[TaxedAmount]:
    if terms.routing.tax_policy == "included" and any(r.tax for r in raw):
        # `refund_stop` says why this cannot be booked; the amounts are shown as they came.
        return [TaxedAmount(r.net + r.tax, None) for r in raw]
    return apply_tax_policy(terms.routing, [r.net for r in raw], [r.tax for r in raw], currency)


def _goods_parts(name: str, line: RefundLine, sku: Resolution, currency: str) -> list[_Raw]:
    """Return the goods of a line by item; money and tax of a set are split and add to the line's exactly."""
    nets, taxes = sku.split(line.amounts.goods, currency), sku.split(line.amounts.tax, currency)
    return [
        _Raw(name, m.item_id or None, line.units * m.factor, net, tax)
        for m, net, tax in zip(sku.parts or (NO_MEMBER,), nets, taxes, strict=True)
    ]


def _parts(
    terms: Terms, case: Case, portion: Portion, line: RefundLine, skus: Mapping[tuple[str, str], Resolution]
) -> list[_Raw]:
    routing, policy, amounts, none = terms.routing, terms.policy, line.amounts, Decimal(0)
    money, name = policy.refund_item_id, line.sku or line.line_id or case.order_id
    goodwill = amounts.goodwill
    if portion.return_id is not None and line.sku:
        found = _goods_parts(name, line, skus[case.channel, line.sku], portion.refund.currency)
    else:
        found = [_Raw(f"Refund {name}", money, none, amounts.goods + goodwill, amounts.tax)]
        goodwill = none
    more = (
        _Raw(f"Goodwill {name}", money, none, goodwill),
        _Raw(f"Shipping {name}", routing.shipping_item_id or money, none, amounts.shipping),
        _Raw(f"Gift wrap {name}", routing.gift_wrap_item_id or money, none, amounts.gift),
        _Raw(f"Kept of {name}", policy.restocking_item_id or money, none, -amounts.kept),
    )
    return found + [part for part in more if part.net]
