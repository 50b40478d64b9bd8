from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from sync.errors import BadInput, ContractBroken, Rejected
from sync.streams import Batch
from sync.walmart import streams
from sync.walmart.orders.stream import OrderStream

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=5)
ORDERS = "/v3/orders"


def stream_of(walmart: Any, since: datetime = SINCE) -> OrderStream:
    found = streams(walmart.client, clock=walmart.clock, since=since)[0]
    assert isinstance(found, OrderStream)
    return found


def ids(batches: Sequence[Batch]) -> list[str]:
    return [d.record.order_id for b in batches for d in b.documents]  # type: ignore[union-attr]


@pytest.mark.parametrize("body", [{}, {"list": None}, {"list": {"elements": {"order": "x"}}}, []])
async def test_a_list_that_is_none_is_a_broken_contract(walmart: Any, body: object) -> None:
    walmart.fake.instead[ORDERS] = [JSONResponse(body)]

    with pytest.raises(ContractBroken):
        await walmart.pull(stream_of(walmart))


async def test_errors_inside_a_good_answer_are_errors(walmart: Any) -> None:
    body = {"list": {"errors": [{"code": "SYSTEM_ERROR", "description": "half"}], "meta": {}, "elements": {}}}
    walmart.fake.instead[ORDERS] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="SYSTEM_ERROR: errors in a good answer: half"):
        await walmart.pull(stream_of(walmart))


async def test_a_bad_request_stops_the_stream(walmart: Any, refused: Any) -> None:
    walmart.fake.instead[ORDERS] = [refused("INVALID_REQUEST.GMP_ORDER_API", "fromDate or toDate is missing", 400)]

    with pytest.raises(Rejected, match="fromDate"):
        await walmart.pull(stream_of(walmart))


@pytest.mark.parametrize("cursor", ["?a=b c", "?a=\n"])
async def test_a_cursor_that_no_address_can_hold_is_a_broken_contract(walmart: Any, order: Any, cursor: str) -> None:
    page = {
        "meta": {"totalCount": 2, "nextCursor": cursor},
        "elements": {"order": [order(1, NOW - timedelta(hours=1))]},
    }
    walmart.fake.instead[ORDERS] = [JSONResponse({"list": page})]

    with pytest.raises(ContractBroken, match="nextCursor"):
        await walmart.pull(stream_of(walmart))


async def test_paging_that_never_gets_on_stops_and_says_how_many_are_missing(walmart: Any, order: Any) -> None:
    rows = [order(1, NOW - timedelta(hours=1))]
    page = {"meta": {"totalCount": 31, "nextCursor": "?limit=1&soIndex=1"}, "elements": {"order": rows}}
    walmart.fake.instead[ORDERS] = [JSONResponse({"list": page}) for _ in range(20)]

    with pytest.raises(ContractBroken, match="1 of 31 orders"):
        await walmart.pull(stream_of(walmart))

    assert len(walmart.fake.instead[ORDERS]) == 8


@pytest.mark.proves("W08")
async def test_a_repeated_cursor_without_a_count_is_not_taken_for_the_end(walmart: Any, order: Any) -> None:
    rows = [order(1, NOW - timedelta(hours=1))]
    page = {"meta": {"nextCursor": "?limit=1&soIndex=1"}, "elements": {"order": rows}}
    walmart.fake.instead[ORDERS] = [JSONResponse({"list": page}) for _ in range(20)]

    with pytest.raises(ContractBroken, match="of None orders"):
        await walmart.pull(stream_of(walmart))


async def test_one_unreadable_order_is_set_aside_and_the_others_go_on(walmart: Any, order: Any, hours: Any) -> None:
    walmart.fake.orders = [order(n, hours(10)) for n in (1, 2, 3)]
    walmart.fake.orders[1]["orderDate"] = "soon"

    batches = await walmart.pull(stream_of(walmart))

    assert ids(batches) == ["1000000000001", "1000000000003"]
    (bad,) = [q for b in batches for q in b.quarantined]
    assert (bad.key, bad.ordinal) == ("1000000000002", 1)


