"""One company for a whole module of tests, and the intents of every document, made for it."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sync.netsuite import NetSuiteClient, PushSettings, connect, handlers
from sync.outbox.handlers import Handler
from sync.transport import ConcurrencyGate, MemoryCallLog

from .company import Company

_NUMBERS = itertools.count(1)


@dataclass
class Town:
    """A client of the running company with its handlers."""

    company: Company
    client: NetSuiteClient
    calls: MemoryCallLog
    handlers: Mapping[str, Handler] = field(default_factory=dict)

    @property
    def ids(self) -> dict[str, str]:
        return self.company.ids

    def number(self, prefix: str) -> str:
        return f"{prefix}-{next(_NUMBERS)}"

    async def write(self, kind: str, intent: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
        """Look (nothing may be there), send, read back, and find it agreeing; return id and record."""
        handler = self.handlers[kind]
        assert await handler.look(intent) is None
        sent = await handler.send(intent)
        record = await handler.read_back(sent.target_id)
        assert handler.compare(intent, record) == []
        found = await handler.look(intent)
        assert found is not None
        assert found.target_id == sent.target_id
        return sent.target_id, record

    def goods(self, quantity: str = "3", amount: str = "33.33", **more: object) -> dict[str, object]:
        return {"item_id": self.ids["SKU-A"], "quantity": quantity, "amount": amount, **more}

    def head(self, prefix: str, **more: object) -> dict[str, Any]:
        return {
            "external_id": self.number(prefix),
            "customer": {"id": self.ids["customer"]},
            "date": "2026-11-18",
            "subsidiary_id": self.ids["subsidiary"],
            "location_id": self.ids["location"],
            "currency": "USD",
            **more,
        }

    def order(self, *lines: dict[str, object], **more: object) -> dict[str, Any]:
        wanted = list(lines) or [self.goods(), self.goods("2", "22.22")]
        return self.head("SO", other_reference=self.number("113"), lines=wanted, **more)

    def own(self, prefix: str, source: str, source_id: str, **more: object) -> dict[str, Any]:
        return {
            "external_id": self.number(prefix),
            "date": "2026-11-19",
            "source": {"kind": source, "id": source_id},
            **more,
        }

    def journal(self, **more: object) -> dict[str, Any]:
        return {
            "external_id": self.number("JE"),
            "date": "2026-11-15",
            "subsidiary_id": self.ids["subsidiary"],
            "currency": "USD",
            "lines": [
                {"account_id": self.ids["1150"], "debit": "85.27", "memo": "payout"},
                {"account_id": self.ids["6110"], "debit": "14.73"},
                {"account_id": self.ids["4000"], "credit": "100.00"},
            ],
            **more,
        }

    def person(self, **more: object) -> dict[str, Any]:
        number = self.number("C")
        return {
            "external_id": number,
            "kind": "person",
            "first_name": "Zoë",
            "last_name": f"O'Brien {number}",
            "subsidiary_id": self.ids["subsidiary"],
            "currency": "USD",
            **more,
        }


@asynccontextmanager
async def visiting(company: Company, gate: ConcurrencyGate | None = None, **settings: object) -> AsyncIterator[Town]:
    """Open a client of the company, with no fault set."""
    company.faults.clear()
    calls = MemoryCallLog()
    login = company.machine_login()
    client = connect(company.account, login, calls=calls, clock=company.clock, rng=random.Random(5), gate=gate)
    found = {h.kind: h for h in handlers(client, PushSettings(**settings))}
    try:
        yield Town(company, client, calls, found)
    finally:
        company.faults.clear()
        await client.transport.aclose()
