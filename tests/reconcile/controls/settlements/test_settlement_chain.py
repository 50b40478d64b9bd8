"""The chain of settlements: a missing one and a reserve that was not carried over are found, named and dated."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.clock import ManualClock
from sync.records import Settlement, SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document, Window

START = datetime(2026, 8, 1, tzinfo=UTC)
CONTROL = ["settlement_chain"]


@pytest.fixture
def store() -> Store:
    return Store.in_memory(ManualClock(datetime(2026, 11, 20, tzinfo=UTC)))


def put(
    store: Store,
    number: str,
    first_day: int,
    *,
    days: int = 14,
    channel: str = "amazon.US",
    currency: str = "USD",
    released: str | None = None,
    held: str | None = None,
) -> None:
    """Put a settlement of `days` days that begins `first_day` days after START into the mirror."""
    begins = START + timedelta(days=first_day)
    reserves = [("Previous Reserve Amount Balance", released), ("Current Reserve Amount", held)]
    amounts = [(text, Decimal(amount)) for text, amount in reserves if amount is not None]
    total = sum((a for _, a in amounts), Decimal(0))
    head = Settlement(
        channel, number, "amazon-v2", number, f"{number}.txt", currency, begins, begins + timedelta(days=days), None,
        total, len(amounts), "utf-8",
    )  # fmt: skip
    lines = [
        SettlementLine(
            channel,
            number,
            n,
            n + 2,
            n,
            "other-transaction",
            "other-transaction",
            text,
            amount,
            currency,
            None,
            None,
            None,
            None,
            None,
            None,
            None,
            date(2026, 8, 1),
            None,
            None,
            None,
            None,
        )
        for n, (text, amount) in enumerate(amounts, 1)
    ]
    store.mirror.commit(f"files.settlements@{channel}", Batch(None, [Document(head, lines)], {}), "test")


def found(store: Store) -> list[tuple[str, str, Decimal]]:
    run_cycle(store, controls=CONTROL)
    with store.database.reading() as cursor:
        return cursor.execute(
            "SELECT subject, title, amount FROM discrepancies WHERE state <> 'resolved' ORDER BY subject"
        ).fetchall()


def test_a_missing_settlement_is_found_with_its_dates_and_the_finding_closes_when_it_comes(store: Store) -> None:
    put(store, "1", 0)
    put(store, "3", 28)
    assert found(store) == [("1..3", "No settlement of amazon.US is known from 2026-08-15 to 2026-08-29", Decimal(0))]
    put(store, "2", 14)
    assert found(store) == []


def test_settlements_that_meet_are_a_chain(store: Store) -> None:
    for number in range(4):
        put(store, str(number), 14 * number)
    assert found(store) == []


def test_days_that_end_where_the_next_begins_a_day_later_are_a_chain(store: Store) -> None:
    put(store, "20260814", 0, days=13, channel="walmart.US")
    put(store, "20260828", 14, days=13, channel="walmart.US")
    assert found(store) == []


def test_each_channel_and_currency_is_a_chain_of_its_own(store: Store) -> None:
    put(store, "1", 0)
    put(store, "9", 60, channel="amazon.DE", currency="EUR")
    put(store, "5", 60, currency="MXN")
    assert found(store) == []


def test_a_reserve_that_is_carried_over_is_silent_and_a_break_is_named_to_the_cent(store: Store) -> None:
    put(store, "1", 0, held="-200.00")
    put(store, "2", 14, released="200.00", held="-150.00")
    put(store, "3", 28, released="149.99")
    assert found(store) == [("2..3", "2 held back 150.00 USD, 3 released 149.99", Decimal("0.01"))]


def test_a_reserve_over_a_gap_is_not_judged(store: Store) -> None:
    put(store, "1", 0, held="-200.00")
    put(store, "3", 28)
    assert [title for _, title, _ in found(store)] == [
        "No settlement of amazon.US is known from 2026-08-15 to 2026-08-29"
    ]


def test_history_before_the_go_live_date_is_left_alone(store: Store) -> None:
    put(store, "1", 0)
    put(store, "3", 28)
    store.decisions.decide("go_live", "settlement_chain|amazon.US", {"from": "2026-10-01"}, by="ann")
    assert found(store) == []


def test_a_stream_that_was_not_read_to_the_end_is_waited_for(store: Store) -> None:
    put(store, "1", 0)
    put(store, "3", 28)
    store.mirror.commit("amazon.settlements@US", Batch(None, [], {}), "test")
    (result,) = run_cycle(store, controls=CONTROL).controls
    assert (result.open, result.waiting) == (0, 1)
    assert result.waiting_for == "amazon.settlements@US, never read to the end yet"
    covered = Window(START, START + timedelta(days=100))
    store.mirror.commit("amazon.settlements@US", Batch(None, [], {}, covered=covered), "test")
    assert len(found(store)) == 1


def test_a_gap_has_no_fix_but_a_remedy(store: Store) -> None:
    put(store, "1", 0)
    put(store, "3", 28)
    found(store)
    plan = build_plan(store, ["settlement_chain|amazon.US|1..3"])
    assert plan.operations == ()
    assert "import the missing report" in plan.obstacles[0].remedy


def test_a_second_cycle_is_quiet(store: Store) -> None:
    put(store, "1", 0)
    put(store, "3", 28)
    found(store)
    assert run_cycle(store, controls=CONTROL).is_quiet
