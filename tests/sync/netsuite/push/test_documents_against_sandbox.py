"""Every kind of write over real HTTP: what is refused or differs first, then each document to the cent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from sync.errors import InDoubt, Rejected
from sync.outbox.drain import drain
from sync.outbox.operations import PlannedOperation
from sync.store.store import Store
from tests.sync.netsuite.town import Town, visiting


async def order_of(town: Town, *lines: dict[str, object]) -> tuple[str, list[str]]:
    """Write an order; return its id and the ids of its lines."""
    number, record = await town.write("sales_order.create", town.order(*lines))
    return number, [line["line_id"] for line in record["lines"]]


@pytest.mark.proves("N35")
async def test_lines_that_nobody_named_stay_open_whatever_their_numbers(town):
    order, lines = await order_of(town, town.goods(), town.goods("2", "22.22"), town.goods("5", "55.55"))
    numbers = [int(line) for line in lines]
    assert numbers != list(range(1, len(numbers) + 1)), "the stand-in leaves gaps, as NetSuite does"
    intent = town.own(
        "IF", "sales_order", order, lines=[{"line_id": lines[1], "item_id": town.ids["SKU-A"], "quantity": "1"}]
    )
    _, record = await town.write("fulfillment.create", intent)
    assert [(line["quantity"], line["item_id"]) for line in record["lines"]] == [("1", town.ids["SKU-A"])]
    left = await town.client.sublist("salesOrder", order, "item")
    assert [line["quantityFulfilled"] for line in left] == [0, 1, 0]


@pytest.mark.proves("N31")
async def test_more_than_is_left_is_refused_before_anything_is_sent_or_capped_and_told(town):
    invoice, _ = await town.write("invoice.create", town.head("INV", lines=[town.goods("3", "30.00")]))
    leave, _ = await town.write(
        "return_authorization.create",
        town.own("RMA", "invoice", invoice, source_lines=[{"item_id": town.ids["SKU-A"], "quantity": "2"}]),
    )
    line = {"item_id": town.ids["SKU-A"], "quantity": "5", "restock": True}
    intent = town.own("IR", "return_authorization", leave, lines=[line], location_id=town.ids["location"])
    receipts = town.handlers["item_receipt.create"]
    with pytest.raises(Rejected, match=r"nothing was sent: 5 of item \d+ are to be taken, 2 of 2 are left"):
        await receipts.send(intent)
    assert await receipts.look(intent) is None
    capped = {**intent, "when_over": "cap"}
    record = await receipts.read_back((await receipts.send(capped)).target_id)
    [difference] = receipts.compare(capped, record)
    assert (difference["field"], difference["sent"], difference["now"]) == ("lines.0.quantity", "5", "2")


async def test_a_line_that_is_not_on_the_order_is_refused_before_anything_is_sent(town):
    order, _ = await order_of(town)
    intent = town.own("IF", "sales_order", order, lines=[{"line_id": "99"}])
    with pytest.raises(Rejected, match="nothing was sent: line 99 is not on the source document"):
        await town.handlers["fulfillment.create"].send(intent)


@pytest.mark.proves("N09")
@pytest.mark.parametrize("fault", ["lost_transform", "lost_answer_500"])
async def test_a_transform_whose_answer_is_lost_is_found_by_its_external_id_and_not_repeated(town, fault):
    order, lines = await order_of(town)
    intent = town.own("IF", "sales_order", order, lines=[{"line_id": lines[0], "quantity": "1"}])
    fulfilments = town.handlers["fulfillment.create"]
    before = len(town.company.books.records("itemFulfillment"))
    town.company.fault(fault, match="!transform", method="POST")
    with pytest.raises(InDoubt):
        await fulfilments.send(intent)
    found = await fulfilments.look(intent)
    assert found is not None
    assert fulfilments.compare(intent, found.record) == []
    assert len(town.company.books.records("itemFulfillment")) == before + 1


def payment_of(intent: Mapping[str, Any]) -> PlannedOperation:
    name = str(intent["external_id"])
    return PlannedOperation(name, "netsuite", "customer_payment.create", "amazon.US", None, (), name, intent)


@pytest.mark.proves("N09")
@pytest.mark.parametrize("fault", ["lost_transform", "lost_answer_500"])
async def test_a_payment_whose_answer_is_lost_after_it_was_made_is_looked_up_and_made_once(town, fault):
    invoice, _ = await town.write("invoice.create", town.head("INV", lines=[town.goods("3", "33.33")]))
    planned = payment_of(town.own("PY", "invoice", invoice, amount="33.33", to_undeposited_funds=True))
    before = len(town.company.books.records("customerPayment"))
    town.company.fault(fault, match="!transform", method="POST")
    store, clock = Store.in_memory(town.company.clock), town.company.clock
    store.outbox.approve(store.outbox.stage("pay", [planned], by="ann"), by="ann")
    handlers = {("netsuite", h.kind): h for h in town.handlers.values()}
    await drain(store.outbox, handlers, clock=clock, rederive=lambda o: payment_of(o.intent))
    [sent] = store.outbox.operations()
    told = [(a["step"], a["error_kind"]) for a in store.outbox.attempts(sent.operation_id)]
    store.close()
    assert sent.state == "done"
    assert told == [("send", None), ("send", "in doubt"), ("look", None)]
    assert len(town.company.books.records("customerPayment")) == before + 1
    assert (await town.handlers["invoice.create"].read_back(invoice))["status"] == "B"


@pytest.mark.proves("N33")
async def test_a_save_of_somebody_else_in_between_is_read_and_the_write_tried_again(town):
    order, lines = await order_of(town)
    intent = town.own("IF", "sales_order", order, lines=[{"line_id": lines[0]}])
    town.company.fault("record_changed", match="!transform")
    _, record = await town.write("fulfillment.create", intent)
    assert record["created_from"] == order
    town.company.fault("record_changed", count=9, match="!transform")
    with pytest.raises(Rejected, match="RCRD_HAS_BEEN_CHANGED"):
        await town.handlers["fulfillment.create"].send(
            {**intent, "external_id": town.number("IF"), "lines": [{"line_id": lines[1]}]}
        )


@pytest.mark.proves("N32")
async def test_what_a_script_changed_after_the_save_is_shown_as_a_difference(town):
    orders, intent = town.handlers["sales_order.create"], town.order(memo="gift")
    town.company.fault("script_on_save", match="salesOrder", field="memo", value="changed by a script", method="PUT")
    record = await orders.read_back((await orders.send(intent)).target_id)
    assert [(d["field"], d["sent"], d["now"]) for d in orders.compare(intent, record)] == [
        ("memo", "gift", "changed by a script")
    ]


@pytest.mark.proves("N25")
async def test_a_document_in_a_closed_period_is_refused_with_the_remedy(town):
    for kind, intent in (
        ("journal_entry.create", town.journal(date="2026-10-31")),
        ("cash_sale.create", town.head("CS", lines=[town.goods()], date="2026-10-31")),
    ):
        with pytest.raises(Rejected, match="Open the accounting period"):
            await town.handlers[kind].send(intent)


@pytest.mark.proves("N30")
async def test_a_cash_sale_in_a_deposit_is_refunded_and_not_changed(town):
    sale, _ = await town.write(
        "cash_sale.create", town.head("CS", lines=[town.goods("3", "33.33")], to_undeposited_funds=True)
    )
    deposit = town.own("DEP", "x", "1", subsidiary_id=town.ids["subsidiary"], currency="USD")
    deposit.pop("source")
    deposit |= {
        "account_id": town.ids["1150"],
        "total": "33.33",
        "payments": [{"document_id": sale, "amount": "33.33"}],
        # More was kept than came in: a line of the deposit's own account takes it out, for no total is below zero.
        "others": [{"account_id": town.ids["1150"], "amount": "40.00", "memo": "Payout"}],
        "cash_back": [{"account_id": town.ids["6110"], "amount": "40.00", "memo": "fees"}],
    }
    _, record = await town.write("deposit.create", deposit)
    assert record["total"] == "33.33"
    with pytest.raises(Rejected, match="make a cash refund instead"):
        await town.client.patch("cashSale", sale, {"memo": "late"})
    named = [{"item_id": town.ids["SKU-A"], "quantity": "1"}]
    _, refund = await town.write("cash_refund.create", town.own("CRF", "cash_sale", sale, source_lines=named))
    assert [line["quantity"] for line in refund["lines"] if line["item_id"]] == ["1"]
    # Goods that come back after the deposit go the whole way, too.
    leave, _ = await town.write("return_authorization.create", town.own("RMA", "cash_sale", sale, source_lines=named))
    came = town.own("IR", "return_authorization", leave, lines=named, location_id=town.ids["location"])
    await town.write("item_receipt.create", came)
    _, given = await town.write("cash_refund.create", town.own("CRF", "return_authorization", leave))
    assert given["total"] == "11.11"


async def test_an_order_is_fulfilled_with_its_parcels_and_billed(town):
    order, lines = await order_of(town)
    intent = town.own(
        "IF",
        "sales_order",
        order,
        lines=[{"line_id": line} for line in lines],
        location_id=town.ids["location"],
        parcels=[{"tracking_number": "1Z999AA10123456784", "weight": "1.5"}],
    )
    fulfilment, record = await town.write("fulfillment.create", intent)
    assert (record["status"], sorted(line["quantity"] for line in record["lines"])) == ("C", ["2", "3"])
    query = (
        "SELECT n.trackingnumber AS n FROM trackingnumbermap m INNER JOIN trackingnumber n ON n.id = m.trackingnumber"
    )
    page = await town.client.suiteql(f"{query} WHERE m.transaction = ? ORDER BY m.trackingnumber", [fulfilment])
    assert [row["n"] for row in page.items] == ["1Z999AA10123456784"]
    invoice, billed = await town.write("invoice.create", town.own("INV", "sales_order", order))
    assert (billed["total"], billed["created_from"]) == ("55.55", order)
    payment = town.own("PY", "invoice", invoice, amount="60.05", applied="55.55", to_undeposited_funds=True)
    _, paid = await town.write("customer_payment.create", payment)
    assert paid["total"] == "60.05", "more than is owed stays unapplied"
    assert (await town.handlers["invoice.create"].read_back(invoice))["status"] == "B"


async def test_a_part_of_an_order_is_billed_as_a_cash_sale(town):
    order, lines = await order_of(town)
    named = [{"line_id": lines[1], "quantity": "2"}]
    intent = town.own("CS", "sales_order", order, source_lines=named, to_undeposited_funds=True)
    _, record = await town.write("cash_sale.create", intent)
    assert record["total"] == "22.22"


async def test_a_return_is_authorized_received_credited_and_refunded(town):
    invoice, _ = await town.write("invoice.create", town.head("INV", lines=[town.goods("3", "33.33")]))
    await town.write("customer_payment.create", town.own("PY", "invoice", invoice, amount="33.33",
                                                         to_undeposited_funds=True))  # fmt: skip
    item = {"item_id": town.ids["SKU-A"], "quantity": "1"}
    leave, _ = await town.write("return_authorization.create", town.own("RMA", "invoice", invoice, source_lines=[item]))
    receipt = town.own("IR", "return_authorization", leave, lines=[{**item, "restock": False}])
    await town.write("item_receipt.create", receipt | {"location_id": town.ids["location"]})
    memo, credit = await town.write("credit_memo.create", town.own("CM", "return_authorization", leave))
    assert credit["total"] == "11.11"
    refund = town.head("CR", account_id=town.ids["1150"], payment_method_id="1", date="2026-11-19",
                       applies_to=[{"document_id": memo, "amount": "11.11"}])  # fmt: skip
    del refund["location_id"]
    _, record = await town.write("customer_refund.create", refund)
    assert record["total"] == "11.11"
    assert (await town.handlers["credit_memo.create"].read_back(memo))["status"] == "B", "fully applied"


async def on_hand(town: Town, *items: str) -> list[int]:
    query = "SELECT l.quantityonhand AS units FROM inventoryitemlocations l WHERE l.item = ? AND l.location = ?"
    found = [(await town.client.suiteql(query, [item, town.ids["location"]])).items for item in items]
    return [int(str(rows[0]["units"])) if rows else 0 for rows in found]


async def test_a_kit_leaves_and_comes_back_as_one_line_and_its_members_move(town):
    """A kit of the ERP is one item of ours: the ERP itself moves what it is made of."""
    books = town.company.books
    member = str(books.create("inventoryItem", {"itemId": town.number("MEMBER")}))
    made_of = [{"item": {"id": i}, "quantity": Decimal(n)} for i, n in ((town.ids["SKU-A"], 2), (member, 1))]
    kit = str(books.create("kitItem", {"itemId": town.number("KIT"), "member": {"items": made_of}}))
    before = await on_hand(town, town.ids["SKU-A"], member)
    order, (line, *_) = await order_of(town, {"item_id": kit, "quantity": "3", "amount": "60.00"})
    sent = town.own("IF", "sales_order", order, lines=[{"line_id": line, "item_id": kit, "quantity": "3"}])
    await town.write("fulfillment.create", sent)
    assert await on_hand(town, town.ids["SKU-A"], member) == [before[0] - 6, before[1] - 3]
    invoice, _ = await town.write("invoice.create", town.own("INV", "sales_order", order))
    back = {"item_id": kit, "quantity": "2"}
    leave, _ = await town.write("return_authorization.create", town.own("RMA", "invoice", invoice, source_lines=[back]))
    for restock in (True, False):
        came = {"item_id": kit, "quantity": "1", "restock": restock}
        receipt = town.own("IR", "return_authorization", leave, lines=[came], location_id=town.ids["location"])
        _, record = await town.write("item_receipt.create", receipt)
        assert [x["item_id"] for x in record["lines"] if x["item_id"]] == [kit]
    assert await on_hand(town, town.ids["SKU-A"], member) == [before[0] - 4, before[1] - 2], "one was damaged"
    _, credit = await town.write("credit_memo.create", town.own("CM", "return_authorization", leave))
    assert credit["total"] == "40"


async def test_a_credit_is_settled_against_its_invoice(town):
    invoice, _ = await town.write("invoice.create", town.head("INV", lines=[town.goods("3", "33.33")]))
    applies = [{"document_id": invoice, "amount": "33.33"}]
    await town.write("credit_memo.create", town.own("CM", "invoice", invoice, applies_to=applies))
    assert (await town.handlers["invoice.create"].read_back(invoice))["status"] == "B"


async def test_documents_of_their_own_are_written_without_a_source(town):
    for kind, prefix in (("return_authorization.create", "RMA"), ("credit_memo.create", "CM"),
                         ("cash_refund.create", "CRF"), ("invoice.create", "INV")):  # fmt: skip
        _, record = await town.write(kind, town.head(prefix, lines=[town.goods("2", "10.10")]))
        goods = [(line["quantity"], line["amount"]) for line in record["lines"] if line["item_id"]]
        assert goods == [("2", "10.1")], kind


async def test_stock_is_adjusted_up_and_down(town):
    lines = [{"item_id": town.ids["SKU-A"], "location_id": town.ids["location"], "quantity": q} for q in ("7", "-4")]
    intent = town.head("IA", account_id=town.ids["6110"], lines=[{**lines[0], "unit_cost": "3.20"}, lines[1]])
    for name in ("customer", "location_id", "currency"):
        intent.pop(name)
    _, record = await town.write("inventory_adjustment.create", intent)
    assert sorted(line["quantity"] for line in record["lines"] if line["item_id"]) == ["-4", "7"]


async def test_a_journal_is_reversed_by_one_that_names_it(town):
    intent = town.journal()
    first, record = await town.write("journal_entry.create", intent)
    back = {**intent, "external_id": town.number("JE"), "date": "2026-11-16", "reverses_id": first,
            "reverses_number": record["number"]}  # fmt: skip
    _, reversal = await town.write("journal_entry.reverse", back)
    assert reversal["memo"] == f"Reverses {record['number']} (id {first})"
    assert [(x["debit"], x["credit"]) for x in reversal["lines"]] == [(None, "85.27"), (None, "14.73"), ("100", None)]
    void = {**back, "external_id": town.number("JE"), "document_kind": "journal_entry"}
    _, voided = await town.write("document.void", void)
    assert voided["memo"].startswith("Voids journal entry")


@pytest.mark.proves("N27")
async def test_a_batch_gives_each_record_its_own_outcome_in_order(shared_company):
    async with visiting(shared_company, batch=True) as town:
        customers = town.handlers["customer.create"]
        intents = [town.person() for _ in range(5)]
        intents[1]["subsidiary_id"] = "99999"
        intents[3]["first_name"] = None
        outcomes = await customers.send_many(intents)
        assert [type(o).__name__ for o in outcomes] == ["Sent", "Rejected", "Sent", "Rejected", "Sent"]
        assert "subsidiary" in str(outcomes[1])
        assert "a person needs first_name" in str(outcomes[3])
        found = await customers.look_many(intents)
        assert [f.target_id if f else None for f in found] == [getattr(o, "target_id", None) for o in outcomes]
        records = await customers.read_back_many([o.target_id for o in outcomes if hasattr(o, "target_id")])
        assert [r["external_id"] for r in records] == [intents[n]["external_id"] for n in (0, 2, 4)]


@pytest.mark.proves("N28")
async def test_a_batch_whose_answer_is_lost_is_followed_by_its_key_and_not_written_twice(shared_company):
    async with visiting(shared_company, batch=True) as town:
        journals = town.handlers["journal_entry.create"]
        intents = [town.journal() for _ in range(3)]
        before = len(town.company.books.records("journalEntry"))
        town.company.fault("lost_answer", match="/record/v1/journalEntry", method="PUT")
        with pytest.raises(InDoubt):
            await journals.send_many(intents)
        outcomes = await journals.send_many(intents)
        assert [type(o).__name__ for o in outcomes] == ["Sent"] * 3
        assert len(town.company.books.records("journalEntry")) == before + 3
        assert 400 in [r.status for r in town.calls.records if r.method == "PUT"], "the key was known"


@pytest.mark.proves("N28")
async def test_an_old_refusal_of_the_first_job_is_asked_again_alone(shared_company):
    async with visiting(shared_company, batch=True) as town:
        journals, intents = town.handlers["journal_entry.create"], [town.journal(), town.journal()]
        town.company.fault("tasks_fail", match="journalEntry")
        first = await journals.send_many(intents)
        assert [type(o).__name__ for o in first].count("Sent") == 1
        assert [type(o).__name__ for o in await journals.send_many(intents)] == ["Sent", "Sent"]


async def test_what_cannot_go_into_a_batch_is_written_alone(shared_company):
    async with visiting(shared_company, batch=True) as town:
        order = (await town.handlers["sales_order.create"].send(town.order())).target_id
        intents = [
            town.head("INV", lines=[town.goods()]),
            town.own("INV", "sales_order", order),
        ]
        outcomes = await town.handlers["invoice.create"].send_many(intents)
        records = [await town.handlers["invoice.create"].read_back(o.target_id) for o in outcomes]
        assert [r["total"] for r in records] == ["33.33", "55.55"]


async def test_writers_side_by_side_write_each_document_once(town):
    intents = [town.journal() for _ in range(8)]
    journals = town.handlers["journal_entry.create"]
    sent = await asyncio.gather(*(journals.send(intent) for intent in intents))
    assert len({s.target_id for s in sent}) == 8
