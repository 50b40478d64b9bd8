"""Explaining stays a partition where a month needs several journals: each line is behind one of them, once."""

from __future__ import annotations

from datetime import UTC, datetime

from drawn_settlements import settlement, some_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.explain import explain_journal, explain_up, lines_of
from reconcile.stored_settlements import see_settlement
from sync.clock import ManualClock
from sync.money import total_of
from sync.records import SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document


@settings(max_examples=8, deadline=None)
@given(some_lines(), st.integers(2, 4))
def test_the_pieces_of_a_month_hold_every_line_once_and_add_to_it(lines: list[SettlementLine], limit: int) -> None:
    store = Store.in_memory(ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC)))
    batch = Batch(None, [Document(settlement(lines), lines)], {})
    store.mirror.commit("files.settlements@amazon.US", batch, "test")
    store.decisions.decide("policy", "settlements|amazon.US", {"line_limit": limit}, by="ann")
    seen = see_settlement(store, "700")
    assert seen is not None
    behind: dict[int, str] = {}
    added = []
    for journal in seen.journals:
        explained = explain_journal(store, journal.external_id)
        assert explained is not None
        assert len(explained.parts) <= limit
        assert explained.debits == explained.credits
        added.append(explained.total)
        for part in explained.parts:
            found = lines_of(store, journal.external_id, part.number)
            assert found is not None
            if part.types:
                assert part.credit - part.debit == total_of(line.amount for line in found)
                assert not behind.keys() & {line.ordinal for line in found}
                behind |= {line.ordinal: journal.external_id for line in found}
            else:
                assert part.debit - part.credit == total_of(line.amount for line in found) == explained.total
    left = [line for line in lines if line.ordinal not in behind]
    assert total_of(line.amount for line in left) == 0
    assert total_of(added) == total_of(line.amount for line in lines)
    for line in lines[:3]:
        (up,) = explain_up(store, f"700:{line.file_line}")
        assert (up.journal_line is not None) == (line.ordinal in behind)
        assert line.ordinal not in behind or up.journal == behind[line.ordinal]
    store.close()
