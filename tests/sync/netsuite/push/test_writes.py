"""Operations: intents that cannot be written, bodies as they are sent, refusals that need a second look."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from sync.errors import BadInput, ContractBroken, InDoubt, Rejected, Transient
from sync.netsuite import PushSettings, TaxEngine, handlers
from sync.netsuite.compare import compare_journal, compare_sales_order
from sync.netsuite.push import WriteHandler
from sync.transport import write_json
from tests.sync.netsuite.conftest import SUITEQL, Tables, envelope

ORDER = {
    "external_id": "AMZ-113-1",
    "other_reference": "113-1",
    "customer": {"id": "9"},
    "date": "2026-11-18",
    "subsidiary_id": "2",
    "currency": "USD",
    "lines": [{"item_id": "11", "quantity": "3", "rate": "11.11", "amount": "33.33"}],
}
FULL_ORDER = {
    **ORDER,
    "location_id": "5",
    "class_id": 3,
    "ship_method": "77",
    "ship_by": "2026-11-21",
    "shipping_cost": "4.9900",
    "discount_amount": "2.50",
    "discount_item_id": "31",
    "address": {"name": "Zoë", "address1": "1 Main St", "region": "NV", "country": "US"},
    "lines": [
        {**ORDER["lines"][0], "line_ref": "L-1", "is_tax_exempt": True, "description": "Widget"},
        {"item_id": "12", "quantity": "7", "rate": "14.2857142857", "amount": "100.00", "is_tax_exempt": True},
    ],
}
TAXED = {**ORDER, "lines": [{**ORDER["lines"][0], "tax_amount": "1.00"}]}
JOURNAL = {
    "external_id": "AMZ-SETTLE-1-202611",
    "date": "2026-11-15",
    "subsidiary_id": "2",
    "currency": "USD",
    "lines": [
        {"account_id": "40", "debit": "85.27", "memo": "payout"},
        {"account_id": "50", "debit": "14.73"},
        {"account_id": "60", "credit": "100.00"},
    ],
}
CUSTOMER = {"external_id": "AMZ-CUST-1", "kind": "person", "first_name": "Zoë", "last_name": "Müller"}


def writer(client, kind: str, **settings: object) -> WriteHandler:
    found = next(h for h in handlers(client, PushSettings(**settings)) if h.kind == kind)
    assert isinstance(found, WriteHandler)
    return found


def twice(**line: str) -> dict[str, object]:
    return {**JOURNAL, "lines": [line, line]}


def nobody(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"nothing may be sent: {request.url}")


@pytest.mark.parametrize(
    ("kind", "intent", "field", "why"),
    [
        ("sales_order.create", {**ORDER, "lines": []}, "lines", "at least 1"),
        ("sales_order.create", {**ORDER, "external_id": "a|b"}, "external_id", "match"),
        ("sales_order.create", {**ORDER, "customer": {}}, "customer", "by id or by external_id"),
        ("sales_order.create", {**ORDER, "currency": "dollars"}, "currency", "match"),
        ("sales_order.create", {**ORDER, "colour": "red"}, "colour", "not permitted"),
        ("sales_order.create", {**ORDER, "date": "18.11.2026"}, "date", "date"),
        ("sales_order.create", {**ORDER, "discount_amount": "1.00"}, "", "discount_item_id"),
        ("sales_order.create", {**ORDER, "shipping_cost": 4.99}, "shipping_cost", "float"),
        ("sales_order.create", {**ORDER, "shipping_cost": "NaN"}, "shipping_cost", "finite"),
        ("sales_order.create", {**ORDER, "shipping_cost": "0.00001"}, "shipping_cost", "4 decimal"),
        ("sales_order.create", TAXED, "lines.0.tax_amount", "SuiteTax"),
        ("journal_entry.create", {**JOURNAL, "lines": JOURNAL["lines"][:2]}, "", "differ by 100"),
        ("journal_entry.create", {**JOURNAL, "lines": JOURNAL["lines"][:1]}, "lines", "at least 2"),
        ("journal_entry.create", twice(account_id="1"), "lines.0", "a debit or a credit"),
        ("journal_entry.create", twice(account_id="1", debit="1", credit="1"), "lines.0", "a debit or a credit"),
        ("journal_entry.create", twice(account_id="1", debit="-1"), "lines.0.debit", "greater"),
        ("journal_entry.create", twice(account_id="4;0", debit="1"), "lines.0.account_id", "match"),
        ("customer.create", {**CUSTOMER, "last_name": None}, "", "first_name and last_name"),
        ("customer.create", {**CUSTOMER, "kind": "company"}, "", "company_name"),
        ("customer.create", {**CUSTOMER, "address": {"country": "USA"}}, "address.country", "match"),
    ],
)  # fmt: skip
def test_an_intent_that_cannot_be_written_names_its_field(netsuite, kind, intent, field, why):
    with pytest.raises(BadInput, match=why) as caught:
        writer(netsuite(nobody), kind).render(intent)
    assert (caught.value.column or "") == field


def test_a_sales_order_becomes_this_request(netsuite):
    rendered = writer(netsuite(nobody), "sales_order.create", line_ref_field="custcol_line").render(FULL_ORDER)
    assert (rendered.method, rendered.path) == ("PUT", "/record/v1/salesOrder/eid:AMZ-113-1")
    assert rendered.body == {
        "externalId": "AMZ-113-1",
        "entity": {"id": "9"},
        "tranDate": "2026-11-18",
        "otherRefNum": "113-1",
        "orderStatus": {"id": "B"},
        "subsidiary": {"id": "2"},
        "location": {"id": "5"},
        "class": {"id": "3"},
        "currency": {"refName": "USD"},
        "shipMethod": {"id": "77"},
        "shipDate": "2026-11-21",
        "shippingAddress": {"addressee": "Zoë", "addr1": "1 Main St", "state": "NV", "country": {"id": "US"}},
        "shippingCost": Decimal("4.9900"),
        "discountItem": {"id": "31"},
        "discountRate": Decimal("-2.50"),
        "item": {
            "items": [
                {
                    "item": {"id": "11"},
                    "quantity": Decimal(3),
                    "price": {"id": "-1"},
                    "rate": Decimal("11.11"),
                    "amount": Decimal("33.33"),
                    "description": "Widget",
                    "isTaxable": False,
                    "custcol_line": "L-1",
                },
                # 7 × 14.2857142857 is not 100.00: with the rate NetSuite would compute another amount.
                {
                    "item": {"id": "12"},
                    "quantity": Decimal(7),
                    "price": {"id": "-1"},
                    "amount": Decimal("100.00"),
                    "isTaxable": False,
                },
            ]
        },
    }
    assert b'"shippingCost":4.9900' in write_json(rendered.body)


def test_tax_of_the_channel_is_written_to_the_cent_where_the_account_has_suitetax(netsuite):
    intent = {**ORDER, "lines": [*ORDER["lines"], {**ORDER["lines"][0], "tax_amount": "2.75"}]}
    orders = writer(netsuite(nobody), "sales_order.create", tax=TaxEngine("17", "3"))
    body = orders.render(intent).body
    assert body["taxDetailsOverride"] is True
    assert body["taxDetails"]["items"] == [
        {
            "taxDetailsReference": "line-2",
            "taxBasis": Decimal("33.33"),
            "taxRate": Decimal("8.2508"),
            "taxAmount": Decimal("2.75"),
            "taxCode": {"id": "17"},
            "taxType": {"id": "3"},
        }
    ]
    assert [line.get("taxDetailsReference") for line in body["item"]["items"]] == [None, "line-2"]


def test_a_journal_becomes_this_request(netsuite):
    intent = {**JOURNAL, "period": "7", "exchange_rate": "1.0917", "memo": "Settlement"}
    rendered = writer(netsuite(nobody), "journal_entry.create").render(intent)
    assert (rendered.method, rendered.path) == ("PUT", "/record/v1/journalEntry/eid:AMZ-SETTLE-1-202611")
    assert rendered.body == {
        "externalId": "AMZ-SETTLE-1-202611",
        "tranDate": "2026-11-15",
        "subsidiary": {"id": "2"},
        "currency": {"refName": "USD"},
        "exchangeRate": Decimal("1.0917"),
        "memo": "Settlement",
        "postingPeriod": {"id": "7"},
        "line": {
            "items": [
                {"account": {"id": "40"}, "debit": Decimal("85.27"), "memo": "payout"},
                {"account": {"id": "50"}, "debit": Decimal("14.73")},
                {"account": {"id": "60"}, "credit": Decimal("100.00")},
            ]
        },
    }


class Account(Tables):
    """Tables with a record service that answers writes from a list."""

    def __init__(self, *writes: httpx.Response, **tables: list[dict[str, str]]) -> None:
        currency = [{"id": "4", "symbol": "USD"}]
        lines = {"transactionline": [], "transactionaccountingline": []}
        super().__init__(**{"currency": currency, "transaction": [], "customer": [], **lines, **tables})
        self.writes, self.bodies = list(writes), []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith(SUITEQL):
            return super().__call__(request)
        self.bodies.append(json.loads(request.content) if request.content else None)
        return self.writes.pop(0)


WRITTEN = httpx.Response(204, headers={"location": "https://x/services/rest/record/v1/salesOrder/647"})
CLASH = envelope(400, "USER_ERROR", "Error while accessing a resource. This entity already exists.")


async def test_a_currency_that_the_account_lacks_is_refused_before_sending(netsuite):
    account = Account()
    with pytest.raises(Rejected, match="nothing was sent: NetSuite has no currency EUR"):
        await writer(netsuite(account), "journal_entry.create").send({**JOURNAL, "currency": "EUR"})
    assert account.bodies == []


async def test_the_currency_is_sent_by_its_id_and_shown_so_after_the_first_contact(netsuite):
    account = Account(WRITTEN)
    orders = writer(netsuite(account), "sales_order.create")
    assert (await orders.send(ORDER)).target_id == "647"
    assert account.bodies[0]["currency"] == {"id": "4"}
    assert orders.render(ORDER).body["currency"] == {"id": "4"}


@pytest.mark.proves("N10")
async def test_already_exists_of_another_record_is_for_a_person(netsuite):
    account = Account(CLASH)
    with pytest.raises(Rejected, match="Another record has this name"):
        await writer(netsuite(account), "customer.create").send(CUSTOMER)
    assert len(account.bodies) == 1


@pytest.mark.proves("N10")
async def test_already_exists_of_the_target_itself_is_in_doubt_and_found(netsuite):
    there = {"id": "5", "entityid": "Zoë Müller", "externalid": "AMZ-CUST-1", "firstname": "Zoë", "lastname": "Müller"}
    account = Account(CLASH, customer=[there])
    customers = writer(netsuite(account), "customer.create")
    with pytest.raises(InDoubt):
        await customers.send(CUSTOMER)
    found = await customers.look(CUSTOMER)
    assert found is not None
    assert (found.target_id, customers.compare(CUSTOMER, found.record)) == ("5", [])


def stored(number: str, **more: str) -> dict[str, str]:
    base = {"id": number, "type": "SalesOrd", "trandate": "2026-11-18", "lastmodifieddate": "2026-11-18 10:00:00"}
    return {**base, "status": "B", "otherrefnum": "113-1", "currency": "4", **more}


async def test_a_cancelled_order_with_the_same_reference_is_not_the_target(netsuite):
    account = Account(transaction=[stored("1", status="C"), stored("2")])
    found = await writer(netsuite(account), "sales_order.create").look(ORDER)
    assert found is not None
    assert found.target_id == "2"
    account.tables["transaction"].pop()
    assert await writer(netsuite(account), "sales_order.create").look(ORDER) is None


async def test_without_a_column_for_the_external_id_the_record_is_asked_by_address(netsuite):
    account = Account(httpx.Response(200, json={"id": "3"}), transaction=[stored("3")])
    account.hidden = {"transaction.externalid": 400}
    orders = writer(netsuite(account), "sales_order.create")
    found = await orders.look(ORDER)
    assert found is not None
    assert found.target_id == "3"
    assert "external_id" not in found.record
    account.writes = [envelope(404, "NONEXISTENT_ID", "Record does not exist.")] * 2
    found = await orders.look(ORDER)
    assert found is not None, "the channel's order number still finds it"
    account.tables["transaction"].clear()
    assert await orders.look(ORDER) is None


async def test_a_target_that_is_gone_cannot_be_read_back(netsuite):
    gone = Account(envelope(404, "NONEXISTENT_ID", "Record does not exist."))
    with pytest.raises(ContractBroken, match="it is not there"):
        await writer(netsuite(gone), "sales_order.create").read_back("99")


@pytest.mark.parametrize("answer", [httpx.Response(200, json={"id": "99"}), envelope(400, "USER_ERROR", "locked")])
async def test_a_target_that_no_query_shows_yet_is_read_back_later(netsuite, answer):
    with pytest.raises(Transient, match="no query shows it yet") as caught:
        await writer(netsuite(Account(answer)), "sales_order.create").read_back("99")
    assert caught.value.wait_s == 30


def line(item: str, quantity: str, amount: str) -> dict[str, str]:
    return {"item_id": item, "quantity": quantity, "amount": amount}


@pytest.mark.parametrize(
    ("sent", "now", "fields"),
    [
        ([line("1", "2", "10.00")], [line("1", "2", "10")], []),
        ([line("1", "2", "10.00")], [line("1", "2", "10.01")], ["lines.0.amount"]),
        ([line("1", "2", "10.00")], [line("2", "2", "10.00")], ["lines.0", "lines"]),
        ([line("1", "2", "10.00")], [], ["lines.0"]),
        ([line("1", "1", "5"), line("2", "1", "7")], [line("2", "1", "7"), line("1", "1", "5")], []),
        ([line("1", "1", "5"), line("1", "1", "5")], [line("1", "1", "5")], ["lines.1"]),
        ([line("1", "1", "5")], [line("1", "1", "5"), line("1", "1", "5")], ["lines"]),
    ],
)
def test_order_lines_are_compared_whatever_their_order(sent, now, fields):
    found = compare_sales_order({"lines": sent}, {"lines": now})
    assert [d["field"] for d in found] == fields


def test_shipping_and_discount_come_back_as_lines_and_are_no_surprise():
    intent = {"lines": [line("1", "1", "5")], "shipping_cost": "4.99", "discount_amount": "1.00"}
    extra = [{"item_id": None, "amount": "4.99"}, {"item_id": "31", "amount": "-1"}]
    assert compare_sales_order(intent, {"lines": [line("1", "1", "5"), *extra]}) == []
    assert len(compare_sales_order({**intent, "shipping_cost": "5.00"}, {"lines": [line("1", "1", "5"), *extra]})) == 1


def test_a_journal_changed_by_a_cent_or_a_line_is_seen():
    record = {"lines": [{"account_id": "40", "debit": "85.28", "credit": None}]}
    found = compare_journal(
        {"lines": [{"account_id": "40", "debit": "85.27"}, {"account_id": "6", "credit": "1"}]}, record
    )
    assert [(d["field"], d["sent"], d["now"]) for d in found] == [
        ("lines", "2 lines", "1 lines"),
        ("lines.0.debit", "85.27", "85.28"),
    ]
