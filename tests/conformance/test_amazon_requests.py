"""What the Amazon connector sends and reads, held against Amazon's own models."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import pytest
from jsonschema import Draft4Validator, FormatChecker

from sync.amazon import decode_order, marketplace_of
from sync.amazon.calls import (
    next_reports_call,
    order_call,
    report_document_call,
    search_orders_call,
    settlement_reports_call,
)
from sync.amazon.limits import RATES
from sync.amazon.marketplaces import MARKETPLACES
from sync.records import Order, OrderLine
from sync.streams import Document
from sync.transport import Call

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "ATVPDKIKX0DER"
SEARCH = {"updated_from": NOW - timedelta(days=1), "updated_to": NOW - timedelta(minutes=3)}

CALLS = {
    "searchOrders": search_orders_call(US, **SEARCH),
    "searchOrders, next page": search_orders_call(US, **SEARCH, token="a+b/c=="),
    "getOrder": order_call("113-0000001-0000001"),
    "getReports": settlement_reports_call(US, created_since=NOW - timedelta(days=30)),
    "getReports, everything": settlement_reports_call(US, created_since=None),
    "getReports, next page": next_reports_call("VGhpcyB0b2tlbg=="),
    "getReportDocument": report_document_call("amzn1.spdoc.1.4.na.1/2"),
}


@pytest.fixture
def judge(shared: Path) -> Any:
    path = shared / "vendors/amazon/tools/check_against_models.py"
    spec = importlib.util.spec_from_file_location("amazon_models_judge_of_requests", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Models.load(module.DEFAULT_MODELS, strict=True)


def _value(text: str, parameter: dict[str, Any]) -> object:
    match parameter.get("type"):
        case "integer":
            return int(text)
        case "boolean":
            return {"true": True, "false": False}[text]
        case "array":
            # Swagger 2.0: comma-separated unless it says otherwise.
            assert parameter.get("collectionFormat", "csv") == "csv"
            return text.split(",")
        case _:
            return text


def _broken_rules(judge: Any, call: Call) -> Iterator[str]:
    operation = judge.find(call.method, call.path)
    assert operation is not None, call.path
    assert operation.operation_id.rpartition("__")[2] == call.operation
    parameters = [judge._resolve(p) for p in operation.shared_parameters + operation.spec.get("parameters", [])]
    known = {p["name"]: p for p in parameters if p["in"] == "query"}
    sent = dict(parse_qsl(call.query_string(), strict_parsing=bool(call.query), keep_blank_values=True))
    yield from (f"unknown parameter {name}" for name in sent.keys() - known.keys())
    yield from (f"{n} is missing" for n, p in known.items() if p.get("required") and n not in sent)
    for name in sent.keys() & known.keys():
        schema = {k: v for k, v in known[name].items() if k not in {"required", "name", "in", "description"}}
        for error in Draft4Validator(schema, format_checker=FormatChecker()).iter_errors(_value(sent[name], schema)):
            yield f"{name}: {error.message}"
    yield from judge.request_violations(call.method, call.path, *([json.loads(call.body())] if call.body() else []))


@pytest.mark.parametrize("name", ["searchOrders", "getReports"])
def test_the_judge_notices_a_bad_request(judge: Any, name: str) -> None:
    good = CALLS[name]
    bad = Call(name, "GET", good.path, query=[*good.query, ("pageSizes", "1"), ("maxResultsPerPage", "7000")])

    assert list(_broken_rules(judge, bad))


@pytest.mark.parametrize("name", CALLS)
def test_every_request_is_one_that_the_models_describe(judge: Any, name: str) -> None:
    assert list(_broken_rules(judge, CALLS[name])) == []


def test_every_operation_has_its_published_rate(judge: Any) -> None:
    for call in CALLS.values():
        rate = RATES[call.operation]
        spec = judge.find(call.method, call.path).spec
        assert f"| {rate.per_s:g} | {rate.burst} |" in spec["description"], call.operation


def _orders(judge: Any) -> list[dict[str, Any]]:
    """Return every order that the models themselves show (the answers of the vendor's static sandbox)."""
    found = []
    for path in ("/orders/2026-01-01/orders", "/orders/2026-01-01/orders/{orderId}"):
        responses = judge.document["paths"][path]["get"]["responses"]
        text = json.dumps(responses["200"]["x-amzn-api-sandbox"]["static"])
        for case in json.loads(text, parse_float=Decimal):
            body = case["response"]
            found += body.get("orders", []) + ([body["order"]] if "order" in body else [])
    return found


def test_every_order_that_the_models_show_is_read_to_the_cent(judge: Any) -> None:
    orders = _orders(judge)
    assert len(orders) >= 6
    for raw in orders:
        document = decode_order(raw, marketplace_of("US"))
        assert isinstance(document, Document), (raw["orderId"], document)
        assert isinstance(document.record, Order)
        known = {m.marketplace_id: m for m in MARKETPLACES}[raw["salesChannel"]["marketplaceId"]]
        assert (document.record.channel, document.record.currency) == (known.channel, known.currency)
        assert len(document.lines) == len(raw["orderItems"])
        for line, item in zip(document.lines, raw["orderItems"], strict=True):
            assert isinstance(line, OrderLine)
            total = (item.get("proceeds") or {}).get("proceedsTotal")
            if total:
                paid = line.item_price + line.shipping_price + line.gift_price - line.discount
                paid += line.item_tax + line.shipping_tax + line.gift_tax - line.discount_tax
                assert paid == Decimal(total["amount"]), raw["orderId"]


def test_a_token_goes_back_as_it_came() -> None:
    query = CALLS["searchOrders, next page"].query_string()

    assert dict(parse_qsl(query))["paginationToken"] == "a+b/c=="
    assert "+" not in query
