"""Buyers of orders for the tests of matching."""

from __future__ import annotations

from typing import Any

from factories import World

from reconcile.customers.buyer import Buyer
from reconcile.customers.match import CustomerMatch, match_customers


def buyer(**changes: Any) -> Buyer:
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "order_id": "113-7702233-1180001",
        "name": "Jane Doe",
        "email": "jane@example.com",
        "ship_name": "Jane Doe",
        "address1": "12 Oak Street",
        "address2": None,
        "city": "Portland",
        "region": "OR",
        "postal_code": "97201-1234",
        "country": "US",
        "phone": "+1 503-555-0101",
    }
    return Buyer(**values | changes)


def match(world: World, who: Buyer, **options: Any) -> CustomerMatch:
    with world.store.database.reading() as cursor:
        return match_customers(cursor, [who], world.store.decisions.current("customer"), **options)[0]
