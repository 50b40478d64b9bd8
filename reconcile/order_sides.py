"""One order beside its documents, field by field: what the channel says and what the ERP has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.amounts import amount_text, units_text
from reconcile.controls.control import Evidence
from reconcile.controls.orders.booked import find_booked
from reconcile.controls.orders.deliveries import Delivery, read_held
from reconcile.controls.orders.erp_lines import ErpLine, read_erp_lines
from reconcile.controls.orders.order_differences import find_suspects
from reconcile.fixes.orders.order_updates import differences_of
from reconcile.fixes.orders.read_orders import Key, read_lines, read_orders
from reconcile.mapping.skus import Resolution, resolve_skus
from reconcile.mapping.standings import standing_of
from sync.records import Order, OrderLine

__all__ = ["OrderField", "order_sides"]

_TYPES = {"SalesOrd": "sales order", "CashSale": "cash sale", "CustInvc": "invoice"}


@dataclass(frozen=True, slots=True)
class OrderField:
    """One field of both sides; None: that side has no such thing, or the mirror does not hold it."""

    name: str
    channel: str | None
    erp: str | None


def order_sides(evidence: Evidence, key: Key) -> list[OrderField]:
    """Return an order's fields beside those of the documents that name it; none where the order is not mirrored."""
    order = read_orders(evidence, [key]).get(key)
    if order is None:
        return []
    lines = read_lines(evidence, [key]).get(key, [])
    booked = find_booked(evidence, [key])
    rows = evidence.cursor.execute(
        "SELECT transaction_id, transaction_type, status, coalesce(number, transaction_id), currency, total"  # noqa: S608
        f" FROM temp.{booked} ORDER BY created_at NULLS FIRST, transaction_id"
    ).fetchall()
    names = [f"{_TYPES.get(kind, kind)} {number}" for _, kind, _, number, _, _ in rows]
    words = [standing_of(kind, status).word for _, kind, status, _, _, _ in rows]
    totals = [f"{amount_text(total or Decimal(0), order.currency)} {currency or ''}" for *_, currency, total in rows]
    erp_lines = [x for found in read_erp_lines(evidence, [str(r[0]) for r in rows]).values() for x in found]
    before_tax = amount_text(order.total - order.tax, order.currency)
    charged = f"{amount_text(order.total, order.currency)} {order.currency}"
    fields = [
        OrderField("document", None, ", ".join(names) or None),
        OrderField("status", order.vendor_status, ", ".join(words) or None),
        OrderField(
            "total", f"{charged} ({before_tax} before tax)" if order.tax else charged, ", ".join(totals) or None
        ),
    ]
    documents = [str(r[0]) for r in rows]
    return fields + _items(evidence, lines, erp_lines) + _delivery(evidence, key, order, documents)


def _items(evidence: Evidence, lines: Sequence[OrderLine], erp_lines: Sequence[ErpLine]) -> list[OrderField]:
    skus = resolve_skus(evidence.cursor, [(x.channel, x.sku) for x in lines], evidence.decisions("sku"))
    mine: dict[str, list[str]] = {}
    for x in lines:
        sku: Resolution = skus[x.channel, x.sku]
        mine.setdefault(sku.name or x.sku, []).append(_ordered(x, sku))
    theirs: dict[str, list[str]] = {}
    for line in erp_lines:
        name = line.item if line.item_id is not None else (line.memo or "other")
        theirs.setdefault(name, []).append(_entered(line))
    names = [*mine, *(n for n in theirs if n not in mine)]
    return [OrderField(n, "; ".join(mine.get(n, ())) or None, "; ".join(theirs.get(n, ())) or None) for n in names]


def _ordered(line: OrderLine, sku: Resolution) -> str:
    parts = [f"{line.quantity} × {line.sku}" if sku.factor != 1 or sku.name != line.sku else str(line.quantity)]
    parts += [f"{line.quantity_shipped} shipped"] if line.quantity_shipped else []
    parts += [f"{line.quantity_cancelled} cancelled"] if line.quantity_cancelled else []
    parts += ["buyer asks to cancel"] if line.cancel_requested else []
    return f"{', '.join(parts)}: {line.item_price - line.discount + line.gift_price:.2f}"


def _entered(line: ErpLine) -> str:
    if line.item_id is None:
        return f"{line.amount:.2f}"
    parts = [units_text(line.quantity)]
    parts += [f"{units_text(line.moved)} moved"] if line.moved else []
    parts += ["closed"] if line.is_closed else []
    return f"{', '.join(parts)}: {line.amount:.2f}"


def _delivery(evidence: Evidence, key: Key, order: Order, documents: Sequence[str]) -> list[OrderField]:
    """Return date and address; where the mirror does not hold the ERP's, what it was booked from if that is older."""
    suspects, _ = find_suspects(evidence, "order_differs", [key])
    changed = {d.field: d.booked for one in suspects for d in differences_of(one)}
    held = next((d for d in read_held(evidence, documents).values() if d.ship_by or d.address), Delivery())
    by = f"{order.ship_by:%Y-%m-%d %H:%M} UTC" if order.ship_by else None
    fields = [OrderField("ship by", by, held.ship_by.isoformat() if held.ship_by else _booked(changed, "ship_by"))]
    address = [order.ship_name, order.ship_address1, order.ship_address2, order.ship_postal_code, order.ship_city]
    theirs = [(held.address or {}).get(n) for n in ("name", "address1", "address2", "postal_code", "city")]
    before = [f"{name.partition('.')[2]} {text}" for name, text in changed.items() if name.startswith("address.")]
    erp = _joined(theirs) or (f"booked as {', '.join(before)}" if before else None)
    return [*fields, OrderField("ship to", _joined(address), erp)]


def _joined(parts: Sequence[str | None]) -> str | None:
    return ", ".join(part for part in parts if part) or None


def _booked(changed: dict[str, str | None], name: str) -> str | None:
    return f"booked as {changed[name]}" if changed.get(name) else None
