"""The NetSuite sandbox against what others wrote down: Oracle's record list, a warehouse's columns, the contract."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

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

pytestmark = pytest.mark.shared

#: Record types that Oracle's list does not have under their own name (models/SOURCES.md).
STANDS_FOR = {"inventoryItem": "lotNumberedInventoryItem"}
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


def known_fields(shared: Path, record: str) -> set[str]:
    """Return every field and sublist column of a record in Oracle's list, lower case, REST and script names."""
    records = json.loads((netsuite(shared) / "models" / "record_fields.json").read_text(encoding="utf-8"))["records"]
    described = json.dumps(records[STANDS_FOR.get(record, record)])
    return {name.lower() for name in re.findall(r'"(?:suitescript|rest)": "(\w+)"', described)}


@pytest.mark.parametrize("name", sorted(RECORD_TYPES))
def test_every_field_of_a_record_is_named_by_oracle_or_by_the_contract(name: str, shared: Path) -> None:
    record = RECORD_TYPES[name]
    text = contract(shared).lower()
    try:
        known = known_fields(shared, record.name)
    except KeyError:
        known = set()
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
    for code, names in STATUS_NAMES.items():
        row = re.search(rf"^\| {code} \| (.+) \|$", section, re.MULTILINE)
        assert row is not None, code
        letters = dict(re.findall(r"([A-H]) ([^·|]+?)(?= ·| \(|$)", row[1]))
        assert set(letters) == set(names), code
        for letter, words in letters.items():
            assert names[letter].startswith(words.split()[0]), (code, letter)


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
