"""Fee schedules: what ships is whole and dated; decisions cut into it; what cannot be used is refused."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from reconcile.fees.schedule import FeeRow, check_decision, fee_rows, parse_subject, shipped_schedule, sku_fees
from sync.errors import BadInput
from sync.ops.decisions import Decision

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def decided(subject: str, **value: str) -> dict[str, Decision]:
    return {subject: Decision(1, "fee_schedule", subject, value, NOW, NOW, "ann", "")}


def rates_on(rows: list[FeeRow], day: date, channel: str, category: str) -> list[Decimal]:
    return [
        r.rate
        for r in rows
        if (r.channel, r.category) == (channel, category) and r.valid_from <= day <= r.valid_to
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        ("rate|amazon.US", {"rate": "12"}),
        ("tax|amazon.US|office", {"rate": "12"}),
        ("rate||office", {"rate": "12"}),
        ("rate|amazon.US|office", {}),
        ("rate|amazon.US|office", {"rate": "-1"}),
        ("rate|amazon.US|office", {"rate": "NaN"}),
        ("rate|amazon.US|office", {"rate": "12", "from": "01.10.2026"}),
        ("rate|amazon.US|office", {"rate": "12", "from": "2026-10-02", "until": "2026-10-01"}),
        ("category|amazon.US|MUG", {"category": " "}),
        ("per_unit|amazon.US|MUG", {"amount": "four"}),
    ],
)
def test_a_decision_that_could_not_be_used_is_refused(subject: str, value: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        check_decision(subject, value)


def test_the_bands_of_every_shipped_category_join_without_gap_or_overlap_from_zero_up() -> None:
    bands = defaultdict(list)
    for row in shipped_schedule():
        assert 0 < row.rate < 1
        assert row.source
        bands[row.channel, row.category, row.valid_from].append(row)
    for key, rows in bands.items():
        rows.sort(key=lambda r: r.above)
        assert rows[0].above == 0, key
        assert all(low.up_to == high.above for low, high in pairwise(rows)), key
        assert rows[-1].up_to > 1_000_000, key
        assert len({(r.basis, r.minimum, r.valid_to) for r in rows}) == 1, key


def test_a_decided_rate_holds_in_its_days_and_the_shipped_one_before_and_after() -> None:
    subject = "rate|amazon.US|office"
    rows = fee_rows(decided(subject, rate="12.5", **{"from": "2026-10-01", "until": "2026-10-31"}))
    for day, rate in (("2026-09-30", "0.15"), ("2026-10-01", "0.125"), ("2026-10-31", "0.125"), ("2026-11-01", "0.15")):
        assert rates_on(rows, date.fromisoformat(day), "amazon.US", "office") == [Decimal(rate)]
    assert rates_on(rows, date(2026, 10, 15), "walmart.US", "office") == [Decimal("0.15")]
    assert rates_on(rows, date(2026, 10, 15), "amazon.US", "tires") == [Decimal("0.10")]


def test_a_rate_decided_without_days_replaces_the_shipped_one_and_makes_categories_that_none_shipped() -> None:
    held = decided("rate|amazon.US|office", rate="12") | decided("rate|amazon.DE|buero", rate="15", minimum="0.30")
    rows = fee_rows(held)
    assert rates_on(rows, date(2001, 1, 1), "amazon.US", "office") == [Decimal("0.12")]
    (made,) = [r for r in rows if r.channel == "amazon.DE"]
    assert (made.rate, made.minimum, made.source) == (Decimal("0.15"), Decimal("0.30"), "decided by ann")


def test_names_may_hold_the_separator_and_sku_decisions_keep_their_kind() -> None:
    assert parse_subject("category|amazon.US|A|B") == ("category", "amazon.US", "A|B")
    (category,) = sku_fees(decided("category|amazon.US|A|B", category="office") | decided("rate|amazon.US|x", rate="1"))
    assert (category.kind, category.subject, category.category) == ("category", "A|B", "office")
