"""Every answer of the money side, of reports, orders v0, tokens and notifications, judged by Amazon's own models."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from sync.sandbox.amazon.app import USAGE_PLANS, amazon_apps
from sync.sandbox.amazon.reports.kinds import KINDS
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World, build_world
from sync.sandbox.world.placing import place_order
from tests.conftest import shared_folder

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "ATVPDKIKX0DER"
FINANCES = "/finances/2024-06-19"
TRANSFERS = "/finances/transfers/2024-06-01"
REPORTS = "/reports/2021-06-30"
V0 = "/orders/v0/orders"
NOTES = "/notifications/v1"
RESTRICTED = "/tokens/2021-03-01/restrictedDataToken"

Call = Callable[..., httpx.Response]


def _judge(shared: Path) -> ModuleType:
    path = shared / "vendors/amazon/tools/check_against_models.py"
    spec = importlib.util.spec_from_file_location("amazon_models_judge_of_money", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=11, now=NOW, size=500)


@pytest.fixture
def clock() -> SandboxClock:
    return SandboxClock(NOW, ticks=lambda: 0.0)


@pytest.fixture
def faults() -> Faults:
    return Faults(0)


@pytest.fixture(scope="module")
def judge() -> tuple[ModuleType, Any]:
    """Return the judge and what it knows: reading the models costs more than a test."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the vendors' reference folder is not on this machine (set TIEOUT_SHARED)")
    module = _judge(folder)
    return module, module.Models.load(folder / "vendors/amazon/models/merged.json", strict=True)


@pytest.fixture
def call(judge: tuple[ModuleType, Any], world: World, clock: SandboxClock, faults: Faults) -> Iterator[Call]:
    """Return a caller that lets the models judge request and answer before the test sees it.

    `grant` logs in another way; `bad` marks a request that is meant to break its model.
    """
    module, models = judge
    api, auth, _ = amazon_apps(world, clock, True, amazon_credentials(1), faults)
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    with httpx.Client(trust_env=False, timeout=60) as http:

        def log_in(grant: str) -> str:
            form = {"grant_type": grant, "scope": "sellingpartnerapi::notifications", **amazon_credentials(1)}
            answer = http.post(f"{address_of(sockets['auth'])}/auth/o2/token", data=form)
            return str(answer.json()["access_token"])

        def judged(
            method: str,
            path: str,
            body: Any = None,
            *,
            token: str = "",
            grant: str = "refresh_token",
            bad: bool = False,
            **query: str,
        ) -> httpx.Response:
            if body is not None and not bad:
                assert models.request_violations(method, path, body) == []
            headers = {"x-amz-access-token": token or log_in(grant)}
            answer = http.request(method, address_of(sockets["api"]) + path, params=query, json=body, headers=headers)
            shown = json.loads(answer.text, parse_float=Decimal) if answer.content else module.NO_BODY
            assert models.violations(method, path, answer.status_code, shown) == []
            assert ("x-amzn-ratelimit-limit" in answer.headers) == (answer.status_code not in (403, 409, 429))
            assert "x-amzn-requestid" in answer.headers
            return answer

        yield judged
    stop()


def test_every_operation_has_the_usage_plan_of_its_model(shared: Path) -> None:
    """The plan in the model's text: a row of a table, or a sentence."""
    text = (shared / "vendors/amazon/CONTRACT.md").read_text()
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")]
    published: dict[str, set[tuple[str, str]]] = {}
    for cells in rows:
        if len(cells) > 5:
            published.setdefault(cells[1].split()[0], set()).add((cells[3].strip(), cells[4].strip()))
    for name, (rate, burst) in USAGE_PLANS.items():
        known = published.get({"getOrderV0": "getOrder"}.get(name, name))
        assert known, name
        assert (f"{rate:g}", f"{burst:g}") in known or ("-", "-") in known, name


def test_event_groups_and_events_of_v0_pass(call: Call) -> None:
    root = "/finances/v0"
    groups = call("GET", f"{root}/financialEventGroups", MaxResultsPerPage="30").json()["payload"]
    for group in groups["FinancialEventGroupList"][:6]:
        call("GET", f"{root}/financialEventGroups/{group['FinancialEventGroupId']}/financialEvents")
    first = call("GET", f"{root}/financialEvents", PostedAfter="2026-09-01T00:00:00Z").json()["payload"]
    again = {"PostedAfter": "2026-09-01T00:00:00Z", "NextToken": first["NextToken"]}
    shown = call("GET", f"{root}/financialEvents", **again).json()["payload"]["FinancialEvents"]
    order_id = shown["ShipmentEventList"][0]["AmazonOrderId"]
    assert call("GET", f"{root}/orders/{order_id}/financialEvents").json()["payload"]["FinancialEvents"]
    assert call("GET", f"{root}/financialEventGroups/none/financialEvents").status_code == 400


