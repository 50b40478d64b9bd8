"""Shipments: the list says what is to be done, a row leads to its discrepancy, the drawer shows both sides."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.desk import ActionRequest, Difference, Facts, Passage, ViewRequest
from console.live.actions import LiveActions
from console.live.behind import of_discrepancies
from console.live.details import orders
from console.live.details.shipments import read
from console.live.forms import form_for
from console.live.shipments import discrepancies_of
from console.live.views import open_view
from reconcile.cycle import run_cycle
from reconcile.story import find_story
from sync.errors import BadInput
from sync.records import ChannelShipment, ChannelShipmentLine, MultichannelLine, MultichannelOrder
from sync.streams import Document

sys.path.insert(0, str(Path(__file__).parents[2] / "reconcile"))

from factories import NOW, ORDER_ID, World, booked, line, order, period, ready_world, sent, walmart

UPS = "1Z999AA10123456784"
DONE, LATE, FBA = "113-0000000-0000001", "113-0000000-0000002", "113-0000000-0000003"
ARRIVED = NOW - timedelta(hours=30)
MCF, PO, MCF_UPS = "MCF-77", "1790012345678", "1Z999AA10123456755"
KEY = f"amazon.US/{ORDER_ID}/7101"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One order to confirm, one confirmed, one late without tracking, one FBA parcel to be fulfilled, one packed."""
    made = ready_world().cover("netsuite.parcels", "amazon.shipments@US")
    made.put_all(*(Document(period(month)) for month in (10, 11, 12)))
    made.put_all(Document(order(), (line(),)), *booked("7001"), *sent("7101"))
    made.put_all(*sent("7105", source="7001", status="B", tracking=()))
    shown = line(DONE, quantity_shipped=1, tracking_number="1Z999AA10123456799", carrier="UPS", delivered_at=ARRIVED)
    made.put_all(Document(order(DONE, status="delivered"), (shown,)), *booked("7002", order_id=DONE))
    made.put_all(*sent("7102", tracking=("1Z999AA10123456799",), source="7002"))
    made.put_all(Document(order(LATE, ship_by=NOW - timedelta(hours=3)), (line(LATE),)), *booked("7003", order_id=LATE))
    made.put_all(*sent("7103", tracking=("1Z999AA10123456700",), source="7003"))
    left = order(FBA, status="shipped", fulfilled_by="channel", updated_at=NOW - timedelta(hours=5))
    made.put_all(Document(left, (line(FBA, quantity_shipped=1),)), *booked("7004", order_id=FBA))
    parcel = ChannelShipment("amazon.US", "D1", FBA, NOW - timedelta(hours=5), "AMZN_US", "TBA1", None, None)
    row = ChannelShipmentLine("amazon.US", "D1", 1, "1", "ACM-MUG-16", 1, "USD", None, None, None)
    made.put_all(Document(parcel, (row,)))
    _shipped_for_walmart(made)
    run_cycle(made.store)
    yield made
    made.store.close()


def _shipped_for_walmart(made: World) -> None:
    """Amazon shipped a mug that Walmart sold; its own telling of it in the parcel report is another number."""
    made.cover("amazon.multichannel@US")
    at = NOW - timedelta(hours=9)
    told = ("Standard", "BLOCK_AMZL", "US")
    shipping = MultichannelOrder("amazon.US", MCF, PO, at, at, at, "shipped", "Complete", *told)
    mug = MultichannelLine("amazon.US", MCF, "a", 1, "ACM-MUG-16", 1, 0, 0)
    parcel = ChannelShipment("amazon.US", f"{MCF}/D9", MCF, at, "UPS", MCF_UPS, None, None)
    inside = ChannelShipmentLine("amazon.US", f"{MCF}/D9", 1, "a", "ACM-MUG-16", 1, None, None, None, None)
    made.put_all(
        Document(walmart(PO, acknowledged_at=at), (replace(line(PO), channel="walmart.US"),)),
        *booked("7006", order_id=PO),
    )
    made.put_all(Document(shipping, (mug,)), Document(parcel, (inside,)))
    own = order("S01-1", status="shipped", order_type="multi_channel", alternate_id=MCF, fulfilled_by="channel")
    made.put_all(Document(own, (line("S01-1"),)))
    made.put_all(Document(replace(parcel, order_id="S01-1", shipment_id="D9"), (replace(inside, shipment_id="D9"),)))


def rows(world: World, text: str = "", *names: str) -> list[tuple[object, ...]]:
    view = open_view(world.store, ViewRequest("shipments", text))
    try:
        shown = [c.name for c in view.columns]
        wanted = [shown.index(name) for name in names or ("order", "fulfilment", "status", "tracking")]
        return [tuple(row.values[i] for i in wanted) for row in view.page(0, 50)]
    finally:
        view.close()


def test_what_is_to_be_done_comes_first_and_the_rest_says_how_it_stands(world: World) -> None:
    assert rows(world) == [
        (LATE, "IF7103", "late", "1Z999AA10123456700"),
        (ORDER_ID, "IF7101", "to confirm", UPS),
        (FBA, None, "to fulfil", "TBA1"),
        (MCF, None, "to fulfil", MCF_UPS),
        (ORDER_ID, "IF7105", "packed", None),
        (DONE, "IF7102", "delivered", "1Z999AA10123456799"),
    ]


