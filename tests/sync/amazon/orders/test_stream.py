from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from sync.amazon import streams
from sync.amazon.orders.stream import OrderStream
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=20)


def stream_of(amazon: Any, since: datetime = SINCE) -> OrderStream:
    found = streams(amazon.client, ["amazon.US"], clock=amazon.clock, since=since)[0]
    assert isinstance(found, OrderStream)
    return found


def ids(batches: Sequence[Batch]) -> list[str]:
    return [d.record.order_id for b in batches for d in b.documents]  # type: ignore[union-attr]


async def test_a_list_that_is_none_is_a_broken_contract(amazon: Any) -> None:
    for body in ({}, {"orders": None}, {"orders": "none"}, []):
        amazon.fake.instead["/orders"] = [JSONResponse(body)]
        with pytest.raises(ContractBroken, match="no list of orders"):
            await amazon.pull(stream_of(amazon))


async def test_a_page_that_is_not_json_is_a_broken_contract(amazon: Any) -> None:
    amazon.fake.instead["/orders"] = [Response("<html>hello</html>", 200)]

    with pytest.raises(ContractBroken, match="not JSON"):
        await amazon.pull(stream_of(amazon))


async def test_one_unreadable_order_is_set_aside_and_the_others_go_on(amazon: Any, order: Any, hours: Any) -> None:
    amazon.fake.orders = [order(n, hours(10)) for n in (1, 2, 3)]
    del amazon.fake.orders[1]["createdTime"]

    batches = await amazon.pull(stream_of(amazon))

    assert ids(batches) == ["113-0000001-0000001", "113-0000003-0000001"]
    (bad,) = [q for b in batches for q in b.quarantined]
    assert (bad.key, bad.ordinal) == ("113-0000002-0000001", 1)


async def test_nothing_is_asked_about_the_last_two_minutes(amazon: Any) -> None:
    await amazon.pull(stream_of(amazon))

    (query,) = amazon.fake.asked("/orders")
    assert query["lastUpdatedAfter"] == "2026-10-31T09:00:00Z"
    assert query["lastUpdatedBefore"] == "2026-11-20T08:57:30Z"
    assert {"createdAfter", "createdBefore", "paginationToken"}.isdisjoint(query)


async def test_an_empty_window_is_covered_without_a_page(amazon: Any) -> None:
    (batch,) = await amazon.pull(stream_of(amazon))

    assert batch.page is None
    assert batch.covered is not None
    assert (batch.covered.start, batch.covered.end) == (SINCE, NOW - timedelta(seconds=150))


async def test_the_next_pull_overlaps_the_end_of_the_last(amazon: Any, order: Any) -> None:
    (first,) = await amazon.pull(stream_of(amazon))
    amazon.clock.advance(3600)
    amazon.fake.orders = [order(1, NOW - timedelta(minutes=4))]

    batches = await amazon.pull(stream_of(amazon), dict(first.cursor))

    assert ids(batches) == ["113-0000001-0000001"]
    assert batches[-1].covered is not None
    assert batches[-1].covered.start < NOW - timedelta(seconds=150)


async def test_a_pull_with_nothing_new_to_ask_asks_nothing(amazon: Any) -> None:
    (first,) = await amazon.pull(stream_of(amazon))
    amazon.fake.requests.clear()

    assert await amazon.pull(stream_of(amazon), dict(first.cursor)) == []
    assert amazon.fake.requests == []


async def test_a_long_stretch_is_read_in_windows_without_a_gap(amazon: Any, order: Any) -> None:
    edge = NOW - timedelta(days=70)
    amazon.fake.orders = [order(1, edge), order(2, edge + timedelta(days=30)), order(3, edge + timedelta(days=60))]

    batches = await amazon.pull(replace(stream_of(amazon, since=edge), slice_length=timedelta(days=30)))

    covered = [b.covered for b in batches if b.covered]
    assert len(covered) == 3
    assert covered[0].start == edge
    assert all(a.end == b.start for a, b in pairwise(covered))
    assert set(ids(batches)) == {f"113-000000{n}-0000001" for n in (1, 2, 3)}


async def test_orders_older_than_two_years_are_not_asked_for(amazon: Any) -> None:
    batches = await amazon.pull(stream_of(amazon, since=NOW - timedelta(days=4000)))

    assert batches[0].covered is not None
    assert batches[0].covered.start > NOW - timedelta(days=730)


