"""A tiny stand-in for Walmart, just large enough for the connector's own tests, and a client that talks to it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, quote

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.clock import ManualClock
from sync.sandbox.server import Running, Sandbox
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient
from sync.walmart import WalmartLogin, classify, rate_policy
from tests.sync.walmart.seller import Connected, SteeredClock, client_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def refusal(code: str, text: str, status: int, **headers: str) -> JSONResponse:
    """Return an error as the gateway writes it."""
    error = {"code": code, "description": text, "severity": "ERROR", "category": "REQUEST"}
    return JSONResponse({"errors": {"error": [error]}}, status, headers=headers)


def order_json(number: int, modified: datetime, **more: object) -> dict[str, object]:
    """Return one order in Walmart's shape: one line of 2 units, 25.00 goods, 2.00 tax, created."""
    return {
        "purchaseOrderId": f"1{number:012d}",
        "customerOrderId": f"2{number:012d}",
        "customerEmailId": "abc@relay.walmart.com",
        "orderType": "REGULAR",
        "orderDate": ms(modified - timedelta(hours=1)),
        "shippingInfo": {
            "phone": "0000000000",
            "estimatedDeliveryDate": ms(modified + timedelta(days=5)),
            "estimatedShipDate": ms(modified + timedelta(days=1)),
            "methodCode": "Standard",
            "postalAddress": {
                "name": "Test Buyer",
                "address1": "1 Main St",
                "address2": None,
                "city": "Austin",
                "state": "TX",
                "postalCode": "78701",
                "country": "USA",
                "addressType": "RESIDENTIAL",
            },
        },
        "orderLines": {
            "orderLine": [
                {
                    "lineNumber": "1",
                    "item": {"productName": "Mug, blue", "sku": "MUG-BLUE"},
                    "charges": {
                        "charge": [
                            {
                                "chargeType": "PRODUCT",
                                "chargeName": "ItemPrice",
                                "chargeAmount": {"currency": "USD", "amount": 25.00},
                                "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": 2.00}},
                            }
                        ]
                    },
                    "orderLineQuantity": {"unitOfMeasurement": "EACH", "amount": "2"},
                    "statusDate": ms(modified),
                    "orderLineStatuses": {
                        "orderLineStatus": [
                            {
                                "status": "Created",
                                "statusQuantity": {"unitOfMeasurement": "EACH", "amount": "2"},
                                "trackingInfo": None,
                            }
                        ]
                    },
                }
            ]
        },
        "shipNode": {"type": "SellerFulfilled"},
        **more,
    }


_COLUMNS = (
    "Period Start Date,Period End Date,Total Payable,Currency,Transaction Key,Transaction Posted Timestamp,"
    "Transaction Type,Transaction Description,Customer Order #,Customer Order line #,Purchase Order #,"
    "Purchase Order line #,Amount,Amount Type,Ship Qty,Commission Rate,Transaction Reason Description,Partner Item Id,"
    "Partner GTIN,Partner Item Name,Fulfillment Type"
)


def recon_zip(amounts: Sequence[str], total: str, day: str = "11/10/2026") -> bytes:
    """Return a v1 report as Walmart sends it: a ZIP with one CSV."""
    columns = _COLUMNS.split(",")
    summary = {
        "Period Start Date": day,
        "Period End Date": day,
        "Total Payable": total,
        "Currency": "USD",
        "Transaction Type": "PaymentSummary",
        "Transaction Description": "Deposited in PAYONEER account",
    }
    rows = [summary] + [
        {
            "Transaction Key": f"k{n}",
            "Transaction Posted Timestamp": "11/02/2026",
            "Transaction Type": "Sale",
            "Transaction Description": "Purchase",
            "Purchase Order #": "1000000000001",
            "Purchase Order line #": "1",
            "Amount": amount,
            "Amount Type": "Product Price",
            "Ship Qty": "1",
            "Partner Item Id": "MUG-BLUE",
            "Fulfillment Type": "Seller Fulfilled",
        }
        for n, amount in enumerate(amounts)
    ]
    lines = [_COLUMNS, f"Number of Lines in file {len(rows) + 2}"]
    lines += [",".join(f'"{row.get(c, "")}"' for c in columns) for row in rows]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("report.csv", (2026, 11, 11, 0, 0, 0)), "\r\n".join(lines) + "\r\n")
    return packed.getvalue()


