"""Which customer of a marketplace an order is booked on: one, several, or the buyer's own."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconcile.mapping.routing import Routing

DAY = date(2026, 11, 18)


def routing(**changes: Any) -> Routing:
    return Routing.model_validate({"subsidiary_id": "1", "tax_policy": "facilitator", **changes})


def sharded(**changes: Any) -> Routing:
    return routing(customer_policy="sharded", **changes)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, "needs customer_ids or customer_pattern"),
        ({"customer_ids": ["1"], "customer_pattern": "AMZ-{month}"}, "not both"),
        ({"customer_ids": ["1", "1"]}, "twice"),
        ({"customer_pattern": "AMZ-US"}, "ends in"),
        ({"customer_pattern": "AMZ {month}"}, "ends in"),
        ({"customer_pattern": "AMZ-{0}{month}"}, "ends in"),
        ({"customer_pattern": "AMZ-US-{shard}"}, "needs shards"),
        ({"customer_ids": ["1"], "shard_by": "day"}, "hash"),
    ],
)
def test_a_split_that_names_no_customer_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        sharded(**changes)


def test_a_service_level_has_its_own_way_of_shipping_or_that_of_all_others() -> None:
    named = routing(ship_method="30", ship_methods={"NextDay": "32"})
    assert [named.method_for(level) for level in ("NEXTDAY", "Standard", None)] == ["32", "30", "30"]
    assert routing(ship_methods={"NextDay": "32"}).method_for("Standard") is None


def test_each_buyer_is_one_unless_the_marketplace_ships_and_has_a_customer() -> None:
    assert routing().customer_for("seller", "1", DAY) is None
    assert routing().customer_for("channel", "1", DAY) is None
    assert routing(customer_id="900").customer_for("seller", "1", DAY) is None
    assert routing(customer_id="900").customer_for("channel", "1", DAY) == {"id": "900"}
    assert routing(customer_id="900", customer_policy="marketplace").customer_for("seller", "1", DAY) == {"id": "900"}


def test_months_take_turns_and_an_external_id_can_name_them() -> None:
    by_month = sharded(customer_ids=["900", "901", "902"], shard_by="month")
    taken = [by_month.customer_for("seller", "x", date(2026, month, 1)) for month in (9, 10, 11, 12)]
    assert taken[0] == taken[3]
    assert len({t["id"] for t in taken if t}) == 3
    named = sharded(customer_pattern="AMZ-US-{month}")
    assert named.customer_for("channel", "x", DAY) == {"external_id": "AMZ-US-2026-11"}


@given(st.text(min_size=1, max_size=40))
def test_an_order_has_one_customer_whatever_the_order_of_the_list(order_id: str) -> None:
    one = sharded(customer_ids=["900", "901", "902"]).customer_for("seller", order_id, DAY)
    other = sharded(customer_ids=["902", "900", "901"]).customer_for("channel", order_id, date(2027, 1, 1))
    assert one == other


def test_orders_are_spread_evenly_and_a_new_customer_takes_only_for_itself() -> None:
    orders = [f"113-{n:07d}-0000000" for n in range(6000)]
    before = sharded(customer_ids=["900", "901"])
    after = sharded(customer_ids=["900", "901", "902"])
    moved = [(before.customer_for("seller", o, DAY), after.customer_for("seller", o, DAY)) for o in orders]
    counts = Counter(a["id"] for _, a in moved if a)
    assert all(1800 < count < 2200 for count in counts.values())
    assert {a["id"] for b, a in moved if a and b != a} == {"902"}
    shards = Counter(
        str(sharded(customer_pattern="A-M-{shard}", shards=4).customer_for("seller", o, DAY)) for o in orders
    )
    assert (len(shards), min(shards.values()) > 1300) == (4, True)
