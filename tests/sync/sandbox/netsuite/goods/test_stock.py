"""Stock: what moves it, what it costs, what orders have promised of it, and transfers between warehouses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sync.sandbox.netsuite.postings.transaction import postings
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company


def adjust(company: Company, *lines: dict[str, Any], **body: Any) -> int:
    """Enter an adjustment at the main warehouse against the clearing account."""
    start = {"account": company.ref("clearing"), "subsidiary": company.ref("us"), "adjLocation": company.ref("main")}
    return company.books.create("inventoryAdjustment", start | {"inventory": {"items": list(lines)}} | body)


def line(company: Company, quantity: int, cost: str | None = None, item: str = "widget") -> dict[str, Any]:
    row: dict[str, Any] = {"item": company.ref(item), "adjustQtyBy": quantity}
    return row | ({"unitCost": Decimal(cost)} if cost else {})


def at_main(company: Company, item: str = "widget") -> list[str]:
    """Return on hand, committed, available and back-ordered at the main warehouse."""
    return [str(value) for value in company.books.stock.at_place(company.ids[item], company.ids["main"]).values()]


def average(company: Company) -> Decimal:
    return company.books.get("inventoryItem", company.ids["widget"]).number("averageCost")


@pytest.fixture
def fba(company: Company) -> int:
    """A second warehouse of the same company."""
    return company.books.create("location", {"name": "Amazon FBA", "subsidiary": company.ref("us")})


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"item": "kit"}, "inventory.items[0].item"),
        ({"adjustQtyBy": 0}, "inventory.items[0]"),
        ({"unitCost": -1}, "inventory.items[0].unitCost"),
    ],
)
def test_what_cannot_be_adjusted_is_refused(company: Company, change: dict[str, Any], path: str) -> None:
    row = line(company, 1) | change
    if "item" in change:
        row["item"] = company.ref(change["item"])
    with pytest.raises(Refused) as refused:
        adjust(company, row)
    assert refused.value.where == {"o:errorPath": path}


def test_an_adjustment_needs_a_place(company: Company) -> None:
    with pytest.raises(Refused, match="Location"):
        adjust(company, line(company, 1), adjLocation=None)


def test_pieces_found_come_in_at_their_cost_and_move_the_average(company: Company) -> None:
    made = adjust(company, line(company, 10, "4.00"))
    adjust(company, line(company, 10, "6.00"))
    assert (average(company), at_main(company)[0]) == (Decimal("5"), "20")
    rows = postings(company.books, company.books.get("inventoryAdjustment", made))
    assert [str(row.ledger) for row in rows] == ["-40.00", "40.00"]
    sale = company.books.create("cashSale", company.order())
    cost = [row.ledger for row in postings(company.books, company.books.get("cashSale", sale)) if row.cogs]
    assert cost == [Decimal("10.00"), Decimal("-10.00")]
    assert company.books.get("inventoryAdjustment", made).number("estimatedTotalValue") == Decimal("40.00")


def test_a_saved_document_keeps_its_cost_when_it_is_edited_later(company: Company) -> None:
    adjust(company, line(company, 10, "4.00"))
    sale = company.books.create("cashSale", company.order())
    adjust(company, line(company, 10, "8.00"))
    company.books.update("cashSale", sale, {"memo": "read again"})
    cost = [row.ledger for row in postings(company.books, company.books.get("cashSale", sale)) if row.cogs]
    assert cost[0] == Decimal("8.00")


def test_a_new_quantity_counts_from_what_is_there(company: Company) -> None:
    adjust(company, line(company, 7, "4.00"))
    made = adjust(company, {"item": company.ref("widget"), "newQuantity": 3})
    assert company.books.get("inventoryAdjustment", made).rows("inventory")[0]["adjustQtyBy"] == Decimal(-4)
    assert at_main(company)[0] == "3"
    company.books.delete("inventoryAdjustment", made)
    assert at_main(company)[0] == "7"


def test_open_orders_commit_stock_and_the_rest_is_back_ordered(company: Company) -> None:
    adjust(company, line(company, 3, "4.00"))
    first = company.books.create("salesOrder", company.order())
    company.books.create("salesOrder", company.order())
    assert at_main(company) == ["3", "3", "0", "1"]
    company.books.transform("salesOrder", first, "itemFulfillment", {})
    assert at_main(company) == ["1", "1", "0", "1"]
    company.books.update("salesOrder", first + 0, {"memo": "shipped"})
    for order in company.books.records("salesOrder"):
        if order.fields["status"] == "B":
            company.books.update("salesOrder", order.id, {"orderStatus": {"id": "C"}})
    assert at_main(company) == ["1", "0", "1", "0"]


@pytest.mark.parametrize("stage", ["A", "B"])
def test_picked_and_packed_goods_are_still_on_the_shelf(company: Company, stage: str) -> None:
    order = company.books.create("salesOrder", company.order())
    made = company.books.transform("salesOrder", order, "itemFulfillment", {"shipStatus": {"id": stage}})
    assert at_main(company)[0] == "0"
    company.books.update("itemFulfillment", made, {"shipStatus": {"id": "C"}})
    assert at_main(company)[0] == "-2"


def test_a_shipped_kit_moves_its_members(company: Company) -> None:
    lines = {"items": [{"item": company.ref("kit"), "quantity": 3, "amount": 60}]}
    order = company.books.create("salesOrder", company.order(item=lines))
    made = company.books.transform("salesOrder", order, "itemFulfillment", {})
    assert (at_main(company)[0], at_main(company, "gadget")[0]) == ("-6", "-3")
    rows = postings(company.books, company.books.get("itemFulfillment", made))
    assert [str(row.ledger) for row in rows if row.ledger is not None] == ["-24.00", "24.00"]
    assert [row.kit_member_of for row in rows if row.ledger is not None] == [rows[1].id, None]


# ---------------------------------------------------------------------- transfers


def transfer(company: Company, to: int, quantity: int = 10) -> int:
    adjust(company, line(company, quantity, "4.00"))
    body = {
        "subsidiary": company.ref("us"),
        "location": company.ref("main"),
        "transferLocation": {"id": str(to)},
        "item": {"items": [{"item": company.ref("widget"), "quantity": quantity}]},
    }
    return company.books.create("transferOrder", body)


def test_kits_and_the_same_place_cannot_be_transferred(company: Company, fba: int) -> None:
    row = {"item": company.ref("kit"), "quantity": 1}
    body = {"subsidiary": company.ref("us"), "location": company.ref("main"), "item": {"items": [row]}}
    with pytest.raises(Refused) as refused:
        company.books.create("transferOrder", body | {"transferLocation": {"id": str(fba)}})
    assert refused.value.where == {"o:errorPath": "item.items[0].item"}
    with pytest.raises(Refused) as refused:
        company.books.create("transferOrder", body | {"transferLocation": company.ref("main")})
    assert refused.value.where == {"o:errorPath": "transferLocation"}


@pytest.mark.proves("N31")
def test_more_than_was_sent_cannot_be_received(company: Company, fba: int) -> None:
    order = transfer(company, fba)
    with pytest.raises(Refused, match="can not initialize itemreceipt"):
        company.books.transform("transferOrder", order, "itemReceipt", {})
    sent = {"item": {"items": [{"orderLine": 1, "quantity": 6}]}}
    company.books.transform("transferOrder", order, "itemFulfillment", sent)
    with pytest.raises(Refused) as refused:
        company.books.transform(
            "transferOrder", order, "itemReceipt", {"item": {"items": [{"orderLine": 1, "quantity": 7}]}}
        )
    assert refused.value.where == {"o:errorPath": "item.items[0].quantity"}


def test_goods_in_transit_belong_to_neither_warehouse(company: Company, fba: int) -> None:
    order = transfer(company, fba)
    letters = [company.books.get("transferOrder", order).text("status")]
    sent = {"item": {"items": [{"orderLine": 1, "quantity": 6}]}}
    shipped = company.books.transform("transferOrder", order, "itemFulfillment", sent)
    letters.append(company.books.get("transferOrder", order).text("status"))
    there = company.books.stock.on_hand[company.ids["widget"], fba]
    assert (at_main(company)[0], there) == ("4", 0)
    rows = postings(company.books, company.books.get("itemFulfillment", shipped))
    names = [company.books.get("account", row.account or 0).text("acctName") for row in rows if row.ledger is not None]
    assert names == ["Inventory Asset", "Inventory In Transit"]
    company.books.transform("transferOrder", order, "itemReceipt", {})
    letters.append(company.books.get("transferOrder", order).text("status"))
    company.books.transform("transferOrder", order, "itemFulfillment", {})
    letters.append(company.books.get("transferOrder", order).text("status"))
    company.books.transform("transferOrder", order, "itemReceipt", {})
    letters.append(company.books.get("transferOrder", order).text("status"))
    assert letters == ["B", "E", "D", "F", "G"]
    assert (at_main(company)[0], company.books.stock.on_hand[company.ids["widget"], fba]) == ("0", 10)
    assert average(company) == Decimal("4")
