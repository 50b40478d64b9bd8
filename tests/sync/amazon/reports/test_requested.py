"""Reports that must be asked for: one request a window, whatever happens between."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from sync.amazon.fulfilment.movements import MOVEMENTS
from sync.amazon.reports.calls import create_report_call
from sync.amazon.reports.requested import ReportKind, RequestedReportStream
from sync.amazon.reports.text import Report
from sync.errors import ContractBroken, InDoubt, Rejected, Transient
from sync.streams import Batch
from tests.sync.amazon.scripted import NOW, US, Scripted, documents, quarantined, refused

REPORTS = "/reports/2021-06-30/reports"
DOCUMENT = "/reports/2021-06-30/documents/D1"
HEAD = b"Date\tFNSKU\tASIN\tMSKU\tEventType\tReferenceID\tQuantity\n"
ROW = b"11/18/2026\tX1\tB0\tMUG\tReceipts\tR1\t5\n"


def stream_of(vendor: Scripted, days: int = 3, kind: ReportKind = MOVEMENTS) -> RequestedReportStream:
    return RequestedReportStream(vendor.client, US, vendor.clock, NOW - timedelta(days=days), kind)


def state(name: str, document: str = "") -> dict[str, str]:
    return {"reportId": "R1", "processingStatus": name, **({"reportDocumentId": document} if document else {})}


@pytest.fixture
def working(vendor: Scripted) -> Scripted:
    vendor.on("POST", REPORTS, JSONResponse({"reportId": "R1"}, 202))
    vendor.on("GET", f"{REPORTS}/R1", state("IN_QUEUE"), state("IN_PROGRESS"), state("DONE", "D1"))
    vendor.document(DOCUMENT, HEAD + ROW, packed=True)
    return vendor


async def test_a_report_is_asked_for_polled_fetched_and_read(working: Scripted) -> None:
    batches = await working.pull(stream_of(working))

    assert [d.record.sku for d in documents(batches)] == ["MUG"]
    asked = working.requests("POST", REPORTS)[0].json
    assert asked["reportType"] == "GET_LEDGER_DETAIL_VIEW_DATA"
    assert (asked["dataStartTime"], asked["dataEndTime"]) == ("2026-11-17T00:00:00Z", "2026-11-20T09:00:00Z")
    assert batches[-1].covered is not None
    assert batches[-1].covered.end == NOW
    assert working.clock.slept[:2] == [15.0, 30.0]


async def test_a_restart_goes_on_with_the_report_that_was_asked_for(working: Scripted) -> None:
    pulled = stream_of(working).pull(None, NOW)
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]
    assert first.documents == ()

    rest = await working.pull(stream_of(working), first.cursor)

    assert len(documents(rest)) == 1
    assert len(working.requests("POST", REPORTS)) == 1


async def test_a_report_that_was_asked_for_long_ago_is_asked_for_anew(working: Scripted) -> None:
    pulled = stream_of(working).pull(None, NOW)
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]
    working.clock.advance(95 * 86400)

    rest = await working.pull(stream_of(working, days=2), first.cursor)

    assert len(working.requests("POST", REPORTS)) > 1
    assert rest[-1].covered is not None


@pytest.mark.proves("A30")
async def test_cancelled_means_no_data_and_covers_the_window(working: Scripted) -> None:
    working.on("GET", f"{REPORTS}/R1", state("CANCELLED"))

    batches = await working.pull(stream_of(working))

    assert documents(batches) == []
    assert quarantined(batches) == []
    assert batches[-1].covered is not None
    assert batches[-1].note == "no data in this window"


async def test_a_report_that_amazon_cannot_make_is_shown_and_asked_for_again(working: Scripted) -> None:
    working.on("GET", f"{REPORTS}/R1", state("FATAL"))

    first = await working.pull(stream_of(working))
    assert "FATAL" in quarantined(first)[0]
    assert [b.covered for b in first] == [None, None]

    working.on("GET", f"{REPORTS}/R1", state("DONE", "D1"))
    second = await working.pull(stream_of(working), first[-1].cursor)
    assert len(documents(second)) == 1
    assert len(working.requests("POST", REPORTS)) == 2


@pytest.mark.proves("A29")
async def test_a_report_that_may_not_be_asked_for_is_refused_in_amazons_words(vendor: Scripted) -> None:
    words = "Request for report type 1118 is not allowed at this time"
    vendor.on("POST", REPORTS, refused("InvalidInput", words))

    with pytest.raises(Rejected, match="1118"):
        await vendor.client.send(create_report_call("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", US.marketplace_id))


async def test_a_lost_answer_is_looked_for_before_a_second_request(working: Scripted) -> None:
    working.on("POST", REPORTS, Response("", 500), JSONResponse({"reportId": "R2"}, 202))
    made = {**state("IN_QUEUE"), "dataStartTime": "2026-11-17T00:00:00+00:00", "dataEndTime": "2026-11-20T09:00:00Z"}
    other = {"reportId": "R0", "dataStartTime": "2026-01-17T00:00:00Z", "dataEndTime": "2026-11-20T09:00:00Z"}
    working.on("GET", REPORTS, {"reports": [other, made]})

    batches = await working.pull(stream_of(working))

    assert len(documents(batches)) == 1
    assert len(working.requests("POST", REPORTS)) == 1


async def test_a_lost_request_is_sent_once_more_and_not_for_ever(working: Scripted) -> None:
    working.on("POST", REPORTS, Response("", 500))
    working.on("GET", REPORTS, {"reports": []})

    with pytest.raises(InDoubt):
        await working.pull(stream_of(working))

    assert len(working.requests("POST", REPORTS)) == 2


@pytest.mark.parametrize("damage", ["cut", "altered", "columns"])
async def test_a_damaged_report_is_set_aside_and_its_window_stays_open(working: Scripted, damage: str) -> None:
    working.document(DOCUMENT, HEAD + ROW * 50, packed=True)
    if damage == "columns":
        working.document(DOCUMENT, b"Day\tSKU\n1\t2\n")
    else:
        whole = working.answers["GET", "/s3/D1"][0](None)  # type: ignore[operator,arg-type,misc]
        body = bytes(whole.body)
        bad = body[:-12] if damage == "cut" else body[:20] + b"\x00\xff\x00" + body[23:]
        working.on("GET", "/s3/D1", lambda _: Response(bad))

    batches = await working.pull(stream_of(working))

    assert len(quarantined(batches)) == 1
    assert documents(batches) == []
    assert all(b.covered is None for b in batches)
    assert batches[-1].cursor == {"until": None, "report": None}


@pytest.mark.proves("A24", "A25")
async def test_a_document_that_was_unpacked_on_the_way_is_not_unpacked_again(working: Scripted) -> None:
    working.document(DOCUMENT, HEAD + ROW, packed=False)

    assert len(documents(await working.pull(stream_of(working)))) == 1


@pytest.mark.proves("A22")
async def test_an_expired_address_costs_one_new_one(working: Scripted) -> None:
    expired = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    good = working.answers["GET", "/s3/D1"][0]
    working.on("GET", "/s3/D1", Response(expired, 403, media_type="application/xml"), good)

    assert len(documents(await working.pull(stream_of(working)))) == 1
    assert len(working.requests("GET", DOCUMENT)) == 2
    assert not [h for h in working.requests("GET", "/s3/D1")[0].headers if h.startswith("x-amz")]


async def test_one_bad_row_costs_no_other(working: Scripted) -> None:
    bad = b"11/18/2026\tX1\tB0\tCUP\tReceipts\tR1\tfive\n11/18/2026\tX1\n"
    working.document(DOCUMENT, HEAD + bad + ROW)

    batches = await working.pull(stream_of(working))

    assert [d.record.sku for d in documents(batches)] == ["MUG"]
    assert len(quarantined(batches)) == 2
    assert batches[-1].covered is not None


async def test_a_state_that_is_new_is_a_broken_contract(working: Scripted) -> None:
    working.on("GET", f"{REPORTS}/R1", state("PAUSED"))

    with pytest.raises(ContractBroken, match="unknown state 'PAUSED'"):
        await working.pull(stream_of(working))


async def test_a_report_that_never_comes_is_left_to_the_next_pull(working: Scripted) -> None:
    working.on("GET", f"{REPORTS}/R1", state("IN_PROGRESS"))

    with pytest.raises(Transient, match="after two hours"):
        await working.pull(stream_of(working))


async def test_windows_follow_each_other_without_a_gap(working: Scripted) -> None:
    batches = await working.pull(stream_of(working, days=80))

    covered = [b.covered for b in batches if b.covered]
    assert len(covered) == 3
    assert covered[0].start == (NOW - timedelta(days=80)).replace(hour=0)
    assert all(a.end >= b.start for a, b in pairwise(covered))
    assert covered[-1].end == NOW


async def test_a_second_pull_goes_back_by_the_overlap_only(working: Scripted) -> None:
    first = await working.pull(stream_of(working, days=30))
    working.clock.advance(3600)
    second: list[Batch] = await working.pull(stream_of(working, days=30), first[-1].cursor)

    asked = working.requests("POST", REPORTS)[-1].json
    assert asked["dataStartTime"] == "2026-11-13T00:00:00Z"
    assert second[-1].covered is not None


async def test_a_snapshot_has_no_dates(working: Scripted) -> None:
    def nothing(report: Report, shop: Any) -> Any:
        return MOVEMENTS.decode(report, shop)

    kind = ReportKind("amazon.x", "GET_X", needed=("MSKU",), decode=nothing, longest=None)
    await working.pull(stream_of(working, kind=kind))

    assert set(working.requests("POST", REPORTS)[0].json) == {"reportType", "marketplaceIds"}
