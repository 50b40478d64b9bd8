"""What must fit together: subsidiary, places, accounts, items, customers, periods; and what is switched off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company, found

OUTSIDE = "The transaction date you specified is not within the date range of your accounting period."


@pytest.fixture
def two(company: Company) -> Company:
    """The company with a German subsidiary that has a warehouse, a department, a class and an account of its own."""
    books, ids = company.books, company.ids
    ids["de"] = books.create("subsidiary", {"name": "Acme GmbH", "currency": company.ref("eur")})
    german = {"subsidiary": company.ref("de")}
    ids["cologne"] = books.create("location", {"name": "Köln"} | german)
    ids["department"] = books.create("department", {"name": "Vertrieb"} | german)
    ids["class"] = books.create("classification", {"name": "Haushalt"} | german)
    ids["konto"] = books.create("account", {"acctName": "Konto", "acctType": {"id": "Bank"}} | german)
    ids["artikel"] = books.create("inventoryItem", {"itemId": "ARTIKEL"} | german)
    return company


def refusal(company: Company, record: str, body: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return code and place of a refusal in the words of fault 24."""
    with pytest.raises(Refused, match="You have entered an Invalid Field Value") as refused:
        company.books.create(record, body)
    return refused.value.code, refused.value.where


@pytest.mark.proves("N24")
@pytest.mark.parametrize(
    ("name", "of"), [("location", "cologne"), ("department", "department"), ("class", "class"), ("subsidiary", "de")]
)
def test_a_dimension_of_another_subsidiary_is_an_invalid_field_value(two: Company, name: str, of: str) -> None:
    path = {"subsidiary": "entity"}.get(name, name)
    assert refusal(two, "salesOrder", two.order(**{name: two.ref(of)})) == ("INVALID_CONTENT", {"o:errorPath": path})


@pytest.mark.proves("N39")
@pytest.mark.parametrize(("name", "of"), [("location", "cologne"), ("item", "artikel"), ("class", "class")])
def test_a_line_says_which_of_its_fields_does_not_fit(two: Company, name: str, of: str) -> None:
    body = two.order()
    body["item"]["items"][1][name] = two.ref(of)
    assert refusal(two, "cashSale", body)[1] == {"o:errorPath": f"item.items[1].{name}"}


def test_a_journal_takes_accounts_of_its_own_subsidiary_only(two: Company) -> None:
    body = two.journal(("clearing", "debit", "1"), ("konto", "credit", "1"))
    assert refusal(two, "journalEntry", body)[1] == {"o:errorPath": "line.items[1].account"}
    body = two.journal(("konto", "debit", "1"), ("konto", "credit", "1"), subsidiary=two.ref("de"))
    assert two.books.create("journalEntry", body) > 0


def test_a_bank_account_takes_its_own_currency_only(two: Company) -> None:
    euros = two.books.create("account", {"acctName": "EUR", "acctType": {"id": "Bank"}, "currency": two.ref("eur")})
    body = two.order(account={"id": str(euros)})
    assert refusal(two, "cashSale", body)[1] == {"o:errorPath": "account"}
    assert two.books.create("cashSale", body | {"currency": two.ref("eur")}) > 0


@pytest.mark.parametrize(
    ("record", "of", "path"),
    [
        ("location", "main", "location"),
        ("inventoryItem", "widget", "item.items[0].item"),
        ("customer", "buyer", "entity"),
    ],
)
def test_what_is_inactive_is_named_in_old_documents_only(company: Company, record: str, of: str, path: str) -> None:
    old = company.books.create("salesOrder", company.order())
    company.books.update(record, company.ids[of], {"isInactive": True})
    assert refusal(company, "salesOrder", company.order())[1] == {"o:errorPath": path}
    company.books.update("salesOrder", old, {"memo": "still editable"})


def test_an_inactive_account_takes_no_journal(company: Company) -> None:
    company.books.update("account", company.ids["fees"], {"isInactive": True})
    body = company.journal(("fees", "debit", "1"), ("clearing", "credit", "1"))
    assert refusal(company, "journalEntry", body)[1] == {"o:errorPath": "line.items[0].account"}


def test_a_customer_with_a_list_of_currencies_takes_no_other(company: Company) -> None:
    listed = {"items": [{"currency": company.ref("usd")}]}
    company.books.update("customer", company.ids["buyer"], {"currencyList": listed})
    body = company.order(currency=company.ref("eur"))
    assert refusal(company, "invoice", body)[1] == {"o:errorPath": "currency"}
    more = {"items": [{"currency": company.ref("eur")}]}
    company.books.update("customer", company.ids["buyer"], {"currencyList": more})
    assert company.books.create("invoice", body) > 0


