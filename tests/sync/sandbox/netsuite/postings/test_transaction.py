"""Lines and ledger entries as SuiteQL shows them: NetSuite's signs, and debits equal to credits."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.sandbox.netsuite.postings.transaction import Posting, postings
from tests.sync.sandbox.netsuite.conftest import Company

CENTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999.99"), places=2)
RATES = st.sampled_from([Decimal("1"), Decimal("1.09"), Decimal("0.91743119"), Decimal("151.3")])


def posted(company: Company, record: str, body: dict[str, object]) -> list[Posting]:
    """Create a record and return its postings."""
    return postings(company.books, company.books.get(record, company.books.create(record, body)))


def test_a_cash_sale_debits_undeposited_funds_and_shows_goods_negative(company: Company) -> None:
    rows = posted(company, "cashSale", company.order(shippingCost=Decimal("3.00")))
    main, widget, gadget, shipping, cogs, asset = rows
    assert (main.id, main.main, main.net, main.foreign) == (0, True, Decimal("28.55"), Decimal("28.55"))
    account = company.books.get("account", main.account or 0)
    assert account.text("acctName") == "Undeposited Funds"
    assert (widget.quantity, widget.net, widget.rate) == (Decimal(-2), Decimal("-20.00"), Decimal("10.00"))
    assert (gadget.quantity, gadget.net) == (Decimal(-1), Decimal("-5.55"))
    assert (shipping.item, shipping.net) == (None, Decimal("-3.00"))
    assert (cogs.cogs, cogs.ledger, asset.cogs, asset.ledger) == (True, Decimal("8.00"), True, Decimal("-8.00"))


def test_tax_is_a_line_of_its_own(company: Company) -> None:
    taxes = {"items": [{"taxAmount": Decimal("2.00")}]}
    rows = posted(company, "cashSale", company.order(taxDetails=taxes))
    assert [(row.tax, row.net) for row in rows if row.tax] == [(True, Decimal("-2.00"))]


def test_a_kit_moves_its_members_without_amounts(company: Company) -> None:
    lines = [{"item": company.ref("kit"), "quantity": 3, "amount": Decimal("60.00")}]
    rows = posted(company, "cashSale", company.order(item={"items": lines}))
    members = [row for row in rows if row.kit_member_of is not None]
    assert [(m.kit_member_of, m.quantity, m.net) for m in members] == [(1, Decimal(-6), None), (1, Decimal(-3), None)]


def test_no_two_lines_of_a_long_document_share_a_number(company: Company) -> None:
    lines = [{"item": company.ref("kit"), "amount": 1} for _ in range(80)]
    lines += [{"item": company.ref("widget"), "amount": 1} for _ in range(80)]
    rows = posted(company, "cashSale", company.order(item={"items": lines}, shippingCost=Decimal("1.00")))
    assert len({row.id for row in rows}) == len(rows) > 480


def test_a_shipped_fulfilment_posts_cost_and_a_picked_one_nothing(company: Company) -> None:
    for letter, expected in (("A", []), ("C", [Decimal("-8.00"), Decimal("8.00")])):
        order = company.books.create("salesOrder", company.order())
        made = company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": letter}})
        rows = postings(company.books, company.books.get("itemFulfillment", made))
        assert [row.ledger for row in rows if row.ledger is not None] == expected


def test_an_invoice_of_shipped_goods_carries_no_cost(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    made = company.books.transform("salesOrder", order, "invoice", {})
    assert not [row for row in postings(company.books, company.books.get("invoice", made)) if row.cogs]


def test_a_journal_has_no_main_line(company: Company) -> None:
    body = company.journal(("fees", "debit", "20.00"), ("clearing", "debit", "80.00"), ("sales", "credit", "100.00"))
    rows = posted(company, "journalEntry", body)
    assert [row.main for row in rows] == [False, False, False]
    assert [row.ledger for row in rows] == [Decimal("20.00"), Decimal("80.00"), Decimal("-100.00")]
    assert rows[0].id == 0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(CENTS, min_size=1, max_size=6), shipping=CENTS, discount=CENTS, rate=RATES)
def test_any_cash_sale_balances_in_the_base_currency(
    company: Company, amounts: list[Decimal], shipping: Decimal, discount: Decimal, rate: Decimal
) -> None:
    lines = [{"item": company.ref("widget"), "amount": amount} for amount in amounts]
    changes = {"shippingCost": shipping, "discountRate": -discount, "exchangeRate": rate}
    rows = posted(company, "cashSale", company.order(item={"items": lines}, currency=company.ref("eur"), **changes))
    assert sum(row.ledger for row in rows if row.ledger is not None) == 0
    assert rows[0].foreign == sum(amounts) + shipping - discount


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(CENTS, min_size=1, max_size=8), rate=RATES)
def test_any_journal_balances_in_the_base_currency(company: Company, amounts: list[Decimal], rate: Decimal) -> None:
    lines = [("fees", "debit", str(amount)) for amount in amounts]
    body = company.journal(*lines, ("clearing", "credit", str(sum(amounts))), exchangeRate=rate)
    rows = posted(company, "journalEntry", body)
    assert sum(row.ledger for row in rows if row.ledger is not None) == 0
