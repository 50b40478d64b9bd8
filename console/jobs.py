"""The jobs that run, as the interface knows them from the desk's reports."""

from __future__ import annotations

from datetime import datetime

from console.desk import JobEvent

__all__ = ["JobFeed"]


class JobFeed:
    """Keeps the last report of every running job, newest job last."""

    def __init__(self) -> None:
        self._running: dict[str, JobEvent] = {}
        self._begun: dict[str, datetime] = {}

    def take(self, event: JobEvent, now: datetime) -> float | None:
        """Take a report; returns how many seconds the job took where it is over, else None."""
        begun = self._begun.setdefault(event.job_id, now)
        if not event.over:
            self._running[event.job_id] = event
            return None
        self._running.pop(event.job_id, None)
        self._begun.pop(event.job_id, None)
        return (now - begun).total_seconds()

    @property
    def shown(self) -> JobEvent | None:
        """Return the job that the bar shows: the newest that runs."""
        return next(reversed(self._running.values()), None)

    @property
    def shown_id(self) -> str | None:
        """Return the id of the shown job."""
        return self.shown.job_id if self.shown is not None else None

    @property
    def others(self) -> int:
        """Return how many jobs run besides the shown one."""
        return max(len(self._running) - 1, 0)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all running jobs."""
        return tuple(self._running)
