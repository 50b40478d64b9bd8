"""An order taken apart by its own lines, as the channel has them: what the buyer pays for each."""

from __future__ import annotations

from decimal import Decimal

from console.blocks import Explained, ExplainedPart, Facts
from console.live.text import pairs
from console.present.amounts import money
from sync.store.store import Store

__all__ = ["ordered", "ordered_block"]

_LINES = """
SELECT l.line_id, l.sku, l.quantity, l.item_price + l.item_tax + l.shipping_price + l.shipping_tax + l.gift_price
    + l.gift_tax - l.discount - l.discount_tax, l.item_price, l.item_tax, l.shipping_price + l.shipping_tax,
    l.gift_price + l.gift_tax, l.discount + l.discount_tax, l.status, o.total, o.currency
FROM order_lines l JOIN orders o ON o.channel = l.channel AND o.order_id = l.order_id
WHERE l.channel = $1 AND l.order_id = $2 ORDER BY l.position, l.line_id
"""


def ordered(store: Store, key: str) -> Explained | None:
    """Return an order's total by its lines (`channel/order`); the parts are what the buyer pays for each."""
    channel, _, order_id = key.rpartition("/")
    with store.database.reading() as cursor:
        rows = cursor.execute(_LINES, [channel, order_id]).fetchall()
    if not rows:
        return None
    parts = tuple(
        ExplainedPart(f"{sku} × {quantity}", amount, None, None, _components(values))
        for _, sku, quantity, amount, *values in rows
    )
    *_, total, currency = rows[0]
    jump = Facts("Order", pairs(order=order_id, settled="not in any settlement report yet"))
    return Explained(f"ordered:{key}", f"order {order_id}: total", "order lines", currency, total, parts, (jump,))


def ordered_block(store: Store, key: str, line_id: str | None = None, sku: str | None = None) -> tuple[Facts, ...]:
    """Return the order's lines in words, or the one that a settlement line is of; nothing where the mirror has none."""
    channel, _, order_id = key.rpartition("/")
    with store.database.reading() as cursor:
        rows = cursor.execute(_LINES, [channel, order_id]).fetchall()
    own = [row for row in rows if line_id is not None and row[0] == line_id]
    if not own and sku is not None:
        # Walmart's reports count lines otherwise than its orders: the SKU joins them.
        own = [row for row in rows if row[1].casefold() == sku.casefold()]
    shown = own if line_id is not None or sku is not None else rows
    said = [
        (f"{sku} × {quantity}", f"{money(amount, values[-1])} {values[-1]}: {_components(values)}")
        for _, sku, quantity, amount, *values in shown
    ]
    return (Facts("Ordered", tuple(said)),) if said else ()


def _components(values: list[object]) -> str:
    *amounts, status, _, currency = values
    names = ("goods", "tax", "shipping", "gift wrap", "discount")
    said = [
        f"{name} {money(Decimal(str(amount)), str(currency))}"
        for name, amount in zip(names, amounts, strict=True)
        if amount
    ]
    return ", ".join((*said, str(status)))
