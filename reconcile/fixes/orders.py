"""The fix of a missing order: the buyer as customer, its document, and only then the channel's acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from reconcile.controls.control import Evidence
from reconcile.controls.unbooked import UnbookedOrder, find_unbooked
from reconcile.customers.buyer import Buyer
from reconcile.customers.match import CustomerMatch, match_customers
from reconcile.fixes.acknowledgements import acknowledgement, needs_acknowledgement
from reconcile.fixes.customers import customer_operation
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.read_orders import read_lines, read_orders
from reconcile.fixes.sale_documents import SaleCase, booking_day, sale_operation
from reconcile.mapping.routing import routing_of
from reconcile.mapping.skus import Resolution
from sync.records import Order

__all__ = ["derive_orders"]

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
    cases = _cases(evidence, free, wanted, unbooked.skus)
    for case, match in zip(cases, _customers(evidence, cases), strict=True):
        if match.waits:
            derived.obstacles.append(_choice(case, match))
        else:
            _add_case(derived, case, match)
    return derived


def _add_case(derived: Derived, case: SaleCase, match: CustomerMatch) -> None:
    depends: tuple[str, ...] = ()
    if match.customer_id is None:
        made = customer_operation(_buyer(case.order), case.routing, case.order.currency, case.discrepancy_id, match)
        derived.add(made)
        depends = (made.identity,)
    # A customer of ours is named by external id also once he has a number: an approved order stays as it was approved.
    ours = match.customer_id is None or match.how == "external id"
    customer = {"external_id": _buyer(case.order).external_id} if ours else {"id": match.customer_id or ""}
    booked = sale_operation(case, customer, depends, match)
    derived.add(booked)
    if needs_acknowledgement(case.order):
        derived.add(acknowledgement(case.order, case.discrepancy_id, (booked.identity,)))


def _customers(evidence: Evidence, cases: Sequence[SaleCase]) -> list[CustomerMatch]:
    routed = [case.routing.customer_for(case.order.fulfilled_by) for case in cases]
    shared = {case.routing.customer_id for case in cases} - {None}
    buyers = [_buyer(case.order) for case, customer in zip(cases, routed, strict=True) if customer is None]
    found = iter(match_customers(evidence.cursor, buyers, evidence.decisions("customer"), shared=shared))
    return [next(found) if customer is None else CustomerMatch(customer, "routing") for customer in routed]


def _buyer(order: Order) -> Buyer:
    return Buyer(
        channel=order.channel,
        order_id=order.order_id,
        name=order.buyer_name,
        email=order.buyer_email,
        ship_name=order.ship_name,
        address1=order.ship_address1,
        address2=order.ship_address2,
        city=order.ship_city,
        region=order.ship_region,
        postal_code=order.ship_postal_code,
        country={"USA": "US"}.get(order.ship_country or "", order.ship_country),
        phone=order.ship_phone,
    )


def _cases(
    evidence: Evidence,
    orders: Sequence[UnbookedOrder],
    wanted: Mapping[tuple[str, str], str],
    skus: Mapping[tuple[str, str], Resolution],
) -> list[SaleCase]:
    keys = [(o.channel, o.order_id) for o in orders]
    found = read_orders(evidence, keys)
    lines = read_lines(evidence, keys)
    cases = []
    for key in keys:
        routing = routing_of(key[0], evidence.decisions("routing"))
        if routing is not None:
            day = booking_day(found[key], routing, evidence.decisions("posting_date"))
            cases.append(SaleCase(wanted[key], found[key], lines[key], routing, skus, day))
    return cases


def _obstacle(discrepancy_id: str, order: UnbookedOrder, stop: tuple[str, str, str]) -> Obstacle:
    return Obstacle(
        discrepancy_id, order.channel, order.order_id, *stop, amount=abs(order.total), currency=order.currency
    )


def _choice(case: SaleCase, match: CustomerMatch) -> Obstacle:
    buyer = _buyer(case.order)
    return Obstacle(
        case.discrepancy_id,
        case.order.channel,
        case.order.order_id,
        f"customer|{buyer.external_id}",
        f"{buyer.shown_name} is {len(match.candidates)} customers by {match.how}: {', '.join(match.candidates)}",
        "Choose the customer",
        abs(case.order.total),
        case.order.currency,
    )
