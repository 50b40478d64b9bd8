"""Walks over whole lists: any page size, rows that come in meanwhile, pages that repeat, cursors that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import ManualClock
from sync.errors import ContractBroken, Credentials, Rejected, VendorError
from sync.streams import Batch
from sync.walmart.fulfilment.return_stream import ReturnStream
from sync.walmart.fulfilment.stock import StockStream
from sync.walmart.fulfilment.wfs_stock import WfsStockStream
from sync.walmart.offers.feeds import FeedStream
from sync.walmart.offers.listings import ListingStream
from sync.walmart.offers.promotions import PromotionStream
from sync.walmart.offers.walks import Rows, feed_pages, inventory_pages, item_pages, wfs_pages
from sync.walmart.settlements.statement import StatementStream
from tests.sync.walmart.scripted import NOW, answered, client_over, query_of, refused


@dataclass
class Shop:
    """Lists with their own rules of paging; `joins` says at which call how many rows come in at the front."""

    skus: list[str]
    joins: dict[int, int] = field(default_factory=dict)
    #: Calls (from 1) at which the page before is served again.
    repeats: frozenset[int] = frozenset()
    #: Calls at which the cursor is declared dead.
    breaks: frozenset[int] = frozenset()
    calls: int = 0
    at: int = 0
    last: httpx.Response | None = None
    wfs_new: bool = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.calls += 1
        path, query = request.url.path, query_of(request)
        for _ in range(self.joins.get(self.calls, 0)):
            self.skus.insert(0, f"NEW-{len(self.skus)}")
        if self.calls in self.repeats and self.last is not None and path != "/v3/inventories":
            return self.last
        made = {
            "/v3/inventories": self.inventories,
            "/v3/items": self.items,
            "/v3/feeds": self.feeds,
            "/v3/returns": self.returns,
            "/v3/wfs/inventory": self.wfs,
            "/v3/fulfillment/inventory": self.wfs_old,
        }[path](query)
        self.last = made
        return made

    def inventories(self, query: dict[str, str]) -> httpx.Response:
        cursor = query.get("nextCursor")
        if cursor is not None and (cursor != f"c{self.at}" or self.calls in self.breaks):
            return refused("CONTENT_NOT_FOUND.GMP_INVENTORY_API", "no content", 404)
        start = int(cursor[1:]) if cursor else 0
        self.at = start + int(query["limit"])
        rows = [{"sku": s, "nodes": []} for s in self.skus[start : self.at]]
        after = f"c{self.at}" if self.at < len(self.skus) else ""
        return answered(
            {"meta": {"totalCount": len(self.skus), "nextCursor": after}, "elements": {"inventories": rows}}
        )

    def items(self, query: dict[str, str]) -> httpx.Response:
        if query["nextCursor"] == "*":
            self.at = 0
        elif self.calls in self.breaks:
            return refused("INVALID_REQUEST", "Invalid Cursor", 400)
        rows = [{"sku": s} for s in self.skus[self.at : self.at + int(query["limit"])]]
        self.at += len(rows)
        if not rows:
            return refused("CONTENT_NOT_FOUND.GMP_ITEM_QUERY_API", "no content", 404)
        return answered({"ItemResponse": rows, "totalItems": len(self.skus), "nextCursor": "same"})

    def feeds(self, query: dict[str, str]) -> httpx.Response:
        start = int(query["offset"])
        rows = [{"feedId": s, "feedDate": 1700000000000} for s in self.skus[start : start + int(query["limit"])]]
        return answered({"totalResults": len(self.skus), "results": {"feed": rows}})

    def wfs(self, query: dict[str, str]) -> httpx.Response:
        if not self.wfs_new:
            return refused("CONTENT_NOT_FOUND.GMP", "not here", 404)
        start = int(query["offset"])
        rows = [{"itemInformation": {"sku": s}} for s in self.skus[start : start + int(query["limit"])]]
        return answered({"headers": {"totalCount": len(self.skus)}, "payload": {"inventory": rows}})

    def wfs_old(self, query: dict[str, str]) -> httpx.Response:
        start = int(query["offset"])
        nodes = [{"availToSellQty": 1, "onHandQty": 3}]
        rows = [{"sku": s, "shipNodes": nodes} for s in self.skus[start : start + int(query["limit"])]]
        return answered({"headers": {"totalCount": len(self.skus)}, "payload": {"inventory": rows}})

    def returns(self, query: dict[str, str]) -> httpx.Response:
        start, size = int(query.get("offset", 0)), int(query["limit"])
        if "offset" not in query and query.get("isWFSEnabled") == "Y":
            return refused("CONTENT_NOT_FOUND.GMP_RETURNS", "none", 404)
        rows = [
            {"returnOrderId": s, "returnOrderDate": "2026-11-01T00:00:00Z", "returnOrderLines": []}
            for s in self.skus[start : start + size]
        ]
        meta: dict[str, object] = {"totalCount": len(self.skus)}
        if start + size < len(self.skus):
            meta["nextCursor"] = f"?sellerId=1&limit={size}&offset={start + size}"
        return answered({"meta": meta, "returnOrders": rows})


async def seen(pages: AsyncIterator[Rows], *path: str) -> set[str]:
    found = set()
    async for page in pages:
        for row in page.rows:
            held: object = row
            for name in path:
                assert isinstance(held, dict)
                held = held[name]
            found.add(str(held))
    return found


async def pulled(stream: object) -> list[Batch]:
    return [b async for b in stream.pull(None, NOW)]  # type: ignore[attr-defined]


counts = st.integers(0, 60)
sizes = st.integers(1, 25)
joins = st.dictionaries(st.integers(2, 6), st.integers(1, 3), max_size=2)
places = st.frozensets(st.integers(2, 8), max_size=2)


@pytest.mark.proves("W23")
@settings(max_examples=25, deadline=None)
@given(counts, sizes, joins, places)
def test_no_sku_of_the_stock_list_is_lost(count: int, size: int, joins: dict[int, int], breaks: frozenset[int]) -> None:
    shop = Shop([f"S{i}" for i in range(count)], joins=joins, breaks=breaks)
    before = set(shop.skus)

    assert before <= asyncio.run(seen(inventory_pages(client_over(shop.answer), size), "sku"))


@settings(max_examples=25, deadline=None)
@given(counts, sizes, joins, places, places)
def test_no_item_is_lost(
    count: int, size: int, joins: dict[int, int], breaks: frozenset[int], repeats: frozenset[int]
) -> None:
    shop = Shop([f"S{i}" for i in range(count)], joins=joins, breaks=breaks, repeats=repeats)
    before = set(shop.skus)

    assert before <= asyncio.run(seen(item_pages(client_over(shop.answer), size), "sku"))


@pytest.mark.proves("W09")
@settings(max_examples=25, deadline=None)
@given(counts, sizes, joins)
def test_no_feed_is_lost_while_others_come_in(count: int, size: int, joins: dict[int, int]) -> None:
    shop = Shop([f"S{i}" for i in range(count)], joins=joins)
    before = set(shop.skus)

    assert before <= asyncio.run(seen(feed_pages(client_over(shop.answer), size), "feedId"))


@pytest.mark.proves("W08", "W09")
@settings(max_examples=25, deadline=None)
@given(st.integers(1, 60), sizes, joins, places)
def test_no_return_is_lost(count: int, size: int, joins: dict[int, int], repeats: frozenset[int]) -> None:
    shop = Shop([f"S{i}" for i in range(count)], joins=joins, repeats=repeats)
    before = set(shop.skus)
    clock = ManualClock(NOW)
    stream = ReturnStream(
        client_over(shop.answer, clock), "walmart.US", clock, NOW - timedelta(days=20), page_size=size
    )

    batches = asyncio.run(pulled(stream))

    assert before <= {d.record.return_id for b in batches for d in b.documents}  # type: ignore[union-attr]
    assert batches[-1].covered is not None


@pytest.mark.proves("W08")
async def test_a_cursor_of_returns_goes_back_as_it_came() -> None:
    queries: list[str] = []
    clock = ManualClock(NOW)

    def answer(request: httpx.Request) -> httpx.Response:
        queries.append(request.url.query.decode())
        cursor = "?limit=1&since=2026%2B0000&x=%253D" if len(queries) == 1 else None
        return answered({"meta": {"totalCount": 0, "nextCursor": cursor}, "returnOrders": []})

    await pulled(ReturnStream(client_over(answer, clock), "walmart.US", clock, NOW - timedelta(days=1)))

    assert queries[1] == "limit=1&since=2026%2B0000&x=%253D"


@pytest.mark.proves("W25")
async def test_a_window_of_returns_always_has_both_ends() -> None:
    asked: list[dict[str, str]] = []
    clock = ManualClock(NOW)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(query_of(request))
        return refused("CONTENT_NOT_FOUND.GMP_RETURNS", "none", 404)

    await pulled(ReturnStream(client_over(answer, clock), "walmart.US", clock, NOW - timedelta(days=70)))

    assert len(asked) == 6
    assert all({"returnLastModifiedStartDate", "returnLastModifiedEndDate"} <= set(q) for q in asked)
    assert not [v for q in asked for n, v in q.items() if n.endswith("Date") and "." in v]


async def test_a_walk_that_breaks_off_for_ever_is_a_broken_contract() -> None:
    shop = Shop([f"S{i}" for i in range(9)], breaks=frozenset(range(2, 99)))

    with pytest.raises(ContractBroken, match="again and again"):
        await seen(inventory_pages(client_over(shop.answer), 2), "sku")


async def test_items_that_never_come_are_missed_loudly() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if query_of(request)["nextCursor"] == "*":
            return answered({"ItemResponse": [{"sku": "A"}], "totalItems": 3, "nextCursor": "x"})
        return refused("CONTENT_NOT_FOUND.GMP_ITEM_QUERY_API", "no content", 404)

    with pytest.raises(ContractBroken, match="1 of 3 items"):
        await seen(item_pages(client_over(answer)), "sku")


async def test_wfs_stock_comes_from_the_older_path_where_the_new_one_is_refused() -> None:
    clock = ManualClock(NOW)
    shop = Shop(["A", "B", "C"], wfs_new=False)

    batches = await pulled(WfsStockStream(client_over(shop.answer, clock), "walmart.US", clock, page_size=2))

    assert [(d.record.sku, d.record.available, d.record.reserved) for b in batches for d in b.documents] == [  # type: ignore[union-attr]
        ("A", 1, 2),
        ("B", 1, 2),
        ("C", 1, 2),
    ]
    assert batches[0].note == "from the older path"


async def test_both_paths_of_wfs_stock_refused_is_an_error() -> None:
    client = client_over(lambda _: refused("INVALID_REQUEST_PARAM", "no", 400))

    with pytest.raises(Rejected):
        await seen(wfs_pages(client), "sku")


async def test_promotions_go_on_where_the_last_pull_ended() -> None:
    clock = ManualClock(NOW)
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition("/")[2])
        return answered({"payload": {"pricingList": {"pricing": []}}})

    async def skus() -> set[str]:
        return {"A", "B", "C"}

    stream = PromotionStream(client_over(answer, clock), "walmart.US", clock, skus, most=2)
    first = [b async for b in stream.pull(None, NOW)]
    second = [b async for b in stream.pull(dict(first[-1].cursor), NOW)]

    assert asked == ["A", "B", "C"]
    assert first[-1].covered is None
    assert second[-1].covered is not None
    assert second[-1].cursor["after"] is None


async def test_a_broken_identity_is_counted_and_the_statement_kept() -> None:
    clock = ManualClock(NOW)
    account = {"scheduledSettlementDate": "2026-11-24", "openingBalance": 1, "closingBalance": 3}
    client = client_over(lambda _: answered({"payload": {"accountSummary": account}}), clock)

    (batch,) = await pulled(StatementStream(client, "walmart.US", clock))

    assert len(batch.documents) == 1
    assert [q.key for q in batch.quarantined] == ["payment statement: closing balance"]
    assert "difference 2" in batch.note


@pytest.mark.parametrize("body", [[], "x", {}, {"results": 1}, {"elements": {"inventories": 7}}])
@pytest.mark.parametrize("stream", [StockStream, ListingStream, WfsStockStream, StatementStream])
async def test_an_answer_of_another_shape_is_a_broken_contract(stream: type, body: object) -> None:
    clock = ManualClock(NOW)

    with pytest.raises(ContractBroken):
        await pulled(stream(client_over(lambda _: answered(body), clock), "walmart.US", clock))


@pytest.mark.proves("W20")
@pytest.mark.parametrize("status", [401, 406, 413, 415, 500, 503])
async def test_no_refusal_of_a_list_is_taken_for_an_empty_one(status: int) -> None:
    clock = ManualClock(NOW)
    client = client_over(lambda _: httpx.Response(status, text="<html><h1>no</h1></html>"), clock)

    with pytest.raises(VendorError) as raised:
        await pulled(FeedStream(client, "walmart.US", clock, NOW))

    assert isinstance(raised.value, Credentials) == (status == 401)
