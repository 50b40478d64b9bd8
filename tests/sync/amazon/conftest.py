"""A tiny stand-in for Amazon, just large enough for the connector's own tests, and a client that talks to it."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.amazon import LoginWithAmazon, classify, rate_policy
from sync.clock import ManualClock
from sync.streams import Batch, Stream
from sync.transport import MemoryCallLog, VendorClient

from .scripted import Scripted

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "ATVPDKIKX0DER"
EXPIRED = (
    b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>300</X-Amz-Expires></Error>"
)
UNAUTHORIZED = {
    "errors": [{"code": "Unauthorized", "message": "Access to requested resource is denied.", "details": ""}]
}


def order_json(number: int, updated: datetime, **more: object) -> dict[str, object]:
    """Return one order in Amazon's shape: one line of 2 units, 25.00 goods, 2.00 tax."""
    return {
        "orderId": f"113-{number:07d}-0000001",
        "createdTime": "2026-11-01T08:00:00Z",
        "lastUpdatedTime": updated.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": US},
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "proceeds": {"grandTotal": {"amount": "27.00", "currencyCode": "USD"}},
        "orderItems": [
            {
                "orderItemId": f"{number}01",
                "quantityOrdered": 2,
                "product": {"asin": "B0TEST0001", "sellerSku": "MUG-BLUE", "title": "Mug, blue"},
                "proceeds": {
                    "proceedsTotal": {"amount": "27.00", "currencyCode": "USD"},
                    "breakdowns": [
                        {"type": "ITEM", "subtotal": {"amount": "25.00", "currencyCode": "USD"}},
                        {"type": "TAX", "subtotal": {"amount": "2.00", "currencyCode": "USD"}},
                    ],
                },
                "fulfillment": {"quantityFulfilled": 0, "quantityUnfulfilled": 2},
            }
        ],
        **more,
    }


_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type"
    " order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount"
    " fulfillment-id"
    " posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id sku"
    " quantity-purchased promotion-id"
).split()


