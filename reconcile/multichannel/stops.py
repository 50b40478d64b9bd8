"""What keeps an order that a marketplace ships for another shop from being fulfilled where it was sold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reconcile.fulfilment.sent import Stop
from reconcile.mapping.routing import routing_of
from reconcile.multichannel.decided import KIND
from reconcile.multichannel.goods import ShippedElsewhere
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["is_left_out", "link_stop"]

_MOST_NAMED = 4


def is_left_out(evidence: Evidence, channel: str, order_id: str) -> bool:
    """Tell whether a person, or the channel's routing, has said that nothing is to be done for the order."""
    decided = evidence.decisions(KIND).get(f"{channel}|{order_id}")
    if decided is not None:
        return bool(decided.value.get("ignore"))
    routing = evidence.decisions("routing").get(channel)
    return routing is not None and routing.value.get("multi_channel") == "ignore"


def link_stop(evidence: Evidence, one: ShippedElsewhere) -> Stop | None:
    """Return why no sales order can be named that the order's goods are fulfilled in, None where there is one."""
    return _asked(evidence, one) or _ambiguous(one) or _unknown(evidence, one) or _unbooked(one)


def _asked(evidence: Evidence, one: ShippedElsewhere) -> Stop | None:
    channel, order_id = one.key
    if f"{channel}|{order_id}" in evidence.decisions(KIND):
        return None
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, f"Decide the routing of {channel} again")
    if routing is None or routing.multi_channel != "ask":
        return None
    cause = f"orders that {channel} ships for other shops wait for a person"
    remedy = f"Decide multi_channel link (or ignore) in the routing of {channel}, or {_decide(one)}"
    return (f"multi_channel|{channel}", cause, remedy)


def _ambiguous(one: ShippedElsewhere) -> Stop | None:
    documents = one.goods.live_orders
    if len(one.sold) < 2 and len(documents) < 2:
        return None
    channel, order_id = one.key
    named = [f"{s.channel} {s.order_id}" for s in one.sold] if len(one.sold) > 1 else [d.number for d in documents]
    more = [f"{len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
    cause = f"{_numbers(one)} can be {' or '.join(named[:_MOST_NAMED] + more)}"
    return (f"multichannel|{channel}|{order_id}", cause, f"{_decide(one)}: which of them it is")


def _unknown(evidence: Evidence, one: ShippedElsewhere) -> Stop | None:
    if one.sold or one.goods.sales_orders or one.goods.bills:
        return None
    channel, order_id = one.key
    decided = evidence.decisions(KIND).get(f"{channel}|{order_id}")
    if decided is not None:
        said = decided.value.get("order") or decided.value.get("document")
        cause = f"{decided.decided_by} decided that {order_id} is for {said}, which is not in the mirror"
        return (f"multichannel|{channel}|{order_id}", cause, f"{_decide(one)} again, or pull what is missing")
    cause = f"no order of another shop and no sales order has the number of what {channel} ships"
    return (f"multichannel|{channel}|unknown", cause, f"{_decide(one)}: {_numbers(one)} was not found")


def _unbooked(one: ShippedElsewhere) -> Stop | None:
    if one.goods.live_orders or one.goods.bills:
        return None
    channel = one.order.channel
    if one.goods.sales_orders:
        document = one.goods.sales_orders[0]
        cause = f"{document.number} is cancelled or closed, and {channel} ships {one.order.order_id} for it"
        remedy = f"Get the goods back, or open {document.number} again in NetSuite"
        return (f"multichannel|{channel}|{one.order.order_id}", cause, remedy)
    sold = one.sold[0]
    cause = f"orders of {sold.channel} that {channel} ships are not booked in NetSuite yet"
    return (f"multichannel|{channel}|unbooked|{sold.channel}", cause, f"Book {sold.order_id} of {sold.channel} first")


def _numbers(one: ShippedElsewhere) -> str:
    order = one.order
    return order.order_id if order.order_id == order.display_id else f"{order.order_id} ({order.display_id})"


def _decide(one: ShippedElsewhere) -> str:
    return f'decide [{KIND}."{"|".join(one.key)}"] order, document or ignore'
