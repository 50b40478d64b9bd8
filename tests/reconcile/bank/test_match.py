"""Payouts and bank bookings: certain matches only, nothing twice, a person's word above all."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.bank.match import Booking, Expected, Match, Matches, match

DAY = date(2026, 11, 14)


def payout(
    key: str, amount: str, *, day: int = 0, channel: str = "amazon.US", currency: str = "USD", **more: object
) -> Expected:
    return Expected(key, channel, Decimal(amount), currency, DAY + timedelta(days=day), **more)  # type: ignore[arg-type]


def booking(
    key: str, amount: str, *, day: int = 2, text: str = "AMAZON.COM SERVICES", currency: str = "USD"
) -> Booking:
    return Booking(key, Decimal(amount), currency, DAY + timedelta(days=day), text)


def test_an_amount_that_is_a_cent_off_is_no_match() -> None:
    found = match([payout("P", "100.00")], [booking("B", "99.99")])
    assert found.matched == found.suggested == ()


def test_another_currency_is_never_the_same_money() -> None:
    assert match([payout("P", "100.00", currency="EUR")], [booking("B", "100.00")]).matched == ()


@pytest.mark.parametrize("day", [-3, 11])
def test_a_booking_far_from_the_day_is_no_match(day: int) -> None:
    assert match([payout("P", "100.00")], [booking("B", "100.00", day=day)]).matched == ()


def test_an_equal_amount_without_the_marketplaces_name_waits_for_a_person() -> None:
    found = match([payout("P", "100.00")], [booking("B", "100.00", text="ACH CREDIT")])
    assert found.matched == ()
    assert found.suggested_for("P") == [Match(("P",), ("B",), "amount", "the booking does not name the marketplace")]


def test_equal_amounts_of_two_accounts_wait_for_a_person() -> None:
    found = match([payout("P", "100.00"), payout("Q", "100.00", channel="amazon.CA")], [booking("B", "100.00")])
    assert found.matched == ()
    assert len(found.suggested) == 1


def test_amount_days_and_name_are_enough() -> None:
    found = match([payout("P", "100.00")], [booking("B", "100.00"), booking("C", "100.00", day=9)])
    assert found.matched == (Match(("P",), ("B",), "amount", "amount, days and marketplace agree"),)


def test_a_reference_decides_between_equal_amounts() -> None:
    payouts = [payout("P", "100.00", references=("20260001",)), payout("Q", "100.00", references=("20260002",))]
    found = match(payouts, [booking("B", "100.00", text="AMZN 20260002"), booking("C", "100.00", text="AMZN 20260001")])
    assert {m.payouts: m.bookings for m in found.matched} == {("Q",): ("B",), ("P",): ("C",)}


def test_a_reference_with_another_amount_is_not_matched_by_it() -> None:
    found = match([payout("P", "100.00", references=("20260001",))], [booking("B", "90.00", text="AMZN 20260001")])
    assert found.matched == ()


def test_one_booking_pays_several_payouts() -> None:
    found = match([payout("P", "60.00"), payout("Q", "40.00", day=1), payout("R", "7.00")], [booking("B", "100.00")])
    assert found.matched == (Match(("P", "Q"), ("B",), "sum", "2 payouts add to it"),)


def test_sums_that_could_be_made_in_two_ways_wait_for_a_person() -> None:
    payouts = [payout("P", "60.00"), payout("Q", "40.00"), payout("R", "40.00")]
    found = match(payouts, [booking("B", "100.00")])
    assert found.matched == ()
    assert "2 choices" in found.suggested[0].why


def test_one_payout_arrives_in_parts() -> None:
    found = match([payout("P", "100.00")], [booking("B", "60.00"), booking("C", "40.00", day=4)])
    assert found.matched == (Match(("P",), ("B", "C"), "parts", "2 bookings add to it"),)


def test_a_charge_is_matched_with_a_debit() -> None:
    assert match([payout("P", "-12.00")], [booking("B", "-12.00")]).matched[0].payouts == ("P",)


def test_another_currency_is_suggested_near_the_usual_rate_and_never_matched() -> None:
    rates = {("EUR", "USD"): Decimal("1.10")}
    found = match([payout("P", "100.00", currency="EUR")], [booking("B", "108.90")], rates=rates)
    assert found.matched == ()
    assert (found.suggested[0].how, found.suggested[0].rate) == ("converted", Decimal("1.089000"))
    assert match([payout("P", "100.00", currency="EUR")], [booking("B", "120.00")], rates=rates).suggested == ()


def test_a_persons_word_stands_above_every_rule() -> None:
    payouts = [payout("P", "100.00"), payout("Q", "55.00", currency="EUR")]
    bookings = [booking("B", "100.00"), booking("C", "60.50", text="Wire")]
    found = match(payouts, bookings, decided={"B": [], "C": ["Q"]})
    assert found.matched == (Match(("Q",), ("C",), "decided", "a person's word", Decimal("1.100000")),)
    assert found.suggested == ()


def test_bookings_that_a_person_gave_one_payout_are_one_match() -> None:
    found = match(
        [payout("P", "100.00")], [booking("B", "60.00"), booking("C", "39.00")], decided={"B": ["P"], "C": ["P"]}
    )
    assert found.matched[0].bookings == ("B", "C")


def test_a_booking_that_is_taken_back_pays_nothing_until_it_is_paid_again() -> None:
    bounced = [booking("B", "100.00"), booking("R", "-100.00", day=3, text="RETURN AMAZON.COM SERVICES")]
    found = match([payout("P", "100.00", references=("20260001",))], bounced)
    assert found.matched == (Match((), ("B", "R"), "returned", "the bank took B back on 2026-11-17"),)
    assert found.of_payout("P") is None
    again = match([payout("P", "100.00")], [*bounced, booking("C", "100.00", day=8)])
    assert again.of_payout("P") == Match(("P",), ("C",), "amount", "amount, days and marketplace agree")


def test_a_charge_that_the_marketplace_announced_takes_nothing_back() -> None:
    found = match(
        [payout("P", "100.00"), payout("Q", "-100.00", day=1)], [booking("B", "100.00"), booking("C", "-100.00", day=3)]
    )
    assert {m.payouts: m.bookings for m in found.matched} == {("P",): ("B",), ("Q",): ("C",)}


@pytest.mark.parametrize("day", [-1, 6])
def test_what_comes_before_or_long_after_takes_nothing_back(day: int) -> None:
    found = match([payout("P", "100.00")], [booking("B", "100.00"), booking("R", "-100.00", day=2 + day)])
    assert found.matched[0].payouts == ("P",)


def test_one_booking_for_two_equal_payouts_waits_unless_its_day_decides() -> None:
    near = match([payout("P", "100.00"), payout("Q", "100.00", day=2)], [booking("B", "100.00", day=2)])
    assert near.matched == ()
    assert near.suggested[0].why == "2 payouts have this amount, and their days do not tell which"
    far = match([payout("P", "100.00", day=-7), payout("Q", "100.00", day=1)], [booking("B", "100.00", day=2)])
    assert far.matched[0].payouts == ("Q",)
    both = match(
        [payout("P", "100.00"), payout("Q", "100.00", day=2)], [booking("B", "100.00"), booking("C", "100.00", day=4)]
    )
    assert sorted(m.payouts for m in both.matched) == [("P",), ("Q",)]


_AMOUNTS = st.sampled_from(["10.00", "20.00", "30.00", "-5.00", "-10.00"])


@settings(deadline=None)
@given(
    st.lists(st.tuples(_AMOUNTS, st.integers(0, 6), st.sampled_from(["amazon.US", "walmart.US"])), max_size=9),
    st.lists(st.tuples(_AMOUNTS, st.integers(0, 9), st.sampled_from(["AMZN", "WALMART", "ACH"])), max_size=9),
)
def test_nothing_is_ever_used_twice_and_every_match_is_the_same_money(
    expected: list[tuple[str, int, str]], booked: list[tuple[str, int, str]]
) -> None:
    payouts = [payout(f"P{n}", a, day=d, channel=c) for n, (a, d, c) in enumerate(expected)]
    bookings = [booking(f"B{n}", a, day=d, text=t) for n, (a, d, t) in enumerate(booked)]
    found = match(payouts, bookings)
    used_payouts = [p for m in found.matched for p in m.payouts]
    used_bookings = [b for m in found.matched for b in m.bookings]
    assert len(used_payouts) == len(set(used_payouts))
    assert len(used_bookings) == len(set(used_bookings))
    money = {p.key: p.amount for p in payouts} | {b.key: b.amount for b in bookings}
    for m in found.matched:
        assert sum(money[p] for p in m.payouts) == sum(money[b] for b in m.bookings)
        assert bool(m.payouts) is (m.how != "returned")
    for suggestion in found.suggested:
        assert not set(suggestion.payouts) & set(used_payouts)
        assert not set(suggestion.bookings) & set(used_bookings)
    assert match(list(reversed(payouts)), list(reversed(bookings))) == found


def test_a_booking_that_names_a_payout_and_is_a_little_less_is_suggested_and_one_far_off_is_not() -> None:
    owed = Expected("amazon.DE/7", "amazon.DE", Decimal("2768.71"), "EUR", date(2026, 10, 17), ("178296531441409",))

    def found(amount: str) -> Matches:
        booking = Booking("commerzbank|1", Decimal(amount), "EUR", date(2026, 10, 19), "Gutschrift 178296531441409")
        return match([owed], [booking])

    assert found("45.00") == Matches((), ())
    short = found("2753.71")
    assert short.matched == ()
    assert [(s.how, s.why) for s in short.suggested] == [("reference", "the booking names it and is 15.00 EUR less")]
