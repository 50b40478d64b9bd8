"""Every stream with pages, against a small model of the vendor's paging: any page size, a page repeated, a row that
comes in meanwhile, a token that dies early. It ends, misses nothing that was there, and hands over no key twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import Response

from sync.amazon.fulfilment.stock import StockStream
from sync.amazon.login.seller import SellerId
from sync.amazon.money.ledger import LedgerStream
from sync.amazon.money.transfers import PayoutStream
from sync.amazon.offers.feeds import FeedStream
from sync.amazon.offers.listings import ListingStream
from sync.streams import Stream

from .scripted import NOW, US, Asked, Scripted, refused

SINCE = NOW - timedelta(days=9)


@dataclass
class Pages:
    """Rows behind a keyset token `after:<row>`; tokens may be refused once, a page may be empty before it goes on."""

    rows: list[int]
    size: int
    late: dict[int, int] = field(default_factory=dict)
    refuse_at: int | None = None
    empty_at: int | None = None
    served: int = 0

    def page(self, token: str | None) -> tuple[list[int], str | None] | None:
        self.served += 1
        if token is not None and self.served == self.refuse_at:
            return None
        after, _, mark = (token or "after:-1").removeprefix("after:").partition("+")
        rows = sorted(row for row in self.rows if row > int(after))
        if self.served == self.empty_at and not mark:
            return [], f"after:{after}+"
        if self.served in self.late:
            self.rows.append(self.late[self.served])
        page = rows[: self.size]
        return page, f"after:{page[-1]}" if len(rows) > self.size else None


@dataclass(frozen=True)
class Kind:
    """How one API wraps its rows, and the stream that reads them."""

    path: str
    ask: str
    row: Callable[[int], Any]
    wrap: Callable[[list[Any], str | None], Any]
    stream: Callable[[Scripted], Stream]
    key: Callable[[Any], str]


def _plain(name: str) -> Callable[[list[Any], str | None], Any]:
    return lambda rows, token: {name: rows, **({"nextToken": token} if token else {})}


def _event(n: int) -> Any:
    money = {"currencyAmount": n, "currencyCode": "USD"}
    return {"transactionId": f"{n}", "postedDate": "2026-11-19T00:00:00Z", "totalAmount": money}


def _more(token: str | None) -> dict[str, Any]:
    return {"pagination": {"nextToken": token}} if token else {}


KINDS = {
    "ledger": Kind(
        "/finances/2024-06-19/transactions",
        "nextToken",
        _event,
        lambda rows, token: {"payload": {"transactions": rows, **({"nextToken": token} if token else {})}},
        lambda v: LedgerStream(v.client, US, v.clock, SINCE),
        lambda r: str(r.transaction_id),
    ),
    "payouts": Kind(
        "/finances/transfers/2024-06-01/payouts",
        "nextToken",
        lambda n: {
            "id": f"{n}",
            "currentStatus": "PAID",
            "amount": {"currencyAmount": n, "currencyCode": "USD"},
        },
        _plain("payouts"),
        lambda v: PayoutStream(v.client, US, v.clock, SINCE),
        lambda r: str(r.payout_id),
    ),
    "stock": Kind(
        "/fba/inventory/v1/summaries",
        "nextToken",
        lambda n: {"sellerSku": f"{n}", "inventoryDetails": {}},
        lambda rows, token: {"payload": {"inventorySummaries": rows}, **_more(token)},
        lambda v: StockStream(v.client, US, v.clock),
        lambda r: str(r.sku),
    ),
    "listings": Kind(
        "/listings/2021-08-01/items/A1",
        "pageToken",
        lambda n: {"sku": f"{n}"},
        lambda rows, token: {"numberOfResults": 5, "items": rows, **_more(token)},
        lambda v: ListingStream(v.client, US, v.clock, SellerId(v.client, US, "A1")),
        lambda r: str(r.sku),
    ),
    "feeds": Kind(
        "/feeds/2021-06-30/feeds",
        "nextToken",
        lambda n: {
            "feedId": f"{n}",
            "feedType": "X",
            "createdTime": "2026-11-19T00:00:00Z",
            "processingStatus": "DONE",
        },
        _plain("feeds"),
        lambda v: FeedStream(v.client, US, v.clock, SINCE),
        lambda r: str(r.feed_id),
    ),
}
#: A token of these may be refused; a list of feeds is read in one go and starts anew with the next pull.
RESTARTS = {"ledger", "payouts", "stock", "listings"}


def scripted(kind: Kind, pages: Pages) -> Scripted:
    vendor = Scripted()
    vendor.on("GET", "/finances/transfers/2024-06-01/payouts/expected", {"expectedPayouts": []})

    def answer(asked: Asked) -> Any:
        token = asked.query.get(kind.ask)
        if "feeds" in kind.path and token and set(asked.query) != {"nextToken"}:
            return refused("InvalidInput", "nextToken goes alone")
        page = pages.page(token)
        if page is None:
            return refused("InvalidInput", "the token has expired")
        rows, token = page
        return kind.wrap([kind.row(n) for n in rows], token)

    vendor.on("GET", kind.path, answer)
    return vendor


@pytest.mark.parametrize("name", KINDS)
@given(data=st.data())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_nothing_is_missed_and_it_ends(name: str, data: st.DataObject) -> None:
    kind = KINDS[name]
    rows = data.draw(st.lists(st.integers(0, 50), unique=True, max_size=20), label="rows")
    small = st.integers(1, 5)
    pages = Pages(
        list(rows),
        data.draw(small, label="page size"),
        data.draw(st.dictionaries(small, st.integers(51, 60), max_size=2), label="late"),
        data.draw(st.none() | st.integers(2, 4), label="refused") if name in RESTARTS else None,
        data.draw(st.none() | small, label="empty"),
    )

    async def scenario() -> list[Any]:
        vendor = scripted(kind, pages)
        async with vendor.client:
            return await vendor.pull(kind.stream(vendor))

    batches = asyncio.run(scenario())

    read = [kind.key(d.record) for b in batches for d in b.documents]
    assert {str(n) for n in rows} <= set(read)
    assert set(read) <= {str(n) for n in pages.rows}
    if pages.refuse_at is None:
        assert len(read) == len(set(read))
    assert batches[-1].covered is not None


@pytest.mark.parametrize("name", ["ledger", "payouts"])
@given(size=st.integers(1, 5), stop=st.integers(1, 6), rows=st.integers(1, 20))
@settings(max_examples=15, deadline=None, derandomize=True)
def test_a_crash_between_two_pages_loses_nothing(name: str, size: int, stop: int, rows: int) -> None:
    kind = KINDS[name]

    async def scenario() -> set[str]:
        vendor = scripted(kind, Pages(list(range(rows)), size))
        first: list[Any] = []
        async with vendor.client:
            pulled = kind.stream(vendor).pull(None, NOW)
            async for batch in pulled:
                first.append(batch)
                if len(first) == stop:
                    break
            await pulled.aclose()  # type: ignore[attr-defined]
            rest = await vendor.pull(kind.stream(vendor), first[-1].cursor)
        return {kind.key(d.record) for b in [*first, *rest] for d in b.documents}

    assert asyncio.run(scenario()) == {str(n) for n in range(rows)}


def test_the_model_itself_refuses_and_goes_on_as_it_says() -> None:
    pages = Pages([1, 2, 3], 2, refuse_at=2)

    assert pages.page(None) == ([1, 2], "after:2")
    assert pages.page("after:2") is None
    assert pages.page("after:2") == ([3], None)
    assert isinstance(refused(), Response)
