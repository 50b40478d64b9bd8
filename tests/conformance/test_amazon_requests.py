"""What the Amazon connector sends and reads, held against Amazon's own models."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft4Validator, FormatChecker

from sync.amazon import decode_order, marketplace_of
from sync.amazon.calls import (
    account_call,
    confirm_shipment_call,
    next_reports_call,
    order_call,
    participations_call,
    report_document_call,
    search_orders_call,
    settlement_reports_call,
)
from sync.amazon.limits import RATES
from sync.amazon.marketplaces import MARKETPLACES
from sync.amazon.money.calls import (
    balances_call,
    expected_payouts_call,
    payouts_call,
    summary_call,
    transactions_call,
)
from sync.amazon.notification_calls import (
    create_destination_call,
    create_subscription_call,
    delete_destination_call,
    delete_subscription_call,
    destinations_call,
    restricted_token_call,
    subscription_call,
)
from sync.amazon.offers.calls import (
    catalog_item_call,
    catalog_search_call,
    delete_listing_call,
    inventory_call,
    listing_call,
    patch_listing_call,
    product_type_call,
    product_types_call,
    put_listing_call,
    search_listings_call,
)
from sync.amazon.reports.calls import (
    create_feed_call,
    create_feed_document_call,
    create_report_call,
    feed_call,
    feed_document_call,
    feeds_call,
    next_feeds_call,
    report_call,
    reports_call,
)
from sync.records import Order, OrderLine
from sync.streams import Document
from sync.transport import Call

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "ATVPDKIKX0DER"
SEARCH = {"updated_from": NOW - timedelta(days=1), "updated_to": NOW - timedelta(minutes=3)}

CALLS = {
    "searchOrders": search_orders_call(US, **SEARCH),
    "searchOrders, next page": search_orders_call(US, **SEARCH, token="a+b/c=="),
    "getOrder": order_call("113-0000001-0000001"),
    "getReports": settlement_reports_call(US, created_since=NOW - timedelta(days=30)),
    "getReports, everything": settlement_reports_call(US, created_since=None),
    "getReports, next page": next_reports_call("VGhpcyB0b2tlbg=="),
    "getReportDocument": report_document_call("amzn1.spdoc.1.4.na.1/2"),
    "confirmShipment": confirm_shipment_call(
        "113-0000001-0000001",
        US,
        {
            "packageReferenceId": "1",
            "carrierCode": "Other",
            "carrierName": "A carrier",
            "trackingNumber": "1Z",
            "shipDate": "2026-11-19T09:00:00Z",
            "orderItems": [{"orderItemId": "1", "quantity": 2}],
        },
    ),
    "createReport": create_report_call("GET_FBA_REIMBURSEMENTS_DATA", US, start=NOW - timedelta(days=9), end=NOW),
    "createReport, snapshot": create_report_call("GET_MERCHANT_LISTINGS_ALL_DATA", US, options={"custom": "true"}),
    "getReport": report_call("5002/1"),
    "getReports, of one type": reports_call("GET_FBA_REIMBURSEMENTS_DATA", US, created_since=NOW),
    "getFeeds": feeds_call([US], created_since=NOW),
    "getFeeds, next page": next_feeds_call("a+b"),
    "getFeed": feed_call("50012"),
    "createFeed": create_feed_call("JSON_LISTINGS_FEED", [US], "amzn1.tortuga.3.x"),
    "createFeedDocument": create_feed_document_call(),
    "getFeedDocument": feed_document_call("amzn1.tortuga.3.x"),
    "listTransactions": transactions_call(None, posted_from=NOW - timedelta(days=9), posted_to=NOW),
    "listTransactions, next page": transactions_call(US, posted_from=NOW, posted_to=NOW, token="t+t"),
    "listBalances": balances_call(US, token="t"),
    "listSummary": summary_call(US, "11888387941"),
    "listPayouts": payouts_call(US, created_from=NOW - timedelta(days=9), created_to=NOW, token="t"),
    "listExpectedPayouts": expected_payouts_call(US),
    "searchListingsItems": search_listings_call("A1", US, updated_from=NOW, token="t"),
    "searchListingsItems, some": search_listings_call("A1", US, skus=["MUG-1", "MUG/2"]),
    "getListingsItem": listing_call("A1", "a/b %+c", US),
    "patchListingsItem": patch_listing_call(
        "A1",
        "a/b",
        US,
        product_type="PRODUCT",
        patches=[{"op": "merge", "path": "/attributes/fulfillment_availability", "value": [{"quantity": 7}]}],
    ),
    "putListingsItem": put_listing_call(
        "A1",
        "MUG",
        US,
        product_type="MUG",
        requirements="LISTING",
        attributes={"item_name": [{"value": "Mug"}]},
        preview=True,
    ),
    "deleteListingsItem": delete_listing_call("A1", "MUG", US),
    "getInventorySummaries": inventory_call(US, changed_from=NOW, token="t"),
    "getCatalogItem": catalog_item_call("B071VG5N9D", US),
    "searchCatalogItems": catalog_search_call(US, identifiers=["4012345678901"], token="t"),
    "searchCatalogItems, by words": catalog_search_call(US, keywords=["blue", "mug"]),
    "searchDefinitionsProductTypes": product_types_call(US, keywords=["mug"]),
    "getDefinitionsProductType": product_type_call("MUG", US, seller_id="A1"),
    "getMarketplaceParticipations": participations_call(),
    "getAccount": account_call(),
    "createRestrictedDataToken": restricted_token_call([("GET", "/orders/v0/orders/1/address", ["shippingAddress"])]),
    "getDestinations": destinations_call(),
    "createDestination": create_destination_call("queue", sqs_arn="arn:aws:sqs:us-east-1:1:q"),
    "createDestination, bridge": create_destination_call(
        "bridge", event_bridge_region="us-east-1", event_bridge_account="123456789012"
    ),
    "deleteDestination": delete_destination_call("d-1"),
    "getSubscription": subscription_call("ORDER_CHANGE"),
    "createSubscription": create_subscription_call(
        "ORDER_CHANGE",
        "d-1",
        event_filter={"eventFilterType": "ORDER_CHANGE", "orderChangeTypes": ["OrderStatusChange"]},
    ),
    "deleteSubscriptionById": delete_subscription_call("ORDER_CHANGE", "s-1"),
}
#: JSON_LISTINGS_FEED may be handed in five times in five minutes, less than createFeed's own plan gives.
STRICTER = {"createFeed"}


@pytest.fixture
def judge(shared: Path) -> Any:
    path = shared / "vendors/amazon/tools/check_against_models.py"
    spec = importlib.util.spec_from_file_location("amazon_models_judge_of_requests", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Models.load(module.DEFAULT_MODELS, strict=True)


def _value(text: str, parameter: dict[str, Any]) -> object:
    match parameter.get("type"):
        case "integer":
            return int(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case "array":
            # Swagger 2.0: comma-separated unless it says otherwise.
            assert parameter.get("collectionFormat", "csv") == "csv"
            return text.split(",")
        case _:
            return text


def _broken_rules(judge: Any, call: Call) -> Iterator[str]:
    operation = judge.find(call.method, call.path)
    assert operation is not None, call.path
    assert operation.operation_id.rpartition("__")[2] == call.operation
    parameters = [judge._resolve(p) for p in operation.shared_parameters + operation.spec.get("parameters", [])]
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    sent = dict(parse_qsl(call.query_string(), strict_parsing=bool(call.query), keep_blank_values=True))
    yield from (f"unknown parameter {name}" for name in sent.keys() - known.keys())
    yield from (f"{n} is missing" for n, p in known.items() if p.get("required") and n not in sent)
    for name in sent.keys() & known.keys():
        schema = {k: v for k, v in known[name].items() if k not in {"required", "name", "in", "description"}}
        for error in Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(_value(sent[name], schema)):
            yield f"{name}: {error.message}"
    yield from judge.request_violations(call.method, call.path, *([json.loads(call.body())] if call.body() else []))


@pytest.mark.parametrize("name", ["searchOrders", "getReports"])
def test_the_judge_notices_a_bad_request(judge: Any, name: str) -> None:
    good = CALLS[name]
    bad = Call(name, "GET", good.path, query=[*good.query, ("pageSizes", "1"), ("maxResultsPerPage", "7000")])

    assert list(_broken_rules(judge, bad))


@pytest.mark.parametrize("name", CALLS)
def test_every_request_is_one_that_the_models_describe(judge: Any, name: str) -> None:
    assert list(_broken_rules(judge, CALLS[name])) == []


@pytest.mark.proves("A14", "A15", "A17")
def test_every_operation_has_its_published_rate(judge: Any) -> None:
    for call in CALLS.values():
        rate = RATES[call.operation]
        text = judge.find(call.method, call.path).spec["description"]
        published = re.search(rf"\| {rate.per_s:g}(?:\.0)? \| (\d+) \|", text)
        assert published, call.operation
        assert rate.burst == int(published[1]) or (call.operation in STRICTER and rate.burst < int(published[1])), (
            call.operation
        )


def test_nothing_moves_money(judge: Any) -> None:
    assert "initiatePayout" not in RATES
    assert all(call.operation != "initiatePayout" for call in CALLS.values())


def _orders(judge: Any) -> list[dict[str, Any]]:
    """Return every order that the models themselves show (the answers of the vendor's static sandbox)."""
    found = []
    for path in ("/orders/2026-01-01/orders", "/orders/2026-01-01/orders/{orderId}"):
        responses = judge.document["paths"][path]["get"]["responses"]
        text = json.dumps(responses["200"]["x-amzn-api-sandbox"]["static"])
        for case in json.loads(text, parse_float=Decimal):
            body = case["response"]
            found += body.get("orders", []) + ([body["order"]] if "order" in body else [])
    return found


def test_every_order_that_the_models_show_is_read_to_the_cent(judge: Any) -> None:
    orders = _orders(judge)
    assert len(orders) >= 6
    for raw in orders:
        document = decode_order(raw, marketplace_of("US"))
        assert isinstance(document, Document), (raw["orderId"], document)
        assert isinstance(document.record, Order)
        known = {m.marketplace_id: m for m in MARKETPLACES}[raw["salesChannel"]["marketplaceId"]]
        assert (document.record.channel, document.record.currency) == (known.channel, known.currency)
        assert len(document.lines) == len(raw["orderItems"])
        for line, item in zip(document.lines, raw["orderItems"], strict=True):
            assert isinstance(line, OrderLine)
            total = (item.get("proceeds") or {}).get("proceedsTotal")
            if total:
                paid = line.item_price + line.shipping_price + line.gift_price - line.discount
                paid += line.item_tax + line.shipping_tax + line.gift_tax - line.discount_tax
                assert paid == Decimal(total["amount"]), raw["orderId"]


def test_a_token_goes_back_as_it_came() -> None:
    query = CALLS["searchOrders, next page"].query_string()

    assert dict(parse_qsl(query))["paginationToken"] == "a+b/c=="
    assert "+" not in query
