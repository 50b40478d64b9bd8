"""One world behind all vendors: what is done through the API is in the world, what is done to the world is shown."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.sandbox.world import levers

CHANNEL = "walmart.US"


def test_a_parcel_sent_through_the_api_is_in_the_world_once(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="1")).status_code == 200
    order, now = seller.world.order(CHANNEL, "1003"), seller.clock.now()
    assert order.status_at(now) == "partly_shipped"
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="1")).status_code == 200
    assert order.status_at(now) == "shipped"
    assert order.quantity_shipped("1", now) == 2
    seller.wait(timedelta(days=3))
    assert order.status_at(seller.clock.now()) == "delivered"
    assert seller.statuses("1003") == [("Delivered", "2")]


def test_cancelled_units_are_cancelled_in_the_world(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1003/cancel", bodies.cancellation(quantity="2")).status_code == 200
    order = seller.world.order(CHANNEL, "1003")
    assert (order.line("1").quantity_cancelled, order.status_at(seller.clock.now())) == (2, "cancelled")


@pytest.mark.proves("W18")
def test_what_walmart_cancels_by_the_clock_the_world_knows(seller: Any) -> None:
    seller.wait(timedelta(days=8))
    assert seller.statuses("1003") == [("Cancelled", "2")]
    order = seller.world.order(CHANNEL, "1003")
    assert order.status_at(seller.clock.now()) == "cancelled"
    assert order.line("1").cancel_reason == "SELLER_CANCEL_AUTO_CANCELLED"


def test_another_tools_parcel_is_shown(seller: Any, bodies: Any) -> None:
    assert seller.statuses("1002") == [("Created", "3")]
    levers.ship(seller.world, seller.clock.now(), channel=CHANNEL, order_id="1002", quantities={"1": 2})
    assert sorted(seller.statuses("1002")) == [("Created", "1"), ("Shipped", "2")]
    assert seller.post("/v3/orders/1002/shipping", bodies.parcel(quantity="2")).status_code == 400


def test_another_tools_cancellation_is_shown(seller: Any) -> None:
    assert seller.statuses("1002") == [("Created", "3")]
    levers.cancel(seller.world, seller.clock.now(), channel=CHANNEL, order_id="1002", quantities={"1": 2})
    assert sorted(seller.statuses("1002")) == [("Cancelled", "2"), ("Created", "1")]


@pytest.mark.proves("W17")
def test_a_buyers_wish_to_cancel_is_shown_and_stops_the_parcel(seller: Any, bodies: Any) -> None:
    assert seller.statuses("1003") == [("Created", "2")]
    levers.ask_to_cancel(seller.world, seller.clock.now(), channel=CHANNEL, order_id="1003")
    assert seller.order("1003")["orderLines"]["orderLine"][0]["intentToCancel"] == "true"
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel()).status_code == 400
    cancel = bodies.cancellation(quantity="2", reason="CUSTOMER_REQUESTED_SELLER_TO_CANCEL")
    assert seller.post("/v3/orders/1003/cancel", cancel).status_code == 200


def test_orders_of_a_3pl_stand_in_their_own_list(seller: Any) -> None:
    seller.world.order(CHANNEL, "1003").fulfilled_by = "3pl"
    assert seller.pos("/v3/orders?shipNodeType=3PLFulfilled") == ["1003"]
    assert "1003" not in seller.pos("/v3/orders")
    assert seller.order("1003")["shipNode"]["type"] == "3PLFulfilled"


def test_what_was_sent_now_is_settled_when_the_clock_closes_the_period(seller: Any, bodies: Any) -> None:
    assert seller.post("/v3/orders/1003/shipping", bodies.parcel(quantity="2")).status_code == 200
    seller.wait(timedelta(days=15))
    dates = seller.get("/v3/report/reconreport/availableReconFiles?reportVersion=v1").json()["availableApReportDates"]
    assert len(dates) == 2
    url = f"/v3/report/reconreport/reconFileJson?reportDate={max(dates)}&offset=0&noOfRecords=1000"
    rows = seller.get(url).json()["reportData"]
    sold = [r for r in rows if r.get("Purchase Order #") == "1003" and r["Amount Type"] == "Product Price"]
    assert [(r["Amount"], r["Ship Qty"]) for r in sold] == [("10.00", "2")]
    total = sum((Decimal(r["Amount"]) for r in rows[1:]), Decimal(0))
    assert total == Decimal(rows[0]["Total Payable"])


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 200))
def test_any_page_size_gives_every_order_once(trader: Any, limit: int) -> None:
    cursor, found = f"?limit={limit}&createdStartDate=2026-06-01", list[str]()
    while cursor:
        page = trader.get(f"/v3/orders{cursor}").json()["list"]
        found += [order["purchaseOrderId"] for order in page["elements"]["order"]]
        cursor = page["meta"]["nextCursor"]
    truth = [o.order_id for o in trader.world.orders(CHANNEL, trader.clock.now()) if o.fulfilled_by == "seller"]
    assert found == truth


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(5, 1000))
def test_any_page_size_gives_every_row_of_a_report_once(trader: Any, count: int) -> None:
    url = f"/v3/report/reconreport/reconFileJson?reportDate=11162026&noOfRecords={count}&offset="
    offset, rows = 0, 0
    while offset >= 0:
        page = trader.get(f"{url}{offset}").json()
        rows += page["totalRecords"]
        offset = page["nextOffset"]
    settlement = next(s for s in trader.world.settlements_of(CHANNEL) if s.settlement_id == "11162026")
    assert rows == len(settlement.lines) + 1
