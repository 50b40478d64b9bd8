"""Asynchronous calls: taken in at once, worked off by the account's clock, results kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.settings import AccountSettings
from tests.sync.sandbox.netsuite.conftest import Served, found, serving

CUSTOMERS = "/services/rest/record/v1/customer"
JOBS = "/services/rest/async/v1/job"
LATER = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    """A company whose jobs wait ten seconds and take one for each record."""
    with serving(found(AccountSettings(service_time_s=0.0, job_wait_s=10, job_item_s=1))) as running:
        yield running


def customer(host: Served, external_id: str) -> dict[str, Any]:
    """Return the body of a good customer."""
    return {"companyName": external_id, "externalId": external_id, "subsidiary": host.company.ref("us")}


def send(host: Served, body: dict[str, Any], **headers: str) -> httpx.Response:
    """Send a customer to be made later."""
    return host.http.post(CUSTOMERS, json=body, headers=LATER | {k.replace("_", "-"): v for k, v in headers.items()})


def after(host: Served, seconds: float, address: str) -> dict[str, Any]:
    """Return what an address shows so much later."""
    host.company.clock.advance(seconds)
    shown: dict[str, Any] = host.http.get(address).json()
    return shown


@pytest.mark.parametrize("path", ["/999", "/999/task", "/1x/task/1", "/0/task/1/result"])
def test_a_job_that_is_not_there_is_404(host: Served, path: str) -> None:
    answer = host.http.get(JOBS + path)
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]) == (404, "NONEXISTENT_ID")


def test_a_query_is_not_taken_unless_the_account_offers_it(host: Served) -> None:
    asked: dict[str, Any] = {"json": {"q": "SELECT id FROM currency ORDER BY id"}}
    asked["headers"] = {"Prefer": "respond-async, transient"}
    refused = host.http.post("/services/rest/query/v1/suiteql", **asked)
    assert refused.json()["o:errorDetails"][0]["o:errorHeader"] == "Prefer"
    host.company.settings.suiteql_async = True
    job = host.http.post("/services/rest/query/v1/suiteql", **asked).headers["location"]
    host.company.settings.suiteql_async = False
    host.company.clock.advance(11)
    assert host.http.get(f"{job}/task/1/result").json()["count"] == 2


def test_a_job_goes_from_pending_over_processing_to_succeeded(host: Served) -> None:
    answer = send(host, customer(host, "JOB-1"))
    job = answer.headers["location"]
    assert (answer.status_code, answer.headers["preference-applied"], answer.content) == (202, "respond-async", b"")
    assert job == f"{host.url}{JOBS}/{answer.headers['x-netsuite-jobid']}"
    assert host.company.books.find_external("customer", "JOB-1") is None
    seen = [after(host, seconds, job) for seconds in (9, 1, 1)]
    assert [(s["progress"], s["completed"]) for s in seen] == [
        ("pending", False),
        ("processing", False),
        ("succeeded", True),
    ]
    assert seen[0]["task"]["links"] == [{"rel": "self", "href": f"{job}/task"}]


def test_a_task_keeps_the_answer_that_the_call_would_have_had(host: Served) -> None:
    job = send(host, customer(host, "JOB-2")).headers["location"]
    assert host.http.get(f"{job}/task/1/result").status_code == 404
    tasks = after(host, 11, f"{job}/task")
    assert [item["links"][0]["href"] for item in tasks["items"]] == [f"{job}/task/1"]
    task = host.http.get(f"{job}/task/1").json()
    assert (task["completed"], task["progress"], "startTime" in task, "endTime" in task) == (
        True,
        "succeeded",
        True,
        True,
    )
    for _ in range(2):
        result = host.http.get(f"{job}/task/1/result")
        number = host.company.books.find_external("customer", "JOB-2")
        assert (result.status_code, result.content) == (204, b"")
        assert result.headers["location"] == f"{host.url}{CUSTOMERS}/{number}"


@pytest.mark.proves("N27")
def test_a_job_succeeds_whose_only_task_has_failed(host: Served) -> None:
    job = send(host, {"companyName": "No subsidiary"}).headers["location"]
    assert after(host, 11, job)["progress"] == "succeeded"
    assert host.http.get(f"{job}/task/1").json()["progress"] == "failed"
    result = host.http.get(f"{job}/task/1/result")
    assert (result.status_code, result.json()["o:errorDetails"][0]["o:errorCode"]) == (400, "USER_ERROR")
    assert result.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"


def test_what_is_due_is_done_even_if_nobody_asks_for_the_job(host: Served) -> None:
    send(host, customer(host, "JOB-3"))
    host.company.clock.advance(11)
    assert host.rows("SELECT externalid FROM customer WHERE externalid = ?", "JOB-3") == [{"externalid": "JOB-3"}]


@pytest.mark.proves("N28")
def test_a_key_that_was_used_is_a_conflict_that_names_the_first_job(host: Served) -> None:
    key = "6d3c1b50-0f7e-5d51-8a8e-0a2b8f1f3c11"
    first = send(host, customer(host, "JOB-4"), x_netsuite_idempotency_key=key).headers["location"]
    again = send(host, customer(host, "JOB-4b"), x_netsuite_idempotency_key=key)
    body = again.json()
    assert (again.status_code, body["title"], again.headers["location"]) == (400, "Conflict", first)
    assert body["o:errorDetails"][0]["o:errorCode"] == "IDEMPOTENCY_ERROR"
    host.company.clock.advance(11)
    assert host.http.get(f"{first}/task/1/result").status_code == 204
    assert host.company.books.find_external("customer", "JOB-4b") is None


def test_a_key_is_ignored_on_a_call_that_is_answered_at_once(host: Served) -> None:
    headers = {"X-NetSuite-Idempotency-Key": "a"}
    made = [host.http.post(CUSTOMERS, json=customer(host, f"NOW-{n}"), headers=headers).status_code for n in (1, 2)]
    assert made == [204, 204]


@pytest.mark.proves("N28")
def test_the_fault_of_a_taken_key_has_taken_the_job_in(host: Served) -> None:
    host.faults.add(Fault("netsuite", "N28"))
    answer = send(host, customer(host, "JOB-5"), x_netsuite_idempotency_key="b")
    assert (answer.status_code, answer.json()["title"]) == (400, "Conflict")
    assert after(host, 11, answer.headers["location"])["progress"] == "succeeded"
    assert host.company.books.find_external("customer", "JOB-5") is not None


@pytest.mark.proves("N27")
def test_the_fault_of_failing_tasks_leaves_their_records_alone(host: Served) -> None:
    host.faults.add(Fault("netsuite", "N27"))
    job = send(host, customer(host, "JOB-6")).headers["location"]
    assert after(host, 11, job)["progress"] == "succeeded"
    assert host.http.get(f"{job}/task/1/result").status_code == 400
    assert host.company.books.find_external("customer", "JOB-6") is None


def test_reading_updating_and_transforming_can_wait_too(host: Served) -> None:
    books = host.company.books
    order = books.create("salesOrder", host.company.order())
    path = f"/services/rest/record/v1/salesOrder/{order}"
    invoice = {"externalId": "INV-LATER"}
    jobs = [
        host.http.get(path, headers=LATER).headers["location"],
        host.http.patch(path, json={"memo": "later"}, headers=LATER).headers["location"],
        host.http.post(f"{path}/!transform/invoice", json=invoice, headers=LATER).headers["location"],
    ]
    host.company.clock.advance(11)
    results = [host.http.get(f"{job}/task/1/result") for job in jobs]
    assert [r.status_code for r in results] == [200, 204, 204]
    assert results[0].json()["id"] == str(order)
    assert books.get("salesOrder", order).fields["memo"] == "later"
    assert books.find_external("invoice", "INV-LATER") is not None


@pytest.mark.proves("N09", "N28")
def test_a_lost_202_is_found_again_by_its_key(host: Served) -> None:
    key = "c5a8a3a2-6c0e-5a53-9f0b-7c1e5b1d2f10"
    host.faults.add(Fault("netsuite", "N09"))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        send(host, customer(host, "JOB-7"), x_netsuite_idempotency_key=key)
    again = send(host, customer(host, "JOB-7"), x_netsuite_idempotency_key=key)
    assert again.json()["o:errorDetails"][0]["o:errorCode"] == "IDEMPOTENCY_ERROR"
    assert after(host, 11, again.headers["location"])["completed"] is True
    assert host.rows("SELECT COUNT(*) AS n FROM customer WHERE externalid = 'JOB-7'") == [{"n": "1"}]


def test_a_write_that_waits_is_lenient_too_when_told_so(host: Served) -> None:
    body = customer(host, "JOB-8") | {"currency": {"id": "999"}}
    job = send(host, body, x_netsuite_propertyvaluevalidation="Warning").headers["location"]
    host.company.clock.advance(11)
    result = host.http.get(f"{job}/task/1/result")
    assert (result.status_code, "currency" in result.headers["x-netsuite-propertyvalidation"]) == (204, True)


def test_every_answer_has_an_operation_id_of_its_own(host: Served) -> None:
    answers = [host.http.get(CUSTOMERS), host.http.get(f"{JOBS}/999"), httpx.get(host.url + CUSTOMERS)]
    assert len({answer.headers["x-n-operationid"] for answer in answers}) == 3
