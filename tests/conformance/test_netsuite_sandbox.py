"""The NetSuite sandbox against what others wrote down: Oracle's record list, a warehouse's columns, the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.clock import ManualClock
from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.enums import STATUS_NAMES
from sync.sandbox.netsuite.metadata import record_schema
from sync.sandbox.netsuite.record_fields import RECORD_TYPES
from sync.sandbox.netsuite.refusals import Refused, invalid_value, missing_values, not_found, user_error
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.catalog import account_catalog
from sync.sandbox.netsuite.suiteql.checks import FUNCTIONS
from tests.sync.sandbox.netsuite.conftest import Company, Served, found, serving

pytestmark = pytest.mark.shared


#: Record types that Oracle's list does not have under their own name (models/SOURCES.md).
STANDS_FOR = {"inventoryItem": "lotNumberedInventoryItem"}
PACKAGE = ("cartonnumber", "descr", "trackingnumber", "weight")
#: Names that only Oracle's REST API Browser shows (lines of carriers' packages, of an item's locations and vendors).
BROWSER_ONLY = {
    *(
        f"package{part}{c}"
        for part in ("cartonnumber", "descr", "trackingnumber", "weight")
        for c in ("fedex", "ups", "usps")
    ),
    *("transferlocation", "docdate", "docnumber", "currentvalue", "averagecostmli", "onhandvaluemli"),
    *("preferredvendor", "purchaseprice", "vendorcode", "isfulfillable"),
}
#: Keys of the warehouse's column file -> tables.
TABLES = {
    "account": "account",
    "accounting_period": "accountingperiod",
    "currency": "currency",
    "subsidiary": "subsidiary",
    "location": "location",
    "department": "department",
    "classification": "classification",
    "customer": "customer",
    "item": "item",
    "transaction": "transaction",
    "transaction_line": "transactionline",
    "tran_acct_line": "transactionaccountingline",
}


def netsuite(shared: Path) -> Path:
    """Return the vendor's folder."""
    return shared / "vendors" / "netsuite"


def contract(shared: Path) -> str:
    """Return the contract's text."""
    return (netsuite(shared) / "CONTRACT.md").read_text(encoding="utf-8")


def model(shared: Path, name: str) -> Any:
    """Return one of the vendor's model files."""
    return json.loads((netsuite(shared) / "models" / name).read_text(encoding="utf-8"))


def rest_names(shared: Path) -> set[str]:
    """Return every REST name that typed clients have, as it is spelt."""
    files = ("rest_names_brokenrubik_sdk.json", "rest_names_omniboost.json")
    types = [fields for file in files for fields in model(shared, file).values() if isinstance(fields, dict)]
    # Those that begin with a capital are the client's own types, not names of the service.
    return {name for fields in types for name in fields if name[0].islower()}


def known_fields(shared: Path, record: str) -> set[str]:
    """Return every field and sublist column of a record in Oracle's lists, lower case, REST and script names."""
    own = STANDS_FOR.get(record, record)
    described = json.dumps(model(shared, "record_fields.json")["records"].get(own, {}))
    described += json.dumps(model(shared, "oracle_suitescript_records.json")["records"].get(own.lower(), {}))
    return {name.lower() for name in re.findall(r'"(?:suitescript|rest|internalId|name)": "(\w+)"', described)}


@pytest.mark.parametrize("name", sorted(RECORD_TYPES))
def test_every_field_of_a_record_is_named_by_oracle_or_by_the_contract(name: str, shared: Path) -> None:
    record = RECORD_TYPES[name]
    text = contract(shared).lower()
    known = known_fields(shared, record.name) | {name.lower() for name in rest_names(shared)} | BROWSER_ONLY
    fields = {*record.fields, *(f for sublist in record.sublists.values() for f in sublist.fields)}
    # externalId, stamps and the form are on every record; basePrice is the sandbox's short form of the price matrix.
    common = {"externalid", "createddate", "lastmodifieddate", "customform", "baseprice", "lineuniquekey"}
    strangers = {f for f in fields - known - common if not re.search(rf"\b{f}\b", text)}
    assert not strangers


