"""`walmart.settlements@US`: each reconciliation report once.

Walmart lists the days that have a report and gives each as a ZIP. A day counts as read only when its report was read
whole; a damaged or refused one is quarantined and fetched again next time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sync.clock import Clock
from sync.errors import BadInput, ContractBroken, Rejected
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import Reply, VendorClient
from sync.walmart.calls import recon_dates_call, recon_file_call
from sync.walmart.errors import complaint_of, is_no_rows
from sync.walmart.recon_file import read_recon

__all__ = ["SettlementStream"]

_DAY = re.compile(r"(\d\d)(\d\d)(\d{4})")


@dataclass(frozen=True, slots=True)
class SettlementStream:
    """The reconciliation reports of one Walmart account; `since`: reports of earlier days are left out."""

    client: VendorClient
    channel: str
    clock: Clock
    since: datetime
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `walmart.settlements@US`."""
        return f"walmart.settlements@{self.channel.partition('.')[2]}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch for each report not read before, oldest first, then one that says what is covered.

        Raises:
            VendorError: a class of `sync.errors`. A report that cannot be fetched or read is quarantined instead.
        """
        covered, seen = _held(cursor)
        end = min(until, self.clock.now())
        reply, days, bad = await self._days()
        if bad:
            yield Batch(_page(reply), (), _cursor(covered, seen), bad)
        todo = [d for d in days if d.isoformat() not in seen and self.since.date() <= d <= end.date()]
        for place, day in enumerate(todo, start=1):
            page, document, problem = await self._fetch(day)
            if document is not None:
                seen = [*seen, day.isoformat()]
            yield Batch(
                page,
                (document,) if document else (),
                _cursor(covered, seen),
                () if document else (Quarantined(day.isoformat(), problem),),
                report_id=day.isoformat() if document else None,
                expected=len(todo),
                note=f"{place} of {len(todo)} reports",
            )
        start = min(covered or self.since, end)
        yield Batch(None, (), _cursor(end, seen), covered=Window(start, end))

    async def _days(self) -> tuple[Reply, list[date], list[Quarantined]]:
        """Return the days with a report, oldest first, and entries that are no day."""
        try:
            reply = await self.client.send(recon_dates_call())
        except Rejected as error:
            if not is_no_rows(error):
                raise
            return Reply(404, {}, b""), [], []
        body = reply.json()
        entries = body.get("availableApReportDates") if isinstance(body, Mapping) else None
        if not isinstance(entries, list):
            raise ContractBroken(reply.seen(detail="the answer holds no list of report dates"))
        days: set[date] = set()
        bad = []
        for ordinal, entry in enumerate(entries):
            day = _day(entry)
            if day is None:
                bad.append(Quarantined(f"report date {entry!r}", "the report date is not MMDDYYYY", ordinal))
            else:
                days.add(day)
        return reply, sorted(days), bad

    async def _fetch(self, day: date) -> tuple[RawPage | None, Document | None, str]:
        """Return the page, and either the report or what is wrong with it."""
        try:
            reply = await self.client.send(recon_file_call(day))
        except Rejected as error:
            return None, None, f"cannot be fetched: {error}"
        if not reply.body.startswith(b"PK"):
            found = complaint_of(reply.body)
            said = ": ".join(t for t in (found.code, found.detail) if t)
            return _page(reply), None, f"the answer is no ZIP{': ' + said if said else ''}"
        try:
            # A long report takes seconds: other streams and the screen go on meanwhile.
            parsed = await asyncio.to_thread(
                read_recon, reply.body, channel=self.channel, document_name=f"recon {day.isoformat()}"
            )
        except BadInput as error:
            return _page(reply), None, str(error)
        return _page(reply), Document(parsed.settlement, parsed.lines), ""


def _day(entry: object) -> date | None:
    found = _DAY.fullmatch(entry) if isinstance(entry, str) else None
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None


def _held(cursor: Mapping[str, object] | None) -> tuple[datetime | None, list[str]]:
    until, seen = (cursor.get("until"), cursor.get("seen")) if cursor else (None, None)
    moment = datetime.fromisoformat(until).astimezone(UTC) if isinstance(until, str) else None
    return moment, [str(d) for d in seen] if isinstance(seen, list) else []


def _cursor(until: datetime | None, seen: Sequence[str]) -> dict[str, object]:
    return {"until": until.isoformat() if until else None, "seen": list(seen)}


def _page(reply: Reply) -> RawPage:
    return RawPage(reply.body, reply.headers.get("content-type", "application/octet-stream"), reply.call_id)
