"""What keeps an order from being booked, each with the cause that it shares with others and what would help."""

from __future__ import annotations

from collections.abc import Mapping

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.orders.unbooked import UnbookedOrder
from reconcile.controls.posting_days import Stop, day_stop
from reconcile.fixes.orders.sale_documents import REPLACEMENTS, booking_day, document_kind, sale_identity
from reconcile.mapping.posting import month_periods
from reconcile.mapping.routed_records import routing_problem
from reconcile.mapping.routing import Routing, routing_of
from reconcile.mapping.skus import Resolution
from sync.errors import BadInput

__all__ = ["KNOWN_STATUSES", "blocking"]

#: Statuses of an order that can be booked; what is pending or cancelled is not even missing.
KNOWN_STATUSES = frozenset({"open", "partly_shipped", "shipped", "delivered", "refunded"})


def blocking(
    evidence: Evidence, order: UnbookedOrder, skus: Mapping[tuple[str, str], Resolution]
) -> tuple[str, str, str] | None:
    """Return (cause id, cause, remedy) of the first thing that keeps the order from being booked, None for nothing."""
    if order.status not in KNOWN_STATUSES:
        said = order.vendor_status
        return (
            f"status|{order.channel}|{said}",
            f"status {said} of {order.channel} is not known",
            "Look at the order in the channel; the program must learn this status",
        )
    routing = _routing(evidence, order.channel)
    if isinstance(routing, tuple):
        return routing
    return (
        _kind_stop(order, routing)
        or _shared_stop(order)
        or _sku_stop(order, skus)
        or _money_stop(order)
        or _tax_stop(order, routing)
        or _buyer_stop(order, routing)
        or _account_stop(evidence, order, routing)
        or _period_stop(evidence, order, routing)
    )


def _routing(evidence: Evidence, channel: str) -> Routing | Stop:
    return evidence.once(f"routing of orders of {channel}", lambda: _read_routing(evidence, channel))


def _read_routing(evidence: Evidence, channel: str) -> Routing | Stop:
    remedy = f"Decide subsidiary, locations, customers and tax of {channel}"
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, remedy)
    if routing is None:
        return (f"routing|{channel}", f"{channel} has no routing", remedy)
    problem = evidence.once(f"routed records {channel}", lambda: routing_problem(evidence.cursor, routing))
    if problem is not None:
        remedy = "Choose another one in the channel's routing, or change it in NetSuite"
        return (f"routing|{channel}|{problem.field}", f"the routing of {channel}: {problem.problem}", remedy)
    return routing


def _kind_stop(order: UnbookedOrder, routing: Routing) -> Stop | None:
    if order.order_type == "multi_channel":
        return (
            f"multi_channel|{order.channel}",
            f"{order.channel} only ships these orders, they were sold elsewhere",
            "They are booked where they were sold: pull amazon.multichannel for their parcels, or decide multi_channel"
            " ignore in the channel's routing",
        )
    priced = order.total != 0 or order.lines_total != 0
    if order.order_type in REPLACEMENTS and priced and routing.priced_replacements == "ask":
        said = amount_text(order.total or order.lines_total, order.currency)
        return (
            f"replacement|{order.channel}",
            f"replacements of {order.channel} show a price ({order.order_id}: {said} {order.currency})",
            "Nothing is charged for them? Decide priced_replacements zero in the channel's routing",
        )
    return None


def _account_stop(evidence: Evidence, order: UnbookedOrder, routing: Routing) -> Stop | None:
    """Return that the account that cash sales are paid into is kept in another currency than the order's."""
    if routing.cash_account_id is None or routing.document_for(order.fulfilled_by) != "cash_sale":
        return None
    kept_in = evidence.once(f"cash account of {order.channel}", lambda: _kept_in(evidence, routing))
    if kept_in is None or kept_in == order.currency:
        return None
    return (
        f"routing|{order.channel}|cash_account_id|{order.currency}",
        f"the account of cash sales of {order.channel} is kept in {kept_in}, its orders are in {order.currency}",
        f"Choose a cash_account in {order.currency} or in no currency in the channel's routing",
    )