@pytest.mark.proves("W07")
async def test_no_orders_at_all_is_a_404_and_no_error(walmart: Any) -> None:
    (batch,) = await walmart.pull(stream_of(walmart))

    assert batch.page is None
    assert batch.covered is not None
    assert (batch.covered.start, batch.covered.end) == (SINCE, NOW - timedelta(seconds=30))


async def test_a_wrong_address_is_not_taken_for_no_orders(walmart: Any, refused: Any) -> None:
    walmart.fake.instead[ORDERS] = [refused("URI_NOT_FOUND.GMP_GATEWAY_API", "no such address", 404)]

    with pytest.raises(Rejected):
        await walmart.pull(stream_of(walmart))


@pytest.mark.proves("W10", "W24", "W35")
async def test_every_kind_is_asked_for_with_a_window_without_milliseconds(walmart: Any) -> None:
    await walmart.pull(stream_of(walmart))

    seller, wfs, third_party = walmart.fake.asked(ORDERS)
    assert seller == (
        "lastModifiedStartDate=2026-11-15T08%3A59%3A59Z&lastModifiedEndDate=2026-11-20T08%3A59%3A31Z"
        "&createdStartDate=2026-05-24T09%3A00%3A00Z&createdEndDate=2026-11-20T08%3A59%3A31Z"
        "&shipNodeType=SellerFulfilled&replacementInfo=true&limit=200"
    )
    assert wfs == seller.replace("SellerFulfilled", "WFSFulfilled")
    assert third_party == seller.replace("SellerFulfilled", "3PLFulfilled")


@pytest.mark.proves("W24")
async def test_orders_that_walmart_fulfils_come_too(walmart: Any, order: Any, hours: Any) -> None:
    walmart.fake.orders = [order(1, hours(5)), order(2, hours(4), shipNode={"type": "WFSFulfilled"})]

    batches = await walmart.pull(stream_of(walmart))

    assert [(d.record.order_id, d.record.fulfilled_by) for b in batches for d in b.documents] == [  # type: ignore[union-attr]
        ("1000000000001", "seller"),
        ("1000000000002", "channel"),
    ]


@pytest.mark.proves("W08")
async def test_the_cursor_goes_back_byte_for_byte(walmart: Any, order: Any, hours: Any) -> None:
    walmart.fake.orders = [order(n, hours(20 - n)) for n in range(1, 6)]
    walmart.fake.page_size = 2

    assert len(ids(await walmart.pull(stream_of(walmart)))) == 5
    second = walmart.fake.asked(ORDERS)[1]
    assert second.startswith("limit=2&hasMoreElements=true&soIndex=2&lastModifiedStartDate=2026-11-15T08%3A59%3A59Z")


@pytest.mark.parametrize("refuses", [False, True])
async def test_a_window_that_is_too_full_is_halved(walmart: Any, order: Any, hours: Any, refuses: bool) -> None:
    walmart.fake.orders = [order(n, hours(100 - n)) for n in range(90)]
    walmart.fake.most_per_query, walmart.fake.refuses_too_many = 20, refuses
    stream = stream_of(walmart)
    if not refuses:
        walmart.fake.orders[0]["big"] = True
        full = {"list": {"meta": {"totalCount": 10_001, "nextCursor": "?x=1"}, "elements": {"order": []}}}
        walmart.fake.instead[ORDERS] = [JSONResponse(full)]

    batches = await walmart.pull(stream)

    assert set(ids(batches)) == {f"1{n:012d}" for n in range(90)}
    assert len([b for b in batches if b.covered]) == 1


async def test_more_orders_in_one_second_than_a_query_gives_is_said(walmart: Any) -> None:
    full = {"list": {"meta": {"totalCount": 10_001}, "elements": {"order": []}}}
    walmart.fake.instead[ORDERS] = [JSONResponse(full) for _ in range(60)]

    with pytest.raises(ContractBroken, match="in one second"):
        await walmart.pull(stream_of(walmart))


async def test_a_long_stretch_is_read_in_windows_without_a_gap(walmart: Any, order: Any) -> None:
    edge = NOW - timedelta(days=21)
    walmart.fake.orders = [order(n, edge + timedelta(days=7 * n)) for n in range(3)]

    batches = await walmart.pull(stream_of(walmart, since=edge))

    covered = [b.covered for b in batches if b.covered]
    assert len(covered) == 3
    assert all(a.end == b.start for a, b in pairwise(covered))
    assert set(ids(batches)) == {f"1{n:012d}" for n in range(3)}


