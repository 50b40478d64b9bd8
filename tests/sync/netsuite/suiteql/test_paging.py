"""Reading in pages: nothing twice, nothing left out, whatever the size of a page and whatever happens between two."""

from __future__ import annotations

import asyncio
import random
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import ManualClock
from sync.errors import ContractBroken
from sync.netsuite import NetSuiteAccount, NetSuiteClient, PullSettings, connect, streams
from sync.netsuite.suiteql.paging import BEFORE_ALL, Key, after, grown
from sync.transport import MemoryCallLog, Reply, RetrySettings
from tests.sync.netsuite.conftest import Tables

UNTIL = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def client_of(tables: Tables) -> NetSuiteClient:
    return connect(
        NetSuiteAccount("1234567"),
        httpx.Auth(),
        calls=MemoryCallLog(),
        clock=ManualClock(UNTIL),
        retry=RetrySettings(tries=3),
        rng=random.Random(3),
        wire=httpx.MockTransport(tables),
    )


class Unsteady(Tables):
    """Tables that misbehave between pages: rows come in, a page is served again, `hasMore` is false too early."""

    def __init__(self, misdeeds: dict[int, str], newcomers: list[int], **tables: list[dict[str, str]]) -> None:
        super().__init__(**tables)
        self.misdeeds, self.newcomers = misdeeds, newcomers
        self.asked, self.before = 0, None
        self.has_more = lambda page_is_last: False

    def _answer(self, query: str, params: list[str], limit: int) -> httpx.Response:
        answer = super()._answer(query, params, limit)
        # Probes and lists of currencies are left alone.
        if " = ? " in query or limit == 1 or "FROM currency" in query or answer.status_code != 200:
            return answer
        self.asked += 1
        misdeed = self.misdeeds.get(self.asked)
        if misdeed == "insert" and self.newcomers:
            self.tables["item"].append(item(self.newcomers.pop()))
        if misdeed == "repeat" and self.before is not None:
            return self.before
        self.before = answer
        return answer


def item(number: int) -> dict[str, str]:
    return {
        "id": str(number),
        "itemid": f"S{number}",
        "itemtype": "InvtPart",
        "lastmodifieddate": "2026-11-05 08:00:00",
    }


@pytest.mark.proves("N17", "N18", "N19")
@settings(max_examples=40, deadline=None)
@given(
    numbers=st.sets(st.integers(-5, 400), max_size=40),
    size=st.integers(1, 50),
    misdeeds=st.dictionaries(st.integers(2, 60), st.sampled_from(["insert", "repeat"]), max_size=4),
    late=st.lists(st.integers(401, 500), max_size=3, unique=True),
)
def test_every_row_is_read_once_whatever_happens_between_pages(numbers, size, misdeeds, late):
    # Two repeats in a row are more than a page is asked for again.
    calm = {n: m for n, m in misdeeds.items() if m == "insert" or misdeeds.get(n - 1) != "repeat"}
    tables = Unsteady(calm, late, currency=[], item=[item(n) for n in sorted(numbers)])

    async def read() -> list[str]:
        stream = next(
            s for s in streams(client_of(tables), PullSettings(since=UNTIL, page_rows=size)) if "items" in s.name
        )
        return [d.record.item_id async for b in stream.pull(None, UNTIL) for d in b.documents]

    seen = asyncio.run(read())
    assert len(seen) == len(set(seen))
    assert {str(n) for n in numbers} <= set(seen)


@pytest.mark.proves("N17")
async def test_a_list_survives_a_page_that_is_served_again_and_a_broken_order_is_told(netsuite):
    rows = [{"id": str(n), "accttype": "Bank", "fullname": f"A{n}"} for n in range(1, 8)]
    tables = Unsteady({3: "repeat"}, [], account=rows, currency=[])
    stream = next(
        s for s in streams(netsuite(tables), PullSettings(since=UNTIL, page_rows=2)) if s.name == "netsuite.accounts"
    )
    assert [d.record.account_id async for b in stream.pull(None, UNTIL) for d in b.documents] == list("1234567")
    tables.misdeeds, tables.asked, tables.before = dict.fromkeys(range(2, 40), "repeat"), 0, None
    with pytest.raises(ContractBroken, match="not in order"):
        _ = [b async for b in stream.pull(None, UNTIL)]


KEYS = (Key("a", "t.a"), Key("b", "t.b"), Key("c", "t.c", is_number=False))


def test_the_condition_behind_a_key_of_three_parts():
    condition, params = after(KEYS, ("1", "2", "x"))
    assert condition == "(t.a > ? OR (t.a = ? AND (t.b > ? OR (t.b = ? AND t.c > ?))))"
    assert params == ["1", "1", "2", "2", "x"]


@pytest.mark.parametrize(
    ("row", "last", "fits"),
    [
        ({"a": "1", "b": "2", "c": "x"}, (BEFORE_ALL, BEFORE_ALL, BEFORE_ALL), True),
        ({"a": "1", "b": "3", "c": "a"}, ("1", "2", "x"), True),
        # How the account sorts text is its own affair; the same row twice is not.
        ({"a": "1", "b": "2", "c": "a"}, ("1", "2", "x"), True),
        ({"a": "1", "b": "2", "c": "x"}, ("1", "2", "x"), False),
        ({"a": "1", "b": "1", "c": "z"}, ("1", "2", "x"), False),
        ({"a": "one", "b": "2", "c": "x"}, ("1", "2", "x"), False),
        ({"b": "2", "c": "x"}, ("1", "2", "x"), False),
    ],
)
def test_a_row_stands_behind_the_last_one(row, last, fits):
    reply = Reply(200, {}, b"")
    if fits:
        assert grown(reply, row, KEYS, last) == ("1", row["b"], row["c"])
    else:
        with pytest.raises(ContractBroken, match="not in order"):
            grown(reply, row, KEYS, last)


@pytest.mark.proves("N19")
async def test_an_offset_is_never_used_so_that_no_row_lies_behind_the_hundred_thousandth(netsuite):
    tables = Tables(currency=[], item=[item(n) for n in range(1, 30)])
    offsets = []

    def watch(request: httpx.Request) -> httpx.Response:
        offsets.append(request.url.params["offset"])
        return tables(request)

    stream = next(
        s for s in streams(netsuite(watch), PullSettings(since=UNTIL, page_rows=3)) if s.name == "netsuite.items"
    )
    assert len([d async for b in stream.pull(None, UNTIL) for d in b.documents]) == 29
    assert set(offsets) == {"0"}
