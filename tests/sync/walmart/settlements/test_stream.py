from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from sync.errors import ContractBroken
from sync.records import Settlement
from sync.streams import Batch
from sync.walmart import streams
from sync.walmart.settlements.stream import SettlementStream

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=90)
DATES, FILE = "/v3/report/reconreport/availableReconFiles", "/v3/report/reconreport/reconFile"


def stream_of(walmart: Any, since: datetime = SINCE) -> SettlementStream:
    found = streams(walmart.client, clock=walmart.clock, since=since)[1]
    assert isinstance(found, SettlementStream)
    return found


def settlements(batches: Sequence[Batch]) -> list[Settlement]:
    return [d.record for b in batches for d in b.documents if isinstance(d.record, Settlement)]


@pytest.mark.parametrize("body", [{}, {"availableApReportDates": None}, {"availableApReportDates": "x"}, []])
async def test_a_list_that_is_none_is_a_broken_contract(walmart: Any, body: object) -> None:
    walmart.fake.instead[DATES] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="report dates"):
        await walmart.pull(stream_of(walmart))


async def test_dates_that_are_none_are_shown_and_the_others_go_on(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00"], "1.00")}
    dates = ["13402026", "2026-11-10", 7, "02302026", "11102026"]
    walmart.fake.instead[DATES] = [JSONResponse({"availableApReportDates": dates})]

    batches = await walmart.pull(stream_of(walmart))

    assert len([q for b in batches for q in b.quarantined]) == 4
    assert len(settlements(batches)) == 1


@pytest.mark.proves("W27", "W36")
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (JSONResponse({"status": "ERROR"}), "no ZIP"),
        (JSONResponse({"errors": [{"code": "NO_DATA", "description": "not yet"}]}), "no ZIP: NO_DATA: not yet"),
        (Response("<html>hello</html>"), "no ZIP: hello"),
        (Response(b""), "no ZIP"),
        (Response(b"PK\x03\x04 cut short"), "ZIP"),
    ],
)
async def test_what_is_no_report_is_set_aside_and_fetched_again(
    walmart: Any, recon: Any, answer: Response, reason: str
) -> None:
    walmart.fake.reports = {"10272026": recon(["2.00"], "2.00", "10/27/2026"), "11102026": recon(["1.00"], "1.00")}
    walmart.fake.instead[FILE] = [answer]

    first = await walmart.pull(stream_of(walmart))
    (bad,) = [q for b in first for q in b.quarantined]
    assert reason in bad.reason
    assert bad.key == "2026-10-27"
    assert [s.settlement_id for s in settlements(first)] == ["20261110"]

    second = await walmart.pull(stream_of(walmart), dict(first[-1].cursor))
    assert [s.settlement_id for s in settlements(second)] == ["20261027"]


