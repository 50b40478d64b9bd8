"""What the Walmart connector sends and reads, held against Walmart's own OpenAPI documents and examples."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import jsonschema
import pytest

from sync.records import Order, OrderLine
from sync.streams import Document
from sync.transport import Call, write_json
from sync.walmart import account_calls, decode_order, handlers
from sync.walmart.calls import (
    acknowledge_call,
    next_orders_call,
    order_call,
    orders_call,
    recon_dates_call,
    recon_file_call,
    recon_rows_call,
    return_call,
    returns_call,
    statement_call,
)
from sync.walmart.limits import GROUPS, RATES, feed_operation
from sync.walmart.offers import calls as offer_calls
from sync.walmart.vocabulary import CANCEL_REASONS, CARRIERS, METHODS, REFUND_REASONS

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STATUSES = {"open", "partly_shipped", "shipped", "delivered", "cancelled", "refunded"}
CALLS = {
    "orders": orders_call(
        ship_node="WFSFulfilled",
        modified_from=NOW - timedelta(days=7),
        modified_to=NOW,
        created_from=NOW - timedelta(days=180),
    ),
    "order": order_call("1796277083022"),
    "acknowledge": acknowledge_call("1796277083022"),
    "recon dates": recon_dates_call(),
    "recon file": recon_file_call(date(2026, 7, 14)),
    "recon rows": recon_rows_call(date(2026, 7, 14), 0),
    "returns": returns_call(modified_from=NOW - timedelta(days=7), modified_to=NOW),
    "WFS returns": returns_call(modified_from=NOW - timedelta(days=7), modified_to=NOW, by_walmart=True),
    "return": return_call("103738048909818825"),
    "statement": statement_call(),
    "inventory": offer_calls.inventory_call("A B/1"),
    "set inventory": offer_calls.set_inventory_call("A B/1", 5),
    "node inventory": offer_calls.node_inventory_call("A B/1"),
    "set node inventory": offer_calls.set_node_inventory_call("A B/1", {"7": 5}),
    "inventories": offer_calls.inventories_call(None),
    "more inventories": offer_calls.inventories_call("NTVmZjIxOWEtZjRkMy00MGIwLThkOGYtYzFkNzI1NGZlYmQxIDEw"),
    "WFS inventory": offer_calls.wfs_inventory_call(300),
    "older WFS inventory": offer_calls.wfs_inventory_legacy_call(300),
    "items": offer_calls.items_call(),
    "item": offer_calls.item_call("A B"),
    "retire": offer_calls.retire_call("A B"),
    "promotions": offer_calls.promotions_call("A B"),
    "feeds": offer_calls.feeds_call(50),
    "feed": offer_calls.feed_call("F129C19240844B97A3C6AD8F1A2C4997@AU8BAQA", 50),
    "ship nodes": account_calls.ship_nodes_call(),
    "profile": account_calls.profile_call(),
    "token detail": account_calls.token_detail_call(),
    "create report": account_calls.create_report_call("ITEM", {"rowFilters": []}),
    "reports": account_calls.reports_call("ITEM"),
    "report status": account_calls.report_status_call("3a1b"),
    "report download": account_calls.report_download_call("3a1b"),
    "subscriptions": account_calls.subscriptions_call(),
    "subscribe": account_calls.create_subscription_call(
        [
            {
                "eventType": "PO_CREATED",
                "eventVersion": "V1",
                "resourceName": "ORDER",
                "eventUrl": "https://example.com/orders",
                "status": "ACTIVE",
            }
        ]
    ),
    "change subscription": account_calls.update_subscription_call("1", {"status": "INACTIVE"}),
    "unsubscribe": account_calls.delete_subscription_call("1"),
    "event types": account_calls.event_types_call(),
}

PARCEL = {
    "carrier": "UPS",
    "tracking_number": "1Z",
    "shipped_at": NOW,
    "lines": [{"line_id": "1", "quantity": 2}],
}
SHIPMENT = {"order_id": "1796277083022", "document_number": "SO-92344", "parcels": [PARCEL]}
REFUND = {
    "order_id": "1796277083022",
    "reference": "RF-1",
    "lines": [
        {
            "line_id": "1",
            "reason": "DamagedItem",
            "amounts": [
                {"of": "item", "amount": "1.25", "tax": "0.10"},
                {"of": "shipping", "amount": "4.00"},
            ],
        }
    ],
}
CANCEL = {"order_id": "1796277083022", "lines": [{"line_id": "1", "quantity": 1, "reason": "out_of_stock"}]}
WRITES: list[tuple[str, dict[str, Any]]] = [
    ("shipment.confirm", SHIPMENT),
    ("shipment.confirm", SHIPMENT | {"despite_cancel_request": True, "corrects_tracking": True}),
    *(("shipment.confirm", SHIPMENT | {"parcels": [PARCEL | {"carrier": name}]}) for name in CARRIERS),
    *(("shipment.confirm", SHIPMENT | {"parcels": [PARCEL | {"method": name}]}) for name in METHODS),
    (
        "shipment.confirm",
        SHIPMENT | {"parcels": [PARCEL | {"carrier": "Bob's Vans", "tracking_url": "https://bob.example/1"}]},
    ),
    *(
        ("order.cancel", CANCEL | {"lines": [{"line_id": "1", "quantity": 1, "reason": reason}]})
        for reason in CANCEL_REASONS
    ),
    *(
        ("order.refund", REFUND | {"lines": [REFUND["lines"][0] | {"reason": reason}]})  # type: ignore[index]
        for reason in REFUND_REASONS
    ),
    ("order.refund", REFUND | {"lines": [{"line_id": "1", "reason": "Others"}]}),
    ("return.refund", {"return_id": "9", "lines": [{"line_id": "1", "quantity": 2}]}),
    ("stock.set", {"sku": "A", "quantity": 3}),
    ("stock.set", {"sku": "A", "quantity": 3, "location_id": "77"}),
    ("price.set", {"sku": "A", "price": "12.30"}),
]


@pytest.fixture
def judge(shared: Path) -> Any:
    path = shared / "vendors/walmart/tools/check_against_models.py"
    spec = importlib.util.spec_from_file_location("walmart_models_judge_of_requests", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    judge = module.Model()
    judge.to_json_schema = module.to_json_schema
    return judge


@pytest.fixture
def examples(shared: Path) -> dict[str, dict[str, Any]]:
    path = shared / "vendors/walmart/examples/order-management.examples.json"
    found: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    return found


# The merged document folded `…/availableReconFiles?reportVersion=v1` into the path without it (models/PATCHES.txt).
FOLDED = {
    "/v3/report/reconreport/availableReconFiles": {"reportVersion": {"schema": {"type": "string", "enum": ["v1"]}}}
}


def _broken_rules(judge: Any, call: Call) -> Iterator[str]:
    _, operation = judge.find(call.method, call.path)
    known = {p["name"]: p for p in operation.get("parameters", []) if p["in"] == "query"} | FOLDED.get(call.path, {})
    sent = dict(parse_qsl(call.query_string(), strict_parsing=bool(call.query), keep_blank_values=True))
    yield from (f"unknown parameter {name}" for name in sent.keys() - known.keys())
    yield from (f"{n} is missing" for n, p in known.items() if p.get("required") and n not in sent)
    for name in sent.keys() & known.keys():
        schema = judge.to_json_schema(known[name]["schema"])
        value = int(sent[name]) if schema.get("type") == "integer" else sent[name]
        for error in jsonschema.Draft4Validator(schema).iter_errors(value):
            yield f"{name}: {error.message}"
    if call.body() is not None:
        yield from judge.violations(call.method, call.path, "request", json.loads(call.body() or b""))


def test_the_judge_notices_a_bad_request(judge: Any) -> None:
    good = CALLS["orders"]
    bad = Call(good.operation, "GET", good.path, query=[*good.query, ("lastModified", "x")])

    assert list(_broken_rules(judge, bad)) == ["unknown parameter lastModified"]


@pytest.mark.parametrize("name", CALLS)
def test_every_request_is_one_that_the_documents_describe(judge: Any, name: str) -> None:
    assert list(_broken_rules(judge, CALLS[name])) == []


def _by_kind() -> dict[str, Any]:
    nobody: Any = None
    return {h.kind: h for h in handlers(nobody)}


def test_every_write_is_one_that_the_documents_describe(judge: Any) -> None:
    by_kind = _by_kind()
    for kind, intent in WRITES:
        made = by_kind[kind].render(intent)
        assert list(judge.violations(made.method, made.path, "request", json.loads(write_json(made.body)))) == [], (
            intent
        )


@pytest.mark.proves("W16")
def test_a_parcels_time_is_in_milliseconds() -> None:
    body = _by_kind()["shipment.confirm"].render(SHIPMENT).body
    (line,) = body["orderShipment"]["orderLines"]["orderLine"]
    (status,) = line["orderLineStatuses"]["orderLineStatus"]

    assert status["trackingInfo"]["shipDateTime"] == 1795165200000
    assert line["sellerOrderId"] == "SO-92344"


def test_money_that_goes_back_is_negative() -> None:
    body = _by_kind()["order.refund"].render(REFUND).body
    (line,) = body["orderRefund"]["orderLines"]["orderLine"]
    charges = [row["charge"] for row in line["refunds"]["refund"][0]["refundCharges"]["refundCharge"]]

    assert [c["chargeAmount"]["amount"] for c in charges] == [Decimal("-1.25"), Decimal("-4.00")]
    assert charges[0]["tax"]["taxAmount"]["amount"] == Decimal("-0.10")


def test_a_feed_is_one_part_named_file() -> None:
    call = offer_calls.submit_feed_call("price", b'{"Price": []}')

    assert call.query == [("feedType", "price")]
    assert call.safe is False
    boundary = str(call.content_type).partition("boundary=")[2].encode()
    head, _, rest = (call.content or b"").partition(b"\r\n\r\n")
    assert head.startswith(b"--" + boundary + b"\r\n")
    assert b'name="file"; filename="feed.json"' in head
    assert rest == b'{"Price": []}\r\n--' + boundary + b"--\r\n"


def test_every_operation_has_its_limit() -> None:
    for name, call in CALLS.items():
        assert GROUPS.get(call.operation, call.operation) in RATES, name
    assert (RATES["updatePrice"].burst, round(RATES["updatePrice"].per_s * 3600)) == (100, 100)
    assert round(RATES["getReportStatus"].per_s * 3600) == round(RATES["getReportDownload"].per_s * 3600) == 20
    assert round(RATES[feed_operation("MP_INVENTORY")].per_s * 3600) == 50
    assert GROUPS[feed_operation("PRICE_AND_PROMOTION")] == feed_operation("price")


def test_dates_have_no_milliseconds() -> None:
    assert not [v for n, v in CALLS["orders"].query if n.endswith("Date") and ("." in v or not v.endswith("Z"))]


def test_the_examples_cursor_goes_back_as_it_is(examples: dict[str, dict[str, Any]]) -> None:
    body = examples["GET /v3/orders"]["response 200 application/json"]
    cursor = body["list"]["meta"]["nextCursor"]

    assert "?" + next_orders_call(cursor).query_string() == cursor


def _orders(examples: dict[str, dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for operation, bodies in examples.items():
        for name, body in bodies.items():
            if not name.startswith("response 200 application/json"):
                continue
            rows = body["list"]["elements"]["order"] if "list" in body else [body.get("order", body)]
            yield from ((f"{operation} {name}", row) for row in rows)


def test_every_order_of_walmarts_examples_is_read_to_the_cent(examples: dict[str, dict[str, Any]]) -> None:
    count = 0
    for place, raw in _orders(examples):
        document = decode_order(raw, "walmart.US", ship_node="SellerFulfilled")
        assert isinstance(document, Document), (place, document)
        assert isinstance(document.record, Order)
        assert document.record.status in STATUSES, place
        assert document.record.ordered_at.year > 2010
        charged = [
            Decimal(c["chargeAmount"]["amount"])
            for line in raw["orderLines"]["orderLine"]
            for c in (line.get("charges") or {}).get("charge") or []
        ]
        lines = [x for x in document.lines if isinstance(x, OrderLine)]
        assert sum(x.item_price + x.shipping_price - x.discount for x in lines) == sum(charged), place
        count += 1
    assert count >= 15


def test_every_order_of_walmarts_examples_names_its_lines(examples: dict[str, dict[str, Any]]) -> None:
    for place, raw in _orders(examples):
        document = decode_order(raw, "walmart.US", ship_node="SellerFulfilled")
        assert isinstance(document, Document)
        expected = [(x["lineNumber"], x["item"]["sku"]) for x in raw["orderLines"]["orderLine"]]
        assert [(x.line_id, x.sku) for x in document.lines if isinstance(x, OrderLine)] == expected, place
