"""Decisions are versions: nothing is overwritten, everything can be taken back, all of it is in the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sync.clock import ManualClock
from sync.store.store import Store

START = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def store(clock: ManualClock) -> Store:
    return Store.in_memory(clock)


def test_withdrawing_or_undoing_what_was_never_decided_does_nothing(store: Store) -> None:
    assert store.decisions.withdraw("sku", "amazon.US|X", by="ann") is None
    assert store.decisions.undo("sku", "amazon.US|X", by="ann") is None
    assert store.audit.entries() == []


def test_deciding_the_same_again_writes_nothing(store: Store) -> None:
    first = store.decisions.decide("sku", "amazon.US|X", {"item_id": "3"}, by="ann")
    again = store.decisions.decide("sku", "amazon.US|X", {"item_id": "3"}, by="bo")
    assert again == first
    assert len(store.decisions.history("sku", "amazon.US|X")) == 1


def test_undo_returns_to_the_version_before_and_then_to_none(store: Store) -> None:
    store.decisions.decide("sku", "amazon.US|X", {"item_id": "3"}, by="ann")
    store.decisions.decide("sku", "amazon.US|X", {"item_id": "4"}, by="ann")
    store.decisions.undo("sku", "amazon.US|X", by="bo")
    assert store.decisions.current("sku")["amazon.US|X"].value == {"item_id": "3"}
    assert [d.value["item_id"] for d in store.decisions.history("sku", "amazon.US|X")] == ["3", "4", "3"]


def test_a_withdrawn_decision_holds_no_more_but_is_remembered(store: Store) -> None:
    store.decisions.decide("sku", "amazon.US|X", {"item_id": "3"}, by="ann")
    store.decisions.withdraw("sku", "amazon.US|X", by="bo", reason="wrong item")
    assert store.decisions.current("sku") == {}
    assert store.decisions.history("sku", "amazon.US|X")[-1].reason == "wrong item"


def test_a_decision_holds_from_its_date_on(store: Store, clock: ManualClock) -> None:
    store.decisions.decide("account", "amazon.US|sales", {"account_id": "1"}, by="ann", effective_from=START)
    later = START + timedelta(days=30)
    store.decisions.decide("account", "amazon.US|sales", {"account_id": "2"}, by="ann", effective_from=later)
    assert store.decisions.current("account")["amazon.US|sales"].value == {"account_id": "1"}
    assert store.decisions.current("account", at=later)["amazon.US|sales"].value == {"account_id": "2"}
    clock.advance(31 * 86400)
    assert store.decisions.current("account")["amazon.US|sales"].value == {"account_id": "2"}


def test_every_decision_is_in_the_audit_with_before_and_after(store: Store) -> None:
    store.decisions.decide("sku", "amazon.US|X", {"item_id": "3"}, by="ann")
    store.decisions.decide("sku", "amazon.US|X", {"item_id": "4"}, by="bo")
    newest = store.audit.entries(subject="amazon.US|X")[0]
    assert (newest.who, newest.action) == ("bo", "decide sku")
    assert (newest.before, newest.after) == ('{"item_id": "3"}', '{"item_id": "4"}')
