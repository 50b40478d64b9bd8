"""Changes of records that are there: never over somebody else's work, never twice, only what was named."""

from __future__ import annotations

import pytest

from sync.errors import BadInput, InDoubt, Rejected
from sync.netsuite import TaxEngine
from tests.sync.netsuite.town import Town, visiting


async def order_of(town: Town) -> tuple[str, list[str]]:
    number, record = await town.write("sales_order.create", town.order(memo="first"))
    return number, [line["line_id"] for line in record["lines"]]


@pytest.mark.parametrize(
    ("kind", "intent", "why"),
    [
        ("sales_order.update", {"id": "1"}, "nothing is to be changed"),
        ("sales_order.update", {"id": "1", "lines": [{"line_id": "1"}], "replace_lines": [
            {"item_id": "1", "quantity": "1", "amount": "1"}]}, "not both"),
        ("sales_order.close_lines", {"id": "1", "line_ids": []}, "at least 1"),
        ("customer.update", {"id": "1", "set": {}}, "nothing is to be changed"),
        ("customer.update", {"id": "1", "set": {"phone": ""}}, "at least 3"),
        ("item.update", {"id": "1", "item_type": "InvtPart", "set": {}}, "nothing is to be changed"),
        ("item.update", {"id": "1", "item_type": "GiftCert", "set": {"upc": "1"}}, "not written over REST"),
    ],
)  # fmt: skip
async def test_a_change_that_cannot_be_written_is_refused(town, kind, intent, why):
    with pytest.raises(BadInput, match=why):
        town.handlers[kind].render(intent)


@pytest.mark.proves("N33")
async def test_what_somebody_else_changed_is_never_overwritten(town):
    order, _ = await order_of(town)
    orders = town.handlers["sales_order.update"]
    intent = {"id": order, "memo": "ours", "believed": {"memo": "first"}}
    assert await orders.look(intent) is None
    await town.client.patch("salesOrder", order, {"memo": "theirs"})
    with pytest.raises(Rejected, match="memo is theirs, not first"):
        await orders.look(intent)


@pytest.mark.proves("N33")
async def test_a_save_in_between_that_does_not_touch_us_is_written_over(town):
    order, _ = await order_of(town)
    orders = town.handlers["sales_order.update"]
    town.company.fault("record_changed", count=2, match="salesOrder", method="PATCH")
    sent = await orders.send({"id": order, "memo": "ours", "believed": {"memo": "first"}})
    assert (await orders.read_back(sent.target_id))["memo"] == "ours"
    town.company.fault("record_changed", count=3, match="salesOrder", method="PATCH")
    with pytest.raises(Rejected, match="RCRD_HAS_BEEN_CHANGED"):
        await orders.send({"id": order, "memo": "again", "believed": {"memo": "ours"}})


async def test_a_change_whose_answer_is_lost_is_found_to_have_been_made(town):
    order, _ = await order_of(town)
    orders, intent = town.handlers["sales_order.update"], {"id": order, "ship_by": "2026-11-28"}
    town.company.fault("lost_answer", match="salesOrder", method="PATCH")
    with pytest.raises(InDoubt):
        await orders.send(intent)
    found = await orders.look(intent)
    assert found is not None
    assert found.record["ship_by"] == "2026-11-28"


@pytest.mark.proves("N11")
async def test_a_repeated_change_of_lines_doubles_nothing(town):
    order, lines = await order_of(town)
    orders = town.handlers["sales_order.update"]
    intent = {"id": order, "lines": [{"line_id": lines[1], "quantity": "4", "amount": "44.44"}]}
    for _ in range(2):
        await orders.send(intent)
    record = await orders.read_back(order)
    assert [(line["line_id"], line["quantity"]) for line in record["lines"]] == [(lines[0], 3), (lines[1], 4)]
    whole = {"id": order, "replace_lines": [town.goods("1", "9.99")]}
    for _ in range(2):
        await orders.send(whole)
    assert orders.compare(whole, await orders.read_back(order)) == []