def test_a_rate_of_zero_is_refused(company: Company) -> None:
    assert refusal(company, "salesOrder", company.order(exchangeRate=0))[1] == {"o:errorPath": "exchangeRate"}


# ---------------------------------------------------------------------- periods


def month(company: Company, name: str) -> int:
    return next(p.id for p in company.books.records("accountingPeriod") if p.text("periodName") == name)


@pytest.mark.proves("N25")
@pytest.mark.parametrize(
    ("marks", "refused"),
    [
        ({"closed": True}, ["cashSale", "invoice", "journalEntry", "inventoryAdjustment", "deposit"]),
        ({"allLocked": True}, ["cashSale", "invoice", "journalEntry", "inventoryAdjustment", "deposit"]),
        ({"arLocked": True}, ["cashSale", "invoice"]),
        ({"apLocked": True}, []),
    ],
)
def test_a_closed_or_locked_period_takes_no_entry_of_its_kind(
    company: Company, marks: dict[str, bool], refused: list[str]
) -> None:
    company.books.update("accountingPeriod", month(company, "Nov 2026"), marks)
    us = company.ref("us")
    other = {"items": [{"account": company.ref("sales"), "amount": 1}]}
    found_ = {"items": [{"item": company.ref("widget"), "adjustQtyBy": 1, "location": company.ref("main")}]}
    bodies: dict[str, dict[str, Any]] = {
        "cashSale": company.order(),
        "invoice": company.order(),
        "journalEntry": company.journal(("fees", "debit", "1"), ("clearing", "credit", "1")),
        "inventoryAdjustment": {"account": company.ref("clearing"), "subsidiary": us, "inventory": found_},
        "deposit": {"account": company.ref("bank"), "subsidiary": us, "other": other},
    }
    for record, body in bodies.items():
        if record in refused:
            with pytest.raises(Refused, match=OUTSIDE):
                company.books.create(record, body)
        else:
            assert company.books.create(record, body) > 0


def test_a_period_closed_for_the_ledger_only_takes_changes_that_leave_it_alone(company: Company) -> None:
    made = company.books.create("cashSale", company.order())
    period = month(company, "Nov 2026")
    company.books.update("accountingPeriod", period, {"closed": True})
    with pytest.raises(Refused, match=OUTSIDE):
        company.books.update("cashSale", made, {"memo": "late"})
    company.books.update("accountingPeriod", period, {"allowNonGLChanges": True})
    company.books.update("cashSale", made, {"memo": "late"})
    for change in ({"shippingCost": 1}, {"tranDate": "2026-11-17"}):
        with pytest.raises(Refused, match=OUTSIDE):
            company.books.update("cashSale", made, change)
    assert company.books.get("cashSale", made).text("memo") == "late"


def test_what_promises_only_is_keyed_in_a_closed_period(company: Company) -> None:
    company.books.update("accountingPeriod", month(company, "Nov 2026"), {"closed": True})
    for record in ("salesOrder", "returnAuthorization"):
        assert company.books.create(record, company.order()) > 0


# ---------------------------------------------------------------------- features


@pytest.mark.proves("N36")
def test_a_legacy_account_takes_no_tax_fields(company: Company) -> None:
    legacy = found(AccountSettings(suite_tax=False, service_time_s=0.0))
    lines = legacy.order()["item"]["items"]
    for body in (
        legacy.order(taxDetailsOverride=True),
        legacy.order(taxDetails={"items": [{"taxAmount": 1}]}),
        legacy.order(item={"items": [lines[0] | {"taxDetailsReference": "1"}]}),
    ):
        with pytest.raises(Refused, match="taxDetails"):
            legacy.books.create("salesOrder", body)
    assert company.books.create("salesOrder", company.order(taxDetailsOverride=True)) > 0


@pytest.mark.proves("N23")
def test_outside_one_world_everything_works_without_a_subsidiary() -> None:
    small = found(AccountSettings(one_world=False, service_time_s=0.0))
    order = small.books.create("salesOrder", small.order())
    small.books.transform("salesOrder", order, "itemFulfillment", {})
    invoice = small.books.transform("salesOrder", order, "invoice", {})
    payment = small.books.transform("invoice", invoice, "customerPayment", {})
    body = {"account": small.ref("bank"), "payment": {"items": [{"id": payment}]}}
    made = small.books.create("deposit", body)
    assert small.books.get("deposit", made).number("total") == Decimal("25.55")
    lines = [{"account": small.ref("fees"), "debit": 1}, {"account": small.ref("clearing"), "credit": 1}]
    assert small.books.create("journalEntry", {"line": {"items": lines}}) > 0
