"""A settlement that was issued again: what is a version, what differs, and that the old one stays readable."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from factories import NOW, World, settled
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.reissue_totals import by_category
from reconcile.reissues import LineChange, Reissue, changes_of, compare, diff_lines, in_words, versions_of
from reconcile.seen_at import evidence_at
from reconcile.settlement import load_rules
from reconcile.stored_settlements import read_settlement_by_key
from sync.clock import ManualClock
from sync.money import total_of
from sync.records import SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document

SALE = "2026-10-21 Order|ItemPrice|Principal 25.00"
FEE = "2026-10-21 Order|ItemFees|Commission -3.75"
STORAGE = "2026-10-30 FBAFees|FBA Inventory Storage Fee|Base fee -4.00"
PLACE = ("ordinal", "file_line", "byte_offset")


def lines_of(*rows: str) -> list[SettlementLine]:
    return settled("700", rows)[1]


def said(changes: tuple[LineChange, ...]) -> list[tuple[str, str, str]]:
    return [(c.kind, c.line.amount_description, str(c.amount)) for c in changes]


def put(world: World, digest: str, *rows: str, name: str = "a.txt") -> World:
    record, lines = settled("700", rows, document_hash=digest * 64, document_name=name)
    world.put(record, *lines)
    world.clock.advance(3_600)
    return world


def last_reissue(store: Store) -> tuple[Reissue, tuple[LineChange, ...]]:
    with store.database.reading() as cursor:
        found = compare(cursor, "amazon.US", "700", *versions_of(cursor, "amazon.US", "700")[-2:])
        return found, tuple(changes_of(cursor, found))


def test_one_of_three_equal_lines_that_is_gone_is_one_removed_line() -> None:
    changes = diff_lines(lines_of(FEE, FEE, FEE), lines_of(FEE, FEE))
    assert said(changes) == [("removed", "Commission", "3.75")]


def test_equal_lines_stay_equal_wherever_they_stand() -> None:
    assert diff_lines(lines_of(SALE, FEE, STORAGE), lines_of(STORAGE, SALE, FEE)) == ()
    assert diff_lines([], []) == ()


def test_a_corrected_amount_a_new_line_and_a_dropped_one_are_told_apart() -> None:
    changes = diff_lines(
        lines_of(SALE, FEE, STORAGE), lines_of(SALE, FEE.replace("-3.75", "-3.80"), SALE.replace("Order", "Refund"))
    )
    assert said(changes) == [
        ("changed", "Commission", "-0.05"),
        ("added", "Principal", "25.00"),
        ("removed", "Base fee", "4.00"),
    ]
    assert changes[0].differing == ("amount",)
    assert in_words(changes, "USD") == "1 line changed, 1 line added, 1 line removed, +28.95 USD in all"


def test_a_line_that_moved_to_another_day_or_type_is_one_change_not_two() -> None:
    moved = diff_lines(lines_of(FEE), lines_of(FEE.replace("2026-10-21", "2026-11-01")))
    renamed = diff_lines(lines_of(FEE), lines_of(FEE.replace("Commission", "ReferralFee")))
    assert [(c.kind, c.differing, c.amount) for c in moved] == [("changed", ("posted_date",), Decimal("0.00"))]
    assert [(c.kind, c.differing) for c in renamed] == [("changed", ("amount_description",))]


def test_a_report_received_again_is_no_version_and_a_correction_is_one(world: World) -> None:
    put(put(world, "1", SALE, FEE), "1", SALE, FEE, name="again.txt")
    with world.store.database.reading() as cursor:
        assert [v.document_name for v in versions_of(cursor, "amazon.US", "700")] == ["a.txt"]
    put(world, "2", SALE, FEE.replace("-3.75", "-3.80"), name="corrected.txt")
    reissue, changes = last_reissue(world.store)
    assert [reissue.before.document_name, reissue.after.document_name] == ["a.txt", "corrected.txt"]
    assert said(changes) == [("changed", "Commission", "-0.05")]
    assert reissue.amount == Decimal("-0.05")
    with world.store.database.reading() as cursor:
        assert versions_of(cursor, "amazon.US", "no such") == []


def test_bytes_that_come_back_after_others_are_a_version_again(world: World) -> None:
    put(put(put(world, "1", SALE, FEE), "2", SALE), "1", SALE, FEE)
    with world.store.database.reading() as cursor:
        assert [v.document_hash[0] for v in versions_of(cursor, "amazon.US", "700")] == ["1", "2", "1"]
    assert said(last_reissue(world.store)[1]) == [("added", "Commission", "-3.75")]


def test_as_of_a_moment_between_the_two_the_old_one_is_read(world: World) -> None:
    put(world, "1", SALE, FEE)
    between = world.clock.now() - timedelta(minutes=1)
    put(world, "2", SALE, FEE.replace("-3.75", "-3.80"))
    for moment, total, count in ((between, "21.25", 2), (None, "21.20", 2)):
        with evidence_at(world.store, moment) as evidence:
            seen = read_settlement_by_key(evidence.cursor, "amazon.US", "700")
            assert seen is not None
            assert (seen.settlement.total, len(seen.lines)) == (Decimal(total), count)
            assert total_of(line.amount for line in seen.lines) == Decimal(total)


ROW = st.builds(
    lambda day, kind, cents: f"2026-10-{day:02} {kind} {Decimal(cents).scaleb(-2)}",
    st.integers(1, 3),
    st.sampled_from(["Order|ItemPrice|Principal", "Order|ItemFees|Commission", "X|Y|Z"]),
    st.integers(-200, 200),
)
ROWS = st.lists(ROW, max_size=12)


def content(line: SettlementLine) -> SettlementLine:
    return replace(line, **dict.fromkeys(PLACE, 0))


@settings(max_examples=150, deadline=None)
@given(ROWS, ROWS)
def test_the_changes_lead_from_one_version_to_the_other_and_add_to_the_difference(
    first: list[str], second: list[str]
) -> None:
    before, after = lines_of(*first), lines_of(*second)
    changes = diff_lines(before, after)
    assert total_of(c.amount for c in changes) == total_of(x.amount for x in after) - total_of(x.amount for x in before)
    held = Counter(map(content, before))
    held.subtract(content(c.before) for c in changes if c.before)
    held.update(content(c.after) for c in changes if c.after)
    assert +held == Counter(map(content, after))
    assert min(held.values(), default=0) >= 0
    assert all(c.differing for c in changes if c.kind == "changed")


#: Two orders, so that every degree of kinship is met.
VARIED = st.lists(
    st.tuples(
        ROWS.filter(bool).map(lambda rows: rows[0]), st.sampled_from([None, "113-1", "113-2"]), st.sampled_from("AB")
    ),
    max_size=14,
)


def varied(drawn: list[tuple[str, str | None, str]]) -> list[SettlementLine]:
    lines = lines_of(*(row for row, _, _ in drawn))
    return [replace(x, order_id=o, sku=s) for x, (_, o, s) in zip(lines, drawn, strict=True)]


@settings(max_examples=10, deadline=None)
@given(VARIED, VARIED, st.integers(0, 9))
def test_the_database_finds_what_lines_in_memory_say(
    first: list[tuple[str, str | None, str]], second: list[tuple[str, str | None, str]], limit: int
) -> None:
    store = Store.in_memory(ManualClock(NOW))
    try:
        for digest, drawn in (("1", first), ("2", second)):
            lines = varied(drawn)
            record = replace(
                settled("700", ())[0], document_hash=digest * 64, line_count=len(lines),
                total=total_of(x.amount for x in lines),
            )  # fmt: skip
            store.mirror.commit("s", Batch(page=None, documents=[Document(record, lines)], cursor={}), "run")
            store.clock.advance(60)  # type: ignore[attr-defined]
        reissue, changes = last_reissue(store)
        expected = diff_lines(varied(first), varied(second))
        assert changes == expected
        assert in_words(reissue, "USD") == in_words(expected, "USD")
        assert reissue.changed == reissue.amount
        totals = by_category(reissue, load_rules())
        assert sum(t.lines for t in totals) == len(changes)
        assert sum((t.amount for t in totals), Decimal(0)) == reissue.amount
        with store.database.reading() as cursor:
            held = compare(cursor, "amazon.US", "700", *versions_of(cursor, "amazon.US", "700")[-2:])
            assert tuple(changes_of(cursor, held, limit)) == expected[:limit]
    finally:
        store.close()


@settings(max_examples=6, deadline=None)
@given(ROWS)
def test_the_same_report_again_changes_nothing(rows: list[str]) -> None:
    store = Store.in_memory(ManualClock(NOW))
    try:
        record, lines = settled("700", rows)
        batch = Batch(page=None, documents=[Document(record, lines)], cursor={})
        assert [store.mirror.commit("s", batch, "run").changed for _ in range(3)] == [1, 0, 0]
        with store.database.reading() as cursor:
            assert len(versions_of(cursor, "amazon.US", "700")) == 1
            kept = cursor.execute("SELECT count(*) FROM settlement_lines_versions").fetchone()
        assert kept == (len(rows),)
    finally:
        store.close()
