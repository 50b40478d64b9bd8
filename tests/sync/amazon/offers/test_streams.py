"""Warehouse stock, listings and feeds as streams."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse

from sync.amazon.fulfilment.stock import StockStream, decode_stock
from sync.amazon.login.seller import SellerId
from sync.amazon.offers.feeds import FeedStream
from sync.amazon.offers.listing_shapes import decode_listing
from sync.amazon.offers.listings import ListingStream
from sync.amazon.pages import Unreadable
from sync.errors import BadInput, ContractBroken, Rejected
from tests.sync.amazon.scripted import DE, NOW, US, Scripted, documents, quarantined, refused

INVENTORY = "/fba/inventory/v1/summaries"
ITEMS = "/listings/2021-08-01/items/A1"
FEEDS = "/feeds/2021-06-30/feeds"
REPORTS = "/reports/2021-06-30/reports"


def stock(sku: str, **details: Any) -> dict[str, Any]:
    return {"sellerSku": sku, "asin": "B0", "inventoryDetails": {"fulfillableQuantity": 5, **details}}


def stock_page(*rows: Any, token: str = "") -> dict[str, Any]:
    more = {"pagination": {"nextToken": token}} if token else {}
    return {"payload": {"granularity": {}, "inventorySummaries": list(rows)}, **more}


def listing(sku: str, **more: Any) -> dict[str, Any]:
    summary = {
        "marketplaceId": US.marketplace_id,
        "asin": "B0",
        "productType": "MUG",
        "status": ["BUYABLE"],
        "itemName": "Mug",
        "createdDate": "2026-01-01T00:00:00Z",
        "lastUpdatedDate": "2026-11-01T00:00:00Z",
    }
    return {"sku": sku, "summaries": [summary], **more}


def priced(shop: Any, kind: str, amount: str) -> dict[str, Any]:
    price = {"amount": amount, "currencyCode": shop.currency}
    return {"marketplaceId": shop.marketplace_id, "offerType": kind, "price": price}


def listings_of(vendor: Scripted, most: int = 1000) -> ListingStream:
    return ListingStream(vendor.client, US, vendor.clock, SellerId(vendor.client, US, "A1"), most)


@pytest.mark.parametrize(
    "bad",
    [
        {"sellerSku": "", "inventoryDetails": {}},
        {"sellerSku": "A"},
        stock("A", fulfillableQuantity="5"),
        stock("A", reservedQuantity=5),
    ],
)
def test_a_stock_figure_that_is_none_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        decode_stock(bad, US)


def test_stock_is_counted_by_what_can_be_done_with_it() -> None:
    found = decode_stock(
        stock(
            "MUG",
            inboundWorkingQuantity=1,
            inboundShippedQuantity=2,
            inboundReceivingQuantity=3,
            reservedQuantity={"totalReservedQuantity": 4},
            unfulfillableQuantity={"totalUnfulfillableQuantity": 5},
            researchingQuantity={"totalResearchingQuantity": 6},
        ),
        US,
    )

    assert (found.available, found.inbound, found.reserved, found.unsellable, found.researching) == (5, 6, 4, 5, 6)
    assert (found.location_id, found.fulfilled_by, found.offered, found.updated_at) == ("", "channel", None, None)


@pytest.mark.proves("A19")
async def test_a_token_that_died_costs_a_new_start_and_no_sku(vendor: Scripted) -> None:
    vendor.on(
        "GET",
        INVENTORY,
        stock_page(stock("A"), token="t1"),
        refused("InvalidInput", "Next token has expired"),
        stock_page(stock("A"), token="t2"),
        stock_page(stock("B")),
    )

    batches = await vendor.pull(StockStream(vendor.client, US, vendor.clock))

    assert [d.record.sku for d in documents(batches)] == ["A", "B"]
    assert [a.query.get("nextToken") for a in vendor.requests("GET", INVENTORY)] == [None, "t1", None, "t2"]
    assert batches[-1].covered is not None


async def test_tokens_that_always_die_end_the_pull(vendor: Scripted) -> None:
    def answer(asked: Any) -> Any:
        return refused("InvalidInput", "expired") if "nextToken" in asked.query else stock_page(token="t1")

    vendor.on("GET", INVENTORY, answer)

    with pytest.raises(Rejected, match="expired"):
        await vendor.pull(StockStream(vendor.client, US, vendor.clock))
    assert len(vendor.asked) == 10


async def test_pages_without_end_are_noticed(vendor: Scripted) -> None:
    vendor.on("GET", INVENTORY, stock_page(stock("A"), token="always"))

    with pytest.raises(ContractBroken, match="again and again"):
        await vendor.pull(StockStream(vendor.client, US, vendor.clock))


def test_a_listing_shows_the_marketplace_that_was_asked_for() -> None:
    raw = listing(
        "MUG",
        offers=[priced(DE, "B2C", "9.00"), priced(US, "B2B", "8.00"), priced(US, "B2C", "19.99")],
        fulfillmentAvailability=[{"fulfillmentChannelCode": "DEFAULT", "quantity": 7}],
        issues=[
            {"code": "1", "message": "size", "severity": "ERROR", "attributeNames": ["size", "colour"]},
            {"code": "2", "message": "of another", "severity": "NEW", "marketplaceIds": [DE.marketplace_id]},
        ],
    )

    record, issues = decode_listing(raw, US)

    assert (str(record.price), record.currency, record.quantity, record.status) == ("19.99", "USD", 7, "active")
    assert [(i.code, i.severity, i.attributes) for i in issues] == [("1", "error", "size, colour")]


@pytest.mark.parametrize(
    ("raw", "status", "by"),
    [
        ({"sku": "A"}, "incomplete", "seller"),
        (listing("A") | {"fulfillmentAvailability": [{"fulfillmentChannelCode": "AMAZON_NA"}]}, "active", "channel"),
        ({"sku": "A", "summaries": [{"status": ["DISCOVERABLE"]}]}, "inactive", "seller"),
        ({"sku": "A", "summaries": [{"status": []}]}, "inactive", "seller"),
        ({"sku": "A", "summaries": {"status": ["NEW_STATE"]}}, "unknown", "seller"),
    ],
)
def test_a_listings_state_is_ours_and_an_unknown_one_is_said_to_be(raw: dict[str, Any], status: str, by: str) -> None:
    record, _ = decode_listing(raw, US)

    assert (record.status, record.fulfilled_by) == (status, by)


async def test_listings_come_by_the_search_and_then_only_what_changed(vendor: Scripted) -> None:
    vendor.on(
        "GET",
        ITEMS,
        {"numberOfResults": 2, "items": [listing("A"), {"sku": ""}], "pagination": {"nextToken": "p2"}},
        {"numberOfResults": 2, "items": [listing("B")]},
    )
    first = await vendor.pull(listings_of(vendor))
    await vendor.pull(listings_of(vendor), first[-1].cursor)

    assert [d.record.sku for d in documents(first)] == ["A", "B"]
    assert quarantined(first) == ["the listing has no sku"]
    asked = vendor.requests("GET", ITEMS)
    assert [a.query.get("lastUpdatedAfter") for a in asked] == [None, None, "2026-11-20T08:30:00Z"]


async def test_a_large_account_takes_the_report_first(vendor: Scripted) -> None:
    vendor.on("GET", ITEMS, {"numberOfResults": 1001, "items": [listing("A")], "pagination": {"nextToken": "p2"}})
    vendor.on("POST", REPORTS, JSONResponse({"reportId": "R1"}, 202))
    vendor.on("GET", f"{REPORTS}/R1", {"processingStatus": "DONE", "reportDocumentId": "D1"})
    text = "seller-sku\tprice\tquantity\tfulfillment-channel\nA\t9.99\t3\tDEFAULT\nB\t5.00\t\tAMAZON_NA\n"
    vendor.document("/reports/2021-06-30/documents/D1", text.encode())

    batches = await vendor.pull(listings_of(vendor))

    assert [(d.record.sku, d.record.quantity) for d in documents(batches)] == [("A", 3), ("B", None)]
    assert batches[-1].cursor == {"at": NOW.isoformat()}
    assert len(vendor.requests("GET", ITEMS)) == 1


async def test_a_restart_within_the_listings_report_goes_on_with_it(vendor: Scripted) -> None:
    vendor.on("GET", ITEMS, {"numberOfResults": 1001, "items": []})
    vendor.on("POST", REPORTS, JSONResponse({"reportId": "R1"}, 202))
    vendor.on("GET", f"{REPORTS}/R1", {"processingStatus": "DONE", "reportDocumentId": "D1"})
    vendor.document("/reports/2021-06-30/documents/D1", b"seller-sku\tprice\tquantity\nA\t9.99\t3\n")
    pulled = listings_of(vendor).pull(None, NOW)
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]

    rest = await vendor.pull(listings_of(vendor), first.cursor)

    assert len(documents(rest)) == 1
    assert len(vendor.requests("POST", REPORTS)) == 1


async def test_the_seller_id_is_learnt_once_or_asked_for_in_words(vendor: Scripted) -> None:
    vendor.on("GET", "/finances/2024-06-19/balances", {"balances": [{"partnerMetadata": {"partnerId": "A7"}}]})
    seller = SellerId(vendor.client, US)
    assert [await seller.value(), await seller.value()] == ["A7", "A7"]
    assert len(vendor.asked) == 1

    vendor.on("GET", "/finances/2024-06-19/balances", {"balances": []})
    with pytest.raises(BadInput, match="seller id is not known"):
        await SellerId(vendor.client, US).value()


def feed(number: int, status: str = "DONE", document: str = "D1") -> dict[str, Any]:
    return {
        "feedId": f"F{number}",
        "feedType": "JSON_LISTINGS_FEED",
        "marketplaceIds": [US.marketplace_id],
        "createdTime": "2026-11-19T10:00:00Z",
        "processingStatus": status,
        **({"resultFeedDocumentId": document} if document else {}),
    }


@pytest.mark.proves("A36")
async def test_an_accepted_feed_with_refused_items_says_which(vendor: Scripted) -> None:
    report = {
        "header": {"feedId": "F1"},
        "issues": [
            {"messageId": 2, "sku": "CUP", "code": "90220", "severity": "ERROR", "message": "'size' is required"},
            {"messageId": 3, "sku": "MUG", "code": "1", "severity": "WARNING", "message": "w", "attributeName": "x"},
        ],
        "summary": {
            "errors": 1,
            "warnings": 1,
            "messagesProcessed": 3,
            "messagesAccepted": 2,
            "messagesInvalid": 1,
        },
    }
    other = {**feed(2), "marketplaceIds": [DE.marketplace_id]}
    vendor.on("GET", FEEDS, {"feeds": [feed(1), other], "nextToken": "n"}, {"feeds": [feed(3, "IN_QUEUE", "")]})
    vendor.document("/feeds/2021-06-30/documents/D1", json.dumps(report).encode(), packed=True)
    stream = FeedStream(vendor.client, US, vendor.clock, NOW - timedelta(days=9))

    first = await vendor.pull(stream)
    vendor.on("GET", FEEDS, {"feeds": [feed(1), feed(3, "FATAL", "")]})
    second = await vendor.pull(stream, first[-1].cursor)

    one, three = documents(first)
    assert (one.record.received, one.record.succeeded, one.record.failed) == (3, 2, 1)
    assert [(x.sku, x.state, x.code, x.attribute) for x in one.lines] == [
        ("CUP", "failed", "90220", None),
        ("MUG", "accepted", "1", "x"),
    ]
    assert (three.record.feed_id, three.record.state) == ("F3", "received")
    assert [(d.record.feed_id, d.record.state) for d in documents(second)] == [("F3", "failed")]
    assert len(vendor.requests("GET", "/feeds/2021-06-30/documents/D1")) == 1
    assert dict(vendor.requests("GET", FEEDS)[1].query) == {"nextToken": "n"}


async def test_a_feeds_report_that_is_no_json_is_set_aside_and_the_feed_is_kept(vendor: Scripted) -> None:
    vendor.on("GET", FEEDS, {"feeds": [feed(1), "x"]})
    vendor.document("/feeds/2021-06-30/documents/D1", b"<AmazonEnvelope/>")
    stream = FeedStream(vendor.client, US, vendor.clock, NOW - timedelta(days=9))

    batches = await vendor.pull(stream)

    assert [d.record.feed_id for d in documents(batches)] == ["F1"]
    assert "not JSON" in quarantined(batches)[0]
    assert "not an object" in quarantined(batches)[1]
    assert batches[-1].cursor["ended"] == {}