def test_tables_have_the_columns_that_a_warehouse_sees(shared: Path) -> None:
    columns = json.loads(
        (netsuite(shared) / "models" / "suiteql_columns_from_fivetran.json").read_text(encoding="utf-8")
    )
    ours = account_catalog(AccountSettings(header_subsidiary="present", header_location="present")).tables
    text = contract(shared)
    section = text[text.index("### 3.1") : text.index("### 3.2")]
    for key, table in TABLES.items():
        named = {*columns[key], *re.findall(r"\w+", section)}
        if table == "transaction":  # Oracle's Records Catalog; not used by the contract's queries
            named |= {"billingaddress", "foreignamountpaid", "foreignamountunpaid"}
            named |= {"shipdate", "shipmethod"}  # seen in public code only
        if table == "item":  # a warehouse keeps few of its columns; the others are those of the record
            named |= known_fields(shared, "inventoryItem")
        strangers = {c for c in ours[table] if c not in named and not c.startswith("cust")}
        assert not strangers, table


def test_every_table_of_the_contract_can_be_queried(shared: Path) -> None:
    text = contract(shared)
    section = text[text.index("### 3.1") : text.index("### 3.2")]
    promised = {
        "transaction",
        "transactionline",
        "transactionaccountingline",
        "item",
        "customer",
        "customersubsidiaryrelationship",
        "account",
        "subsidiary",
        "location",
        "department",
        "classification",
        "currency",
        "accountingperiod",
        "nexttransactionlink",
        "deletedrecord",
        "dual",
    }
    assert all(name in section for name in promised)
    assert promised <= set(account_catalog(AccountSettings()).tables)


def test_status_letters_are_those_of_the_contract(shared: Path) -> None:
    text = contract(shared)
    section = text[text.index("### 3.2") : text.index("### 3.3")]
    rows = dict(re.findall(r"^\| (\w+) \| (A .+) \|$", section, re.MULTILINE))
    assert set(rows) - {"CustDep"} <= set(STATUS_NAMES)  # customer deposits are no record of the sandbox
    for code in set(rows) & set(STATUS_NAMES):
        said = re.sub(r"\(.*?\)", "", rows[code]).strip()
        letters = dict(re.findall(r"([A-H]) ([^·|]+?)(?= ·|$)", said))
        assert set(letters) == set(STATUS_NAMES[code]), code
        for letter, words in letters.items():
            assert STATUS_NAMES[code][letter].startswith(words.split()[0]), (code, letter)


@pytest.mark.parametrize(
    ("refused", "quoted"),
    [
        (invalid_value(9999, "item", "item.items[0].item"), "You have entered an Invalid Field Value 9999 for the"),
        (missing_values(["First Name", "Last Name"]), "Please enter value(s) for: First Name, Last Name."),
        (user_error("This entity already exists."), "This entity already exists."),
        (not_found(), "The record instance does not exist. Provide a valid record instance ID."),
    ],
)
def test_refusals_quote_the_contract(refused: Refused, quoted: str, shared: Path) -> None:
    text = contract(shared)
    assert quoted in text
    assert quoted in refused.detail
    assert refused.code in text


def test_functions_are_those_that_the_dialect_lists(shared: Path) -> None:
    text = (netsuite(shared) / "SUITEQL.md").read_text(encoding="utf-8")
    accepted = text[text.index("- Functions (allow-list)") : text.index("and further Oracle functions")]
    named = set(re.findall(r"\b[A-Z][A-Z0-9_]{2,}\b", accepted))
    assert named - {"SYSDATE", "CURRENT_DATE"} <= FUNCTIONS
    start = text.index("Unsupported functions:")
    refused = set(re.findall(r"\b[A-Z][A-Z_]{2,}\b", text[start : text.index("Also refused", start)]))
    assert not refused & FUNCTIONS


@pytest.mark.parametrize("name", sorted(RECORD_TYPES))
def test_schemas_of_the_metadata_catalog_are_json_schemas(name: str, shared: Path) -> None:
    import jsonschema

    assert shared.is_dir()
    books = NetSuiteBooks(ManualClock(datetime(2026, 11, 20, tzinfo=UTC)), AccountSettings(), seed=1)
    jsonschema.Draft6Validator.check_schema(record_schema(books, RECORD_TYPES[name]))


# ---------------------------------------------------------------------- every answer, name by name


def spellings(shared: Path, record: str) -> dict[str, set[str]]:
    """Return the spellings of each name that a record may show, by its lower-case form."""
    records, text = model(shared, "record_fields.json")["records"], contract(shared)
    described = json.dumps(records.get(STANDS_FOR.get(record, record), {}))
    # The contract's chapters on bodies and schemas; its chapter on SuiteQL names columns, all lower case.
    chapters = text[text.index("### 2.3") : text.index("## 3.")] + text[text.index("## 4.") : text.index("## 5.")]
    names = {*re.findall(r'"rest": "(\w+)"', described), *rest_names(shared), *re.findall(r"\b[a-z]\w+\b", chapters)}
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(name.lower(), set()).add(name)
    for name in known_fields(shared, record) | BROWSER_ONLY | {"baseprice", "lineuniquekey", "refname"}:
        found.setdefault(name, {name})
    return found


