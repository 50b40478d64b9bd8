"""Asynchronous calls: what is handed over, how long is waited, and answers that are not what the contract says."""

from __future__ import annotations

import json

import httpx
import pytest

from sync.errors import ContractBroken, InDoubt, Rejected, Transient
from sync.netsuite import Jobs
from sync.netsuite.rest.client import Written
from sync.netsuite.rest.errors import SubmittedBefore
from sync.netsuite.rest.jobs import Job, idempotency_key
from tests.sync.netsuite.conftest import envelope

BASE = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest"
JOB = f"{BASE}/async/v1/job/77"


class Office:
    """Answers like the async service: a job that takes so many looks, and the results of its tasks."""

    def __init__(self, *results: httpx.Response, looks: int = 0, tasks: int | None = None) -> None:
        self.results, self.looks, self.seen = list(results), looks, []
        self.tasks = len(results) if tasks is None else tasks
        self.first = httpx.Response(202, headers={"location": JOB, "preference-applied": "respond-async"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        path = request.url.path
        if "/record/v1/" in path:
            return self.first
        if path.endswith("/result"):
            return self.results[int(path.split("/")[-2]) - 1]
        if path.endswith("/task"):
            links = [{"links": [{"rel": "self", "href": f"{JOB}/task/{n}"}]} for n in range(self.tasks, 0, -1)]
            return httpx.Response(200, json={"items": links, "totalResults": self.tasks, "offset": 0})
        self.looks -= 1
        return httpx.Response(200, json={"id": "77", "completed": self.looks < 0, "progress": "anything"})


def made(number: int) -> httpx.Response:
    return httpx.Response(204, headers={"location": f"{BASE}/record/v1/customer/{number}"})


def failed() -> httpx.Response:
    return envelope(400, "USER_ERROR", "Please enter value(s) for: Name.")


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_that_netsuite_would_refuse_is_not_sent(netsuite, count):
    office = Office()
    with pytest.raises(ValueError, match="1 to 100"):
        await Jobs(netsuite(office)).submit("customer", "PUT", [{}] * count, key="k")
    assert office.seen == []


@pytest.mark.parametrize("answer", [httpx.Response(202), httpx.Response(202, headers={"location": f"{BASE}/x"})])
async def test_an_acceptance_without_a_job_is_in_doubt(netsuite, answer):
    office = Office()
    office.first = answer
    with pytest.raises(InDoubt, match="names no job"):
        await Jobs(netsuite(office)).submit("customer", "PUT", [{}], key="k")


async def test_a_known_key_without_a_location_is_for_a_person(netsuite):
    office = Office()
    office.first = envelope(400, "IDEMPOTENCY_ERROR", "used before")
    with pytest.raises(SubmittedBefore, match="first job"):
        await Jobs(netsuite(office)).submit("customer", "PUT", [{}], key="k")


async def test_a_job_that_does_not_say_whether_it_is_done_breaks_the_contract(netsuite):
    with pytest.raises(ContractBroken, match="completed"):
        await Jobs(netsuite(lambda r: httpx.Response(200, json={"progress": "succeeded"}))).outcomes(Job("77"), 1)


async def test_a_job_that_never_ends_is_in_doubt_after_an_hour_of_growing_waits(netsuite, clock):
    with pytest.raises(InDoubt, match="has not ended"):
        await Jobs(netsuite(Office(looks=10_000))).outcomes(Job("77"), 1)
    assert clock.slept[:6] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0]
    assert 3600 <= sum(clock.slept) < 3700


@pytest.mark.parametrize("tasks", [0, 1, 3])
async def test_another_number_of_tasks_than_records_is_in_doubt(netsuite, tasks):
    with pytest.raises(InDoubt, match=f"{tasks} tasks for 2 records"):
        await Jobs(netsuite(Office(made(1), made(2), tasks=tasks))).outcomes(Job("77"), 2)


@pytest.mark.proves("N27")
async def test_each_task_is_read_though_the_job_succeeded(netsuite):
    inside = httpx.Response(200, json=json.loads(failed().content))
    results = [made(n) for n in range(1, 10)] + [failed(), inside, httpx.Response(500), httpx.Response(204)]
    outcomes = await Jobs(netsuite(Office(*results))).outcomes(Job("77"), 13)
    assert [o.target_id for o in outcomes[:9] if isinstance(o, Written)] == [str(n) for n in range(1, 10)]
    assert [type(o) for o in outcomes[9:12]] == [Rejected, Rejected, InDoubt], "the tenth comes after the ninth"
    assert outcomes[12].status == 204


@pytest.mark.proves("N28")
async def test_a_known_key_leads_to_the_first_job(netsuite):
    office = Office()
    problem = envelope(400, "IDEMPOTENCY_ERROR", "used before")
    office.first = httpx.Response(400, content=problem.content, headers={"location": JOB})
    assert await Jobs(netsuite(office)).submit("customer", "PUT", [{}], key="k") == Job("77", is_repeat=True)


async def test_a_batch_is_sent_as_a_collection_with_its_key(netsuite):
    office = Office()
    jobs = Jobs(netsuite(office))
    await jobs.submit("customer", "PUT", [{"externalId": "A"}], key="k-1", parallel=True)
    await jobs.submit_one("journalEntry", "J-1", {"memo": "m"}, key="k-2")
    await jobs.delete("customer", ["1", "eid:x"], key="k-3")
    batch, one, gone = office.seen
    assert batch.headers["content-type"] == "application/vnd.oracle.resource+json; type=collection"
    assert batch.headers["prefer"] == 'respond-async, batch-processing="parallel"'
    assert batch.headers["x-netsuite-idempotency-key"] == "k-1"
    assert json.loads(batch.content) == {"items": [{"externalId": "A"}]}
    assert (one.method, one.url.path.rpartition("/")[2]) == ("PUT", "eid:J-1")
    assert (gone.method, gone.url.query) == ("DELETE", b"ids=1%2Ceid%3Ax")


async def test_a_job_that_cannot_be_asked_stays_what_it_is(netsuite):
    with pytest.raises(Transient):
        await Jobs(netsuite(lambda r: httpx.Response(503))).outcomes(Job("77"), 1)


def test_the_key_is_that_of_the_content():
    key = idempotency_key("customer.create", ["A"], [{"memo": "m"}])
    assert key == idempotency_key("customer.create", ["A"], [{"memo": "m"}])
    assert len({key, idempotency_key("customer.create", ["A"], [{"memo": "n"}]),
                idempotency_key("customer.create", ["B"], [{"memo": "m"}]),
                idempotency_key("sales_order.create", ["A"], [{"memo": "m"}])}) == 4  # fmt: skip
