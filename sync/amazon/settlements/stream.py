"""`amazon.settlements@…`: each finished settlement report once.

Amazon makes these reports by itself and keeps them for 90 days; they cannot be requested. A pull lists what is there
(getReports; the next-page token goes alone), and fetches what it has not seen: getReportDocument, then the presigned
address, which lives five minutes, so each document is asked for just before it is fetched.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from sync.amazon.calls import next_reports_call, report_document_call, settlement_reports_call
from sync.amazon.marketplaces import Marketplace, marketplace_by_id
from sync.amazon.pages import charset_of, page_of
from sync.amazon.reports.documents import fetch_document
from sync.amazon.settlements.file import read_settlement
from sync.clock import Clock
from sync.errors import BadInput, ContractBroken, Rejected
from sync.records import Settlement
from sync.settlements import ParsedSettlement
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import Reply, VendorClient

__all__ = ["SettlementStream"]

_KEPT = timedelta(days=90)
# Ids are remembered a little longer than Amazon keeps the reports.
_REMEMBERED = timedelta(days=100)


@dataclass(frozen=True, slots=True)
class _Report:
    report_id: str
    document_id: str
    created_at: datetime
    marketplace_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """The cursor: how far reports were listed, which were read, and the newest one of each settlement."""

    until: datetime | None = None
    seen: Mapping[str, str] = field(default_factory=dict)
    #: Settlement id → (when its newest report was made, hash of its bytes).
    newest: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Mapping[str, object] | None) -> _State:
        if not cursor:
            return cls()
        until, seen = cursor.get("until"), cursor.get("seen")
        moment = datetime.fromisoformat(until).astimezone(UTC) if isinstance(until, str) else None
        newest = cursor.get("newest")
        return cls(
            moment,
            {str(k): str(v) for k, v in seen.items()} if isinstance(seen, Mapping) else {},
            {str(k): (str(v[0]), str(v[1])) for k, v in newest.items()} if isinstance(newest, Mapping) else {},
        )

    def says_nothing_new(self, report: _Report, settlement: Settlement) -> bool:
        """Whether the settlement was read from the same bytes, or from a report that was made later."""
        made, digest = self.newest.get(settlement.settlement_id, ("", ""))
        return settlement.document_hash == digest or report.created_at.isoformat() < made

    def with_settlement(self, report: _Report, settlement: Settlement) -> _State:
        made = (report.created_at.isoformat(), settlement.document_hash)
        return replace(self, newest={**self.newest, settlement.settlement_id: made})

    def with_report(self, report: _Report) -> _State:
        return replace(self, seen={**self.seen, report.report_id: report.created_at.isoformat()})

    def closed(self, until: datetime, now: datetime) -> _State:
        oldest = (now - _REMEMBERED).isoformat()
        return _State(
            until,
            {k: v for k, v in self.seen.items() if v >= oldest},
            {k: v for k, v in self.newest.items() if v[0] >= oldest},
        )

    def cursor(self) -> dict[str, object]:
        newest = {number: list(made) for number, made in self.newest.items()}
        return {"until": self.until.isoformat() if self.until else None, "seen": dict(self.seen), "newest": newest}


@dataclass(frozen=True, slots=True)
class SettlementStream:
    """The settlement reports of one Amazon marketplace.

    Args:
        since: the first day wanted when there is no cursor; Amazon has nothing older than 90 days.
        configured: all marketplaces that are pulled; a report that names several goes to the one that its lines name,
            so that it is read once.
        overlap: how far a new pull lists back before the end of the last, for reports that were finished late.
    """

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    since: datetime
    configured: Sequence[Marketplace] = ()
    overlap: timedelta = timedelta(days=30)
    page_size: int = 100
    depends_on: Sequence[str] = field(default=())

    @property
    def name(self) -> str:
        """Return `amazon.settlements@US`."""
        return f"amazon.settlements@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch for each report not seen before, oldest first, then one that says what is covered.

        Raises:
            VendorError: a class of `sync.errors`. A report that cannot be fetched or read is quarantined instead.
        """
        state, now = _State.of(cursor), self.clock.now()
        end = min(until, now)
        start = state.until - self.overlap if state.until else self.since
        start = max(start, now - _KEPT)
        reports, unreadable = await self._list(start if start > now - _KEPT else None)
        if unreadable:
            page, bad = unreadable
            yield Batch(page, (), state.cursor(), bad)
        todo = [r for r in reports if r.report_id not in state.seen and self._may_be_ours(r)]
        todo.sort(key=lambda r: (r.created_at, r.report_id))
        failed = False
        for place, report in enumerate(todo, start=1):
            batch = await self._fetch(report, state.with_report(report))
            failed = failed or not batch.report_id
            if batch.report_id:
                state = state.with_report(report)
            for settlement in [d.record for d in batch.documents if isinstance(d.record, Settlement)]:
                if state.says_nothing_new(report, settlement):
                    # Delivered twice, or fetched late: the bytes are kept, the newer version stays the current one.
                    batch = replace(batch, documents=())
                else:
                    state = state.with_settlement(report, settlement)
            yield replace(batch, cursor=state.cursor(), expected=len(todo), note=f"{place} of {len(todo)} reports")
        # A report that could not be fetched is listed again next time.
        reached = (state.until or start) if failed else end
        covered = Window(min(max(state.until or start, now - _KEPT), end), end)
        yield Batch(None, (), state.closed(reached, now).cursor(), covered=covered)

    async def _list(self, since: datetime | None) -> tuple[list[_Report], tuple[RawPage, list[Quarantined]] | None]:
        found: dict[str, _Report] = {}
        bad: list[Quarantined] = []
        page: RawPage | None = None
        tokens: set[str] = set()
        call = settlement_reports_call(self.marketplace.marketplace_id, created_since=since, page_size=self.page_size)
        while True:
            reply = await self.client.send(call)
            reports, problems, token = _read_list(reply)
            found.update((r.report_id, r) for r in reports)
            if problems:
                bad, page = [*bad, *problems], page_of(reply)
            if token is None:
                return list(found.values()), ((page, bad) if page else None)
            if token in tokens:
                raise ContractBroken(reply.seen(detail="the same page of reports comes again and again"))
            tokens.add(token)
            call = next_reports_call(token)

    def _may_be_ours(self, report: _Report) -> bool:
        return not report.marketplace_ids or self.marketplace.marketplace_id in report.marketplace_ids

    def _read_ours(self, data: bytes, report: _Report, charset: str | None) -> ParsedSettlement | None:
        """Return the settlement, None when it belongs to another marketplace of the same report.

        Raises:
            BadInput: the reader refuses the file.
        """
        ours = self.marketplace.channel

        def read(channel: str | None) -> ParsedSettlement:
            return read_settlement(data, channel=channel, document_name=report.report_id, declared_charset=charset)

        if len(report.marketplace_ids) < 2:
            return read(ours)
        parsed = read(None)
        named = [m for i in report.marketplace_ids if (m := marketplace_by_id(i))]
        pulled = [m for m in named if m in self.configured or m == self.marketplace]
        if parsed.settlement.channel in {m.channel for m in pulled}:
            return parsed if parsed.settlement.channel == ours else None
        # The lines name no marketplace that is pulled: the first one in the report's money takes it.
        same_money = [m for m in pulled if m.currency == parsed.settlement.currency]
        return read(ours) if same_money[:1] == [self.marketplace] else None

    async def _fetch(self, report: _Report, after: _State) -> Batch:
        try:
            fetched = await fetch_document(self.client, report_document_call(report.document_id))
        except Rejected as error:
            return Batch(None, (), {}, [Quarantined(report.report_id, f"cannot be fetched: {error}")])
        cursor, reply, data = after.cursor(), fetched.reply, fetched.data
        if data is None:
            bad = [Quarantined(report.report_id, fetched.problem)]
            return Batch(page_of(reply), (), cursor, bad, report_id=report.report_id)
        try:
            # A file of a million lines takes seconds: other streams and the screen go on meanwhile.
            parsed = await asyncio.to_thread(self._read_ours, data, report, charset_of(reply))
        except BadInput as error:
            bad = [Quarantined(report.report_id, str(error))]
            return Batch(page_of(reply), (), cursor, bad, report_id=report.report_id)
        if parsed is None:
            return Batch(None, (), cursor, report_id=report.report_id)
        document = Document(parsed.settlement, parsed.lines, notes=parsed.notes)
        return Batch(page_of(reply), (document,), cursor, report_id=report.report_id)


