"""Unknown settlement line types: what stops, what is proposed and why, and accepting it in one step."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from factories import NOW, World, account, period, settled

from reconcile.cycle import run_cycle
from reconcile.line_types import UnmappedLineType, accept_proposal, unmapped_line_types
from sync.errors import BadInput

SALE = "2026-10-21 Order|ItemPrice|Principal 25.00"
NEW_FEE = "AmazonFees|FBA Inventory Storage Surcharge|Base fee"
NEW = f"2026-10-22 {NEW_FEE} -1.25"
SUBJECT = f"amazon|{NEW_FEE}"


def put(world: World, number: str, *rows: str, **changes: object) -> World:
    record, lines = settled(number, rows, **changes)
    return world.put(record, *lines)


def the_one(world: World) -> UnmappedLineType:
    (found,) = unmapped_line_types(world.store)
    return found


def test_an_unknown_subject_and_one_that_has_its_rule_are_refused(world: World) -> None:
    put(world, "700", SALE, NEW)
    for subject in ("amazon|no|such|type", "amazon|Order|ItemPrice|Principal", f"walmart|{NEW_FEE}", ""):
        with pytest.raises(BadInput, match="no unknown line type") as refused:
            accept_proposal(world.store, subject, "ann")
        assert "list line-types" in refused.value.remedy
    assert world.store.decisions.current("line_type") == {}


def test_where_nothing_is_near_nothing_is_proposed_and_nothing_accepted(world: World) -> None:
    put(world, "700", SALE, "2026-10-22 Xylograph|Quux|Zwölf -1.25")
    found = the_one(world)
    assert (found.nearest, found.proposed_category, found.proposed_account_key) == ((), None, None)
    assert found.reason == "no known type is like it"
    with pytest.raises(BadInput, match="nothing is proposed"):
        accept_proposal(world.store, found.subject, "ann")
    assert world.store.decisions.current("line_type") == {}


def test_known_types_and_an_empty_mirror_have_no_entry(world: World) -> None:
    assert unmapped_line_types(world.store) == []
    assert unmapped_line_types(put(world, "700", SALE).store) == []


def test_an_unknown_type_shows_what_is_at_stake_where_and_since_when(world: World) -> None:
    put(world, "700", SALE, NEW, "2026-10-20 " + NEW_FEE + " -0.75")
    world.clock.advance(86_400)
    put(world, "701", SALE, NEW)
    put(world, "702", NEW, channel="amazon.DE", currency="EUR")
    found = the_one(world)
    assert found.subject == SUBJECT
    assert found.name == "AmazonFees / FBA Inventory Storage Surcharge / Base fee"
    assert found.amounts == (("EUR", Decimal("-1.25")), ("USD", Decimal("-3.25")))
    assert found.lines == 4
    assert found.first_posted == date(2026, 10, 20)
    assert found.first_seen == NOW
    assert found.settlements == ("amazon.DE/702", "amazon.US/700", "amazon.US/701")


def test_the_proposal_is_the_place_of_the_nearest_type_and_says_why(world: World) -> None:
    found = the_one(put(world, "700", SALE, NEW))
    best = found.nearest[0]
    assert best.category == "storage"
    assert best.account_key == "storage_fees"
    assert len(found.nearest) == 3
    assert [n.score for n in found.nearest] == sorted((n.score for n in found.nearest), reverse=True)
    assert (found.proposed_category, found.proposed_account_key) == ("storage", "storage_fees")
    assert found.reason.startswith(f"most like {best.name} ({best.score} of 100)")
    assert "nearest types agree" in found.reason
    assert "unusual" not in found.reason


def test_a_sign_against_the_categorys_sense_is_said_not_hidden(world: World) -> None:
    found = the_one(put(world, "700", SALE, NEW.replace("-1.25", "1.25")))
    assert found.reason.endswith("; its sign is unusual for storage")


def test_a_type_that_only_an_earlier_version_had_is_no_longer_shown_but_is_as_of_then(world: World) -> None:
    put(world, "700", SALE, NEW)
    then = world.clock.now()
    world.clock.advance(3_600)
    put(world, "700", SALE, document_hash="1" * 64)
    assert unmapped_line_types(world.store) == []
    assert [t.subject for t in unmapped_line_types(world.store, then)] == [SUBJECT]


def test_accepting_frees_the_settlement_and_undo_stops_it_again(world: World) -> None:
    for n, number in enumerate(("4000", "6140", "1150")):
        world.put(account(str(300 + n), number, number))
    world.put(period(10))
    put(world, "700", SALE, NEW)
    controls = ["settlement_not_posted"]
    run_cycle(world.store, controls=controls)
    assert "has no account" in world.one("settlement_not_posted")["blocked_by"]
    decision = accept_proposal(world.store, SUBJECT, "ann")
    assert decision.decided_by == "ann"
    assert dict(decision.value) == {"category": "storage", "account_key": "storage_fees"}
    assert decision.reason.startswith("proposal accepted: most like")
    run_cycle(world.store, controls=controls)
    assert world.one("settlement_not_posted")["blocked_by"] is None
    assert unmapped_line_types(world.store) == []
    world.store.decisions.undo("line_type", SUBJECT, by="ann")
    run_cycle(world.store, controls=controls)
    assert "has no account" in world.one("settlement_not_posted")["blocked_by"]
    assert the_one(world).subject == SUBJECT


def test_a_description_with_the_separator_in_it_is_accepted_under_its_own_subject(world: World) -> None:
    put(world, "700", SALE, "2026-10-22 AmazonFees|FBA Inventory Storage Surcharge|Base -1.00")
    (record, lines) = settled("701", ["2026-10-22 A|FBA Inventory Storage Fee|x -1.00"])
    world.put(record, *[replace(x, amount_description="Base | fee") for x in lines])
    for found in unmapped_line_types(world.store):
        accept_proposal(world.store, found.subject, "ann")
    assert unmapped_line_types(world.store) == []
