"""Amazon's payouts: every 14 days a chain of settlements, reserves carried over, one closing negative.

Chain: end of N = start of N+1, Previous Reserve Amount Balance(N+1) = -Current Reserve Amount(N), and a negative
settlement is followed by Payable to Amazon and Successful charge in the next one. The lines add to the total exactly.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor, total_of
from sync.sandbox.world.amazon_ledger import MARKETPLACE_NAMES, order_entries
from sync.sandbox.world.facts import LedgerLine, Listing, SalesOrder, Settlement

__all__ = [
    "PERIOD",
    "UNKNOWN_FEE",
    "Opening",
    "Sales",
    "account_line",
    "account_lines",
    "amazon_settlement",
    "amazon_settlements",
    "opening_lines",
    "reserve_for",
]

#: (after, before) -> what was sold in that span, before tax.
Sales = Callable[[datetime, datetime], Decimal]

PERIOD = timedelta(days=14)
#: A fee that Amazon has just invented: nobody has an account for it.
UNKNOWN_FEE = ("AmazonFees", "Peak Season Handling Surcharge", "Base fee")
_FIRST_ID = {"amazon.US": 18_837_465_521, "amazon.DE": 25_625_364_801}
_OPENING_RESERVE = {"amazon.US": Decimal("812.40"), "amazon.DE": Decimal("355.17")}
_SUBSCRIPTION = {"amazon.US": Decimal("39.99"), "amazon.DE": Decimal("39.00")}
_NEGATIVE_TOTAL = Decimal("-312.47")


@dataclass(slots=True)
class Opening:
    """What a settlement takes over from the one before it."""

    reserve: Decimal
    owed: Decimal


def amazon_settlements(
    rng: random.Random,
    channel: str,
    orders: Sequence[SalesOrder],
    listings: Sequence[Listing],
    last_end: datetime,
    count: int,
    *,
    negative_at: int | None,
    unknown_fee_at: int | None,
) -> list[Settlement]:
    """Return `count` settlements up to `last_end`, oldest first; positions count from 0 in that order."""
    entries = sorted((entry for order in orders for entry in order_entries(order, last_end)), key=lambda e: e.posted_at)
    opening = Opening(_OPENING_RESERVE[channel], Decimal(0))
    settlements = []
    for index in range(count):
        end = last_end - PERIOD * (count - 1 - index)
        start = end - PERIOD
        lines = opening_lines(channel, start, opening)
        lines += [e for e in entries if start <= e.posted_at < end]
        sales = total_of(e.amount for e in lines if e.transaction_type == "Order" and e.description == "Principal")
        spent = _constant(sales)
        lines += account_lines(rng, channel, start, listings, spent, with_unknown=index == unknown_fee_at)
        lines.sort(key=lambda e: e.posted_at)
        reserve = Decimal(0)
        if index == negative_at:
            lines.append(_big_campaign(channel, end, lines))
        else:
            reserve = reserve_for(lines, end)
            lines.append(account_line(channel, end, "other-transaction", "Current Reserve Amount", -reserve))
        settlement = amazon_settlement(rng, channel, index, start, start + PERIOD, lines)
        settlements.append(replace(settlement, opening_reserve=opening.reserve, closing_reserve=reserve))
        opening = Opening(reserve, -min(Decimal(0), settlement.total))
    return settlements


def amazon_settlement(
    rng: random.Random, channel: str, index: int, start: datetime, end: datetime, lines: Sequence[LedgerLine]
) -> Settlement:
    """Return the channel's settlement number `index` (from 0) over these lines, without its reserves."""
    region = "na" if channel == "amazon.US" else "eu"
    document = uuid.UUID(int=rng.getrandbits(128), version=4)
    return Settlement(
        channel=channel,
        settlement_id=str(_FIRST_ID[channel] + index * 46_337_041),
        currency="USD" if channel == "amazon.US" else "EUR",
        start=start,
        end=end,
        deposit_at=end + timedelta(days=2),
        available_at=end + timedelta(minutes=90),
        total=total_of(line.amount for line in lines),
        lines=tuple(lines),
        report_id=str((50_018_000_000 if region == "na" else 91_442_000_000) + index * 20_303_017),
        document_id=f"amzn1.spdoc.1.4.{region}.{document}.T{rng.randint(10**12, 10**13 - 1)}.2651",
    )


def account_line(channel: str, at: datetime, amount_type: str, description: str, amount: Decimal) -> LedgerLine:
    """Return an account-level line; reserves carry the moment before the end, so that they belong to this period."""
    return LedgerLine(
        transaction_type="other-transaction",
        amount_type=amount_type,
        description=description,
        amount=amount,
        posted_at=at - timedelta(seconds=1) if description == "Current Reserve Amount" else at,
    )