def test_transactions_balances_and_summaries_pass(call: Call) -> None:
    first = call("GET", f"{FINANCES}/transactions", postedAfter="2026-09-01T00:00:00Z").json()["payload"]
    again = {"postedAfter": "2026-09-01T00:00:00Z", "nextToken": first["nextToken"]}
    assert call("GET", f"{FINANCES}/transactions", **again).json()["payload"]["transactions"]
    for status in ("DEFERRED", "RELEASED", "DEFERRED_RELEASED"):
        call("GET", f"{FINANCES}/transactions", postedAfter="2026-11-01T00:00:00Z", transactionStatus=status)
    for kind in ("TOTAL", "AVAILABLE", "RESERVED", "DEFERRED", "ACCOUNT_LEVEL_RESERVE"):
        assert call("GET", f"{FINANCES}/balances", balanceType=kind, asOfDate="2026-11-10").status_code == 200
    assert len(call("GET", f"{FINANCES}/summary", periodStart="2026-09-01").json()["summaries"]) > 8


def test_transfers_pass(call: Call) -> None:
    statuses = {p["currentStatus"] for p in call("GET", f"{TRANSFERS}/payouts").json()["payouts"]}
    assert {"PAID", "FAILED"} <= statuses
    assert call("GET", f"{TRANSFERS}/payouts/expected").status_code == 200
    assert call("GET", f"{TRANSFERS}/paymentMethods", marketplaceId=US).status_code == 200
    body = {"marketplaceId": "A1PA6795UKMFR9", "accountType": "Standard Orders"}
    assert call("POST", f"{TRANSFERS}/payouts", body).status_code == 200


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_report_of_each_type_passes_from_request_to_document(call: Call, clock: SandboxClock, kind: str) -> None:
    body = {"reportType": kind, "marketplaceIds": [US], "dataStartTime": "2026-08-01T00:00:00Z"}
    report_id = call("POST", f"{REPORTS}/reports", body).json()["reportId"]
    for status in ("IN_QUEUE", "IN_PROGRESS", "DONE"):
        report = call("GET", f"{REPORTS}/reports/{report_id}").json()
        assert report["processingStatus"] == status
        clock.advance(25)
    assert call("GET", f"{REPORTS}/documents/{report['reportDocumentId']}").status_code == 200


def test_cancelled_and_fatal_reports_and_schedules_pass(call: Call, clock: SandboxClock, faults: Faults) -> None:
    body = {"reportType": "GET_AFN_INVENTORY_DATA", "marketplaceIds": [US]}
    faults.add(Fault("amazon", "report_fatal"))
    fatal = call("POST", f"{REPORTS}/reports", body).json()["reportId"]
    queued = call("POST", f"{REPORTS}/reports", body).json()["reportId"]
    assert call("DELETE", f"{REPORTS}/reports/{queued}").status_code == 200
    clock.advance(60)
    states = [call("GET", f"{REPORTS}/reports/{r}").json()["processingStatus"] for r in (fatal, queued)]
    assert states == ["FATAL", "CANCELLED"]
    assert call("DELETE", f"{REPORTS}/reports/{fatal}").status_code == 400
    made = call("POST", f"{REPORTS}/schedules", body | {"period": "P1D"}).json()["reportScheduleId"]
    assert call("GET", f"{REPORTS}/schedules/{made}").status_code == 200
    assert call("GET", f"{REPORTS}/schedules", reportTypes="GET_AFN_INVENTORY_DATA").status_code == 200
    assert call("DELETE", f"{REPORTS}/schedules/{made}").status_code == 200
    assert call("GET", f"{REPORTS}/schedules/{made}").status_code == 404


