"""Orders that one side has given up and the other has not, with what would make them agree again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from reconcile.controls.control import Evidence
from reconcile.controls.orders.booked import Waits, find_booked, horizon_of, routing_or_none, set_live_from
from reconcile.controls.orders.erp_lines import ErpLine, read_erp_lines
from reconcile.fixes.orders.cancellations import Cut, cut_of, cut_whole
from reconcile.fixes.orders.read_orders import Key, read_lines, read_orders
from reconcile.fixes.orders.sale_documents import sale_charges
from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import Resolution, resolve_skus
from reconcile.mapping.standings import Standing, standing_of, verdict_of
from sync.money import total_of
from sync.records import Order, OrderLine

__all__ = ["CancelledOrder", "Kind", "SalesDocument", "find_cancelled"]

#: whole, units: the channel has cancelled (units of) it; closed: the ERP has given it up; lost: the channel has
#: shipped what the ERP has cancelled; asked: the buyer wants to cancel; unknown: a status that is new to us.
Kind = Literal["whole", "units", "closed", "lost", "asked", "unknown"]

_CANDIDATES = """
WITH mine AS (
    SELECT o.order_key, o.channel, o.order_id, o.status FROM orders o
    JOIN temp.live_channels c ON c.channel = o.channel
    WHERE o.status NOT IN ('pending', 'refunded') AND o.ordered_at >= coalesce(c.live_from, TIMESTAMPTZ '-infinity')
        {asked}
)
SELECT m.channel, m.order_id FROM mine m
JOIN temp.{booked} b ON b.order_key = m.order_key AND b.channel = m.channel AND b.order_id = m.order_id
WHERE (m.status = 'cancelled' AND NOT (b.transaction_type = 'SalesOrd' AND b.status IN ('C', 'H')))
    OR (m.status <> 'cancelled' AND b.transaction_type = 'SalesOrd' AND b.status IN ('C', 'H'))
UNION
SELECT m.channel, m.order_id FROM mine m
JOIN order_lines l ON l.order_key = m.order_key AND l.channel = m.channel AND l.order_id = m.order_id
JOIN temp.{booked} b ON b.order_key = m.order_key AND b.channel = m.channel AND b.order_id = m.order_id
WHERE l.quantity_cancelled > 0 AND m.status <> 'cancelled' AND b.transaction_type = 'SalesOrd'
    AND b.status NOT IN ('C', 'G', 'H')
UNION
SELECT m.channel, m.order_id FROM mine m
JOIN temp.{booked} b ON b.order_key = m.order_key AND b.channel = m.channel AND b.order_id = m.order_id
JOIN transaction_lines t ON t.transaction_id = b.transaction_id
WHERE m.status IN ('open', 'partly_shipped') AND b.transaction_type = 'SalesOrd' AND b.status NOT IN ('C', 'G', 'H')
    AND t.is_closed AND t.item_id IS NOT NULL
UNION
SELECT m.channel, m.order_id FROM mine m
JOIN order_lines l ON l.order_key = m.order_key AND l.channel = m.channel AND l.order_id = m.order_id
WHERE m.status IN ('open', 'partly_shipped') AND l.cancel_requested
ORDER BY ALL
"""
_ASKED = "AND (o.order_key, o.channel, o.order_id) IN (SELECT order_key, channel, order_id FROM temp.asked_booked)"
_DOCUMENTS = """
SELECT b.channel, b.order_id, b.transaction_id, coalesce(b.number, b.transaction_id), b.transaction_type, b.status,
    coalesce(b.total, 0), b.updated_at,
    EXISTS (SELECT 1 FROM document_links k JOIN transactions t ON t.transaction_id = k.next_id
        WHERE k.previous_id = b.transaction_id AND t.transaction_type IN ('CustCred', 'CashRfnd', 'RtnAuth'))
    OR EXISTS (SELECT 1 FROM transaction_lines l JOIN transactions t ON t.transaction_id = l.transaction_id
        WHERE l.created_from = b.transaction_id AND t.transaction_type IN ('CustCred', 'CashRfnd', 'RtnAuth'))