def test_an_arrival_is_shown_with_its_time_in_the_list_the_drawer_and_the_story(world: World) -> None:
    told = [(r[0], r[1]) for r in rows(world, "", "order", "delivered_at") if r[1] is not None]
    assert told == [(DONE, ARRIVED)]
    for tab, wanted in (("sides", "2026-11-19 03:00"), ("story", "delivered 18 Nov")):
        detail = read(world.store, {}, f"amazon.US/{DONE}/7102", tab)
        assert detail is not None
        facts = " ".join(f"{name} {said}" for b in detail.blocks if isinstance(b, Facts) for name, said in b.pairs)
        assert wanted in facts, tab


def test_the_filter_finds_a_shipment_by_tracking_number_and_by_state(world: World) -> None:
    assert [r[0] for r in rows(world, UPS)] == [ORDER_ID]
    assert [r[0] for r in rows(world, "status:late")] == [LATE]


def test_a_row_leads_to_the_discrepancy_of_its_order(world: World) -> None:
    assert discrepancies_of(world.store, KEY) == [f"shipment_unconfirmed|amazon.US|{ORDER_ID}"]
    request = ActionRequest("waive", "shipments", (KEY,))
    form = form_for(world.store, request)
    assert form is not None
    assert form.title.startswith(f"Waive: Order {ORDER_ID} was sent with IF7101")


def test_a_shipment_that_both_sides_agree_about_is_refused_with_words(world: World) -> None:
    with pytest.raises(BadInput, match="both sides agree"):
        of_discrepancies(world.store, ActionRequest("fix", "shipments", (f"amazon.US/{DONE}/7102",)))


def test_the_drawer_shows_units_and_tracking_of_both_sides_and_the_fix(world: World) -> None:
    detail = read(world.store, {}, KEY, "sides")
    assert detail is not None
    [sides] = [b for b in detail.blocks if isinstance(b, Difference)]
    assert [(f.name, f.left, f.right) for f in sides.fields] == [
        ("ACM-MUG-16 (line 1) units", "0", "1"),
        ("ACM-MUG-16 (line 1) tracking", None, UPS),
    ]
    fix = read(world.store, {}, KEY, "fix")
    assert fix is not None
    assert f"Confirm parcel of {ORDER_ID}" in " ".join(b.text for b in fix.blocks if isinstance(b, Passage))
    raw = read(world.store, {}, KEY, "raw")
    assert raw is not None
    [text] = [b.text for b in raw.blocks if isinstance(b, Passage)]
    assert json.loads(text)["fulfilments"][0]["tracking"] == [UPS]
    assert read(world.store, {}, "amazon.US/113-9/1", "sides") is None


@pytest.mark.parametrize("tab", ["sides", "story"])
def test_a_parcel_of_the_channel_is_shown_where_netsuite_has_none(world: World, tab: str) -> None:
    detail = read(world.store, {}, f"amazon.US/{FBA}/D1", tab)
    assert detail is not None
    assert detail.jumps[0].key == f"fulfilment_missing|amazon.US|{FBA}"
    assert detail.blocks


def test_what_amazon_ships_for_another_shop_has_its_parcel_its_fix_and_the_story_of_the_sale(world: World) -> None:
    key = f"amazon.US/{MCF}/{MCF}/D9"
    detail, fix = read(world.store, {}, key, "sides"), read(world.store, {}, key, "fix")
    assert detail is not None
    assert fix is not None
    assert detail.jumps[0].key == f"multichannel_unfulfilled|amazon.US|{MCF}"
    assert f"Fulfil 1 unit of {MCF} from SO7006" in " ".join(b.text for b in fix.blocks if isinstance(b, Passage))
    view = open_view(world.store, ViewRequest("orders", MCF))
    wanted = [[c.name for c in view.columns].index(name) for name in ("order", "erp", "kind", "status")]
    found = {tuple(row.values[i] for i in wanted) for row in view.page(0, 9)}
    view.close()
    assert (MCF, "SO7006", "multi_channel", "shipped") in found
    for text in (MCF, MCF_UPS, PO):
        story = find_story(world.store, text)
        assert story is not None
        assert (story.channel, story.subject) == ("walmart.US", PO), text
        assert ("amazon.US", f"ships it as {MCF}: Complete") in story.where
        assert [w.discrepancy_id for w in story.wrong] == [f"multichannel_unfulfilled|amazon.US|{MCF}"]
    world.decide("multichannel_order", f"amazon.US|{MCF}", ignore=True)
    alone = orders.read(world.store, {}, f"amazon.US/{MCF}", "story")
    assert alone is not None
    assert "nothing is to be done here, as ann decided" in str(alone.blocks[0])
    assert orders.read(world.store, {}, f"amazon.US/{MCF}", "raw") is not None


def test_staging_from_the_list_stages_the_confirmations(world: World) -> None:
    class Workspace:
        store = world.store

    actions = LiveActions(Workspace(), "ann")  # type: ignore[arg-type]
    request = ActionRequest("stage", "shipments", (KEY, f"amazon.US/{LATE}/7103"))
    ended = actions.fix(request, None)  # type: ignore[arg-type]
    assert ended.note.startswith("2 operations staged")
    assert {o.kind for o in world.store.outbox.operations(states=("planned",))} == {"shipment.confirm"}
