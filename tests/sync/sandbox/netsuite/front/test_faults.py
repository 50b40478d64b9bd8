"""What goes wrong on demand, in NetSuite's own form."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from sync.sandbox.faults import Fault
from tests.sync.sandbox.netsuite.conftest import Served

ORDERS = "/services/rest/record/v1/salesOrder"


def body(served: Served, external_id: str) -> dict[str, object]:
    """Return an order of one line."""
    line = {"item": served.company.ref("widget"), "quantity": 1, "rate": 10}
    return {"entity": served.company.ref("buyer"), "externalId": external_id, "item": {"items": [line]}}


def strike(served: Served, name: str, **settings: object) -> None:
    """Set a fault for the next call."""
    served.faults.add(Fault("netsuite", name, **settings))  # type: ignore[arg-type]


@pytest.mark.proves("N01")
def test_the_concurrency_limit_is_refused_without_retry_after(served: Served) -> None:
    strike(served, "throttle")
    answer = served.http.get(ORDERS)
    assert answer.status_code == 429
    assert "retry-after" not in answer.headers
    shown = answer.json()
    assert (shown["title"], shown["o:errorCode"]) == ("Bad Request", "USER_ERROR")
    assert shown["o:errorDetails"] == [
        {
            "detail": "Concurrent request limit exceeded. Request blocked.",
            "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED",
        }
    ]
    assert served.http.get(ORDERS).status_code == 200


@pytest.mark.proves("N01")
@pytest.mark.parametrize(("workers", "enabled", "refused"), [(5, True, False), (12, True, True), (12, False, False)])
def test_five_calls_at_once_are_served_and_no_more(served: Served, workers: int, enabled: bool, refused: bool) -> None:
    settings = served.company.settings
    settings.service_time_s, settings.limits_enabled = 0.1, enabled
    with ThreadPoolExecutor(workers) as pool:
        statuses = list(pool.map(lambda _: served.http.get(ORDERS).status_code, range(workers)))
    assert (429 in statuses) is refused
    assert set(statuses) <= {200, 429}
    assert served.app.state.gate.most <= (5 if enabled else workers)


@pytest.mark.proves("N09", "N10")
def test_a_lost_answer_has_taken_effect(served: Served) -> None:
    strike(served, "lost_answer")
    with pytest.raises(httpx.RemoteProtocolError):
        served.http.post(ORDERS, json=body(served, "AMZ-1"))
    assert served.company.books.find_external("salesOrder", "AMZ-1") is not None
    again = served.http.post(ORDERS, json=body(served, "AMZ-1"))
    assert again.json()["o:errorDetails"][0]["detail"].endswith("This record already exists.")


def test_a_cut_connection_has_not(served: Served) -> None:
    strike(served, "cut_connection")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        served.http.post(ORDERS, json=body(served, "AMZ-1"))
    assert served.company.books.find_external("salesOrder", "AMZ-1") is None


@pytest.mark.proves("N07")
def test_an_expired_token_stays_expired(served: Served) -> None:
    strike(served, "expired_token")
    assert [served.http.get(ORDERS).status_code for _ in range(2)] == [401, 401]
    token = served.ask_token(served.assertion()).json()["access_token"]
    served.http.headers["Authorization"] = f"Bearer {token}"
    assert served.http.get(ORDERS).status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("burst_401", 401, "INVALID_LOGIN"),
        ("unexpected_error", 500, "UNEXPECTED_ERROR"),
        ("record_changed", 409, "RCRD_HAS_BEEN_CHANGED"),
        ("locked_record", 400, "USER_ERROR"),
        ("no_permission", 400, "USER_ERROR"),
        ("permission_violation", 403, "INSUFFICIENT_PERMISSION"),
    ],
)
def test_refusals_come_in_the_envelope_and_take_no_effect(served: Served, name: str, status: int, code: str) -> None:
    strike(served, name)
    answer = served.http.post(ORDERS, json=body(served, "AMZ-1"))
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (status, code)
    assert served.company.books.find_external("salesOrder", "AMZ-1") is None
    assert served.http.post(ORDERS, json=body(served, "AMZ-1")).status_code == 204


@pytest.mark.proves("N34")
def test_an_outage_answers_with_a_page_or_with_nothing(served: Served) -> None:
    strike(served, "server_error_html")
    html = served.http.get(ORDERS)
    assert (html.status_code, html.headers["content-type"]) == (503, "text/html; charset=utf-8")
    strike(served, "empty_500")
    empty = served.http.get(ORDERS)
    assert (empty.status_code, empty.content) == (500, b"")


@pytest.mark.proves("N17", "N18")
def test_a_page_is_repeated_and_has_more_ends_too_early(served: Served) -> None:
    for _ in range(4):
        served.company.books.create("cashSale", served.company.order())
    query = "SELECT id FROM transaction ORDER BY id"
    first = served.query(query, limit=2, offset=0).json()["items"]
    strike(served, "page_repeated")
    repeated = served.query(query, limit=2, offset=2).json()
    assert (repeated["items"], repeated["offset"]) == (first, 2)
    strike(served, "has_more_false")
    early = served.query(query, limit=2, offset=0).json()
    assert (early["hasMore"], early["count"], early["totalResults"]) == (False, 2, 4)


def test_a_slow_answer_is_still_an_answer(served: Served) -> None:
    strike(served, "slow", options={"seconds": "0.05"})
    assert served.http.get(ORDERS).status_code == 200


def test_a_fault_that_nobody_knows_is_an_error_and_not_a_shrug(served: Served) -> None:
    with pytest.raises(ValueError, match="gremlins"):
        strike(served, "gremlins")
