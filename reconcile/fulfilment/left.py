"""Parcels of a channel held against the fulfilments of the ERP: what of each parcel nobody has fulfilled yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconcile.fulfilment.goods import ErpDocument, ErpLine, OrderGoods, Parcel, ParcelLine, tracking_of
from reconcile.fulfilment.sent import Stop

__all__ = ["Left", "MissingParcel", "left_of", "missing_parcels", "parcels_with_rest"]

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class MissingParcel:
    """What no fulfilment holds of a parcel: units sold by order line, and the items that they are.

    `covered` are items of the parcel that a fulfilment holds already, ours or somebody else's.
    """

    parcel: Parcel
    units: Mapping[str, int]
    items: Mapping[str, Decimal]
    covered: Decimal = ZERO
    stop: Stop | None = None


@dataclass(slots=True)
class Left:
    """One line of a sales order with what can still be fulfilled of it."""

    line: ErpLine
    quantity: Decimal


def parcels_with_rest(goods: OrderGoods) -> list[Parcel]:
    """Return the channel's parcels, and one more for units that left without a parcel that was shown.

    Where the channel's parcels are not read at all that one holds everything that its lines say has left.
    """
    shown: dict[str, int] = {}
    found = []
    for parcel in goods.parcels:
        lines = []
        for line in parcel.lines:
            line_id = line.line_id or _line_of_sku(goods, line, shown)
            shown[line_id or ""] = shown.get(line_id or "", 0) + line.quantity
            lines.append(ParcelLine(line_id, line.sku, line.quantity))
        found.append(Parcel(parcel.shipment_id, parcel.shipped_at, parcel.carrier, parcel.tracking, tuple(lines)))
    rest = [
        ParcelLine(line.line_id, line.sku, more)
        for line in goods.lines
        if (more := line.quantity_shipped - shown.get(line.line_id, 0)) > 0
    ]
    if rest:
        ids = {line.line_id for line in rest}
        lines_left = [line for line in goods.lines if line.line_id in ids]
        named = {n for parcel in goods.parcels for n in parcel.tracking}
        numbers = dict.fromkeys(n for line in lines_left for n in tracking_of(line) if n not in named)
        carrier = next((line.carrier for line in lines_left if line.carrier), None)
        found.append(Parcel("", goods.order.updated_at, carrier, tuple(numbers), tuple(rest)))
    return found


def missing_parcels(goods: OrderGoods, identity: Mapping[str, str]) -> list[MissingParcel]:
    """Return the parcels that are not fulfilled as a whole, with what is missing of each; oldest first.

    A fulfilment belongs to the parcel that it names (`identity` by shipment id, or a tracking number); the others are
    taken for the parcels in turn, whoever made them.
    """
    parcels = parcels_with_rest(goods)
    pools = [(document, document.units()) for document in goods.fulfilments]
    needs = [_need(goods, parcel) for parcel in parcels]
    for named in (True, False):
        for parcel, need in zip(parcels, needs, strict=True):
            for document, pool in pools:
                if not named or _belongs(document, parcel, identity):
                    need.take(pool)
    return [
        MissingParcel(parcel, need.units(), need.items(), need.covered, need.stop)
        for parcel, need in zip(parcels, needs, strict=True)
        if need.items() or need.stop
    ]


def left_of(goods: OrderGoods, order: ErpDocument) -> list[Left]:
    """Return what can still be fulfilled of each line of goods of a sales order.

    A picked or packed fulfilment holds its units already, though the order's own count leaves them out.
    """
    held: dict[str, Decimal] = {}
    for document in goods.fulfilments:
        for item_id, quantity in document.units().items():
            held[item_id] = held.get(item_id, ZERO) + quantity
    lines = [line for line in order.lines if line.is_goods]
    for line in lines:
        held[line.item_id] = held.get(line.item_id, ZERO) - line.moved
    found = []
    for line in lines:
        free = ZERO if line.is_closed else max(line.quantity - line.moved, ZERO)
        extra = min(max(held.get(line.item_id, ZERO), ZERO), free)
        held[line.item_id] = held.get(line.item_id, ZERO) - extra
        found.append(Left(line, free - extra))
    return found


@dataclass(slots=True)
class _Need:
    """Items that a parcel's lines are, line by line, as far as no fulfilment holds them."""

    #: (order line, item, items in one unit sold, items needed)
    rows: list[tuple[str, str, Decimal, Decimal]]
    stop: Stop | None
    covered: Decimal = ZERO

    def take(self, pool: dict[str, Decimal]) -> None:
        rows = []
        for line_id, item_id, factor, needed in self.rows:
            taken = min(needed, pool.get(item_id, ZERO))
            if taken > 0:
                pool[item_id] -= taken
                self.covered += taken
            rows.append((line_id, item_id, factor, needed - taken))
        self.rows = rows

    def items(self) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for _, item_id, _, needed in self.rows:
            if needed > 0:
                found[item_id] = found.get(item_id, ZERO) + needed
        return found

    def units(self) -> dict[str, int]:
        """Return units sold by order line; one of a set is missing as long as any of its items is."""
        by_item: dict[tuple[str, str], int] = {}
        for line_id, item_id, factor, needed in self.rows:
            if needed > 0:
                by_item[line_id, item_id] = by_item.get((line_id, item_id), 0) + -int(-needed // factor)
        found: dict[str, int] = {}
        for (line_id, _), units in by_item.items():
            found[line_id] = max(found.get(line_id, 0), units)
        return found


def _need(goods: OrderGoods, parcel: Parcel) -> _Need:
    rows, stop = [], None
    for line in parcel.lines:
        found = goods.resolution(line.sku)
        if not found.parts:
            stop = stop or (found.cause_id, found.cause, f"Map {line.sku} to an item")
            continue
        rows += [(line.line_id or line.sku, m.item_id, m.factor, line.quantity * m.factor) for m in found.parts]
    return _Need(rows, stop)


def _belongs(document: ErpDocument, parcel: Parcel, identity: Mapping[str, str]) -> bool:
    mine = identity.get(parcel.shipment_id)
    is_named = mine is not None and document.external_id is not None and document.external_id.startswith(mine)
    return is_named or bool(set(document.tracking) & set(parcel.tracking))


def _line_of_sku(goods: OrderGoods, wanted: ParcelLine, shown: Mapping[str, int]) -> str | None:
    """Return the line of a SKU that still has units to give to a parcel that names no line."""
    lines: Sequence[str] = [x.line_id for x in goods.by_sku(wanted.sku)]
    left = {x.line_id: x.quantity - x.quantity_cancelled - shown.get(x.line_id, 0) for x in goods.by_sku(wanted.sku)}
    return next((n for n in lines if left[n] >= wanted.quantity), lines[0] if lines else None)
