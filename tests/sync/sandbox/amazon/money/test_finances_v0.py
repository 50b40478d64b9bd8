"""Finances v0: groups and events are the same money as the settlements, to the cent; what is deferred is hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.money.ledger import group_id_of

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

ROOT = "/finances/v0"
GROUPS, EVENTS = f"{ROOT}/financialEventGroups", f"{ROOT}/financialEvents"


def exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)["payload"]


def pages(seller: Seller, path: str, **query: str) -> Iterator[dict[str, Any]]:
    token: dict[str, str] = {}
    while True:
        payload = exact(seller.get(path, **query, **token).text)
        yield payload
        if "NextToken" not in payload:
            return
        token = {"NextToken": payload["NextToken"]}


def amounts(value: Any) -> Iterator[Decimal]:
    """Yield the amounts of an event that say something of their own: not those that repeat a sum."""
    if isinstance(value, dict):
        if "CurrencyAmount" in value:
            yield value["CurrencyAmount"]
            return
        repeated = {"PerUnitAmount", "TotalAmount", "baseValue", "taxValue"}
        for name, part in value.items():
            if name not in repeated:
                yield from amounts(part)
    elif isinstance(value, list):
        for part in value:
            yield from amounts(part)


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        (GROUPS, {"MaxResultsPerPage": "101"}, "between 1 and 100"),
        (GROUPS, {"FinancialEventGroupStartedAfter": "yesterday"}, "ISO 8601"),
        (GROUPS, {"FinancialEventGroupStartedAfter": "2026-11-20T08:59:00Z"}, "two minutes before"),
        (EVENTS, {"PostedAfter": "2026-11-01T00:00:00Z", "PostedBefore": "2026-10-01T00:00:00Z"}, "later than"),
        (EVENTS, {"NextToken": "abc"}, "token is invalid"),
        (f"{GROUPS}/none/financialEvents", {}, "does not exist"),
    ],
)
def test_a_question_that_breaks_a_rule_is_refused(seller: Seller, path: str, query: dict[str, str], said: str) -> None:
    answer = seller.get(path, **query)
    assert answer.status_code == 400
    assert said in answer.json()["errors"][0]["message"]


def test_a_token_of_another_question_is_refused(seller: Seller) -> None:
    token = exact(seller.get(EVENTS, MaxResultsPerPage="5").text)["NextToken"]
    assert seller.get(EVENTS, NextToken=token, PostedAfter="2026-10-01T00:00:00Z").status_code == 400


def test_there_is_a_group_a_settlement_and_the_running_one_is_open(seller: Seller) -> None:
    now = seller.clock.now()
    shown = [g for page in pages(seller, GROUPS, MaxResultsPerPage="7") for g in page["FinancialEventGroupList"]]
    for channel in ("amazon.US", "amazon.DE"):
        for settlement in seller.world.closed_periods(channel, now):
            (group,) = [g for g in shown if g["FinancialEventGroupId"] == group_id_of(settlement)]
            assert group["OriginalTotal"] == {"CurrencyCode": settlement.currency, "CurrencyAmount": settlement.total}
            assert group["ProcessingStatus"] == "Closed"
    running = [g for g in shown if g["ProcessingStatus"] == "Open"]
    assert len(running) == 2
    assert all("FinancialEventGroupEnd" not in g for g in running)
    assert {g.get("FundTransferStatus") for g in shown} >= {"Succeeded", None}
    starts = [g["FinancialEventGroupStart"] for g in shown]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize("channel", ["amazon.US", "amazon.DE"])
def test_the_events_of_a_group_add_to_its_total(seller: Seller, channel: str) -> None:
    for settlement in seller.world.closed_periods(channel, seller.clock.now())[-3:]:
        path = f"{GROUPS}/{group_id_of(settlement)}/financialEvents"
        events = [page["FinancialEvents"] for page in pages(seller, path)]
        assert sum(amounts(events), Decimal(0)) == settlement.total
        kinds = {name for page in events for name in page}
        assert {"ShipmentEventList", "AdjustmentEventList", "ProductAdsPaymentEventList"} <= kinds


def test_the_events_of_an_order_tell_sale_and_refund(seller: Seller) -> None:
    now = seller.clock.now()
    order = next(
        o
        for o in seller.world.orders("amazon.US")
        if len(o.refunds) == 1 and o.lines[0].discount and o.refunds[0].at < now
    )
    events = exact(seller.get(f"{ROOT}/orders/{order.order_id}/financialEvents").text)["FinancialEvents"]
    (refund,) = events["RefundEventList"]
    (item,) = refund["ShipmentItemAdjustmentList"]
    given = {c["ChargeType"]: c["ChargeAmount"]["CurrencyAmount"] for c in item["ItemChargeAdjustmentList"]}
    assert given["Principal"] == -order.refunds[0].item_price
    sold = [x for e in events["ShipmentEventList"] for x in e["ShipmentItemList"]]
    charged = [
        c["ChargeAmount"]["CurrencyAmount"] for x in sold for c in x["ItemChargeList"] if c["ChargeType"] == "Principal"
    ]
    assert sum(charged, Decimal(0)) == sum((line.item_price for line in order.lines), Decimal(0))
    assert exact(seller.get(f"{ROOT}/orders/111-0000000-0000000/financialEvents").text) == {"FinancialEvents": {}}


def test_what_is_deferred_is_not_shown_yet(seller: Seller) -> None:
    now = seller.clock.now()
    shown = {
        (event["AmazonOrderId"], event["PostedDate"])
        for page in pages(seller, EVENTS, PostedAfter="2026-11-10T00:00:00Z")
        for event in page["FinancialEvents"].get("ShipmentEventList", ())
    }
    running = seller.world.open_period("amazon.US", now)
    waiting = {
        (x.order_id, zulu(x.posted_at))
        for x in running.lines
        if x.deferred_until is not None and x.deferred_until > now
    }
    assert waiting
    assert not waiting & shown


def test_units_of_another_shop_s_order_cost_a_fee_when_they_leave(own_seller: Seller) -> None:
    seller = own_seller
    now = seller.clock.now()
    stock = next(s for s in seller.world.stock_at("amazon.US", now) if s.fulfillable > 3)
    address = {"name": "A B", "addressLine1": "1 Elm", "city": "Reno", "stateOrRegion": "NV", "postalCode": "89501"}
    body = {
        "sellerFulfillmentOrderId": "SHOP-1",
        "displayableOrderId": "SHOP-1",
        "displayableOrderDate": "2026-11-20T08:00:00Z",
        "displayableOrderComment": "Thank you",
        "shippingSpeedCategory": "Standard",
        "marketplaceId": "ATVPDKIKX0DER",
        "destinationAddress": address | {"countryCode": "US"},
        "items": [{"sellerSku": stock.sku, "sellerFulfillmentOrderItemId": "1", "quantity": 2}],
    }
    made = seller.post("/fba/outbound/2020-07-01/fulfillmentOrders", body)
    assert made.status_code == 200, made.text
    seller.clock.advance(24 * 3600)
    seller.log_in()
    assert seller.get("/fba/outbound/2020-07-01/fulfillmentOrders/SHOP-1").status_code == 200
    own = [
        x for x in seller.world.open_period("amazon.US", seller.clock.now()).lines if x.merchant_order_id == "SHOP-1"
    ]
    assert [(x.description, x.marketplace, x.quantity) for x in own] == [("FBAPerUnitFulfillmentFee", "Non-Amazon", 2)]
    assert own[0].order_id is not None
    assert own[0].order_id.startswith("S01-")
    shown = exact(seller.get(f"{ROOT}/orders/{own[0].order_id}/financialEvents").text)["FinancialEvents"]
    (event,) = shown["ShipmentEventList"]
    assert event["MarketplaceName"] == "Non-Amazon"
    assert list(amounts(event)) == [own[0].amount]
