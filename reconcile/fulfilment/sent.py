"""Fulfilments of the ERP held against what the channel knows: which units of which are confirmed, and how."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconcile.fulfilment.goods import ErpDocument, OrderGoods, tracking_of
from reconcile.fulfilment.units import Room, share_out

__all__ = ["SentGoods", "Stop", "sent_goods"]

_ZERO = Decimal(0)
#: (cause id, cause, remedy)
Stop = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class SentGoods:
    """One shipped fulfilment in units sold, by order line.

    `confirmed` are units that the channel has; `elsewhere` those of them that it has under another tracking number.
    `stop` says why its goods could not be told apart by order line.
    """

    document: ErpDocument
    units: Mapping[str, int]
    confirmed: Mapping[str, int]
    elsewhere: Mapping[str, int]
    stop: Stop | None = None

    @property
    def missing(self) -> dict[str, int]:
        """Return the units by order line that the channel does not know to have left."""
        left = {line: n - self.confirmed.get(line, 0) for line, n in self.units.items()}
        return {line: n for line, n in left.items() if n > 0}


def sent_goods(goods: OrderGoods) -> list[SentGoods]:
    """Return the shipped fulfilments of an order, oldest first, with their units by order line.

    Units of one item go to the order's lines of that item in turn; a set has left with the last of its items. The
    channel's units are laid first on fulfilments whose tracking number it shows, then on the others in order: those it
    has under another number.
    """
    rooms = [
        Room(line.line_id, r.items(1), max(line.quantity - line.quantity_cancelled, 0))
        for line in goods.lines
        if (r := goods.resolution(line.sku)).parts
    ]
    sent: list[SentGoods] = []
    waits: dict[str, Decimal] = {}
    for document in goods.fulfilments:
        if document.has_left:
            came = document.units()
            share = share_out({i: came.get(i, _ZERO) + waits.get(i, _ZERO) for i in {**waits, **came}}, rooms)
            waits = _of_open_sets(share.over, rooms)
            over = {i: n - waits.get(i, _ZERO) for i, n in share.over.items()}
            stop = _stop(goods, document, {i: str(n.normalize()) for i, n in over.items() if n > 0})
            sent.append(SentGoods(document, share.units, {}, {}, stop))
    return _confirmed(goods, sent)


def _of_open_sets(over: Mapping[str, Decimal], rooms: Sequence[Room]) -> dict[str, Decimal]:
    """Return the items that have left ahead of the others of their set, as far as sets are open for them."""
    found: dict[str, Decimal] = {}
    for room in rooms:
        for item_id, factor in room.items.items() if len(room.items) > 1 else ():
            taken = min(room.left * factor, over.get(item_id, _ZERO) - found.get(item_id, _ZERO))
            if taken > 0:
                found[item_id] = found.get(item_id, _ZERO) + taken
    return found


def _confirmed(goods: OrderGoods, sent: list[SentGoods]) -> list[SentGoods]:
    left = {line.line_id: line.quantity_shipped for line in goods.lines}
    shown = {line.line_id: set(tracking_of(line)) for line in goods.lines}
    found = list(sent)
    for knows in (True, False):
        for place, one in enumerate(found):
            confirmed, elsewhere = dict(one.confirmed), dict(one.elsewhere)
            for line_id, units in one.units.items():
                if bool(shown[line_id] & set(one.document.tracking)) is not knows:
                    continue
                taken = min(units - confirmed.get(line_id, 0), left[line_id])
                if taken > 0:
                    left[line_id] -= taken
                    confirmed[line_id] = confirmed.get(line_id, 0) + taken
                    if not knows:
                        elsewhere[line_id] = elsewhere.get(line_id, 0) + taken
            found[place] = replace(one, confirmed=confirmed, elsewhere=elsewhere)
    return found


def _stop(goods: OrderGoods, document: ErpDocument, over: Mapping[str, str]) -> Stop | None:
    if not over:
        return None
    unmapped = [r for line in goods.lines if (r := goods.resolution(line.sku)).problem is not None]
    if unmapped:
        return (unmapped[0].cause_id, unmapped[0].cause, f"Map {unmapped[0].sku} to an item")
    channel, order_id = goods.key
    known = {m.item_id for line in goods.lines for m in goods.resolution(line.sku).parts}
    item_id, count = next(iter(over.items()))
    if item_id not in known:
        cause = f"fulfilment {document.number} of order {order_id} sent item {item_id}, which is none of its SKUs"
        remedy = f"Map the SKU that item {item_id} was sent for, or correct {document.number} in NetSuite"
    else:
        cause = f"fulfilment {document.number} sent {count} of item {item_id} more than order {order_id} has open"
        remedy = f"Get the goods back or correct {document.number}; the channel takes no more units than were bought"
    return (f"over|{channel}|{order_id}|{document.transaction_id}", cause, remedy)
