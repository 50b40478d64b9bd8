"""Settled in one currency, paid in a second, booked in a third: the difference is derived from rates, not plugged."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from factories import World, journal_entry, settled

from reconcile.bank.chain import see_payout_chain
from reconcile.controls.control import Evidence
from reconcile.settlement.conversion import PayoutChain
from sync.records import BankLine, ErpCurrency, Subsidiary

PAYOUT, BOOKING = "amazon.US/700", "Chase|B1"


@pytest.fixture
def paid(world: World) -> World:
    """10,000 pesos that arrived as 545 dollars, in books of pounds."""
    rates = (("USD", "1"), ("GBP", "1.25"), ("MXN", "0.05"))
    currencies = [
        ErpCurrency(str(n), code, code, code == "USD", Decimal(rate)) for n, (code, rate) in enumerate(rates, 1)
    ]
    world.put_each(Subsidiary("1", "Acme Goods Ltd", "GBP", "GB", False), *currencies)
    record, lines = settled("700", ["2026-11-01 Order|ItemPrice|Principal 10000.00"], currency="MXN")
    world.put(record, *lines)
    day = date(2026, 11, 6)
    line = BankLine("Chase", "B1", day, day, Decimal("545.00"), "USD", None, "AMAZON MX", None, "0", "b.csv", 2)
    return world.put(line)


def chain(world: World) -> PayoutChain | None:
    with world.store.database.reading() as cursor:
        return see_payout_chain(Evidence(world.store, cursor, world.clock.now()), PAYOUT)


def test_what_nobody_matched_has_no_chain(paid: World) -> None:
    assert chain(paid) is None


def test_before_posting_the_erps_rates_show_what_would_be_gained_or_lost(paid: World) -> None:
    seen = chain(paid.decide("bank_match", BOOKING, payouts=[PAYOUT]))
    assert seen is not None
    assert (seen.owed, seen.arrived, seen.difference) == (Decimal("400.00"), Decimal("436.00"), Decimal("36.00"))
    assert seen.entry() == (("bank", Decimal("436.00")), ("clearing", Decimal("-400.00")), ("fx", Decimal("-36.00")))


def test_a_posted_journal_holds_the_rate_that_counts_and_a_reversed_one_does_not(paid: World) -> None:
    paid.decide("bank_match", BOOKING, payouts=[PAYOUT])
    name = "AMZ-SETTLE-700-202611"
    paid.put(journal_entry(name, "1", currency="MXN", exchange_rate=Decimal("0.0432")))
    seen = chain(paid)
    assert seen is not None
    assert (seen.owed, seen.difference) == (Decimal("432.00"), Decimal("4.00"))
    paid.put(journal_entry(f"{name}-R", "2", currency="MXN", exchange_rate=Decimal("0.0432")))
    seen = chain(paid)
    assert seen is not None
    assert seen.owed == Decimal("400.00")


def test_a_rate_that_is_not_known_is_not_guessed(paid: World) -> None:
    paid.decide("bank_match", BOOKING, payouts=[PAYOUT])
    paid.put(ErpCurrency("3", "MXN", "MXN", False, None))
    assert chain(paid) is None
