"""Chosen orders with everything that says where their goods are: lines, channel parcels, documents of the ERP."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.documents import link_documents
from reconcile.mapping.skus import Resolution, resolve_skus
from sync.records import Order, OrderLine

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = [
    "ErpDocument",
    "ErpLine",
    "OrderGoods",
    "Parcel",
    "ParcelLine",
    "choose",
    "of_kinds",
    "read_documents",
    "read_goods",
    "read_parcels",
]

#: An order is fulfilled, or sold at once; a cancelled or closed sales order delivers nothing any more.
_ORDERED, _MOVED, _BILLED = "SalesOrd", "ItemShip", ("CustInvc", "CashSale")
_WITHOUT_ORDER = frozenset({"CashSale", "CustInvc"})
_DEAD = frozenset({"C", "H"})
#: A fulfilment that is picked or packed holds its goods already; only a shipped one has let them go.
_SHIPPED = "C"


@dataclass(frozen=True, slots=True)
class ErpLine:
    """One line of goods of an ERP document; quantities are positive, `amount` is the line's before tax."""

    line_id: str
    item_id: str
    quantity: Decimal
    moved: Decimal
    billed: Decimal
    amount: Decimal
    is_closed: bool
    #: A thing that is stocked and shipped, not a charge, a discount or a service.
    is_goods: bool


@dataclass(frozen=True, slots=True)
class ErpDocument:
    """One ERP document of an order; `tracking` are a fulfilment's tracking numbers, sorted."""

    transaction_id: str
    kind: str
    number: str
    status: str | None
    external_id: str | None
    made_from: str | None
    day: date
    created_at: datetime | None
    updated_at: datetime
    total: Decimal
    period_id: str | None
    #: Shipping cost and discount of the whole document.
    charges: Decimal = Decimal(0)
    lines: tuple[ErpLine, ...] = ()
    tracking: tuple[str, ...] = ()

    @property
    def has_left(self) -> bool:
        """Tell whether a fulfilment's goods are out of the door."""
        return self.status == _SHIPPED

    def units(self) -> dict[str, Decimal]:
        """Return how many of each item of goods it holds."""
        found: dict[str, Decimal] = {}
        for line in self.lines:
            if line.is_goods:
                found[line.item_id] = found.get(line.item_id, Decimal(0)) + line.quantity
        return found


@dataclass(frozen=True, slots=True)
class ParcelLine:
    """Units of an order line in a parcel; `line_id` is None where the channel names the SKU only."""

    line_id: str | None
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel as the channel knows it. `shipment_id` is empty for units that no parcel was shown of."""

    shipment_id: str
    shipped_at: datetime
    carrier: str | None
    tracking: tuple[str, ...]
    lines: tuple[ParcelLine, ...]


@dataclass(frozen=True, slots=True)
class OrderGoods:
    """One order of a channel with its documents; documents in the order in which they were made."""

    order: Order
    lines: tuple[OrderLine, ...]
    sales_orders: tuple[ErpDocument, ...]
    fulfilments: tuple[ErpDocument, ...]
    bills: tuple[ErpDocument, ...]
    parcels: tuple[Parcel, ...]
    skus: Mapping[tuple[str, str], Resolution] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Return (channel, order id)."""
        return (self.order.channel, self.order.order_id)

    @property
    def live_orders(self) -> list[ErpDocument]:
        """Return the sales orders that are neither cancelled nor closed."""
        return [d for d in self.sales_orders if d.status not in _DEAD]

    @property
    def is_sold_at_once(self) -> bool:
        """Tell whether a document without a sales order has booked it: it takes the goods from stock itself."""
        return any(d.kind in _WITHOUT_ORDER and d.made_from is None for d in self.bills)

    @property
    def tracking(self) -> frozenset[str]:
        """Return every tracking number that the channel shows for the order's lines."""
        return frozenset(n for line in self.lines for n in tracking_of(line))

    def resolution(self, sku: str) -> Resolution:
        """Return which item a SKU of the order is."""
        return self.skus[self.order.channel, sku]

    def by_sku(self, sku: str) -> list[OrderLine]:
        """Return the lines of a SKU, in the order's own order."""
        return [line for line in self.lines if line.sku == sku]


