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

from sync.amazon import streams
from sync.amazon.reports.documents import unpacked
from sync.amazon.settlements.stream import SettlementStream
from sync.errors import BadInput, ContractBroken, Rejected
from sync.records import Settlement
from sync.streams import Batch

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=60)
US, CA = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"


def stream_of(
    amazon: Any, channel: str = "amazon.US", since: datetime = SINCE, also: Sequence[str] = ()
) -> SettlementStream:
    found = streams(amazon.client, [channel, *also], clock=amazon.clock, since=since)
    return next(s for s in found if isinstance(s, SettlementStream) and s.marketplace.channel == channel)


def settlements(batches: Sequence[Batch]) -> list[Settlement]:
    return [d.record for b in batches for d in b.documents if isinstance(d.record, Settlement)]


@pytest.mark.parametrize("body", [{}, {"reports": None}, {"reports": {}}, []])
async def test_a_list_that_is_none_is_a_broken_contract(amazon: Any, body: object) -> None:
    amazon.fake.instead["/reports"] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="no list of reports"):
        await amazon.pull(stream_of(amazon))


async def test_a_page_of_reports_that_comes_back_for_ever_does_not_loop(amazon: Any) -> None:
    amazon.fake.instead["/reports"] = [JSONResponse({"reports": [], "nextToken": "always"}) for _ in range(9)]

    with pytest.raises(ContractBroken, match="again and again"):
        await amazon.pull(stream_of(amazon))


async def test_a_file_that_does_not_foot_is_set_aside_and_the_others_go_on(
    amazon: Any, settlement: Any, hours: Any
) -> None:
    amazon.fake.add_report("1", settlement("11", ["10.00", "-1.50"], "8.51"), hours(50))
    amazon.fake.add_report("2", settlement("12", ["10.00", "-1.50"], "8.50"), hours(40))

    batches = await amazon.pull(stream_of(amazon))

    assert [s.settlement_id for s in settlements(batches)] == ["12"]
    (bad,) = [q for b in batches for q in b.quarantined]
    assert bad.key == "1"
    assert "residual 0.01" in bad.reason
    assert batches[0].page is not None, "the bytes are kept for whoever looks into it"


async def test_reports_that_name_no_document_are_shown(amazon: Any, hours: Any) -> None:
    rows = [
        {"reportId": "1", "createdTime": hours(5).isoformat()},
        "nonsense",
        {"reportId": "2", "reportDocumentId": "d"},
    ]
    amazon.fake.instead["/reports"] = [JSONResponse({"reports": rows})]

    batches = await amazon.pull(stream_of(amazon))

    assert [q.key for b in batches for q in b.quarantined] == ["1", "#1", "2"]


async def test_a_report_that_amazon_no_longer_has_is_tried_again_next_time(
    amazon: Any, settlement: Any, hours: Any
) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    gone = {"errors": [{"code": "NotFound", "message": "no such document"}]}
    amazon.fake.instead["/documents"] = [JSONResponse(gone, 404)]

    first = await amazon.pull(stream_of(amazon))
    assert settlements(first) == []
    assert [q.key for b in first for q in b.quarantined] == ["1"]

    second = await amazon.pull(stream_of(amazon), dict(first[-1].cursor))
    assert [s.settlement_id for s in settlements(second)] == ["11"]


async def test_a_report_fetched_late_does_not_take_the_place_of_its_correction(
    amazon: Any, settlement: Any, hours: Any
) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    amazon.fake.add_report("2", settlement("11", ["1.00", "2.00"], "3.00"), hours(40))
    gone = {"errors": [{"code": "NotFound", "message": "no such document"}]}
    amazon.fake.instead["/documents"] = [JSONResponse(gone, 404)]
    first = await amazon.pull(stream_of(amazon))
    assert [s.total for s in settlements(first)] == [Decimal("3.00")]

    second = await amazon.pull(stream_of(amazon), dict(first[-1].cursor))
    assert settlements(second) == []
    assert [b.report_id for b in second if b.page is not None] == ["1"], "the bytes are kept"
    assert await amazon.pull(stream_of(amazon), dict(second[-1].cursor))


@pytest.mark.proves("A32")
async def test_a_report_delivered_twice_is_one_version_and_a_correction_is_the_next(
    amazon: Any, settlement: Any, hours: Any
) -> None:
    for number, at in (("1", 50), ("2", 45)):
        amazon.fake.add_report(number, settlement("11", ["1.00"], "1.00"), hours(at))
    first = await amazon.pull(stream_of(amazon))
    assert [s.document_name for s in settlements(first)] == ["1"]
    amazon.fake.add_report("3", settlement("11", ["1.00"], "1.00"), hours(40))
    amazon.fake.add_report("4", settlement("11", ["1.25"], "1.25"), hours(35))
    second = await amazon.pull(stream_of(amazon), dict(first[-1].cursor))
    assert [(s.document_name, s.total) for s in settlements(second)] == [("4", Decimal("1.25"))]