def misspelt(shown: object, known: dict[str, set[str]], place: str = "") -> Iterator[str]:
    """Yield the paths of names in an answer that nobody has seen so."""
    if isinstance(shown, list):
        for part in shown:
            yield from misspelt(part, known, place)
    if not isinstance(shown, dict):
        return
    for name, value in shown.items():
        path = f"{place}.{name}".lstrip(".")
        seen = known.get(name.lower(), set())
        # A name that is written down in lower case only says nothing about its capitals.
        is_camel = {spelling for spelling in seen if spelling != spelling.lower()}
        if not name.startswith("cust") and (name not in is_camel if is_camel else not seen):
            yield path
        yield from misspelt(value, known, path)


def fill(host: Served) -> None:
    """Key one document of every kind, as people and integrations do."""
    company, books = host.company, host.company.books

    def make(source: str, number: int, target: str, **body: object) -> int:
        return books.transform(source, number, target, body)

    order = books.create("salesOrder", company.order(otherRefNum="113-1", memo="note", shipDate="2026-11-19"))
    make("salesOrder", order, "itemFulfillment", shipStatus={"id": "C"})
    invoice = make("salesOrder", order, "invoice")
    returned = make("invoice", invoice, "returnAuthorization")
    make("returnAuthorization", returned, "itemReceipt")
    credit = make("returnAuthorization", returned, "creditMemo")
    make("creditMemo", credit, "customerRefund", account=company.ref("bank"), paymentMethod={"id": "1"})
    paid = books.create("salesOrder", company.order())
    make("salesOrder", paid, "itemFulfillment", shipStatus={"id": "C"})
    make("invoice", make("salesOrder", paid, "invoice"), "customerPayment")
    sale = books.create("cashSale", company.order())
    make("cashSale", sale, "cashRefund")
    books.create("journalEntry", company.journal(("clearing", "debit", "10.00"), ("sales", "credit", "10.00")))
    line = {"item": company.ref("widget"), "location": company.ref("main"), "adjustQtyBy": 5}
    adjustment = {"account": company.ref("fees"), "subsidiary": company.ref("us"), "inventory": {"items": [line]}}
    books.create("inventoryAdjustment", adjustment)
    _fill_lists(company)
    other = {"account": company.ref("sales"), "amount": 5}
    deposit = {"account": company.ref("bank"), "subsidiary": company.ref("us"), "other": {"items": [other]}}
    books.create("deposit", deposit)


def _fill_lists(company: Company) -> None:
    books = company.books
    subsidiary = company.ref("us")
    books.create("department", {"name": "Marketplaces", "subsidiary": subsidiary})
    books.create("classification", {"name": "Online", "subsidiary": subsidiary})
    for kind in sorted(RECORD_TYPES):
        if RECORD_TYPES[kind].space == "item" and not books.records(kind):
            books.create(kind, {"itemId": f"NEW-{kind}", "displayName": kind})
    east = books.create("location", {"name": "East", "subsidiary": subsidiary})
    moved = {"items": [{"item": company.ref("widget"), "quantity": 1}]}
    places = {"location": company.ref("main"), "transferLocation": {"id": str(east)}}
    books.create("transferOrder", {"subsidiary": subsidiary, "item": moved} | places)


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    """A company with a document of every kind."""
    with serving(found(AccountSettings(service_time_s=0.0))) as running:
        fill(running)
        yield running


@pytest.mark.parametrize("name", sorted(RECORD_TYPES))
def test_every_name_of_every_record_answer_has_been_seen_so(name: str, host: Served, shared: Path) -> None:
    kind = RECORD_TYPES[name]
    known = spellings(shared, kind.name)
    stored = host.company.books.records(kind.name)
    for record in stored:
        path = f"/services/rest/record/v1/{kind.name}/{record.id}"
        for expand in ("false", "true"):
            answer = host.http.get(path, params={"expandSubResources": expand})
            assert answer.status_code == 200, answer.text
            assert list(misspelt(answer.json(), known)) == []
    assert stored


def test_a_name_that_nobody_has_seen_is_found_by_the_test_above(shared: Path) -> None:
    known = spellings(shared, "salesOrder")
    shown = {"tranDate": "2026-11-20", "trandate": "x", "item": {"items": [{"quantity": 1, "quantityGuessed": 2}]}}
    assert list(misspelt(shown, known)) == ["trandate", "item.items.quantityGuessed"]
