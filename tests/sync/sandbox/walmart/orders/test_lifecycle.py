"""The line state machine alone: refusals first, then what moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.sandbox.walmart.orders.lifecycle import (
    TRACKING_CHANGE_WINDOW,
    Charge,
    LineRefused,
    LineState,
    Part,
    RefundCharge,
    Tracking,
)

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
PARCEL = Tracking(AT, "UPS", None, "Value", "1Z1", None)


def line(units: int = 3, price: str = "30.00", tax: str = "2.40") -> LineState:
    return LineState("1", units, {"PRODUCT": Charge(Decimal(price), Decimal(tax))}, [Part("Created", units, AT)], AT)


def money_back(amount: str, tax: str = "0") -> RefundCharge:
    return RefundCharge("PRODUCT", Decimal(amount), Decimal(tax), "DamagedItem")


def parts(state: LineState) -> dict[str, int]:
    return {p.status: state.quantity(p.status) for p in state.parts}


@pytest.mark.parametrize(
    ("units", "text"),
    [(4, "Qty OverShipped"), (3, "doesn't have enough quantity to ship requested quantity")],
)
def test_more_than_open_cannot_be_shipped(units: int, text: str) -> None:
    state = line(3)
    state.ship(1, PARCEL, AT, "9")
    with pytest.raises(LineRefused, match=text):
        state.ship(units, PARCEL, LATER, "9")
    assert parts(state) == {"Created": 2, "Shipped": 1}


def test_a_line_that_is_gone_cannot_be_shipped_again() -> None:
    state = line(1)
    state.ship(1, PARCEL, AT, "9")
    with pytest.raises(LineRefused, match="Line: 1 of PO 9 is in SHIPPED status"):
        state.ship(1, PARCEL, LATER, "9")


def test_the_buyers_wish_to_cancel_stops_a_parcel_unless_overridden() -> None:
    state = line(1)
    state.intent_to_cancel = True
    with pytest.raises(LineRefused, match="cancellation request"):
        state.ship(1, PARCEL, AT, "9")
    state.ship(1, PARCEL, AT, "9", override=True)
    assert parts(state) == {"Shipped": 1}


@pytest.mark.parametrize("status", ["Shipped", "Delivered", "Cancelled", "Refund"])
def test_a_line_beyond_acknowledged_cannot_be_acknowledged(status: str) -> None:
    state = line(2)
    state.parts = [Part("Created", 1, AT), Part(status, 1, AT)]
    with pytest.raises(LineRefused, match="Some or all qty in higher status"):
        state.acknowledge(LATER, "9")


def test_what_is_shipped_cannot_be_cancelled() -> None:
    state = line(3)
    state.ship(2, PARCEL, AT, "9")
    with pytest.raises(LineRefused, match="SHIPPED"):
        state.cancel(2, "SELLER_CANCEL_OUT_OF_STOCK", LATER, "9")
    assert parts(state) == {"Created": 1, "Shipped": 2}


def test_the_customers_reason_needs_the_customers_wish() -> None:
    state = line(1)
    with pytest.raises(LineRefused, match="no cancellation request"):
        state.cancel(1, "CUSTOMER_REQUESTED_SELLER_TO_CANCEL", AT, "9")
    state.intent_to_cancel = True
    state.cancel(1, "CUSTOMER_REQUESTED_SELLER_TO_CANCEL", AT, "9")
    assert parts(state) == {"Cancelled": 1}


def test_nothing_shipped_means_nothing_to_deliver_or_refund() -> None:
    state = line(1)
    with pytest.raises(LineRefused):
        state.deliver(AT, "9")
    with pytest.raises(LineRefused, match="not in SHIPPED status"):
        state.refund([money_back("1.00")], AT, "9")


@pytest.mark.parametrize(
    ("amount", "tax", "refused"),
    [("30.00", "2.40", False), ("30.01", "0", True), ("1.00", "2.41", True), ("0.01", "0", False)],
)
def test_a_refund_is_limited_by_the_charge(amount: str, tax: str, refused: bool) -> None:
    state = line()
    state.ship(3, PARCEL, AT, "9")
    if refused:
        with pytest.raises(LineRefused, match="above the PRODUCT"):
            state.refund([money_back(amount, tax)], LATER, "9")
        assert state.refunds == []
    else:
        state.refund([money_back(amount, tax)], LATER, "9")
        assert state.refundable("PRODUCT") == Charge(Decimal("30.00") - Decimal(amount), Decimal("2.40") - Decimal(tax))


def test_refunds_add_up_against_the_charge() -> None:
    state = line()
    state.ship(3, PARCEL, AT, "9")
    state.refund([money_back("20.00")], AT, "9")
    assert parts(state) == {"Shipped": 3}
    with pytest.raises(LineRefused):
        state.refund([money_back("10.01")], AT, "9")
    state.refund([money_back("10.00")], AT, "9")
    assert parts(state) == {"Refund": 3}


@pytest.mark.parametrize(
    ("after", "refused"),
    [(TRACKING_CHANGE_WINDOW, False), (TRACKING_CHANGE_WINDOW + timedelta(seconds=1), True)],
)
def test_tracking_can_be_replaced_for_about_four_hours(after: timedelta, refused: bool) -> None:
    state, other = line(1), Tracking(AT, "USPS", None, "Value", "94", None)
    with pytest.raises(LineRefused, match="not in SHIPPED"):
        state.retrack(other, AT, "9")
    state.ship(1, PARCEL, AT, "9")
    if refused:
        with pytest.raises(LineRefused, match="too long ago"):
            state.retrack(other, AT + after, "9")
    else:
        state.retrack(other, AT + after, "9")
        assert state.parts[0].tracking == other


def test_acknowledging_twice_changes_nothing() -> None:
    state = line(2)
    state.acknowledge(AT, "9")
    state.acknowledge(LATER, "9")
    assert parts(state) == {"Acknowledged": 2}
    assert state.changed_at == AT


def test_two_parcels_of_a_line_stay_apart() -> None:
    state = line(3)
    state.ship(1, PARCEL, AT, "9")
    state.ship(2, Tracking(AT, "USPS", None, "Value", "94", None), LATER, "9")
    assert [(p.status, p.quantity, p.tracking and p.tracking.number) for p in state.parts] == [
        ("Shipped", 1, "1Z1"),
        ("Shipped", 2, "94"),
    ]


@given(
    st.integers(1, 6),
    st.lists(st.tuples(st.sampled_from(["acknowledge", "ship", "cancel", "deliver"]), st.integers(1, 7)), max_size=8),
)
def test_units_never_appear_or_vanish(units: int, steps: list[tuple[str, int]]) -> None:
    state = line(units)
    for step, quantity in steps:
        before = [(p.status, p.quantity) for p in state.parts]
        try:
            match step:
                case "acknowledge":
                    state.acknowledge(AT, "9")
                case "ship":
                    state.ship(quantity, PARCEL, AT, "9")
                case "cancel":
                    state.cancel(quantity, "SELLER_CANCEL_PRICING_ERROR", AT, "9")
                case "deliver":
                    state.deliver(AT, "9")
        except LineRefused:
            assert [(p.status, p.quantity) for p in state.parts] == before
        assert sum(p.quantity for p in state.parts) == units
        assert all(p.quantity > 0 for p in state.parts)