def tracking_of(line: OrderLine) -> tuple[str, ...]:
    """Return the tracking numbers that the channel shows for a line."""
    return tuple(n for n in (line.tracking_number or "").split(", ") if n)


def read_goods(evidence: Evidence, keys: Collection[tuple[str, str]]) -> list[OrderGoods]:
    """Return the goods of these (channel, order id), by channel and order id; unknown ones are left out."""
    if not keys:
        return []
    cursor = evidence.cursor
    choose(evidence, keys)
    link_documents(evidence, "goods_candidates", "goods_documents")
    orders = [Order(*row) for row in _select(evidence, Order, "orders", "t.channel, t.order_id")]
    lines = _grouped([OrderLine(*r) for r in _select(evidence, OrderLine, "order_lines", "t.position, t.line_id")])
    documents, parcels = read_documents(evidence), read_parcels(evidence)
    pairs = {(c, line.sku) for (c, _), of_order in lines.items() for line in of_order}
    pairs |= {(c, line.sku) for (c, _), sent in parcels.items() for p in sent for line in p.lines}
    skus = resolve_skus(cursor, pairs, evidence.decisions("sku"))
    return [_goods(order, lines, documents, parcels, skus) for order in orders]


def choose(evidence: Evidence, keys: Collection[tuple[str, str]]) -> None:
    """Create temp table `goods_candidates` (channel, order_id): the orders whose goods are read next."""
    evidence.cursor.execute(
        "CREATE OR REPLACE TEMP TABLE goods_candidates AS"
        " SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS order_id",
        [[c for c, _ in keys], [o for _, o in keys]],
    )


def of_kinds(
    documents: Sequence[ErpDocument],
) -> tuple[tuple[ErpDocument, ...], tuple[ErpDocument, ...], tuple[ErpDocument, ...]]:
    """Return an order's documents as (sales orders, fulfilments, bills)."""
    return (
        tuple(d for d in documents if d.kind == _ORDERED and d.made_from is None),
        tuple(d for d in documents if d.kind == _MOVED),
        tuple(d for d in documents if d.kind in _BILLED),
    )


def _goods(
    order: Order,
    lines: Mapping[tuple[str, str], Sequence[OrderLine]],
    documents: Mapping[tuple[str, str], Sequence[ErpDocument]],
    parcels: Mapping[tuple[str, str], Sequence[Parcel]],
    skus: Mapping[tuple[str, str], Resolution],
) -> OrderGoods:
    key = (order.channel, order.order_id)
    mine = of_kinds(documents.get(key, ()))
    return OrderGoods(order, tuple(lines.get(key, ())), *mine, tuple(parcels.get(key, ())), skus)


def _select(evidence: Evidence, record: type[Any], table: str, order: str) -> list[tuple[Any, ...]]:
    names = ", ".join(f"t.{f.name}" for f in fields(record))
    return evidence.cursor.execute(
        f"SELECT {names} FROM {table} t JOIN temp.goods_candidates c"  # noqa: S608 - our names
        f" ON c.channel = t.channel AND c.order_id = t.order_id ORDER BY {order}"
    ).fetchall()


def _grouped(lines: Sequence[OrderLine]) -> dict[tuple[str, str], list[OrderLine]]:
    found: dict[tuple[str, str], list[OrderLine]] = {}
    for line in lines:
        found.setdefault((line.channel, line.order_id), []).append(line)
    return found


