"""Report schedules: a report of a type every so often, made when the sandbox's time has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from sync.sandbox.amazon.front.parameters import moment_of, texts, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.reports.api import ReportsApi, check_request
from sync.sandbox.clock import SandboxClock

__all__ = ["PERIODS", "Schedules"]

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
PERIODS = {
    "PT5M": timedelta(minutes=5),
    "PT15M": timedelta(minutes=15),
    "PT30M": timedelta(minutes=30),
    **{f"PT{n}H": n * _HOUR for n in (1, 2, 4, 8, 12, 84)},
    **{f"P{n}D": n * _DAY for n in (1, 2, 3, 7, 14, 15, 18, 30)},
    "P1M": 30 * _DAY,
}


@dataclass(slots=True)
class _Schedule:
    schedule_id: str
    report_type: str
    marketplace_ids: tuple[str, ...]
    options: dict[str, str]
    period: str
    next_at: datetime

    def show(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "reportScheduleId": self.schedule_id,
            "reportType": self.report_type,
            "marketplaceIds": list(self.marketplace_ids),
            "period": self.period,
            "nextReportCreationTime": zulu(self.next_at),
        }
        return shown | ({"reportOptions": self.options} if self.options else {})


class Schedules:
    """The schedules in force; a new one for the same type and marketplaces replaces the old one."""

    def __init__(self, reports: ReportsApi, clock: SandboxClock) -> None:
        self._reports, self._clock = reports, clock
        self._schedules: dict[str, _Schedule] = {}
        self._made = 0

    def create(self, body: dict[str, Any]) -> dict[str, str]:
        """Answer createReportSchedule (201).

        Raises:
            Refused: 400 for a type that cannot be asked for, an unknown period, or a wrong time.
        """
        check_request(body)
        period = body.get("period")
        if period not in PERIODS:
            raise bad_input(f"period must be one of {', '.join(PERIODS)}.")
        now, given = self._clock.now(), body.get("nextReportCreationTime")
        markets = tuple(body["marketplaceIds"])
        for old in list(self._schedules.values()):
            if (old.report_type, old.marketplace_ids) == (body["reportType"], markets):
                del self._schedules[old.schedule_id]
        self._made += 1
        schedule = _Schedule(
            schedule_id=str(50_100_000_000 + self._made),
            report_type=body["reportType"],
            marketplace_ids=markets,
            options={str(k): str(v) for k, v in dict(body.get("reportOptions") or {}).items()},
            period=str(period),
            next_at=now + PERIODS[str(period)] if given is None else moment_of("nextReportCreationTime", str(given)),
        )
        self._schedules[schedule.schedule_id] = schedule
        return {"reportScheduleId": schedule.schedule_id}

    def search(self, request: Request) -> dict[str, Any]:
        """Answer getReportSchedules.

        Raises:
            Refused: 400 without reportTypes.
        """
        self.run_due()
        types = texts(request, "reportTypes")
        if not 1 <= len(types) <= 10:
            raise bad_input("reportTypes must hold 1 to 10 values.")
        return {"reportSchedules": [s.show() for s in self._schedules.values() if s.report_type in types]}

    def get(self, request: Request) -> dict[str, Any]:
        """Answer getReportSchedule.

        Raises:
            Refused: 404 when there is no such schedule.
        """
        self.run_due()
        return self._find(request).show()

    def cancel(self, request: Request) -> None:
        """Carry out cancelReportSchedule.

        Raises:
            Refused: 404 when there is no such schedule.
        """
        self.run_due()
        del self._schedules[self._find(request).schedule_id]

    def run_due(self) -> None:
        """Queue the reports whose time has come since the last look, each at its own time."""
        now = self._clock.now()
        for schedule in self._schedules.values():
            period = PERIODS[schedule.period]
            while schedule.next_at <= now:
                at = schedule.next_at.replace(microsecond=0)
                self._reports.add(
                    schedule.report_type, schedule.marketplace_ids, at - period, at, at, schedule.schedule_id
                )
                schedule.next_at += period

    def _find(self, request: Request) -> _Schedule:
        found = self._schedules.get(request.path_params["schedule_id"])
        if found is None:
            raise Refused(404, "NotFound", "One or more of the provided ReportScheduleIds could not be found.")
        return found
