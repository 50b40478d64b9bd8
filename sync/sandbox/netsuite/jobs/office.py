"""Asynchronous calls: taken in at once, worked off by the account's clock, results kept (CONTRACT §2.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Scope

from sync.sandbox.netsuite.jobs.batch import ItemCall, shuffled
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.answers import error
from sync.sandbox.netsuite.wire.inner_calls import Answer, ask, inner_scope
from sync.sandbox.netsuite.wire.refusals import user_error

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import Now

__all__ = ["Job", "JobOffice", "Task"]


@dataclass(slots=True)
class Task:
    """One record of a job. `due_at` is when its work is done; `answer` is what the record service said."""

    number: int
    call: ItemCall
    starts_at: datetime
    due_at: datetime
    taken: bool = False
    answer: Answer | None = None

    def progress(self, now: datetime) -> str:
        """Return pending, processing, succeeded or failed (the word of a failed task is assumed)."""
        if self.answer is None:
            return "processing" if self.taken or now >= self.starts_at else "pending"
        return "succeeded" if self.answer.status < 400 else "failed"


@dataclass(slots=True)
class Job:
    """What was taken in with one 202. `base` is the async service's address as the caller named the host."""

    number: int
    base: str
    scope: Scope
    tasks: Sequence[Task]
    order: Sequence[int] = field(default_factory=list)

    @property
    def completed(self) -> bool:
        """Say whether every task has its answer; it says nothing about what the answers are."""
        return all(task.answer is not None for task in self.tasks)

    @property
    def location(self) -> str:
        """Return the job's address."""
        return f"{self.base}/job/{self.number}"

    def progress(self, now: datetime) -> str:
        """Return pending, processing (assumed word) or succeeded: also of a job whose tasks failed."""
        if self.completed:
            return "succeeded"
        return "processing" if any(task.progress(now) != "pending" for task in self.tasks) else "pending"


class JobOffice:
    """Takes jobs in and works them off when their time has come.

    Nothing runs in the background: whatever calls the account next finds done what was due by its clock.
    """

    def __init__(self, clock: Now, settings: AccountSettings, seed: int = 0) -> None:
        self.clock, self._settings, self._seed = clock, settings, seed
        self._jobs: dict[int, Job] = {}
        self._by_key: dict[str, Job] = {}

    def find(self, number: str) -> Job | None:
        """Return a job by its id, None where there is none."""
        return self._jobs.get(int(number)) if number.isascii() and number.isdigit() else None

    def holder_of(self, key: str) -> Job | None:
        """Return the job that was sent with this idempotency key."""
        return self._by_key.get(key)

    def accept(
        self,
        scope: Scope,
        base: str,
        calls: Sequence[ItemCall],
        *,
        key: str = "",
        parallel: bool = False,
        failing: frozenset[int] = frozenset(),
    ) -> Job:
        """Take a job in; `failing` are the numbers (from 1) of tasks that fail without touching a record."""
        number = len(self._jobs) + 1
        order = shuffled(len(calls), f"{self._seed}-{number}") if parallel else list(range(len(calls)))
        begin = self.clock.now() + timedelta(seconds=self._settings.job_wait_s)
        share = timedelta(seconds=self._settings.job_item_s)
        tasks = []
        for index, call in enumerate(calls):
            start = begin if parallel else begin + share * index
            tasks.append(Task(index + 1, _struck(call) if index + 1 in failing else call, start, start + share))
        job = Job(number, base, scope, tasks, order)
        self._jobs[number] = job
        if key:
            self._by_key[key] = job
        return job

    async def work(self, app: ASGIApp) -> None:
        """Do everything that is due by now, job after job, with `app` as the record service."""
        for job in list(self._jobs.values()):
            for index in job.order:
                task = job.tasks[index]
                if not task.taken and task.due_at <= self.clock.now():
                    task.taken = True
                    task.answer = await self._carry_out(app, job, task.call)

    async def _carry_out(self, app: ASGIApp, job: Job, call: ItemCall) -> Answer:
        if call.refusal is not None:
            refused = error(call.refusal, self._settings)
            return Answer(refused.status_code, tuple(refused.raw_headers), bytes(refused.body))
        kind = {"Content-Type": "application/json"} if call.body else {}
        # SuiteQL alone asks for it; record calls tolerate it.
        extra = {"Prefer": "transient", **kind}
        return await ask(app, inner_scope(job.scope, call.method, call.path, call.query, extra), call.body)


def _struck(call: ItemCall) -> ItemCall:
    refusal = user_error("This record has been locked by a user defined workflow.")
    return ItemCall(call.method, call.path, call.query, call.body, refusal)
