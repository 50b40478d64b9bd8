"""Many changes in one feed: handed in once, each with its own outcome."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest
from starlette.responses import JSONResponse, Response

from sync.amazon.reports.calls import create_feed_call
from sync.errors import BadInput, InDoubt, Rejected, Transient, VendorError
from sync.outbox.handlers import BatchHandler, Sent
from tests.sync.amazon.scripted import BASE, Scripted, refused

from .answers import (
    FEEDS,
    ITEMS,
    STOCK,
    feed_ready,
    handler,
    offer,
    report,
)


@pytest.mark.proves("A34")
@pytest.mark.parametrize(
    "legacy", ["POST_INVENTORY_AVAILABILITY_DATA", "POST_PRODUCT_PRICING_DATA", "POST_FLAT_FILE_LISTINGS_DATA"]
)
def test_a_feed_that_ends_in_fatal_is_not_even_sent(legacy: str) -> None:
    with pytest.raises(BadInput, match="no longer works off"):
        create_feed_call(legacy, ["ATVPDKIKX0DER"], "D")


@pytest.mark.proves("A35", "A36")
async def test_many_changes_go_in_one_feed_and_each_has_its_own_outcome(vendor: Scripted) -> None:
    uploaded = feed_ready(vendor)
    stock = handler(vendor, "stock.set")
    assert isinstance(stock, BatchHandler)
    intents = [STOCK, {**STOCK, "sku": "CUP", "quantity": 3}]

    first, second = await stock.send_many(intents)
    assert isinstance(first, Sent)
    assert isinstance(second, Sent)
    assert [(m["messageId"], m["sku"], m["operationType"]) for m in uploaded[0]["messages"]] == [
        (1, "MUG", "PATCH"),
        (2, "CUP", "PATCH"),
    ]

    vendor.on("GET", f"{FEEDS}/F1", {"feedId": "F1", "processingStatus": "IN_PROGRESS"})
    waiting = await stock.read_back_many([first.target_id, second.target_id])
    assert [w.wait_s for w in waiting if isinstance(w, Transient)] == [60.0, 60.0]

    vendor.on("GET", f"{FEEDS}/F1", {"processingStatus": "DONE", "resultFeedDocumentId": "OUT"})
    bad = {"messageId": 2, "sku": "CUP", "code": "90220", "severity": "ERROR", "message": "no"}
    vendor.document("/feeds/2021-06-30/documents/OUT", report(bad, invalid=1), packed=True)
    vendor.on("GET", ITEMS, {"numberOfResults": 1, "items": [offer()]})
    taken, not_taken = await stock.read_back_many([first.target_id, second.target_id])
    assert stock.compare(intents[0], taken) == []
    assert isinstance(not_taken, Rejected)
    assert "90220: no" in str(not_taken)
    assert len(vendor.requests("GET", "/feeds/2021-06-30/documents/OUT")) == 1


@pytest.mark.parametrize("status", ["FATAL", "CANCELLED"])
async def test_a_feed_that_failed_whole_refuses_every_item(vendor: Scripted, status: str) -> None:
    vendor.on("GET", f"{FEEDS}/F1", {"processingStatus": status})

    (outcome,) = await handler(vendor, "price.set").read_back_many(["amazon.US/F1.1/MUG"])

    assert isinstance(outcome, Rejected)
    assert status in str(outcome)


@pytest.mark.parametrize(
    ("there", "posts", "doubt"),
    [
        ([{"feedId": "F9"}], 1, False),
        ([], 2, True),
        ([{"feedId": "F8"}, {"feedId": "F9"}], 1, True),
    ],
)
async def test_a_feed_without_an_answer_is_looked_for_before_a_second_one(
    vendor: Scripted, there: list[dict[str, str]], posts: int, doubt: bool
) -> None:
    feed_ready(vendor)
    vendor.on("POST", FEEDS, Response("", 500))
    vendor.on("GET", FEEDS, {"feeds": there})

    (outcome,) = await handler(vendor, "stock.set").send_many([STOCK])

    assert isinstance(outcome, InDoubt if doubt else Sent)
    assert len(vendor.requests("POST", FEEDS)) == posts
    if isinstance(outcome, Sent):
        assert outcome.target_id == "amazon.US/F9.1/MUG"


async def test_a_feed_of_one_channel_that_fails_does_not_stop_another(vendor: Scripted) -> None:
    feed_ready(vendor)
    vendor.on("POST", FEEDS, refused("InvalidInput", "not for this shop"), JSONResponse({"feedId": "F2"}, 202))

    outcomes = await handler(vendor, "stock.set").send_many([STOCK, {**STOCK, "channel": "amazon.DE"}])

    assert isinstance(outcomes[0], VendorError)
    assert isinstance(outcomes[1], Sent)


async def test_many_offers_are_looked_up_with_few_calls_and_a_comma_alone(vendor: Scripted) -> None:
    vendor.on("GET", ITEMS, {"numberOfResults": 1, "items": [offer(f"S{n}") for n in range(20)]})
    vendor.on("GET", f"{ITEMS}/a%2Cb", offer("a,b"))
    intents = [{**STOCK, "sku": f"S{n}"} for n in range(25)] + [{**STOCK, "sku": "a,b"}]

    found = await handler(vendor, "stock.set").look_many(intents)

    assert [f is not None for f in found] == [True] * 20 + [False] * 5 + [True]
    assert len(vendor.requests("GET", ITEMS)) == 2
    assert "a,b" not in vendor.requests("GET", ITEMS)[1].query["identifiers"]


async def test_a_feeds_packed_report_is_read_though_headers_deny_the_packing(vendor: Scripted) -> None:
    vendor.on("GET", f"{FEEDS}/F1", {"processingStatus": "DONE", "resultFeedDocumentId": "OUT"})
    vendor.on("GET", "/feeds/2021-06-30/documents/OUT", {"url": f"{BASE}/out"})
    vendor.on("GET", "/out", Response(gzip.compress(report()), headers={"content-encoding": "identity"}))
    vendor.on("GET", f"{ITEMS}/MUG", offer())

    record = await handler(vendor, "stock.set").read_back("amazon.US/F1.1/MUG")

    assert (record["quantity"], Decimal(record["price"])) == (7, Decimal("19.90"))


async def test_one_intent_that_is_not_complete_costs_no_other(vendor: Scripted) -> None:
    feed_ready(vendor)
    vendor.on("GET", ITEMS, {"numberOfResults": 0, "items": []})
    stock = handler(vendor, "stock.set")
    intents = [{**STOCK, "quantity": -1}, STOCK, {**STOCK, "channel": "amazon.FR"}]

    found = await stock.look_many(intents)
    bad, good, elsewhere = await stock.send_many(intents)

    assert found == [None, None, None]
    assert isinstance(good, Sent)
    assert isinstance(bad, Rejected)
    assert isinstance(elsewhere, Rejected)
