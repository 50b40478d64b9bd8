"""Asynchronous calls and batches: hand over, wait, read every task (contract §2.6, §2.7).

A job that "succeeded" has only run: each of its items may have failed (fault 27). A key made from the content lets a
repeat after a lost answer find the first job instead of writing twice (fault 28).
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sync.errors import ContractBroken, InDoubt, Transient, VendorError
from sync.netsuite.rest.client import NetSuiteClient, Written, collection, last_of_link, written_id
from sync.netsuite.rest.errors import SubmittedBefore, refusal_inside
from sync.transport import Call, Reply, path_segment, write_json

__all__ = ["MOST_ITEMS", "Job", "Jobs", "idempotency_key"]

#: Records a batch (contract §2.7).
MOST_ITEMS = 100
_COLLECTION = "application/vnd.oracle.resource+json; type=collection"
_JOB = re.compile(r"/async/v1/job/([A-Za-z0-9-]+)/?$")
_NAMESPACE = uuid.UUID("5f1b9f0e-7c0d-5b57-9c39-2f3f0d6a8a11")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 30.0
# A request may take 15 minutes (contract §2.9); a batch of 100 with scripts several of them.
_PATIENCE_S = 3600.0


@dataclass(frozen=True, slots=True)
class Job:
    """A call that NetSuite works off on its own."""

    job_id: str
    #: The key was known: this is the job of the first submission.
    is_repeat: bool = False


def idempotency_key(kind: str, external_ids: Sequence[str], body: object) -> str:
    """Return the UUID5 of kind, external ids and content (contract §5.6): the same write has the same key."""
    content = hashlib.sha256(write_json(body)).hexdigest()
    return str(uuid.uuid5(_NAMESPACE, "\n".join([kind, *external_ids, content])))


class Jobs:
    """Asynchronous calls of one account."""

    def __init__(self, client: NetSuiteClient) -> None:
        self._client = client

    async def submit(
        self,
        record: str,
        method: str,
        items: Sequence[Mapping[str, object]],
        *,
        key: str,
        parallel: bool = False,
    ) -> Job:
        """Hand over a batch of at most 100 records of one type; POST, PATCH or PUT.

        Raises:
            ValueError: no item, or more than a batch takes.
            InDoubt: the answer was lost; submitting again with the same key finds the first job.
        """
        if not 1 <= len(items) <= MOST_ITEMS:
            raise ValueError(f"a batch has 1 to {MOST_ITEMS} records, not {len(items)}")
        call = Call(
            f"batch {record}",
            method,
            f"/record/v1/{path_segment(record)}",
            content=write_json({"items": list(items)}),
            content_type=_COLLECTION,
            headers=_headers(key, parallel),
            safe=False,
        )
        return await self._job(call)

    async def submit_one(self, record: str, external_id: str, body: Mapping[str, object], *, key: str) -> Job:
        """Hand over one upsert to be worked off later (a document of thousands of lines).

        Raises:
            InDoubt: the answer was lost; submitting again with the same key finds the first job.
        """
        path = f"/record/v1/{path_segment(record)}/eid:{path_segment(external_id)}"
        return await self._job(
            Call(f"async {record}", "PUT", path, json=body, headers=_headers(key, False), safe=False)
        )

    async def delete(self, record: str, ids: Sequence[str], *, key: str) -> Job:
        """Hand over the deletion of records by their ids.

        Raises:
            ValueError: no id, or more than a batch takes.
        """
        if not 1 <= len(ids) <= MOST_ITEMS:
            raise ValueError(f"a batch has 1 to {MOST_ITEMS} records, not {len(ids)}")
        path = f"/record/v1/{path_segment(record)}"
        query = [("ids", ",".join(ids))]
        call = Call(f"batch {record}", "DELETE", path, query=query, headers=_headers(key, False), safe=False)
        return await self._job(call)

    async def outcomes(self, job: Job, count: int) -> list[Written | Reply | VendorError]:
        """Wait for a job and return what became of each of its items, in their order.

        An item is `Written`, a reply without id (a deletion), or the error that NetSuite gave for it.

        Raises:
            InDoubt: the job did not end in an hour, or it does not show a task for each item.
            Cancelled: somebody asked to stop; the job goes on at NetSuite.
        """
        await self._finished(job)
        tasks = await self._tasks(job)
        if len(tasks) != count:
            seen = collection(await self._get("job tasks", f"{_path(job)}/task")).reply.seen(
                detail=f"job {job.job_id} shows {len(tasks)} tasks for {count} records"
            )
            raise InDoubt(seen, "It may have taken effect; read the targets before any repeat")
        return list(await asyncio.gather(*(self._outcome(job, task) for task in tasks)))

    async def _job(self, call: Call) -> Job:
        try:
            reply = await self._client.transport.send(call)
        except SubmittedBefore as known:
            if known.job_id is None:
                raise
            return Job(known.job_id, is_repeat=True)
        found = _JOB.search(reply.headers.get("location", ""))
        if found is None:
            raise InDoubt(reply.seen(detail="the call was accepted, but its answer names no job"))
        return Job(found[1])

    async def _finished(self, job: Job) -> None:
        wait_s, waited = _FIRST_WAIT_S, 0.0
        while True:
            reply = await self._get("job", _path(job))
            document = reply.json()
            if not isinstance(document, dict) or not isinstance(document.get("completed"), bool):
                raise ContractBroken(reply.seen(detail="the job does not say whether it is completed"))
            # The words of `progress` are not documented (contract §2.6): `completed` decides.
            if document["completed"]:
                return
            if waited >= _PATIENCE_S:
                raise InDoubt(reply.seen(detail=f"job {job.job_id} has not ended in {waited:.0f} s"))
            await self._client.transport.pause(wait_s, f"job {job.job_id} is worked off")
            waited += wait_s
            wait_s = min(wait_s * 2, _LONGEST_WAIT_S)

    async def _tasks(self, job: Job) -> list[str]:
        numbers: list[str] = []
        while True:
            query = [("offset", str(len(numbers)))] if numbers else []
            page = collection(await self._get("job tasks", f"{_path(job)}/task", query))
            numbers += [str(entry.get("id") or last_of_link(entry)) for entry in page.items]
            if page.is_last:
                break
        # "10" comes after "9".
        return sorted(numbers, key=lambda number: (len(number), number))

    async def _outcome(self, job: Job, task: str) -> Written | Reply | VendorError:
        path = f"{_path(job)}/task/{path_segment(task)}/result"
        try:
            reply = await self._client.transport.send(Call("job result", "GET", path, tries=2))
        except Transient as lost:
            # The item may have failed with this very answer, or its result cannot be read now.
            return InDoubt(lost.reply, "Its result could not be read; the target is looked up before any repeat")
        except VendorError as refusal:
            return refusal
        if (inside := refusal_inside(reply)) is not None:
            return inside
        if "location" not in reply.headers and not reply.body:
            return reply
        try:
            return Written(written_id(reply), reply)
        except VendorError as unclear:
            return unclear

    async def _get(self, operation: str, path: str, query: Sequence[tuple[str, str]] = ()) -> Reply:
        return await self._client.transport.send(Call(operation, "GET", path, query=query))


def _headers(key: str, parallel: bool) -> dict[str, str]:
    prefer = 'respond-async, batch-processing="parallel"' if parallel else "respond-async"
    return {
        "Prefer": prefer,
        "X-NetSuite-Idempotency-Key": key,
        "X-NetSuite-PropertyNameValidation": "Error",
    }


def _path(job: Job) -> str:
    return f"/async/v1/job/{path_segment(job.job_id)}"
