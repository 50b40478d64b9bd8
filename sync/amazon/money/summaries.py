"""`amazon.summaries@…`: what the ledger says of each settlement (finances 2024-06-19, listSummary): a second witness.

Settlements become known through the ledger and the payouts, which are pulled before, through `known` (what the mirror
has), and through the cursor. One is read again until a week after its period has ended; then it stands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace
from sync.amazon.money.breakdowns import leaves_of
from sync.amazon.money.calls import summary_call
from sync.amazon.pages import Unreadable, amount_of, page_of, rows_of, stored_time, time_of
from sync.amazon.settlements.ids import SettlementIds
from sync.clock import Clock
from sync.errors import Rejected
from sync.records import SettlementSummary, SettlementSummaryAmount
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import Reply, VendorClient

__all__ = ["SummaryStream"]

#: How long after the end of its period a settlement may still change.
_LATE = timedelta(days=7)


def _nothing_known(channel: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class SummaryStream:
    """The ledger's sums of the settlements of one Amazon marketplace."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    settlements: SettlementIds = field(default_factory=SettlementIds)
    known: Callable[[str], Sequence[str]] = _nothing_known
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.summaries@US`."""
        return f"amazon.summaries@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch for each settlement that is known and not yet final, then one that says what is covered.

        Raises:
            VendorError: a class of `sync.errors`. A settlement that Amazon does not know is quarantined.
        """
        now, channel = self.clock.now(), self.marketplace.channel
        final = set(_texts(cursor, "final"))
        wanted = self.settlements.of(channel) | set(self.known(channel)) | set(_texts(cursor, "open"))
        todo = sorted(wanted - final)
        for place, settlement_id in enumerate(todo, start=1):
            batch, is_final = await self._one(settlement_id, now)
            final |= {settlement_id} if is_final else set()
            state = _state(final, wanted, stored_time(cursor, "at"))
            note = f"{place} of {len(todo)} settlements"
            yield Batch(batch.page, batch.documents, state, batch.quarantined, expected=len(todo), note=note)
        covered = Window(stored_time(cursor, "at") or now, now)
        yield Batch(None, (), _state(final, wanted, now), covered=covered)

    async def _one(self, settlement_id: str, now: datetime) -> tuple[Batch, bool]:
        try:
            reply = await self.client.send(summary_call(self.marketplace.marketplace_id, settlement_id))
        except Rejected as error:
            return Batch(None, (), {}, [Quarantined(settlement_id, f"Amazon has no sum of it: {error}")]), False
        try:
            document = self._read(reply, settlement_id, now)
        except Unreadable as error:
            return Batch(page_of(reply), (), {}, [Quarantined(settlement_id, str(error))]), False
        if document is None:
            # Not there yet: the ledger lags by up to 48 hours.
            return Batch(None, (), {}), False
        record = document.record
        assert isinstance(record, SettlementSummary)
        over = record.period_end is not None and record.period_end + _LATE < now
        return Batch(page_of(reply), (document,), {}), over

    def _read(self, reply: Reply, settlement_id: str, now: datetime) -> Document | None:
        rows = rows_of(reply, "summaries")
        if not rows:
            return None
        if len(rows) > 1 or not isinstance(rows[0], Mapping):
            raise Unreadable(f"{len(rows)} sums for one settlement")
        row = rows[0]
        total, currency = amount_of(row.get("netProceeds"), "netProceeds")
        leaves = leaves_of(row.get("breakdowns"))
        if leaves and sum((leaf.amount for leaf in leaves), Decimal(0)) != total:
            added = sum((leaf.amount for leaf in leaves), Decimal(0))
            raise Unreadable(f"the parts add to {added} {currency}, the sum is {total}")
        start, end = _moment(row, "periodStart"), _moment(row, "periodEnd")
        channel = self.marketplace.channel
        record = SettlementSummary(
            channel=channel,
            settlement_id=settlement_id,
            source="finances",
            currency=currency,
            period_start=start,
            period_end=end,
            opening=None,
            closing=None,
            total=total,
            state="closed" if end is not None and end <= now else "open",
            updated_at=None,
        )
        lines = tuple(
            SettlementSummaryAmount(
                channel, settlement_id, "finances", position, leaf.category, leaf.amount, leaf.currency
            )
            for position, leaf in enumerate(leaves, start=1)
        )
        return Document(record, lines)


def _state(final: set[str], wanted: set[str], at: datetime | None) -> dict[str, object]:
    return {"final": sorted(final), "open": sorted(wanted - final), "at": at.isoformat() if at else None}


def _texts(cursor: Mapping[str, object] | None, name: str) -> list[str]:
    held = cursor.get(name) if cursor else None
    return [str(x) for x in held] if isinstance(held, list) else []


def _moment(row: Mapping[str, object], name: str) -> datetime | None:
    text = row.get(name)
    if not text:
        return None
    # The model says date-time, its own example gives a day alone.
    return time_of(f"{text}T00:00:00Z" if len(str(text)) == 10 else text, name)
