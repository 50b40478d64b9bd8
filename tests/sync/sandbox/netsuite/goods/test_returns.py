"""From return authorization to receipt, credit and refund: what may follow, and what the letters say then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.netsuite.postings.transaction import postings
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company


def letter(company: Company, record: str, made: int) -> str:
    """Return a document's status letter."""
    return str(company.books.get(record, made).fields["status"])


def ledger(company: Company, record: str, made: int) -> dict[str, Decimal]:
    """Return the sums by account of one document."""
    found: dict[str, Decimal] = {}
    for row in postings(company.books, company.books.get(record, made)):
        if row.ledger is not None:
            name = str(company.books.get("account", row.account or 0).text("acctName"))
            found[name] = found.get(name, Decimal(0)) + row.ledger
    assert sum(found.values()) == 0
    return found


@pytest.fixture
def invoice(company: Company) -> int:
    """An invoice of a shipped order: 2 × 10.00 and 5.55."""
    order = company.books.create("salesOrder", company.order())
    company.books.transform("salesOrder", order, "itemFulfillment", {})
    return company.books.transform("salesOrder", order, "invoice", {"externalId": "INV-1"})


@pytest.fixture
def returned(company: Company, invoice: int) -> int:
    """A return authorization for that invoice."""
    return company.books.transform("invoice", invoice, "returnAuthorization", {"externalId": "RMA-1"})


def numbers(company: Company, made: int, record: str = "returnAuthorization") -> list[int]:
    return [int(str(row["line"])) for row in company.books.get(record, made).rows("item")]


def test_a_receipt_cannot_be_made_alone(company: Company) -> None:
    with pytest.raises(Refused, match="cannot be created directly"):
        company.books.create("itemReceipt", {"tranDate": "2026-11-18"})


@pytest.mark.parametrize("target", ["invoice", "customerRefund", "fulfillmentRequest", "nothing"])
def test_a_return_becomes_nothing_else(company: Company, returned: int, target: str) -> None:
    with pytest.raises(Refused, match="not supported"):
        company.books.transform("returnAuthorization", returned, target, {})


@pytest.mark.proves("N35")
def test_more_than_was_returned_cannot_be_received(company: Company, returned: int) -> None:
    body = {"item": {"items": [{"orderLine": numbers(company, returned)[0], "quantity": 3}]}}
    with pytest.raises(Refused) as refused:
        company.books.transform("returnAuthorization", returned, "itemReceipt", body)
    assert refused.value.where == {"o:errorPath": "item.items[0].quantity"}


@pytest.mark.parametrize("state", ["A", "C", "H"])
def test_a_return_that_nobody_approved_or_that_is_closed_is_not_received(company: Company, state: str) -> None:
    made = company.books.create("returnAuthorization", company.order(orderStatus={"id": state}))
    with pytest.raises(Refused, match=f"You can not initialize itemreceipt: invalid reference {made}"):
        company.books.transform("returnAuthorization", made, "itemReceipt", {})


def test_what_was_returned_once_cannot_be_returned_again(company: Company, invoice: int, returned: int) -> None:
    with pytest.raises(Refused, match="can not initialize returnauthorization"):
        company.books.transform("invoice", invoice, "returnAuthorization", {})


def test_a_line_that_was_credited_is_not_credited_again(company: Company, returned: int) -> None:
    first, second = numbers(company, returned)
    company.books.transform(
        "returnAuthorization", returned, "creditMemo", {"item": {"items": [{"orderLine": second, "quantity": 0}]}}
    )
    body = {"item": {"items": [{"orderLine": first, "quantity": 1}]}}
    with pytest.raises(Refused) as refused:
        company.books.transform("returnAuthorization", returned, "creditMemo", body)
    assert refused.value.where == {"o:errorPath": "item.items[0].quantity"}


