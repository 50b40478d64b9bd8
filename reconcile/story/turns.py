"""Who acts next on an order, and until when, by where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from reconcile.story.calendar import reports_delivery
from reconcile.story.models import Actor, OrderFacts, ReturnFacts, StoryLine, StoryMoney, Turn, Wrong

__all__ = ["next_turns"]

#: Walmart: an order is to be acknowledged within 4 hours (Marketplace SLA).
_ACKNOWLEDGE = timedelta(hours=4)
_TO_SHIP = ("open", "partly_shipped")
_NO_END = datetime.max.replace(tzinfo=UTC)


def next_turns(
    order: OrderFacts,
    lines: Sequence[StoryLine],
    returns: Sequence[ReturnFacts],
    money: StoryMoney,
    wrong: Sequence[Wrong],
    now: datetime,
) -> tuple[Turn, ...]:
    """Return every next step, the nearest deadline first; empty where nobody has to do anything."""
    turns = [*_of_delivery(order, lines, now), *_of_returns(order, returns, money), *_of_money(order, money)]
    turns += [
        w.turn if w.turn.what == w.title else Turn(w.turn.who, f"{w.title}: {w.turn.what}", w.turn.by) for w in wrong
    ]
    return tuple(sorted(dict.fromkeys(turns), key=lambda t: t.by or _NO_END))


def _of_delivery(order: OrderFacts, lines: Sequence[StoryLine], now: datetime) -> Iterable[Turn]:
    if order.status == "pending":
        yield Turn("marketplace", "release the buyer's payment")
    if order.status == "unknown":
        yield Turn("finance", f"the channel's status {order.vendor_status} is not known: look at it in the channel")
    if order.status in _TO_SHIP:
        if order.by_seller and order.acknowledged_at is None and order.channel.startswith("walmart."):
            yield Turn("Tieout", "acknowledge the order", order.ordered_at + _ACKNOWLEDGE)
        who: Actor = "warehouse" if order.by_seller else "marketplace"
        wanted = [line for line in lines if line.cancelled < line.ordered]
        if not (order.by_seller and wanted and all(line.has_left for line in wanted)):
            yield Turn(who, "ship the rest" if order.status == "partly_shipped" else "ship it", order.ship_by)
    if (
        order.status == "shipped"
        and order.deliver_by is not None
        and (reports_delivery(order) or order.deliver_by > now)
    ):
        yield Turn("warehouse" if order.by_seller else "marketplace", "see that it is delivered", order.deliver_by)
    asked = [line for line in lines if line.cancel_requested and line.cancelled < line.ordered]
    if asked and order.status in ("pending", *_TO_SHIP):
        yield Turn(
            "warehouse", f"the buyer asks to cancel {', '.join(line.sku for line in asked)}: cancel it or ship it"
        )


def _of_returns(order: OrderFacts, returns: Sequence[ReturnFacts], money: StoryMoney) -> Iterable[Turn]:
    for r in returns:
        keeper = "warehouse" if r.fulfilled_by == "seller" else "marketplace"
        if r.kind == "return" and r.status in ("requested", "approved"):
            yield Turn("buyer", f"send return {r.return_id} back")
        elif r.kind == "return" and r.status == "in_transit":
            yield Turn("warehouse" if keeper == "warehouse" else "marketplace", f"receive return {r.return_id}")
        elif r.status == "received" and not money.refunded and r.kind != "replacement":
            yield Turn("finance" if r.fulfilled_by == "seller" else "marketplace", f"refund return {r.return_id}")
        elif r.status == "unknown":
            yield Turn("finance", f"return {r.return_id} has the unknown status {r.vendor_status}")


def _of_money(order: OrderFacts, money: StoryMoney) -> Iterable[Turn]:
    if money.held:
        yield Turn("marketplace", "pay out what it holds", money.held_until)
    elif money.settled is None and order.status in ("shipped", "delivered"):
        yield Turn("marketplace", "settle the order")
    if money.unpaid:
        yield Turn("marketplace", f"pay out settlement {', '.join(money.settlements)}")
