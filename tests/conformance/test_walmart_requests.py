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
from sync.transport import Call
from sync.walmart import decode_order
from sync.walmart.calls import (
    acknowledge_call,
    next_orders_call,
    order_call,
    orders_call,
    recon_dates_call,
    recon_file_call,
)

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
}


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
        for error in jsonschema.Draft4Validator(schema).iter_errors(sent[name]):
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
