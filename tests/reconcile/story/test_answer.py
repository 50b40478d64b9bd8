"""What a customer is told, by the state of the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from factories import NOW, ORDER_ID, usd

from reconcile.story.answer import Situation, answer_states, customer_answer
from reconcile.story.models import OrderFacts, Parcel, ReturnFacts, Settled, StoryLine
from sync.mirror.keys import join_key

ZONE = ZoneInfo("America/Los_Angeles")
ORDER = OrderFacts(
    channel="amazon.US",
    order_id=ORDER_ID,
    alternate_id=None,
    original_id=None,
    key=join_key(ORDER_ID),
    version=1,
    status="open",
    vendor_status="UNSHIPPED",
    fulfilled_by="seller",
    order_type="standard",
    currency="USD",
    total=usd("31.98"),
    tax=usd("2.00"),
    shipping=usd("4.99"),
    discount=usd("0"),
    # In UTC it is the next day already.
    ordered_at=datetime(2026, 11, 18, 3, 0, tzinfo=UTC),
    updated_at=NOW,
    ship_by=NOW + timedelta(days=1),
    deliver_by=None,
    acknowledged_at=None,
    country="US",
)
LINE = StoryLine(
    "1", "MUG", "Mug", "open", 2, 0, 0, 0, 0, usd("24.99"), usd("2"), usd("4.99"), usd("0"), usd("0"), None
)
PARCEL = Parcel("1Z999", "UPS", "amazon.US")


def situation(
    status: str = "open",
    *,
    lines: tuple[StoryLine, ...] = (LINE,),
    parcels: tuple[Parcel, ...] = (),
    returns: tuple[ReturnFacts, ...] = (),
    refunds: tuple[Settled, ...] = (),
    documents: bool = False,
    shipped_at: datetime | None = None,
    **changes: object,
) -> Situation:
    order = replace(ORDER, status=status, **changes)  # type: ignore[arg-type]
    return Situation(order, lines, parcels, returns, refunds, documents, None, shipped_at, NOW, ZONE)


def a_return(status: str, refund: Decimal | None = None, kind: str = "return") -> ReturnFacts:
    when = NOW - timedelta(days=3)
    return ReturnFacts("amazon.US", "R1", status, status, "seller", kind, "R1", None, when, when, "USD", refund, ())


def refund_line(amount: str, currency: str = "USD") -> Settled:
    return Settled("S1", "Refund", "ItemPrice", "Principal", date(2026, 11, 17), "MUG", currency, usd(amount))


CASES = [
    (situation("unknown"), "unknown"),
    (situation("something new"), "unknown"),
    (situation("pending"), "pending"),
    (situation(), "not_shipped"),
    (situation(fulfilled_by="channel"), "not_shipped_by_channel"),
    (situation(ship_by=NOW - timedelta(hours=1)), "not_shipped_late"),
    (situation(lines=(replace(LINE, cancel_requested=True),)), "cancel_requested"),
    (situation("partly_shipped", lines=(replace(LINE, shipped=1),)), "partly_shipped"),
    (situation("shipped", parcels=(PARCEL,)), "shipped"),
    (situation("shipped", deliver_by=NOW - timedelta(days=1)), "due"),
    (situation("shipped", channel="walmart.US", deliver_by=NOW - timedelta(days=1)), "late"),
    (situation("delivered"), "delivered"),
    (situation("cancelled"), "cancelled"),
    (situation("shipped", lines=(replace(LINE, shipped=1, cancelled=1),)), "shipped, partly_cancelled"),
    (situation("refunded"), "refund_given"),
    (situation("shipped", refunds=(refund_line("-10.00"),)), "refund_given"),
    (situation("delivered", returns=(a_return("requested"),)), "return_requested"),
    (situation("delivered", returns=(a_return("in_transit"),)), "return_in_transit"),
    (situation("delivered", returns=(a_return("received", usd("10")),)), "refund_under_way"),
    (situation("delivered", returns=(a_return("completed", usd("10")),)), "refund_given"),
    (situation("delivered", returns=(a_return("completed"),)), "refund_under_way"),
    (situation("delivered", returns=(a_return("cancelled"),)), "return_cancelled"),
    (situation("delivered", returns=(a_return("approved", kind="keep_it"),)), "refund_under_way"),
    (situation("delivered", returns=(a_return("approved", kind="replacement"),)), "replacement"),
    (situation("shipped", documents=True), "shipped, refund_under_way"),
]


@pytest.mark.parametrize(("case", "states"), CASES, ids=[f"{n} {states}" for n, (_, states) in enumerate(CASES)])
def test_the_answer_speaks_of_the_orders_state(case: Situation, states: str) -> None:
    assert ", ".join(answer_states(case)) == states
    for language in ("en", "de"):
        said, spoken = customer_answer(case, language, {})
        assert spoken == answer_states(case)
        greeting, body, closing = said.split("\n\n")
        assert ORDER_ID in greeting
        assert body
        assert closing
        assert "{" not in said


def test_an_unknown_state_promises_nothing() -> None:
    said, _ = customer_answer(situation("unknown", refunds=(refund_line("-10.00"),)), "en", {})
    assert "looking into your order" in said
    assert "10.00" not in said


def test_a_refund_in_another_currency_is_not_added_in() -> None:
    both = situation("shipped", refunds=(refund_line("-10.00"), refund_line("-9.00", "EUR")))
    said, _ = customer_answer(both, "en", {})
    assert "We refunded 10.00 USD on November 17, 2026" in said


def test_a_refund_that_was_taken_back_is_no_refund() -> None:
    taken_back = situation("shipped", parcels=(PARCEL,), refunds=(refund_line("-10.00"), refund_line("10.00")))
    assert answer_states(taken_back) == ("shipped",)


def test_days_are_those_of_the_channels_calendar() -> None:
    assert "of November 17, 2026" in customer_answer(situation(), "en", {})[0]
    assert "vom 17. November 2026" in customer_answer(situation(), "de", {})[0]


def test_a_delivery_is_told_with_its_day_where_the_channel_gives_one() -> None:
    # In UTC it is the 19th already.
    known = replace(situation("delivered", parcels=(PARCEL,)), delivered_at=datetime(2026, 11, 19, 4, 0, tzinfo=UTC))
    assert "was delivered on November 18, 2026 (tracking number 1Z999)." in customer_answer(known, "en", {})[0]
    assert "wurde Ihre Bestellung am 18. November 2026 zugestellt (" in customer_answer(known, "de", {})[0]
    assert "was delivered (tracking number 1Z999)." in customer_answer(replace(known, delivered_at=None), "en", {})[0]


def test_the_parcel_is_named_and_a_vendors_text_can_steer_no_terminal() -> None:
    parcel = Parcel("1Z\x1b[31m999", "UPS\n", "amazon.US")
    said, _ = customer_answer(situation("shipped", parcels=(parcel,), shipped_at=NOW), "en", {})
    assert "shipped on November 20, 2026 with UPS, tracking number 1Z[31m999." in said


def test_a_walmart_buyer_reads_the_number_that_he_knows() -> None:
    walmart = situation(channel="walmart.US", order_id="1790012345678", alternate_id="200011122233344")
    said, _ = customer_answer(walmart, "en", {})
    assert "200011122233344" in said
    assert "1790012345678" not in said
