"""Orders and cash sales over real HTTP: what NetSuite refuses, what gets lost on the way, and every field kept."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sync.errors import InDoubt, Rejected
from sync.netsuite import PullSettings, streams

from .town import Town

ADDRESS = {"name": "Jane Doe", "address1": "12 Oak Street", "address2": "Apt 4", "city": "Portland", "region": "OR",
           "postal_code": "97201", "country": "US"}  # fmt: skip


async def test_an_address_that_netsuite_does_not_know_is_refused_in_its_words_with_a_hint(town: Town) -> None:
    intent = town.order(address=ADDRESS | {"country": "ZZ"})
    with pytest.raises(Rejected, match=r"(?i)invalid.*country") as refused:
        await town.handlers["sales_order.create"].send(intent)
    assert "does not take the address" in str(refused.value)
    assert await town.handlers["sales_order.create"].look(intent) is None


async def test_an_item_that_has_become_inactive_refuses_the_whole_order(town: Town) -> None:
    number, _ = await town.write("sales_order.create", town.order())
    item = await _inactive_item(town)
    intent = town.order(town.goods(), town.goods(item_id=item))
    with pytest.raises(Rejected, match="are active"):
        await town.handlers["sales_order.create"].send(intent)
    assert await town.handlers["sales_order.create"].look(intent) is None
    assert (await town.client.get("salesOrder", number))["id"] == number


async def _inactive_item(town: Town) -> str:
    body = {"itemId": town.number("OLD"), "isInactive": True}
    made = town.company.books.create("inventoryItem", body)
    return str(made)


@pytest.mark.proves("N09")
@pytest.mark.parametrize("kind", ["sales_order.create", "cash_sale.create"])
async def test_a_document_whose_answer_is_lost_is_found_and_not_made_twice(town: Town, kind: str) -> None:
    intent = town.order() if kind == "sales_order.create" else town.head("CS", lines=[town.goods()])
    record = {"sales_order.create": "salesOrder", "cash_sale.create": "cashSale"}[kind]
    before = len(town.company.books.records(record))
    town.company.fault("lost_answer", match=record, method="PUT")
    with pytest.raises(InDoubt):
        await town.handlers[kind].send(intent)
    found = await town.handlers[kind].look(intent)
    assert found is not None
    assert list(town.handlers[kind].compare(intent, found.record)) == []
    assert len(town.company.books.records(record)) == before + 1


async def test_an_order_that_somebody_else_booked_meanwhile_is_found_by_its_number_and_compared(town: Town) -> None:
    theirs = town.order(memo="by hand")
    await town.write("sales_order.create", theirs)
    ours = theirs | {"external_id": town.number("AMZ")}
    found = await town.handlers["sales_order.create"].look(ours)
    assert found is not None
    changed = ours | {"lines": [town.goods("1", "1.00")]}
    differing = {d["field"] for d in town.handlers["sales_order.create"].compare(changed, found.record)}
    assert "lines.0.quantity" in differing


async def test_an_order_of_two_hundred_lines_is_kept_to_the_cent(town: Town) -> None:
    lines = [town.goods(str(n % 7 + 1), f"{n}.{n % 100:02}") for n in range(1, 201)]
    _, record = await town.write("sales_order.create", town.order(*lines))
    assert len([line for line in record["lines"] if line["item_id"]]) == 200


async def test_a_free_line_is_kept_as_free(town: Town) -> None:
    _, record = await town.write("sales_order.create", town.order(town.goods("2", "0", rate="0"), memo="replacement"))
    assert (record["total"], record["lines"][0]["amount"]) == ("0", "0")


async def test_what_a_merchant_decides_of_an_order_is_kept_and_read_back(town: Town) -> None:
    wanted = {
        "status": "pending_approval", "sales_channel_id": "3", "payment_method_id": "7", "ship_complete": True,
        "ship_by": "2026-11-27", "address": ADDRESS,
    }  # fmt: skip
    number, record = await town.write("sales_order.create", town.order(**wanted))
    assert record["status"] == "A"
    kept = await town.handlers["sales_order.update"].read_back(number)
    assert [kept[n] for n in ("status", "sales_channel_id", "payment_method_id", "ship_complete", "ship_by")] == [
        "pending_approval", "3", "7", True, "2026-11-27",
    ]  # fmt: skip
    assert kept["address.address2"] == "Apt 4"


@pytest.mark.parametrize("place", [{"to_undeposited_funds": True}, {"account_id": "1150"}])
async def test_a_cash_sale_puts_its_money_where_the_routing_says(town: Town, place: dict[str, object]) -> None:
    if "account_id" in place:
        place = {"account_id": town.ids["1150"]}
    intent = town.head("CS", lines=[town.goods()], other_reference=town.number("113"), sales_channel_id="3", **place)
    number, record = await town.write("cash_sale.create", intent)
    kept = await town.client.get("cashSale", number)
    assert (record["total"], kept["salesChannel"]["id"]) == ("33.33", "3")
    assert kept["undepFunds"] is True if "account_id" not in place else kept["account"]["id"] == town.ids["1150"]


async def test_an_address_is_changed_and_its_second_line_emptied_where_it_is_as_it_was_booked(town: Town) -> None:
    number, _ = await town.write("sales_order.create", town.order(address=ADDRESS))
    handler = town.handlers["sales_order.update"]
    intent = {
        "id": number,
        "address": ADDRESS | {"address1": "7 Elm Road", "address2": ""},
        "believed": {"address.address1": "12 Oak Street", "address.address2": "Apt 4"},
    }
    await town.write("sales_order.update", intent)
    assert (await handler.read_back(number))["address.address1"] == "7 Elm Road"
    with pytest.raises(Rejected, match=r"address.address1 is 7 Elm Road, not 12 Oak Street"):
        await handler.look(intent | {"address": ADDRESS | {"address1": "9 Ash Lane"}})
    method = town.company.books.create("shipItem", {"itemId": "Two Day", "displayName": "Two Day"})
    await town.write("sales_order.update", {"id": number, "ship_by": "2026-11-27", "ship_method": str(method)})
    found = streams(town.client, PullSettings(since=datetime(2026, 1, 1, tzinfo=UTC), transaction_types=("SalesOrd",)))
    (stream,) = (s for s in found if s.name == "netsuite.transactions")
    batches = [b async for b in stream.pull(None, datetime(2027, 1, 1, tzinfo=UTC))]
    (read,) = (d.record for b in batches for d in b.documents if d.record.transaction_id == number)
    assert (read.ship_date, read.ship_method, read.ship_name) == (date(2026, 11, 27), str(method), ADDRESS["name"])
    assert (read.ship_address1, read.ship_address2, read.ship_city) == ("7 Elm Road", None, ADDRESS["city"])
    assert (read.ship_region, read.ship_postal_code) == (ADDRESS["region"], ADDRESS["postal_code"])


async def test_lines_of_which_goods_left_meanwhile_are_not_closed(town: Town) -> None:
    number, record = await town.write("sales_order.create", town.order())
    first = record["lines"][0]["line_id"]
    believed = {"lines": {first: {"quantity": "3", "moved": "0", "closed": False}}}
    intent = {"id": number, "line_ids": [first], "believed": believed}
    assert await town.handlers["sales_order.close_lines"].look(intent) is None
    await town.write("fulfillment.create", town.own("IF", "sales_order", number, lines=[{"line_id": first}]))
    with pytest.raises(Rejected, match=rf"lines.{first}.moved is 3, not 0"):
        await town.handlers["sales_order.close_lines"].look(intent)
