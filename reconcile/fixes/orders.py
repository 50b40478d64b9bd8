"""The fix of a missing order: the buyer as customer, the sales order, and only then the channel's acknowledgement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.unbooked import UnbookedOrder, find_unbooked
from reconcile.customers.buyer import buyer_of
from reconcile.customers.known import known_of
from reconcile.customers.marketplace import marketplace_customers
from reconcile.customers.match import CustomerMatch, match_customers
from reconcile.fixes.customers import customer_operation, shard_operation
from reconcile.fixes.derived import Derived, Obstacle
from reconcile.fixes.sales_lines import Charge, order_charges
from reconcile.mapping.routing import Routing, prefix_of, routing_of
from reconcile.mapping.skus import Resolution
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine

__all__ = ["acknowledgement", "address_of", "derive_orders", "sales_order_identity", "who_bought"]

Blocking = Callable[[Evidence, UnbookedOrder, Mapping[tuple[str, str], Resolution]], "tuple[str, str, str] | None"]


@dataclass(frozen=True, slots=True)
class _Case:
    """One order to book, with everything that its documents are made of."""

    discrepancy_id: str
    order: Order
    lines: Sequence[OrderLine]
    routing: Routing
    skus: Mapping[tuple[str, str], Resolution]

    @property
    def day(self) -> date:
        return self.order.ordered_at.astimezone(ZoneInfo(self.routing.time_zone)).date()


def sales_order_identity(channel: str, order_id: str) -> str:
    """Return the external id of an order's sales order: `AMZ-113-…`, `WMT-…`."""
    return f"{prefix_of(channel)}-{order_id}"


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


def who_bought(
    evidence: Evidence, orders: Sequence[UnbookedOrder], skus: Mapping[tuple[str, str], Resolution]
) -> list[tuple[Order, CustomerMatch]]:
    """Return the customer of each order that could be booked, as its sales order would name him."""
    cases = _cases(evidence, orders, {(o.channel, o.order_id): "" for o in orders}, skus)
    return [(case.order, match) for case, match in zip(cases, _customers(evidence, cases), strict=True)]


def _add_case(derived: Derived, case: _Case, match: CustomerMatch) -> None:
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
    booked = _sales_order(case, customer, depends, match)
    derived.add(booked)
    if case.order.channel.startswith("walmart.") and needs_acknowledgement(case.order):
        derived.add(acknowledgement(case.order, case.discrepancy_id, (booked.identity,)))


def needs_acknowledgement(order: Order) -> bool:
    """Tell whether Walmart still waits for the seller's word that the order was taken."""
    return order.fulfilled_by == "seller" and order.status == "open" and order.acknowledged_at is None


def acknowledgement(order: Order, discrepancy_id: str | None, depends_on: tuple[str, ...]) -> PlannedOperation:
    """Return the write that tells Walmart that the order was taken."""
    return PlannedOperation(
        identity=f"{prefix_of(order.channel)}-ACK-{order.order_id}",
        vendor="walmart",
        kind="order.acknowledge",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=depends_on,
        summary=f"Acknowledge {order.order_id}",
        intent={"order_id": order.order_id},
        believed={"exists": True, "acknowledged": False},
        diff=[{"field": "acknowledged", "now": False, "then": True}],
    )


def _customers(evidence: Evidence, cases: Sequence[_Case]) -> list[CustomerMatch]:
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


def _sales_order(
    case: _Case, customer: Mapping[str, str], depends: tuple[str, ...], match: CustomerMatch
) -> PlannedOperation:
    order, routing = case.order, case.routing
    charges = order_charges(order, case.lines, routing, case.skus)
    by_channel = order.fulfilled_by == "channel"
    total = sum((c.net + (c.tax or 0) for c in charges), Decimal(0))
    identity = sales_order_identity(order.channel, order.order_id)
    intent = {
        "external_id": identity,
        "other_reference": order.order_id,
        "customer": dict(customer),
        "date": case.day.isoformat(),
        "subsidiary_id": routing.subsidiary_id,
        "location_id": (routing.channel_location_id if by_channel else None) or routing.location_id,
        "department_id": routing.department_id,
        "class_id": routing.class_id,
        "currency": order.currency,
        "memo": f"{order.channel} {order.order_id}",
        "ship_method": routing.ship_method,
        "ship_by": order.ship_by.astimezone(ZoneInfo(routing.time_zone)).date().isoformat() if order.ship_by else None,
        "address": address_of(order),
        "lines": [_intent_line(c, order.currency, routing) for c in charges if not c.is_shipping_cost],
        "shipping_cost": next((amount_text(c.net, order.currency) for c in charges if c.is_shipping_cost), None),
    }
    return PlannedOperation(
        identity=identity,
        vendor="netsuite",
        kind="sales_order.create",
        channel=order.channel,
        discrepancy_id=case.discrepancy_id,
        depends_on=depends,
        summary=f"Sales order for {order.order_id}, {amount_text(total, order.currency)} {order.currency}",
        intent=intent,
        believed={"exists": False},
        diff=_diff(intent, total, order, match),
        amount=total,
        currency=order.currency,
        period=f"{case.day:%Y-%m}",
    )


