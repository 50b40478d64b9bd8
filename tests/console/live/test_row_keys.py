"""Ids hold what people type: every row of every list still leads to its own record, and so do the arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk import ViewRequest
from console.live.details import read_detail
from console.live.explaining import explain_figure
from console.live.finance import is_booking
from console.live.returns import split_key as split_return
from console.live.row_keys import split_type_key, type_key
from console.live.shipments import discrepancies_of
from console.live.shipments import split_key as split_shipment
from console.live.views import open_view
from console.views.definitions import VIEWS
from console.views.rows import Row
from reconcile.cycle import run_cycle
from reconcile.stored_settlements import find_settlement
from reconcile.story import find_story
from sync.joined import joined, parts_of
from sync.outbox.operations import PlannedOperation
from sync.records import BankLine, MultichannelLine, MultichannelOrder
from sync.streams import Document
from tests.console.homes import Home

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import NOW, World, booked, line, order, period, ready_world, sent, settled
from way_back_world import back_world, came_back, flush

#: Every separator of keys, alone and doubled, at the ends, as it would be escaped, and letters from right to left.
NASTY = ("A/B", "|A|B||", "A%2FB%7C", "/#A B//", "\u200fאב/1", "=%'\"\\")
_SECTIONS = {"settlement_types": "settlement", "closes": "close", "calls": "log"}
#: Lists that have nothing to do with the ids of vendors and people.
_OTHERS = {"calls", "closes", "fees", "dimensions", "line_types", "customers"}


def _put(made: World, number: int, nasty: str) -> None:
    """Everything that may have this id: an order with its parcel and return, a shipping order, a settlement, a SKU."""
    at, sku = NOW - timedelta(hours=9), f"S{nasty}"
    made.put(order(nasty), line(nasty, sku=sku))
    made.put(order(f"U{nasty}"), line(f"U{nasty}", sku=sku))
    made.put_all(*booked(f"71{number:02d}", order_id=nasty))
    made.put_all(*sent(f"72{number:02d}", source=f"71{number:02d}", tracking=(f"1Z{nasty}",)))
    came_back(made, order_id=nasty, return_id=f"R{nasty}")
    told = (at, at, at, "shipped", "Complete", "Standard", None, "US")
    shipping = MultichannelOrder("amazon.US", f"M{nasty}", nasty, *told)
    made.put(shipping, MultichannelLine("amazon.US", f"M{nasty}", "a", 1, "ACM-MUG-16", 1, 0, 0))
    head, lines = settled(f"N{nasty}", ["2026-10-21 Order|ItemPrice|Principal 25.00"])
    made.put(head, *lines)
    booking = BankLine(
        nasty, f"L{nasty}", date(2026, 11, 6), None, head.total, "USD", None, nasty, None, "0" * 64, "f", 1
    )
    made.put(booking)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made = back_world(ready_world()).cover("netsuite.parcels", "amazon.multichannel@US")
    for number, nasty in enumerate(NASTY):
        _put(made, number, nasty)
    flush(made).put_all(*(Document(period(month)) for month in (9,)))
    operations = [
        PlannedOperation(f"AMZ-{n}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {}) for n in NASTY
    ]
    made.store.outbox.stage("p", operations, by="ann")
    run_cycle(made.store)
    yield made
    made.store.close()


def rows(world: World, view: str, **scope: str) -> list[Row]:
    opened = open_view(world.store, ViewRequest(view, scope=tuple(scope.items())))
    try:
        found = opened.page(0, 10_000)
        assert len({row.key for row in found}) == len(found), "two rows have one key"
        assert [opened.position_of(row.key) for row in found] == list(range(len(found)))
    finally:
        opened.close()
    return found


@pytest.mark.parametrize("name", sorted(VIEWS.keys() - _OTHERS))
def test_every_row_of_every_list_leads_to_its_own_record(world: World, name: str) -> None:
    scopes = [{}] if name != "settlement_types" else [{"settlement": f"amazon.US/N{n}"} for n in NASTY]
    titles = []
    for scope in scopes:
        for row in rows(world, name, **scope):
            detail = read_detail(world.store, {}, _SECTIONS.get(name, name), row.key, "")
            assert detail is not None, row.key
            titles.append(detail.title)
    wanted = 1 if name == "causes" else len(NASTY)
    assert len(titles) >= wanted
    if name in ("shipments", "returns", "orders", "settlements", "mapping", "discrepancies"):
        assert all(any(nasty in title for title in titles) for nasty in NASTY)


def test_a_rows_key_names_the_order_that_its_columns_show(world: World) -> None:
    for name, split in (("shipments", split_shipment), ("returns", split_return)):
        place = [c.name for c in VIEWS[name].columns].index("order")
        shown = {row.values[place]: split(row.key)[1] for row in rows(world, name)}
        assert set(NASTY) <= shown.keys()
        assert all(column == named for column, named in shown.items())
    for row in rows(world, "shipments"):
        _, order_id, _ = split_shipment(row.key)
        assert {one.split("|", 2)[2] for one in discrepancies_of(world.store, row.key)} <= {order_id}
    confirmed = [row for row in rows(world, "shipments") if discrepancies_of(world.store, row.key)]
    assert len(confirmed) >= len(NASTY)


@pytest.mark.parametrize("nasty", NASTY)
def test_links_figures_and_arguments_find_what_they_name(world: World, nasty: str) -> None:
    store = world.store
    story = find_story(store, nasty)
    assert story is not None
    assert (story.channel, story.subject) == ("amazon.US", nasty)
    for link in story.links:
        assert read_detail(store, {}, link.section, link.key, "") is not None, link
    for section, key in (("settlements", f"amazon.US/N{nasty}"), ("explain", f"settlement:amazon.US/N{nasty}")):
        figure = explain_figure(store, section, key)
        assert figure is not None
        assert all(explain_figure(store, "explain", p.key) for p in figure.parts if p.key)
    kind = ("Order", "ItemPrice", "Principal")
    assert explain_figure(store, "settlement", type_key(f"amazon.US/N{nasty}", kind)) is not None
    with store.database.reading() as cursor:
        named = [find_settlement(cursor, text) for text in (f"N{nasty}", f"amazon.US/N{nasty}")]
    assert named == [[("amazon.US", f"N{nasty}")]] * 2
    assert is_booking(f"chase {nasty}|L{nasty}")
    assert not is_booking(f"amazon.US/N{nasty}")


@given(st.lists(st.text(alphabet="/|%2FC57 א#", max_size=6), min_size=1, max_size=4), st.sampled_from("/|"))
def test_what_is_joined_is_taken_apart_again(parts: list[str], separator: str) -> None:
    assert parts_of(joined(separator, *parts), separator, len(parts)) == tuple(parts)


@given(st.tuples(*[st.text(alphabet="/|%2FC57 א", max_size=5)] * 4))
def test_a_line_types_key_is_taken_apart_again(parts: tuple[str, str, str, str]) -> None:
    number, *kind = parts
    settlement, wanted = f"amazon.US/{number}", (kind[0], kind[1], kind[2])
    assert split_type_key(type_key(settlement, wanted)) == ("amazon", settlement, wanted)


def test_the_command_line_takes_ids_as_they_are(pulled: Home) -> None:
    nasty = "A/B|C%2F #\u200fאב"
    made = World.__new__(World)
    made.store = pulled.workspace().store
    made.put(order(nasty), line(nasty, sku=nasty))
    head, lines = settled(nasty, ["2026-10-21 Order|ItemPrice|Principal 25.00"])
    made.put(head, *lines)
    run_cycle(made.store)
    for argv in (
        ["show", f"order_missing|amazon.US|{nasty}", "--json"],
        ["story", nasty, "--json"],
        ["explain", f"amazon.US/{nasty}", "--json"],
        ["settlement", "show", nasty, "--json"],
        ["settlement", "show", f"amazon.US/{nasty}", "--json"],
        ["settlement", "ties", f"amazon.US/{nasty}", "--json"],
        ["plan", f"order_missing|amazon.US|{nasty}", "--json"],
    ):
        done = pulled.run(*argv)
        assert done.code in (0, 1), (argv, done.err)
        assert done.rows, argv
    (found,) = pulled.run("list", "orders", "--filter", f'order:"{nasty}"', "--json").rows
    assert found["id"] == f"amazon.US/{nasty}"
    assert pulled.run("map", "suggest", "amazon.US", nasty, "--json").code in (0, 1)
    assert pulled.run("waive", f"order_missing|amazon.US|{nasty}", "--reason", "x").code == 0
