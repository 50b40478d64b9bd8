"""Goods of orders that a marketplace ships for another shop: its parcels beside the documents of the sale."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from reconcile.fulfilment.goods import (
    ErpDocument,
    OrderGoods,
    Parcel,
    choose,
    of_kinds,
    read_documents,
    read_parcels,
)
from reconcile.mapping.skus import Resolution, resolve_skus
from reconcile.multichannel.links import SoldOrder, link_sold_orders
from sync.money import round_to_minor
from sync.records import MultichannelLine, MultichannelOrder, Order, OrderLine

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["ShippedElsewhere", "read_shipped_elsewhere"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ShippedElsewhere:
    """One shipping order: what it says, where it was sold, and its goods.

    `goods` are those of the shipping order under its own channel and number: its lines and parcels, with the documents
    of the sale. `sold` are the orders of mirrored shops that it may be for: one, if it is linked.
    """

    order: MultichannelOrder
    lines: tuple[MultichannelLine, ...]
    sold: tuple[SoldOrder, ...]
    goods: OrderGoods
    currency: str

    @property
    def key(self) -> tuple[str, str]:
        """Return (channel, the seller's number of the shipping order)."""
        return (self.order.channel, self.order.order_id)

    @property
    def own_goods(self) -> OrderGoods:
        """Return the goods without fulfilments of other parcels: those whose tracking numbers are all none of ours."""
        numbers = {n for parcel in self.goods.parcels for n in parcel.tracking}
        names = self.order.order_id
        mine = tuple(
            d
            for d in self.goods.fulfilments
            if not d.tracking or set(d.tracking) & numbers or f"-FULFIL-{names}-" in (d.external_id or "")
        )
        return replace(self.goods, fulfilments=mine)

    def worth(self, items: Mapping[str, Decimal]) -> Decimal:
        """Return what so many of each item were sold for by the sales order's lines, before tax, in `currency`."""
        total = ZERO
        for item_id, count in items.items():
            lines = [x for d in self.goods.sales_orders for x in d.lines if x.item_id == item_id]
            units = sum((x.quantity for x in lines), ZERO)
            if units:
                total += sum((abs(x.amount) for x in lines), ZERO) * count / units
        return round_to_minor(total, self.currency)


def read_shipped_elsewhere(evidence: Evidence, keys: Collection[tuple[str, str]]) -> list[ShippedElsewhere]:
    """Return the shipping orders of these (channel, number), by channel and number; unknown ones are left out."""
    if not keys:
        return []
    choose(evidence, keys)
    sold = link_sold_orders(evidence, keys, "goods_documents")
    orders = [MultichannelOrder(*r) for r in _select(evidence, MultichannelOrder, "multichannel_orders", "")]
    lines: dict[tuple[str, str], list[MultichannelLine]] = {}
    for row in _select(evidence, MultichannelLine, "multichannel_order_lines", ", t.position"):
        line = MultichannelLine(*row)
        lines.setdefault((line.channel, line.order_id), []).append(line)
    documents, parcels = read_documents(evidence), read_parcels(evidence)
    pairs = {(c, line.sku) for (c, _), mine in lines.items() for line in mine}
    pairs |= {(c, line.sku) for (c, _), sent in parcels.items() for p in sent for line in p.lines}
    skus = resolve_skus(evidence.cursor, pairs, evidence.decisions("sku"))
    currencies = _currencies(evidence)
    found = []
    for order in orders:
        key = (order.channel, order.order_id)
        of_sale = tuple(sold.get(key, ()))
        currency = currencies.get(key) or next((s.currency for s in of_sale), None) or _home_currency(order.channel)
        mine = tuple(lines.get(key, ()))
        goods = _goods(order, mine, currency, documents.get(key, ()), parcels.get(key, ()), skus)
        found.append(ShippedElsewhere(order, mine, of_sale, goods, currency))
    return found


def _goods(
    order: MultichannelOrder,
    lines: Sequence[MultichannelLine],
    currency: str,
    documents: Sequence[ErpDocument],
    parcels: Sequence[Parcel],
    skus: Mapping[tuple[str, str], Resolution],
) -> OrderGoods:
    sent: dict[str, int] = {}
    for parcel in parcels:
        for line in parcel.lines:
            sent[line.line_id or ""] = sent.get(line.line_id or "", 0) + line.quantity
    own = tuple(_line(line, sent.get(line.line_id, 0)) for line in lines)
    return OrderGoods(_order(order, currency), own, *of_kinds(documents), tuple(parcels), skus)


def _order(order: MultichannelOrder, currency: str) -> Order:
    """Return a shipping order as an order of its marketplace that brings no money."""
    unknown: dict[str, Any] = dict.fromkeys(f.name for f in fields(Order))
    told: dict[str, Any] = {name: getattr(order, name) for name in ("channel", "order_id", "ordered_at", "updated_at")}
    told |= {"status": order.status, "vendor_status": order.vendor_status, "service_level": order.service_level}
    told |= {"fulfilled_by": "channel", "order_type": "multi_channel", "currency": currency}
    told |= {"alternate_id": order.display_id, "ship_country": order.ship_country}
    return Order(**unknown | dict.fromkeys(("total", "tax", "shipping", "discount"), ZERO) | told)


def _line(line: MultichannelLine, sent: int) -> OrderLine:
    unknown: dict[str, Any] = dict.fromkeys(f.name for f in fields(OrderLine))
    unknown |= {f.name: ZERO for f in fields(OrderLine) if f.type == "Decimal"}
    told = {name: getattr(line, name) for name in ("channel", "order_id", "line_id", "position", "sku", "quantity")}
    # What Amazon cannot send will not leave any more than what was cancelled.
    gone = line.quantity_cancelled + line.quantity_unfulfillable
    told |= {"quantity_shipped": sent, "quantity_cancelled": gone, "status": "open", "cancel_requested": False}
    return OrderLine(**unknown | told)


def _select(evidence: Evidence, record: type[Any], table: str, order: str) -> list[tuple[Any, ...]]:
    names = ", ".join(f"t.{f.name}" for f in fields(record))
    return evidence.cursor.execute(
        f"SELECT {names} FROM {table} t SEMI JOIN temp.goods_candidates c"  # noqa: S608 - our names
        f" ON c.channel = t.channel AND c.order_id = t.order_id ORDER BY t.channel, t.order_id{order}"
    ).fetchall()


def _currencies(evidence: Evidence) -> dict[tuple[str, str], str]:
    """Return the currency of each shipping order's sales documents."""
    rows = evidence.cursor.execute(
        "SELECT channel, order_id, min(currency) FROM temp.goods_documents WHERE currency IS NOT NULL GROUP BY ALL"
    ).fetchall()
    return {(channel, order_id): currency for channel, order_id, currency in rows}


def _home_currency(channel: str) -> str:
    from sync.amazon.marketplaces import marketplace_of

    vendor, _, country = channel.partition(".")
    return marketplace_of(country).currency if vendor == "amazon" else "USD"
