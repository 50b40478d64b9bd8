"""Prism (npm, other people's reading of the models) between a client and each vendor's sandbox objects to nothing.

Amazon's and Walmart's models are the vendors' own. NetSuite publishes none: an account writes its own, its metadata
catalog as OpenAPI, so the records are held against the catalog that the same account gives.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.server import Running, Sandbox
from tests.conformance.prism import prism_before, refused_by

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "ATVPDKIKX0DER"
WALMART_HEADERS = {
    "WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": "1", "Accept": "application/json",
}  # fmt: skip
RECORDS = ("salesOrder", "customer", "journalEntry", "invoice", "account", "subsidiary", "location", "itemFulfillment")
CATALOG = "/services/rest/record/v1/metadata-catalog"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(seed=7, now=NOW, size=300, limits=False, directory=folder).start() as running:
        yield running


@pytest.fixture(scope="module")
def known(running: Running) -> Any:
    return json.loads(running.credentials.read_text())


def own_sku(running: Running, channel: str) -> str:
    return next(x.sku for x in running.world.listings if x.channel == channel and x.fulfilled_by == "seller")


def wrong_server() -> tuple[str, Any]:
    """Serve an order that no vendor's model allows, at any address."""

    async def wrong(_request: Any) -> JSONResponse:
        body = {"orders": [{"orderId": 1}], "list": {"meta": {"totalCount": "31"}}, "totalResults": "many", "items": 1}
        return JSONResponse(body, media_type="application/json")

    listening = listen(["wrong"])
    stop = run({"wrong": (Starlette(routes=[Route("/{rest:path}", wrong)]), listening["wrong"])})
    return address_of(listening["wrong"]), stop


@pytest.mark.shared
@pytest.mark.parametrize(
    ("model", "path", "headers"),
    [
        ("amazon/models/merged.json", f"/orders/2026-01-01/orders?marketplaceIds={US}", {"x-amz-access-token": "x"}),
        ("walmart/models/walmart-us-merged.json", "/v3/orders", WALMART_HEADERS | {"WM_SEC.ACCESS_TOKEN": "x"}),
    ],
    ids=["amazon", "walmart"],
)
def test_a_wrong_body_is_objected_to(model: str, path: str, headers: dict[str, str], shared: Path) -> None:
    address, stop = wrong_server()
    try:
        with prism_before(address, shared / "vendors" / model) as url:
            refused = refused_by(url, headers, [path])
    finally:
        stop()
    assert refused[path][0] == 500
    assert "violations" in refused[path][2].lower()


@pytest.mark.shared
def test_no_answer_of_amazons_is_objected_to(running: Running, known: Any, shared: Path) -> None:
    own = known["amazon"]
    form = {"grant_type": "refresh_token", **{k: own[k] for k in ("client_id", "client_secret", "refresh_token")}}
    token = httpx.post(own["token_url"], data=form).json()["access_token"]
    order = running.world.orders("amazon.US")[0].order_id
    sku, seller = quote(own_sku(running, "amazon.US"), safe=""), own["seller_id"]
    asin = running.world.listing("amazon.US", own_sku(running, "amazon.US")).asin  # type: ignore[union-attr]
    included = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES"
    paths = (
        f"/orders/2026-01-01/orders?marketplaceIds={US}&createdAfter=2026-06-01T00:00:00Z&includedData={included}",
        f"/orders/2026-01-01/orders/{order}?includedData={included}",
        "/reports/2021-06-30/reports?reportTypes=GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
        "/finances/2024-06-19/transactions?postedAfter=2026-11-01T00:00:00Z",
        "/finances/transfers/2024-06-01/paymentMethods?marketplaceId=ATVPDKIKX0DER",
        f"/listings/2021-08-01/items/{seller}/{sku}?marketplaceIds={US}",
        f"/listings/2021-08-01/items/{seller}?marketplaceIds={US}",
        f"/fba/inventory/v1/summaries?granularityType=Marketplace&granularityId={US}&marketplaceIds={US}",
        f"/catalog/2022-04-01/items/{asin}?marketplaceIds={US}",
        f"/definitions/2020-09-01/productTypes?marketplaceIds={US}",
        "/sellers/v1/marketplaceParticipations",
    )
    with prism_before(running.amazon, shared / "vendors" / "amazon" / "models" / "merged.json") as url:
        assert refused_by(url, {"x-amz-access-token": token}, paths) == {}