def settlement_text(settlement_id: str, amounts: Sequence[str], total: str, marketplace: str = "Amazon.com") -> bytes:
    """Return a V2 settlement file with one order line for each amount."""
    head = {
        "settlement-id": settlement_id,
        "settlement-start-date": "2026-11-01 00:00:00 UTC",
        "settlement-end-date": "2026-11-15 00:00:00 UTC",
        "deposit-date": "2026-11-17 00:00:00 UTC",
        "total-amount": total,
        "currency": "USD",
    }
    rows = [head] + [
        {
            "settlement-id": settlement_id,
            "transaction-type": "Order",
            "order-id": "113-0000001-0000001",
            "marketplace-name": marketplace,
            "amount-type": "ItemPrice",
            "amount-description": "Principal",
            "amount": amount,
            "fulfillment-id": "MFN",
            "posted-date": "2026-11-02",
            "posted-date-time": "2026-11-02 10:00:00 UTC",
            "sku": "MUG-BLUE",
            "quantity-purchased": "1",
        }
        for amount in amounts
    ]
    lines = ["\t".join(_COLUMNS), *("\t".join(row.get(c, "") for c in _COLUMNS) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


@dataclass
class FakeAmazon:
    """Orders by update time behind a keyset token; reports behind a page token; documents behind dying addresses."""

    clock: ManualClock
    orders: list[dict[str, object]] = field(default_factory=list)
    reports: list[dict[str, object]] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    page_size: int | None = None
    token_calls: int = 0
    #: Answers that stand in front of the true one, by path; each is used once.
    instead: dict[str, list[Response]] = field(default_factory=dict)
    after_page: Callable[[int], None] = lambda _: None
    token_life_s: float = 86400.0
    url_life_s: float = 300.0
    access: str = "Atza|1"
    _pages: int = 0

    def app(self) -> Starlette:
        routes = [
            Route("/auth/o2/token", self._token, methods=["POST"]),
            Route("/orders/2026-01-01/orders", self._search),
            Route("/reports/2021-06-30/reports", self._reports),
            Route("/reports/2021-06-30/documents/{document}", self._document),
            Route("/s3/{document}/{until}", self._s3),
        ]
        return Starlette(routes=routes)

    def add_report(self, report_id: str, data: bytes, created: datetime, marketplaces: Sequence[str] = (US,)) -> None:
        self.documents[f"doc-{report_id}"] = data
        self.reports.append(
            {
                "reportId": report_id,
                "reportType": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
                "createdTime": created.isoformat().replace("+00:00", "Z"),
                "processingStatus": "DONE",
                "marketplaceIds": list(marketplaces),
                "reportDocumentId": f"doc-{report_id}",
            }
        )

    def asked(self, path: str) -> list[dict[str, str]]:
        return [query for p, query in self.requests if p.endswith(path)]

    async def _token(self, request: Request) -> Response:
        if waiting := self.instead.get("token"):
            return waiting.pop(0)
        self.token_calls += 1
        self.access = f"Atza|{self.token_calls}-secret"
        return JSONResponse({"access_token": self.access, "token_type": "bearer", "expires_in": 3600})

    def _gate(self, request: Request, path: str) -> Response | None:
        self.requests.append((path, dict(request.query_params)))
        if waiting := self.instead.get(path):
            return waiting.pop(0)
        if request.headers.get("x-amz-access-token") != self.access:
            return JSONResponse(UNAUTHORIZED, 403)
        return None

    async def _search(self, request: Request) -> Response:
        if refused := self._gate(request, "/orders"):
            return refused
        query = request.query_params
        after, before = query["lastUpdatedAfter"], query["lastUpdatedBefore"]
        rows = sorted((str(o["lastUpdatedTime"]), str(o["orderId"]), o) for o in self.orders)
        rows = [r for r in rows if after <= r[0] <= before]
        if token := query.get("paginationToken"):
            at, *last = json.loads(base64.urlsafe_b64decode(token))
            if self.clock.monotonic() - at > self.token_life_s:
                return JSONResponse({"errors": [{"code": "InvalidInput", "message": "Invalid paginationToken"}]}, 400)
            rows = [r for r in rows if [r[0], r[1]] > last]
        size = self.page_size or int(query["maxResultsPerPage"])
        body: dict[str, object] = {"orders": [r[2] for r in rows[:size]]}
        if len(rows) > size:
            key = json.dumps([self.clock.monotonic(), rows[size - 1][0], rows[size - 1][1]])
            body["pagination"] = {"nextToken": base64.urlsafe_b64encode(key.encode()).decode()}
        self._pages += 1
        self.after_page(self._pages)
        return JSONResponse(body, headers={"x-amzn-RateLimit-Limit": "0.0056"})

    async def _reports(self, request: Request) -> Response:
        if refused := self._gate(request, "/reports"):
            return refused
        query = request.query_params
        if (token := query.get("nextToken")) and len(query) > 1:
            return JSONResponse({"errors": [{"code": "InvalidInput", "message": "nextToken goes alone"}]}, 400)
        rows = [r for r in self.reports if str(r["createdTime"]) >= query.get("createdSince", "")]
        start = int(token or 0)
        size = self.page_size or int(query.get("pageSize", 100))
        body: dict[str, object] = {"reports": rows[start : start + size]}
        if len(rows) > start + size:
            body["nextToken"] = str(start + size)
        return JSONResponse(body)

    async def _document(self, request: Request) -> Response:
        if refused := self._gate(request, "/documents"):
            return refused
        document = request.path_params["document"]
        until = self.clock.monotonic() + self.url_life_s
        url = f"http://amazon.test/s3/{document}/{until}?X-Amz-Signature=abcdef123456&X-Amz-Expires=300"
        return JSONResponse({"reportDocumentId": document, "url": url})

    async def _s3(self, request: Request) -> Response:
        self.requests.append(("/s3", {k: v for k, v in request.headers.items() if k.startswith("x-amz")}))
        if waiting := self.instead.get("/s3"):
            return waiting.pop(0)
        if self.clock.monotonic() >= float(request.path_params["until"]):
            return Response(EXPIRED, 403, media_type="application/xml")
        body = self.documents[request.path_params["document"]]
        return Response(body, headers={"content-type": "text/plain; charset=Cp1252", "content-encoding": "identity"})


def client_for(fake: FakeAmazon, calls: MemoryCallLog | None = None) -> VendorClient:
    """Return a client whose every request, also to LWA and to S3, ends in `fake`."""
    login = LoginWithAmazon(
        client_id="amzn1.application",
        client_secret=SecretStr("very-secret-client"),
        refresh_token=SecretStr("Atzr|very-secret-refresh"),
        clock=fake.clock,
        token_url="http://amazon.test/auth/o2/token",
    )
    return VendorClient(
        vendor="amazon",
        account="US",
        base_url="http://amazon.test",
        auth=login,
        policy=rate_policy(),
        classify=classify,
        calls=calls or MemoryCallLog(),
        clock=fake.clock,
        wire=httpx.ASGITransport(fake.app()),
    )


async def collect(batches: AsyncIterator[Batch]) -> list[Batch]:
    """Return all batches of a pull."""
    return [batch async for batch in batches]


@dataclass
class Amazon:
    """What the tests of this folder are handed."""

    fake: FakeAmazon
    client: VendorClient
    clock: ManualClock
    calls: MemoryCallLog

    async def pull(
        self, stream: Stream, cursor: dict[str, object] | None = None, until: datetime | None = None
    ) -> list[Batch]:
        return await collect(stream.pull(cursor, until or self.clock.now()))


@pytest.fixture
async def amazon() -> AsyncIterator[Amazon]:
    clock = ManualClock(NOW)
    fake, calls = FakeAmazon(clock), MemoryCallLog()
    async with client_for(fake, calls) as client:
        yield Amazon(fake, client, clock, calls)


@pytest.fixture(scope="session")
def new_amazon() -> Callable[[], Amazon]:
    """Make one stand-in after another, for tests that try many."""

    def make() -> Amazon:
        clock = ManualClock(NOW)
        fake, calls = FakeAmazon(clock), MemoryCallLog()
        return Amazon(fake, client_for(fake, calls), clock, calls)

    return make


@pytest.fixture(scope="session")
def order() -> Callable[..., dict[str, object]]:
    """One order in Amazon's shape: `order(number, updated, **members)`."""
    return order_json


@pytest.fixture(scope="session")
def settlement() -> Callable[..., bytes]:
    """A V2 settlement file: `settlement(id, amounts, total)`."""
    return settlement_text


@pytest.fixture(scope="session")
def packed() -> Callable[[bytes], bytes]:
    return lambda data: gzip.compress(data, mtime=0)


@pytest.fixture(scope="session")
def hours() -> Callable[[float], datetime]:
    """A time so many hours before now."""
    return lambda n: NOW - timedelta(hours=n)


@pytest.fixture
def vendor() -> Scripted:
    """A vendor whose answers the test writes down."""
    return Scripted()
