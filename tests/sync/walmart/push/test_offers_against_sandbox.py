"""Stock, prices and items over real HTTP: one by one, many in a feed, and each item's own outcome."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from sync.errors import Rejected, Transient, VendorError
from sync.outbox.handlers import Handler
from sync.records import ChannelStock, Feed, FeedResult, Listing
from tests.sync.walmart.seller import Connected


async def agreed(connected: Connected, handler: Handler, intent: Mapping[str, Any]) -> None:
    """Look, send, read back, compare, and look again: the whole way of one write."""
    assert await handler.look(intent) is None
    sent = await handler.send(intent)
    assert list(handler.compare(intent, await connected.finished(handler, sent))) == []
    found = await handler.look(intent)
    assert found is not None
    assert list(handler.compare(intent, found.record)) == []


async def seller_skus(connected: Connected) -> list[str]:
    found = [r for r, _ in await connected.documents("walmart.listings@US") if isinstance(r, Listing)]
    return [x.sku for x in found if x.fulfilled_by == "seller" and x.status == "active"]


async def test_stock_is_set_at_the_default_place_and_at_a_node(connected: Connected) -> None:
    handler = connected.handler("stock.set")
    sku = (await seller_skus(connected))[0]
    stock = [r for r, _ in await connected.documents("walmart.stock@US") if isinstance(r, ChannelStock)]
    node = next(s.location_id for s in stock if s.sku == sku)

    await agreed(connected, handler, {"sku": sku, "quantity": 1234})
    await agreed(connected, handler, {"sku": sku, "quantity": 55, "location_id": node})


async def test_a_node_that_fails_in_a_good_answer_is_a_refusal(connected: Connected) -> None:
    sku = (await seller_skus(connected))[0]

    with pytest.raises(Rejected, match="not a node"):
        await connected.handler("stock.set").send({"sku": sku, "quantity": 5, "location_id": "12345"})


async def test_a_price_is_set(connected: Connected) -> None:
    await agreed(
        connected, connected.handler("price.set"), {"sku": (await seller_skus(connected))[1], "price": "12.34"}
    )


@pytest.mark.parametrize("fault", ["", pytest.param("W22", marks=pytest.mark.proves("W22"))])
@pytest.mark.parametrize("kind", ["stock.set", "price.set"])
async def test_many_go_in_one_feed_that_is_handed_in_once(connected: Connected, kind: str, fault: str) -> None:
    handler = connected.batch_handler(kind)
    wanted: dict[str, object] = {"price": "7.77"} if kind == "price.set" else {"quantity": 77}
    if fault:
        wanted = {"price": "8.88"} if kind == "price.set" else {"quantity": 88}
        connected.fault(fault, match="/feeds", method="POST")
    intents = [{"sku": sku, **wanted} for sku in (await seller_skus(connected))[:8]]
    feeds_before = len(await connected.documents("walmart.feeds@US"))
    assert list(await handler.look_many(intents)) == [None] * 8

    sent = [s for s in await handler.send_many(intents) if not isinstance(s, VendorError)]
    assert len(sent) == 8
    await connected.finished(handler, sent[0])

    told = await handler.read_back_many([s.target_id for s in sent])
    assert [list(handler.compare(i, r)) for i, r in zip(intents, told, strict=True)] == [[]] * 8  # type: ignore[arg-type]
    assert None not in await handler.look_many(intents)
    assert len(await connected.documents("walmart.feeds@US")) == feeds_before + 1


@pytest.mark.proves("W21")
async def test_each_item_of_a_feed_has_its_own_outcome(connected: Connected) -> None:
    handler = connected.batch_handler("stock.set")
    connected.fault("W21", match="/feeds", method="POST")
    intents = [{"sku": sku, "quantity": 31} for sku in (await seller_skus(connected))[:6]]

    sent = [s for s in await handler.send_many(intents) if not isinstance(s, VendorError)]
    with pytest.raises(Transient):
        await handler.read_back(sent[0].target_id)
    connected.running.clock.advance(timedelta(minutes=20).total_seconds())
    told = await handler.read_back_many([s.target_id for s in sent])

    refused = [r for r in told if isinstance(r, Rejected)]
    assert len(refused) == 3
    assert all("ERR_EXT" in str(r) for r in refused)
    results = [(r, lines) for r, lines in await connected.documents("walmart.feeds@US") if isinstance(r, Feed)]
    newest, lines = max(results, key=lambda x: x[0].submitted_at)
    assert (newest.state, newest.succeeded, newest.failed) == ("done", 3, 3)
    assert sum(isinstance(x, FeedResult) and x.state == "failed" for x in lines) == 3


@pytest.mark.proves("W21")
async def test_a_feed_that_failed_as_a_whole_is_a_refusal_of_all(connected: Connected) -> None:
    handler = connected.batch_handler("price.set")
    connected.fault("W21-error", match="/feeds", method="POST")
    intents = [{"sku": sku, "price": "3.33"} for sku in (await seller_skus(connected))[:6]]

    sent = [s for s in await handler.send_many(intents) if not isinstance(s, VendorError)]
    connected.running.clock.advance(timedelta(minutes=20).total_seconds())
    told = await handler.read_back_many([s.target_id for s in sent])

    assert all(isinstance(r, Rejected) for r in told)
    assert len(told) == 6


async def test_an_item_that_lacks_something_is_refused_in_walmarts_words(connected: Connected) -> None:
    handler = connected.handler("listing.submit")
    intent = {
        "sku": "NEW-1",
        "mode": "create",
        "product_type": "Mugs",
        "attributes": {"productName": "A mug"},
        "offer": {"productIdentifiers": {"productIdType": "GTIN", "productId": "00012345600012"}, "price": 5},
    }
    assert await handler.look(intent) is None
    sent = await handler.send(intent)

    with pytest.raises(Rejected, match="brand is missing"):
        await connected.finished(handler, sent)


async def test_an_item_is_retired_within_two_days(connected: Connected) -> None:
    await agreed(connected, connected.handler("listing.retire"), {"sku": (await seller_skus(connected))[-1]})
