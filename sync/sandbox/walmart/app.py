"""The Walmart Marketplace (US) stand-in as an ASGI app: token, orders, recon reports, settings, simulations."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.walmart import orders, reports, seller_settings, simulations
from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.gateway import Gateway, Operation
from sync.sandbox.walmart.ledger import Ledger
from sync.sandbox.walmart.order_book import OrderBook
from sync.sandbox.walmart.rates import limits_of
from sync.sandbox.walmart.tokens import Tokens
from sync.sandbox.walmart.wire import OCTETS, Answer, json_answer
from sync.sandbox.world.model import World

__all__ = ["walmart_app"]

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def _token(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/token`."""
    return json_answer(account.tokens.issue(call.headers, call.body.decode("latin-1")))


def _token_detail(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/token/detail`."""
    return json_answer(account.tokens.detail(call.headers["wm_sec.access_token"]))


OPERATIONS = (
    Operation("token", "POST", "/v3/token", _token, takes=_FORM, needs_token=False),
    Operation("tokenDetail", "GET", "/v3/token/detail", _token_detail),
    Operation("getOrders", "GET", "/v3/orders", orders.list_orders),
    Operation("getReleasedOrders", "GET", "/v3/orders/released", orders.list_released),
    Operation("getOrder", "GET", "/v3/orders/{po}", orders.get_order),
    Operation("acknowledge", "POST", "/v3/orders/{po}/acknowledge", orders.acknowledge),
    Operation("shipping", "POST", "/v3/orders/{po}/shipping", orders.ship, takes=_JSON),
    Operation("cancel", "POST", "/v3/orders/{po}/cancel", orders.cancel, takes=_JSON),
    Operation("refund", "POST", "/v3/orders/{po}/refund", orders.refund, takes=_JSON),
    Operation(
        "availableReconFiles", "GET", "/v3/report/reconreport/availableReconFiles", reports.available_recon_files
    ),
    Operation("reconFile", "GET", "/v3/report/reconreport/reconFile", reports.recon_file, media=OCTETS, xml_400=True),
    Operation("reconFileJson", "GET", "/v3/report/reconreport/reconFileJson", reports.recon_file_json),
    Operation("paymentStatement", "GET", "/v3/report/payment/statement", reports.payment_statement),
    Operation("shipnodes", "GET", "/v3/settings/shipping/shipnodes", seller_settings.ship_nodes),
    Operation("partnerprofile", "GET", "/v3/settings/partnerprofile", seller_settings.partner_profile),
    Operation(
        "simulateOrder",
        "POST",
        "/v1/simulations/orders",
        simulations.place_order,
        takes=_JSON,
        needs_correlation=False,
    ),
    Operation(
        "simulateDelivery",
        "POST",
        "/v1/simulations/orders/{po}/deliver",
        simulations.deliver,
        takes=_JSON,
        needs_correlation=False,
    ),
)


class _WalmartApp(Starlette):
    """Keeps the server's own `send`, which alone can cut a connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("server_send", send)
        await super().__call__(scope, receive, send)


def walmart_app(
    world: World, clock: SandboxClock, limits_enabled: bool, credentials: Mapping[str, str], faults: Faults
) -> Starlette:
    """Return the app over a world. `app.state.account` holds its state: limits, tokens, orders, ledger.

    `credentials`: client_id, client_secret; optionally token_life_s (default 900).
    """
    book = OrderBook(world, clock)
    account = Account(
        world=world,
        clock=clock,
        tokens=Tokens(clock, credentials),
        limits=limits_of(clock.monotonic, enabled=limits_enabled),
        faults=faults,
        orders=book,
        ledger=Ledger(world, book, clock),
    )
    app = _WalmartApp(routes=[Mount("/", app=Gateway(account, OPERATIONS))])
    app.state.account = account
    app.state.limits = account.limits
    return app
