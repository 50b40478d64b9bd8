"""Payments, applications of credits, refunds, and the deposit that takes the money to the bank."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.netsuite.postings.transaction import postings
from sync.sandbox.netsuite.selling.settling import balance
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company

REFUND = {"paymentMethod": {"id": "1"}}


def fields(company: Company, record: str, made: int, *names: str) -> list[str]:
    """Return fields of a record as text."""
    stored = company.books.get(record, made)
    return [str(stored.fields.get(name)) for name in names]


def apply(made: int, amount: str | None = None, **more: Any) -> dict[str, Any]:
    """Return one row of `apply`."""
    row: dict[str, Any] = {"doc": {"id": str(made)}, "apply": True, **more}
    return row | ({"amount": Decimal(amount)} if amount is not None else {})


def ledger(company: Company, record: str, made: int) -> dict[str, str]:
    """Return the sums by account of one document, in base currency."""
    found: dict[str, Decimal] = {}
    for row in postings(company.books, company.books.get(record, made)):
        if row.ledger is not None:
            name = str(company.books.get("account", row.account or 0).text("acctName"))
            found[name] = found.get(name, Decimal(0)) + row.ledger
    return {name: str(value) for name, value in found.items() if value}


@pytest.fixture
def invoice(company: Company) -> int:
    """An invoice of 25.55."""
    return company.books.create("invoice", company.order())


def pay(company: Company, invoice: int, **body: Any) -> int:
    return company.books.transform("invoice", invoice, "customerPayment", body)


@pytest.mark.parametrize("amount", ["25.56", "0", "-1"])
def test_more_than_is_open_or_nothing_cannot_be_applied(company: Company, invoice: int, amount: str) -> None:
    rows = {"items": [apply(invoice, amount)]}
    with pytest.raises(Refused) as refused:
        pay(company, invoice, apply=rows, payment=Decimal("30"))
    assert refused.value.where == {"o:errorPath": "apply.items[0].amount"}


def test_more_than_was_paid_cannot_be_applied(company: Company, invoice: int) -> None:
    with pytest.raises(Refused, match="cannot be greater"):
        pay(company, invoice, payment=Decimal("5"), apply={"items": [apply(invoice, "6")]})


def test_another_customers_invoice_or_another_kind_of_document_is_not_paid(company: Company, invoice: int) -> None:
    other = company.books.create("customer", {"companyName": "Other", "subsidiary": company.ref("us")})
    sale = company.books.create("cashSale", company.order())
    for customer, doc in ((other, invoice), (company.ids["buyer"], sale)):
        body = {"customer": {"id": str(customer)}, "payment": 5, "apply": {"items": [apply(doc, "5")]}}
        with pytest.raises(Refused) as refused:
            company.books.create("customerPayment", body)
        assert refused.value.where == {"o:errorPath": "apply.items[0].doc"}


def test_a_paid_invoice_takes_no_further_payment(company: Company, invoice: int) -> None:
    pay(company, invoice)
    with pytest.raises(Refused, match="can not initialize customerpayment"):
        pay(company, invoice)


@pytest.mark.parametrize("missing", ["account", "paymentMethod"])
def test_a_refund_needs_an_account_and_a_method(company: Company, missing: str) -> None:
    credit = company.books.create("creditMemo", company.order())
    body = {"account": company.ref("bank"), **REFUND}
    del body[missing]
    with pytest.raises(Refused, match=r"Please enter value\(s\) for"):
        company.books.transform("creditMemo", credit, "customerRefund", body)


def test_an_invoice_is_paid_in_parts(company: Company, invoice: int) -> None:
    first = pay(company, invoice, payment=Decimal("10"))
    assert fields(company, "invoice", invoice, "status", "amountPaid", "amountRemaining") == ["A", "10.00", "15.55"]
    second = pay(company, invoice)
    assert fields(company, "customerPayment", second, "payment", "applied", "status") == ["15.55", "15.55", "B"]
    assert fields(company, "invoice", invoice, "status", "amountRemaining") == ["B", "0.00"]
    assert ledger(company, "customerPayment", first) == {"Undeposited Funds": "10.00", "Accounts Receivable": "-10.00"}
    with pytest.raises(Refused, match="dependent records"):
        company.books.delete("invoice", invoice)
    company.books.delete("customerPayment", second)
    assert fields(company, "invoice", invoice, "status", "amountRemaining") == ["A", "15.55"]


def test_what_is_not_applied_stays_with_the_customer(company: Company, invoice: int) -> None:
    made = pay(company, invoice, payment=Decimal("100"))
    assert fields(company, "customerPayment", made, "applied", "unapplied") == ["25.55", "74.45"]
    assert balance(company.books, company.books.get("customer", company.ids["buyer"])) == Decimal("-74.45")
    body = {"account": company.ref("bank"), **REFUND}
    refund = company.books.transform("customerPayment", made, "customerRefund", body)
    assert ledger(company, "customerRefund", refund) == {"Accounts Receivable": "74.45", "Bank": "-74.45"}
    assert fields(company, "customerPayment", made, "unapplied") == ["0.00"]
    with pytest.raises(Refused, match="can not initialize customerrefund"):
        company.books.transform("customerPayment", made, "customerRefund", body)


def test_a_payment_into_a_bank_account_is_deposited_at_once(company: Company, invoice: int) -> None:
    made = pay(company, invoice, account=company.ref("bank"))
    assert fields(company, "customerPayment", made, "status", "undepFunds") == ["C", "False"]
    assert ledger(company, "customerPayment", made) == {"Bank": "25.55", "Accounts Receivable": "-25.55"}


def test_a_credit_is_applied_and_the_rest_refunded(company: Company, invoice: int) -> None:
    pay(company, invoice, payment=Decimal("20"))
    rows = {"items": [apply(invoice, "5.55")]}
    credit = company.books.transform("invoice", invoice, "creditMemo", {"apply": rows})
    assert fields(company, "invoice", invoice, "status") == ["B"]
    assert fields(company, "creditMemo", credit, "status", "applied", "unapplied") == ["A", "5.55", "20.00"]
    body = {"account": company.ref("bank"), **REFUND}
    refund = company.books.transform("creditMemo", credit, "customerRefund", body)
    assert fields(company, "creditMemo", credit, "status", "unapplied") == ["B", "0.00"]
    assert fields(company, "customerRefund", refund, "total") == ["20.00"]


def test_an_application_is_changed_and_taken_back_by_its_document(company: Company, invoice: int) -> None:
    credit = company.books.create("creditMemo", company.order(apply={"items": [apply(invoice, "5")]}))
    company.books.update("creditMemo", credit, {"apply": {"items": [apply(invoice, "7")]}})
    assert fields(company, "invoice", invoice, "amountRemaining") == ["18.55"]
    company.books.update("creditMemo", credit, {"apply": {"items": [apply(invoice, apply=False)]}})
    assert fields(company, "invoice", invoice, "amountRemaining") == ["25.55"]


def test_an_invoice_is_not_made_smaller_than_what_was_paid(company: Company, invoice: int) -> None:
    pay(company, invoice)
    with pytest.raises(Refused, match="less than what was already applied"):
        company.books.update("invoice", invoice, {"discountRate": Decimal("-1")})


def test_another_day_s_rate_is_a_gain_and_receivables_end_at_zero(company: Company) -> None:
    order = company.order(currency=company.ref("eur"), exchangeRate=Decimal("1.10"))
    invoice = company.books.create("invoice", order)
    made = pay(company, invoice, exchangeRate=Decimal("1.20"))
    owed = Decimal(ledger(company, "invoice", invoice)["Accounts Receivable"])
    paid = ledger(company, "customerPayment", made)
    assert owed + Decimal(paid["Accounts Receivable"]) == 0
    assert paid["Realized Exchange Gain or Loss"] == "-2.55"  # 30.66 received for 28.11


# ---------------------------------------------------------------------- deposits


def deposit(company: Company, *payments: int, **body: Any) -> int:
    rows = {"items": [{"id": made} for made in payments]}
    start = {"account": company.ref("bank"), "subsidiary": company.ref("us"), "payment": rows}
    return company.books.create("deposit", start | body)


def test_what_is_not_in_undeposited_funds_cannot_be_deposited(company: Company, invoice: int) -> None:
    direct = pay(company, invoice, account=company.ref("bank"))
    foreign = company.books.create("cashSale", company.order(currency=company.ref("eur")))
    taken = company.books.create("cashSale", company.order())
    deposit(company, taken)
    for made in (direct, foreign, taken, invoice, 999999):
        with pytest.raises(Refused) as refused:
            deposit(company, made)
        assert refused.value.where == {"o:errorPath": "payment.items[0].id"}
    with pytest.raises(Refused, match="at least one line"):
        deposit(company)


@pytest.mark.proves("N30")
def test_a_deposited_sale_is_neither_edited_nor_deleted_and_can_be_refunded(company: Company) -> None:
    sale = company.books.create("cashSale", company.order())
    made = deposit(company, sale)
    assert fields(company, "cashSale", sale, "status") == ["C"]
    with pytest.raises(Refused, match="has been deposited and cannot be edited"):
        company.books.update("cashSale", sale, {"memo": "late"})
    with pytest.raises(Refused, match="dependent records"):
        company.books.delete("cashSale", sale)
    refund = company.books.transform("cashSale", sale, "cashRefund", {})
    assert company.books.get("cashRefund", refund).number("total") == Decimal("25.55")
    company.books.delete("deposit", made)
    company.books.update("cashSale", sale, {"memo": "undone"})
    assert fields(company, "cashSale", sale, "status", "memo") == ["B", "undone"]


def test_a_deposit_is_payments_and_other_amounts_without_cash_back(company: Company, invoice: int) -> None:
    sale, payment = company.books.create("cashSale", company.order()), pay(company, invoice)
    refund = company.books.transform(
        "cashSale", sale, "cashRefund", {"item": {"items": [{"orderLine": 1, "quantity": 1}]}}
    )
    made = deposit(
        company,
        sale,
        payment,
        refund,
        other={"items": [{"account": company.ref("clearing"), "amount": Decimal("3.00")}]},
        cashback={"items": [{"account": company.ref("fees"), "amount": Decimal("1.10"), "memo": "commission"}]},
    )
    assert fields(company, "deposit", made, "total", "tranId") == ["37.45", "DEP1001"]
    assert ledger(company, "deposit", made) == {
        "Bank": "37.45",
        "Undeposited Funds": "-35.55",
        "Amazon clearing": "-3.00",
        "Referral fees": "1.10",
    }
    rows = company.books.get("deposit", made).rows("payment")
    assert [str(row["paymentAmount"]) for row in rows] == ["25.55", "25.55", "-15.55"]
    assert fields(company, "customerPayment", payment, "status") == ["C"]


def test_a_deposit_is_not_below_zero_unless_a_line_of_its_own_account_takes_out_what_was_kept(company: Company) -> None:
    sale, clearing = company.books.create("cashSale", company.order()), company.ref("clearing")
    kept = {"items": [{"account": company.ref("fees"), "amount": Decimal("70.00")}]}
    with pytest.raises(Refused, match="The total can not be negative"):
        deposit(company, sale, account=clearing, cashback=kept)
    out = {"items": [{"account": clearing, "amount": Decimal("70.00")}]}
    made = deposit(company, sale, account=clearing, other=out, cashback=kept)
    assert fields(company, "deposit", made, "total") == ["25.55"]
    assert ledger(company, "deposit", made) == {
        "Amazon clearing": "-44.45",
        "Undeposited Funds": "-25.55",
        "Referral fees": "70.00",
    }


def test_money_of_another_rate_is_deposited_with_a_gain(company: Company) -> None:
    euro_bank = company.books.create(
        "account", {"acctName": "Bank EUR", "acctType": {"id": "Bank"}, "currency": company.ref("eur")}
    )
    sale = company.books.create("cashSale", company.order(currency=company.ref("eur"), exchangeRate=Decimal("1.10")))
    made = deposit(
        company,
        sale,
        account={"id": str(euro_bank)},
        currency=company.ref("eur"),
        exchangeRate=Decimal("1.20"),
    )
    assert ledger(company, "deposit", made) == {
        "Bank EUR": "30.66",
        "Undeposited Funds": "-28.11",
        "Realized Exchange Gain or Loss": "-2.55",
    }
