"""Batches: one request, many records, a task for each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync.sandbox.netsuite.jobs.batch import shuffled
from sync.sandbox.netsuite.settings import AccountSettings
from tests.sync.sandbox.netsuite.conftest import Served, found, serving

CUSTOMERS = "/services/rest/record/v1/customer"
COLLECTION = {"Content-Type": "application/vnd.oracle.resource+json; type=collection"}
LATER = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    """A company whose batches wait a second and take one for each record."""
    with serving(found(AccountSettings(service_time_s=0.0, job_wait_s=1, job_item_s=1))) as running:
        yield running


def items(host: Served, *external_ids: str) -> list[dict[str, Any]]:
    """Return good customers."""
    own = host.company.ref("us")
    return [{"companyName": name, "externalId": name, "subsidiary": own} for name in external_ids]


def send(host: Served, method: str, records: list[dict[str, Any]], **headers: str) -> httpx.Response:
    """Send a batch."""
    return host.http.request(
        method, CUSTOMERS, content=json.dumps({"items": records}), headers=COLLECTION | LATER | headers
    )


def results(host: Served, job: str, count: int) -> list[httpx.Response]:
    """Return the results of a batch once it is through."""
    host.company.clock.advance(1 + count)
    assert host.http.get(job).json()["progress"] == "succeeded"
    return [host.http.get(f"{job}/task/{n}/result") for n in range(1, count + 1)]


def refusal(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and place of a refusal."""
    detail = answer.json()["o:errorDetails"][0]
    place = next((str(detail[k]) for k in ("o:errorHeader", "o:errorPath", "o:errorQueryParam") if k in detail), "")
    return answer.status_code, detail["o:errorCode"], place


@pytest.mark.parametrize("headers", [{}, LATER])
def test_a_collection_without_its_content_type_is_invalid_content(host: Served, headers: dict[str, str]) -> None:
    answer = host.http.post(CUSTOMERS, json={"items": items(host, "A")}, headers=headers)
    assert refusal(answer) == (400, "INVALID_CONTENT", "items")


def test_a_batch_that_is_not_asynchronous_is_refused(host: Served) -> None:
    body = json.dumps({"items": items(host, "A")})
    answers = [
        host.http.request("POST", CUSTOMERS, content=body, headers=COLLECTION),
        host.http.delete(CUSTOMERS, params={"ids": "1"}),
    ]
    assert [refusal(answer) for answer in answers] == [(400, "INVALID_HEADER", "Prefer")] * 2


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_holds_one_to_a_hundred_records(host: Served, count: int) -> None:
    answer = send(host, "POST", items(host, *(f"X-{n}" for n in range(count))))
    assert refusal(answer) == (400, "INVALID_CONTENT", "items")


def test_a_delete_needs_its_ids(host: Served) -> None:
    assert refusal(host.http.delete(CUSTOMERS, headers=LATER)) == (400, "INVALID_PARAMETER", "ids")


def test_an_older_release_has_no_batches(host: Served) -> None:
    host.company.settings.release = "2025.2"
    answer = send(host, "POST", items(host, "OLD"))
    host.company.settings.release = "2026.1"
    assert refusal(answer) == (400, "INVALID_HEADER", "Content-Type")


@pytest.mark.proves("N27")
def test_one_bad_record_of_three_fails_alone(host: Served) -> None:
    good, bad, fine = items(host, "P-1", "P-2", "P-3")
    job = send(host, "POST", [good, bad | {"subsidiary": {"id": "999"}}, fine]).headers["location"]
    answers = results(host, job, 3)
    assert [answer.status_code for answer in answers] == [204, 400, 204]
    assert "Invalid Field Value 999" in answers[1].json()["o:errorDetails"][0]["detail"]
    books = host.company.books
    assert [books.find_external("customer", f"P-{n}") is not None for n in (1, 2, 3)] == [True, False, True]


def test_an_item_without_id_fails_alone_too(host: Served) -> None:
    job = send(
        host, "PATCH", [{"email": "x@example.com"}, {"id": str(host.company.ids["buyer"]), "email": "y@example.com"}]
    )
    answers = results(host, job.headers["location"], 2)
    assert [answer.status_code for answer in answers] == [400, 204]
    assert host.company.books.get("customer", host.company.ids["buyer"]).fields["email"] == "y@example.com"


def test_upsert_update_and_delete_take_ids_and_external_ids(host: Served) -> None:
    books = host.company.books
    put = send(host, "PUT", items(host, "U-1", "U-2")).headers["location"]
    assert [r.status_code for r in results(host, put, 2)] == [204, 204]
    patch = send(host, "PATCH", [{"externalId": "U-1", "email": "u1@example.com"}]).headers["location"]
    assert [r.status_code for r in results(host, patch, 1)] == [204]
    number = books.find_external("customer", "U-1")
    assert number is not None
    assert books.get("customer", number).fields["email"] == "u1@example.com"
    removed = host.http.delete(CUSTOMERS, params={"ids": f"{number},eid:U-2,eid:NONE"}, headers=LATER)
    assert [r.status_code for r in results(host, removed.headers["location"], 3)] == [204, 204, 404]
    assert [books.find_external("customer", f"U-{n}") for n in (1, 2)] == [None, None]


def test_records_are_made_one_after_the_other_unless_they_may_be_made_at_once(host: Served) -> None:
    one_by_one = send(host, "POST", items(host, "S-1", "S-2", "S-3")).headers["location"]
    at_once = send(
        host, "POST", items(host, "Q-1", "Q-2", "Q-3"), Prefer='respond-async, batch-processing="parallel"'
    ).headers["location"]
    host.company.clock.advance(2)
    done = {
        job: [host.http.get(f"{job}/task/{n}").json()["completed"] for n in (1, 2, 3)] for job in (one_by_one, at_once)
    }
    assert done == {one_by_one: [True, False, False], at_once: [True, True, True]}


def test_a_parallel_batch_is_worked_off_in_an_order_that_the_seed_decides() -> None:
    orders = {tuple(shuffled(5, f"7-{job}")) for job in range(1, 20)}
    assert len(orders) > 5
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in orders)
    assert shuffled(5, "7-1") == shuffled(5, "7-1")


def test_amounts_pass_through_a_batch_to_the_last_digit(host: Served) -> None:
    order = json.dumps(host.company.order(externalId="EXACT"), default=str).replace('"10.00"', "10.10")
    content = '{"items":[' + order.replace('"5.55"', "5.55") + "]}"
    path = "/services/rest/record/v1/salesOrder"
    job = host.http.post(path, content=content, headers=COLLECTION | LATER).headers["location"]
    assert [r.status_code for r in results(host, job, 1)] == [204]
    assert host.rows("SELECT foreigntotal FROM transaction WHERE externalid = 'EXACT'") == [{"foreigntotal": "25.75"}]


def test_records_are_read_together_by_id_and_external_id(host: Served) -> None:
    made = host.company.books.create("customer", items(host, "R-1")[0])
    host.company.books.create("customer", items(host, "R-2")[0])
    found = host.http.get(CUSTOMERS, params={"ids": f"{made},eid:R-2", "expandRecords": "true"}).json()
    assert [item["companyName"] for item in found["items"]] == ["R-1", "R-2"]
