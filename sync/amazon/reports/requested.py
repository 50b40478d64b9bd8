"""Streams of reports that must be asked for: create, poll, fetch, read; one window after the other.

The cursor remembers the report that was asked for: a restart goes on with it instead of asking for a second one. A
createReport without an answer is looked for in getReports before it is repeated. CANCELLED means that there is no data
(Amazon reports 2021-06-30), so the window is covered; FATAL is shown and the window is asked for again next time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sync.amazon.calls import report_document_call
from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Read, Unreadable, charset_of, page_of, rows_of, stored_time, time_of
from sync.amazon.reports.calls import create_report_call, report_call, reports_call
from sync.amazon.reports.documents import fetch_document
from sync.amazon.reports.text import Report, read_report
from sync.clock import Clock
from sync.errors import BadInput, ContractBroken, InDoubt, Rejected, Transient
from sync.streams import Batch, Quarantined, RawPage, Window
from sync.transport import Reply, VendorClient

__all__ = ["ReportKind", "RequestedReportStream"]

#: Polls come 15 s after the request, then less often; a report takes minutes, seldom an hour.
_POLLS_S = (15.0, 30.0, 60.0, 60.0, 120.0, 120.0, 300.0)
#: A report that is not there after this long is left; the next pull goes on with it.
_PATIENCE = timedelta(hours=2)
#: Requested reports are kept 90 days; one that was asked for longer ago is asked for anew.
_KEPT = timedelta(days=89)


@dataclass(frozen=True, slots=True)
class ReportKind:
    """One kind of report, and how its rows become records.

    `stream` is the stream's name without the account. `longest` is the longest stretch that one report may span; None:
    a snapshot, without dates or, as some want it, over the last `reach`. `overlap` is read again by each pull. A report
    is not asked for again before `pause` is over.
    """

    stream: str
    report_type: str
    needed: Sequence[str]
    decode: Callable[[Report, Marketplace], Read]
    longest: timedelta | None = timedelta(days=30)
    overlap: timedelta = timedelta(days=2)
    oldest: timedelta = timedelta(days=540)
    options: Mapping[str, str] = field(default_factory=dict)
    reach: timedelta | None = None
    pause: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A report that was asked for; start None: a snapshot."""

    report_id: str
    start: datetime | None
    end: datetime
    asked_at: datetime

    def cursor(self) -> dict[str, object]:
        return {
            "id": self.report_id,
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat(),
            "asked_at": self.asked_at.isoformat(),
        }

    @classmethod
    def of(cls, cursor: Mapping[str, object] | None, now: datetime) -> _Asked | None:
        held = cursor.get("report") if cursor else None
        if not isinstance(held, Mapping):
            return None
        end, asked_at, report_id = stored_time(held, "end"), stored_time(held, "asked_at"), held.get("id")
        if end is None or asked_at is None or not isinstance(report_id, str) or now - asked_at > _KEPT:
            return None
        return cls(report_id, stored_time(held, "start"), end, asked_at)


