"""Answers that other clients take for success, and limits without a hint: a row of Amazon's trouble list each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from sync.amazon.calls import order_call, participations_call, report_document_call, search_orders_call
from sync.amazon.limits import RATES, rate_policy
from sync.amazon.notifications import parse_notification
from sync.amazon.settlements.stream import SettlementStream
from sync.errors import Rejected, Transient, VendorError

from .scripted import NOW, US, Scripted

SHOPS = "/sellers/v1/marketplaceParticipations"
QUOTA = {"errors": [{"code": "QuotaExceeded", "message": "You exceeded your quota", "details": ""}]}


def limited() -> Response:
    return JSONResponse(QUOTA, 429)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(
            Response("<html><h1>503</h1></html>", 503, media_type="text/html"),
            Transient,
            marks=pytest.mark.proves("A01"),
        ),
        pytest.param(Response("", 500), Transient, marks=pytest.mark.proves("A02")),
        pytest.param(JSONResponse({"message": "Forbidden"}, 403), Rejected, marks=pytest.mark.proves("A03")),
    ],
)
async def test_what_is_not_2xx_is_an_error_whatever_its_body(
    vendor: Scripted, answer: Response, error: type[VendorError]
) -> None:
    vendor.on("GET", SHOPS, answer)

    with pytest.raises(error):
        await vendor.client.send(participations_call())


@pytest.mark.proves("A04")
async def test_newlines_around_a_body_change_nothing(vendor: Scripted) -> None:
    vendor.on("GET", SHOPS, b'\n\n {"payload": []}\n \n')

    assert (await vendor.client.send(participations_call())).json() == {"payload": []}


@pytest.mark.proves("A05", "A06", "A07")
@pytest.mark.parametrize(
    ("headers", "rate"),
    [
        ({"X-AMZN-RATELIMIT-LIMIT": "0.1"}, 0.1),
        ({"x-amzn-ratelimit-limit": "0.1"}, 0.1),
        ({}, 0.5),
        ({"x-amzn-RateLimit-Limit": "string"}, 0.5),
        ({"x-amzn-RateLimit-Limit": "nan"}, 0.5),
        ({"x-amzn-RateLimit-Limit": "-1"}, 0.5),
    ],
)
async def test_a_rate_header_in_any_case_is_believed_and_rubbish_is_not(
    vendor: Scripted, headers: dict[str, str], rate: float
) -> None:
    vendor.on("GET", "/orders/2026-01-01/orders/1", lambda _: JSONResponse({"order": {}}, headers=headers))

    await vendor.client.send(order_call("1"))

    assert vendor.client._policy.rate_of("getOrder").per_s == rate  # type: ignore[attr-defined]


@pytest.mark.proves("A13")
async def test_a_429_without_any_hint_waits_for_the_operations_own_rate(vendor: Scripted) -> None:
    vendor.on("GET", "/reports/2021-06-30/documents/D", limited(), {"url": "x"})

    await vendor.client.send(report_document_call("D"))

    assert 59 < sum(vendor.clock.slept) < 130


@pytest.mark.proves("A14")
async def test_orders_beyond_the_burst_come_every_three_minutes(vendor: Scripted) -> None:
    vendor.on("GET", "/orders/2026-01-01/orders", {"orders": []})
    call = search_orders_call(
        US.marketplace_id, updated_from=NOW - timedelta(days=2), updated_to=NOW - timedelta(days=1)
    )

    for _ in range(22):
        await vendor.client.send(call)

    assert 2 * 178 < sum(vendor.clock.slept) < 2 * 183


@pytest.mark.proves("A15", "A16")
async def test_documents_go_at_once_while_the_burst_lasts_and_then_one_a_minute(vendor: Scripted) -> None:
    vendor.on("GET", "/reports/2021-06-30/documents/D", {"url": "x"})

    for _ in range(15):
        await vendor.client.send(report_document_call("D"))
    assert vendor.clock.slept == []

    await vendor.client.send(report_document_call("D"))
    assert 59 < sum(vendor.clock.slept) < 62


@pytest.mark.proves("A17")
async def test_an_operation_that_is_held_back_holds_back_no_other(vendor: Scripted) -> None:
    vendor.on("GET", "/reports/2021-06-30/documents/D", {"url": "x"})
    vendor.on("GET", SHOPS, {"payload": []})
    for _ in range(15):
        await vendor.client.send(report_document_call("D"))

    await vendor.client.send(participations_call())

    assert vendor.clock.slept == []
    policy = rate_policy()
    assert {name: policy.rate_of(name) for name in RATES} == RATES


@pytest.mark.proves("A33")
async def test_a_report_that_a_notification_named_is_read_once_with_the_poll(vendor: Scripted, settlement: Any) -> None:
    message = parse_notification(
        b'{"notificationType":"REPORT_PROCESSING_FINISHED","eventTime":"2026-11-20T08:00:00Z","payload":'
        b'{"reportProcessingFinishedNotification":{"reportId":"R1","processingStatus":"DONE","reportDocumentId":"D1"}},'
        b'"notificationMetadata":{"notificationId":"n"}}'
    )
    row = {
        "reportId": message.subject,
        "reportDocumentId": message.document_id,
        "createdTime": "2026-11-20T07:59:00Z",
        "marketplaceIds": [US.marketplace_id],
    }
    vendor.on("GET", "/reports/2021-06-30/reports", {"reports": [row, row]})
    vendor.document("/reports/2021-06-30/documents/D1", settlement("900", ["10.00"], "10.00"))
    stream = SettlementStream(vendor.client, US, vendor.clock, NOW - timedelta(days=9))

    first = await vendor.pull(stream)
    second = await vendor.pull(stream, first[-1].cursor)

    assert (sum(len(b.documents) for b in first), sum(len(b.documents) for b in second)) == (1, 0)
    assert len(vendor.requests("GET", "/reports/2021-06-30/documents/D1")) == 1
