"""What NetSuite refuses, and what it fills in by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company, found

OUTSIDE = (
    "Error while accessing a resource. The transaction date you specified is not within the date range of your "
    "accounting period."
)


def refusal(company: Company, record: str, body: dict[str, Any]) -> Refused:
    """Return how NetSuite refuses a new record, and prove that nothing was kept."""
    before = len(company.books.records(record))
    with pytest.raises(Refused) as caught:
        company.books.create(record, body)
    assert len(company.books.records(record)) == before
    return caught.value


def test_a_person_without_names_is_refused_with_the_labels_of_both(company: Company) -> None:
    refused = refusal(company, "customer", {"isPerson": True, "subsidiary": company.ref("us")})
    text = "Error while accessing a resource. Please enter value(s) for: First Name, Last Name."
    assert (refused.status, refused.code, refused.detail) == (400, "USER_ERROR", text)


def test_an_order_without_a_customer_is_refused(company: Company) -> None:
    body = company.order()
    del body["entity"]
    assert refusal(company, "salesOrder", body).detail.endswith("Please enter value(s) for: Customer.")


@pytest.mark.proves("N39")
def test_an_unknown_item_is_refused_with_the_path_of_its_line(company: Company) -> None:
    body = company.order(item={"items": [{"item": {"id": "9999"}, "quantity": 1, "rate": 1}]})
    refused = refusal(company, "salesOrder", body)
    assert refused.code == "INVALID_CONTENT"
    assert refused.detail == (
        "Error while accessing resource: You have entered an Invalid Field Value 9999 for the following field: item"
    )
    assert refused.where == {"o:errorPath": "item.items[0].item"}


@pytest.mark.proves("N29", "N39")
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"tranDate": "18.11.2026"}, "tranDate"),
        ({"exchangeRate": "much"}, "exchangeRate"),
        ({"entity": "101"}, "entity"),
        ({"entity": {"externalId": "nobody"}}, "entity"),
        ({"orderStatus": {"id": "Z"}}, "orderStatus"),
        ({"shipComplete": "yes"}, "shipComplete"),
        ({"externalId": "AMZ|1"}, "externalId"),
        ({"externalId": "AMZ 1"}, "externalId"),
        ({"externalId": "AMZ-1\n"}, "externalId"),
        ({"item": [{"item": {"id": "1"}}]}, "item"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_at_its_path(
    company: Company, changes: dict[str, object], path: str
) -> None:
    refused = refusal(company, "salesOrder", company.order(**changes))
    assert (refused.code, refused.where) == ("INVALID_CONTENT", {"o:errorPath": path})


def test_a_float_is_refused_because_it_may_have_lost_cents(company: Company) -> None:
    with pytest.raises(TypeError, match="may have lost cents"):
        company.books.create("salesOrder", company.order(exchangeRate=1.1))


@pytest.mark.proves("N26")
@pytest.mark.parametrize(("cents", "balances"), [("0.00", True), ("0.01", False), ("-0.01", False)])
def test_a_journal_must_balance_to_the_cent(company: Company, cents: str, balances: bool) -> None:
    credit = str(Decimal("80.00") + Decimal(cents))
    body = company.journal(("clearing", "debit", "80.00"), ("sales", "credit", credit))
    if balances:
        assert company.books.get("journalEntry", company.books.create("journalEntry", body)).text("status") == "B"
    else:
        detail = refusal(company, "journalEntry", body).detail
        assert detail == "Error while accessing a resource. The amounts in a journal entry must balance."


def test_a_journal_line_takes_one_of_debit_and_credit(company: Company) -> None:
    body = company.journal(("clearing", "debit", "80.00"), ("sales", "credit", "80.00"))
    body["line"]["items"][0]["credit"] = Decimal("80.00")
    assert refusal(company, "journalEntry", body).where == {"o:errorPath": "line.items[0]"}


@pytest.mark.proves("N25")
@pytest.mark.parametrize("day", ["2026-09-30", "2025-12-31", "2027-01-01"])
def test_a_date_in_a_closed_period_or_in_none_is_refused(company: Company, day: str) -> None:
    body = company.journal(("clearing", "debit", "1"), ("sales", "credit", "1"), tranDate=day)
    assert refusal(company, "journalEntry", body).detail == OUTSIDE


def test_what_was_keyed_in_the_past_met_its_period_open(company: Company) -> None:
    body = company.journal(("clearing", "debit", "1"), ("sales", "credit", "1"), tranDate="2026-03-05")
    made = company.books.create("journalEntry", body, at=datetime(2026, 3, 6, tzinfo=UTC))
    period = company.books.get("accountingPeriod", company.books.get("journalEntry", made).ref("postingPeriod") or 0)
    assert period.text("periodName") == "Mar 2026"


def test_the_posting_period_is_the_month_and_not_the_quarter(company: Company) -> None:
    made = company.books.create("cashSale", company.order())
    period = company.books.get("accountingPeriod", company.books.get("cashSale", made).ref("postingPeriod") or 0)
    assert period.text("periodName") == "Nov 2026"


@pytest.mark.proves("N25")
def test_a_posted_record_of_a_closed_period_is_neither_changed_nor_deleted(company: Company) -> None:
    body = company.order(tranDate="2026-03-05")
    made = company.books.create("cashSale", body, at=datetime(2026, 3, 6, tzinfo=UTC))
    with pytest.raises(Refused, match="accounting period"):
        company.books.update("cashSale", made, {"memo": "late"})
    with pytest.raises(Refused, match="accounting period"):
        company.books.delete("cashSale", made)
    assert company.books.get("cashSale", made).text("memo") is None


@pytest.mark.proves("N10")
def test_an_external_id_is_given_once_in_the_words_of_its_kind(company: Company) -> None:
    company.books.create("salesOrder", company.order(externalId="AMZ-1"))
    detail = refusal(company, "salesOrder", company.order(externalId="AMZ-1")).detail
    assert detail == "Error while accessing a resource. This record already exists."
    person = {"isPerson": True, "firstName": "A", "lastName": "B", "externalId": "C-1", "subsidiary": company.ref("us")}
    company.books.create("customer", person)
    detail = refusal(company, "customer", person | {"lastName": "C"}).detail
    assert detail == "Error while accessing a resource. This entity already exists."


@pytest.mark.proves("N10")
def test_a_customer_of_the_same_name_already_exists(company: Company) -> None:
    body = {"companyName": "AMAZON us", "subsidiary": company.ref("us")}
    assert refusal(company, "customer", body).detail.endswith("This entity already exists.")


def test_a_record_in_use_is_not_deleted(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    company.books.transform("salesOrder", order, "invoice", {})
    for record, made in (("salesOrder", order), ("customer", company.ids["buyer"])):
        with pytest.raises(Refused, match="dependent records"):
            company.books.delete(record, made)


def test_a_refused_update_leaves_the_record_as_it_was(company: Company) -> None:
    made = company.books.create("salesOrder", company.order(memo="first"))
    with pytest.raises(Refused):
        company.books.update("salesOrder", made, {"memo": "second", "entity": None})
    assert company.books.get("salesOrder", made).text("memo") == "first"


def test_totals_add_lines_discount_shipping_and_tax(company: Company) -> None:
    taxes = {"items": [{"taxAmount": Decimal("1.23")}, {"taxAmount": Decimal("0.77")}]}
    body = company.order(shippingCost=Decimal("4.99"), discountRate=Decimal("-2.50"), taxDetails=taxes)
    stored = company.books.get("salesOrder", company.books.create("salesOrder", body))
    shown = [str(stored.fields[name]) for name in ("subtotal", "discountTotal", "taxTotal", "total")]
    assert shown == ["25.55", "-2.50", "2.00", "30.04"]


def test_defaults_come_from_customer_and_company(company: Company) -> None:
    stored = company.books.get("salesOrder", company.books.create("salesOrder", company.order()))
    assert stored.ref("subsidiary") == company.ids["us"]
    assert stored.ref("currency") == company.ids["usd"]
    assert stored.fields["exchangeRate"] == Decimal(1)
    assert stored.text("tranId") == "SO1001"
    assert stored.text("status") == "B"


def test_a_missing_date_is_the_companys_own_day(company: Company) -> None:
    company.clock.at = datetime(2026, 11, 19, 3, 0, tzinfo=UTC)  # still the 18th in Los Angeles
    body = company.order()
    del body["tranDate"]
    stored = company.books.get("salesOrder", company.books.create("salesOrder", body))
    assert stored.day("tranDate") == date(2026, 11, 18)


@pytest.mark.proves("N35")
def test_line_numbers_are_not_contiguous_and_stay(company: Company) -> None:
    lines = [{"item": company.ref("widget"), "amount": 1} for _ in range(6)]
    made = company.books.create("salesOrder", company.order(item={"items": lines}))
    numbers = [row["line"] for row in company.books.get("salesOrder", made).rows("item")]
    assert numbers[0] == 1
    assert numbers == sorted(set(numbers), key=lambda n: int(str(n)))
    assert numbers != list(range(1, 7))
    company.books.update("salesOrder", made, {"memo": "touched"})
    assert [row["line"] for row in company.books.get("salesOrder", made).rows("item")] == numbers


@pytest.mark.proves("N23")
def test_outside_one_world_there_is_no_subsidiary() -> None:
    company = found(AccountSettings(one_world=False, service_time_s=0.0))
    body = company.order(subsidiary={"id": "1"})
    with pytest.raises(Refused, match="subsidiary"):
        company.books.create("salesOrder", body)
    assert company.books.create("salesOrder", company.order()) > 0


@pytest.mark.proves("N36")
def test_without_suite_tax_there_are_no_tax_fields() -> None:
    company = found(AccountSettings(suite_tax=False, service_time_s=0.0))
    with pytest.raises(Refused, match="taxDetails"):
        company.books.create("salesOrder", company.order(taxDetails={"items": [{"taxAmount": 1}]}))


def test_an_internal_id_is_taken_once(company: Company) -> None:
    company.books.create("location", {"name": "East"}, internal_id=77)
    with pytest.raises(ValueError, match="77"):
        company.books.create("location", {"name": "West"}, internal_id=77)
    assert company.books.create("location", {"name": "West"}) == 78


def test_the_same_seed_gives_the_same_ids() -> None:
    first, second = (found(AccountSettings()) for _ in range(2))
    made = [[c.books.create("salesOrder", c.order()) for _ in range(20)] for c in (first, second)]
    assert made[0] == made[1]
    assert made[0] != list(range(made[0][0], made[0][0] + 20))
