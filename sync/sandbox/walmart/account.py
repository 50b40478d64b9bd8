"""One seller account as the sandbox keeps it, and one call to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.limits import Limits
from sync.sandbox.walmart.ledger import Ledger
from sync.sandbox.walmart.order_book import OrderBook
from sync.sandbox.walmart.tokens import Tokens
from sync.sandbox.world.model import World

__all__ = ["PARTNER_ID", "Account", "Call"]

PARTNER_ID = "10000000354"


@dataclass(frozen=True, slots=True)
class Account:
    """Everything a handler may look at or change."""

    world: World
    clock: SandboxClock
    tokens: Tokens
    limits: Limits
    faults: Faults
    orders: OrderBook
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class Call:
    """A request that passed the gateway. `query` is the raw query string, as it stands on the wire."""

    method: str
    path: str
    query: str
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes
    fault: Fault | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    def struck_by(self, *names: str) -> bool:
        """Say whether a fault of one of these names was set for this call."""
        return self.fault is not None and self.fault.name in names
