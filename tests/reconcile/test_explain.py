"""Explaining is a partition: every line of a month is behind exactly one journal line or among those that cancel."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.explain import explain_journal, explain_up, lines_of
from reconcile.stored_settlements import see_settlement
from sync.clock import ManualClock
from sync.money import total_of
from sync.records import Settlement, SettlementLine
from sync.store.store import Store
from sync.streams import Batch, Document

START = datetime(2026, 11, 20, 9, tzinfo=UTC)
ORDER = "113-1234567-1234567"
KINDS = [
    ("Order", "ItemPrice", "Principal"),
    ("Order", "ItemFees", "Commission"),
    ("Order", "ItemPrice", "Tax"),
    ("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal"),
    ("Refund", "ItemPrice", "Principal"),
    ("ServiceFee", "Cost of Advertising", "TransactionTotalAmount"),
    ("other-transaction", "other-transaction", "Current Reserve Amount"),
    ("AmazonFees", "Never seen before", "Base fee"),
]
AMOUNTS = st.integers(-99999, 99999).map(lambda n: Decimal(n).scaleb(-2))
LINES = st.lists(
    st.tuples(
        st.sampled_from(KINDS), AMOUNTS, st.sampled_from([9, 10, 11]), st.sampled_from([None, "seller", "channel"])
    ),
    min_size=1,
    max_size=25,
)


def stored(lines: list[tuple[tuple[str, str, str], Decimal, int, str | None]]) -> Store:
    """Return a store whose mirror holds settlement 77 with these (type, amount, month, fulfilled by) lines."""
    store = Store.in_memory(ManualClock(START))
    total = total_of(amount for _, amount, _, _ in lines)
    head = Settlement(
        "amazon.US", "77", "amazon-v2", "h", "f.txt", "USD", START, START, START, total, len(lines), "utf-8"
    )
    rows = [
        SettlementLine(
            channel="amazon.US",
            settlement_id="77",
            ordinal=n,
            file_line=n + 2,
            byte_offset=n * 100,
            transaction_type=kind[0],
            amount_type=kind[1],
            amount_description=kind[2],
            amount=amount,
            currency="USD",
            order_id=ORDER if kind[0] in ("Order", "Refund") else None,
            merchant_order_id=None,
            adjustment_id=None,
            shipment_id=None,
            marketplace="Amazon.com",
            fulfilled_by=fulfilled,
            posted_at=None,
            posted_date=date(2026, month, 15),
            order_line_id=None,
            sku=None,
            quantity=None,
            promotion_id=None,
        )
        for n, (kind, amount, month, fulfilled) in enumerate(lines, 1)
    ]
    store.mirror.commit("files.settlements@amazon.US", Batch(None, [Document(head, rows)], {}), "test")
    return store


@pytest.fixture(scope="module")
def simple() -> Store:
    lines = [
        (KINDS[0], Decimal("25.00"), 10, "channel"),
        (KINDS[1], Decimal("-3.75"), 10, "channel"),
        (KINDS[2], Decimal("2.00"), 10, "channel"),
        (KINDS[3], Decimal("-2.00"), 10, "channel"),
        (KINDS[0], Decimal("10.00"), 11, "seller"),
    ]
    return stored(lines)


@pytest.mark.parametrize(
    "text", ["", "AMZ-SETTLE-77", "AMZ-SETTLE-77-202612", "AMZ-SETTLE-78-202610", "77:99", "113-9"]
)
def test_what_is_not_known_is_not_explained(simple: Store, text: str) -> None:
    assert explain_journal(simple, text) is None
    assert lines_of(simple, text, 1) is None
    assert explain_up(simple, text) == []


@pytest.mark.parametrize("number", [0, -1, 99])
def test_a_line_that_the_journal_does_not_have_is_not_explained(simple: Store, number: int) -> None:
    assert lines_of(simple, "AMZ-SETTLE-77-202610", number) is None


def test_a_journal_is_explained_down_to_lines_of_the_file(simple: Store) -> None:
    journal = explain_journal(simple, "AMZ-SETTLE-77-202610")
    assert journal is not None
    assert [(p.account, p.debit, p.credit) for p in journal.parts] == [
        ("1150 Amazon clearing", Decimal("21.25"), Decimal(0)),
        ("4000 Sales", Decimal(0), Decimal("25.00")),
        ("6110 Referral fees", Decimal("3.75"), Decimal(0)),
    ]
    assert {t.amount for t in journal.cancelled} == {Decimal("2.00"), Decimal("-2.00")}
    fees = lines_of(simple, "AMZ-SETTLE-77-202610", 3)
    assert fees is not None
    assert [(line.file_line, line.byte_offset, line.amount) for line in fees] == [(4, 200, Decimal("-3.75"))]


def test_an_order_is_explained_up_to_the_journals_and_the_payout(simple: Store) -> None:
    found = explain_up(simple, ORDER)
    assert [(e.line.amount, e.account, e.journal, e.journal_line) for e in found] == [
        (Decimal("25.00"), "4000 Sales", "AMZ-SETTLE-77-202610", 2),
        (Decimal("-3.75"), "6110 Referral fees", "AMZ-SETTLE-77-202610", 3),
        (Decimal("2.00"), "2200 Sales tax payable", "AMZ-SETTLE-77-202610", None),
        (Decimal("-2.00"), "2200 Sales tax payable", "AMZ-SETTLE-77-202610", None),
        (Decimal("10.00"), "4000 Sales", "AMZ-SETTLE-77-202611", 2),
    ]
    assert {e.payout for e in found} == {Decimal("31.25")}
    assert explain_up(simple, "77:4") == [found[1]]
    assert explain_up(simple, "amazon.US/77:4") == [found[1]]
    assert explain_up(simple, "amazon.DE/77:4") == []


@settings(max_examples=25, deadline=None)
@given(LINES)
def test_explaining_is_a_partition_at_every_level(
    lines: list[tuple[tuple[str, str, str], Decimal, int, str | None]],
) -> None:
    store = stored(lines)
    seen = see_settlement(store, "77")
    assert seen is not None
    behind: list[int] = []
    for journal in seen.journals:
        explained = explain_journal(store, journal.external_id)
        assert explained is not None
        month = [line for line in seen.parsed.lines if f"{line.posted_date:%Y-%m}" == journal.period]
        assert explained.total == total_of(line.amount for line in month)
        for part in explained.parts:
            found = lines_of(store, journal.external_id, part.number)
            assert found is not None
            if part.types:
                assert part.credit - part.debit == total_of(t.amount for t in part.types)
                assert part.credit - part.debit == total_of(line.amount for line in found)
                behind += [line.ordinal for line in found]
            else:
                assert found == month
                assert part.debit - part.credit == total_of(line.amount for line in month)
        assert total_of(t.amount for t in explained.cancelled) == 0
    assert len(behind) == len(set(behind))
    unposted = [line for line in seen.parsed.lines if line.ordinal not in behind]
    assert total_of(line.amount for line in unposted) == 0
    for line in seen.parsed.lines:
        (up,) = explain_up(store, f"77:{line.file_line}")
        assert (up.journal_line is not None) == (line.ordinal in behind)
