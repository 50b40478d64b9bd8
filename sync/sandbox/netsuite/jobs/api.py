"""What the async service answers: 202 for a job, its state, its tasks, their results (CONTRACT §2.6, §2.7)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.jobs.batch import ItemCall, check_collection, read_batch
from sync.sandbox.netsuite.jobs.office import Job, JobOffice, Task
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.answers import base_address, collection, empty, error, singular
from sync.sandbox.netsuite.wire.refusals import Refused, not_found

__all__ = ["JobService", "prefers"]

_KEY = "x-netsuite-idempotency-key"


def prefers(request: Request, word: str) -> bool:
    """Say whether the `Prefer` header names `word` (`respond-async`, `transient`, `batch-processing="parallel"`)."""
    wanted = re.split(r"[,\s]+", request.headers.get("prefer", "").replace('"', "").lower())
    return word.replace('"', "").lower() in wanted


class JobService:
    """Takes asynchronous calls in, and the handlers of `/services/rest/async/v1`."""

    def __init__(self, office: JobOffice, settings: AccountSettings) -> None:
        self.office, self._settings = office, settings

    def take(self, request: Request, body: bytes, *, failing: frozenset[int], known: bool) -> Response | None:
        """Answer a call that is to be worked off later, None for one that wants its answer now.

        `failing` and `known` come from faults: tasks that fail, and an idempotency key that is taken already.

        Raises:
            Refused: for a batch or an asynchronous call that NetSuite does not take.
        """
        wants_job = prefers(request, "respond-async")
        is_batch = check_collection(request, body, self._settings, wants_job=wants_job)
        if not wants_job:
            return None
        if request.url.path.startswith("/services/rest/query/") and not self._settings.suiteql_async:
            text = "The query service does not take asynchronous requests."
            raise Refused(400, "INVALID_HEADER", text, where={"o:errorHeader": "Prefer"})
        key = request.headers.get(_KEY, "")
        first = self.office.holder_of(key) if key else None
        if first is not None:
            return self._conflict(first)
        calls = read_batch(request, body) if is_batch else [_same_call(request, body)]
        job = self.office.accept(
            request.scope,
            base_address(request, "async/v1"),
            calls,
            key=key,
            parallel=prefers(request, "batch-processing=parallel"),
            failing=failing,
        )
        if known:
            return self._conflict(job)
        headers = {"Preference-Applied": "respond-async", "X-NetSuite-JobId": str(job.number)}
        return empty(202, location=job.location, headers=headers)

    async def job(self, request: Request) -> Response:
        """GET /job/{id}."""
        job = self._job(request)
        body = {
            "links": [{"rel": "self", "href": job.location}],
            "completed": job.completed,
            "id": str(job.number),
            "progress": job.progress(self.office.clock.now()),
            "task": {"links": [{"rel": "self", "href": f"{job.location}/task"}]},
        }
        return singular(body)

    async def tasks(self, request: Request) -> Response:
        """GET /job/{id}/task: links only."""
        job = self._job(request)
        items = [{"links": [{"rel": "self", "href": f"{job.location}/task/{task.number}"}]} for task in job.tasks]
        body = {
            "links": [{"rel": "self", "href": f"{job.location}/task"}],
            "count": len(items),
            "hasMore": False,
            "items": items,
            "offset": 0,
            "totalResults": len(items),
        }
        return collection(body)

    async def task(self, request: Request) -> Response:
        """GET /job/{id}/task/{n}."""
        job, task = self._task(request)
        now, own = self.office.clock.now(), f"{job.location}/task/{task.number}"
        body: dict[str, object] = {
            "links": [{"rel": "self", "href": own}],
            "completed": task.answer is not None,
            "id": str(task.number),
            "progress": task.progress(now),
            "result": {"links": [{"rel": "self", "href": f"{own}/result"}]},
        }
        if task.progress(now) != "pending":
            body["startTime"] = _stamp(task.starts_at)
        if task.answer is not None:
            body["endTime"] = _stamp(task.due_at)
        return singular(body)

    async def result(self, request: Request) -> Response:
        """GET /job/{id}/task/{n}/result: the answer as the record service gave it, 404 while there is none."""
        _, task = self._task(request)
        if task.answer is None:
            raise not_found(request.url.path)
        return task.answer.response()

    def _job(self, request: Request) -> Job:
        job = self.office.find(request.path_params["job"])
        if job is None:
            raise not_found(request.url.path)
        return job

    def _task(self, request: Request) -> tuple[Job, Task]:
        job, number = self._job(request), request.path_params["task"]
        for task in job.tasks:
            if str(task.number) == number:
                return job, task
        raise not_found(request.url.path)

    def _conflict(self, first: Job) -> Response:
        text = "A request with the same idempotency key was accepted already."
        where = {"o:errorHeader": "X-NetSuite-Idempotency-Key"}
        answer = error(Refused(400, "IDEMPOTENCY_ERROR", text, where=where, title="Conflict"), self._settings)
        answer.headers["Location"] = first.location
        return answer


def _same_call(request: Request, body: bytes) -> ItemCall:
    query = request.scope.get("query_string", b"").decode("latin-1")
    return ItemCall(request.method, request.url.path, query, body)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
