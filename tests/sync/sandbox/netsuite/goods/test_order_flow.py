"""From order to fulfilment and invoice: what may follow, and what the order's status says then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company


def status(company: Company, order: int) -> str:
    """Return an order's status letter."""
    return str(company.books.get("salesOrder", order).fields["status"])


@pytest.fixture
def order(company: Company) -> int:
    """A sales order of two lines, pending fulfilment."""
    return company.books.create("salesOrder", company.order())


def lines(company: Company, order: int) -> list[int]:
    """Return the order's line numbers."""
    return [int(str(row["line"])) for row in company.books.get("salesOrder", order).rows("item")]


def test_a_fulfilment_cannot_be_made_alone(company: Company) -> None:
    with pytest.raises(Refused, match="cannot be created directly"):
        company.books.create("itemFulfillment", {"tranDate": "2026-11-18"})


@pytest.mark.parametrize("letter", ["A", "C", "H"])
def test_an_order_that_is_not_open_cannot_be_fulfilled(company: Company, letter: str) -> None:
    made = company.books.create("salesOrder", company.order(orderStatus={"id": letter}))
    with pytest.raises(Refused, match=f"You can not initialize itemfulfillment: invalid reference {made}"):
        company.books.transform("salesOrder", made, "itemFulfillment", {})


@pytest.mark.parametrize("target", ["cashRefund", "salesOrder", "nothing"])
def test_other_transforms_are_refused(company: Company, order: int, target: str) -> None:
    with pytest.raises(Refused, match="not supported"):
        company.books.transform("salesOrder", order, target, {})


def test_more_than_the_order_holds_cannot_be_fulfilled(company: Company, order: int) -> None:
    body = {"item": {"items": [{"orderLine": lines(company, order)[0], "quantity": 3}]}}
    with pytest.raises(Refused) as refused:
        company.books.transform("salesOrder", order, "itemFulfillment", body)
    assert refused.value.where == {"o:errorPath": "item.items[0].quantity"}


@pytest.mark.proves("N35")
def test_a_line_that_the_order_does_not_have_is_refused(company: Company, order: int) -> None:
    body = {"item": {"items": [{"orderLine": 2 + max(lines(company, order)), "quantity": 1}]}}
    with pytest.raises(Refused, match="orderLine"):
        company.books.transform("salesOrder", order, "itemFulfillment", body)


@pytest.mark.proves("N35")
def test_lines_that_are_not_named_are_taken_over_in_full(company: Company, order: int) -> None:
    first, second = lines(company, order)
    body = {"item": {"items": [{"orderLine": first, "quantity": 1}]}}
    made = company.books.transform("salesOrder", order, "itemFulfillment", body)
    rows = company.books.get("itemFulfillment", made).rows("item")
    assert [(row["orderLine"], row["quantity"]) for row in rows] == [(first, Decimal(1)), (second, Decimal(1))]
    assert status(company, order) == "E"


@pytest.mark.proves("N35")
def test_a_line_can_be_left_out(company: Company, order: int) -> None:
    first, second = lines(company, order)
    body = {"item": {"items": [{"orderLine": first, "itemReceive": False}]}}
    made = company.books.transform("salesOrder", order, "itemFulfillment", body)
    assert [row["orderLine"] for row in company.books.get("itemFulfillment", made).rows("item")] == [second]


def test_the_status_follows_what_was_shipped_and_billed(company: Company, order: int) -> None:
    first, _ = lines(company, order)
    assert status(company, order) == "B"
    part = {"item": {"items": [{"orderLine": first, "quantity": 1}]}}
    fulfilment = company.books.transform("salesOrder", order, "itemFulfillment", part)
    assert status(company, order) == "E"
    rest = company.books.transform("salesOrder", order, "itemFulfillment", {})
    assert status(company, order) == "F"
    company.books.transform("salesOrder", order, "invoice", {})
    assert status(company, order) == "G"
    with pytest.raises(Refused, match="can not initialize"):
        company.books.transform("salesOrder", order, "itemFulfillment", {})
    for made in (fulfilment, rest):
        company.books.delete("itemFulfillment", made)
    assert status(company, order) == "G"


def test_shipped_and_billed_in_part_is_partially_fulfilled(company: Company, order: int) -> None:
    first, second = lines(company, order)
    part = {"item": {"items": [{"orderLine": second, "itemReceive": False}, {"orderLine": first, "quantity": 1}]}}
    company.books.transform("salesOrder", order, "itemFulfillment", part)
    billed = {"item": {"items": [{"item": company.ref("widget"), "quantity": 1, "rate": 10}]}}
    company.books.create("invoice", billed | {"createdFrom": {"id": str(order)}, "entity": company.ref("buyer")})
    assert status(company, order) == "D"


def test_picked_goods_have_not_left(company: Company, order: int) -> None:
    company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": "A"}})
    assert status(company, order) == "B"


def test_closing_every_line_closes_the_order(company: Company, order: int) -> None:
    rows = [{"line": number, "isClosed": True} for number in lines(company, order)]
    company.books.update("salesOrder", order, {"item": {"items": rows}})
    assert status(company, order) == "H"


def test_an_invoice_takes_over_amounts_and_shipping(company: Company) -> None:
    order = company.books.create("salesOrder", company.order(shippingCost=Decimal("4.99")))
    made = company.books.transform("salesOrder", order, "invoice", {"externalId": "AMZ-INV-1"})
    invoice = company.books.get("invoice", made)
    assert invoice.number("total") == Decimal("30.54")
    assert invoice.text("status") == "A"
    assert invoice.ref("account") == company.ids["receivable"]
