"""`amazon.balances@…`: what Amazon holds for the seller now (finances 2024-06-19, listBalances).

A balance holds its parts: TOTAL = AVAILABLE + RESERVED, RESERVED = DEFERRED + ACCOUNT_LEVEL_RESERVE. Each kind is one
record; account types (standard, invoiced orders) are added up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace
from sync.amazon.money.calls import balances_call
from sync.amazon.pages import Unreadable, amount_of, page_of, rows_of, stored_time, time_of, token_of
from sync.clock import Clock
from sync.errors import ContractBroken
from sync.records import ChannelBalance
from sync.streams import Batch, Document, Quarantined, Window
from sync.transport import VendorClient

__all__ = ["BalanceStream"]

_KINDS = {
    "AVAILABLE": "available",
    "DEFERRED": "deferred",
    "ACCOUNT_LEVEL_RESERVE": "reserve",
    "RESERVED": "reserved",
    "TOTAL": "total",
}


@dataclass(frozen=True, slots=True)
class _Part:
    kind: str
    currency: str
    amount: Decimal
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class BalanceStream:
    """The balances of one Amazon marketplace: a snapshot, read whole each time."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.balances@US`."""
        return f"amazon.balances@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield one batch with a record for each kind and currency.

        Raises:
            VendorError: a class of `sync.errors`.
        """
        found: dict[tuple[str, str], _Part] = {}
        bad: list[Quarantined] = []
        token: str | None = None
        used: set[str] = set()
        while True:
            reply = await self.client.send(balances_call(self.marketplace.marketplace_id, token=token))
            for ordinal, row in enumerate(rows_of(reply, "balances")):
                try:
                    _add(found, list(_parts(row, None)))
                except Unreadable as error:
                    bad.append(Quarantined(f"balance #{ordinal}", str(error), ordinal))
            token = token_of(reply, "nextToken")
            if token is None:
                break
            if token in used:
                raise ContractBroken(reply.seen(detail="the same page comes again and again"))
            used.add(token)
        now = self.clock.now()
        documents = [
            Document(ChannelBalance(self.marketplace.channel, p.kind, p.currency, p.amount, p.as_of), (), ordinal)
            for ordinal, p in enumerate(found.values())
        ]
        covered = Window(stored_time(cursor, "at") or now, now)
        yield Batch(page_of(reply), documents, {"at": now.isoformat()}, bad, covered=covered)


def _parts(row: object, as_of: datetime | None) -> Iterator[_Part]:
    if not isinstance(row, Mapping):
        raise Unreadable("the balance is not an object")
    amount, currency = amount_of(row.get("amount"), "amount")
    moment = row.get("lastUpdatedTime")
    as_of = time_of(moment, "lastUpdatedTime") if moment else as_of
    kind = str(row.get("balanceType") or "")
    if not kind:
        raise Unreadable("the balance has no balanceType")
    yield _Part(_KINDS.get(kind, kind.lower()), currency, amount, as_of)
    inner = row.get("balances")
    for part in [inner] if isinstance(inner, Mapping) else inner if isinstance(inner, list) else []:
        yield from _parts(part, as_of)


def _add(found: dict[tuple[str, str], _Part], parts: Sequence[_Part]) -> None:
    for part in parts:
        held = found.get((part.kind, part.currency))
        total = part.amount + (held.amount if held else Decimal(0))
        found[part.kind, part.currency] = _Part(part.kind, part.currency, total, part.as_of)
