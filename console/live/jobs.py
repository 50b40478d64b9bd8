"""Jobs that people start from the screens: each in a thread of its own, with progress, waiting and cancel."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from console.desk import DataChanged, DeskEvent, JobEvent, JobState, Jump
from sync.errors import Cancelled, TieoutError
from sync.transport import CancelToken

__all__ = ["Ended", "Job", "Jobs"]

_TELL_EVERY_S = 1.0
_log = structlog.get_logger("tieout.console")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job that did not fail ended: the sentence to show, where to look, which sections changed."""

    note: str
    jump: Jump | None = None
    sections: tuple[str, ...] = ()


@dataclass(slots=True)
class Job:
    """One running job; `report` may be called from any thread."""

    job_id: str
    title: str
    publish: Callable[[DeskEvent], None]
    cancel: CancelToken = field(default_factory=CancelToken)
    _told_s: float = 0.0

    def report(self, done: int, total: int | None, note: str = "", *, waiting: bool = False) -> None:
        """Say how far it is; `waiting`: it stands still because a vendor asked it to."""
        state: JobState = "waiting" if waiting else "running"
        self.publish(JobEvent(self.job_id, self.title, state, done, total, note))

    def changed(self, *sections: str, at_once: bool = False) -> None:
        """Say that lists show old data while the job still runs, at most once a second but where it must be now."""
        now_s = time.monotonic()
        if at_once or now_s - self._told_s >= _TELL_EVERY_S:
            self._told_s = now_s
            self.publish(DataChanged(sections))


class Jobs:
    """Starts jobs, tells listeners, cancels, and waits for the end when the console closes."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[DeskEvent], None]] = []
        self._running: dict[str, tuple[Job, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._count = 0

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns what ends it."""
        with self._lock:
            self._listeners.append(listener)

        def end() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return end

    def publish(self, event: DeskEvent) -> None:
        """Tell every listener."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(event)

    def start(self, title: str, work: Callable[[Job], Ended]) -> str:
        """Run `work` in a thread and return the job's id."""
        with self._lock:
            self._count += 1
            job = Job(f"job-{self._count}", title, self.publish)
            thread = threading.Thread(target=self._run, args=(job, work), name=job.job_id, daemon=True)
            self._running[job.job_id] = (job, thread)
        self.publish(JobEvent(job.job_id, title, "queued"))
        thread.start()
        return job.job_id

    @property
    def running(self) -> tuple[str, ...]:
        """Return the titles of the jobs that run."""
        with self._lock:
            return tuple(job.title for job, _ in self._running.values())

    def cancel(self, job_id: str) -> None:
        """Ask a job to stop; unknown and finished ones are ignored."""
        with self._lock:
            held = self._running.get(job_id)
        if held is not None:
            held[0].cancel.cancel()

    def close(self, wait_s: float) -> None:
        """Cancel everything and wait at most `wait_s` seconds."""
        with self._lock:
            held = list(self._running.values())
        for job, _ in held:
            job.cancel.cancel()
        for _, thread in held:
            thread.join(timeout=max(wait_s, 0.0))

    def _run(self, job: Job, work: Callable[[Job], Ended]) -> None:
        try:
            ended = work(job)
            state: JobState = "cancelled" if job.cancel.is_cancelled else "done"
            event = JobEvent(job.job_id, job.title, state, note=ended.note, jump=ended.jump)
            changed: tuple[str, ...] | None = ended.sections
        except Cancelled as error:
            event, changed = JobEvent(job.job_id, job.title, "cancelled", note=str(error)), ()
        except TieoutError as error:
            event, changed = JobEvent(job.job_id, job.title, "failed", note=str(error)), ()
        except Exception as error:  # noqa: BLE001 - a job's fault is shown and logged, the console stays
            _log.error("job_failed", job=job.title, trace=traceback.format_exc())
            text = f"{type(error).__name__}: {error}"
            event, changed = JobEvent(job.job_id, job.title, "failed", note=text, remedy="It is in the log file."), ()
        with self._lock:
            self._running.pop(job.job_id, None)
        self.publish(event)
        self.publish(DataChanged(changed or ()))
