"""Whatever the lines, rules and dates: nothing is lost, nothing is counted twice, every journal balances."""

from __future__ import annotations

from collections import Counter

from drawn_settlements import POLICIES, RULES, settlement, some_lines
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.settlement import (
    JournalPolicy,
    Rules,
    break_down,
    chunk,
    classify,
    group_lines,
    journals,
    lines_behind,
    load_accounts,
    split_months,
    summarise,
)
from sync.money import total_of
from sync.records import SettlementLine
from sync.settlements import ParsedSettlement, SettlementLines

ACCOUNTS = load_accounts()


@settings(max_examples=150, deadline=None)
@given(some_lines(), RULES, POLICIES)
def test_lines_parts_and_journals_say_the_same_sum_and_every_journal_balances(
    lines: list[SettlementLine], rules: Rules, policy: JournalPolicy
) -> None:
    head, classified = settlement(lines), classify(lines, rules)
    parts, made = split_months(classified), journals(head, classified, ACCOUNTS, policy)
    assert total_of(p.amount for p in parts) == head.total
    assert sum(p.lines for p in parts) == len(lines)
    payouts = [line for j in made for line in j.lines if not line.groups]
    assert total_of(line.debit - line.credit for line in payouts) == head.total
    posted = [line for j in made for line in j.lines if line.groups]
    assert total_of(line.credit - line.debit for line in posted) == head.total
    for journal in made:
        assert journal.balanced
        assert all(
            (line.debit > 0) != (line.credit > 0) and min(line.debit, line.credit) == 0 for line in journal.lines
        )
        assert len({(line.account, line.memo, bool(line.groups)) for line in journal.lines}) == len(journal.lines)


@settings(max_examples=150, deadline=None)
@given(some_lines(), RULES)
def test_classification_is_a_partition(lines: list[SettlementLine], rules: Rules) -> None:
    classified, broken = classify(lines, rules), break_down(classify(lines, rules))
    assert sum(group.count for group in classified.groups) == len(lines)
    by_line = Counter(classified.of(line).category for line in lines)
    assert by_line == {c.category: c.lines for c in broken.categories}
    for total in broken.categories:
        own = [line.amount for line in lines if classified.of(line).category == total.category]
        assert total.amount == total_of(own) == total_of(t.amount for t in total.types)
    assert broken.total == total_of(line.amount for line in lines)


@settings(max_examples=100, deadline=None)
@given(some_lines(), RULES, st.integers(2, 6))
def test_every_cent_is_explained_both_ways_and_chunks_change_nothing(
    lines: list[SettlementLine], rules: Rules, limit: int
) -> None:
    classified = classify(lines, rules)
    for journal in journals(settlement(lines), classified, ACCOUNTS):
        for line in (line for line in journal.lines if line.groups):
            behind = lines_behind(line, lines)
            assert total_of(b.amount for b in behind) == line.credit - line.debit
            assert len(behind) == line.count
        cut = chunk(journal, limit, ACCOUNTS.account("amazon.US", "clearing"))
        assert all(part.balanced and len(part.lines) <= limit for part in cut)
        assert [line for part in cut for line in part.lines if line.groups] == [x for x in journal.lines if x.groups]
        assert len({part.external_id for part in cut}) == len(cut)


@settings(max_examples=50, deadline=None)
@given(some_lines(), RULES)
def test_lines_held_by_column_and_lines_held_one_by_one_mean_the_same(
    lines: list[SettlementLine], rules: Rules
) -> None:
    same = ("channel", "settlement_id", "currency")
    names = [name for name in SettlementLine.__slots__ if name not in same]
    columns = {name: [getattr(line, name) for line in lines] for name in names}
    held = SettlementLines(channel="amazon.US", settlement_id="700", currency="USD", columns=columns)
    assert list(held) == lines == held[:]
    assert group_lines(held) == group_lines(lines)
    head = settlement(lines)
    by_column, one_by_one = (ParsedSettlement(head, given_lines, []) for given_lines in (held, lines))
    assert summarise(by_column, rules, ACCOUNTS) == summarise(one_by_one, rules, ACCOUNTS)
