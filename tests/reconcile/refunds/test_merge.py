"""One refund out of what several sources tell: never twice, never more than somebody tells, whatever the order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.refunds.merge import merge_refunds
from reconcile.refunds.models import Amounts, Refund, RefundLine, Source, Teller, totals
from sync.money import CurrencyMismatch

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def told(
    source: Source,
    amount: str = "10.00",
    *,
    record: str = "1",
    refund_id: str | None = None,
    sku: str = "A",
    days: int = 0,
    currency: str = "USD",
) -> Refund:
    at, given_back = DAY + timedelta(days=days), Decimal(amount)
    line = RefundLine(None, sku, 1, Amounts(goods=given_back))
    teller = Teller(source, record, at, given_back)
    return Refund("amazon.US", "113-1", "", "refund", at, currency, (line,), (teller,), refund_id)


def amounts(*refunds: Refund) -> list[str]:
    return [str(r.to_buyer) for r in merge_refunds(refunds)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # The id decides, whatever the amounts say.
        (told("settlement", "9.99", refund_id="r"), told("ledger", "10.00", refund_id="r"), ["9.99"]),
        (told("settlement", refund_id="r"), told("ledger", refund_id="s"), ["10.00", "10.00"]),
        # Without an id: the same line and amount, close in time.
        (told("settlement"), told("ledger", days=2), ["10.00"]),
        (told("settlement", sku="A"), told("ledger", sku="B"), ["10.00", "10.00"]),
        # What cannot be told apart is never added to what is known already.
        (told("settlement", "10.00"), told("ledger", "9.00"), ["10.00"]),
        (told("settlement", "10.00"), told("order", "4.00", days=9), ["10.00"]),
        (told("settlement", "10.00"), told("return", "10.00", days=-20), ["10.00"]),
        (told("settlement", currency="EUR"), told("ledger", currency="USD"), ["10.00", "10.00"]),
    ],
)
def test_two_sources_tell_of_one_refund_or_of_two(first: Refund, second: Refund, expected: list[str]) -> None:
    assert amounts(first, second) == expected == amounts(second, first)


def test_an_order_that_knows_of_more_money_adds_what_no_settlement_has() -> None:
    settled = told("settlement", "10.00")
    assert amounts(settled, told("order", "10.00", record="1"), told("order", "5.00", record="2", days=3)) == [
        "10.00",
        "5.00",
    ]


def test_a_record_that_is_told_twice_counts_once() -> None:
    assert amounts(told("ledger"), told("ledger")) == ["10.00"]


def test_keys_tell_refunds_of_an_order_apart_and_stay_when_another_source_tells_too() -> None:
    alone = merge_refunds([told("order", "5.00", record="1"), told("order", "5.00", record="2", days=1)])
    both = merge_refunds([told("order", "5.00", record="1"), told("order", "5.00", record="2", days=1), *_settled()])
    assert [r.key for r in alone] == [r.key for r in both] == ["A-1", "A-2"]


def _settled() -> list[Refund]:
    return [told("settlement", "5.00", record="s1"), told("settlement", "5.00", record="s2", days=1)]


def test_sums_of_two_currencies_are_refused() -> None:
    with pytest.raises(CurrencyMismatch):
        totals([told("ledger", currency="EUR"), told("ledger", currency="USD")])


_TOLD = st.builds(
    lambda source, cents, record, sku, days, number: told(
        source,
        str(Decimal(cents) / 100),
        record=str(record),
        sku=sku,
        days=days,
        refund_id=f"r{number}" if number and source in ("settlement", "ledger") else None,
    ),
    st.sampled_from(["settlement", "ledger", "order", "return"]),
    st.integers(1, 2000),
    st.integers(1, 4),
    st.sampled_from("AB"),
    st.integers(0, 9),
    st.integers(0, 3),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_TOLD, max_size=7))
def test_every_teller_is_heard_once_and_no_source_is_believed_less_than_it_says(refunds: list[Refund]) -> None:
    merged = merge_refunds(refunds)
    once = {(r.told_by[0].source, r.told_by[0].record): r for r in refunds}
    tellers = [(t.source, t.record) for r in merged for t in r.told_by]
    assert len(tellers) == len(set(tellers)) <= len(once)
    total = sum((r.to_buyer for r in merged), Decimal(0))
    settled = sum((r.to_buyer for (s, _), r in once.items() if s == "settlement"), Decimal(0))
    assert settled <= total <= sum((r.to_buyer for r in once.values()), Decimal(0))
    assert len({r.key for r in merged}) == len(merged)
    assert merge_refunds([*once.values()][::-1]) == merged
