"""Intents that cannot be written name their field; lines taken from a source are counted."""

from __future__ import annotations

from decimal import Decimal

import httpx
import pytest

from sync.errors import BadInput
from sync.netsuite.bodies import LineProblem, SourceRow, read_rows
from sync.netsuite.bodies.taken import taken_lines
from sync.netsuite.intents import ReceiptLine, SourceLine
from sync.netsuite.push import handlers

OWN = {"external_id": "A-1", "date": "2026-11-18"}
LINE = {"item_id": "11", "quantity": "1", "amount": "5.00"}
ORDER = {"kind": "sales_order", "id": "7"}
BACK = {**OWN, "reverses_id": "7", "reverses_number": "JE-7", "lines": [
    {"account_id": "1", "debit": "5.00"}, {"account_id": "2", "credit": "5.00"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "intent", "why"),
    [
        ("cash_sale.create", OWN, "needs customer and lines"),
        ("cash_sale.create", {**OWN, "customer": {"id": "9"}}, "needs customer and lines"),
        ("cash_sale.create", {**OWN, "source": ORDER, "lines": [LINE]}, "takes customer and lines from it"),
        ("cash_sale.create", {**OWN, "source": ORDER, "to_undeposited_funds": True, "account_id": "4"}, "not to both"),
        ("cash_sale.create", {**OWN, "source": {"kind": "invoice", "id": "7"}}, "not from invoice"),
        ("cash_sale.create", {**OWN, "source": {"kind": "sales_order"}}, "by id or by external_id"),
        ("invoice.create", {**OWN, "source": {**ORDER, "external_id": "x"}}, "by id or by external_id"),
        ("invoice.create", {**OWN, "customer": {"id": "9"}, "lines": [LINE], "discount_amount": "1"}, "discount_item"),
        ("fulfillment.create", {**OWN, "source": ORDER, "lines": []}, "at least 1"),
        ("fulfillment.create", {**OWN, "source": ORDER, "lines": [{}]}, "line_id, by item_id"),
        ("fulfillment.create", {**OWN, "source": ORDER, "lines": [{"line_id": "1", "quantity": "0"}]}, "greater"),
        ("fulfillment.create", {**OWN, "source": ORDER, "lines": [{"line_id": "1"}], "status": "gone"}, "picked"),
        ("item_receipt.create", {**OWN, "source": ORDER, "lines": [{"line_id": "1"}]}, "not from sales_order"),
        ("customer_payment.create", {**OWN, "source": ORDER, "amount": "5"}, "not from sales_order"),
        ("customer_payment.create", {**OWN, "source": {"kind": "invoice", "id": "7"}, "amount": "0"}, "greater"),
        (
            "customer_payment.create",
            {**OWN, "source": {"kind": "invoice", "id": "7"}, "amount": "5", "applied": "6"},
            "no more can be applied than is paid",
        ),
        ("return_authorization.create", {**OWN, "source": ORDER, "period": "9"}, "does not post"),
        ("return_authorization.create", OWN, "needs customer and lines"),
        ("credit_memo.create", {**OWN, "source": ORDER}, "not from sales_order"),
        ("credit_memo.create", {**OWN, "source": {"kind": "invoice", "id": "7"}, "applies_to": [
            {"document_id": "7", "amount": "-1"}]}, "greater"),
        ("cash_refund.create", {**OWN, "source": {"kind": "invoice", "id": "7"}}, "not from invoice"),
        ("customer_refund.create", {**OWN, "customer": {"id": "9"}, "account_id": "4", "payment_method_id": "1",
                                    "applies_to": []}, "at least 1"),
        ("deposit.create", {**OWN, "account_id": "4", "total": "5.00"}, "needs payments or others"),
        ("deposit.create", {**OWN, "account_id": "4", "total": "5.01", "payments": [
            {"document_id": "7", "amount": "5.00"}]}, "add to 5.00, the deposit's total is 5.01"),
        ("inventory_adjustment.create", {**OWN, "account_id": "4", "lines": [
            {"item_id": "1", "location_id": "2", "quantity": "0"}]}, "of nothing"),
        ("journal_entry.reverse", {k: v for k, v in BACK.items() if k != "reverses_id"}, "required"),
        ("document.void", {**BACK, "document_kind": "sales_order"}, "customer_payment"),
    ],
)  # fmt: skip
def test_an_intent_that_cannot_be_written_says_why(netsuite, kind, intent, why):
    handler = next(h for h in handlers(netsuite(lambda r: httpx.Response(500))) if h.kind == kind)
    with pytest.raises(BadInput, match=why):
        handler.render(intent)


def row(line: str, item: str = "11", quantity: str = "5", left: str | None = "5", closed: bool = False) -> SourceRow:
    return SourceRow(line, item, Decimal(quantity), None if left is None else Decimal(left), closed)


ROWS = [row("1"), row("4", left="2"), row("6", item="12"), row("9", item="13", left="0"), row("11", closed=True)]


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ([SourceLine(line_id="2")], "line 2 is not on the source document"),
        ([SourceLine(line_id="1", item_id="12")], "line 1, item 12 is not on the source"),
        ([SourceLine(item_id="99")], "item 99 is not on the source"),
        ([SourceLine(line_id="1"), SourceLine(line_id="1")], "line 1 is not on the source"),
        ([SourceLine(line_id="4", quantity=Decimal(3))], "3 of line 4 are to be taken, 2 of 5 are left"),
        ([SourceLine(line_id="9")], "nothing is left of line 9"),
        ([SourceLine(item_id="13")], "item 13 is not on the source"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named(named, why):
    with pytest.raises(LineProblem, match=why):
        taken_lines(named, ROWS, leave="itemReceive")


@pytest.mark.proves("N35")
def test_every_open_line_is_named_and_those_left_out_are_left_out_explicitly():
    named = [SourceLine(line_id="4"), SourceLine(item_id="12", quantity=Decimal(3))]
    assert taken_lines(named, ROWS, leave="itemReceive") == [
        {"orderLine": 1, "itemReceive": False},
        {"orderLine": 4, "quantity": Decimal(2), "itemReceive": True},
        {"orderLine": 6, "quantity": Decimal(3), "itemReceive": True},
    ]
    assert taken_lines(named[:1], ROWS, leave="quantity") == [
        {"orderLine": 1, "quantity": 0},
        {"orderLine": 4, "quantity": Decimal(2)},
        {"orderLine": 6, "quantity": 0},
    ]


def test_an_item_that_stands_on_two_lines_is_taken_from_the_one_that_has_enough():
    [first, second, *_] = taken_lines([SourceLine(item_id="11", quantity=Decimal(4))], [row("4", left="2"), row("7")],
                                      leave="itemReceive")  # fmt: skip
    assert (first["itemReceive"], second["orderLine"], second["quantity"]) == (False, 7, Decimal(4))


@pytest.mark.proves("N31")
def test_more_than_is_left_is_capped_where_that_is_wanted():
    line = ReceiptLine(line_id="4", quantity=Decimal(9), restock=False)
    [_, taken, _] = taken_lines([line], ROWS, leave="itemReceive", cap=True)
    assert taken == {"orderLine": 4, "quantity": Decimal(2), "itemReceive": True, "restock": False}


@pytest.mark.parametrize("entry", [{}, {"line": None}, {"line": 1, "quantity": "many"}])
def test_a_source_line_that_cannot_be_read_is_told(entry):
    with pytest.raises(LineProblem):
        read_rows([entry], "quantityBilled")


def test_what_was_taken_before_is_counted_off():
    rows = read_rows([{"line": 3, "item": {"id": "11"}, "quantity": Decimal(5), "quantityBilled": 2}], "quantityBilled")
    assert rows == [SourceRow("3", "11", Decimal(5), Decimal(3))]
