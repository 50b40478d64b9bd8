"""The Walmart Marketplace (US) stand-in as an ASGI app over the sandbox world."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.walmart.account import Account
from sync.sandbox.walmart.feeds.book import FeedBook
from sync.sandbox.walmart.front.gateway import Gateway
from sync.sandbox.walmart.front.rates import limits_of
from sync.sandbox.walmart.front.tokens import Tokens
from sync.sandbox.walmart.fulfilment.inventory import InventoryWalks
from sync.sandbox.walmart.fulfilment.return_book import ReturnBook
from sync.sandbox.walmart.offers.catalogue import Catalogue
from sync.sandbox.walmart.offers.items import ItemWalks
from sync.sandbox.walmart.operations import OPERATIONS
from sync.sandbox.walmart.orders.book import OrderBook
from sync.sandbox.walmart.report_requests import ReportBook
from sync.sandbox.walmart.settlements.ledger import Ledger
from sync.sandbox.walmart.webhook_events import Deliveries
from sync.sandbox.walmart.webhooks import SubscriptionBook
from sync.sandbox.world.model import World

__all__ = ["walmart_app"]


class _WalmartApp(Starlette):
    """Keeps the server's own `send`, which alone can cut a connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("server_send", send)
        await super().__call__(scope, receive, send)


def walmart_app(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> Starlette:
    """Return the app over a world. `app.state.account` holds its state: limits, tokens, orders, ledger and the rest.

    `credentials`: client_id, client_secret; optionally token_life_s (default 900) and limit_factor (default 1), by
    which all published limits are multiplied.
    """
    book = OrderBook(world, clock)
    factor = Decimal(credentials.get("limit_factor", "1"))
    account = Account(
        world=world,
        clock=clock,
        tokens=Tokens(clock, credentials),
        limits=limits_of(clock.monotonic, enabled=limits_enabled, factor=factor),
        faults=faults,
        orders=book,
        ledger=Ledger(world, clock),
        catalogue=Catalogue(world, clock),
        returns=ReturnBook(world, book, clock),
        feeds=FeedBook(clock),
        reports=ReportBook(clock, world.seed),
        subscriptions=SubscriptionBook(clock),
        inventory_walks=InventoryWalks(),
        item_walks=ItemWalks(),
        deliveries=Deliveries(),
        limit_factor=factor,
    )
    app = _WalmartApp(routes=[Mount("/", app=Gateway(account, OPERATIONS))])
    app.state.account = account
    app.state.limits = account.limits
    return app
