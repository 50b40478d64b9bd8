"""The refund that a channel still owes a buyer whom the ERP has credited: Walmart's call, or a person's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.amounts import amount_text
from reconcile.refunds.models import plain_key
from sync.money import allocate, round_to_minor
from sync.outbox.operations import PlannedOperation

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.controls.posting_stops import Stop
    from reconcile.refunds.cases import Case
    from reconcile.refunds.documents import ErpDocument
    from reconcile.refunds.returned import Return
    from reconcile.refunds.way_back import WayBack

__all__ = ["channel_refund"]

_PRICES = """
SELECT line_id, sku, quantity - quantity_cancelled, item_price - discount, item_tax - discount_tax, quantity_shipped
FROM order_lines WHERE channel = $1 AND order_id = $2 ORDER BY position
"""
#: Walmart's words for why.
_RETURNED, _GOODWILL = "CustomerChangedMind", "Finance -> Goodwill"


def channel_refund(evidence: Evidence, way: WayBack, discrepancy_id: str) -> PlannedOperation | Stop:
    """Return Walmart's refund for the credits that no refund answers to, or why a person has to give it."""
    case = way.case
    stop = _stop(case, way)
    if stop is not None:
        return stop
    credit = next(d for d in case.documents.all if d.transaction_id == way.unmatched[0].document_id)
    if credit.total != way.left:
        return _person(case, f"{credit.label} is paid back in part already")
    back = _unpaid_return(evidence, case, credit)
    if back is not None:
        return _of_return(case, credit, back, discrepancy_id)
    lines = _lines(evidence, case, credit)
    if isinstance(lines, str):
        return _person(case, lines)
    return _of_order(case, credit, lines, discrepancy_id)


def _stop(case: Case, way: WayBack) -> Stop | None:
    if not case.channel.startswith("walmart."):
        return (
            f"refund_by_hand|{case.channel}",
            f"{case.channel} takes refunds of the seller by hand only",
            f"Refund {case.order_id} in the seller's console, or void the credit in NetSuite",
        )
    if case.fulfilled_by == "channel":
        return (
            f"refund_by_channel|{case.channel}",
            f"{case.channel} refunds what it ships itself",
            f"Void the credit of {case.order_id} in NetSuite, or ask the marketplace to refund",
        )
    if len(way.unmatched) != 1:
        return _person(case, f"{len(way.unmatched)} credits answer to no refund")
    return None


def _person(case: Case, why: str) -> Stop:
    return (
        f"refund_unclear|{case.channel}|{case.order_id}",
        f"{case.order_id}: {why}",
        f"Refund {case.order_id} in the seller's console, or void the credit in NetSuite",
    )


def _prices(evidence: Evidence, case: Case) -> Sequence[tuple[str, str, int, Decimal, Decimal, int]]:
    rows = evidence.cursor.execute(_PRICES, [case.channel, case.order_id]).fetchall()
    return [(str(n), str(s), int(q), p, t, int(left)) for n, s, q, p, t, left in rows]


def _items(evidence: Evidence, case: Case) -> Mapping[str, tuple[str, Decimal]]:
    """Return ERP item → (order line, items in one unit), for the order's lines."""
    from reconcile.mapping.skus import resolve_skus

    lines = case.order.lines if case.order else ()
    skus = resolve_skus(evidence.cursor, [(case.channel, x.sku) for x in lines], evidence.decisions("sku"))
    found: dict[str, tuple[str, Decimal]] = {}
    for line in lines:
        for part in skus[case.channel, line.sku].parts:
            found.setdefault(part.item_id, (line.line_id, part.factor))
    return found


def _unpaid_return(evidence: Evidence, case: Case, credit: ErpDocument) -> Return | None:
    """Return the return that the credit pays for in full: the same units at their whole price."""
    units = _credited_units(_items(evidence, case), credit)
    if units is None:
        return None
    prices = {n: (q, p) for n, _, q, p, _, _ in _prices(evidence, case)}
    whole = Decimal(0)
    for line_id, count in units.items():
        quantity, price = prices[line_id]
        whole += round_to_minor(price * count / quantity, credit.currency or "USD") if quantity else Decimal(0)
    if whole != credit.total:
        return None
    paid = {"completed", "cancelled", "unknown"}
    return next(
        (
            b
            for b in case.returns
            if b.kind == "return"
            and b.status not in paid
            and {x.order_line_id: Decimal(x.quantity) for x in b.lines} == units
        ),
        None,
    )


