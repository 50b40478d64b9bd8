"""A small world with a handful of readable orders, served on loopback by the real server."""

from __future__ import annotations

import base64
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.walmart.app import walmart_app
from sync.sandbox.world.model import (
    Address,
    Buyer,
    Listing,
    Product,
    SalesLine,
    SalesOrder,
    Settlement,
    Shipment,
    StatusChange,
    Truth,
    World,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HEADERS = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": "9f1c", "Accept": "application/json"}
CREDENTIALS = {"client_id": "id-1", "client_secret": "secret-1"}


def listing(sku: str, price: str, fulfilled_by: str = "seller") -> Listing:
    product = Product(
        1, sku, f"Title of {sku}", "", Decimal(price), Decimal(price), "B0", "083330518000", Decimal(2), "Home"
    )
    return Listing(
        "walmart.US", sku, product, Decimal(price), "USD", product.title, fulfilled_by, gtin="00833305180005"
    )


BUYER = Buyer(
    "U1",
    "Ann Example",
    "abc@relay.walmart.com",
    None,
    Address("Ann Example", "1 Main St", None, "Austin", "TX", "78701", "US", "5125550101"),
)


def order(
    po: str,
    *lines: tuple[str, int, str, str],
    age: timedelta = timedelta(hours=3),
    fulfilled_by: str = "seller",
    order_type: str = "standard",
) -> SalesOrder:
    """Return an order placed `age` ago; a line is (sku, quantity, line total, tax)."""
    at = NOW - age
    rows = [
        SalesLine(str(i), i, listing(sku, "10.00", fulfilled_by), units, Decimal("10.00"), Decimal(price), Decimal(tax))
        for i, (sku, units, price, tax) in enumerate(lines, start=1)
    ]
    return SalesOrder(
        channel="walmart.US",
        order_id=po,
        alternate_id=f"2000{po}",
        ordered_at=at,
        buyer=BUYER,
        currency="USD",
        fulfilled_by=fulfilled_by,
        service="STANDARD",
        ship_by=at + timedelta(days=2),
        deliver_by=at + timedelta(days=7),
        lines=rows,
        timeline=[StatusChange(at, "open")],
        order_type=order_type,
    )


def shipped(sold: SalesOrder, after: timedelta) -> SalesOrder:
    """Give an order a parcel with everything, sent `after` the order."""
    at = sold.ordered_at + after
    units = {line.line_id: line.quantity for line in sold.lines}
    sold.shipments.append(Shipment(f"D{sold.order_id}", at, "UPS", "UPS Ground", f"1Z{sold.order_id}", units))
    sold.timeline += [StatusChange(at, "shipped"), StatusChange(at + timedelta(days=3), "delivered")]
    return sold


def small_world() -> World:
    """Four orders of the seller, one of WFS; the last settlement closed four days ago with one fee."""
    end = NOW.replace(hour=0) - timedelta(days=4)
    orders = [
        shipped(order("1001", ("MUG", 1, "10.00", "0.80"), age=timedelta(days=5)), timedelta(days=1)),
        order("1002", ("MUG", 3, "30.00", "2.40"), ("PEN", 1, "5.00", "0.40")),
        order("1003", ("PEN", 2, "10.00", "0.80"), age=timedelta(hours=2)),
        order("1004", ("MUG", 1, "10.00", "0.80"), age=timedelta(days=10)),
        order("1005", ("WFS-MUG", 1, "10.00", "0.80"), fulfilled_by="channel"),
    ]
    orders[3].timeline.append(StatusChange(orders[3].ordered_at + timedelta(hours=1), "cancelled"))
    settlement = Settlement(
        "walmart.US",
        f"{end:%m%d%Y}",
        "USD",
        end - timedelta(days=14),
        end,
        end + timedelta(days=1),
        end + timedelta(hours=9),
        Decimal(0),
        (),
    )
    listings = [listing("MUG", "10.00"), listing("PEN", "5.00"), listing("WFS-MUG", "10.00", "channel")]
    return World(
        seed=1,
        now=NOW,
        products=[x.product for x in listings],
        listings=listings,
        orders=orders,
        settlements=[settlement],
        truth=Truth(),
    )


class _Switch:
    """Serves whichever app the running test has put in."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass(slots=True)
class Seller:
    """A client of the sandbox and the levers behind it."""

    http: httpx.Client
    world: World
    clock: SandboxClock
    faults: Faults
    app: Any
    headers: dict[str, str] = field(default_factory=lambda: dict(HEADERS))

    def login(self) -> str:
        basic = base64.b64encode(b"id-1:secret-1").decode()
        reply = self.http.post(
            "/v3/token",
            data={"grant_type": "client_credentials"},
            headers=HEADERS | {"Authorization": f"Basic {basic}"},
        )
        assert reply.status_code == 200, reply.text
        self.headers["WM_SEC.ACCESS_TOKEN"] = str(reply.json()["access_token"])
        return self.headers["WM_SEC.ACCESS_TOKEN"]

    def wait(self, time: timedelta) -> None:
        """Move the clock and log in again: tokens live 15 minutes."""
        self.clock.advance(time.total_seconds())
        self.login()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=self.headers | {k.replace("_", "-"): v for k, v in headers.items()})

    def post(self, path: str, body: object | None = None, **headers: str) -> httpx.Response:
        sent = self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.http.post(path, headers=sent) if body is None else self.http.post(path, headers=sent, json=body)

    def send(self, method: str, path: str, body: object | None = None, **headers: str) -> httpx.Response:
        sent = self.headers | {k.replace("_", "-"): v for k, v in headers.items()}
        return self.http.request(method, path, headers=sent, json=body)

    def code(self, reply: httpx.Response) -> tuple[int, str]:
        """Return the status and the code before the dot of a refusal in the usual envelope."""
        return reply.status_code, str(reply.json()["errors"]["error"][0]["code"]).partition(".")[0]

    def fault(self, name: str, match: str = "", **options: str) -> None:
        self.faults.add(Fault("walmart", name, match=match, options=options))

    def order(self, po: str) -> dict[str, Any]:
        reply = self.get(f"/v3/orders/{po}")
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()["order"]
        return found

    def statuses(self, po: str, line: int = 1) -> list[tuple[str, str]]:
        """Return (status, quantity) of the parts of a line."""
        rows = self.order(po)["orderLines"]["orderLine"][line - 1]["orderLineStatuses"]["orderLineStatus"]
        return [(row["status"], row["statusQuantity"]["amount"]) for row in rows]

    def pos(self, path: str) -> list[str]:
        """Return the purchase order ids of one page; none for 404 CONTENT_NOT_FOUND."""
        reply = self.get(path)
        if reply.status_code == 404 and "CONTENT_NOT_FOUND" in reply.text:
            return []
        assert reply.status_code == 200, reply.text
        return [row["purchaseOrderId"] for row in reply.json()["list"]["elements"]["order"]]


@pytest.fixture(scope="session")
def _served() -> Iterator[tuple[_Switch, str]]:
    switch = _Switch()
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    server = uvicorn.Server(uvicorn.Config(switch, log_config=None, access_log=False, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    assert server.started
    yield switch, f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listening.close()


def _seller(served: tuple[_Switch, str], world: World, *, limits: bool) -> Iterator[Seller]:
    switch, url = served
    clock, faults = SandboxClock(NOW, ticks=lambda: 0.0), Faults()
    switch.app = app = walmart_app(world, clock, limits, CREDENTIALS, faults)
    with httpx.Client(base_url=url, timeout=60) as http:
        seller = Seller(http, world, clock, faults, app)
        seller.login()
        yield seller


@pytest.fixture
def seller(_served: tuple[_Switch, str]) -> Iterator[Seller]:
    """A logged-in client over the small world; time stands still unless the test advances `seller.clock`."""
    yield from _seller(_served, small_world(), limits=True)


@pytest.fixture
def trader(_served: tuple[_Switch, str]) -> Iterator[Seller]:
    """The same over the seeded world, with its settlements."""
    from sync.sandbox.world.build import build_world

    yield from _seller(_served, build_world(seed=7, now=NOW, size=300), limits=False)


@pytest.fixture
def merchant(_served: tuple[_Switch, str]) -> Iterator[Seller]:
    """The same over a larger world with returns and cancellations of every kind; built once: only look at it."""
    yield from _seller(_served, _large_world(), limits=False)


@cache
def _large_world() -> World:
    from sync.sandbox.world.build import build_world

    return build_world(seed=7, now=NOW, size=1500)


def parcel(line: str = "1", quantity: str = "1", **changes: Any) -> dict[str, Any]:
    """Return a shipping body for one line; keyword arguments replace members of trackingInfo or of the line."""
    tracking = {
        "shipDateTime": 1795165200000,
        "carrierName": {"carrier": "UPS"},
        "methodCode": "Value",
        "trackingNumber": "1Z999",
        "trackingURL": "https://www.ups.com/track?tracknum=1Z999",
    }
    row: dict[str, Any] = {"lineNumber": line, "sellerOrderId": "SO-1"}
    for name, value in changes.items():
        (tracking if name in tracking else row)[name] = value
    status = {
        "status": "Shipped",
        "statusQuantity": {"unitOfMeasurement": "EACH", "amount": quantity},
        "trackingInfo": {k: v for k, v in tracking.items() if v is not None},
    }
    row["orderLineStatuses"] = {"orderLineStatus": [status]}
    return {"orderShipment": {"orderLines": {"orderLine": [row]}}}


def cancellation(line: str = "1", quantity: str = "1", reason: str = "SELLER_CANCEL_OUT_OF_STOCK") -> dict[str, Any]:
    status = {
        "status": "Cancelled",
        "cancellationReason": reason,
        "statusQuantity": {"unitOfMeasurement": "EA", "amount": quantity},
    }
    row = {"lineNumber": line, "orderLineStatuses": {"orderLineStatus": [status]}}
    return {"orderCancellation": {"orderLines": {"orderLine": [row]}}}


def refund_body(
    po: str, line: str = "1", amount: float = -1.0, tax: float | None = None, full: bool = False
) -> dict[str, Any]:
    charge: dict[str, Any] = {
        "chargeType": "PRODUCT",
        "chargeName": "Item Price",
        "chargeAmount": {"currency": "USD", "amount": amount},
    }
    if tax is not None:
        charge["tax"] = {"taxName": "Item Price Tax", "taxAmount": {"currency": "USD", "amount": tax}}
    rows = [{"refundReason": "DamagedItem", "charge": charge}]
    refund = {"refundComments": "dented", "refundCharges": {"refundCharge": rows}}
    row = {"lineNumber": line, "isFullRefund": full, "refunds": {"refund": [refund]}}
    return {"orderRefund": {"purchaseOrderId": po, "orderLines": {"orderLine": [row]}}}


class Bodies:
    """Makers of request bodies."""

    parcel = staticmethod(parcel)
    cancellation = staticmethod(cancellation)
    refund = staticmethod(refund_body)


@pytest.fixture
def bodies() -> type[Bodies]:
    return Bodies