FROM temp.{booked} b
WHERE (b.channel, b.order_id) IN (SELECT unnest($1::VARCHAR[]), unnest($2::VARCHAR[]))
ORDER BY b.channel, b.order_id, b.created_at NULLS FIRST, b.transaction_id
"""


@dataclass(frozen=True, slots=True)
class SalesDocument:
    """A document that names the order; `is_taken_back`: a return, credit or refund was made from it."""

    transaction_id: str
    number: str
    transaction_type: str
    standing: Standing
    total: Decimal
    updated_at: datetime
    is_taken_back: bool
    lines: Sequence[ErpLine]

    @property
    def is_given_up(self) -> bool:
        """Tell whether it was cancelled, or closed before anything moved."""
        is_closed = self.standing.stage == "closed" and not any(x.used for x in self.lines)
        return is_closed or self.standing.stage == "cancelled"

    @property
    def is_open_order(self) -> bool:
        """Tell whether it is a sales order of which something can still be delivered."""
        return self.transaction_type == "SalesOrd" and self.standing.stage in ("open", "moving")


@dataclass(frozen=True, slots=True)
class CancelledOrder:
    """One order on which the sides disagree about what is still to be delivered."""

    kind: Kind
    order: Order
    lines: Sequence[OrderLine]
    documents: Sequence[SalesDocument]
    #: What is to be taken out of open documents, by transaction id.
    cuts: Mapping[str, Cut] = field(default_factory=dict)
    #: Units that the channel still waits for and nobody will deliver, by line id.
    units: Mapping[str, int] = field(default_factory=dict)
    #: What has moved in the ERP although it is cancelled, or asked to be: units by item.
    moved: Mapping[str, Decimal] = field(default_factory=dict)


def find_cancelled(
    evidence: Evidence, control: str, only: Collection[Key] | None = None
) -> tuple[list[CancelledOrder], Waits]:
    """Return the orders on which the sides disagree, and what could not be judged yet."""
    booked = find_booked(evidence, only)
    waits = set_live_from(evidence, control, booked)
    candidates = _CANDIDATES.format(booked=booked, asked="" if only is None else _ASKED)
    keys = [(str(c), str(o)) for c, o in evidence.cursor.execute(candidates).fetchall()]
    if not keys:
        return [], waits
    orders, lines = read_orders(evidence, keys), read_lines(evidence, keys)
    documents = _documents(evidence, booked, keys)
    skus = resolve_skus(
        evidence.cursor, [(c, x.sku) for (c, _), found in lines.items() for x in found], evidence.decisions("sku")
    )
    judged: list[CancelledOrder] = []
    for key in keys:
        found = _judged(orders[key], lines.get(key, []), documents.get(key, []), skus)
        if found is None:
            continue
        found = _with_shipping(found, routing_or_none(evidence, key[0]), skus)
        horizon = horizon_of(evidence, key[0])
        if not horizon.reaches(max([found.order.updated_at, *(d.updated_at for d in found.documents)])):
            waits.add(horizon.waits_for())
        else:
            judged.append(found)
    return judged, waits


def _documents(evidence: Evidence, booked: str, keys: Sequence[Key]) -> dict[Key, list[SalesDocument]]:
    query = _DOCUMENTS.format(booked=booked)
    rows = evidence.cursor.execute(query, [[c for c, _ in keys], [o for _, o in keys]]).fetchall()
    lines = read_erp_lines(evidence, {str(r[2]) for r in rows})
    found: dict[Key, list[SalesDocument]] = {}
    for channel, order_id, number, name, kind, letter, total, updated_at, is_taken_back in rows:
        document = SalesDocument(
            number, name, kind, standing_of(kind, letter), total, updated_at, is_taken_back, lines[number]
        )
        found.setdefault((channel, order_id), []).append(document)
    return found


def _judged(
    order: Order,
    lines: Sequence[OrderLine],
    documents: Sequence[SalesDocument],
    skus: Mapping[tuple[str, str], Resolution],
) -> CancelledOrder | None:
    # What was given up and booked anew counts as what it was booked as anew.
    documents = [d for d in documents if not d.is_given_up] or documents
    if any(d.standing.stage == "unknown" for d in documents):
        return CancelledOrder("unknown", order, lines, documents)
    if order.status == "cancelled":
        return _cancelled_whole(order, lines, documents)
    verdicts = {verdict_of(order.status, d.standing.stage) for d in documents}
    if documents and verdicts == {"lost"}:
        return CancelledOrder("lost", order, lines, documents)
    return (
        _given_up(order, lines, documents, skus)
        or _cancelled_units(order, lines, documents, skus)
        or _asked(order, lines, documents, skus)
    )


def _cancelled_whole(
    order: Order, lines: Sequence[OrderLine], documents: Sequence[SalesDocument]
) -> CancelledOrder | None:
    cuts, moved = dict[str, Cut](), dict[str, Decimal]()
    for d in documents:
        match verdict_of(order.status, d.standing.stage):
            case "close":
                cut = cut_whole(d.lines)
                if cut.is_needed:
                    cuts[d.transaction_id] = cut
                moved |= {} if d.is_taken_back else cut.stuck
            case "take_back" if not d.is_taken_back:
                moved |= {x.item: x.quantity for x in d.lines if x.is_goods}
                moved = moved or {d.number: Decimal(1)}
            case _:
                pass
    return CancelledOrder("whole", order, lines, documents, cuts, moved=moved) if cuts or moved else None


def _cancelled_units(
    order: Order,
    lines: Sequence[OrderLine],
    documents: Sequence[SalesDocument],
    skus: Mapping[tuple[str, str], Resolution],
) -> CancelledOrder | None:
    """Return what a document still delivers beyond the units that the channel has kept."""
    if len(documents) != 1 or documents[0].transaction_type != "SalesOrd":
        return None
    document = documents[0]
    kept, cut = dict[str, Decimal](), set[str]()
    for line in lines:
        sku = skus[line.channel, line.sku]
        if not sku.parts:
            return None
        for item_id, units in sku.items(line.quantity - line.quantity_cancelled).items():
            kept[item_id] = kept.get(item_id, Decimal(0)) + units
            if line.quantity_cancelled:
                cut.add(item_id)
    excess = {i: units - kept[i] for i in sorted(cut) if (units := _stands(document, i)) > kept[i]}
    if not excess or document.standing.stage not in ("open", "moving", "moved"):
        return None
    found = cut_of(document.lines, excess, order.currency)
    cuts = {document.transaction_id: found} if found.is_needed else {}
    moved = {} if document.is_taken_back else found.stuck
    return CancelledOrder("units", order, lines, documents, cuts, moved=moved) if cuts or moved else None


def _with_shipping(
    one: CancelledOrder, routing: Routing | None, skus: Mapping[tuple[str, str], Resolution]
) -> CancelledOrder:
    """Return the finding with the shipping cost cut too, where the order as it is now would be booked with less."""
    if one.kind != "units" or routing is None or not one.cuts:
        return one
    try:
        charges = sale_charges(one.order, one.lines, routing, skus)
    except ValueError:
        return one  # tax beside prices that the routing says hold it: the routing is what differs
    left = total_of(c.net for c in charges if c.is_shipping_cost)
    cuts = dict(one.cuts)
    for document in one.documents:
        costs = [x.amount for x in document.lines if x.item_id is None and x.amount > 0]
        cut = cuts.get(document.transaction_id)
        if cut is not None and cut.is_needed and len(costs) == 1 and costs[0] > left:
            cuts[document.transaction_id] = replace(cut, shipping=(costs[0], left))
    return replace(one, cuts=cuts)


def _stands(document: SalesDocument, item_id: str) -> Decimal:
    return sum((x.stands for x in document.lines if x.item_id == item_id), Decimal(0))


def _given_up(
    order: Order,
    lines: Sequence[OrderLine],
    documents: Sequence[SalesDocument],
    skus: Mapping[tuple[str, str], Resolution],
) -> CancelledOrder | None:
    """Return the units that the channel waits for and the ERP has closed or cancelled."""
    if len(documents) != 1 or order.fulfilled_by != "seller" or order.status not in ("open", "partly_shipped"):
        return None
    document = documents[0]
    is_whole = document.standing.stage in ("closed", "cancelled")
    if is_whole and not any(x.used for x in document.lines):
        units = {x.line_id: _open(x) for x in lines if _open(x) > 0}
        return CancelledOrder("closed", order, lines, documents, units=units) if units else None
    units = _undelivered(document, lines, skus, is_whole=is_whole)
    return CancelledOrder("closed", order, lines, documents, units=units) if units else None


def _undelivered(
    document: SalesDocument,
    lines: Sequence[OrderLine],
    skus: Mapping[tuple[str, str], Resolution],
    *,
    is_whole: bool,
) -> dict[str, int]:
    """Return the units by line that the channel waits for beyond what the document delivers or has delivered."""
    missing: dict[str, Decimal] = {}
    for x in document.lines:
        if x.item_id is not None and x.is_goods and (is_whole or x.given_up):
            stands = x.used if is_whole else _stands(document, x.item_id)
            missing[x.item_id] = missing.get(x.item_id, Decimal(0)) - stands if is_whole else -stands
    for line in lines:
        for item_id, count in skus[line.channel, line.sku].items(line.quantity - line.quantity_cancelled).items():
            if item_id in missing:
                missing[item_id] += count
    units: dict[str, int] = {}
    for line in lines:
        sku = skus[line.channel, line.sku]
        if not sku.parts:
            continue
        # A set is given up as far as any of its items is: without it nobody can deliver the set.
        gone = (
            max(-(-missing.get(m.item_id, Decimal(0)) // m.factor) for m in sku.members)
            if sku.members
            else (missing.get(sku.parts[0].item_id, Decimal(0)) // sku.parts[0].factor)
        )
        if (taken := min(int(gone), _open(line))) > 0:
            units[line.line_id] = taken
            for item_id, items in sku.items(taken).items():
                missing[item_id] = missing.get(item_id, Decimal(0)) - items
    return units


def _open(line: OrderLine) -> int:
    return line.quantity - line.quantity_shipped - line.quantity_cancelled


def _asked(
    order: Order,
    lines: Sequence[OrderLine],
    documents: Sequence[SalesDocument],
    skus: Mapping[tuple[str, str], Resolution],
) -> CancelledOrder | None:
    """Return what the buyer wants to cancel, and whether the ERP has sent it already."""
    units = {x.line_id: _open(x) for x in lines if x.cancel_requested and _open(x) > 0}
    if not units:
        return None
    excess: dict[str, Decimal] = {}
    for line in lines:
        sku = skus[line.channel, line.sku]
        for item_id, items in sku.items(units.get(line.line_id, 0)).items():
            if items:
                excess[item_id] = excess.get(item_id, Decimal(0)) + items
    cuts, moved = dict[str, Cut](), dict[str, Decimal]()
    for d in documents:
        if d.standing.stage in ("closed", "cancelled"):
            continue
        cut = cut_of(d.lines, excess, order.currency) if d.is_open_order else Cut()
        if cut.is_needed and not cut.stuck:
            cuts[d.transaction_id] = cut
        else:
            moved |= cut.stuck or {x.item: x.quantity for x in d.lines if x.item_id in excess}
    return CancelledOrder("asked", order, lines, documents, cuts, units, moved)
