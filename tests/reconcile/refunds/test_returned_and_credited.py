"""Refunds paired with the goods that come back, and matched with the credits that are there: every cent once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.refunds.credited import Credit, Due, match_credits
from reconcile.refunds.models import Amounts, Refund, RefundLine, Teller
from reconcile.refunds.returned import Return, ReturnLine, pair_with_returns

DAY = datetime(2026, 11, 1, tzinfo=UTC)
MONEY = st.integers(0, 5000).map(lambda cents: Decimal(cents) / 100)


def refund(units: int, amounts: Amounts, key: str = "k") -> Refund:
    line = RefundLine("1", "A", units, amounts)
    teller = Teller("ledger", key, DAY, amounts.to_buyer)
    return Refund("amazon.US", "113-1", key, "refund", DAY, "USD", (line,), (teller,))


def returned(number: str, units: int, *, kind: str = "return", status: str = "received", days: int = 0) -> Return:
    line = ReturnLine("1", None, "A", units, 0, None, None)
    at = DAY + timedelta(days=days)
    return Return("amazon.US", number, "113-1", at, at, status, status, "seller", kind, None, (line,))


def shape(refunds: list[Refund], returns: list[Return]) -> list[tuple[str | None, int]]:
    return [(p.return_id, sum(x.units for x in p.lines)) for p in pair_with_returns(refunds, returns)]


def test_what_is_cancelled_kept_or_replaced_takes_no_money() -> None:
    one = [refund(1, Amounts(goods=Decimal("10.00")))]
    for back in (returned("R", 1, status="cancelled"), returned("R", 1, kind="keep_it"), returned("R", 1, kind="x")):
        assert shape(one, [back]) == [(None, 1)]


def test_goods_are_paid_once_and_what_is_more_comes_alone() -> None:
    twice = [refund(1, Amounts(goods=Decimal("10.00")), "a"), refund(1, Amounts(goods=Decimal("10.00")), "b")]
    assert shape(twice, [returned("R", 1)]) == [("R", 1), (None, 1)]


def test_money_without_goods_never_takes_units() -> None:
    shipping = refund(1, Amounts(shipping=Decimal("4.99")), "a")
    goods = refund(1, Amounts(goods=Decimal("10.00")), "b")
    assert shape([shipping, goods], [returned("R", 1)]) == [(None, 1), ("R", 1)]


def test_a_refund_that_names_no_units_takes_those_of_the_oldest_return() -> None:
    assert shape([refund(0, Amounts(goods=Decimal("10.00")))], [returned("S", 1, days=1), returned("R", 2)]) == [
        ("R", 2)
    ]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 4), MONEY, MONEY, MONEY, MONEY), max_size=4), st.lists(st.integers(1, 3)))
def test_portions_hold_every_cent_and_no_unit_twice(
    given_back: list[tuple[int, Decimal, Decimal, Decimal, Decimal]], units: list[int]
) -> None:
    refunds = [
        refund(n, Amounts(goods=goods, shipping=shipping, tax=tax, kept=kept), str(i))
        for i, (n, goods, shipping, tax, kept) in enumerate(given_back)
    ]
    returns = [returned(f"R{i}", n, days=i) for i, n in enumerate(units)]
    portions = pair_with_returns(refunds, returns)
    for one in refunds:
        parts = [x.amounts for p in portions if p.refund is one for x in p.lines]
        assert sum(parts, Amounts()) == one.amounts
    for back in returns:
        paid = sum(x.units for p in portions if p.return_id == back.return_id for x in p.lines)
        assert paid <= back.units


def due(identity: str, amount: str, event: str | None = None) -> Due:
    value = Decimal(amount)
    return Due(event or identity, identity, value, value + 1)


def credit(number: str, amount: str, external_id: str | None = None) -> Credit:
    return Credit(number, number, external_id, Decimal(amount), date(2026, 11, 2))


def test_our_own_number_goes_before_an_equal_amount() -> None:
    found = match_credits([due("a", "5.00"), due("b", "5.00")], [credit("1", "5.00", "b")])
    assert (list(found.by), found.left) == (["b"], 0)


def test_one_credit_of_others_can_pay_a_whole_refund_or_several() -> None:
    parts = [due("a", "5.00", "e"), due("b", "2.00", "e")]
    assert set(match_credits(parts, [credit("1", "7.00")]).by) == {"a", "b"}
    several = match_credits([due("a", "5.00"), due("b", "3.00")], [credit("1", "8.00")])
    assert (set(several.by), several.left) == ({"a", "b"}, 0)


def test_an_amount_with_tax_is_the_same_refund() -> None:
    assert "a" in match_credits([due("a", "5.00")], [credit("1", "6.00")]).by


def test_what_pays_nothing_in_full_is_left_and_named() -> None:
    found = match_credits([due("a", "5.00")], [credit("1", "4.00")])
    assert (found.by, found.left, [c.number for c in found.unmatched]) == ({}, Decimal("4.00"), ["1"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(1, 900), max_size=5), st.lists(st.integers(1, 900), max_size=5))
def test_no_more_is_called_credited_than_the_credits_hold(owed: list[int], held: list[int]) -> None:
    dues = [Due(str(i), str(i), Decimal(n), Decimal(n)) for i, n in enumerate(owed)]
    found = match_credits(dues, [credit(f"c{i}", str(n)) for i, n in enumerate(held)])
    paid = sum((d.amount for d in dues if found.is_credited(d)), Decimal(0))
    assert paid + found.left == sum(held)