# A bill takes the order's reference over from its sales order: what it was made from decides, not what it names.
_HEADERS = """
SELECT d.channel, d.order_id, d.transaction_id, d.transaction_type, coalesce(d.number, d.transaction_id), d.status,
    d.external_id, coalesce(d.made_from, e.previous_id), d.transaction_date, d.created_at, d.updated_at,
    coalesce(d.total, 0), d.period_id
FROM temp.goods_documents d
LEFT JOIN (SELECT next_id, min(previous_id) AS previous_id FROM temp.document_edges GROUP BY next_id) e
    ON e.next_id = d.transaction_id
WHERE d.transaction_type IN ('SalesOrd', 'ItemShip', 'CustInvc', 'CashSale')
ORDER BY d.channel, d.order_id, d.created_at NULLS LAST, length(d.transaction_id), d.transaction_id
"""
#: What has no place on a shelf: such a line is billed, and never shipped.
_LINES = """
SELECT l.transaction_id, l.line_id, l.item_id, abs(coalesce(l.quantity, 0)), coalesce(l.quantity_moved, 0),
    coalesce(l.quantity_billed, 0), coalesce(l.amount, 0), l.is_closed,
    coalesce(i.item_type NOT IN ('OthCharge', 'Discount', 'Payment', 'ShipItem', 'Service', 'Subtotal', 'Markup',
        'Description', 'TaxItem', 'TaxGroup', 'GiftCert', 'DwnLdItem'), coalesce(l.quantity, 0) <> 0)
FROM transaction_lines l LEFT JOIN items i ON i.item_id = l.item_id
WHERE l.transaction_id IN (SELECT transaction_id FROM temp.goods_documents) AND l.item_id IS NOT NULL
    AND NOT l.is_main AND NOT l.is_tax
ORDER BY l.transaction_id, l.position, l.line_id
"""
_CHARGES = """
SELECT transaction_id, coalesce(sum(amount), 0) FROM transaction_lines
WHERE transaction_id IN (SELECT transaction_id FROM temp.goods_documents)
    AND item_id IS NULL AND NOT is_main AND NOT is_tax
GROUP BY transaction_id
"""
_TRACKING = """
SELECT transaction_id, list(DISTINCT tracking_number ORDER BY tracking_number) FROM erp_parcels
WHERE transaction_id IN (SELECT transaction_id FROM temp.goods_documents) GROUP BY transaction_id
"""


def read_documents(evidence: Evidence) -> dict[tuple[str, str], list[ErpDocument]]:
    """Return the documents in temp table `goods_documents` with their lines, by (channel, order id)."""
    lines: dict[str, list[ErpLine]] = {}
    for transaction_id, *rest in evidence.cursor.execute(_LINES).fetchall():
        lines.setdefault(transaction_id, []).append(ErpLine(*rest))
    tracking = {row[0]: tuple(row[1]) for row in evidence.cursor.execute(_TRACKING).fetchall()}
    charges = {row[0]: row[1] for row in evidence.cursor.execute(_CHARGES).fetchall()}
    found: dict[tuple[str, str], list[ErpDocument]] = {}
    for channel, order_id, *rest in evidence.cursor.execute(_HEADERS).fetchall():
        key = rest[0]
        more = (charges.get(key, Decimal(0)), tuple(lines.get(key, ())), tracking.get(key, ()))
        values: list[Any] = [*rest, *more]
        document = ErpDocument(*values)
        found.setdefault((channel, order_id), []).append(document)
    return found


_PARCELS = """
SELECT s.channel, s.order_id, s.shipment_id, s.shipped_at, s.carrier, s.tracking_number
FROM channel_shipments s JOIN temp.goods_candidates c ON c.channel = s.channel AND c.order_id = s.order_id
ORDER BY s.channel, s.order_id, s.shipped_at, s.shipment_id
"""
_PARCEL_LINES = """
SELECT l.channel, l.shipment_id, l.order_line_id, l.sku, l.quantity
FROM channel_shipment_lines l JOIN channel_shipments s ON s.channel = l.channel AND s.shipment_id = l.shipment_id
JOIN temp.goods_candidates c ON c.channel = s.channel AND c.order_id = s.order_id
WHERE l.quantity > 0 ORDER BY l.channel, l.shipment_id, l.position
"""


def read_parcels(evidence: Evidence) -> dict[tuple[str, str], list[Parcel]]:
    """Return the channels' parcels of the orders in temp table `goods_candidates`, by (channel, order id)."""
    lines: dict[tuple[str, str], list[ParcelLine]] = {}
    for channel, shipment_id, *rest in evidence.cursor.execute(_PARCEL_LINES).fetchall():
        lines.setdefault((channel, shipment_id), []).append(ParcelLine(*rest))
    found: dict[tuple[str, str], list[Parcel]] = {}
    for channel, order_id, shipment_id, at, carrier, numbers in evidence.cursor.execute(_PARCELS).fetchall():
        tracking = tuple(n for n in (numbers or "").split(", ") if n)
        parcel = Parcel(shipment_id, at, carrier, tracking, tuple(lines.get((channel, shipment_id), ())))
        found.setdefault((channel, order_id), []).append(parcel)
    return found
