"""Reports API 2021-06-30: what reports there are, their documents, and the addresses that serve the bytes.

Settlement reports appear by themselves and cannot be requested; reports are kept 90 days.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from sync.sandbox.amazon.cursors import Cursors
from sync.sandbox.amazon.listings_document import write_listings
from sync.sandbox.amazon.order_view import MARKETPLACES
from sync.sandbox.amazon.parameters import choice_list, moment, texts, whole_number, zulu
from sync.sandbox.amazon.refusals import Refused, bad_input
from sync.sandbox.amazon.settlement_document import write_settlement
from sync.sandbox.clock import SandboxClock
from sync.sandbox.world.model import Settlement, World

__all__ = ["LISTINGS_TYPE", "SETTLEMENT_TYPE", "ReportsApi"]

SETTLEMENT_TYPE = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
LISTINGS_TYPE = "GET_MERCHANT_LISTINGS_ALL_DATA"
_STATUSES = ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
_KEPT = timedelta(days=90)
#: A requested report is queued, then in progress, then done.
_QUEUED, _WORKING = timedelta(seconds=15), timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class _Report:
    """One report; `settlement` is set on those that Amazon makes by itself."""

    report_id: str
    document_id: str
    report_type: str
    channel: str
    created_at: datetime
    start: datetime
    end: datetime
    settlement: Settlement | None = None
    cancelled_at: datetime | None = None

    def status(self, now: datetime) -> str:
        if self.cancelled_at is not None:
            return "CANCELLED"
        if self.settlement is not None or now >= self.created_at + _WORKING:
            return "DONE"
        return "IN_QUEUE" if now < self.created_at + _QUEUED else "IN_PROGRESS"


def _show(report: _Report, now: datetime) -> dict[str, Any]:
    status = report.status(now)
    shown: dict[str, Any] = {
        "reportId": report.report_id,
        "reportType": report.report_type,
        "marketplaceIds": [MARKETPLACES[report.channel][0]],
        "dataStartTime": zulu(report.start),
        "dataEndTime": zulu(report.end),
        "createdTime": zulu(report.created_at),
        "processingStatus": status,
    }
    if status == "DONE":
        shown["processingStartTime"] = zulu(report.created_at)
        shown["processingEndTime"] = zulu(report.created_at + timedelta(seconds=12))
        shown["reportDocumentId"] = report.document_id
    return shown


class ReportsApi:
    """Answers from the world's settlements and from the reports that were requested here."""

    def __init__(self, world: World, clock: SandboxClock, cursors: Cursors) -> None:
        self._world, self._clock, self._cursors = world, clock, cursors
        self._requested: list[_Report] = []

    def search(self, request: Request, *, repeat_page: bool = False) -> dict[str, Any]:
        """Answer getReports, newest first.

        Raises:
            Refused: 400 when nextToken comes with another parameter, or a parameter breaks a rule.
        """
        now = self._clock.now()
        token = request.query_params.get("nextToken")
        if token:
            if set(request.query_params) != {"nextToken"}:
                raise bad_input("nextToken cannot be combined with other parameters.")
            state = self._cursors.read(token, now)
        else:
            state = {"filter": self._filter(request, now), "offset": 0}
        wanted, offset = state["filter"], int(state["offset"])
        size = int(wanted["size"])
        begin = max(0, offset - size) if repeat_page else offset
        rows = [r for r in self._reports(now) if self._fits(r, wanted, now)]
        answer: dict[str, Any] = {"reports": [_show(r, now) for r in rows[begin : begin + size]]}
        if begin + size < len(rows):
            answer["nextToken"] = self._cursors.write({"filter": wanted, "offset": begin + size}, now)
        return answer

    def get(self, request: Request) -> dict[str, Any]:
        """Answer getReport.

        Raises:
            Refused: 404 when there is no such report.
        """
        now = self._clock.now()
        return _show(self._find(now, report_id=request.path_params["report_id"]), now)

    def create(self, body: object) -> dict[str, Any]:
        """Answer createReport (202): the report is queued.

        Raises:
            Refused: 400 for a settlement type (1118), an unknown type, or a body that is not a request.
        """
        now = self._clock.now()
        if not isinstance(body, dict):
            raise bad_input("The request body must be a JSON object.")
        kind, markets = body.get("reportType"), body.get("marketplaceIds")
        known = {marketplace_id: channel for channel, (marketplace_id, _) in MARKETPLACES.items()}
        if not isinstance(kind, str) or not isinstance(markets, list) or not markets:
            raise bad_input("reportType and marketplaceIds are required.")
        if "SETTLEMENT" in kind:
            raise bad_input("Request for report type 1118 is not allowed at this time")
        if kind != LISTINGS_TYPE:
            raise bad_input(f"Report type {kind} is not valid.")
        if any(m not in known for m in markets):
            raise bad_input("Marketplace is not one of the seller's.")
        report = _Report(
            report_id=str(60_000_000_000 + len(self._requested)),
            document_id=f"amzn1.spdoc.1.4.na.{uuid.uuid4()}.TREQUESTED.{len(self._requested)}",
            report_type=kind,
            channel=known[markets[0]],
            created_at=now.replace(microsecond=0),
            start=now,
            end=now,
        )
        self._requested.append(report)
        return {"reportId": report.report_id}

    def document(self, document_id: str) -> tuple[bytes, bool]:
        """Return (bytes before compression, whether the document is kept as gzip).

        Raises:
            Refused: 404 when there is no such document.
        """
        now = self._clock.now()
        report = self._find(now, document_id=document_id)
        if report.settlement is None:
            return write_listings(x for x in self._world.listings if x.channel == report.channel), False
        # Amazon compresses some documents and not others; a stable half of these are.
        zipped = hashlib.sha256(document_id.encode()).digest()[0] % 2 == 0
        oldest = next(s for s in self._world.settlements_of(report.channel) if s.available_at > now - _KEPT)
        narrow = report.channel == "amazon.DE" and report.settlement is oldest
        return write_settlement(report.settlement, columns=23 if narrow else 24), zipped

    def _find(self, now: datetime, *, report_id: str = "", document_id: str = "") -> _Report:
        for report in self._reports(now):
            if report.report_id == report_id or (report.document_id == document_id and report.status(now) == "DONE"):
                return report
        what = "ReportRequestIds" if report_id else "ReportDocumentIds"
        raise Refused(404, "NotFound", f"One or more of the provided {what} could not be found.")

    def _reports(self, now: datetime) -> list[_Report]:
        """Return all reports that are still kept, newest first."""
        own = [
            _Report(s.report_id, s.document_id, SETTLEMENT_TYPE, channel, s.available_at, s.start, s.end, s)
            for channel in MARKETPLACES
            for s in self._world.settlements_of(channel, now)
        ]
        kept = [r for r in own + self._requested if r.created_at > now - _KEPT]
        return sorted(kept, key=lambda r: (r.created_at, r.report_id), reverse=True)

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

    def _fits(self, report: _Report, wanted: dict[str, Any], now: datetime) -> bool:
        return (
            report.report_type in wanted["types"]
            and (not wanted["statuses"] or report.status(now) in wanted["statuses"])
            and (not wanted["markets"] or MARKETPLACES[report.channel][0] in wanted["markets"])
            and datetime.fromisoformat(wanted["since"]) <= report.created_at
            and report.created_at <= datetime.fromisoformat(wanted["until"])
        )
