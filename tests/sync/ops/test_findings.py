"""Findings move only when something moved, keep their human state, and close by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from sync.clock import ManualClock
from sync.ops.findings import Changes, Finding
from sync.store.store import Store

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(clock: ManualClock) -> Store:
    return Store.in_memory(clock)


def finding(key: str, *, blocked_by: str | None = None) -> Finding:
    return Finding(
        key, "order_missing", "amazon.US", key, "order missing in NetSuite", "high", "cause", "words", blocked_by,
        Decimal("12.5000"), None, Decimal("12.5000"), "USD", START, detail={"lines": 1},
    )  # fmt: skip


def rows(store: Store) -> list[tuple[object, ...]]:
    with store.database.reading() as cursor:
        return cursor.execute(
            "SELECT discrepancy_id, state, first_seen, changed_at, resolved_at IS NOT NULL"
            " FROM discrepancies ORDER BY 1"
        ).fetchall()


def test_a_second_cycle_without_change_writes_nothing(store: Store, clock: ManualClock) -> None:
    store.findings.replace("order_missing", [finding("a"), finding("b", blocked_by="sku X")])
    before = rows(store)
    clock.advance(600)
    assert store.findings.replace("order_missing", [finding("a"), finding("b", blocked_by="sku X")]) == Changes()
    assert rows(store) == before


def test_a_finding_that_is_no_longer_yielded_is_resolved_and_opens_again_later(
    store: Store, clock: ManualClock
) -> None:
    store.findings.replace("order_missing", [finding("a")])
    assert store.findings.replace("order_missing", []).resolved == ("a",)
    assert rows(store)[0][1] == "resolved"
    clock.advance(60)
    assert store.findings.replace("order_missing", [finding("a")]).opened == ("a",)
    assert rows(store) == [("a", "open", clock.now(), clock.now(), False)]


def test_a_released_finding_opens_and_keeps_the_time_it_was_first_seen(store: Store, clock: ManualClock) -> None:
    store.findings.replace("order_missing", [finding("a", blocked_by="sku X")])
    assert rows(store)[0][1] == "blocked"
    clock.advance(60)
    assert store.findings.replace("order_missing", [finding("a")]).changed == ("a",)
    assert rows(store)[0][1:3] == ("open", START)


def test_one_control_does_not_touch_what_another_found(store: Store) -> None:
    store.findings.replace("order_missing", [finding("a")])
    store.findings.replace("sku_unmapped", [replace(finding("s"), control="sku_unmapped")])
    assert store.findings.replace("sku_unmapped", []).resolved == ("s",)
    assert [r[1] for r in rows(store)] == ["open", "resolved"]


def test_a_planned_finding_stays_planned_while_its_figures_change(store: Store) -> None:
    store.findings.replace("order_missing", [finding("a")])
    store.findings.set_states({"a": "planned"})
    store.findings.replace("order_missing", [replace(finding("a"), amount=Decimal("13.0000"))])
    assert rows(store)[0][1] == "planned"


def test_a_waiver_is_kept_with_reason_and_end_and_is_in_the_audit(store: Store) -> None:
    store.findings.replace("order_missing", [finding("a")])
    store.findings.mark("a", "waived", reason="test order", by="ann", until=datetime(2026, 12, 1, tzinfo=UTC))
    with store.database.reading() as cursor:
        marks = cursor.execute("SELECT mark, reason, marked_by FROM discrepancy_marks").fetchall()
    assert marks == [("waived", "test order", "ann")]
    assert store.audit.entries(subject="a")[0].action == "waived"
