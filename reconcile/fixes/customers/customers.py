"""The write that makes a buyer a customer."""

from __future__ import annotations

from typing import Any

from reconcile.customers.buyer import Buyer, is_relay, normal_phone, split_name, visible
from reconcile.customers.match import CustomerMatch
from reconcile.mapping.routing import Routing
from sync.outbox.operations import PlannedOperation
from sync.records import Order

__all__ = ["customer_operation", "shard_operation"]


#: What NetSuite keeps of an addressee.
_LONGEST_ADDRESSEE = 83


def customer_operation(
    buyer: Buyer, routing: Routing, currency: str, discrepancy_id: str, match: CustomerMatch
) -> PlannedOperation:
    """Return the creation of a person; its external id is the same for all orders of the buyer in the channel."""
    first, last = split_name(buyer.shown_name)
    address = {
        "name": visible(buyer.ship_name or buyer.shown_name)[:_LONGEST_ADDRESSEE],
        "address1": buyer.address1,
        "address2": buyer.address2,
        "city": buyer.city,
        "region": buyer.region,
        "postal_code": buyer.postal_code,
        "country": buyer.country,
    }
    own_email = buyer.email if buyer.email and not is_relay(buyer.email) else None
    intent: dict[str, Any] = {
        "external_id": buyer.external_id,
        "kind": "person",
        "entity_id": _unique_name(buyer) if routing.customer_names == "unique" else None,
        "first_name": first,
        "last_name": last,
        # A relay address is the marketplace's, not the buyer's: it would make strangers of one buyer, and ends.
        "email": own_email,
        "phone": buyer.phone if normal_phone(buyer.phone) else None,
        "subsidiary_id": routing.subsidiary_id,
        "currency": currency,
        "address": {k: v for k, v in address.items() if v} if buyer.address1 else None,
    }
    shown = {
        "name": visible(buyer.shown_name)[:80],
        "address": ", ".join(str(v) for v in list(address.values())[1:] if v),
    }
    if match.evidence:
        shown["note"] = match.evidence[0]
    return PlannedOperation(
        identity=buyer.external_id,
        vendor="netsuite",
        kind="customer.create",
        channel=buyer.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Customer {visible(buyer.shown_name)[:80]}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": name, "now": None, "then": value} for name, value in shown.items()],
    )


def shard_operation(external_id: str, order: Order, routing: Routing, discrepancy_id: str) -> PlannedOperation:
    """Return the creation of a marketplace's further customer, which the routing names by its external id."""
    intent: dict[str, Any] = {
        "external_id": external_id,
        "kind": "company",
        "entity_id": external_id[:83] if routing.customer_names == "unique" else None,
        "company_name": external_id[:83],
        "subsidiary_id": routing.subsidiary_id,
        "currency": order.currency,
    }
    return PlannedOperation(
        identity=external_id,
        vendor="netsuite",
        kind="customer.create",
        channel=order.channel,
        discrepancy_id=discrepancy_id,
        depends_on=(),
        summary=f"Customer {external_id} for orders of {order.channel}",
        intent=intent,
        believed={"exists": False},
        diff=[{"field": "name", "now": None, "then": external_id}],
    )


def _unique_name(buyer: Buyer) -> str:
    # NetSuite keeps 83 characters. The mark is part of the buyer's identity: it is the same in every derivation.
    return f"{visible(buyer.shown_name)[:70]} {buyer.external_id[-6:]}"
