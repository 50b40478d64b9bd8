"""The past as it was known: figures, journals and decisions of a moment, which nothing can write to."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from factories import World
from posting_world import NOVEMBER, NUMBER, ROWS, open_books, planned, post, settle

from console.desk import ViewRequest
from console.live.details.settlements import read
from console.live.explaining import explain_figure
from console.live.views import open_view
from reconcile.explain import explain_journal, explain_up
from reconcile.seen_at import store_at
from reconcile.stored_settlements import see_settlement
from sync.errors import BadInput

KEY = f"amazon.US/{NUMBER}"


@pytest.fixture
def moments(world: World) -> tuple[datetime, datetime]:
    """A settlement that is read, then posted and placed anew, then issued again with another line."""
    before = world.clock.now()
    world.clock.advance(3600)
    settle(open_books(world))
    first = world.clock.now() + timedelta(minutes=1)
    world.clock.advance(3600)
    for n, operation in enumerate(planned(world, "settlement_not_posted")):
        post(world, operation, str(8100 + n))
    world.decide("account", "amazon.US|sales", number="4010")
    world.clock.advance(3600)
    settle(world, *ROWS, "2026-11-02 Order|ItemPrice|Principal 10.00", document_hash="1" * 64)
    world.clock.advance(60)
    return before, first


def test_a_moment_to_come_and_writing_are_refused(world: World) -> None:
    with pytest.raises(BadInput, match="has not come yet"):
        store_at(world.store, world.clock.now() + timedelta(seconds=1))
    past = store_at(world.store, world.clock.now())
    with pytest.raises(PermissionError):
        past.decisions.decide("sku", "*|A", {"item_id": "1"}, by="ann")
    past.close()
    assert world.store.decisions.current("sku") == {}


def test_what_was_not_known_then_has_no_figures(world: World, moments: tuple[datetime, datetime]) -> None:
    past = store_at(world.store, moments[0])
    assert see_settlement(past, KEY) is None
    assert explain_figure(past, "settlements", KEY) is None
    assert explain_journal(past, NOVEMBER) is None
    assert explain_up(past, f"{NUMBER}:3") == []
    assert read(world.store, KEY, "breakdown", moments[0]) is None
    view = open_view(world.store, ViewRequest("settlement_types", scope={"settlement": KEY}, as_of=moments[0]))
    assert view.total == 0
    view.close()


def test_figures_journals_and_accounts_are_those_of_the_moment(
    world: World, moments: tuple[datetime, datetime]
) -> None:
    then, now = store_at(world.store, moments[1]), world.store
    totals, accounts, posted = [], [], []
    for store in (then, now):
        figure = explain_figure(store, "settlements", KEY)
        journal = explain_journal(store, NOVEMBER)
        assert figure is not None
        assert journal is not None
        assert figure.adds_up
        totals.append(figure.amount)
        accounts.append([p.account for p in journal.parts if p.types])
        posted.append(journal.posted_as)
    assert totals == [Decimal("26.25"), Decimal("36.25")]
    assert accounts == [["4000 Sales"], ["4010 Shipping income"]]
    assert posted == [None, "JE8101"]


def test_the_page_of_a_settlement_tells_how_it_stood(world: World, moments: tuple[datetime, datetime]) -> None:
    stood, stands = (repr(read(world.store, KEY, "breakdown", at)) for at in (moments[1], None))
    assert "NetSuite did not have it" in stood
    assert "26.25" in stood
    assert "36.25" in stands
    assert "8101" not in repr(read(world.store, KEY, "history", moments[1]))
    request = ViewRequest("settlement_types", scope={"settlement": KEY})
    for as_of, expected in ((moments[1], "4000 Sales"), (None, "4010 Shipping income")):
        view = open_view(world.store, ViewRequest(request.view, scope=request.scope, as_of=as_of))
        assert expected in {row.values[1] for row in view.page(0, 10)}
        view.close()
