"""Lines of a settlement written as an accountant would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from sync.money import total_of
from sync.records import Settlement, SettlementLine
from sync.settlements import ParsedSettlement

SettlementOf = Callable[..., ParsedSettlement]


def parsed_from(
    text: str, *, channel: str = "amazon.US", currency: str = "USD", end: str = "2026-11-03"
) -> ParsedSettlement:
    """Read `2026-10-31  Order / ItemPrice / Principal  25.00` lines; blank parts of a type are written as `-`."""
    lines = []
    for number, row in enumerate((r for r in text.splitlines() if r.strip()), start=1):
        day, middle, amount = row.split()[0], row.split()[1:-1], row.split()[-1]
        kind, amount_type, description = (p.strip().removeprefix("-") for p in " ".join(middle).split(" / "))
        lines.append(
            SettlementLine(
                channel=channel,
                settlement_id="700",
                ordinal=number,
                file_line=number + 2,
                byte_offset=100 * number,
                transaction_type=kind,
                amount_type=amount_type,
                amount_description=description,
                amount=Decimal(amount),
                currency=currency,
                order_id=None,
                merchant_order_id=None,
                adjustment_id=None,
                shipment_id=None,
                marketplace=None,
                fulfilled_by=None,
                posted_at=None,
                posted_date=date.fromisoformat(day),
                order_line_id=None,
                sku=None,
                quantity=None,
                promotion_id=None,
            )
        )
    closed = datetime.combine(date.fromisoformat(end), datetime.min.time(), UTC)
    settlement = Settlement(
        channel=channel,
        settlement_id="700",
        format="amazon-v2",
        document_hash="0" * 64,
        document_name="s.txt",
        currency=currency,
        period_start=datetime(2026, 8, 20, tzinfo=UTC),
        period_end=closed,
        deposit_at=None,
        total=total_of(line.amount for line in lines),
        line_count=len(lines),
        encoding="utf-8",
    )
    return ParsedSettlement(settlement, lines, [])


@pytest.fixture
def settlement_of() -> SettlementOf:
    """Make a settlement from a table of date, type and amount."""
    return parsed_from
