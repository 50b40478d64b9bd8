"""Drawn settlements, rules and policies: whatever can come, for the properties of settlements."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from reconcile.settlement import JournalPolicy, Rule, Rules
from sync.money import total_of
from sync.records import Settlement, SettlementLine

KINDS, AMOUNT_TYPES, TEXTS = ("Order", "Refund", "Fee"), ("ItemPrice", "ItemFees"), ("Principal", "Tax", "Commission")
KEYS = ("sales", "refunds", "tax_collected", "tax_withheld", "referral_fees", "reserve", "clearing", "no such key")


@st.composite
def some_lines(draw: st.DrawFn) -> list[SettlementLine]:
    """Up to forty lines of one settlement, posted within some three months."""
    first = draw(st.dates(date(2025, 11, 1), date(2027, 1, 1)))
    rows = draw(
        st.lists(
            st.tuples(
                st.sampled_from(KINDS),
                st.sampled_from(AMOUNT_TYPES),
                st.sampled_from(TEXTS),
                st.sampled_from([None, "seller", "channel"]),
                st.integers(-99_999, 99_999),
                st.integers(0, 95),
            ),
            max_size=40,
        )
    )
    return [
        SettlementLine(
            channel="amazon.US",
            settlement_id="700",
            ordinal=number,
            file_line=number + 2,
            byte_offset=number * 10,
            transaction_type=kind,
            amount_type=amount_type,
            amount_description=text,
            amount=Decimal(cents).scaleb(-2),
            currency="USD",
            order_id=None,
            merchant_order_id=None,
            adjustment_id=None,
            shipment_id=None,
            marketplace=None,
            fulfilled_by=fulfilled,
            posted_at=None,
            posted_date=first + timedelta(days=days),
            order_line_id=None,
            sku=None,
            quantity=None,
            promotion_id=None,
        )
        for number, (kind, amount_type, text, fulfilled, cents, days) in enumerate(rows, start=1)
    ]


RULES = st.lists(
    st.builds(
        Rule,
        vendor=st.just("amazon"),
        transaction_type=st.sampled_from(KINDS),
        amount_type=st.sampled_from(AMOUNT_TYPES),
        amount_description=st.sampled_from([*TEXTS, "*"]),
        category=st.sampled_from(["sales", "refunds", "tax", "marketplace_tax_withheld", "referral_fees", "reserves"]),
        account_key=st.sampled_from(KEYS),
    ),
    max_size=12,
).map(Rules)
POLICIES = st.builds(
    JournalPolicy,
    facilitator_tax=st.sampled_from(["net", "liability"]),
    suspense_key=st.sampled_from([None, "sales"]),
    line_memo=st.sampled_from(["{label}", "{settlement} {period}"]),
    location=st.sampled_from(["account", "channel", "fulfilment"]),
    entity=st.sampled_from(["account", "customer"]),
)


def settlement(lines: list[SettlementLine]) -> Settlement:
    """The settlement of these lines, which foots."""
    moment = datetime(2026, 11, 3, tzinfo=UTC)
    total = total_of(line.amount for line in lines)
    texts = ("700", "amazon-v2", "0" * 64, "s.txt", "USD")
    return Settlement("amazon.US", *texts, moment - timedelta(14), moment, None, total, len(lines), "utf-8")
