"""The order book under the clock: the world's plans meet what the seller does."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sandbox.walmart.front.wire import number, to_json
from sync.sandbox.world.model import Refund, Shipment, StatusChange


def plan_parcel(seller: Any, po: str, units: dict[str, int], after: timedelta) -> None:
    """Let the world send a parcel `after` from now."""
    order = seller.world.order("walmart.US", po)
    at = seller.clock.now() + after
    order.shipments.append(Shipment("D1", at, "DPD", "Classic", "01405", units))
    order.timeline.append(StatusChange(at, "shipped"))


def test_the_world_cannot_send_what_the_seller_cancelled(seller: Any, bodies: Any) -> None:
    plan_parcel(seller, "1002", {"1": 3, "2": 1}, timedelta(hours=5))
    assert seller.post("/v3/orders/1002/cancel", bodies.cancellation(quantity="2")).status_code == 200
    seller.wait(timedelta(hours=6))
    assert seller.statuses("1002", 1) == [("Cancelled", "2"), ("Shipped", "1")]
    assert seller.statuses("1002", 2) == [("Shipped", "1")]


def test_a_parcel_of_the_world_counts_against_the_seller(seller: Any, bodies: Any) -> None:
    plan_parcel(seller, "1003", {"1": 2}, timedelta(hours=5))
    seller.wait(timedelta(hours=5))
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel()).status_code == 400


def test_a_carrier_that_walmart_does_not_know_is_another_carrier(seller: Any) -> None:
    plan_parcel(seller, "1003", {"1": 2}, timedelta(hours=1))
    seller.wait(timedelta(hours=1))
    part = seller.order("1003")["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][0]
    assert part["trackingInfo"]["carrierName"] == {"otherCarrier": "DPD", "carrier": None}


def test_a_refund_of_the_world_moves_its_units_only(seller: Any) -> None:
    order = seller.world.order("walmart.US", "1002")
    plan_parcel(seller, "1002", {"1": 3, "2": 1}, timedelta(hours=1))
    at = seller.clock.now() + timedelta(hours=2)
    zero = Decimal(0)
    order.refunds.append(Refund("R1", at, "1", 1, Decimal("10.00"), Decimal("0.80"), zero, zero, "return", "DAMAGED"))
    seller.wait(timedelta(hours=3))
    assert seller.statuses("1002", 1) == [("Shipped", "2"), ("Refund", "1")]
    line = seller.order("1002")["orderLines"]["orderLine"][0]
    charge = line["refund"]["refundCharges"]["refundCharge"][0]
    assert (charge["refundReason"], charge["charge"]["chargeAmount"]["amount"]) == ("Customer returned item", -10)


def test_an_order_appears_when_the_clock_reaches_it(seller: Any) -> None:
    order = seller.world.order("walmart.US", "1003")
    seller.world.add(
        type(order)(
            **{
                name: getattr(order, name)
                for name in type(order).__dataclass_fields__
                if name not in ("order_id", "ordered_at", "timeline", "alternate_id")
            },
            order_id="2001",
            alternate_id="2002001",
            ordered_at=seller.clock.now() + timedelta(minutes=1),
            timeline=[StatusChange(seller.clock.now() + timedelta(minutes=1), "open")],
        )
    )
    assert seller.get("/v3/orders/2001").status_code == 404
    seller.clock.advance(60)
    assert seller.get("/v3/orders/2001").status_code == 200
    assert seller.pos("/v3/orders")[-1] == "2001"


def test_a_change_is_seen_by_the_next_list(seller: Any) -> None:
    assert seller.pos("/v3/orders?status=Acknowledged") == []
    seller.post("/v3/orders/1003/acknowledge")
    assert seller.pos("/v3/orders?status=Acknowledged") == ["1003"]


def test_the_seller_leaves_a_note_on_the_worlds_order(seller: Any) -> None:
    order = seller.world.order("walmart.US", "1003")
    seller.post("/v3/orders/1003/shipping", {"orderShipment": {}})
    assert order.touched_at is None
    seller.post("/v3/orders/1003/acknowledge")
    assert order.touched_at == seller.clock.now()


@pytest.mark.parametrize("size", [1, 2, 7, 200])
def test_a_walk_sees_every_order_once_at_any_page_size(trader: Any, size: int) -> None:
    for node in ("SellerFulfilled", "WFSFulfilled"):
        seen: list[str] = []
        url = f"/v3/orders?createdStartDate=2026-06-01&shipNodeType={node}&limit={size}"
        while url:
            page = trader.get(url).json()["list"]
            seen += [o["purchaseOrderId"] for o in page["elements"]["order"]]
            url = f"/v3/orders{page['meta']['nextCursor']}" if page["meta"]["nextCursor"] else ""
        who = "channel" if node == "WFSFulfilled" else "seller"
        assert seen == [
            o.order_id for o in trader.world.orders("walmart.US", trader.clock.now()) if o.fulfilled_by == who
        ]


@given(st.decimals(-(10**9), 10**9, places=2))
def test_amounts_keep_every_cent_on_the_wire(amount: Decimal) -> None:
    assert Decimal(to_json(number(amount))) == amount


def test_what_has_no_json_form_is_refused() -> None:
    for value in (object(), Decimal("1.00000000000000000001"), float("nan")):
        with pytest.raises((TypeError, ValueError)):
            to_json({"x": value})