async def test_closed_lines_are_closed_and_the_others_are_left(town):
    order, lines = await order_of(town)
    closing = town.handlers["sales_order.close_lines"]
    await town.write("sales_order.close_lines", {"id": order, "line_ids": [lines[0]]})
    record = await closing.read_back(order)
    assert [line["closed"] for line in record["lines"]] == [True, False]
    await town.write("sales_order.close_lines", {"id": order, "line_ids": lines})
    assert (await town.handlers["sales_order.create"].read_back(order))["status"] == "H"


async def test_taxes_of_an_order_are_replaced_as_a_whole_and_never_over_somebody_elses(town):
    async with visiting(town.company, tax=TaxEngine("17", "3")) as taxed:
        lines = [taxed.goods("1", "25.00", tax_amount="2.00"), taxed.goods("2", "10.00")]
        order, _ = await taxed.write("sales_order.create", taxed.order(*lines))
        changed = {"id": order, "taxes": [{"position": 1, "basis": "25.00", "amount": "2.10"}]}
        _, record = await taxed.write("sales_order.update", changed | {"believed": {"tax.1": "2.00"}})
        total = (await taxed.handlers["sales_order.create"].read_back(order))["total"]
        assert (record["tax.1"], total) == ("2.1", "37.1")
        changed = {"taxes": [{**changed["taxes"][0], "amount": "2.20"}], "believed": {"tax.1": "2.00"}}
        updates = taxed.handlers["sales_order.update"]
        with pytest.raises(Rejected, match=r"tax\.1 is 2\.1\d*, not 2\.00"):
            await updates.look(changed | {"id": order})
        # The second line had no tax when it was written: it is told where its tax stands, and must still have none.
        both = [{"position": 1, "basis": "25.00", "amount": "2.10"}]
        both.append({"position": 2, "basis": "10.00", "amount": "0.80", "line_id": record["lines"][1]["line_id"]})
        added = {"id": order, "taxes": both, "believed": {"tax.1": "2.10", "tax.2": None}}
        _, record = await taxed.write("sales_order.update", added)
        total = (await taxed.handlers["sales_order.create"].read_back(order))["total"]
        assert (record["tax.1"], record["tax.2"], total) == ("2.1", "0.8", "37.9")
        assert [str(line["amount"]) for line in record["lines"]] == ["25", "10"]
        assert await updates.look(added) is not None
        with pytest.raises(Rejected, match=r"tax\.2 is 0\.8\d*, not empty"):
            await updates.look(added | {"taxes": [both[0], {**both[1], "amount": "0.90"}]})
        untaxed, _ = await taxed.write("sales_order.create", taxed.order())
        with pytest.raises(Rejected, match=r"tax\.1 is None"):
            await updates.look(changed | {"id": untaxed})
    with pytest.raises(BadInput, match="without SuiteTax"):
        town.handlers["sales_order.update"].render(changed | {"id": order})


async def test_an_authorization_that_waits_for_a_refund_of_nothing_is_closed_unless_more_came_meanwhile(town):
    invoice, _ = await town.write("invoice.create", town.head("INV", lines=[town.goods("3", "30.00")]))
    taken = [{"item_id": town.ids["SKU-A"], "quantity": "2", "amount": "0.00"}]
    leave, made = await town.write(
        "return_authorization.create", town.own("RMA", "invoice", invoice, source_lines=taken)
    )
    line = str(made["lines"][0]["line_id"])
    believed = {"lines": {line: {"moved": "1", "billed": "0", "closed": False}}}
    closing, intent = town.handlers["return_authorization.close_lines"], {"id": leave, "line_ids": [line]}
    with pytest.raises(Rejected, match="moved is 0, not 1"):
        await closing.look({**intent, "believed": believed})
    back = {"item_id": town.ids["SKU-A"], "quantity": "2", "restock": True}
    receipt = town.own("IR", "return_authorization", leave, lines=[back], location_id=town.ids["location"])
    await town.write("item_receipt.create", receipt)
    assert (await town.handlers["return_authorization.create"].read_back(leave))["status"] == "F", "it waits"
    believed["lines"][line]["moved"] = "2"
    town.company.fault("lost_answer", match="returnAuthorization", method="PATCH")
    with pytest.raises(InDoubt):
        await closing.send({**intent, "believed": believed})
    assert (await closing.look({**intent, "believed": believed})).target_id == leave, "it took effect"
    assert (await town.handlers["return_authorization.create"].read_back(leave))["status"] == "H"


