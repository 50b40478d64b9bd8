"""What Walmart's answers become: its own examples without loss, and bad input as a quarantined record."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync.records import (
    ChannelLocation,
    ChannelReturn,
    ChannelReturnLine,
    ChannelShipment,
    ChannelShipmentLine,
    ChannelStock,
    Feed,
    FeedResult,
    Listing,
    ListingIssue,
    Promotion,
)
from sync.streams import Document, Quarantined
from sync.transport import read_json
from sync.walmart.fulfilment.locations import decode_location
from sync.walmart.fulfilment.parcels import decode_parcels
from sync.walmart.fulfilment.returns import decode_return
from sync.walmart.fulfilment.stock import decode_stock
from sync.walmart.fulfilment.wfs_stock import decode_wfs_stock
from sync.walmart.offers.feeds import FeedDetail, FeedShape, decode_feed
from sync.walmart.offers.listings import decode_listing
from sync.walmart.offers.promotions import decode_promotions

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "walmart.US"
CANADIAN = {"currencyAmount": 1, "currencyUnit": "CAD"}


@pytest.fixture
def example(shared: Path) -> Any:
    def read(document: str, operation: str, name: str = "response 200 application/json") -> Any:
        text = (shared / f"vendors/walmart/examples/{document}.examples.json").read_bytes()
        held = read_json(text)
        assert isinstance(held, dict)
        return copy.deepcopy(held[operation][name])

    return read


def only(read: Document | Quarantined) -> Document:
    assert isinstance(read, Document), read
    return read


def returned(**more: object) -> dict[str, Any]:
    line = {
        "returnOrderLineNumber": 1,
        "purchaseOrderId": "100",
        "purchaseOrderLineNumber": 2,
        "returnReason": "DEFECTIVE",
        "item": {"sku": "MUG"},
        "chargeTotals": [{"name": "lineTotal", "value": {"currencyAmount": Decimal("12.50"), "currencyUnit": "USD"}}],
        "quantity": {"unitOfMeasure": "EACH", "measurementValue": 3},
        "status": "INITIATED",
        "statusTime": "2026-11-19T00:00:00.000Z",
    }
    return {
        "returnOrderId": "9",
        "customerOrderId": "200",
        "returnOrderDate": "2026-11-18T00:00:00.000Z",
        "totalRefundAmount": {"currencyAmount": Decimal("12.50"), "currencyUnit": "USD"},
        "returnOrderLines": [line | more],
    }


@pytest.mark.parametrize("raw", [None, 7, "x", [], {}, {"returnOrderId": "9"}])
def test_what_is_no_return_is_quarantined(raw: object) -> None:
    assert isinstance(decode_return(raw, US), Quarantined)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"quantity": {"measurementValue": Decimal("1.5")}}, "no number of units"),
        ({"quantity": {"measurementValue": -1}}, "no number of units"),
        (
            {"chargeTotals": [{"name": "lineTotal", "value": {"currencyAmount": 1, "currencyUnit": "CAD"}}]},
            "currencies",
        ),
        ({"statusTime": "yesterday"}, "statusTime"),
    ],
)
def test_a_line_that_makes_no_sense_quarantines_its_return(more: dict[str, object], why: str) -> None:
    read = decode_return(returned(**more), US)

    assert isinstance(read, Quarantined)
    assert read.key == "9"
    assert why in read.reason


@pytest.mark.proves("W32")
def test_one_line_in_place_of_a_list_is_a_list_of_one() -> None:
    raw = returned()
    raw["returnOrderLines"] = raw["returnOrderLines"][0]

    assert len(only(decode_return(raw, US)).lines) == 1


@pytest.mark.parametrize(
    ("more", "status", "received"),
    [
        ({}, "requested", 0),
        ({"returnTrackingDetail": [{"eventTag": "RETURN_IN_TRANSIT"}]}, "in_transit", 0),
        ({"status": "DELIVERED"}, "received", 3),
        ({"status": "COMPLETED"}, "completed", 3),
        ({"status": "COMPLETED", "isKeepIt": True}, "completed", 0),
        ({"status": "CANCELLED", "returnCancellationReason": "x"}, "cancelled", 0),
        ({"status": "LOST_ON_THE_MOON"}, "unknown", 0),
    ],
)
def test_a_returns_state_follows_from_its_lines(more: dict[str, object], status: str, received: int) -> None:
    document = only(decode_return(returned(**more), US))

    assert isinstance(document.record, ChannelReturn)
    assert isinstance(document.lines[0], ChannelReturnLine)
    assert (document.record.status, document.lines[0].quantity_received) == (status, received)


@pytest.mark.proves("W38")
def test_parts_of_a_line_are_counted_by_their_own_state() -> None:
    parts = [
        {"status": "DELIVERED", "quantity": {"measurementValue": 2}, "currentRefundStatus": "REFUND_INITIATED"},
        {"status": "INITIATED", "quantity": {"measurementValue": 1}},
    ]
    document = only(decode_return(returned(currentTrackingStatuses=parts), US))

    assert isinstance(document.record, ChannelReturn)
    assert document.record.status == "requested"
    assert document.lines[0].quantity_received == 2  # type: ignore[union-attr]


def test_walmarts_returns_are_read_to_the_cent(example: Any) -> None:
    rows = example("returns-management", "GET /v3/returns")["returnOrders"]
    for ordinal, raw in enumerate(rows):
        document = only(decode_return(raw, US, ordinal=ordinal))
        assert isinstance(document.record, ChannelReturn)
        assert document.record.return_id == raw["returnOrderId"]
        assert document.record.refund_total == Decimal(raw["totalRefundAmount"]["currencyAmount"])
        units = [x["quantity"]["measurementValue"] for x in raw["returnOrderLines"]]
        assert [x.quantity for x in document.lines if isinstance(x, ChannelReturnLine)] == units
    first = only(decode_return(rows[0], US))
    assert isinstance(first.record, ChannelReturn)
    assert (first.record.kind, first.record.carrier, first.record.tracking_number) == (
        "replacement",
        "FEDEX",
        "785611449666",
    )
    assert isinstance(first.lines[0], ChannelReturnLine)
    assert (first.lines[0].quantity_received, first.lines[0].refund_amount) == (3, Decimal("127.45"))


def test_walmarts_ship_nodes_are_read(example: Any) -> None:
    name = "response 200 application/json Sample 1"
    rows = example("settings-management", "GET /v3/settings/shipping/shipnodes", name)
    found = [only(decode_location(raw, US)).record for raw in rows]

    assert [(x.kind, x.status, x.country) for x in found if isinstance(x, ChannelLocation)] == [
        ("third_party", "inactive", "US"),
        ("seller", "inactive", "US"),
    ]
    assert isinstance(decode_location({"nodeType": "3PL"}, US), Quarantined)


def test_walmarts_stock_is_read_node_by_node(example: Any) -> None:
    rows = example("inventory-management", "GET /v3/inventories")["elements"]["inventories"]
    found = [only(d).record for raw in rows for d in decode_stock(raw, US)]

    assert [
        (x.sku, x.location_id, x.offered, x.available, x.reserved) for x in found if isinstance(x, ChannelStock)
    ] == [
        ("AI-IGH4-5509", "361451354333223041", 93, 93, 0),
        ("AI-IGH4-5509", "100009", 436, 433, 3),
        ("06397309545443", "100009", 5, 0, 5),
    ]


def test_a_node_with_errors_is_quarantined_and_its_neighbour_read() -> None:
    raw = {
        "sku": "A",
        "nodes": [
            {"shipNode": "1", "errors": [{"code": "X", "description": "no such node"}]},
            {"shipNode": "2", "inputQty": {"amount": 1}, "availToSellQty": None, "reservedQty": None},
        ],
    }
    bad, good = decode_stock(raw, US)

    assert isinstance(bad, Quarantined)
    assert "no such node" in bad.reason
    assert isinstance(good, Document)


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("raw", [None, {}, {"itemInformation": None}, {"sku": None}, [1]])
def test_what_is_no_wfs_stock_is_quarantined(raw: object, legacy: bool) -> None:
    assert isinstance(decode_wfs_stock(raw, US, legacy=legacy), Quarantined)


def test_both_forms_of_wfs_stock_say_the_same_of_what_both_know() -> None:
    new = {
        "itemInformation": {"sku": "A", "itemID": "5"},
        "inventoryData": {
            "availableUnits": 7,
            "reservedUnits": 2,
            "inboundUnits": 4,
            "unavailableUnits": {"inventoryReviewUnits": 1, "inventoryMovementUnits": 3},
        },
    }
    old = {"sku": "A", "shipNodes": [{"modifiedDate": "2026-11-01 10:00:00", "availToSellQty": 7, "onHandQty": 9}]}

    first, second = (only(decode_wfs_stock(raw, US, legacy=raw is old)).record for raw in (new, old))

    assert isinstance(first, ChannelStock)
    assert isinstance(second, ChannelStock)
    assert (first.available, first.reserved) == (second.available, second.reserved) == (7, 2)
    assert (first.inbound, first.unsellable, first.researching, first.offered) == (4, 1, 3, None)
    assert isinstance(decode_wfs_stock(new | {"inventoryData": {"availableUnits": -1}}, US), Quarantined)


def test_walmarts_items_are_read_with_every_reason(example: Any) -> None:
    rows = example("item-management", "GET /v3/items")["ItemResponse"]
    rows += example("item-management", "GET /v3/items/{id}")["ItemResponse"]
    for raw in rows:
        document = only(decode_listing(raw, US, by_walmart={rows[0]["sku"]}))
        assert isinstance(document.record, Listing)
        assert document.record.price == Decimal(raw["price"]["amount"])
        reasons = (raw.get("unpublishedReasons") or {}).get("reason", [])
        assert [x.message for x in document.lines if isinstance(x, ListingIssue)] == reasons
        assert document.record.status == ("active" if raw["publishedStatus"] == "PUBLISHED" else "inactive")
        assert (document.record.fulfilled_by == "channel") == (raw["sku"] == rows[0]["sku"])


@pytest.mark.parametrize(
    ("lifecycle", "published", "status"),
    [
        ("RETIRED", "PUBLISHED", "retired"),
        ("ARCHIVED", None, "retired"),
        ("ACTIVE", "STAGE", "incomplete"),
        ("ACTIVE", "SOMETHING_NEW", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_an_items_state_is_one_of_ours(lifecycle: str | None, published: str | None, status: str) -> None:
    record = only(decode_listing({"sku": "A", "lifecycleStatus": lifecycle, "publishedStatus": published}, US)).record

    assert isinstance(record, Listing)
    assert record.status == status


def test_walmarts_promotion_is_read_with_its_times(example: Any) -> None:
    raw = example("promotion-management", "GET /v3/promo/sku/{sku}")["payload"]["pricingList"]
    (read,) = decode_promotions(raw, US, "97964_KFTest", NOW)
    record = only(read).record

    assert isinstance(record, Promotion)
    assert (record.kind, record.price, record.base_price, record.state) == ("reduced", 4, 4, "ended")
    assert record.promotion_id == "ce9dfbce-4043-442c-8cb9-77d39d0f727f"
    assert record.starts_at == datetime(2019, 11, 3, 9, 49, 57, 943000, UTC)


@pytest.mark.parametrize("raw", [7, {"pricing": [7]}, {"pricing": [{"currentPriceType": "REDUCED"}]}])
def test_a_promotion_without_sense_is_quarantined(raw: object) -> None:
    assert isinstance(decode_promotions(raw, US, "A", NOW)[0], Quarantined)


def test_a_base_price_is_no_promotion() -> None:
    raw = {"pricing": [{"currentPriceType": "BASE", "currentPrice": {"value": {"currency": "USD", "amount": 1}}}]}
    assert decode_promotions(raw, US, "A", NOW) == decode_promotions(None, US, "A", NOW) == []


def test_walmarts_feeds_are_read_with_their_items(example: Any) -> None:
    rows = example("feed-management", "GET /v3/feeds")["results"]["feed"]
    detail = FeedDetail.model_validate(example("feed-management", "GET /v3/feeds/{feedId}"))
    for raw in rows:
        document = decode_feed(FeedShape.model_validate(raw), detail.item_details.item_ingestion_status, US)
        assert isinstance(document.record, Feed)
        assert document.record.feed_id == raw["feedId"]
        assert document.record.state in {"done", "failed", "processing", "received"}
        assert [x.state for x in document.lines if isinstance(x, FeedResult)] == ["processing"]


@pytest.mark.proves("W21")
def test_each_complaint_about_an_item_is_a_line() -> None:
    problem = {"type": "DATA_ERROR", "code": "ERR_EXT_DATA_0101119", "field": "upc", "description": "UPC conflict"}
    items = FeedDetail.model_validate(
        {
            "feedId": "F@1",
            "feedStatus": "PROCESSED",
            "itemDetails": {
                "itemIngestionStatus": [
                    {"sku": "A", "index": 0, "ingestionStatus": "SUCCESS"},
                    {
                        "sku": "B",
                        "index": 1,
                        "ingestionStatus": "DATA_ERROR",
                        "ingestionErrors": {"ingestionError": problem},
                    },
                    {"sku": "C", "index": 2, "ingestionStatus": "TIMEOUT_ERROR", "ingestionErrors": None},
                ]
            },
        }
    ).item_details.item_ingestion_status
    feed = FeedShape.model_validate({"feedId": "F@1", "feedStatus": "PROCESSED", "feedDate": 1568148230011})

    lines = decode_feed(feed, items, US).lines

    assert [(x.sku, x.state, x.code) for x in lines if isinstance(x, FeedResult)] == [
        ("A", "accepted", None),
        ("B", "failed", "ERR_EXT_DATA_0101119"),
        ("C", "failed", None),
    ]


def test_parcels_of_an_order_are_told_by_their_tracking_numbers(order: Any) -> None:
    raw = order(1, NOW)
    sent = {
        "shipDateTime": 1795000000000,
        "carrierName": {"carrier": "FedEx"},
        "methodCode": "Standard",
        "trackingNumber": "T1",
    }
    line = raw["orderLines"]["orderLine"][0]
    line["orderLineStatuses"]["orderLineStatus"] = [
        {"status": "Shipped", "statusQuantity": {"amount": "1"}, "trackingInfo": sent},
        {"status": "Delivered", "statusQuantity": {"amount": "1"}, "trackingInfo": sent | {"trackingNumber": "T2"}},
    ]
    found = [only(d) for d in decode_parcels(raw, US)]

    assert [d.record.tracking_number for d in found if isinstance(d.record, ChannelShipment)] == ["T1", "T2"]
    # Half of a line has no price of its own.
    lines = [x for d in found for x in d.lines if isinstance(x, ChannelShipmentLine)]
    assert [(x.quantity, x.item_price) for x in lines] == [(1, None), (1, None)]
    assert [d.record.delivered_at for d in found if isinstance(d.record, ChannelShipment)] == [None, None]
    line["orderLineStatuses"]["orderLineStatus"][0]["status"] = "Delivered"
    arrived = [only(d).record for d in decode_parcels(raw, US)]
    assert [r.delivered_at for r in arrived if isinstance(r, ChannelShipment)] == [NOW, NOW]
    assert decode_parcels(order(2, NOW), US) == []
    assert isinstance(decode_parcels({"purchaseOrderId": "1"}, US)[0], Quarantined)


def test_no_decoder_takes_json_for_granted() -> None:
    for raw in json.loads('[null, 1, "x", [], {}, [[]], {"sku": 5, "nodes": 7}]'):
        for read in (
            [decode_return(raw, US)],
            [decode_location(raw, US)],
            decode_stock(raw, US),
            [decode_wfs_stock(raw, US)],
            [decode_listing(raw, US)],
            decode_parcels(raw, US),
        ):
            assert all(isinstance(r, Document | Quarantined) for r in read)
