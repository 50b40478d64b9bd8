"""What the NetSuite connector sends, held against Oracle's own record list: no field that NetSuite does not know."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.clock import ManualClock
from sync.netsuite import NetSuiteAccount, PushSettings, TaxEngine, connect, handlers
from sync.netsuite.written_fields import WRITTEN_FIELDS
from sync.outbox.handlers import Handler
from sync.transport import MemoryCallLog, write_json
from tests.conformance.netsuite_intents import INTENTS

#: Sublists and their columns that Oracle's list leaves out; from the contract's table (§4, REST API Browser 2026.1).
SUBLISTS = {
    "item": "item quantity rate amount price description line location department class taxDetailsReference isTaxable "
    "isClosed orderLine itemReceive restock",
    "taxDetails": "taxDetailsReference taxBasis taxRate taxAmount taxCode taxType",
    "package": "packageTrackingNumber packageWeight packageDescr",
    "apply": "doc line apply amount",
    "line": "account debit credit memo entity department class location line",
    "payment": "id deposit paymentAmount type",
    "other": "account amount entity memo paymentMethod refNum department class location",
    "cashback": "account amount memo department class location",
    "inventory": "item location adjustQtyBy unitCost memo department class",
    "addressBook": "addressBookAddress defaultShipping defaultBilling label",
}
#: Body fields that the contract names and Oracle's list has no REST spelling for.
CONTRACT_FIELDS = {
    "itemFulfillment": "inventoryLocation",
    "customerPayment": "undepFunds",
    "cashSale": "undepFunds discountItem discountRate shippingCost shipMethod",
    "invoice": "discountItem discountRate shippingCost shipMethod",
    "inventoryItem": "salesDescription displayName upcCode mpn weight isInactive externalId",
    "salesOrder": "shippingAddress",
    "customer": "addressBook",
}
EID = re.compile(r"^/record/v1/(\w+)/eid:([A-Za-z0-9_-]+)$")
TRANSFORM = re.compile(r"^/record/v1/(\w+)/(?:[0-9]+|eid:[A-Za-z0-9_-]+)/!transform/(\w+)$")
PATCH = re.compile(r"^/record/v1/(\w+)/([0-9]+)(?:\?replace=(item|taxDetails))?$")


@pytest.fixture(scope="module")
def writers() -> Mapping[str, Handler]:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"nothing may be sent: {request.url}")

    client = connect(
        NetSuiteAccount("1234567"), httpx.Auth(), calls=MemoryCallLog(), clock=ManualClock.__new__(ManualClock),
        wire=httpx.MockTransport(nobody),
    )  # fmt: skip
    settings = PushSettings(tax=TaxEngine("17", "3"), line_ref_field="custcol_channel_line_id")
    return {handler.kind: handler for handler in handlers(client, settings)}


@pytest.fixture
def oracle(shared: Path) -> Mapping[str, Any]:
    records = json.loads((shared / "vendors/netsuite/models/record_fields.json").read_text())["records"]
    assert isinstance(records, dict)
    return records


def known_fields(oracle: Mapping[str, Any], record: str) -> set[str]:
    entry = oracle.get(record, {"fields": [], "sublists": {}})
    names = {f["rest"] or f["suitescript"] for f in entry["fields"]}
    names |= set(entry.get("sublists") or {})
    return {n.lower() for n in names | set(CONTRACT_FIELDS.get(record, "").split()) | set(SUBLISTS)}


def test_every_kind_of_write_has_an_example_here(writers):
    assert {kind for kind, _ in INTENTS} == set(writers)


@pytest.mark.parametrize(("kind", "intent"), INTENTS, ids=[f"{n}-{k}" for n, (k, _) in enumerate(INTENTS)])
def test_every_field_of_a_body_is_one_that_oracle_lists(writers, oracle, kind, intent):
    rendered = writers[kind].render(intent)
    record, external = _target(rendered.method, rendered.path)
    known = known_fields(oracle, record)
    unknown = [name for name in rendered.body if name.lower() not in known]
    assert unknown == [], f"{record} has no such field"
    for name, value in rendered.body.items():
        if isinstance(value, dict) and "items" in value:
            columns = {c.lower() for c in SUBLISTS[name].split()} | {"custcol_channel_line_id"}
            assert not [c for row in value["items"] for c in row if c.lower() not in columns], name
    if external is not None:
        assert rendered.body["externalId"] == external == intent["external_id"]
    if rendered.method == "POST":
        assert rendered.body["externalId"] == intent["external_id"], "a lost transform could not be found again"


@pytest.mark.parametrize(("kind", "intent"), INTENTS, ids=[f"{n}-{k}" for n, (k, _) in enumerate(INTENTS)])
def test_amounts_are_written_to_the_digit_and_never_as_floats(writers, kind, intent):
    body = writers[kind].render(intent).body
    assert not [v for v in _leaves(body) if isinstance(v, float)]
    again = json.loads(write_json(body), parse_float=Decimal)
    assert [str(v) for v in _leaves(again) if isinstance(v, Decimal)] == [
        str(v) for v in _leaves(body) if isinstance(v, Decimal) and "." in str(v)
    ]


def test_every_transform_is_one_that_oracle_offers(writers, shared):
    offered = (shared / "vendors/netsuite/CONTRACT.md").read_text()
    table = offered.partition("### 2.5 Transforms")[2].partition("### 2.6")[0]
    for kind, intent in INTENTS:
        if "source" in intent:
            source, target = TRANSFORM.match(writers[kind].render(intent).path).groups()
            row = next(line for line in table.splitlines() if line.startswith(f"| {source} |"))
            assert target in row


@pytest.mark.parametrize("record", sorted(WRITTEN_FIELDS))
def test_the_fields_that_a_survey_looks_for_are_oracles(oracle, record):
    known = known_fields(oracle, record)
    assert [f for f in WRITTEN_FIELDS[record] if f.lower() not in known] == []


def _target(method: str, path: str) -> tuple[str, str | None]:
    if method == "PUT":
        record, external = EID.match(path).groups()
        return record, external
    if method == "POST":
        return TRANSFORM.match(path)[2], None
    assert method == "PATCH"
    return PATCH.match(path)[1], None


def _leaves(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list):
        for member in value:
            yield from _leaves(member)
    else:
        yield value
