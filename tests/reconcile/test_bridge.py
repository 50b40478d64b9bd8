"""The cash bridge: every step adds up, and what breaks the chain is named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.bridge import Bridge, bridge_currencies, see_bridge
from reconcile.seen_at import evidence_at
from sync.clock import ManualClock
from sync.errors import BadInput
from sync.money import total_of
from sync.records import BankLine, ChannelTransaction, Line, Record
from sync.store.store import Store
from sync.streams import Batch, Document
from tests.reconcile.factories import NOW, settled

START = datetime(2026, 8, 1, tzinfo=UTC)
PERIOD = timedelta(days=14)
SALE = "2026-08-03 Order|ItemPrice|Principal {}"
FEE = "2026-08-03 Order|ItemFees|Commission {}"
HELD = "2026-08-03 other-transaction|other-transaction|Current Reserve Amount {}"
CARRIED = "2026-08-03 other-transaction|other-transaction|Previous Reserve Amount Balance {}"


def fill(store: Store, record: Record, lines: list[Line] | None = None) -> None:
    store.mirror.commit("test", Batch(None, [Document(record, lines or [])], {}), "run")


def close(store: Store, number: int, *rows: str, **changes: Any) -> None:
    """Store settlement `number` (from 0) of the chain with these lines; its total is their sum unless told."""
    start = START + number * PERIOD
    head, lines = settled(str(number), rows, period_start=start, period_end=start + PERIOD, **changes)
    fill(store, head, list(lines))


def bridge(store: Store, channel: str = "amazon.US", at: datetime | None = None) -> Bridge:
    with evidence_at(store, at) as evidence:
        return see_bridge(evidence, channel, bridge_currencies(evidence, channel)[0])


@pytest.fixture
def store() -> Store:
    return Store.in_memory(ManualClock(NOW))


def test_a_reserve_that_was_not_carried_over_is_named(store: Store) -> None:
    close(store, 0, SALE.format("100.00"), HELD.format("-30.00"))
    close(store, 1, SALE.format("50.00"), CARRIED.format("25.00"))
    broken = bridge(store).steps[1]
    assert (broken.opening, broken.break_amount, broken.closing) == (Decimal(30), Decimal(-5), Decimal(0))
    assert "25.0000 was carried over, 30.0000 had been held back" in broken.broken


def test_a_settlement_that_does_not_foot_is_named(store: Store) -> None:
    close(store, 0, SALE.format("100.00"), total=Decimal("100.01"))
    (step,) = bridge(store).steps
    assert step.broken == "lines add to 100.0000, the report states 100.0100"


def test_a_period_without_a_report_is_named(store: Store) -> None:
    close(store, 0, SALE.format("100.00"))
    close(store, 2, SALE.format("100.00"))
    assert bridge(store).steps[1].broken == "no settlement is known from 2026-08-15 to 2026-08-29"


def test_a_chain_that_holds_has_no_break(store: Store) -> None:
    close(store, 0, SALE.format("100.00"), FEE.format("-15.00"), HELD.format("-30.00"))
    close(store, 1, SALE.format("10.00"), FEE.format("-50.00"), CARRIED.format("30.00"))
    first, second = bridge(store).steps
    assert (first.opening, first.payout, first.closing, first.broken) == (0, 55, 30, "")
    assert (second.opening, second.payout, second.closing, second.broken) == (30, -10, 0, "")
    assert dict(first.activity) == {"sales": 100, "referral_fees": -15}
    assert bridge(store).totals() == {"sales": 110, "referral_fees": -65}


def test_walmarts_reserve_is_rolled_forward(store: Store) -> None:
    rows = ["2026-08-03 Sale|Product Price|Purchase 100.00", "2026-08-03 Reserve|Reserve|Reserve -20.00"]
    close(store, 0, *rows, channel="walmart.US")
    close(
        store,
        1,
        "2026-08-03 Sale|Product Price|Purchase 5.00",
        "2026-08-03 Release Reserve|Release Reserve|x 20.00",
        channel="walmart.US",
    )
    first, second = bridge(store, "walmart.US").steps
    assert (first.closing, second.opening, second.closing) == (20, 20, 0)
    assert first.broken == second.broken == ""


def test_what_is_posted_but_not_settled_stands_after_the_last_step(store: Store) -> None:
    close(store, 0, SALE.format("100.00"))
    for number, (state, total, where) in enumerate(
        [("deferred", "40.00", None), ("released", "7.00", None), ("released", "9.00", "0"), ("released", "3.00", "77")]
    ):
        fill(
            store,
            ChannelTransaction(
                "amazon.US", f"T{number}", "Shipment", state, where, None, NOW, None, None, None, "USD", Decimal(total)
            ),
        )
    after = bridge(store).after
    assert (after.deferred, after.deferred_events, after.released, after.released_events) == (40, 1, 10, 2)


def test_the_booking_that_pays_stands_beside_the_payout(store: Store) -> None:
    close(store, 0, SALE.format("100.00"), deposit_at=START + PERIOD)
    day = (START + PERIOD).date()
    fill(store, BankLine("chase", "a", day, None, Decimal(100), "USD", None, "AMAZON", None, "h", "f", 2))
    assert bridge(store).steps[0].bookings == ("chase|a",)


def test_a_bridge_can_be_read_as_of_a_moment(store: Store) -> None:
    close(store, 0, SALE.format("100.00"))
    before = store.clock.now()
    assert isinstance(store.clock, ManualClock)
    store.clock.advance(60)
    close(store, 1, SALE.format("1.00"))
    assert len(bridge(store).steps) == 2
    assert len(bridge(store, at=before).steps) == 1
    with pytest.raises(BadInput, match="has not come yet"), evidence_at(store, NOW + timedelta(days=1)):
        raise AssertionError("a future moment was read")


_CENTS = st.integers(-5_000_00, 5_000_00).map(lambda n: Decimal(n) / 100)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(_CENTS, _CENTS, _CENTS, _CENTS, st.sampled_from([Decimal(0), Decimal("0.01")])),
        min_size=1,
        max_size=5,
    )
)
def test_every_step_adds_up_whatever_the_lines_say(periods: list[tuple[Decimal, ...]]) -> None:
    store = Store.in_memory(ManualClock(NOW))
    for number, (sale, fee, carried, held, off) in enumerate(periods):
        rows = [SALE.format(sale), FEE.format(fee), CARRIED.format(carried), HELD.format(held)]
        close(store, number, *rows, total=sale + fee + carried + held + off)
    for step in bridge(store).steps:
        assert step.opening + total_of(step.activity.values()) - step.payout + step.break_amount == step.closing
        assert bool(step.broken) == bool(step.break_amount) or "add to" in step.broken