def test_the_letters_follow_receipt_and_refund(company: Company, returned: int) -> None:
    first, _ = numbers(company, returned)
    assert letter(company, "returnAuthorization", returned) == "B"
    part = {"item": {"items": [{"orderLine": first, "quantity": 1}]}}
    one = company.books.transform("returnAuthorization", returned, "itemReceipt", part)
    assert letter(company, "returnAuthorization", returned) == "E"
    rest = company.books.transform("returnAuthorization", returned, "itemReceipt", {})
    assert letter(company, "returnAuthorization", returned) == "F"
    credit = company.books.transform("returnAuthorization", returned, "creditMemo", {})
    assert letter(company, "returnAuthorization", returned) == "G"
    company.books.delete("creditMemo", credit)
    company.books.delete("itemReceipt", rest)
    assert letter(company, "returnAuthorization", returned) == "E"
    company.books.delete("itemReceipt", one)
    assert letter(company, "returnAuthorization", returned) == "B"
    rows = company.books.get("returnAuthorization", returned).rows("item")
    assert [row["quantityreceived"] for row in rows] == [0, 0]


@pytest.mark.parametrize(
    ("restock", "accounts", "hand"),
    [
        (True, {"Inventory Asset": "8.00", "Cost of Goods Sold": "-8.00"}, 0),
        (False, {"Inventory Write-Off": "8.00", "Cost of Goods Sold": "-8.00"}, -2),
    ],
)
def test_goods_go_back_to_the_shelf_or_are_written_off(
    company: Company, returned: int, restock: bool, accounts: dict[str, str], hand: int
) -> None:
    first, second = numbers(company, returned)
    rows: list[dict[str, Any]] = [
        {"orderLine": first, "restock": restock},
        {"orderLine": second, "itemReceive": False},
    ]
    made = company.books.transform("returnAuthorization", returned, "itemReceipt", {"item": {"items": rows}})
    assert ledger(company, "itemReceipt", made) == {name: Decimal(value) for name, value in accounts.items()}
    assert company.books.stock.on_hand[company.ids["widget"], company.ids["main"]] == hand


def test_goods_come_back_at_the_cost_they_left_at(company: Company, returned: int) -> None:
    company.books.update("inventoryItem", company.ids["widget"], {"averageCost": Decimal("9.99")})
    made = company.books.transform("returnAuthorization", returned, "itemReceipt", {})
    assert ledger(company, "itemReceipt", made)["Inventory Asset"] == Decimal("8.00")


def test_a_credit_memo_takes_revenue_back_and_leaves_cost_to_the_receipt(company: Company, returned: int) -> None:
    made = company.books.transform("returnAuthorization", returned, "creditMemo", {})
    assert ledger(company, "creditMemo", made) == {"Accounts Receivable": Decimal("-25.55"), "Sales": Decimal("25.55")}
    main, goods, *_ = postings(company.books, company.books.get("creditMemo", made))
    assert (main.net, goods.quantity, goods.net) == (Decimal("-25.55"), Decimal(2), Decimal("20.00"))


def test_a_credit_of_part_of_a_line_credits_part_of_its_amount(company: Company, invoice: int) -> None:
    first, second = numbers(company, invoice, "invoice")
    lines = [{"orderLine": first, "quantity": 1}, {"orderLine": second, "quantity": 0}]
    made = company.books.transform("invoice", invoice, "creditMemo", {"item": {"items": lines}})
    assert company.books.get("creditMemo", made).number("total") == Decimal("10.00")
    # Straight from the invoice the goods come back with it.
    assert ledger(company, "creditMemo", made)["Inventory Asset"] == Decimal("4.00")


def test_a_cash_sale_is_refunded_in_part_and_then_for_the_rest(company: Company) -> None:
    sale = company.books.create("cashSale", company.order(shippingCost=Decimal("4.99")))
    first, second = numbers(company, sale, "cashSale")
    part = {"item": {"items": [{"orderLine": first, "quantity": 1}, {"orderLine": second, "quantity": 0}]}}
    one = company.books.transform("cashSale", sale, "cashRefund", part)
    two = company.books.transform("cashSale", sale, "cashRefund", {})
    totals = [company.books.get("cashRefund", made).number("total") for made in (one, two)]
    assert totals == [Decimal("14.99"), Decimal("15.55")]  # shipping is given back once
    assert ledger(company, "cashRefund", two)["Undeposited Funds"] == Decimal("-15.55")
    with pytest.raises(Refused, match="can not initialize cashrefund"):
        company.books.transform("cashSale", sale, "cashRefund", {})