async def test_a_crash_between_pages_goes_on_with_the_next_page(amazon: Any, order: Any, hours: Any) -> None:
    amazon.fake.orders = [order(n, hours(100 - n)) for n in range(1, 8)]
    amazon.fake.page_size = 2
    pulled = stream_of(amazon).pull(None, amazon.clock.now())
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]

    rest = await amazon.pull(stream_of(amazon), dict(first.cursor))

    assert ids([first]) + ids(rest) == [f"113-000000{n}-0000001" for n in range(1, 8)]


@pytest.mark.proves("A21")
@pytest.mark.parametrize("asleep_h", [23.9, 30])
async def test_a_token_left_for_a_day_costs_a_new_start_and_no_order(
    amazon: Any, order: Any, hours: Any, asleep_h: float
) -> None:
    amazon.fake.orders = [order(n, hours(100 - n)) for n in range(1, 6)]
    amazon.fake.page_size = 2
    pulled = stream_of(amazon).pull(None, amazon.clock.now())
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]
    amazon.clock.advance(asleep_h * 3600)

    rest = await amazon.pull(stream_of(amazon), dict(first.cursor))

    assert set(ids(rest)) == {f"113-000000{n}-0000001" for n in range(1, 6)}


async def test_a_token_that_amazon_refuses_early_restarts_the_window_once(amazon: Any, order: Any, hours: Any) -> None:
    amazon.fake.orders = [order(n, hours(100 - n)) for n in range(1, 6)]
    amazon.fake.page_size = 2
    amazon.fake.token_life_s = -1

    with pytest.raises(Rejected, match="Invalid paginationToken"):
        await amazon.pull(stream_of(amazon))

    assert ["paginationToken" in q for q in amazon.fake.asked("/orders")] == [False, True, False, True]


async def test_a_page_that_comes_back_for_ever_does_not_loop(amazon: Any, order: Any, hours: Any) -> None:
    page = {"orders": [order(1, hours(5))], "pagination": {"nextToken": "always"}}
    amazon.fake.instead["/orders"] = [JSONResponse(page) for _ in range(20)]

    with pytest.raises(ContractBroken, match="again and again"):
        await amazon.pull(stream_of(amazon))

    assert len(amazon.fake.instead["/orders"]) == 16


async def test_both_channels_have_their_streams(amazon: Any) -> None:
    names = [s.name for s in streams(amazon.client, ["amazon.US", "amazon.DE"], clock=amazon.clock, since=SINCE)]

    assert names == ["amazon.orders@US", "amazon.orders@DE", "amazon.settlements@US", "amazon.settlements@DE"]


@given(
    ages_min=st.lists(st.integers(min_value=3, max_value=20 * 1440), max_size=25),
    page_size=st.integers(min_value=1, max_value=6),
    late=st.dictionaries(
        st.integers(min_value=1, max_value=6), st.integers(min_value=3, max_value=20 * 1440), max_size=3
    ),
    repeated=st.booleans(),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_order_is_lost_whatever_the_pages_do(
    new_amazon: Any,
    order: Any,
    ages_min: list[int],
    page_size: int,
    late: dict[int, int],
    repeated: bool,
) -> None:
    """Orders come in during the paging, and one page is sent twice; duplicates collapse by key."""
    amazon = new_amazon()
    amazon.fake.page_size = page_size
    amazon.fake.orders = [order(n, NOW - timedelta(minutes=age)) for n, age in enumerate(ages_min, start=1)]
    there_from_the_start = {str(o["orderId"]) for o in amazon.fake.orders}

    def grow(page: int) -> None:
        if page in late:
            amazon.fake.orders.append(order(1000 + page, NOW - timedelta(minutes=late[page])))

    amazon.fake.after_page = grow

    async def scenario() -> list[Batch]:
        async with amazon.client:
            stream = stream_of(amazon, since=NOW - timedelta(days=21))
            first = await amazon.pull(stream)
            cursor = dict(first[0].cursor) if repeated else dict(first[-1].cursor)
            amazon.clock.advance(1200)
            return first + await amazon.pull(stream, cursor)

    batches = asyncio.run(scenario())

    assert there_from_the_start <= set(ids(batches))
    assert batches[-1].cursor["window"] is None