@pytest.mark.shared
def test_no_answer_of_walmarts_is_objected_to(running: Running, known: Any, shared: Path) -> None:
    own = known["walmart"]
    login = base64.b64encode(f"{own['client_id']}:{own['client_secret']}".encode()).decode()
    sku = own_sku(running, "walmart.US")
    with prism_before(running.walmart, shared / "vendors" / "walmart" / "models" / "walmart-us-merged.json") as url:
        headers = WALMART_HEADERS | {"Authorization": f"Basic {login}"}
        reply = httpx.post(f"{url}/v3/token", data={"grant_type": "client_credentials"}, headers=headers, timeout=60)
        assert reply.status_code == 200, reply.text
        token = {"WM_SEC.ACCESS_TOKEN": reply.json()["access_token"]}
        paths = (
            "/v3/orders?limit=5&createdStartDate=2026-06-01",
            f"/v3/orders/{running.world.orders('walmart.US')[-1].order_id}",
            "/v3/returns?limit=50",
            f"/v3/inventory?sku={sku}",
            f"/v3/inventories/{sku}",
            "/v3/inventories?limit=5",
            "/v3/wfs/inventory?limit=5",
            "/v3/items?limit=5",
            f"/v3/items/{sku}",
            "/v3/items/count",
            "/v3/feeds",
            f"/v3/promo/sku/{sku}",
            "/v3/report/payment/statement",
            "/v3/settings/partnerprofile",
            "/v3/webhooks/eventTypes",
        )
        assert refused_by(url, WALMART_HEADERS | token, paths) == {}


def netsuite_token(running: Running, own: Any) -> str:
    """Return an access token for a client assertion, as NetSuite's OAuth 2.0 client credentials flow gives one."""
    issued = int(running.clock.now().timestamp())
    claims = {
        "iss": own["client_id"],
        "scope": ["rest_webservices"],
        "aud": own["token_audience"],
        "iat": issued,
        "exp": issued + 600,
        "jti": "prism",
    }
    headers = {"kid": own["certificate_id"], "typ": "JWT"}
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode(claims, own["private_key"], algorithm="ES256", headers=headers),
    }
    reply = httpx.post(own["token_url"], data=form)
    assert reply.status_code == 200, reply.text
    return str(reply.json()["access_token"])


@pytest.fixture(scope="module")
def catalog(running: Running, known: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The account's own model of some record types in one file, and a token."""
    token = netsuite_token(running, known["netsuite"])
    model: dict[str, Any] = {"openapi": "3.0.1", "info": {"title": "records", "version": "v1"}, "paths": {}}
    schemas: dict[str, Any] = {}
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/swagger+json"}
    for record in RECORDS:
        reply = httpx.get(f"{running.netsuite}{CATALOG}/{record}", headers=headers)
        assert reply.status_code == 200, reply.text
        told = reply.json()
        schemas |= told["components"]["schemas"]
        model["paths"] |= {f"/services/rest/record/v1{path}": calls for path, calls in told["paths"].items()}
    place = tmp_path_factory.mktemp("catalog") / "records.json"
    place.write_text(json.dumps(model | {"components": {"schemas": schemas}}), encoding="utf-8")
    return place, token


def test_a_record_that_the_accounts_own_catalog_does_not_describe_is_objected_to(catalog: tuple[Path, str]) -> None:
    address, stop = wrong_server()
    path = "/services/rest/record/v1/salesOrder"
    try:
        with prism_before(address, catalog[0]) as url:
            refused = refused_by(url, {"Accept": "*/*"}, [path])
    finally:
        stop()
    assert refused[path][0] == 500
    assert "violations" in refused[path][2].lower()


def test_no_record_of_netsuites_is_objected_to_by_its_own_catalog(running: Running, catalog: tuple[Path, str]) -> None:
    model, token = catalog
    headers = {"Authorization": f"Bearer {token}"}
    paths = []
    for record in RECORDS:
        listed = httpx.get(f"{running.netsuite}/services/rest/record/v1/{record}?limit=2", headers=headers).json()
        paths += [f"/services/rest/record/v1/{record}?limit=2"]
        paths += [f"/services/rest/record/v1/{record}/{row['id']}" for row in listed["items"]]
    assert len(paths) > 2 * len(RECORDS)
    with prism_before(running.netsuite, model) as url:
        assert refused_by(url, headers, paths) == {}