def test_a_customer_starts_documents_of_its_own(company: Company) -> None:
    body = {"item": {"items": [{"item": company.ref("gadget"), "quantity": 2}]}}
    made = company.books.transform("customer", company.ids["buyer"], "invoice", body)
    stored = company.books.get("invoice", made)
    assert (stored.party, stored.number("total")) == (company.ids["buyer"], Decimal("14.50"))


def test_an_order_remembers_when_something_followed_it(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    company.clock.advance(3600)
    company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": "A"}})
    untouched = company.books.get("salesOrder", order).modified
    company.clock.advance(3600)
    company.books.transform("salesOrder", order, "invoice", {})
    assert (company.books.get("salesOrder", order).modified - untouched).total_seconds() == 7200


def test_picked_goods_cannot_be_picked_twice(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": "A"}})
    with pytest.raises(Refused, match="at least one valid line"):
        company.books.transform("salesOrder", order, "itemFulfillment", {})


def test_a_fulfilment_is_not_changed_beyond_the_order(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    made = company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": "A"}})
    first = numbers(company, order, "salesOrder")[0]
    with pytest.raises(Refused) as refused:
        company.books.update("itemFulfillment", made, {"item": {"items": [{"orderLine": first, "quantity": 3}]}})
    assert refused.value.where == {"o:errorPath": "item.items[0].quantity"}
    company.books.update("itemFulfillment", made, {"shipStatus": {"id": "C"}})
    assert letter(company, "salesOrder", order) == "F"


def test_an_order_is_not_cut_below_what_was_shipped(company: Company) -> None:
    order = company.books.create("salesOrder", company.order())
    company.books.transform("salesOrder", order, "itemFulfillment", {})
    first = numbers(company, order, "salesOrder")[0]
    with pytest.raises(Refused, match="less than what was already fulfilled"):
        company.books.update("salesOrder", order, {"item": {"items": [{"line": first, "quantity": 1}]}})


def test_charges_and_discounts_are_billed_and_never_shipped(company: Company) -> None:
    fee = company.books.create("otherChargeSaleItem", {"itemId": "HANDLING"})
    discount = company.books.create("discountItem", {"itemId": "TEN-OFF"})
    extra = [{"item": {"id": str(fee)}, "amount": 3}, {"item": {"id": str(discount)}, "amount": -1}]
    lines = company.order()["item"]["items"] + extra
    order = company.books.create("salesOrder", company.order(item={"items": lines}))
    made = company.books.transform("salesOrder", order, "itemFulfillment", {})
    assert len(company.books.get("itemFulfillment", made).rows("item")) == 2
    assert letter(company, "salesOrder", order) == "F"
    bill = company.books.transform("salesOrder", order, "cashSale", {})
    assert ledger(company, "cashSale", bill)["Sales Discounts"] == Decimal("1.00")
    assert letter(company, "salesOrder", order) == "G"


def test_tax_follows_the_part_that_is_billed(company: Company) -> None:
    body = company.order()
    body["item"]["items"][0]["taxDetailsReference"] = "W"
    body["item"]["items"][1]["taxDetailsReference"] = "G"
    taxes = [
        {"taxDetailsReference": "W", "taxBasis": 20, "taxAmount": Decimal("1.65")},
        {"taxDetailsReference": "G", "taxBasis": Decimal("5.55"), "taxAmount": Decimal("0.46")},
        {"taxAmount": Decimal("0.25")},
    ]
    order = company.books.create("salesOrder", body | {"taxDetails": {"items": taxes}})
    first, second = numbers(company, order, "salesOrder")
    part = {"item": {"items": [{"orderLine": first, "quantity": 1}, {"orderLine": second, "quantity": 0}]}}
    bills = [company.books.transform("salesOrder", order, "invoice", part)]
    bills.append(company.books.transform("salesOrder", order, "invoice", {}))
    billed = [company.books.get("invoice", made).number("taxTotal") for made in bills]
    assert billed == [Decimal("1.08"), Decimal("1.28")]  # 0.83 + 0.25, then 0.82 + 0.46