@dataclass(frozen=True, slots=True)
class RequestedReportStream:
    """One kind of report of one marketplace."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    kind: ReportKind
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.returns@US`."""
        return f"{self.kind.stream}@{self.marketplace.country}"

    def cursor_at(self, moment: datetime) -> Mapping[str, object]:
        """Return the cursor that reads everything from `moment` on."""
        return {"until": moment.isoformat()}

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield a batch when a report has been asked for and one with its records, window by window.

        A report that cannot be made, fetched or read is quarantined and its window stays open.

        Raises:
            VendorError: a class of `sync.errors`; Transient where the report takes too long.
        """
        now = self.clock.now()
        covered, asked = stored_time(cursor, "until"), _Asked.of(cursor, now)
        end = min(until, now).replace(microsecond=0)
        read_here: datetime | None = None
        while True:
            if asked is None:
                window = self._next(covered, read_here, end)
                if window is None:
                    return
                asked = await self._ask(window)
                yield Batch(None, (), self._cursor(covered, asked), note=f"report {asked.report_id} asked for")
            reply = await self._finished(asked)
            batch = await self._fetch(asked, reply, covered)
            yield batch
            if batch.covered is None or self.kind.longest is None:
                # What could not be made, fetched or read is asked for again by the next pull.
                return
            covered = read_here = asked.end
            asked = None

    def _cursor(self, covered: datetime | None, asked: _Asked | None) -> dict[str, object]:
        return {"until": covered.isoformat() if covered else None, "report": asked.cursor() if asked else None}

    def _next(
        self, covered: datetime | None, read_here: datetime | None, end: datetime
    ) -> tuple[datetime | None, datetime] | None:
        """Return the next window; what this pull has read itself up to `read_here` is not read again."""
        if covered is not None and covered + self.kind.pause >= end:
            return None
        if self.kind.longest is None:
            return end - self.kind.reach if self.kind.reach else None, end
        again = covered - self.kind.overlap if covered else self.since
        start = max(read_here or again, end - self.kind.oldest)
        # Whole days: a report that begins in mid-day would count equal rows of that day anew.
        start = start.replace(hour=0, minute=0, second=0, microsecond=0)
        stop = min(start + self.kind.longest, end)
        return (start, stop) if stop > start and (covered is None or stop > covered) else None

    async def _ask(self, window: tuple[datetime | None, datetime]) -> _Asked:
        start, end = window
        asked_at = self.clock.now()
        call = create_report_call(
            self.kind.report_type,
            self.marketplace.marketplace_id,
            start=start,
            end=end if start else None,
            options=dict(self.kind.options),
        )
        for may_repeat in (True, False):
            try:
                reply = await self.client.send(call)
            except InDoubt:
                found = await self._asked_already(start, end, asked_at)
                if found is not None:
                    return _Asked(found, start, end, asked_at)
                if not may_repeat:
                    raise
                continue
            return _Asked(_needed(reply, "reportId"), start, end, asked_at)
        raise AssertionError("the loop returns or raises")

    async def _asked_already(self, start: datetime | None, end: datetime, asked_at: datetime) -> str | None:
        """Return the report that a createReport without an answer has made after all."""
        since = asked_at - timedelta(minutes=1)
        call = reports_call(self.kind.report_type, self.marketplace.marketplace_id, created_since=since)
        for row in rows_of(await self.client.send(call), "reports"):
            if not isinstance(row, Mapping) or not isinstance(row.get("reportId"), str):
                continue
            if start is None or (_same(row.get("dataStartTime"), start) and _same(row.get("dataEndTime"), end)):
                return str(row["reportId"])
        return None

    async def _finished(self, asked: _Asked) -> Reply:
        """Return getReport's answer once the report is in a final state."""
        polls = iter(_POLLS_S)
        first = self.clock.now()
        while True:
            reply = await self.client.send(report_call(asked.report_id))
            state = _needed(reply, "processingStatus")
            if state in {"DONE", "CANCELLED", "FATAL"}:
                return reply
            if state not in {"IN_QUEUE", "IN_PROGRESS"}:
                raise ContractBroken(reply.seen(detail=f"the report is in the unknown state {state!r}"))
            if self.clock.now() - first > _PATIENCE:
                raise Transient(
                    reply.seen(detail=f"report {asked.report_id} is {state} after two hours"),
                    "The next pull goes on with the same report",
                )
            await self.client.pause(next(polls, _POLLS_S[-1]), f"{self.kind.report_type}: {state.lower()}")

    async def _fetch(self, asked: _Asked, reply: Reply, covered: datetime | None) -> Batch:
        if _text(reply, "processingStatus") == "FATAL":
            return self._failed(asked, covered, page_of(reply), "Amazon could not make the report (FATAL)")
        # A snapshot tells of its own moment, whatever span it was asked for with.
        first = covered if self.kind.longest is None else asked.start or covered
        start = min(first or asked.end, asked.end)
        window = Window(start, asked.end)
        done = Batch(None, (), self._cursor(asked.end, None), covered=window, report_id=asked.report_id)
        if _text(reply, "processingStatus") == "CANCELLED":
            return replace(done, note="no data in this window")
        try:
            fetched = await fetch_document(self.client, report_document_call(_needed(reply, "reportDocumentId")))
        except Rejected as error:
            return self._failed(asked, covered, None, f"cannot be fetched: {error}")
        page = page_of(fetched.reply)
        if fetched.data is None:
            return self._failed(asked, covered, page, fetched.problem)
        try:
            # A large report takes seconds: other streams and the screen go on meanwhile.
            read = await asyncio.to_thread(self._decoded, fetched.data, asked, charset_of(fetched.reply))
        except BadInput as error:
            return self._failed(asked, covered, page, str(error))
        note = f"{len(read.documents)} records of report {asked.report_id}"
        return replace(done, page=page, documents=read.documents, quarantined=read.quarantined, note=note)

    def _failed(self, asked: _Asked, covered: datetime | None, page: RawPage | None, why: str) -> Batch:
        since = asked.start.date().isoformat() if asked.start else "now"
        bad = Quarantined(f"{self.kind.report_type} from {since}", f"report {asked.report_id}: {why}")
        return Batch(page, (), self._cursor(covered, None), [bad])

    def _decoded(self, data: bytes, asked: _Asked, charset: str | None) -> Read:
        report = read_report(
            data,
            marketplace=self.marketplace,
            needed=self.kind.needed,
            document_name=asked.report_id,
            declared_charset=charset,
        )
        read = self.kind.decode(replace(report, until=asked.end), self.marketplace)
        broken = [Quarantined(f"{asked.report_id} line {n}", why, n) for n, why in report.broken]
        return replace(read, quarantined=[*broken, *read.quarantined])


def _needed(reply: Reply, name: str) -> str:
    text = _text(reply, name)
    if not text:
        raise ContractBroken(reply.seen(detail=f"the answer has no {name}"))
    return text


def _text(reply: Reply, name: str) -> str:
    body = reply.json()
    value = body.get(name) if isinstance(body, Mapping) else None
    return value if isinstance(value, str) else ""


def _same(value: object, moment: datetime) -> bool:
    try:
        return abs(time_of(value, "time") - moment.astimezone(UTC)) < timedelta(seconds=2)
    except Unreadable:
        return False
