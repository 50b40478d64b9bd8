"""Where the money of an order or settlement went, by the categories of its settlement lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from reconcile.settlement import CATEGORIES, Rules, load_rules
from reconcile.story_events import Settled
from sync.money import total_of

__all__ = ["StoryMoney", "order_money", "settlement_money"]

_FEES = {"referral_fees", "fulfilment_fees", "storage", "advertising", "subscription"}
_OF_SETTLEMENT = """
SELECT transaction_type, amount_type, amount_description, settlement_id, sum(amount)
FROM settlement_lines WHERE channel = $1 AND settlement_id = $2 GROUP BY ALL ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class StoryMoney:
    """Amounts signed as the seller sees them, in `currency`.

    `charged` is what the buyer pays (an order) or the payout (a settlement); `settled` the sum of all its settlement
    lines, None where there is none; `parts` that sum by category, in display order: they add to it exactly.
    """

    currency: str
    charged: Decimal
    fees: Decimal
    refunded: Decimal
    settled: Decimal | None
    parts: tuple[tuple[str, Decimal], ...]
    settlements: tuple[str, ...]


def order_money(settled: Sequence[Settled], channel: str, total: Decimal, currency: str) -> StoryMoney:
    """Return an order's money over all settlements that name it."""
    rows = [(s.transaction_type, s.amount_type, s.amount_description, s.settlement_id, s.amount) for s in settled]
    return _money(rows, channel, total, currency)


def settlement_money(
    cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, total: Decimal, currency: str
) -> StoryMoney:
    """Return a settlement's money."""
    return _money(cursor.execute(_OF_SETTLEMENT, [channel, settlement_id]).fetchall(), channel, total, currency)


def _money(rows: list[tuple[Any, ...]], channel: str, total: Decimal, currency: str) -> StoryMoney:
    rules, vendor = _rules(), channel.partition(".")[0]
    sums: dict[str, Decimal] = {}
    for kind, amount_type, description, _, amount in rows:
        category = rules.place(vendor, kind, amount_type, description).category
        sums[category] = sums.get(category, Decimal(0)) + amount
    return StoryMoney(
        currency=currency,
        charged=total,
        fees=total_of(a for c, a in sums.items() if c in _FEES),
        refunded=sums.get("refunds", Decimal(0)),
        settled=total_of(sums.values()) if rows else None,
        parts=tuple((c.label, sums[c.key]) for c in CATEGORIES if c.key in sums),
        settlements=tuple(sorted({row[3] for row in rows})),
    )


@cache
def _rules() -> Rules:
    # A story is answered within 50 ms; what ships as data does not change while the program runs.
    return load_rules()
