"""Orders sorted by time, kept as long as nothing changes: a page costs a page, not a world."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.orders.of_other_shops import orders_of_other_shops, standing_of_other_shops
from sync.sandbox.world.model import SalesOrder, World

__all__ = ["OrderIndex", "Place"]

#: (time as shown, order id): where an order stands.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """One sorting, good from `made_at` until `changes_at` (None: nothing more happens) while `standing` is so."""

    places: list[Place]
    orders: list[SalesOrder]
    #: How many orders there are, and how those of other shops stand.
    standing: Hashable
    made_at: datetime
    changes_at: datetime | None

    def holds(self, standing: Hashable, now: datetime) -> bool:
        in_time = self.made_at <= now and (self.changes_at is None or now < self.changes_at)
        return in_time and standing == self.standing


def _events(order: SalesOrder) -> Iterator[datetime]:
    yield order.ordered_at
    yield from (change.at for change in order.timeline)
    yield from (shipment.at for shipment in order.shipments)
    yield from (refund.at for refund in order.refunds)


class OrderIndex:
    """Sorted orders by channels and by `created` or `updated`. What somebody changes is sorted anew."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._kept: dict[tuple[tuple[str, ...], str], _Sorted] = {}
        world.watch(lambda order: self._kept.clear())

    def walk(
        self, channels: tuple[str, ...], by: str, after: Place, until: str, now: datetime
    ) -> Iterator[tuple[Place, SalesOrder]]:
        """Yield the orders behind `after` up to the time `until` (as shown, inclusive), in order."""
        kept = self._sorted(channels, by, now)
        for index in range(bisect_left(kept.places, after), len(kept.places)):
            place = kept.places[index]
            if place[0] > until:
                return
            if place > after:
                yield place, kept.orders[index]

    def _sorted(self, channels: tuple[str, ...], by: str, now: datetime) -> _Sorted:
        size = sum(len(self._world.orders(channel)) for channel in channels)
        standing = (size, standing_of_other_shops(self._world, channels, now))
        kept = self._kept.get((channels, by))
        if kept is None or not kept.holds(standing, now):
            kept = self._kept[channels, by] = self._sort(channels, by, standing, now)
        return kept

    def _sort(self, channels: tuple[str, ...], by: str, standing: Hashable, now: datetime) -> _Sorted:
        world = self._world
        everything = [order for channel in channels for order in world.orders(channel)]
        everything += [order for channel in channels for order in orders_of_other_shops(world, channel, now)]
        coming = [at for order in everything for at in _events(order) if at > now]
        rows: list[tuple[Place, SalesOrder]] = []
        for order in everything:
            if order.ordered_at <= now:
                at = order.ordered_at if by == "created" else order.updated_at(now)
                rows.append(((zulu(at), order.order_id), order))
        rows.sort(key=lambda row: row[0])
        return _Sorted([p for p, _ in rows], [o for _, o in rows], standing, now, min(coming, default=None))