def _intent_line(charge: Charge, currency: str, routing: Routing) -> dict[str, Any]:
    rate = charge.net / charge.quantity
    exact = rate == rate.quantize(Decimal("1e-6")) and rate * charge.quantity == charge.net
    return {
        "item_id": charge.item_id,
        "quantity": format(charge.quantity.normalize(), "f"),
        "rate": amount_text(rate, currency) if exact else None,
        "amount": amount_text(charge.net, currency),
        "description": charge.description,
        "line_ref": charge.line_ref,
        "tax_amount": amount_text(charge.tax, currency) if charge.tax else None,
        # What the marketplace remits, or what stands on a line of its own, must not be computed a second time.
        "is_tax_exempt": True if routing.tax_policy == "facilitator" or routing.tax_item_id else None,
    }


def _diff(intent: Mapping[str, Any], total: Decimal, order: Order, match: CustomerMatch) -> list[dict[str, Any]]:
    who = match.customer_id or ("customer" if match.how == "shard" else "new customer")
    why = f" ({match.how}{': ' + match.evidence[0] if match.evidence else ''})"
    shown: dict[str, Any] = {
        "customer": who + why,
        "date": intent["date"],
        "total": f"{amount_text(total, order.currency)} {order.currency}",
        "channel total": f"{amount_text(order.total, order.currency)} {order.currency}",
    }
    shown |= {k: intent[k] for k in ("subsidiary_id", "location_id", "shipping_cost", "ship_by") if intent[k]}
    for n, line in enumerate(intent["lines"], 1):
        shown[f"line {n}"] = f"{line['quantity']} × {line['description']} = {line['amount']}"
    return [{"field": name, "now": None, "then": value} for name, value in shown.items()]


def address_of(order: Order) -> dict[str, str] | None:
    """Return the order's address as an intent, None where the channel shows none."""
    country = {"USA": "US", "DEU": "DE", "CAN": "CA"}.get(order.ship_country or "", order.ship_country)
    values = {
        "name": order.ship_name or order.buyer_name,
        "address1": order.ship_address1,
        "address2": order.ship_address2,
        "city": order.ship_city,
        "region": order.ship_region,
        "postal_code": order.ship_postal_code,
        "country": country,
        "phone": order.ship_phone if (order.ship_phone or "").strip("0+- ") else None,
    }
    return {k: v for k, v in values.items() if v} if order.ship_address1 or order.ship_postal_code else None


def _cases(
    evidence: Evidence,
    orders: Sequence[UnbookedOrder],
    wanted: Mapping[tuple[str, str], str],
    skus: Mapping[tuple[str, str], Resolution],
) -> list[_Case]:
    keys = [(o.channel, o.order_id) for o in orders]
    found = read_orders(evidence, keys)
    lines = _read_lines(evidence, keys)
    cases = []
    for key in keys:
        routing = routing_of(key[0], evidence.decisions("routing"))
        if routing is not None:
            cases.append(_Case(wanted[key], found[key], lines[key], routing, skus))
    return cases


def read_orders(evidence: Evidence, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Order]:
    """Return the mirrored orders of these (channel, order id)."""
    names = ", ".join(f.name for f in fields(Order))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM orders WHERE order_id IN (SELECT unnest($1::VARCHAR[]))",  # noqa: S608 - our names
        [[k[1] for k in keys]],
    ).fetchall()
    found = (Order(*row) for row in rows)
    return {(o.channel, o.order_id): o for o in found}


def _read_lines(evidence: Evidence, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[OrderLine]]:
    names = ", ".join(f.name for f in fields(OrderLine))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM order_lines WHERE order_id IN (SELECT unnest($1::VARCHAR[]))"  # noqa: S608 - our names
        " ORDER BY channel, order_id, position",
        [[k[1] for k in keys]],
    ).fetchall()
    found: dict[tuple[str, str], list[OrderLine]] = {}
    for row in rows:
        line = OrderLine(*row)
        found.setdefault((line.channel, line.order_id), []).append(line)
    return found


def _obstacle(discrepancy_id: str, order: UnbookedOrder, stop: tuple[str, str, str]) -> Obstacle:
    return Obstacle(
        discrepancy_id, order.channel, order.order_id, *stop, amount=abs(order.total), currency=order.currency
    )


def _choice(case: _Case, match: CustomerMatch) -> Obstacle:
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