@dataclass
class FakeWalmart:
    """Orders by modification time behind a cursor that must come back byte for byte; reports as ZIPs."""

    clock: ManualClock
    orders: list[dict[str, object]] = field(default_factory=list)
    reports: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    page_size: int | None = None
    most_per_query: int = 10_000
    refuses_too_many: bool = False
    #: Rows that one answer of reconFileJson holds; zero: there is none.
    rows_at_once: int = 0
    refuses_offsets: bool = False
    token_calls: int = 0
    access: str = ""
    #: Answers that stand in front of the true one, by path; each is used once.
    instead: dict[str, list[Response]] = field(default_factory=dict)
    before_page: Callable[[int], None] = lambda _: None
    #: Pages (counted from 1) in whose place the page before is sent again, where there is one of the same query.
    repeats: frozenset[int] = frozenset()
    _pages: int = 0
    _last: Response | None = None

    def app(self) -> Starlette:
        routes = [
            Route("/v3/token", self._token, methods=["POST"]),
            Route("/v3/orders", self._list),
            Route("/v3/orders/{po}", self._one),
            Route("/v3/orders/{po}/acknowledge", self._acknowledge, methods=["POST"]),
            Route("/v3/report/reconreport/availableReconFiles", self._dates),
            Route("/v3/report/reconreport/reconFile", self._file),
            Route("/v3/report/reconreport/reconFileJson", self._rows),
        ]
        return Starlette(routes=routes)

    def asked(self, path: str) -> list[str]:
        return [query for p, query in self.requests if p == path]

    def statuses(self, order: dict[str, object]) -> list[dict[str, object]]:
        lines = order["orderLines"]["orderLine"]  # type: ignore[index]
        return [s for line in lines for s in line["orderLineStatuses"]["orderLineStatus"]]

    async def _token(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        if waiting := self.instead.get("/v3/token"):
            return waiting.pop(0)
        self.token_calls += 1
        self.access = f"secret-token-{self.token_calls}"
        return JSONResponse({"access_token": self.access, "token_type": "Bearer", "expires_in": 900})

    def _gate(self, request: Request) -> Response | None:
        self.requests.append((request.url.path, request.scope["query_string"].decode()))
        self.headers.append(dict(request.headers))
        if waiting := self.instead.get(request.url.path):
            return waiting.pop(0)
        if request.headers.get("wm_sec.access_token") != self.access:
            return refusal("UNAUTHORIZED.GMP_GATEWAY_API", "Unauthorized", 401)
        return None

    async def _list(self, request: Request) -> Response:
        if refused := self._gate(request):
            return refused
        raw = request.scope["query_string"].decode()
        query = {k: v[0] for k, v in parse_qs(raw, keep_blank_values=True).items()}
        if "hasMoreElements" in query and "%3A" not in raw:
            return refusal("INVALID_REQUEST.GMP_ORDER_API", "the cursor was decoded", 400)
        self._pages += 1
        self.before_page(self._pages)
        if self._pages in self.repeats and self._last is not None and "soIndex" in query:
            return self._last
        self._last = self._page(query)
        return self._last

    def _page(self, query: dict[str, str]) -> Response:
        start, end = (ms(datetime.fromisoformat(query[k])) for k in ("lastModifiedStartDate", "lastModifiedEndDate"))
        rows = sorted(
            (
                (self._modified(o), str(o["purchaseOrderId"]), o)
                for o in self.orders
                if self._node(o) == query["shipNodeType"]
            ),
            key=lambda r: r[:2],
        )
        rows = [r for r in rows if start < r[0] < end]
        if len(rows) > self.most_per_query and self.refuses_too_many:
            return refusal("INVALID_REQUEST.GMP_ORDER_API", "More than 10,000 orders match", 400)
        if not rows:
            return refusal("CONTENT_NOT_FOUND.GMP_ORDER_API", "No content found", 404)
        at, size = int(query.get("soIndex", 0)), self.page_size or int(query["limit"])
        meta: dict[str, object] = {"totalCount": len(rows), "limit": size, "nextCursor": ""}
        if at + size < len(rows):
            keep = "&".join(
                f"{k}={quote(query[k], safe='')}"
                for k in ("lastModifiedStartDate", "lastModifiedEndDate", "shipNodeType")
            )
            meta["nextCursor"] = f"?limit={size}&hasMoreElements=true&soIndex={at + size}&{keep}"
        return JSONResponse({"list": {"meta": meta, "elements": {"order": [r[2] for r in rows[at : at + size]]}}})

    def _modified(self, order: dict[str, object]) -> int:
        return int(order["orderLines"]["orderLine"][0]["statusDate"])  # type: ignore[index]

    def _node(self, order: dict[str, object]) -> str:
        return str(order["shipNode"]["type"])  # type: ignore[index]

    def _find(self, request: Request) -> dict[str, object] | None:
        return next((o for o in self.orders if o["purchaseOrderId"] == request.path_params["po"]), None)

    async def _one(self, request: Request) -> Response:
        if refused := self._gate(request):
            return refused
        order = self._find(request)
        return JSONResponse({"order": order}) if order else refusal("CONTENT_NOT_FOUND.GMP_ORDER_API", "No order", 404)

    async def _acknowledge(self, request: Request) -> Response:
        if refused := self._gate(request):
            return refused
        order = self._find(request)
        if order is None:
            return refusal("CONTENT_NOT_FOUND.GMP_ORDER_API", "No order", 404)
        if any(s["status"] != "Created" for s in self.statuses(order)):
            return refusal("INVALID_REQUEST_CONTENT.GMP_ORDER_API", "Some or all qty in higher status", 400)
        for status in self.statuses(order):
            status["status"] = "Acknowledged"
        return JSONResponse({"order": order})

    async def _dates(self, request: Request) -> Response:
        return self._gate(request) or JSONResponse({"availableApReportDates": list(self.reports)})

    async def _rows(self, request: Request) -> Response:
        if refused := self._gate(request):
            return refused
        body = self.reports.get(request.query_params["reportDate"])
        if body is None or not self.rows_at_once:
            return refusal("NOT_FOUND", "No file", 404)
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            text = archive.read(archive.namelist()[0]).decode().splitlines()
        rows = [{k: v for k, v in row.items() if v} for row in csv.DictReader([text[0], *text[2:]])]
        at, size = int(request.query_params["offset"]), self.rows_at_once
        if at and self.refuses_offsets:
            return refusal("INVALID_OFFSET", "The offset is not valid", 400)
        # One row counts as a hundred bytes: an offset is no number of a row.
        part, rest = rows[at // 100 : at // 100 + size], rows[at // 100 + size :]
        answer = {"reportData": part, "nextOffset": at + size * 100 if rest else -1, "description": text[1]}
        return JSONResponse(answer | {"totalRecords": len(part)})

    async def _file(self, request: Request) -> Response:
        if refused := self._gate(request):
            return refused
        if request.headers["accept"] != "application/octet-stream":
            return JSONResponse({"status": "ERROR"})
        body = self.reports.get(request.query_params["reportDate"])
        return Response(body, media_type="application/octet-stream") if body else refusal("NOT_FOUND", "No file", 404)


def client_for(fake: FakeWalmart, calls: MemoryCallLog) -> VendorClient:
    """Return a client whose every request ends in `fake`."""
    login = WalmartLogin(
        client_id="client-7",
        client_secret=SecretStr("very-secret-client"),
        clock=fake.clock,
        base_url="http://walmart.test",
    )
    return VendorClient(
        vendor="walmart",
        account="US",
        base_url="http://walmart.test",
        auth=login,
        policy=rate_policy(),
        classify=classify,
        calls=calls,
        clock=fake.clock,
        wire=httpx.ASGITransport(fake.app()),
    )


@dataclass
class Walmart:
    """What the tests of this folder are handed."""

    fake: FakeWalmart
    client: VendorClient
    clock: ManualClock
    calls: MemoryCallLog

    async def pull(
        self, stream: Stream, cursor: dict[str, object] | None = None, until: datetime | None = None
    ) -> list[Batch]:
        return [batch async for batch in stream.pull(cursor, until or self.clock.now())]


def make_walmart() -> Walmart:
    clock = ManualClock(NOW)
    fake, calls = FakeWalmart(clock), MemoryCallLog()
    return Walmart(fake, client_for(fake, calls), clock, calls)


@pytest.fixture
async def walmart() -> AsyncIterator[Walmart]:
    made = make_walmart()
    async with made.client:
        yield made


@pytest.fixture(scope="session")
def new_walmart() -> Callable[[], Walmart]:
    """Make one stand-in after another, for tests that try many."""
    return make_walmart


@pytest.fixture(scope="session")
def order() -> Callable[..., dict[str, object]]:
    """One order in Walmart's shape: `order(number, modified, **members)`."""
    return order_json


@pytest.fixture(scope="session")
def recon() -> Callable[..., bytes]:
    """A reconciliation report: `recon(amounts, total)`."""
    return recon_zip


@pytest.fixture(scope="session")
def refused() -> Callable[..., JSONResponse]:
    """An error of the gateway: `refused(code, text, status)`."""
    return refusal


@pytest.fixture(scope="session")
def hours() -> Callable[[float], datetime]:
    """A time so many hours before now."""
    return lambda n: NOW - timedelta(hours=n)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A sandbox with its limits; a module that wants another world has a fixture of this name of its own."""
    with Sandbox(seed=11, now=NOW, size=150, limits=True).start() as running:
        yield running


@pytest.fixture
async def connected(running: Running) -> AsyncIterator[Connected]:
    """A client at the module's sandbox; what goes wrong there ends with the test."""
    calls = MemoryCallLog()
    async with client_of(running, calls) as client:
        yield Connected(running, calls, client, SteeredClock(running))
    running.faults.clear()
