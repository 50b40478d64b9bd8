"""Amazon's own recorded answers of every operation of ours, through our calls and decoders; and the same requests."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import httpx
import pytest

from sync.amazon import (
    catalog_item,
    marketplace_of,
    participations,
    product_type,
    restricted_token,
    search_catalog,
)
from sync.amazon.notifications import create_destination, destinations, subscription
from sync.amazon.offers.calls import delete_listing_call, listing_call, patch_listing_call, put_listing_call
from sync.amazon.offers.catalog import CatalogItem
from sync.amazon.offers.feed_results import decode_feed, read_feed_report
from sync.amazon.offers.listing_shapes import decode_listing
from sync.amazon.pages import rows_of, token_of
from sync.amazon.push.offer_targets import submission_of
from sync.amazon.reports.calls import (
    FEED_CONTENT_TYPE,
    create_feed_document_call,
    create_report_call,
    feed_call,
    feed_document_call,
    feeds_call,
    report_call,
    upload_call,
)
from sync.amazon.reports.documents import download_of, unpacked
from sync.transport import Call, Reply

from .test_recorded import Recorded, exchanges, replay

GB, DE = marketplace_of("GB"), marketplace_of("DE")
SELLER, SKU = "A34PPN1ZLYCOGT", "SKU123"
PATCHES = [
    {
        "op": "replace",
        "path": "/attributes/purchasable_offer",
        "value": [{"currency": "GBP", "our_price": [{"schedule": [{"value_with_tax": 1}]}]}],
    }
]
CALLS: dict[str, Call] = {
    "APIs/ListingsItems20210801Test/test_get_listings_item": listing_call(SELLER, SKU, GB.marketplace_id),
    "APIs/ListingsItems20210801Test/test_delete_listings_item": delete_listing_call(SELLER, SKU, GB.marketplace_id),
    "APIs/ListingsItems20210801Test/test_patch_listings_item": patch_listing_call(
        SELLER, SKU, GB.marketplace_id, product_type="PRODUCT", patches=PATCHES
    ),
    "APIs/ListingsItems20210801Test/test_put_listings_item": put_listing_call(
        SELLER, SKU, GB.marketplace_id, product_type="PRODUCT", requirements="LISTING_OFFER_ONLY", attributes={"a": []}
    ),
    "APIs/Reports20210630Test/test_create_report": create_report_call("GET_X", DE.marketplace_id),
    "APIs/Reports20210630Test/test_get_report": report_call("ID323"),
    "APIs/Feeds20210630Test/test_get_feeds": feeds_call([DE.marketplace_id], created_since=None),
    "APIs/Feeds20210630Test/test_get_feed": feed_call("feedId1"),
    "APIs/Feeds20210630Test/test_get_feed_document": feed_document_call("0356cf79-b8b0-4226-b4b9-0ee058ea5760"),
    "APIs/Feeds20210630Test/test_create_feed_document": create_feed_document_call(),
}


async def answered(shared: Path, name: str, call: Call) -> tuple[Reply, Recorded, httpx.Request]:
    """Send our call against the recording; return the answer, the recording and our request."""
    recorded = exchanges(shared, name)
    asked: list[httpx.Request] = []
    async with await replay(recorded, asked) as client:
        reply = await client.send(call)
    return reply, recorded[-1], asked[-1]


@pytest.mark.parametrize("name", CALLS)
async def test_our_request_is_the_recorded_one_up_to_what_is_asked_for(shared: Path, name: str) -> None:
    reply, recorded, asked = await answered(shared, name, CALLS[name])

    wanted = httpx.URL(recorded.uri)
    assert asked.url.path == unquote(wanted.path)
    chosen = {"includedData", "pageSize", "processingStatuses", "marketplaceIds", "feedTypes"}
    theirs = {k: v for k, v in parse_qs(wanted.query.decode()).items() if k not in chosen}
    ours = {k: v for k, v in parse_qs(asked.url.query.decode()).items() if k not in chosen}
    assert ours == theirs
    assert reply.ok
    assert reply.headers["x-amzn-requestid"]


async def test_the_recorded_listing_and_its_changes_are_read(shared: Path) -> None:
    name = "APIs/ListingsItems20210801Test/test_"
    listing, _, _ = await answered(shared, f"{name}get_listings_item", CALLS[f"{name}get_listings_item"])
    body = listing.json()
    assert isinstance(body, dict)
    record, issues = decode_listing(body, GB)
    assert (record.sku, record.currency) == (SKU, "GBP")
    assert record.price is not None
    assert all(issue.code and issue.message for issue in issues)

    for change in ("patch", "put", "delete"):
        reply, _, _ = await answered(shared, f"{name}{change}_listings_item", CALLS[f"{name}{change}_listings_item"])
        found = submission_of(reply, "amazon.GB")
        assert (found.status, bool(found.submission_id)) == ("ACCEPTED", True)


async def test_the_recorded_catalog_is_read(shared: Path) -> None:
    folder = "APIs/CatalogItems20220401Test"
    async with await replay(exchanges(shared, f"{folder}/test_get_catalog_item"), []) as client:
        item = await catalog_item(client, GB, "188864544X")
    async with await replay(exchanges(shared, f"{folder}/test_search_catalog_items"), []) as client:
        found = await search_catalog(client, GB, identifiers=["188864544X"], identifiers_type="ASIN")

    assert isinstance(item, CatalogItem)
    assert item.asin == "188864544X"
    assert [i.asin for i in found] == ["188864544X"]


async def test_the_recorded_marketplaces_are_those_of_our_table(shared: Path) -> None:
    recorded = exchanges(shared, "APIs/SellersV1Test/test_get_marketplace_participations")
    async with await replay(recorded, []) as client:
        shops = await participations(client)

    ours = {m.marketplace_id: m for m in (marketplace_of(c) for c in "GB DE FR IT ES NL BE IE SE PL".split())}
    seen = [s for s in shops if s.marketplace_id in ours]
    assert len(seen) == 10
    assert all(
        (ours[s.marketplace_id].country, ours[s.marketplace_id].currency) == (s.country, s.currency) for s in seen
    )


async def test_the_recorded_product_type_gives_its_required_attributes(shared: Path) -> None:
    recorded = exchanges(shared, "APIs/ProductTypeDefinitions20200901Test/test_get_definitions_product_type")
    async with await replay(recorded, []) as client:
        rules = await product_type(client, GB, "PRODUCT")

    assert rules.name == "PRODUCT"
    assert len(rules.attributes) >= 40
    assert set(rules.required) <= set(rules.attributes)


async def test_the_recorded_feeds_and_reports_are_read(shared: Path) -> None:
    feeds, _, _ = await answered(
        shared, "APIs/Feeds20210630Test/test_get_feeds", CALLS["APIs/Feeds20210630Test/test_get_feeds"]
    )
    read = [decode_feed(row, "amazon.DE", None) for row in rows_of(feeds, "feeds") if isinstance(row, dict)]
    assert [f.feed_id for f in read] == ["FeedId1"]
    assert token_of(feeds, "nextToken")

    name = "APIs/Feeds20210630Test/test_get_feed_document"
    document, _, _ = await answered(shared, name, CALLS[name])
    assert download_of(document).path.startswith("https://")


@pytest.mark.proves("A36")
async def test_the_recorded_result_of_a_feed_is_read(shared: Path) -> None:
    recorded = exchanges(shared, "Helpers/Feeds20210630Test/test_download_result_feed_document")

    report = read_feed_report(unpacked(recorded[-1].body))

    assert report.processed >= 1
    assert report.processed == report.accepted + report.invalid


@pytest.mark.proves("A35")
async def test_a_recorded_upload_goes_without_our_login_and_with_the_declared_type(shared: Path) -> None:
    recorded = exchanges(shared, "Helpers/Feeds20210630Test/test_upload_feed_document")[-1]
    asked: list[httpx.Request] = []
    async with await replay([recorded], asked) as client:
        assert (await client.send(upload_call(recorded.uri, b"{}"))).ok

    assert asked[0].headers["content-type"] == FEED_CONTENT_TYPE
    assert "x-amz-access-token" not in asked[0].headers


async def test_the_recorded_notifications_and_tokens_are_read(shared: Path) -> None:
    folder = "APIs/NotificationsV1Test/test_"

    async def ask(name: str, send: Any) -> Any:
        async with await replay(exchanges(shared, name), []) as client:
            return await send(client)

    assert await ask(f"{folder}get_destinations", destinations)
    arn = "arn:aws:sqs:us-east-1:123456789012:test-queue"
    assert await ask(f"{folder}create_destination", lambda c: create_destination(c, "Test Destination", sqs_arn=arn))
    held = await ask(f"{folder}get_subscription", lambda c: subscription(c, "LISTINGS_ITEM_ISSUES_CHANGE"))
    assert held is not None
    token = await ask(
        "APIs/Tokens20210301Test/test_create_restricted_data_token",
        lambda c: restricted_token(c, [("GET", "/orders/v0/orders/{orderId}/address", [])]),
    )
    assert token.good_for_s == 3600
