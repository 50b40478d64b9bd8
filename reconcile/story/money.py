"""Where the money of an order or settlement went, by the categories of its settlement lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb

from reconcile.settlement import CATEGORIES, Rules, load_rules
from reconcile.story.models import OrderFacts, Settled, StoryLine, StoryMoney, Sum
from reconcile.story.settlements import Held, Paid
from sync.money import total_of

__all__ = ["order_money", "refund_lines", "settlement_money"]

_FEES = {"referral_fees", "fulfilment_fees", "storage", "advertising", "subscription"}
#: What of a refund's lines the buyer gets; the rest are fees and taxes that the marketplace keeps.
_BUYERS = {"refunds", "tax", "promotions", "shipping", "gift_wrap"}
PAID, WAITING, UNKNOWN = "Paid out", "Not paid out yet", "Payout not reported"
_OF_SETTLEMENT = """
SELECT transaction_type, amount_type, amount_description, settlement_id, sum(amount)
FROM settlement_lines WHERE channel = $1 AND settlement_id = $2 GROUP BY ALL ORDER BY ALL
"""


def order_money(
    order: OrderFacts, lines: Sequence[StoryLine], settled: Sequence[Settled], paid: Mapping[str, Paid], held: Held
) -> StoryMoney:
    """Return an order's money over all settlements that name it, in the order's currency; other currencies apart."""
    currency = order.currency
    mine = [s for s in settled if s.currency == currency]
    money = _money([(*_kind(s), s.settlement_id, s.amount) for s in mine], order.channel, order.total, currency)
    paid_out = _paid_out(mine, paid)
    sums = [_charged(order, lines)]
    if money.settled is None:
        sums.append(Sum("Settled", Decimal(0), currency, note="in no settlement yet"))
    else:
        sums.append(Sum("Settled", money.settled, currency, money.parts))
        ways = tuple((label, amount) for label, amount in paid_out.items() if amount)
        sums.append(Sum("Of it", money.settled, currency, ways, ", ".join(money.settlements)))
    for other in sorted({s.currency for s in settled} - {currency}):
        of_other = [(*_kind(s), s.settlement_id, s.amount) for s in settled if s.currency == other]
        apart = _money(of_other, order.channel, Decimal(0), other)
        sums.append(Sum(f"Settled in {other}", apart.settled or Decimal(0), other, apart.parts))
    back = -total_of(s.amount for s in refund_lines(order.channel, mine))
    if back:
        sums.append(Sum("Refunded to the buyer", back, currency))
    if held.amount is not None:
        sums.append(Sum("Still held", held.amount, currency, note=f"until {held.until:%Y-%m-%d}" if held.until else ""))
    return StoryMoney(
        currency,
        money.charged,
        money.fees,
        money.refunded,
        money.settled,
        money.parts,
        money.settlements,
        paid_out[PAID] if money.settled is not None else None,
        paid_out[WAITING] if money.settled is not None else None,
        held.amount,
        held.until,
        tuple(sums),
    )


def settlement_money(
    cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str, total: Decimal, currency: str
) -> StoryMoney:
    """Return a settlement's money."""
    return _money(cursor.execute(_OF_SETTLEMENT, [channel, settlement_id]).fetchall(), channel, total, currency)


def refund_lines(channel: str, settled: Sequence[Settled]) -> list[Settled]:
    """Return the lines that give money back to the buyer (negative) or take it again (positive)."""
    rules, vendor = _rules(), channel.partition(".")[0]
    found = []
    for s in settled:
        category = rules.place(vendor, *_kind(s)).category
        if category == "refunds" or ("refund" in s.transaction_type.lower() and category in _BUYERS):
            found.append(s)
    return found


def _charged(order: OrderFacts, lines: Sequence[StoryLine]) -> Sum:
    """Return what the buyer pays, out of the lines' own amounts: an order whose lines do not add to it shows so."""
    parts = (
        ("Goods", total_of(line.price for line in lines)),
        ("Gift wrap", total_of(line.gift for line in lines)),
        ("Shipping", total_of(line.shipping for line in lines)),
        ("Tax", total_of(line.tax for line in lines)),
        ("Discount", -total_of(line.discount for line in lines)),
    )
    return Sum("Charged", order.total, order.currency, tuple((name, amount) for name, amount in parts if amount))


def _paid_out(settled: Sequence[Settled], paid: Mapping[str, Paid]) -> dict[str, Decimal]:
    """Return how much of the settled lines was paid out, waits, or is not known to be either."""
    sums = {PAID: Decimal(0), WAITING: Decimal(0), UNKNOWN: Decimal(0)}
    for s in settled:
        payout = paid.get(s.settlement_id)
        known = payout is not None and payout.is_known
        sums[PAID if payout is not None and payout.at else WAITING if known else UNKNOWN] += s.amount
    return sums


def _kind(settled: Settled) -> tuple[str, str, str]:
    return settled.transaction_type, settled.amount_type, settled.amount_description


def _money(rows: Sequence[tuple[Any, ...]], channel: str, total: Decimal, currency: str) -> StoryMoney:
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