def opening_lines(channel: str, start: datetime, opening: Opening) -> list[LedgerLine]:
    at = start + timedelta(seconds=3)
    lines = []
    if opening.reserve:
        lines.append(account_line(channel, at, "other-transaction", "Previous Reserve Amount Balance", opening.reserve))
    if opening.owed:
        later = start + timedelta(minutes=79)
        lines.append(account_line(channel, at, "other-transaction", "Payable to Amazon", -opening.owed))
        lines.append(account_line(channel, later, "other-transaction", "Successful charge", opening.owed))
    return lines


def _constant(amount: Decimal) -> Sales:
    def sales(after: datetime, before: datetime) -> Decimal:
        del after, before
        return amount

    return sales


def account_lines(
    rng: random.Random,
    channel: str,
    start: datetime,
    listings: Sequence[Listing],
    sales: Sales,
    *,
    with_unknown: bool = False,
) -> list[LedgerLine]:
    """Return subscription, advertising, storage in the new naming, removals, labels and reimbursements.

    Advertising and storage are shares of `sales` (after, before): of what the channel sold in a span of the period.
    """

    def at(day: float) -> datetime:
        return start + timedelta(days=day, seconds=rng.randint(0, 3599))

    def spend(before: datetime, low: int, high: int, after: datetime = start) -> Decimal:
        """Return so many hundredths of a percent of sales, a cent at least."""
        share = sales(after, before) * rng.randint(low, high) / 10_000
        return max(Decimal("0.01"), share.quantize(Decimal("0.01")))

    lines = []
    if any((start + timedelta(days=d)).day == 3 for d in range(14)):
        lines.append(account_line(channel, at(2), "other-transaction", "Subscription Fee", -_SUBSCRIPTION[channel]))
    billed = start
    for day in (2.2, 6.4, 10.8, 13.1):
        moment = at(day)
        bill = -spend(moment, 60, 260, billed)
        lines.append(_fee(channel, moment, "ServiceFee", "Cost of Advertising", "TransactionTotalAmount", bill))
        billed = moment
    if any((start + timedelta(days=d)).day == 8 for d in range(14)):
        for name, low, high in (("FBA Inventory Storage Fee", 60, 120), ("FBA Long Term Storage Fee", 2, 12)):
            moment = at(7)
            lines.append(_fee(channel, moment, "FBAFees", name, "Base fee", -spend(moment, low, high)))
    # Two disposals of the same hour and price: equal lines are real money, twice.
    lines += [_fee(channel, at(9), "FBAFees", "FBA Removal Order: Disposal Fee", "Base fee", Decimal("-0.52"))] * 2
    moment = at(5)
    label = -spend(moment, 5, 15)
    lines.append(account_line(channel, moment, "other-transaction", "Shipping label purchase for return", label))
    for reason in rng.sample(["WAREHOUSE_DAMAGE", "WAREHOUSE_LOST", "REVERSAL_REIMBURSEMENT"], k=2):
        lines.append(_reimbursement(rng, channel, at(rng.randint(1, 12)), reason, rng.choice(listings)))
    if with_unknown:
        for day in (3.5, 8.5, 12.5):
            moment = at(day)
            lines.append(_fee(channel, moment, *UNKNOWN_FEE, -spend(moment, 10, 40)))
    return lines


def _fee(
    channel: str, at: datetime, transaction_type: str, amount_type: str, description: str, amount: Decimal
) -> LedgerLine:
    line = account_line(channel, at, amount_type, description, amount)
    return replace(line, transaction_type=transaction_type, marketplace=MARKETPLACE_NAMES[channel])


def _reimbursement(rng: random.Random, channel: str, at: datetime, reason: str, listing: Listing) -> LedgerLine:
    units = rng.choice([1, 1, 2])
    sign = -1 if reason == "REVERSAL_REIMBURSEMENT" else 1
    amount = round_to_minor(listing.price * Decimal("0.72"), listing.currency) * units * sign
    line = account_line(channel, at, "FBA Inventory Reimbursement", reason, amount)
    return replace(line, sku=listing.sku, quantity=units, adjustment_id=f"amzn1:crow:{rng.getrandbits(60):x}")


def reserve_for(lines: Sequence[LedgerLine], end: datetime) -> Decimal:
    """Return what Amazon keeps back, positive: the last two days' orders, never more than there is."""
    recent = total_of(
        e.amount for e in lines if e.transaction_type == "Order" and e.posted_at >= end - timedelta(days=2)
    )
    everything = total_of(e.amount for e in lines)
    return max(Decimal("25.00"), min(recent, everything / 2)).quantize(Decimal("0.01"))


def _big_campaign(channel: str, end: datetime, lines: Sequence[LedgerLine]) -> LedgerLine:
    """Return the advertising bill that turns a settlement negative."""
    amount = _NEGATIVE_TOTAL - total_of(e.amount for e in lines)
    bill = account_line(channel, end - timedelta(hours=5), "Cost of Advertising", "TransactionTotalAmount", amount)
    return replace(bill, transaction_type="ServiceFee", marketplace=MARKETPLACE_NAMES[channel])