@pytest.mark.proves("A22")
async def test_an_address_that_expired_is_asked_for_once_more(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    amazon.fake.instead["/s3"] = [Response(b"<Error><Code>AccessDenied</Code></Error>", 403)]

    batches = await amazon.pull(stream_of(amazon))

    assert len(settlements(batches)) == 1
    assert len(amazon.fake.asked("/documents")) == 2


async def test_an_address_that_is_refused_again_is_set_aside(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    amazon.fake.url_life_s = -1

    batches = await amazon.pull(stream_of(amazon))

    assert settlements(batches) == []
    assert [q.key for b in batches for q in b.quarantined] == ["1"]
    assert len(amazon.fake.asked("/documents")) == 2


@pytest.mark.parametrize("cut", [12, -4])
async def test_a_document_cut_short_is_fetched_again(
    amazon: Any, settlement: Any, packed: Any, hours: Any, cut: int
) -> None:
    whole = packed(settlement("11", ["1.00"], "1.00"))
    amazon.fake.add_report("1", whole, hours(50))
    amazon.fake.instead["/s3"] = [Response(whole[:cut])]

    batches = await amazon.pull(stream_of(amazon))
    assert len(settlements(batches)) == 1


async def test_a_document_that_stays_cut_is_set_aside(amazon: Any, settlement: Any, packed: Any, hours: Any) -> None:
    amazon.fake.add_report("1", packed(settlement("11", ["1.00"], "1.00"))[:-4], hours(50))

    batches = await amazon.pull(stream_of(amazon))

    (bad,) = [q for b in batches for q in b.quarantined]
    assert "cut short" in bad.reason


def test_damaged_gzip_is_refused() -> None:
    with pytest.raises(BadInput, match="damaged"):
        unpacked(b"\x1f\x8b" + b"\x00" * 40)


@pytest.mark.proves("A24", "A25")
async def test_packed_and_plain_documents_give_the_same_settlement(
    amazon: Any, settlement: Any, packed: Any, hours: Any
) -> None:
    data = settlement("11", ["10.00", "-1.50"], "8.50")
    amazon.fake.add_report("1", data, hours(50))
    (plain,) = settlements(await amazon.pull(stream_of(amazon)))
    amazon.fake.reports.clear()
    amazon.fake.add_report("2", packed(data), hours(40))
    (unzipped,) = settlements(await amazon.pull(stream_of(amazon)))

    assert plain.document_hash == unzipped.document_hash
    assert plain.total == unzipped.total == Decimal("8.50")
    assert (plain.channel, plain.document_name, unzipped.document_name) == ("amazon.US", "1", "2")


@pytest.mark.proves("A32")
async def test_each_report_is_read_once(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    first = await amazon.pull(stream_of(amazon))
    amazon.clock.advance(86400)
    amazon.fake.add_report("2", settlement("12", ["2.00"], "2.00"), hours(-5))

    second = await amazon.pull(stream_of(amazon), dict(first[-1].cursor))

    assert [s.settlement_id for s in settlements(second)] == ["12"]
    assert len(amazon.fake.asked("/documents")) == 2
    assert first[-1].covered is not None
    assert second[-1].covered is not None
    assert first[-1].covered.end == second[-1].covered.start


async def test_a_crash_between_reports_reads_none_twice(amazon: Any, settlement: Any, hours: Any) -> None:
    for n in (1, 2, 3):
        amazon.fake.add_report(str(n), settlement(f"1{n}", ["1.00"], "1.00"), hours(50 - n))
    pulled = stream_of(amazon).pull(None, amazon.clock.now())
    first = await anext(pulled)
    await pulled.aclose()  # type: ignore[attr-defined]

    rest = await amazon.pull(stream_of(amazon), dict(first.cursor))

    assert [s.settlement_id for s in settlements([first]) + settlements(rest)] == ["11", "12", "13"]


async def test_ids_are_forgotten_after_amazon_forgot_the_reports(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    first = await amazon.pull(stream_of(amazon))
    assert list(first[-1].cursor["seen"]) == ["1"]  # type: ignore[call-overload]

    amazon.fake.reports.clear()
    amazon.clock.advance(120 * 86400)
    second = await amazon.pull(stream_of(amazon), dict(first[-1].cursor))

    assert second[-1].cursor["seen"] == {}


@pytest.mark.parametrize("body", [{}, {"url": None}, {"url": ""}, {"url": "http://amazon.test/a b"}, []])
async def test_an_answer_without_an_address_is_a_broken_contract(
    amazon: Any, settlement: Any, hours: Any, body: object
) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))
    amazon.fake.instead["/documents"] = [JSONResponse(body)]

    with pytest.raises(ContractBroken, match="address of the document"):
        await amazon.pull(stream_of(amazon))


async def test_the_presigned_address_gets_no_header_of_ours(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50))

    await amazon.pull(stream_of(amazon))

    assert amazon.fake.asked("/s3") == [{}]
    assert "abcdef123456" not in str(amazon.calls.records)


@pytest.mark.proves("A67")
@pytest.mark.parametrize(
    ("name", "owner"), [("Amazon.ca", "amazon.CA"), ("Amazon.com", "amazon.US"), ("", "amazon.US")]
)
async def test_a_report_of_several_marketplaces_goes_to_the_one_that_its_lines_name(
    amazon: Any, settlement: Any, hours: Any, name: str, owner: str
) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00", name), hours(50), [CA, US])
    streams_of_both = [
        stream_of(amazon, "amazon.US", also=["amazon.CA"]),
        stream_of(amazon, "amazon.CA", also=["amazon.US"]),
    ]

    found = [s.channel for stream in streams_of_both for s in settlements(await amazon.pull(stream))]

    assert found == [owner]


async def test_a_report_of_another_marketplace_costs_no_document(amazon: Any, settlement: Any, hours: Any) -> None:
    amazon.fake.add_report("1", settlement("11", ["1.00"], "1.00"), hours(50), [CA])

    assert settlements(await amazon.pull(stream_of(amazon))) == []
    assert amazon.fake.asked("/documents") == []


@pytest.mark.proves("A18")
async def test_the_token_of_the_next_page_goes_alone(amazon: Any, settlement: Any, hours: Any) -> None:
    for n in range(5):
        amazon.fake.add_report(str(n), settlement(f"1{n}", ["1.00"], "1.00"), hours(50 - n))
    amazon.fake.page_size = 2

    assert len(settlements(await amazon.pull(stream_of(amazon)))) == 5
    first, *rest = amazon.fake.asked("/reports")
    assert first["processingStatuses"] == "DONE"
    assert first["createdSince"] == "2026-09-21T09:00:00Z"
    assert rest == [{"nextToken": "2"}, {"nextToken": "4"}]


@pytest.mark.proves("A31")
@pytest.mark.parametrize("until", [None, NOW - timedelta(days=200)])
async def test_what_amazon_no_longer_keeps_is_not_claimed_as_covered(amazon: Any, until: datetime | None) -> None:
    cursor = {"until": until.isoformat(), "seen": {}} if until else None
    (batch,) = await amazon.pull(stream_of(amazon, since=NOW - timedelta(days=300)), cursor)

    assert "createdSince" not in amazon.fake.asked("/reports")[0]
    assert batch.covered is not None
    assert batch.covered.start == NOW - timedelta(days=90)


async def test_a_refused_list_stops_the_stream(amazon: Any) -> None:
    bad = {"errors": [{"code": "InvalidInput", "message": "no"}]}
    amazon.fake.instead["/reports"] = [JSONResponse(bad, 400)]

    with pytest.raises(Rejected):
        await amazon.pull(stream_of(amazon))


@given(
    count=st.integers(min_value=0, max_value=12),
    page_size=st.integers(min_value=1, max_value=5),
    stop_after=st.integers(min_value=0, max_value=12),
    late=st.integers(min_value=0, max_value=3),
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_every_report_is_read_exactly_once_whatever_the_pages_do(
    new_amazon: Any, settlement: Any, count: int, page_size: int, stop_after: int, late: int
) -> None:
    amazon = new_amazon()
    amazon.fake.page_size = page_size
    for n in range(count):
        amazon.fake.add_report(str(n), settlement(f"1{n}", ["1.00"], "1.00"), NOW - timedelta(hours=900 - n))

    async def scenario() -> list[Batch]:
        async with amazon.client:
            stream, seen, cursor = stream_of(amazon), [], None
            pulled = stream.pull(None, amazon.clock.now())
            async for batch in pulled:
                seen.append(batch)
                cursor = dict(batch.cursor)
                if len(seen) > stop_after:
                    break
            await pulled.aclose()  # type: ignore[attr-defined]
            for n in range(late):
                amazon.fake.add_report(f"late-{n}", settlement(f"2{n}", ["1.00"], "1.00"), NOW - timedelta(hours=n))
            return seen + await amazon.pull(stream, cursor)

    read = [s.document_name for s in settlements(asyncio.run(scenario()))]

    assert sorted(read) == sorted([str(n) for n in range(count)] + [f"late-{n}" for n in range(late)])
