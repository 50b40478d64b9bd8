"""Streams of rows without an id of their own, and the lines of items and customers, over real HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from sync.netsuite import PullSettings, streams
from sync.netsuite.pull.relations import read_deletion
from sync.netsuite.suiteql.decode import Row
from sync.records import DocumentLink, ErpCurrency, ErpParcel, ItemComponent, ItemStock, Segment
from tests.sync.netsuite.conftest import Tables, envelope
from tests.sync.netsuite.town import Town

UNTIL = datetime(2026, 11, 20, 10, tzinfo=UTC)
SINCE = datetime(2026, 11, 1, tzinfo=UTC)


async def pull(client, name: str, cursor=None, **settings: object) -> list:
    found = streams(client, PullSettings(**{"since": SINCE, **settings}))
    stream = next(s for s in found if s.name == name)
    return [batch async for batch in stream.pull(cursor, UNTIL)]


def documents(batches: list) -> list:
    return [d for b in batches for d in b.documents]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("netsuite.segments", "the feature is off"),
        ("netsuite.currencies", "multi-currency"),
        ("netsuite.stock", "not exposed"),
        ("netsuite.links", "not exposed"),
        ("netsuite.parcels", "not exposed"),
        ("netsuite.deletions", "Deleted Records"),
    ],
)
async def test_a_table_that_the_account_does_not_show_is_an_empty_window_that_says_so(netsuite, name, reason):
    batches = await pull(netsuite(Tables()), name)
    assert documents(batches) == []
    assert batches[-1].covered is not None
    assert reason in batches[-1].note


async def test_members_that_cannot_be_read_are_told_and_the_kit_is_kept(netsuite):
    kit = {"id": "7", "itemid": "KIT", "itemtype": "Kit", "lastmodifieddate": "2026-11-05 08:00:00"}
    tables = Tables(currency=[], item=[kit])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/suiteql"):
            return tables(request)
        return envelope(400, "USER_ERROR", "This record has been locked by a user defined workflow.")

    [batch] = await pull(netsuite(answer), "netsuite.items")
    assert [(d.record.item_id, list(d.lines)) for d in batch.documents] == [("7", [])]
    assert [q.key for q in batch.quarantined] == ["members of 7"]
    assert "locked" in batch.quarantined[0].reason


@pytest.mark.parametrize("entry", [{"item": {"id": "11"}}, {"quantity": 2}, {"item": {"id": "11"}, "quantity": "two"}])
async def test_a_member_that_makes_no_sense_quarantines_its_kit(netsuite, entry):
    kit = {"id": "7", "itemid": "KIT", "itemtype": "Kit", "lastmodifieddate": "2026-11-05 08:00:00"}
    tables = Tables(currency=[], item=[kit])

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/suiteql"):
            return tables(request)
        return httpx.Response(200, json={"items": [entry]})

    [batch] = await pull(netsuite(answer), "netsuite.items")
    assert [q.key for q in batch.quarantined] == ["7"]


async def test_members_are_read_over_suiteql_where_the_account_shows_them(netsuite):
    kit = {"id": "7", "itemid": "KIT", "itemtype": "Kit", "lastmodifieddate": "2026-11-05 08:00:00"}
    members = [{"parentitem": "7", "linenumber": str(n), "item": f"1{n}", "quantity": "1.5"} for n in (1, 2)]
    tables = Tables(currency=[], item=[kit], itemmember=members)
    tables._rows = lambda table, rest, params: [] if "= ?" in rest and "IN (" not in rest else tables.tables[table]
    [*_, batch] = await pull(netsuite(tables), "netsuite.items")
    [document] = batch.documents
    assert list(document.lines) == [ItemComponent("7", n, f"1{n}", Decimal("1.5")) for n in (1, 2)]


async def test_a_kit_has_its_members_and_a_customer_its_addresses(town: Town):
    number = town.number("KIT")
    kit = town.company.books.create(
        "kitItem",
        {"itemId": number, "taxSchedule": {"id": "1"},
         "member": {"items": [{"item": {"id": town.ids["SKU-A"]}, "quantity": Decimal(2)}]}},
    )  # fmt: skip
    found = {d.record.item_id: d for d in documents(await pull(town.client, "netsuite.items", page_rows=2))}
    assert list(found[str(kit)].lines) == [ItemComponent(str(kit), 1, town.ids["SKU-A"], Decimal(2))]
    address = {"name": "Zoë", "address1": "1 Main St", "city": "Reno", "region": "NV", "postal_code": "89501",
               "country": "US"}  # fmt: skip
    customer, _ = await town.write("customer.create", town.person(address=address))
    people = {d.record.customer_id: d for d in documents(await pull(town.client, "netsuite.customers", page_rows=2))}
    [line] = people[customer].lines
    assert (line.name, line.city, line.region, line.postal_code, line.country) == ("Zoë", "Reno", "NV", "89501", "US")
    assert (line.default_shipping, line.default_billing) == (True, True)


def shown(batches: list) -> dict[str, list]:
    """The parcels of each fulfilment that was read."""
    return {d.record.transaction_id: list(d.lines) for d in documents(batches)}


async def test_documents_are_linked_and_parcels_belong_to_their_fulfilment(town: Town):
    order, _ = await town.write("sales_order.create", town.order())
    parcels = [{"tracking_number": f"1Z{order}{n}"} for n in range(3)]
    sent = town.own("IF", "sales_order", order, lines=[{"item_id": town.ids["SKU-A"], "quantity": "1"}],
                    parcels=parcels)  # fmt: skip
    fulfilment, _ = await town.write("fulfillment.create", sent)
    invoice, _ = await town.write("invoice.create", town.own("INV", "sales_order", order))
    links = [d.record for d in documents(await pull(town.client, "netsuite.links", page_rows=1))]
    assert {(k.next_id, k.link_type) for k in links if k.previous_id == order} == {
        (fulfilment, "ShipRcpt"),
        (invoice, "OrdBill"),
    }
    assert len(links) == len(set(links))
    assert all(isinstance(k, DocumentLink) for k in links)
    batches = await pull(town.client, "netsuite.parcels", page_rows=1)
    assert shown(batches)[fulfilment] == [ErpParcel(fulfilment, str(p["tracking_number"])) for p in parcels]
    # Somebody packs anew, then takes the packages away: each time the set that is left is read, and nothing else is.
    for packages in ([{"packageTrackingNumber": "1ZNEW"}], []):
        body = {"package": {"items": packages}}
        town.company.books.update("itemFulfillment", int(fulfilment), body, replace=frozenset({"package"}))
        batches = await pull(town.client, "netsuite.parcels", batches[-1].cursor, page_rows=1)
        assert shown(batches)[fulfilment] == [ErpParcel(fulfilment, p["packageTrackingNumber"]) for p in packages]
    batches = await pull(town.client, "netsuite.links")
    again = await pull(town.client, "netsuite.links", batches[-1].cursor)
    assert {d.record for d in documents(again)} <= set(links), "the next window holds what changed lately"


async def test_lists_of_currencies_segments_and_stock(town: Town):
    town.company.books.create("department", {"name": "Sales"})
    town.company.books.create("classification", {"name": "Web"})
    batches = await pull(town.client, "netsuite.segments", page_rows=1)
    segments = {(d.record.kind, d.record.name) for d in documents(batches)}
    assert {("department", "Sales"), ("class", "Web")} <= segments
    assert [b.covered is not None for b in batches] == [False] * (len(batches) - 1) + [True]
    resumed = documents(await pull(town.client, "netsuite.segments", batches[0].cursor, page_rows=1))
    assert len(resumed) == len(documents(batches)) - 1
    assert all(isinstance(d.record, Segment) for d in resumed)
    currencies = [d.record for d in documents(await pull(town.client, "netsuite.currencies"))]
    assert {(c.code, c.is_base) for c in currencies} == {("USD", True), ("EUR", False)}
    assert [c.exchange_rate for c in currencies if isinstance(c, ErpCurrency) and c.code == "EUR"] == [Decimal("1.09")]
    intent = town.head("IA", account_id=town.ids["6110"], lines=[
        {"item_id": town.ids["SKU-A"], "location_id": town.ids["location"], "quantity": "12"}])  # fmt: skip
    for name in ("customer", "location_id", "currency"):
        intent.pop(name)
    before = {d.record.item_id: d.record for d in documents(await pull(town.client, "netsuite.stock"))}
    await town.write("inventory_adjustment.create", intent)
    [stock] = [d.record for d in documents(await pull(town.client, "netsuite.stock"))]
    assert isinstance(stock, ItemStock)
    had = before[town.ids["SKU-A"]].on_hand if town.ids["SKU-A"] in before else Decimal(0)
    assert stock.on_hand == (had or Decimal(0)) + 12


@pytest.mark.proves("N38")
@pytest.mark.parametrize(
    ("kind", "entity"),
    [
        ("salesorder", "transactions"),
        ("Sales Order", "transactions"),
        ("CustInvc", "transactions"),
        ("customer", "customers"),
        ("inventoryitem", "items"),
        ("Kit Item", "items"),
        ("InventoryItem", "items"),
        ("folder", ""),
        ("employee", ""),
    ],
)
def test_a_deletion_names_the_mirrored_table_or_none(kind, entity):
    row = Row({"recordid": "5", "type": kind, "deleteddate": "2026-11-05 08:00:00"})
    deletion = read_deletion(row)
    assert (deletion.entity, deletion.record_id, deletion.record_type) == (entity, "5", kind)
