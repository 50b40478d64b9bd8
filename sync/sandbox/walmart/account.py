"""One seller account as the sandbox keeps it, and one call to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.limits import Limits

if TYPE_CHECKING:
    from sync.sandbox.walmart.feeds.book import FeedBook
    from sync.sandbox.walmart.front.tokens import Tokens
    from sync.sandbox.walmart.fulfilment.inventory import InventoryWalks
    from sync.sandbox.walmart.fulfilment.return_book import ReturnBook
    from sync.sandbox.walmart.offers.catalogue import Catalogue
    from sync.sandbox.walmart.offers.items import ItemWalks
    from sync.sandbox.walmart.orders.book import OrderBook
    from sync.sandbox.walmart.report_requests import ReportBook
    from sync.sandbox.walmart.settlements.ledger import Ledger
    from sync.sandbox.walmart.webhook_events import Deliveries
    from sync.sandbox.walmart.webhooks import SubscriptionBook
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
    catalogue: Catalogue
    returns: ReturnBook
    feeds: FeedBook
    reports: ReportBook
    subscriptions: SubscriptionBook
    inventory_walks: InventoryWalks
    item_walks: ItemWalks
    deliveries: Deliveries
    #: How many times the published limits this account may call.
    limit_factor: Decimal = Decimal(1)


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
    #: The path as it stands on the wire, still encoded, and the port that was called.
    raw_path: str = ""
    port: int = 80
    parameters: Mapping[str, str] = field(default_factory=dict)

    def struck_by(self, *names: str) -> bool:
        """Say whether a fault of one of these names was set for this call."""
        return self.fault is not None and self.fault.name in names

    def option(self, name: str, default: str) -> str:
        """Return a setting of the fault that strikes this call."""
        return default if self.fault is None else self.fault.options.get(name, default)