def _read_list(reply: Reply) -> tuple[list[_Report], list[Quarantined], str | None]:
    body = reply.json()
    rows = body.get("reports") if isinstance(body, Mapping) else None
    if not isinstance(body, Mapping) or not isinstance(rows, list):
        raise ContractBroken(reply.seen(detail="the answer holds no list of reports"))
    read = [_read_report(row, ordinal) for ordinal, row in enumerate(rows)]
    token = body.get("nextToken")
    return (
        [r for r in read if isinstance(r, _Report)],
        [q for q in read if isinstance(q, Quarantined)],
        token if isinstance(token, str) and token else None,
    )


def _read_report(row: object, ordinal: int) -> _Report | Quarantined:
    if not isinstance(row, Mapping):
        return Quarantined(f"#{ordinal}", "the report is not an object", ordinal)
    report_id, document_id = row.get("reportId"), row.get("reportDocumentId")
    key = str(report_id or f"#{ordinal}")
    if not isinstance(report_id, str) or not report_id or not isinstance(document_id, str) or not document_id:
        return Quarantined(key, "the finished report names no document", ordinal)
    try:
        created_at = datetime.fromisoformat(str(row.get("createdTime")))
    except ValueError:
        return Quarantined(key, f"createdTime is no time: {row.get('createdTime')!r}", ordinal)
    if created_at.tzinfo is None:
        return Quarantined(key, f"createdTime has no zone: {row.get('createdTime')!r}", ordinal)
    ids = row.get("marketplaceIds")
    return _Report(
        report_id,
        document_id,
        created_at.astimezone(UTC),
        tuple(str(i) for i in ids) if isinstance(ids, list) else (),
    )