async def test_a_customer_keeps_every_field_that_the_change_does_not_name(town):
    number, _ = await town.write("customer.create", town.person(email="zoe@example.com"))
    await town.write("customer.update", {"id": number, "set": {"phone": "555-0100"}, "believed": {"phone": None}})
    record = await town.handlers["customer.create"].read_back(number)
    assert (record["email"], record["phone"], record["first_name"]) == ("zoe@example.com", "555-0100", "Zoë")


ADDRESS = {"name": "Zoë M", "address1": "9 Elm St", "city": "Salem", "region": "OR", "postal_code": "97301",
           "country": "US"}  # fmt: skip


async def test_a_phone_that_somebody_entered_meanwhile_is_not_written_over(town):
    number, _ = await town.write("customer.create", town.person(email="zoe@example.com"))
    await town.client.patch("customer", number, {"phone": "555-0177"})
    intent = {"id": number, "set": {"phone": "555-0100"}, "believed": {"phone": None}}
    with pytest.raises(Rejected, match="phone is 555-0177, not empty"):
        await town.handlers["customer.update"].look(intent)


async def test_an_address_is_added_once_and_those_that_are_there_stay(town):
    first = {**ADDRESS, "address1": "12 Oak St"}
    number, _ = await town.write("customer.create", town.person(email="zoe@example.com", address=first))
    updates = town.handlers["customer.update"]
    _, record = await town.write("customer.update", {"id": number, "set": {}, "add_address": ADDRESS})
    assert [a["address1"] for a in record["addresses"]] == ["12 Oak St", "9 Elm St"]
    again = {"id": number, "set": {}, "add_address": {**ADDRESS, "address1": "9  ELM ST"}}
    assert (await updates.look(again)).target_id == number, "the same address in capitals is there already"
    book = (await town.client.get("customer", number, expand=True))["addressBook"]["items"]
    assert [entry["defaultShipping"] for entry in book] == [True, False]


async def test_an_address_whose_answer_was_lost_is_not_added_twice(town):
    number, _ = await town.write("customer.create", town.person())
    updates, intent = town.handlers["customer.update"], {"id": number, "add_address": ADDRESS}
    town.company.fault("lost_answer", match=f"customer/{number}", method="PATCH")
    with pytest.raises(InDoubt):
        await updates.send(intent)
    assert (await updates.look(intent)).target_id == number
    assert len((await updates.read_back(number))["addresses"]) == 1


async def test_an_item_gets_its_new_name_and_weight(town):
    intent = {"id": town.ids["SKU-A"], "item_type": "InvtPart", "set": {"display_name": "Gadget", "weight": "1.25"}}
    await town.write("item.update", intent)
    with pytest.raises(Rejected, match="there is no item 424242"):
        await town.handlers["item.update"].look({**intent, "id": "424242"})
    with pytest.raises(Rejected, match="nothing was sent"):
        await town.handlers["item.update"].look({**intent, "set": {}})
    with pytest.raises(Rejected, match="nothing was sent"):
        await town.handlers["journal_entry.create"].look({"external_id": "a|b"})


@pytest.mark.proves("N12", "N13")
@pytest.mark.parametrize(("fault", "hint"), [("locked_record", "workflow"), ("administrator_record", "administrator")])
async def test_a_record_that_may_not_be_opened_is_not_changed_and_still_read_over_suiteql(town, fault, hint):
    order, _ = await order_of(town)
    town.company.fault(fault, count=4, match=f"/record/v1/salesOrder/{order}")
    with pytest.raises(Rejected, match=hint):
        await town.handlers["sales_order.update"].look({"id": order, "memo": "new"})
    assert (await town.handlers["sales_order.create"].read_back(order))["memo"] == "first"
