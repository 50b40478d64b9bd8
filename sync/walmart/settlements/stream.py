"""`walmart.settlements@US`: each reconciliation report once.

Walmart lists the days that have a report and gives each as a ZIP; where the ZIP is refused or is none, the report
comes as JSON. A day is pending (known, not fetched), stored (fetched, and its page kept, but not readable whole) or
done. Only what was read whole is done; the rest is quarantined and fetched again next time. The newest reports that
are done are looked at again once a day: one that was issued anew replaces the old.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from sync.clock import Clock
from sync.errors import BadInput, ContractBroken, Rejected
from sync.records import Settlement, SettlementLine
from sync.settlements import column_of
from sync.streams import Batch, Document, Quarantined, RawPage, Window
from sync.transport import Reply, VendorClient
from sync.walmart.calls import recon_dates_call, recon_file_call
from sync.walmart.errors import complaint_of, is_no_rows
from sync.walmart.pages import stored
from sync.walmart.settlements.file import read_recon
from sync.walmart.settlements.rows import recon_csv, recon_rows

__all__ = ["SettlementStream"]

_DAY = re.compile(r"(\d\d)(\d\d)(\d{4})")


@dataclass(frozen=True, slots=True)
class SettlementStream:
    """The reconciliation reports of one Walmart account; `since`: reports of earlier days are left out."""

    client: VendorClient
    channel: str
    clock: Clock
    since: datetime
    reissued_within: timedelta = timedelta(days=35)
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
        held = _Held.of(cursor)
        end = min(until, self.clock.now())
        reply, days, bad = await self._days()
        if bad:
            yield Batch(_page(reply), (), held.cursor(), bad)
        todo = [d for d in days if d.isoformat() not in held.seen and self.since.date() <= d <= end.date()]
        for day in todo:
            held.states.setdefault(day.isoformat(), "pending")
        for place, day in enumerate(todo, start=1):
            page, document, problem = await self._fetch(day)
            held.note(day, page, document, end)
            yield Batch(
                page,
                (document,) if document else (),
                held.cursor(),
                () if document else (Quarantined(day.isoformat(), problem),),
                report_id=day.isoformat() if document else None,
                expected=len(todo),
                note=f"{place} of {len(todo)} reports",
            )
        for day in self._to_check(days, held, end):
            if (batch := await self._again(day, held, end)) is not None:
                yield batch
            held.checked[day.isoformat()] = end.isoformat()
        start = min(held.until or self.since, end)
        held.until = end
        yield Batch(None, (), held.cursor(), covered=Window(start, end))

    def _to_check(self, days: Sequence[date], held: _Held, end: datetime) -> list[date]:
        """Return the newest days that are done and were not looked at for a day."""
        done = [d for d in days if d.isoformat() in held.hashes and end - _day_start(d) <= self.reissued_within]
        return [d for d in done if (at := held.checked_at(d)) is None or end - at >= timedelta(days=1)]

    async def _again(self, day: date, held: _Held, end: datetime) -> Batch | None:
        """Return a report that was issued anew; one that is as it was, or cannot be had now, changes nothing."""
        page, document, _ = await self._fetch(day)
        if document is None or not held.is_new(day, document):
            return None
        held.note(day, page, document, end)
        return Batch(page, (document,), held.cursor(), report_id=day.isoformat(), note=f"{day} was issued anew")

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
        page: RawPage | None = None
        try:
            reply = await self.client.send(recon_file_call(day))
        except (Rejected, ContractBroken) as error:
            problem = f"cannot be fetched: {error}"
        else:
            page = _page(reply)
            if reply.body.startswith(b"PK"):
                document, problem = await self._parse(reply.body, f"recon {day.isoformat()}")
                return page, document, problem
            found = complaint_of(reply.body)
            said = ": ".join(t for t in (found.code, found.detail) if t)
            problem = f"the answer is no ZIP{': ' + said if said else ''}"
        return await self._fetch_rows(day, page, problem)

    async def _fetch_rows(
        self, day: date, page: RawPage | None, problem: str
    ) -> tuple[RawPage | None, Document | None, str]:
        """Return the report from its rows in JSON, else what was wrong with the ZIP and with them."""
        try:
            rows, stated = await recon_rows(self.client, day)
        except (Rejected, ContractBroken, BadInput) as error:
            return page, None, f"{problem}; as JSON: {error}"
        if not rows:
            return page, None, f"{problem}; as JSON: no rows"
        body = recon_csv(rows, stated)
        document, second = await self._parse(body, f"recon {day.isoformat()} (JSON)")
        return RawPage(body, "text/csv"), document, f"{problem}; as JSON: {second}" if second else ""

    async def _parse(self, body: bytes, name: str) -> tuple[Document | None, str]:
        try:
            # A long report takes seconds: other streams and the screen go on meanwhile.
            parsed = await asyncio.to_thread(read_recon, body, channel=self.channel, document_name=name)
        except BadInput as error:
            return None, str(error)
        return Document(parsed.settlement, parsed.lines, notes=parsed.notes), ""


@dataclass(slots=True)
class _Held:
    """What the cursor remembers: how far, and of each day its state, the hash of its report, when it was looked at."""

    until: datetime | None = None
    seen: list[str] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    checked: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Mapping[str, object] | None) -> _Held:
        held = cursor or {}
        seen = held.get("seen")
        return cls(
            stored(cursor),
            [str(d) for d in seen] if isinstance(seen, list) else [],
            _texts(held.get("states")),
            _texts(held.get("hashes")),
            _texts(held.get("checked")),
        )

    def cursor(self) -> dict[str, object]:
        return {
            "until": self.until.isoformat() if self.until else None,
            "seen": list(self.seen),
            "states": dict(self.states),
            "hashes": dict(self.hashes),
            "checked": dict(self.checked),
        }

    def note(self, day: date, page: RawPage | None, document: Document | None, at: datetime) -> None:
        """Remember how far a day came."""
        key = day.isoformat()
        if document is not None:
            self.seen = [*self.seen, *([key] if key not in self.seen else [])]
            self.hashes[key] = _hash_of(document)
            self.checked[key] = at.isoformat()
        self.states[key] = "done" if document else "stored" if page else "pending"

    def is_new(self, day: date, document: Document) -> bool:
        return self.hashes.get(day.isoformat()) != _hash_of(document)

    def checked_at(self, day: date) -> datetime | None:
        text = self.checked.get(day.isoformat())
        return datetime.fromisoformat(text).astimezone(UTC) if text else None


def _texts(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, Mapping) else {}


def _hash_of(document: Document) -> str:
    """Return a hash of what a report says, the same whether it came as ZIP, CSV or JSON."""
    assert isinstance(document.record, Settlement)
    what = hashlib.sha256(str(document.record.total).encode())
    for name in ("order_id", "sku", "transaction_type", "amount_type", "amount_description", "amount", "posted_date"):
        what.update(repr(list(map(str, column_of(cast("Sequence[SettlementLine]", document.lines), name)))).encode())
    return what.hexdigest()


def _day_start(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _day(entry: object) -> date | None:
    found = _DAY.fullmatch(entry) if isinstance(entry, str) else None
    if not found:
        return None
    try:
        return date(int(found[3]), int(found[1]), int(found[2]))
    except ValueError:
        return None


def _page(reply: Reply) -> RawPage:
    return RawPage(reply.body, reply.headers.get("content-type", "application/octet-stream"), reply.call_id)