async def test_a_report_that_is_refused_is_set_aside(walmart: Any, recon: Any, refused: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00"], "1.00")}
    walmart.fake.instead[FILE] = [refused("NOT_FOUND", "gone", 404)]

    batches = await walmart.pull(stream_of(walmart))

    (bad,) = [q for b in batches for q in b.quarantined]
    assert "cannot be fetched" in bad.reason


async def test_a_report_that_does_not_foot_is_set_aside(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00", "2.00"], "3.01")}

    (bad,) = [q for b in await walmart.pull(stream_of(walmart)) for q in b.quarantined]
    assert "residual 0.01" in bad.reason


async def test_before_the_first_period_closes_there_is_nothing(walmart: Any, refused: Any) -> None:
    (empty,) = await walmart.pull(stream_of(walmart))
    walmart.fake.instead[DATES] = [refused("CONTENT_NOT_FOUND", "none", 404)]
    (missing,) = await walmart.pull(stream_of(walmart))

    assert empty.covered == missing.covered
    assert empty.covered is not None
    assert (empty.covered.start, empty.covered.end) == (SINCE, NOW)


async def test_reports_come_oldest_first_and_once(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {
        "11102026": recon(["1.00", "-0.25"], "0.75"),
        "10272026": recon(["2.00"], "2.00", "10/27/2026"),
        "01052020": recon(["3.00"], "3.00", "01/05/2020"),
    }

    first = await walmart.pull(stream_of(walmart))

    assert [(s.document_name, s.total) for s in settlements(first)] == [
        ("recon 2026-10-27", Decimal("2.00")),
        ("recon 2026-11-10", Decimal("0.75")),
    ]
    assert [b.report_id for b in first] == ["2026-10-27", "2026-11-10", None]
    walmart.fake.requests.clear()
    second = await walmart.pull(stream_of(walmart), dict(first[-1].cursor))
    assert settlements(second) == []
    assert walmart.fake.asked(FILE) == []


async def test_the_report_is_asked_for_as_bytes(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00"], "1.00")}

    await walmart.pull(stream_of(walmart))

    assert walmart.fake.asked(FILE) == ["reportDate=11102026&reportVersion=v1"]
    assert walmart.fake.headers[-1]["accept"] == "application/octet-stream"


@given(count=st.integers(0, 8), stop_after=st.integers(0, 8), bad=st.frozensets(st.integers(0, 7), max_size=2))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_report_is_read_exactly_once_whatever_happens(
    new_walmart: Any, recon: Any, count: int, stop_after: int, bad: frozenset[int]
) -> None:
    walmart = new_walmart()
    days = [NOW.date() - timedelta(days=3 + 7 * n) for n in range(count)]
    walmart.fake.reports = {f"{d:%m%d%Y}": recon(["1.00"], "1.00", f"{d:%m/%d/%Y}") for d in days}
    walmart.fake.instead[FILE] = [Response(b"PK") for _ in bad & set(range(count))]

    async def scenario() -> list[Batch]:
        async with walmart.client:
            stream, seen, cursor = stream_of(walmart), [], None
            pulled = stream.pull(None, walmart.clock.now())
            async for batch in pulled:
                seen.append(batch)
                cursor = dict(batch.cursor)
                if len(seen) > stop_after:
                    break
            await pulled.aclose()  # type: ignore[attr-defined]
            walmart.fake.instead.clear()
            return seen + await walmart.pull(stream, cursor)

    read = [s.settlement_id for s in settlements(asyncio.run(scenario()))]

    assert sorted(read) == sorted(f"{d:%Y%m%d}" for d in days)


@pytest.mark.proves("W26")
async def test_rows_that_break_off_leave_the_day_open(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00", "2.00", "3.00"], "6.00")}
    walmart.fake.instead[FILE] = [JSONResponse({"status": "ERROR"})]
    walmart.fake.rows_at_once, walmart.fake.refuses_offsets = 2, True

    batches = await walmart.pull(stream_of(walmart))

    (bad,) = [q for b in batches for q in b.quarantined]
    assert "break off after 2" in bad.reason
    assert batches[-1].cursor["states"] == {"2026-11-10": "stored"}
    assert batches[-1].cursor["seen"] == []


@pytest.mark.proves("W27")
@pytest.mark.parametrize("at_once", [1, 2, 1000])
@pytest.mark.parametrize("status", [200, 406])
async def test_a_refused_zip_is_read_from_its_rows(walmart: Any, recon: Any, at_once: int, status: int) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00", "2.00", "-0.50"], "2.50")}
    walmart.fake.instead[FILE] = [JSONResponse({"status": "ERROR"}, status)]
    walmart.fake.rows_at_once = at_once

    batches = await walmart.pull(stream_of(walmart))

    (found,) = settlements(batches)
    assert (found.total, found.line_count) == (Decimal("2.50"), 3)
    assert batches[-1].cursor["states"] == {"2026-11-10": "done"}


async def test_a_report_that_was_issued_anew_replaces_the_old(walmart: Any, recon: Any) -> None:
    walmart.fake.reports = {"11102026": recon(["1.00"], "1.00")}
    first = await walmart.pull(stream_of(walmart))
    walmart.fake.reports = {"11102026": recon(["1.00", "4.00"], "5.00")}

    soon = await walmart.pull(stream_of(walmart), dict(first[-1].cursor))
    walmart.clock.advance(timedelta(days=1).total_seconds())
    later = await walmart.pull(stream_of(walmart), dict(soon[-1].cursor))

    assert settlements(soon) == []
    assert [(s.settlement_id, s.total) for s in settlements(later)] == [("20261110", Decimal("5.00"))]
