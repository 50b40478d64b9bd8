"""A refund of a set of items: its money is split over them, and the parts add to what the buyer got."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from reconcile.mapping.routing import Routing
from reconcile.mapping.skus import Member, Resolution
from reconcile.refunds.cases import Case
from reconcile.refunds.documents import OrderDocuments
from reconcile.refunds.models import Amounts, Refund, RefundLine, Teller
from reconcile.refunds.money_back import money_back
from reconcile.refunds.policy import ReturnsPolicy
from reconcile.refunds.returned import Portion
from reconcile.refunds.terms import Terms
from sync.money import total_of

DAY = datetime(2026, 11, 20, tzinfo=UTC)
MONEY = st.integers(1, 20_000).map(lambda n: Decimal(n) / 100)
MADE_OF = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 99)), min_size=2, max_size=5)


@given(MADE_OF, st.lists(st.tuples(st.integers(1, 5), MONEY, MONEY, MONEY), min_size=1, max_size=3))
def test_the_credit_of_a_set_adds_to_its_refund_and_takes_every_item_back(
    made_of: list[tuple[int, int]], given_back: list[tuple[int, Decimal, Decimal, Decimal]]
) -> None:
    members = tuple(Member(f"5{n}", None, Decimal(f), Decimal(w)) for n, (f, w) in enumerate(made_of))
    skus = {("amazon.US", "SET"): Resolution("amazon.US", "SET", members=members)}
    lines = tuple(RefundLine("1", "SET", n, Amounts(goods=g, tax=t, shipping=s)) for n, g, t, s in given_back)
    got = total_of(x.amounts.to_buyer for x in lines)
    refund = Refund("amazon.US", "113-1", "k", "refund", DAY, "USD", lines, (Teller("ledger", "k", DAY, got),))
    case = Case("amazon.US", "113-1", None, (refund,), (), (Portion(refund, 1, "R1", lines),), OrderDocuments())
    routing = Routing(subsidiary_id="1", tax_policy="separate", tax_item_id="9")
    terms = Terms("amazon.US", routing, ReturnsPolicy(refund_item_id="590"), "1150")
    (owed,) = money_back(terms, case, [], skus).owed
    assert total_of(x.net for x in owed.lines) == owed.due.amount == got
    units = total_of(Decimal(x.units) for x in lines)
    for member in members:
        assert total_of(x.units for x in owed.lines if x.item_id == member.item_id) == units * member.factor
