"""The fix of a missing order: the buyer as customer, its document, and only then the channel's acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconcile.controls.control import Evidence
from reconcile.controls.orders.unbooked import UnbookedOrder, find_unbooked
from reconcile.customers.buyer import buyer_of
from reconcile.customers.known import known_of
from reconcile.customers.marketplace import marketplace_customers
from reconcile.customers.match import CustomerMatch, match_customers
from reconcile.fixes.customers.customers import customer_operation, shard_operation
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.orders.acknowledgements import acknowledgement, needs_acknowledgement
from reconcile.fixes.orders.read_orders import Key, read_lines, read_orders
from reconcile.fixes.orders.sale_documents import SaleCase, booking_day, sale_operation
from reconcile.mapping.routing import routing_of
from reconcile.mapping.skus import Resolution
from sync.records import Order, OrderLine

__all__ = ["derive_orders", "who_bought"]

Blocking = Callable[[Evidence, UnbookedOrder, Mapping[tuple[str, str], Resolution]], "tuple[str, str, str] | None"]


def derive_orders(evidence: Evidence, wanted: Mapping[tuple[str, str], str], blocking: Blocking) -> Derived:
    """Derive the writes for the named (channel, order id), anew from the mirror; booked orders yield nothing."""
    unbooked = find_unbooked(evidence, wanted.keys())
    derived = Derived()
    free: list[UnbookedOrder] = []
    for order in unbooked.orders:
        stop = blocking(evidence, order, unbooked.skus)
        if stop is None:
            free.append(order)
        else:
            derived.obstacles.append(_obstacle(wanted[order.channel, order.order_id], order, stop))
    lines = read_lines(evidence, [(o.channel, o.order_id) for o in free])
    cases = _cases(evidence, free, wanted, unbooked.skus, lines)
    for case, match in zip(cases, _customers(evidence, cases), strict=True):
        if match.waits:
            derived.obstacles.append(_choice(case, match))
        else:
            _add_case(derived, case, match)
    return derived


def who_bought(
    evidence: Evidence, orders: Sequence[UnbookedOrder], skus: Mapping[tuple[str, str], Resolution]
) -> list[tuple[Order, CustomerMatch]]:
    """Return the customer of each order that could be booked, as its sales order would name him."""
    # Who bought does not depend on what was bought: no line is read.
    cases = _cases(evidence, orders, {(o.channel, o.order_id): "" for o in orders}, skus, {})
    return [(case.order, match) for case, match in zip(cases, _customers(evidence, cases), strict=True)]


def _add_case(derived: Derived, case: SaleCase, match: CustomerMatch) -> None:
    depends: tuple[str, ...] = ()
    buyer = buyer_of(case.order)
    if match.how == "new shard":
        made = shard_operation(match.evidence[0], case.order, case.routing, case.discrepancy_id)
        derived.add(made)
        depends = (made.identity,)
    elif match.customer_id is None and match.how != "shard":
        made = customer_operation(buyer, case.routing, case.order.currency, case.discrepancy_id, match)
        derived.add(made)
        depends = (made.identity,)
    # A customer of ours is named by external id also once he has a number: an approved order stays as it was approved.
    ours = match.customer_id is None or match.how == "external id"
    named = match.evidence[0] if match.how in ("shard", "new shard") else buyer.external_id
    customer = {"external_id": named} if ours else {"id": match.customer_id or ""}
    booked = sale_operation(case, customer, depends, match)
    derived.add(booked)
    if needs_acknowledgement(case.order):
        derived.add(acknowledgement(case.order, case.discrepancy_id, (booked.identity,)))


def _customers(evidence: Evidence, cases: Sequence[SaleCase]) -> list[CustomerMatch]:
    routed = [c.routing.customer_for(c.order.fulfilled_by, c.order.order_id, c.day) for c in cases]
    buyers = [buyer_of(case.order) for case, customer in zip(cases, routed, strict=True) if customer is None]
    shared = marketplace_customers(evidence)
    known = known_of(evidence)
    found = iter(match_customers(evidence.cursor, buyers, known.chosen, shared=shared, known=known))
    held = _states(evidence, [value for customer in routed if customer for value in customer.values()])
    return [next(found) if customer is None else _routed(customer, held) for customer in routed]


def _states(evidence: Evidence, names: Sequence[str]) -> dict[str, bool]:
    """Return whether the customers of these ids and external ids are inactive; who is not there is left out."""
    rows = evidence.cursor.execute(
        "SELECT customer_id, external_id, inactive FROM customers WHERE customer_id IN (SELECT unnest($1::VARCHAR[]))"
        " OR external_id IN (SELECT unnest($1::VARCHAR[]))",
        [list(names)],
    ).fetchall()
    return {name: inactive for number, external, inactive in rows for name in (number, external) if name}


def _routed(customer: Mapping[str, str], held: Mapping[str, bool]) -> CustomerMatch:
    (name,) = customer.values()
    if held.get(name):
        return CustomerMatch(None, "routing", ("the routing names it, and it is inactive",), (name,))
    if "id" in customer:
        return CustomerMatch(name, "routing")
    # One that a pattern names is known by its external id, and made with its first order.
    return CustomerMatch(None, "shard" if name in held else "new shard", (name,))


def _cases(
    evidence: Evidence,
    orders: Sequence[UnbookedOrder],
    wanted: Mapping[tuple[str, str], str],
    skus: Mapping[tuple[str, str], Resolution],
    lines: Mapping[Key, Sequence[OrderLine]],
) -> list[SaleCase]:
    keys = [(o.channel, o.order_id) for o in orders]
    found = read_orders(evidence, keys)
    decided, days = evidence.decisions("routing"), evidence.decisions("posting_date")
    routings = {channel: routing_of(channel, decided) for channel in {channel for channel, _ in keys}}
    cases = []
    for key in keys:
        routing = routings[key[0]]
        if routing is not None:
            day = booking_day(found[key], routing, days)
            cases.append(SaleCase(wanted[key], found[key], lines.get(key, ()), routing, skus, day))
    return cases


def _obstacle(discrepancy_id: str, order: UnbookedOrder, stop: tuple[str, str, str]) -> Obstacle:
    return Obstacle(
        discrepancy_id, order.channel, order.order_id, *stop, amount=abs(order.total), currency=order.currency
    )


def _choice(case: SaleCase, match: CustomerMatch) -> Obstacle:
    buyer = buyer_of(case.order)
    return Obstacle(
        case.discrepancy_id,
        case.order.channel,
        case.order.order_id,
        f"customer|{buyer.external_id}",
        match.why_it_waits(buyer.shown_name),
        "Route the channel to an active customer" if match.how == "routing" else "Choose the customer",
        abs(case.order.total),
        case.order.currency,
    )
