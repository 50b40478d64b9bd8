"""Orders sorted by their last change, kept up to date event by event: a page costs a page, not a world."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from datetime import datetime
from heapq import heapify, heappop, heappush

from sync.sandbox.world.facts import SalesOrder

__all__ = ["ChangeIndex", "Place"]

#: (last change, order id): where an order stands.
Place = tuple[datetime, str]


class ChangeIndex:
    """The orders of one channel by (last change, order id), as seen at the moment that was asked for last."""

    def __init__(self, orders: list[SalesOrder]) -> None:
        """`orders` is the channel's own list, which may grow; say so with `note`."""
        self._orders = orders
        self._seen_at: datetime | None = None
        self._places: list[Place] = []
        self._where: dict[str, Place] = {}
        self._by_id: dict[str, SalesOrder] = {}
        #: (when an order changes next, its id)
        self._coming: list[Place] = []

    def between(self, after: datetime, before: datetime, now: datetime) -> Iterator[SalesOrder]:
        """Yield the orders whose last change as seen at `now` is in [after, before], oldest change first."""
        self._bring_to(now)
        first = bisect_left(self._places, (after, ""))
        last = bisect_right(self._places, before, key=lambda place: place[0])
        for place in self._places[first:last]:
            yield self._by_id[place[1]]

    def beyond(self, place: Place, now: datetime) -> Iterator[tuple[Place, SalesOrder]]:
        """Yield place and order behind `place`, in order."""
        self._bring_to(now)
        for found in self._places[bisect_right(self._places, place) :]:
            yield found, self._by_id[found[1]]

    def note(self, order: SalesOrder) -> None:
        """Look at an order anew: it has been changed, or is new."""
        if self._seen_at is None:
            return
        self._by_id[order.order_id] = order
        self._put(order, self._seen_at)
        self._await(order, self._seen_at)

    def _bring_to(self, now: datetime) -> None:
        if self._seen_at is None or now < self._seen_at:
            self._build(now)
            return
        self._seen_at = now
        while self._coming and self._coming[0][0] <= now:
            order = self._by_id[heappop(self._coming)[1]]
            self._put(order, now)
            self._await(order, now)

    def _build(self, now: datetime) -> None:
        self._seen_at = now
        self._by_id = {o.order_id: o for o in self._orders}
        placed = [o for o in self._orders if o.ordered_at <= now]
        self._where = {o.order_id: (o.updated_at(now), o.order_id) for o in placed}
        self._places = sorted(self._where.values())
        next_moments = ((min(_moments(o, now), default=None), o.order_id) for o in self._orders)
        self._coming = [(at, order_id) for at, order_id in next_moments if at is not None]
        heapify(self._coming)

    def _put(self, order: SalesOrder, now: datetime) -> None:
        old = self._where.pop(order.order_id, None)
        if old is not None:
            del self._places[bisect_left(self._places, old)]
        if order.ordered_at <= now:
            place = self._where[order.order_id] = (order.updated_at(now), order.order_id)
            insort(self._places, place)

    def _await(self, order: SalesOrder, now: datetime) -> None:
        at = min(_moments(order, now), default=None)
        if at is not None:
            heappush(self._coming, (at, order.order_id))


def _moments(order: SalesOrder, now: datetime) -> Iterator[datetime]:
    """Yield when something is going to happen to an order after `now`."""
    for at in (order.ordered_at, order.touched_at):
        if at is not None and at > now:
            yield at
    yield from (change.at for change in order.timeline if change.at > now)
    yield from (shipment.at for shipment in order.shipments if shipment.at > now)
    yield from (refund.at for refund in order.refunds if refund.at > now)
