"""What SuiteQL shows of the company's documents beside their lines: chain, stock, addresses, parcels, deletions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync.sandbox.netsuite.query.tables import QueryTables
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.engine import QueryEngine
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import Company, found

ADDRESS = {"addressee": "Ada Byron", "addr1": "1 Main St", "city": "Köln", "zip": "50667", "country": {"id": "DE"}}


class Desk:
    """The tables of a company, brought up to date before each question."""

    def __init__(self, company: Company) -> None:
        self.tables = QueryTables(company.books)
        self.engine = QueryEngine(
            self.tables.connection,
            self.tables.catalog,
            local_now=lambda: company.clock.now().astimezone(company.books.zone).replace(tzinfo=None),
        )

    def rows(self, query: str, *params: str) -> list[dict[str, str]]:
        self.tables.refresh()
        return list(self.engine.run(query, params).rows)

    def reason(self, query: str) -> str:
        with pytest.raises(Refused) as refused:
            self.rows(query)
        return refused.value.detail.removeprefix("Invalid search query. Detailed unprocessed description follows. ")


@pytest.fixture
def desk(company: Company) -> Desk:
    return Desk(company)


def shipped(company: Company) -> tuple[int, int, int]:
    """Return an order, its fulfilment with two parcels, and its invoice."""
    books = company.books
    order = books.create("salesOrder", company.order(shippingAddress=ADDRESS))
    parcels = [{"packageTrackingNumber": "1Z-A", "packageWeight": 2}, {"packageTrackingNumber": "1Z-B"}]
    fulfilment = books.transform("salesOrder", order, "itemFulfillment", {"package": {"items": parcels}})
    return order, fulfilment, books.transform("salesOrder", order, "invoice", {})


@pytest.mark.parametrize("name", ["inventorybalance", "InventoryBalance"])
def test_a_table_that_the_role_does_not_see_is_not_found(desk: Desk, name: str) -> None:
    text = "Search error occurred: Record 'inventorybalance' was not found."
    assert desk.reason(f"SELECT item FROM {name}") == text


def test_a_role_can_be_kept_from_customers() -> None:
    company = found(AccountSettings(hidden_tables=("customer",)))
    company.books.create("salesOrder", company.order())
    desk = Desk(company)
    joined = "SELECT t.id, c.entityid FROM transaction t JOIN customer c ON c.id = t.entity"
    assert desk.reason(joined) == "Search error occurred: Record 'customer' was not found."
    # What the role cannot see has no display text either: the id is shown.
    assert desk.rows("SELECT BUILTIN.DF(entity) AS e FROM transaction") == [{"e": str(company.ids["buyer"])}]


@pytest.mark.proves("N38")
def test_what_was_deleted_is_named_with_its_kind(company: Company, desk: Desk) -> None:
    _, _, invoice = shipped(company)
    customer = company.books.create("customer", {"companyName": "Short", "subsidiary": company.ref("us")})
    company.clock.advance(60)
    company.books.delete("invoice", invoice)
    company.books.delete("customer", customer)
    query = "SELECT type, recordid, TO_CHAR(deleteddate, 'HH24:MI') AS at FROM deletedrecord ORDER BY type"
    assert desk.rows(query) == [
        {"type": "customer", "recordid": str(customer), "at": "10:31"},
        {"type": "invoice", "recordid": str(invoice), "at": "10:31"},
    ]
    assert desk.rows("SELECT nextdoc FROM nexttransactionlink WHERE nextdoc = ?", str(invoice)) == []


def test_the_chain_leads_from_order_to_refund(company: Company, desk: Desk) -> None:
    order, fulfilment, invoice = shipped(company)
    books = company.books
    payment = books.transform("invoice", invoice, "customerPayment", {"payment": Decimal("5")})
    rma = books.transform("invoice", invoice, "returnAuthorization", {})
    receipt = books.transform("returnAuthorization", rma, "itemReceipt", {})
    rows = {"items": [{"doc": {"id": str(invoice)}, "apply": True, "amount": Decimal("20.55")}]}
    credit = books.transform("returnAuthorization", rma, "creditMemo", {"apply": rows})
    deposit = books.create(
        "deposit",
        {"account": company.ref("bank"), "subsidiary": company.ref("us"), "payment": {"items": [{"id": payment}]}},
    )
    found_ = desk.rows("SELECT previousdoc, nextdoc, linktype FROM nexttransactionlink ORDER BY nextdoc, previousdoc")
    assert [(int(r["previousdoc"]), int(r["nextdoc"]), r["linktype"]) for r in found_] == [
        (order, fulfilment, "ShipRcpt"),
        (order, invoice, "OrdBill"),
        (invoice, payment, "Payment"),
        (invoice, rma, "SaleRet"),
        (rma, receipt, "ShipRcpt"),
        (invoice, credit, "Payment"),
        (rma, credit, "OrdBill"),
        (payment, deposit, "DepAppl"),
    ]
    lines = desk.rows("SELECT previousline, nextline FROM previoustransactionlinelink WHERE nextdoc = ?", str(invoice))
    numbers = [str(row["line"]) for row in books.get("salesOrder", order).rows("item")]
    assert sorted(row["previousline"] for row in lines) == numbers


def test_open_amounts_and_letters_of_every_kind(company: Company, desk: Desk) -> None:
    _, _, invoice = shipped(company)
    company.books.transform("invoice", invoice, "customerPayment", {"payment": Decimal("30")})
    query = """SELECT type, BUILTIN.DF(status) AS s, foreigntotal, foreignamountunpaid, BUILTIN.DF(entity) AS e
               FROM transaction ORDER BY id"""
    assert desk.rows(query) == [
        {"type": "SalesOrd", "s": "Sales Order : Billed", "foreigntotal": "25.55", "e": "Amazon US"},
        {"type": "ItemShip", "s": "Item Fulfillment : Shipped", "e": "Amazon US"},
        {
            "type": "CustInvc",
            "s": "Invoice : Paid In Full",
            "foreigntotal": "25.55",
            "foreignamountunpaid": "0",
            "e": "Amazon US",
        },
        {
            "type": "CustPymt",
            "s": "Payment : Not Deposited",
            "foreigntotal": "30",
            "foreignamountunpaid": "4.45",
            "e": "Amazon US",
        },
    ]


def test_a_credit_has_a_positive_header_and_positive_goods(company: Company, desk: Desk) -> None:
    company.books.create("creditMemo", company.order())
    query = """SELECT t.foreigntotal AS total, l.mainline AS m, l.quantity AS q, l.netamount AS n
               FROM transaction t JOIN transactionline l ON l.transaction = t.id
               WHERE l.iscogs = 'F' ORDER BY l.id"""
    assert desk.rows(query) == [
        {"total": "25.55", "m": "T", "n": "-25.55"},
        {"total": "25.55", "m": "F", "q": "2", "n": "20"},
        {"total": "25.55", "m": "F", "q": "1", "n": "5.55"},
    ]


def test_stock_by_place_follows_its_documents(company: Company, desk: Desk) -> None:
    query = """SELECT quantityonhand AS h, quantityavailable AS a, TO_CHAR(lastquantityavailablechange, 'HH24:MI') AS c
               FROM inventoryitemlocations WHERE item = ? AND location = ?"""
    place = (str(company.ids["widget"]), str(company.ids["main"]))
    assert desk.rows(query, *place) == [{"h": "0", "a": "0"}]
    row = {"item": company.ref("widget"), "adjustQtyBy": 5, "location": company.ref("main")}
    body = {"account": company.ref("clearing"), "subsidiary": company.ref("us"), "inventory": {"items": [row]}}
    made = company.books.create("inventoryAdjustment", body)
    company.books.create("salesOrder", company.order())
    assert desk.rows(query, *place) == [{"h": "5", "a": "3", "c": "10:30"}]
    assert desk.rows(query.replace("inventoryitemlocations", "aggregateItemLocation"), *place)[0]["h"] == "5"
    company.books.delete("inventoryAdjustment", made)
    assert desk.rows(query, *place)[0]["h"] == "0"
    assert desk.rows("SELECT item FROM inventoryitemlocations WHERE item = ?", str(company.ids["kit"])) == []


def test_addresses_are_found_by_their_key(company: Company, desk: Desk) -> None:
    order, _, _ = shipped(company)
    query = """SELECT a.addressee, a.city, a.country FROM transaction t
               JOIN transactionshippingaddress a ON a.nkey = t.shippingaddress WHERE t.id = ?"""
    whole = [{"addressee": "Ada Byron", "city": "Köln", "country": "DE"}]
    assert desk.rows(query, str(order)) == whole
    rows = {"items": [{"addressBookAddress": ADDRESS, "defaultShipping": True}]}
    names = {"companyName": "Byron", "subsidiary": company.ref("us"), "addressBook": rows}
    customer = company.books.create("customer", names)
    query = """SELECT a.addressee, a.city, a.country FROM customer c
               JOIN entityaddress a ON a.nkey = c.defaultshippingaddress WHERE c.id = ?"""
    assert desk.rows(query, str(customer)) == whole


def test_parcels_are_found_from_their_fulfilment(company: Company, desk: Desk) -> None:
    _, fulfilment, _ = shipped(company)
    query = """SELECT n.trackingnumber AS n FROM trackingnumbermap m
               JOIN trackingnumber n ON n.id = m.trackingnumber WHERE m.transaction = ? ORDER BY n.trackingnumber"""
    assert desk.rows(query, str(fulfilment)) == [{"n": "1Z-A"}, {"n": "1Z-B"}]
    weights = desk.rows("SELECT weight FROM transactionshipment WHERE doc = ? ORDER BY id", str(fulfilment))
    assert weights == [{"weight": "2"}, {}]
    change = {"items": [{"packageTrackingNumber": "1Z-C"}]}
    company.books.update("itemFulfillment", fulfilment, {"package": change}, replace=["package"])
    assert desk.rows(query, str(fulfilment)) == [{"n": "1Z-C"}]


def test_custom_fields_are_listed_by_where_they_stand(desk: Desk) -> None:
    rows = desk.rows("SELECT scriptid, fieldtype FROM customfield ORDER BY internalid")
    assert rows[0] == {"scriptid": "CUSTBODY_FA_CHANNEL_ORDER", "fieldtype": "Transaction Body"}
    assert {"scriptid": "CUSTCOL_CHANNEL_LINE_ID", "fieldtype": "Transaction Column"} in rows


def test_a_second_book_doubles_the_entries_and_not_the_lines() -> None:
    company = found(AccountSettings(multi_book=True))
    company.books.create("cashSale", company.order())
    desk = Desk(company)
    query = "SELECT accountingbook AS b, SUM(debit) AS d FROM transactionaccountingline GROUP BY accountingbook"
    assert sorted((row["b"], row["d"]) for row in desk.rows(query)) == [("1", "33.55"), ("2", "33.55")]
    assert desk.rows("SELECT COUNT(*) AS n FROM transactionline WHERE mainline = 'T'") == [{"n": "1"}]
