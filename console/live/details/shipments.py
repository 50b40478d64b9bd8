"""A shipment: both sides line by line and parcel by parcel, its fix, the order's story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from console.desk import Block, Detail, Difference, Facts, FieldDiff, Jump, Passage
from console.live.details import discrepancies, orders
from console.live.shipments import discrepancies_of, split_key
from console.live.text import body_text, pairs
from reconcile.controls import Evidence
from reconcile.fulfilment import ErpDocument, OrderGoods, Parcel, read_goods
from reconcile.fulfilment.sent import SentGoods, sent_goods
from reconcile.multichannel.goods import read_shipped_elsewhere
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read"]

_STAGES = {"A": "picked", "B": "packed", "C": "shipped"}


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: sides, fix, story or raw. The key is channel/order/fulfilment or parcel."""
    channel, order_id, record = split_key(key)
    with store.database.reading() as cursor:
        evidence = Evidence(store, cursor, store.clock.now())
        found = read_goods(evidence, [(channel, order_id)])
        found += [one.goods for one in read_shipped_elsewhere(evidence, [(channel, order_id)] if not found else [])]
    if not found:
        return None
    goods, ids = found[0], discrepancies_of(store, key)
    jumps = (*(Jump("discrepancies", key=i) for i in ids), Jump("orders", key=f"{channel}/{order_id}"))
    match tab:
        case "fix":
            blocks = _fix(store, handlers, ids)
        case "story":
            story = orders.read(store, handlers, f"{channel}/{order_id}", "story")
            blocks = story.blocks if story else ()
        case "raw":
            blocks = (Passage("As read", body_text(_raw(goods)), verbatim=True),)
        case _:
            blocks = _sides(goods, record)
    return Detail(f"{channel} {order_id}", tuple(blocks), jumps)


def _fix(store: Store, handlers: Mapping[tuple[str, str], Handler], ids: Sequence[str]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for one in ids:
        detail = discrepancies.read(store, handlers, one, "fix")
        blocks += [Facts(detail.title, ()), *detail.blocks] if detail else []
    return tuple(blocks) or (Passage("Fix", "Both sides agree about this shipment."),)


def _sides(goods: OrderGoods, record: str) -> tuple[Block, ...]:
    """Return the order, the chosen fulfilment beside the channel's lines, and every parcel of both sides."""
    order = goods.order
    arrived = [x.delivered_at for x in goods.lines if x.quantity_cancelled < x.quantity]
    head = pairs(
        status=f"{order.status} ({order.vendor_status})",
        ship_by=order.ship_by,
        delivered=max((at for at in arrived if at), default=None) if None not in arrived else None,
        service=order.service_level,
        sales_orders=", ".join(d.number for d in goods.sales_orders),
        fulfilled_by=order.fulfilled_by,
    )
    sent = {one.document.transaction_id: one for one in sent_goods(goods)}
    chosen = [one for key, one in sent.items() if key == record] or list(sent.values())
    blocks: list[Block] = [Facts("Order", head)]
    blocks += [_by_line(goods, one) for one in chosen] or [_by_line_of_channel(goods)]
    others = [d for d in goods.fulfilments if d.transaction_id not in sent]
    blocks += [
        Facts(f"{d.number}, {_STAGES.get(d.status or '', 'status ' + (d.status or '?'))}", _held(d)) for d in others
    ]
    blocks += [Facts(f"Parcel {p.shipment_id} of {order.channel}", _parcel(p)) for p in goods.parcels]
    return tuple(blocks)


def _by_line(goods: OrderGoods, sent: SentGoods) -> Difference:
    document = sent.document
    rows = []
    for line in goods.lines:
        units, known = sent.units.get(line.line_id, 0), sent.confirmed.get(line.line_id, 0)
        if not units and len(goods.lines) > 1:
            continue
        name = f"{line.sku} (line {line.line_id})"
        rows.append(FieldDiff(f"{name} units", str(known), str(units)))
        shown, own = line.tracking_number, ", ".join(document.tracking) or None
        is_equal = bool(shown) and bool(set(str(shown).split(", ")) & set(document.tracking))
        rows.append(FieldDiff(f"{name} tracking", shown, own, equal=is_equal))
    if sent.stop is not None:
        rows.append(FieldDiff("cannot be told apart", None, sent.stop[1]))
    return Difference(goods.order.channel, f"NetSuite {document.number}", tuple(rows))


def _by_line_of_channel(goods: OrderGoods) -> Difference:
    rows = [
        FieldDiff(f"{x.sku} (line {x.line_id}) units", f"{x.quantity_shipped} of {x.quantity}", None)
        for x in goods.lines
    ]
    rows += [
        FieldDiff("carrier and tracking", f"{x.carrier or ''} {x.tracking_number or ''}".strip() or None, None)
        for x in goods.lines
    ]
    return Difference(goods.order.channel, "NetSuite", tuple(rows))


def _held(document: ErpDocument) -> tuple[tuple[str, str], ...]:
    return tuple((f"item {item_id}", f"{quantity.normalize():f}") for item_id, quantity in document.units().items())


def _parcel(parcel: Parcel) -> tuple[tuple[str, str], ...]:
    lines = ", ".join(f"{x.quantity} × {x.sku}" for x in parcel.lines)
    return pairs(left=parcel.shipped_at, carrier=parcel.carrier, tracking=parcel.tracking, units=lines)


def _raw(goods: OrderGoods) -> dict[str, object]:
    return {
        "order": [str(goods.key), goods.order.status],
        "lines": [{"line": x.line_id, "sku": x.sku, "shipped": x.quantity_shipped} for x in goods.lines],
        "sales_orders": [_document(d) for d in goods.sales_orders],
        "fulfilments": [_document(d) for d in goods.fulfilments],
        "bills": [_document(d) for d in goods.bills],
        "parcels": [{"id": p.shipment_id, "tracking": list(p.tracking)} for p in goods.parcels],
    }


def _document(document: ErpDocument) -> dict[str, object]:
    lines = [{"item": x.item_id, "quantity": x.quantity, "moved": x.moved, "billed": x.billed} for x in document.lines]
    named = {"id": document.transaction_id, "number": document.number, "external_id": document.external_id}
    return {**named, "status": document.status, "tracking": list(document.tracking), "lines": lines}