def _kept_in(evidence: Evidence, routing: Routing) -> str | None:
    row = evidence.cursor.execute(
        "SELECT currency FROM accounts WHERE account_id = $1", [routing.cash_account_id]
    ).fetchone()
    return row[0] if row is not None else None


def _shared_stop(order: UnbookedOrder) -> Stop | None:
    if not order.alternate_booked:
        return None
    return (
        f"shared|{order.channel}|{order.alternate_id}",
        f"customer order {order.alternate_id} is in NetSuite and holds {order.siblings} purchase orders",
        "Put each purchase order's own number on its document in NetSuite",
    )


def _sku_stop(order: UnbookedOrder, skus: Mapping[tuple[str, str], Resolution]) -> Stop | None:
    for sku in order.skus:
        resolution = skus[order.channel, sku]
        if resolution.problem:
            return (resolution.cause_id, resolution.cause, f"Map {sku} to an item")
    return None


def _money_stop(order: UnbookedOrder) -> Stop | None:
    if not order.skus:
        return (f"lines|{order.channel}", f"orders of {order.channel} without lines", "Pull the order again")
    if order.order_type in REPLACEMENTS:
        return None
    lowest = min(order.lowest, order.total)
    if lowest < 0:
        return (
            f"price|{order.channel}|{order.order_id}",
            f"{order.order_id} holds an amount below zero, {amount_text(lowest, order.currency)} {order.currency}",
            "Compare the order with the channel; book it by hand if it is right",
        )
    if order.cancelled_units == 0 and order.lines_total != order.total:
        return _total_stop(order)
    return None


def _total_stop(order: UnbookedOrder) -> Stop:
    added, said = amount_text(order.lines_total, order.currency), amount_text(order.total, order.currency)
    cause = f"the lines of {order.order_id} add to {added} {order.currency}, the order says {said}"
    remedy = "Compare the order with the channel; it is not booked while it does not add up"
    if order.channel.startswith("walmart.") and order.per_unit_total != order.lines_total:
        per_unit = amount_text(order.per_unit_total, order.currency)
        cause = (
            f"the lines of {order.order_id} add to {added} {order.currency} as line amounts"
            f" and to {per_unit} as amounts of one unit, the order says {said}"
        )
    return (f"total|{order.channel}|{order.order_id}", cause, remedy)


def _tax_stop(order: UnbookedOrder, routing: Routing) -> Stop | None:
    if order.lines_tax != 0 and routing.tax_policy in ("included", "exempt"):
        holds = "hold their tax" if routing.tax_policy == "included" else "are exempt from tax"
        return (
            f"tax|{order.channel}",
            f"{order.channel} names tax beside the prices, its routing says that they {holds}",
            "Decide another tax_policy for the channel: separate, gross or facilitator",
        )
    return None


def _buyer_stop(order: UnbookedOrder, routing: Routing) -> Stop | None:
    if not routing.books_on_marketplace(order.fulfilled_by) and not (order.ship_name or order.buyer_name):
        return (
            f"buyer|{order.channel}",
            f"{order.channel} does not show the buyers' names",
            "Give the connection access to buyers' data, or route the channel to one customer",
        )
    return None


def _period_stop(evidence: Evidence, order: UnbookedOrder, routing: Routing) -> Stop | None:
    """Return why a cash sale cannot post on its day; a sales order does not post."""
    if document_kind(routing, order.fulfilled_by, order.order_type) != "cash_sale" or not month_periods(evidence):
        return None
    day = booking_day(order, routing, evidence.decisions("posting_date"))
    stop = day_stop(evidence, sale_identity(order.channel, order.order_id), day)
    if stop is None:
        return None
    return (*stop[:2], f"{stop[2]}: decide posting_date of {order.channel}|YYYY-MM, the month of the orders")