async def test_what_walmart_no_longer_serves_is_not_claimed_as_covered(walmart: Any) -> None:
    batches = await walmart.pull(stream_of(walmart, since=NOW - timedelta(days=400)))

    assert batches[0].covered is not None
    assert batches[0].covered.start == NOW - timedelta(days=180)


async def test_the_next_pull_overlaps_the_end_of_the_last(walmart: Any, order: Any) -> None:
    (first,) = await walmart.pull(stream_of(walmart))
    walmart.clock.advance(3600)
    walmart.fake.orders = [order(1, NOW - timedelta(minutes=10))]

    assert ids(await walmart.pull(stream_of(walmart), dict(first.cursor))) == ["1000000000001"]


async def test_a_crash_between_pages_reads_the_window_again(walmart: Any, order: Any, hours: Any) -> None:
    walmart.fake.orders = [order(n, hours(20 - n)) for n in range(1, 6)]
    walmart.fake.page_size = 2
    pulled = stream_of(walmart).pull(None, walmart.clock.now())
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]

    rest = await walmart.pull(stream_of(walmart), dict(first.cursor))

    assert set(ids(rest)) == {f"1{n:012d}" for n in range(1, 6)}


@pytest.mark.proves("W20")
async def test_an_html_page_from_the_front_is_passing(walmart: Any, order: Any, hours: Any) -> None:
    walmart.fake.orders = [order(1, hours(5))]
    walmart.fake.instead[ORDERS] = [Response("<html>502</html>", 502)]

    assert ids(await walmart.pull(stream_of(walmart))) == ["1000000000001"]


def test_another_market_is_refused(walmart: Any) -> None:
    with pytest.raises(BadInput, match="market cannot be pulled"):
        streams(walmart.client, ["walmart.CA"], clock=walmart.clock, since=SINCE)


@given(
    ages_min=st.lists(st.integers(2, 5 * 1440 - 1), max_size=25),
    page_size=st.integers(1, 6),
    repeats=st.frozensets(st.integers(2, 8), max_size=1),
    comes=st.dictionaries(st.integers(1, 6), st.integers(2, 5 * 1440 - 1), max_size=2),
    leaves=st.dictionaries(st.integers(2, 6), st.integers(0, 24), max_size=2),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_order_is_lost_whatever_the_pages_do(
    new_walmart: Any,
    order: Any,
    ages_min: list[int],
    page_size: int,
    repeats: frozenset[int],
    comes: dict[int, int],
    leaves: dict[int, int],
) -> None:
    """Pages count by place: a page sent twice, orders that come, and orders that change (and move to the end)."""
    walmart = new_walmart()
    walmart.fake.page_size, walmart.fake.repeats = page_size, repeats
    walmart.fake.orders = [order(n, NOW - timedelta(minutes=age)) for n, age in enumerate(ages_min, start=1)]
    everything = {str(o["purchaseOrderId"]) for o in walmart.fake.orders}

    def move(page: int) -> None:
        if page in comes:
            walmart.fake.orders.append(order(1000 + page, NOW - timedelta(minutes=comes[page])))
            if comes[page] < 15:
                # Indexed later than its time says: the next pull goes that far back.
                everything.add(f"1{1000 + page:012d}")
        elif page in leaves and leaves[page] < len(ages_min):
            # Never both at once: only late indexing adds to a past window, and then the number would not show it.
            walmart.fake.orders[leaves[page]] = order(leaves[page] + 1, NOW + timedelta(minutes=1))

    walmart.fake.before_page = move

    async def scenario() -> list[Batch]:
        async with walmart.client:
            stream = stream_of(walmart)
            first = await walmart.pull(stream)
            walmart.clock.advance(600)
            walmart.fake.before_page = lambda _: None
            return first + await walmart.pull(stream, dict(first[-1].cursor))

    assert everything <= set(ids(asyncio.run(scenario())))
