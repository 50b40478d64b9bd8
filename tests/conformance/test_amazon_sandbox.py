"""Every answer of the Amazon sandbox, good or bad, judged by Amazon's own models (strict: no unknown field)."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World, build_world

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ORDERS = "/orders/2026-01-01/orders"
REPORTS = "/reports/2021-06-30/reports"
DOCUMENTS = "/reports/2021-06-30/documents"
SELLERS = "/sellers/v1/marketplaceParticipations"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
EVERYTHING = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"
HEADERS_OF_ERRORS = {403: False, 429: False, 400: True, 404: True}

Call = Callable[..., httpx.Response]


def _judge(shared: Path) -> ModuleType:
    path = shared / "vendors/amazon/tools/check_against_models.py"
    spec = importlib.util.spec_from_file_location("amazon_models_judge", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=11, now=NOW, size=900)


@pytest.fixture
def faults() -> Faults:
    return Faults(0)


@pytest.fixture
def call(shared: Path, world: World, faults: Faults) -> Iterator[Call]:
    """Return a caller that lets the models judge each answer before the test sees it."""
    module = _judge(shared)
    models = module.Models.load(shared / "vendors/amazon/models/merged.json", strict=True)
    clock = SandboxClock(NOW, ticks=lambda: 0.0)
    api, auth, _ = amazon_apps(world, clock, True, amazon_credentials(1), faults)
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    with httpx.Client(trust_env=False, timeout=60) as http:
        form = {"grant_type": "refresh_token", **amazon_credentials(1)}
        token = http.post(f"{address_of(sockets['auth'])}/auth/o2/token", data=form).json()["access_token"]

        def judged(method: str, path: str, body: Any = None, token: str = token, **query: str) -> httpx.Response:
            if body is not None:
                assert models.request_violations(method, path, body) == []
            url = address_of(sockets["api"]) + path
            headers = {"x-amz-access-token": token}
            answer = http.request(method, url, params=query, json=body, headers=headers)
            assert models.violations(method, path, answer.status_code, answer.json()) == []
            limited = "x-amzn-ratelimit-limit" in answer.headers
            assert limited == HEADERS_OF_ERRORS.get(answer.status_code, True)
            assert "x-amzn-requestid" in answer.headers
            return answer

        yield judged
    stop()


def test_every_page_of_orders_passes(call: Call) -> None:
    answer = call("GET", ORDERS, createdAfter="2026-07-01T00:00:00Z", includedData=EVERYTHING)
    seen, pages = 0, 0
    while True:
        body = answer.json()
        seen, pages = seen + len(body["orders"]), pages + 1
        token = body.get("pagination", {}).get("nextToken")
        if token is None:
            break
        answer = call("GET", ORDERS, paginationToken=token, includedData=EVERYTHING)
    assert seen > 600
    assert pages > 5


def test_single_orders_of_every_status_pass(call: Call, world: World) -> None:
    by_status: dict[str, str] = {}
    for order in world.orders("amazon.US") + world.orders("amazon.DE"):
        by_status.setdefault(order.status_at(NOW), order.order_id)
    assert {"open", "shipped", "delivered", "cancelled"} <= set(by_status)
    for order_id in by_status.values():
        assert call("GET", f"{ORDERS}/{order_id}", includedData=EVERYTHING).status_code == 200


def test_reports_and_documents_pass(call: Call) -> None:
    listed = call("GET", REPORTS, reportTypes=V2, pageSize="3").json()
    assert "nextToken" in listed
    assert call("GET", REPORTS, nextToken=listed["nextToken"]).status_code == 200
    report = call("GET", f"{REPORTS}/{listed['reports'][0]['reportId']}").json()
    described = call("GET", f"{DOCUMENTS}/{report['reportDocumentId']}").json()
    assert described["url"].startswith("http://127.0.0.1:")


def test_a_requested_report_passes(call: Call) -> None:
    created = call("POST", REPORTS, {"reportType": LISTINGS, "marketplaceIds": ["ATVPDKIKX0DER"]})
    assert created.status_code == 202
    assert call("GET", f"{REPORTS}/{created.json()['reportId']}").json()["processingStatus"] == "IN_QUEUE"


def test_marketplace_participations_pass(call: Call) -> None:
    assert len(call("GET", SELLERS).json()["payload"]) == 13
    assert call("GET", "/sellers/v1/account").json()["payload"]["sellingPlan"] == "PROFESSIONAL"


@pytest.mark.parametrize(
    ("method", "path", "query", "status"),
    [
        ("GET", ORDERS, {}, 400),
        ("GET", f"{ORDERS}/111-1111111-1111111", {}, 404),
        ("GET", f"{ORDERS}/111-1111111-1111111", {"includedData": "X"}, 400),
        ("GET", REPORTS, {}, 400),
        ("GET", f"{REPORTS}/1", {}, 404),
        ("GET", f"{DOCUMENTS}/none", {}, 404),
    ],
)
def test_refusals_pass(call: Call, method: str, path: str, query: dict[str, str], status: int) -> None:
    assert call(method, path, **query).status_code == status


def test_the_refusal_of_a_settlement_report_passes(call: Call) -> None:
    answer = call("POST", REPORTS, {"reportType": V2, "marketplaceIds": ["ATVPDKIKX0DER"]})
    assert (answer.status_code, "1118" in answer.text) == (400, True)


@pytest.mark.parametrize(
    "path", [ORDERS, f"{ORDERS}/1", REPORTS, f"{REPORTS}/1", f"{DOCUMENTS}/1", SELLERS], ids=lambda p: p[1:]
)
def test_a_wrong_token_and_a_storm_pass_on_every_operation(call: Call, faults: Faults, path: str) -> None:
    assert call("GET", path, token="wrong").status_code == 403
    faults.add(Fault("amazon", "throttle"))
    assert call("GET", path).status_code == 429