def _credited_units(items: Mapping[str, tuple[str, Decimal]], credit: ErpDocument) -> dict[str, Decimal] | None:
    """Return the units sold that a credit takes back, by order line; None where it is not for whole sets of lines."""
    by_line: dict[str, dict[str, Decimal]] = {}
    for line in credit.lines:
        place = items.get(line.item_id)
        if place is None:
            return None
        counts = by_line.setdefault(place[0], {})
        counts[line.item_id] = counts.get(line.item_id, Decimal(0)) + line.quantity / place[1]
    found: dict[str, Decimal] = {}
    for line_id, counts in by_line.items():
        whole = {item_id for item_id, place in items.items() if place[0] == line_id}
        if whole != counts.keys() or len(set(counts.values())) > 1:
            return None
        found[line_id] = next(iter(counts.values()))
    return found


def _lines(evidence: Evidence, case: Case, credit: ErpDocument) -> list[dict[str, Any]] | str:
    """Return the amounts by order line, tax by its share of the price; a text says why nobody can tell."""
    items, prices = _items(evidence, case), _prices(evidence, case)
    sums: dict[str, Decimal] = {}
    for line in credit.lines:
        place = items.get(line.item_id, (prices[0][0], Decimal(1)) if len(prices) == 1 else None)
        if place is None:
            return f"{credit.label} does not say which line of the order it is for"
        sums[place[0]] = sums.get(place[0], Decimal(0)) + line.amount
    if sum(sums.values(), Decimal(0)) != credit.total:
        return f"the lines of {credit.label} do not add to its total"
    currency = credit.currency or "USD"
    found = []
    for number, _, _, price, tax, shipped in prices:
        amount = sums.get(number)
        if not amount:
            continue
        if shipped == 0:
            return f"line {number} has not left: it is cancelled, not refunded"
        if amount > price:
            return f"{credit.label} gives back more than line {number} cost"
        share = allocate(tax, [amount, price - amount], currency)[0]
        part = {"of": "item", "amount": amount_text(amount, currency), "tax": amount_text(share, currency)}
        found.append({"line_id": number, "amounts": [part]})
    return found or f"{credit.label} names no line of the order"


def _of_return(case: Case, credit: ErpDocument, back: Return, discrepancy_id: str) -> PlannedOperation:
    lines = [{"line_id": x.line_id, "quantity": x.quantity} for x in back.lines]
    intent = {"channel": case.channel, "return_id": back.return_id, "lines": lines}
    return _operation(case, credit, "return.refund", intent, discrepancy_id)


def _of_order(
    case: Case, credit: ErpDocument, lines: Sequence[Mapping[str, Any]], discrepancy_id: str
) -> PlannedOperation:
    reason = _RETURNED if case.returns else _GOODWILL
    intent = {
        "channel": case.channel,
        "order_id": case.order_id,
        "reference": plain_key(credit.label)[:40],
        "currency": credit.currency or "USD",
        "lines": [{**line, "reason": reason} for line in lines],
    }
    return _operation(case, credit, "order.refund", intent, discrepancy_id)


def _operation(
    case: Case, credit: ErpDocument, kind: str, intent: Mapping[str, Any], discrepancy_id: str
) -> PlannedOperation:
    currency = credit.currency or "USD"
    amount = f"{amount_text(credit.total, currency)} {currency}"
    shown = {"credited by": credit.label, "amount before tax": amount, "by": kind}
    return PlannedOperation(
        identity=f"WMT-GIVE-{case.order_id}-{plain_key(credit.label)}",
        vendor="walmart",
        kind=kind,
        channel=case.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Refund {amount} of {case.order_id} to the buyer",
        intent=intent,
        believed={"refunded": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
        amount=credit.total,
        currency=currency,
    )