def test_orders_v0_tokens_and_confirmations_pass(call: Call, world: World) -> None:
    ends = ("", "/address", "/buyerInfo", "/orderItems", "/orderItems/buyerInfo")
    paths = [V0, *(f"{V0}/{{orderId}}{end}" for end in ends)]
    body = {"restrictedResources": [{"method": "GET", "path": path} for path in paths]}
    token = call("POST", RESTRICTED, body).json()["restrictedDataToken"]
    page = call("GET", V0, token=token, CreatedAfter="2026-08-01T00:00:00Z", MarketplaceIds=US).json()["payload"]
    assert call("GET", V0, token=token, NextToken=page["NextToken"], MarketplaceIds=US).status_code == 200
    by_status = {o.status_at(NOW): o for o in world.orders("amazon.US")}
    for order in by_status.values():
        for end in ends:
            assert call("GET", f"{V0}/{order.order_id}{end}", token=token).status_code == 200
    assert call("GET", f"{V0}/{order.order_id}").status_code == 403
    placed = place_order(world, NOW, channel="amazon.US", sku=None, quantity=2, fulfilled_by="seller")
    detail = {
        "packageReferenceId": "1",
        "carrierCode": "UPS",
        "trackingNumber": "1Z9",
        "shipDate": "2026-11-20T08:00:00Z",
        "orderItems": [{"orderItemId": placed.lines[0].line_id, "quantity": 3}],
    }
    path = f"{V0}/{placed.order_id}/shipmentConfirmation"
    assert call("POST", path, {"marketplaceId": US, "packageDetail": detail}).status_code == 400
    detail["orderItems"] = [{"orderItemId": placed.lines[0].line_id, "quantity": 2}]
    assert call("POST", path, {"marketplaceId": US, "packageDetail": detail}).status_code == 204
    unknown = f"{V0}/111-1111111-1111111/shipmentConfirmation"
    assert call("POST", unknown, {"marketplaceId": US, "packageDetail": detail}).status_code == 404


def test_notifications_pass(call: Call, clock: SandboxClock) -> None:
    free = {"grant": "client_credentials"}
    spec = {"name": "t", "resourceSpecification": {"sqs": {"arn": "arn:aws:sqs:us-east-1:123456789012:t"}}}
    where = call("POST", f"{NOTES}/destinations", spec, **free).json()["payload"]["destinationId"]
    bridge = {
        "name": "b",
        "resourceSpecification": {"eventBridge": {"region": "us-east-1", "accountId": "123456789012"}},
    }
    other = call("POST", f"{NOTES}/destinations", bridge, **free).json()["payload"]["destinationId"]
    assert call("POST", f"{NOTES}/destinations", spec, **free).status_code == 409
    assert len(call("GET", f"{NOTES}/destinations", **free).json()["payload"]) == 2
    assert call("GET", f"{NOTES}/destinations/{where}", **free).status_code == 200
    for kind, place in (("ORDER_CHANGE", where), ("LISTINGS_ITEM_STATUS_CHANGE", other)):
        body = {"payloadVersion": "1.0", "destinationId": place}
        made = call("POST", f"{NOTES}/subscriptions/{kind}", body).json()["payload"]["subscriptionId"]
        assert call("GET", f"{NOTES}/subscriptions/{kind}").status_code == 200
        assert call("GET", f"{NOTES}/subscriptions/{kind}/{made}").status_code == 200
        test = {"testNotification": {"payloadVersion": "1.0"}}
        assert call("POST", f"{NOTES}/subscriptions/{kind}/testNotification", test).status_code == 200
        assert call("GET", f"{NOTES}/subscriptions", notificationTypes=kind).status_code == 200
        assert call("DELETE", f"{NOTES}/subscriptions/{kind}/{made}").status_code == 200
        assert call("GET", f"{NOTES}/subscriptions/{kind}").status_code == 404
    clock.advance(60)
    for place in (where, other):
        assert call("DELETE", f"{NOTES}/destinations/{place}", **free).status_code == 200
        assert call("GET", f"{NOTES}/destinations/{place}", **free).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{FINANCES}/transactions", None),
        ("GET", f"{FINANCES}/balances?balanceType=X", None),
        ("GET", f"{FINANCES}/summary?marketplaceIds=X", None),
        ("GET", f"{TRANSFERS}/payouts?marketplaceIds=X", None),
        ("GET", f"{TRANSFERS}/payouts/expected?marketplaceIds=X", None),
        ("GET", f"{TRANSFERS}/paymentMethods", None),
        ("POST", f"{TRANSFERS}/payouts", {}),
        ("POST", f"{REPORTS}/reports", {}),
        ("POST", f"{REPORTS}/schedules", {}),
        ("GET", f"{REPORTS}/schedules", None),
        ("POST", RESTRICTED, {}),
        ("POST", f"{NOTES}/subscriptions/ORDER_CHANGE", {}),
        ("POST", f"{NOTES}/subscriptions/ORDER_CHANGE/testNotification", {}),
        ("GET", f"{NOTES}/subscriptions", None),
    ],
)
def test_a_refusal_a_wrong_token_and_a_storm_pass_on_every_operation(
    call: Call, faults: Faults, method: str, path: str, body: Any
) -> None:
    where, _, query = path.partition("?")
    asked = dict(pair.split("=") for pair in query.split("&") if pair)
    assert call(method, where, body, bad=True, **asked).status_code == 400
    assert call(method, where, body, bad=True, token="wrong", **asked).status_code == 403
    faults.add(Fault("amazon", "throttle", match=where))
    assert call(method, where, body, bad=True, **asked).status_code == 429
