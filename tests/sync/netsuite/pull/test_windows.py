"""Windows of change: halved when a query runs out of time, wide again afterwards, resumed where they stood."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx
import pytest

from sync.errors import Transient
from sync.netsuite import PullSettings, streams
from sync.netsuite.pull.places import Place, Start
from sync.streams import Window
from tests.sync.netsuite.conftest import Tables

SINCE = datetime(2026, 11, 1, tzinfo=UTC)
UNTIL = datetime(2026, 11, 17, tzinfo=UTC)


class Slow(Tables):
    """Tables whose queries time out where their window is wider than a day, as large accounts do."""

    def __init__(self, widest: timedelta, **tables: list[dict[str, str]]) -> None:
        super().__init__(**tables)
        self.widest, self.timeouts = widest, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        if " lastmodifieddate FROM transaction " in body["q"] and "TO_TIMESTAMP" in body["q"]:
            times = [p for p in body["params"] if re.match(r"\d{4}-", p)]
            start = datetime.fromisoformat(times[0]).replace(tzinfo=UTC)
            end = datetime.fromisoformat(times[1]).replace(tzinfo=UTC) if len(times) > 1 else UNTIL
            if end - start > self.widest:
                self.timeouts += 1
                raise httpx.ReadTimeout("no answer in 300 s")
        return super().__call__(request)

    def _rows(self, table: str, rest: str, params: list[str]):
        if rest.count("TO_TIMESTAMP") == 2:
            since, until, *others = params
            rows = super()._rows(table, rest.replace("< TO_TIMESTAMP", "< GIVEN"), [since, *others])
            return [r for r in rows if r["lastmodifieddate"] < until]
        return super()._rows(table, rest, params)


def order(number: int, day: int) -> dict[str, str]:
    return {
        "id": str(number), "type": "SalesOrd", "recordtype": "salesorder", "status": "B", "trandate": "2026-11-01",
        "currency": "1", "lastmodifieddate": f"2026-11-{day:02} 08:00:00",
    }  # fmt: skip


def world(widest: timedelta) -> Slow:
    rows = [order(100 - day, day) for day in range(1, 17)]
    currency = [{"id": "1", "symbol": "USD"}]
    lines = {"transactionline": [], "transactionaccountingline": []}
    return Slow(widest, currency=currency, transaction=rows, **lines)


def stream_of(netsuite, tables: Tables):
    settings = PullSettings(since=SINCE, overlap=timedelta(0), transactions_a_page=1)
    return next(s for s in streams(netsuite(tables), settings) if s.name == "netsuite.transactions")


@pytest.mark.proves("N40")
async def test_a_window_that_is_narrow_already_and_still_times_out_fails_loudly(netsuite):
    with pytest.raises(Transient, match="ReadTimeout"):
        _ = [b async for b in stream_of(netsuite, world(timedelta(0))).pull(None, UNTIL)]


@pytest.mark.proves("N34")
async def test_an_outage_is_no_reason_to_halve_a_window(netsuite):
    tables = world(timedelta(days=90))
    stream = stream_of(netsuite, tables)
    _ = [b async for b in stream.pull(None, UNTIL)]
    tables.fail = [httpx.Response(503, text="<html>") for _ in range(3)]
    asked = len(tables.queries)
    with pytest.raises(Transient):
        _ = [b async for b in stream.pull(None, UNTIL)]
    assert len(tables.queries) - asked == 3


@pytest.mark.proves("N40")
@pytest.mark.parametrize("widest", [timedelta(days=20), timedelta(days=5), timedelta(hours=7)])
async def test_everything_is_read_in_windows_as_narrow_as_the_account_needs(netsuite, widest):
    tables = world(widest)
    batches = [b async for b in stream_of(netsuite, tables).pull(None, UNTIL)]
    assert sorted(int(d.record.transaction_id) for b in batches for d in b.documents) == list(range(84, 100))
    covered = [b.covered for b in batches if b.covered]
    assert (covered[0].start, covered[-1].end) == (SINCE, UNTIL)
    assert all(one.end == two.start for one, two in pairwise(covered))
    assert (tables.timeouts > 0) is (widest < UNTIL - SINCE)


@pytest.mark.proves("N40")
async def test_a_narrowed_window_is_resumed_as_narrow_as_it_was(netsuite):
    tables = world(timedelta(days=5))
    seen, cursor = [], None
    async for batch in stream_of(netsuite, tables).pull(None, UNTIL):
        seen += [d.record.transaction_id for d in batch.documents]
        cursor = batch.cursor
        if len(seen) == 3:
            break
    assert cursor is not None
    tables.timeouts = 0
    async for batch in stream_of(netsuite, tables).pull(json.loads(json.dumps(cursor)), UNTIL):
        seen += [d.record.transaction_id for d in batch.documents]
    assert sorted(map(int, seen)) == list(range(84, 100))
    assert tables.timeouts == 0


@pytest.mark.proves("N14")
def test_each_window_reaches_back_and_the_next_begins_where_it_ended():
    start = Start(SINCE, 1)
    place = start.place({"done": UNTIL.isoformat()}, UNTIL + timedelta(hours=1))
    assert (place.start, place.until) == (UNTIL, UNTIL + timedelta(hours=1))
    assert place.next(place.until) is None
    later = place.next(place.until + timedelta(hours=1))
    assert later is not None
    assert later.start == place.until


def test_a_cursor_of_another_table_begins_its_window_again():
    place = Place(SINCE, UNTIL, ("5", "7"), seen=3)
    assert Start(SINCE, 2).place(place.cursor(), UNTIL) == place
    again = Start(SINCE, 1).place(place.cursor(), UNTIL)
    assert (again.seen, Window(again.start, again.until)) == (0, Window(SINCE, UNTIL))
    old = {"start": SINCE.isoformat(), "until": UNTIL.isoformat(), "after": 9, "seen": 4}
    assert Start(SINCE, 1).place(old, UNTIL).after == ("9",)
