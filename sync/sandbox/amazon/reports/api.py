"""Reports API 2021-06-30: what reports there are, who asked for them, and where their documents are.

Settlement reports appear by themselves and cannot be requested; reports are kept 90 days. A requested report is
queued, in progress, then DONE, CANCELLED when there is no data, or FATAL.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from sync.sandbox.amazon.front.cursors import Cursors
from sync.sandbox.amazon.front.parameters import choice_list, moment, moment_of, texts, whole_number, zulu
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.amazon.reports.documents import Document
from sync.sandbox.amazon.reports.fee_preview import FEE_PREVIEW, is_too_soon
from sync.sandbox.amazon.reports.kinds import KINDS, Span
from sync.sandbox.amazon.settlements.document import ENCODING
from sync.sandbox.amazon.settlements.parallel import PARALLEL, parallel_settlement
from sync.sandbox.amazon.settlements.variants import vary_settlement
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault
from sync.sandbox.world.model import Settlement, World

__all__ = ["SETTLEMENT_TYPE", "Report", "ReportsApi", "check_request"]

SETTLEMENT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
_STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
_KEPT = timedelta(days=90)
_QUEUED, _WORKING = timedelta(seconds=15), timedelta(seconds=45)
#: How far back a report reaches that was asked for without dates.
_DEFAULT_SPAN = timedelta(days=30)


@dataclass(slots=True)
class Report:
    """One report; `settlement` is set on those that Amazon makes by itself, `ends_as` on those that cannot be DONE."""

    report_id: str
    document_id: str
    report_type: str
    marketplace_ids: tuple[str, ...]
    created_at: datetime
    start: datetime
    end: datetime
    settlement: Settlement | None = None
    schedule_id: str | None = None
    cancelled_at: datetime | None = None
    ends_as: str = "DONE"
    body: bytes | None = field(default=None, repr=False)

    def status(self, now: datetime) -> str:
        """Return the processing status at a moment."""
        if self.cancelled_at is not None:
            return "CANCELLED"
        if self.settlement is not None or now >= self.created_at + _WORKING:
            return self.ends_as
        return "IN_QUEUE" if now < self.created_at + _QUEUED else "IN_PROGRESS"

    @property
    def finished_at(self) -> datetime:
        """Return when the processing ends."""
        return self.created_at + (timedelta(seconds=12) if self.settlement is not None else _WORKING)


def _show(report: Report, now: datetime) -> dict[str, Any]:
    status = report.status(now)
    shown: dict[str, Any] = {
        "reportId": report.report_id,
        "reportType": report.report_type,
        "marketplaceIds": list(report.marketplace_ids),
        "dataStartTime": zulu(report.start),
        "dataEndTime": zulu(report.end),
        "createdTime": zulu(report.created_at),
        "processingStatus": status,
    }
    if report.schedule_id is not None:
        shown["reportScheduleId"] = report.schedule_id
    if status in ("IN_PROGRESS", "DONE", "FATAL"):
        shown["processingStartTime"] = zulu(report.created_at if report.settlement else report.created_at + _QUEUED)
    if status in ("DONE", "FATAL"):
        shown["processingEndTime"] = zulu(report.finished_at)
    if status == "DONE":
        shown["reportDocumentId"] = report.document_id
    return shown


class ReportsApi:
    """Answers from the world's settlements and from the reports that were requested here."""

    def __init__(self, world: World, clock: SandboxClock, cursors: Cursors) -> None:
        self._world, self._clock, self._cursors = world, clock, cursors
        self._requested: list[Report] = []
        self._parallel = False

    def search(self, request: Request, fault: Fault | None = None) -> dict[str, Any]:
        """Answer getReports, newest first.

        Raises:
            Refused: 400 when nextToken comes with another parameter, or a parameter breaks a rule.
        """
        now = self._clock.now()
        name = fault.name if fault else ""
        self._parallel = self._parallel or name == "parallel_settlements"
        token = request.query_params.get("nextToken")
        if token:
            if set(request.query_params) != {"nextToken"}:
                raise bad_input("nextToken cannot be combined with other parameters.")
            state = self._cursors.read(token, now)
        else:
            state = {"filter": self._filter(request, now), "offset": 0}
        wanted, offset = state["filter"], int(state["offset"])
        size = int(wanted["size"])
        begin = max(0, offset - size) if name == "page_repeated" else offset
        rows = [r for r in self.reports(now) if self._fits(r, wanted, now)]
        page = rows[begin : begin + size]
        if name == "report_twice":
            page = page[:1] + page
        answer: dict[str, Any] = {"reports": [_show(r, now) for r in page]}
        if begin + size < len(rows):
            answer["nextToken"] = self._cursors.write({"filter": wanted, "offset": begin + size}, now)
        return answer

    def get(self, request: Request) -> dict[str, Any]:
        """Answer getReport.

        Raises:
            Refused: 404 when there is no such report.
        """
        now = self._clock.now()
        return _show(self._find(request.path_params["report_id"], now), now)

    def cancel(self, request: Request) -> None:
        """Carry out cancelReport: only a report that is still queued can be cancelled.

        Raises:
            Refused: 404 when there is no such report, 400 when it is under way or done.
        """
        now = self._clock.now()
        report = self._find(request.path_params["report_id"], now)
        if report.status(now) != "IN_QUEUE":
            raise bad_input(f"Report {report.report_id} is {report.status(now)} and can no longer be cancelled.")
        report.cancelled_at = now

    def create(self, body: dict[str, Any], fault: Fault | None = None) -> dict[str, Any]:
        """Answer createReport (202): the report is queued.

        Raises:
            Refused: 400 for a settlement type (1118), an unknown type, or a body that is not a request.
        """
        now = self._clock.now()
        check_request(body)
        end = _moment_in(body, "dataEndTime") or now
        start = _moment_in(body, "dataStartTime") or end - _DEFAULT_SPAN
        if start > end:
            raise bad_input("dataStartTime must not be later than dataEndTime.")
        report = self.add(body["reportType"], tuple(body["marketplaceIds"]), start, end, now.replace(microsecond=0))
        if fault and fault.name in ("report_cancelled", "report_fatal"):
            report.ends_as = "CANCELLED" if fault.name == "report_cancelled" else "FATAL"
        return {"reportId": report.report_id}

    def add(
        self,
        report_type: str,
        marketplace_ids: tuple[str, ...],
        start: datetime,
        end: datetime,
        at: datetime,
        schedule_id: str | None = None,
    ) -> Report:
        """Queue a report at a moment; it ends CANCELLED when its type has no data for the span."""
        number = len(self._requested)
        document = uuid.uuid5(uuid.NAMESPACE_OID, f"{self._world.seed}-{number}-{report_type}")
        report = Report(
            report_id=str(60_000_000_000 + number),
            document_id=f"amzn1.spdoc.1.4.na.{document}.TREQUESTED.{number}",
            report_type=report_type,
            marketplace_ids=marketplace_ids,
            created_at=at,
            start=start,
            end=end,
            schedule_id=schedule_id,
        )
        if report_type == FEE_PREVIEW and is_too_soon(start, at, self._made(report)):
            report.ends_as = "FATAL"
            self._requested.append(report)
            return report
        span = Span(start, end, report.finished_at)
        channels = [channel for channel, (m, _) in MARKETPLACES.items() if m in marketplace_ids]
        report.body = KINDS[report_type](self._world, channels, span)
        if report.body is None:
            report.ends_as = "CANCELLED"
        self._requested.append(report)
        return report

    def _made(self, report: Report) -> list[datetime]:
        """Return when reports of the same type and marketplaces were made before."""
        return [
            r.created_at
            for r in self._requested
            if (r.report_type, r.marketplace_ids, r.ends_as) == (report.report_type, report.marketplace_ids, "DONE")
        ]

    def document(self, document_id: str, fault: Fault | None) -> Document | None:
        """Return the document of a report that is DONE, as a fault may change it; None where it is not a report's."""
        now = self._clock.now()
        report = next((r for r in self.reports(now) if r.document_id == document_id), None)
        if report is None or report.status(now) != "DONE":
            return None
        if report.settlement is None:
            return Document(report.body or b"")
        # Amazon compresses some documents and not others; a stable half of these are.
        zipped = hashlib.sha256(document_id.encode()).digest()[0] % 2 == 0
        text = vary_settlement(report.settlement, fault, columns=23 if self._is_narrow(report.settlement) else 24)
        return Document(text.encode(ENCODING), zipped)

    def reports(self, now: datetime) -> list[Report]:
        """Return all reports that are still kept, newest first."""
        kept = [r for r in [*self._settlement_reports(now), *self._requested] if now - _KEPT < r.created_at <= now]
        return sorted(kept, key=lambda r: (r.created_at, r.report_id), reverse=True)

    def _settlement_reports(self, now: datetime) -> Iterator[Report]:
        for channel, (marketplace_id, _) in MARKETPLACES.items():
            for s in self._world.settlements_of(channel, now):
                yield _settlement_report(s, marketplace_id)
        if self._parallel:
            german = self._world.settlements_of("amazon.DE", now)[-1]
            for marketplace_id in PARALLEL:
                yield _settlement_report(parallel_settlement(german, marketplace_id), marketplace_id)

    def _is_narrow(self, settlement: Settlement) -> bool:
        """Say whether this is the oldest German settlement that is still kept: it has 23 columns."""
        horizon = self._clock.now() - _KEPT
        kept = [s for s in self._world.settlements_of("amazon.DE") if s.available_at > horizon]
        return bool(kept) and kept[0].settlement_id == settlement.settlement_id

    def _find(self, report_id: str, now: datetime) -> Report:
        for report in self.reports(now):
            if report.report_id == report_id:
                return report
        raise Refused(404, "NotFound", "One or more of the provided ReportRequestIds could not be found.")

    def _filter(self, request: Request, now: datetime) -> dict[str, Any]:
        types = texts(request, "reportTypes")
        if not types:
            raise bad_input("reportTypes or nextToken must be given.")
        if len(types) > 10:
            raise bad_input("reportTypes must hold at most 10 values.")
        since, until = moment(request, "createdSince"), moment(request, "createdUntil")
        return {
            "types": types,
            "statuses": choice_list(request, "processingStatuses", _STATUSES),
            "markets": texts(request, "marketplaceIds"),
            "since": (since or now - _KEPT).isoformat(),
            "until": (until or now).isoformat(),
            "size": whole_number(request, "pageSize", 10, 1, 100),
        }

    def _fits(self, report: Report, wanted: dict[str, Any], now: datetime) -> bool:
        markets = set(wanted["markets"])
        return (
            report.report_type in wanted["types"]
            and (not wanted["statuses"] or report.status(now) in wanted["statuses"])
            and (not markets or not markets.isdisjoint(report.marketplace_ids))
            and datetime.fromisoformat(wanted["since"]) <= report.created_at
            and report.created_at <= datetime.fromisoformat(wanted["until"])
        )


def check_request(body: dict[str, Any]) -> None:
    """Return when a report of this type may be asked for (createReport and createReportSchedule).

    Raises:
        Refused: 400 for a settlement type (1118), an unknown type or marketplace, or a missing field.
    """
    kind, markets = body.get("reportType"), body.get("marketplaceIds")
    known = {marketplace_id for marketplace_id, _ in MARKETPLACES.values()}
    if not isinstance(kind, str) or not isinstance(markets, list) or not markets:
        raise bad_input("reportType and marketplaceIds are required.")
    if "SETTLEMENT" in kind:
        raise bad_input("Request for report type 1118 is not allowed at this time")
    if kind not in KINDS:
        raise bad_input(f"Report type {kind} is not valid.")
    if any(m not in known for m in markets):
        raise bad_input("Marketplace is not one of the seller's.")


def _moment_in(body: dict[str, Any], name: str) -> datetime | None:
    raw = body.get(name)
    return None if raw is None else moment_of(name, str(raw))


def _settlement_report(settlement: Settlement, marketplace_id: str) -> Report:
    s = settlement
    return Report(
        s.report_id, s.document_id, SETTLEMENT_TYPE, (marketplace_id,), s.available_at, s.start, s.end, settlement
    )
