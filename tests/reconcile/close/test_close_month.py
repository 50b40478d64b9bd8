"""Closing a month: refused while it is not true, frozen as of one moment, never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from reconcile.close import Refused, close_month
from sync.errors import BadInput
from sync.records import Deletion
from sync.streams import Document
from tests.reconcile.close.month_world import (
    FIRST,
    NOW,
    OCTOBER,
    SALE,
    book,
    closed,
    company,
    content,
    post,
    settle,
)
from tests.reconcile.factories import World, journal_entry, line, order, settled, transaction_line


def refusal(world: World) -> Refused:
    done = close_month(world.store, OCTOBER, by="ann")
    assert isinstance(done, Refused)
    assert world.store.closes.all() == []
    return done


def unpost(world: World) -> None:
    """Let somebody delete both journals in the ERP."""
    deleted = datetime(2026, 11, 20, tzinfo=UTC)
    for number in ("8001", "8002"):
        world.put(Deletion("transactions", number, "journalEntry", deleted))


def test_what_is_no_month_and_a_month_without_lines_are_refused(posted: World) -> None:
    with pytest.raises(BadInput, match="this is no month"):
        close_month(posted.store, "2026-13", by="ann")
    with pytest.raises(BadInput, match="no settlement has lines in this month"):
        close_month(posted.store, "2026-08", by="ann")
    with pytest.raises(BadInput, match="has not come yet"):
        close_month(posted.store, OCTOBER, by="ann", as_of=NOW + timedelta(days=1))


def test_a_month_that_is_not_over_is_closed_by_no_reason(posted: World) -> None:
    with pytest.raises(BadInput, match="2026-11 is not over"):
        close_month(posted.store, "2026-11", by="ann", anyway="the auditor is here")
    with pytest.raises(BadInput, match="2026-10 is not over at 2026-10-31 23:59 UTC"):
        close_month(posted.store, OCTOBER, by="ann", as_of=datetime(2026, 10, 31, 23, 59, tzinfo=UTC), anyway="early")
    assert posted.store.closes.all() == []


def test_a_journal_that_is_not_posted_stops_the_close_and_names_the_remedy(posted: World) -> None:
    unpost(posted)
    found = refusal(posted).obstacles
    assert [(o.kind, o.subject) for o in found] == [
        ("unposted", "AMZ-SETTLE-700-202610"),
        ("unposted", "AMZ-SETTLE-701-202610"),
    ]
    assert all(o.remedy for o in found)


def test_a_line_type_without_a_rule_stops_the_close(posted: World) -> None:
    settle(posted, "702", ["2026-10-07 Zeta|Zeta|Quux 5.00"])
    kinds = {o.kind: o for o in refusal(posted).obstacles}
    assert "unmapped" in kinds
    assert "no rule for 'Zeta / Zeta / Quux'" in kinds["unmapped"].problem


def test_a_settlement_that_does_not_foot_stops_the_close(posted: World) -> None:
    head, lines = settled("703", [f"2026-10-08 {SALE} 10.00"], total=Decimal("10.01"))
    posted.put(head, *lines)
    found = [o for o in refusal(posted).obstacles if o.kind == "not_footed"]
    assert "residual 0.01 USD" in found[0].problem


def test_a_posted_journal_with_another_cent_stops_the_close(posted: World) -> None:
    cent = transaction_line("8001", account_id="id-1", debit=Decimal("0.01"))
    posted.put(journal_entry("AMZ-SETTLE-700-202610", "8001", updated_at=NOW), cent)
    (found,) = refusal(posted).obstacles
    assert found.kind == "differs"
    assert "account id-1: -0.01 posted, 0.00 derived" in found.problem


def test_a_limit_of_lines_that_comes_after_the_posting_is_nothing_that_stops_the_close(posted: World) -> None:
    posted.decide("policy", "settlements|amazon.US", line_limit=2)
    assert len(content(closed(posted))["journals"]) > 2


def test_a_stream_that_ends_before_the_month_does_stops_the_close() -> None:
    world = World()
    until = NOW - timedelta(days=25)
    world.cover("amazon.settlements@US", "netsuite.transactions", until=until)
    settle(world, "700", FIRST)
    kinds = [(o.kind, o.subject) for o in refusal(world).obstacles]
    assert ("not_read", "netsuite.transactions") in kinds
    assert ("not_read", "amazon.settlements@US") in kinds
    assert ("not_settled", "2026-10-15") in kinds
    world.store.close()


def test_a_gap_in_the_chain_of_settlements_stops_the_close() -> None:
    world = settle(company(), "700", FIRST, end="2026-10-08")
    settle(world, "702", [f"2026-10-28 {SALE} 5.00"], start="2026-10-25", end="2026-11-05")
    post(world)
    (found,) = refusal(world).obstacles
    assert (found.kind, found.subject) == ("chain", "700..702")
    world.store.close()


def test_a_payout_that_the_statements_should_show_stops_the_close_until_it_is_there(posted: World) -> None:
    # Until a statement reaches its days it only waits; the second settlement's payout is November's matter.
    book(posted, "b0", "-1.00", "2026-10-16")
    assert not isinstance(close_month(posted.store, OCTOBER, by="ann", as_of=posted.clock.now()), Refused)
    book(posted, "b1", "-1.00", "2026-11-18")
    done = close_month(posted.store, OCTOBER, by="ann")
    assert isinstance(done, Refused)
    found = {(o.kind, o.subject) for o in done.obstacles if o.kind != "closed"}
    assert found == {("not_in_bank", "700")}
    book(posted, "b2", "85.00", "2026-10-16")
    assert closed(posted, anyway="paid").version == 2


def test_with_a_reason_it_is_closed_anyway_and_what_is_open_is_stored(posted: World) -> None:
    unpost(posted)
    close = closed(posted, anyway="the auditor is here")
    assert close.reason == "the auditor is here"
    held = content(close)
    assert [o["kind"] for o in held["obstacles"]] == ["unposted", "unposted"]
    assert {d["kind"] for d in held["discrepancies"]} >= {"settlement_not_posted"}


def test_a_close_holds_everything_that_makes_the_month(posted: World) -> None:
    book(posted, "b1", "85.00", "2026-10-16")
    close = closed(posted)
    held = content(close)
    assert (close.reason, held["obstacles"]) == ("", [])
    assert [s["settlement_id"] for s in held["settlements"]] == ["700", "701"]
    assert [p for s in held["settlements"] for p in s["parts"]] == [
        {"month": "2026-10", "amount": "85.00", "lines": 2},
        {"month": "2026-10", "amount": "50.00", "lines": 1},
        {"month": "2026-11", "amount": "17.00", "lines": 2},
    ]
    assert [j["external_id"] for j in held["journals"]] == ["AMZ-SETTLE-700-202610", "AMZ-SETTLE-701-202610"]
    assert [d["number"] for d in held["documents"]] == ["JE8001", "JE8002"]
    assert [(b["opening"], b["closing"]) for b in held["bridge"]] == [("0.00", "0.00"), ("0.00", "0.00")]
    assert next(b["bookings"] for b in held["bank"]) == [
        {"booking": "Main|b1", "amount": "85.00", "currency": "USD", "day": "2026-10-16"}
    ]
    assert {d["kind"] for d in held["decisions"]} == {"routing"}
    assert {c["stream"] for c in held["coverage"]} >= {"netsuite.transactions"}
    assert all(len(s["document_hash"]) == len(s["lines_digest"]) == 64 for s in held["settlements"])


def test_a_close_holds_no_buyers_name(posted: World) -> None:
    posted.put_all(Document(order(), [line()]))
    close = closed(posted)
    assert content(close)["discrepancies"]
    assert "Jane" not in close.content


def test_a_closed_month_is_closed_again_only_with_a_reason(posted: World) -> None:
    first = closed(posted)
    done = close_month(posted.store, OCTOBER, by="bob")
    assert isinstance(done, Refused)
    (found,) = done.obstacles
    assert (found.kind, found.problem.split("); ")[1]) == ("closed", "nothing moved")
    assert found.problem.startswith("2026-10 was closed by ann at ")
    settle(posted, "704", [f"2026-10-09 {SALE} 1.00"])
    done = close_month(posted.store, OCTOBER, by="bob")
    assert isinstance(done, Refused)
    assert "3 things have moved since" in done.obstacles[0].problem
    second = closed(posted, anyway="a late settlement")
    assert [(c.version, c.digest) for c in posted.store.closes.all()] == [(1, first.digest), (2, second.digest)]
    assert (second.previous_digest, second.reason) == (first.digest, "a late settlement")
    assert "closed" not in {o["kind"] for o in content(second)["obstacles"]}
    assert posted.store.closes.latest(OCTOBER) == second
    assert posted.store.closes.latest(OCTOBER, 1) == first


def test_of_two_who_close_a_month_at_once_the_second_is_refused(posted: World) -> None:
    first = closed(posted)
    with pytest.raises(BadInput, match=r"closed by somebody else just now \(version 1\)"):
        posted.store.closes.append(OCTOBER, first.content, as_of=first.as_of, by="bob", follows=0)
    assert posted.store.closes.all() == [first]


def test_a_close_as_of_a_moment_sees_what_was_known_then(posted: World) -> None:
    posted.clock.advance(3600)
    settle(posted, "704", [f"2026-10-09 {SALE} 1.00"])
    assert [s["settlement_id"] for s in content(closed(posted, as_of=NOW))["settlements"]] == ["700", "701"]
