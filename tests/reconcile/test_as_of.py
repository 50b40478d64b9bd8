"""The past as it was known: figures, journals and decisions of a moment, which nothing can write to."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from factories import World
from posting_world import NOVEMBER, NUMBER, OCTOBER, ROWS, open_books, planned, post, settle

from console.desk import ViewRequest
from console.live.details.discrepancies import read_at
from console.live.details.settlements import read
from console.live.explaining import explain_figure
from console.live.views import open_view
from reconcile.cycle import run_cycle
from reconcile.explain import explain_journal, explain_up
from reconcile.past import judge_at
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


def status_of(world: World, at: datetime | None) -> str:
    view = open_view(world.store, ViewRequest("settlements", as_of=at))
    names = [c.name for c in view.columns]
    row = next(r for r in view.page(0, 10) if r.key == KEY)
    view.close()
    return str(dict(zip(names, row.values, strict=True))["status"])


def listed(world: World, name: str, at: datetime | None) -> list[str]:
    view = open_view(world.store, ViewRequest(name, as_of=at))
    keys = [row.key for row in view.page(0, 100)]
    view.close()
    return sorted(keys)


def test_discrepancies_and_their_causes_are_those_of_the_moment(
    world: World, moments: tuple[datetime, datetime]
) -> None:
    run_cycle(world.store)
    posts = [f"settlement_not_posted|amazon.US|{name}" for name in (OCTOBER, NOVEMBER)]
    differs = [f"journal_differs|amazon.US|{name}" for name in (OCTOBER, NOVEMBER)]
    now, then = listed(world, "discrepancies", None), listed(world, "discrepancies", moments[1])
    assert [k for k in now if k in (*posts, *differs)] == differs
    assert [k for k in then if k in (*posts, *differs)] == posts
    assert [k for k in listed(world, "discrepancies", moments[0]) if k in (*posts, *differs)] == []
    assert "cause=unposted|amazon.US" in listed(world, "causes", moments[1])
    assert "cause=unposted|amazon.US" not in listed(world, "causes", None)
    assert (status_of(world, None), status_of(world, moments[1])) == ("posted", "to post")
    # Looking back has changed nothing of what stands.
    assert listed(world, "discrepancies", None) == now
    page = repr(read(world.store, KEY, "breakdown", moments[1]))
    assert f"Settlement {NUMBER} is not posted for 2026-10" in page
    assert judge_at(world.store, "journal_differs", moments[1]).findings == []
    assert {f.discrepancy_id for f in judge_at(world.store, "journal_differs", None).findings} == set(differs)


def test_a_waiver_holds_in_the_past_from_the_time_it_was_given(
    world: World, moments: tuple[datetime, datetime]
) -> None:
    key = f"journal_differs|amazon.US|{OCTOBER}"
    before = world.clock.now()
    run_cycle(world.store)
    world.clock.advance(60)
    world.store.findings.mark(key, "waived", reason="known", by="ann")
    world.clock.advance(60)
    waived = []
    for at in (before, world.clock.now()):
        view = open_view(world.store, ViewRequest("discrepancies", "status:waived", as_of=at))
        waived.append([row.key for row in view.page(0, 9)])
        view.close()
    assert waived == [[], [key]]
    for tab in ("diff", "why", "fix", "history", "raw"):
        detail = read_at(world.store, {}, key, tab, before)
        assert detail is not None
        assert "lead back to now" in repr(detail.blocks[-1])
    assert read_at(world.store, {}, key, "diff", moments[1]) is None


def test_what_was_sent_later_had_not_been_sent_then(world: World) -> None:
    settle(open_books(world))
    due = planned(world, "settlement_not_posted")
    then = world.clock.now()
    world.clock.advance(60)
    # Sent, and not read back: now it waits, then it was due.
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", due, by="ann"), by="ann")
    for operation in outbox.operations():
        outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    now = judge_at(world.store, "settlement_not_posted", None)
    assert (list(now.findings), now.waiting) == ([], 2)
    assert [f.subject for f in judge_at(world.store, "settlement_not_posted", then).findings] == [OCTOBER, NOVEMBER]
