"""Amazon's payouts: every 14 days a chain of settlements, reserves carried over, one closing negative.

Chain: end of N = start of N+1, Previous Reserve Amount Balance(N+1) = -Current Reserve Amount(N), and a negative
settlement is followed by Payable to Amazon and Successful charge in the next one. The lines add to the total exactly.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor, total_of
from sync.sandbox.world.amazon_ledger import MARKETPLACE_NAMES, order_entries
from sync.sandbox.world.model import LedgerLine, Listing, SalesOrder, Settlement

__all__ = ["PERIOD", "UNKNOWN_FEE", "amazon_settlements"]

PERIOD = timedelta(days=14)
#: A fee that Amazon has just invented: nobody has an account for it.
UNKNOWN_FEE = ("AmazonFees", "Peak Season Handling Surcharge", "Base fee")
_FIRST_ID = {"amazon.US": 18_837_465_521, "amazon.DE": 25_625_364_801}
_OPENING_RESERVE = {"amazon.US": Decimal("812.40"), "amazon.DE": Decimal("355.17")}
_SUBSCRIPTION = {"amazon.US": Decimal("39.99"), "amazon.DE": Decimal("39.00")}
_NEGATIVE_TOTAL = Decimal("-312.47")


@dataclass(slots=True)
class _Opening:
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
    opening = _Opening(_OPENING_RESERVE[channel], Decimal(0))
    settlements = []
    for index in range(count):
        end = last_end - PERIOD * (count - 1 - index)
        start = end - PERIOD
        lines = _opening_lines(channel, start, opening)
        lines += [e for e in entries if start <= e.posted_at < end]
        sales = total_of(e.amount for e in lines if e.transaction_type == "Order" and e.description == "Principal")
        lines += _account_lines(rng, channel, start, listings, sales, with_unknown=index == unknown_fee_at)
        lines.sort(key=lambda e: e.posted_at)
        reserve = Decimal(0)
        if index == negative_at:
            lines.append(_big_campaign(channel, end, lines))
        else:
            reserve = _reserve_for(lines, end)
            lines.append(_account(channel, end, "other-transaction", "Current Reserve Amount", -reserve))
        settlement = _settlement(rng, channel, index, start, lines)
        settlements.append(replace(settlement, opening_reserve=opening.reserve, closing_reserve=reserve))
        opening = _Opening(reserve, -min(Decimal(0), settlement.total))
    return settlements


def _settlement(
    rng: random.Random, channel: str, index: int, start: datetime, lines: Sequence[LedgerLine]
) -> Settlement:
    end = start + PERIOD
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


def _account(channel: str, at: datetime, amount_type: str, description: str, amount: Decimal) -> LedgerLine:
    """Return an account-level line; reserves carry the moment before the end, so that they belong to this period."""
    return LedgerLine(
        transaction_type="other-transaction",
        amount_type=amount_type,
        description=description,
        amount=amount,
        posted_at=at - timedelta(seconds=1) if description == "Current Reserve Amount" else at,
    )


def _opening_lines(channel: str, start: datetime, opening: _Opening) -> list[LedgerLine]:
    at = start + timedelta(seconds=3)
    lines = []
    if opening.reserve:
        lines.append(_account(channel, at, "other-transaction", "Previous Reserve Amount Balance", opening.reserve))
    if opening.owed:
        later = start + timedelta(minutes=79)
        lines.append(_account(channel, at, "other-transaction", "Payable to Amazon", -opening.owed))
        lines.append(_account(channel, later, "other-transaction", "Successful charge", opening.owed))
    return lines


def _account_lines(
    rng: random.Random,
    channel: str,
    start: datetime,
    listings: Sequence[Listing],
    sales: Decimal,
    *,
    with_unknown: bool,
) -> list[LedgerLine]:
    """Return subscription, advertising, storage in the new naming, removals, labels and reimbursements.

    Advertising and storage are shares of the period's `sales`.
    """

    def at(day: float) -> datetime:
        return start + timedelta(days=day, seconds=rng.randint(0, 3599))

    def spend(low: int, high: int) -> Decimal:
        """Return so many hundredths of a percent of sales, a cent at least."""
        return max(Decimal("0.01"), (sales * rng.randint(low, high) / 10_000).quantize(Decimal("0.01")))

    market = MARKETPLACE_NAMES[channel]
    lines = []
    if any((start + timedelta(days=d)).day == 3 for d in range(14)):
        lines.append(_account(channel, at(2), "other-transaction", "Subscription Fee", -_SUBSCRIPTION[channel]))
    for day in (2.2, 6.4, 10.8, 13.1):
        ad = _account(channel, at(day), "Cost of Advertising", "TransactionTotalAmount", -spend(60, 260))
        lines.append(replace(ad, transaction_type="ServiceFee", marketplace=market))
    if any((start + timedelta(days=d)).day == 8 for d in range(14)):
        for name, low, high in (("FBA Inventory Storage Fee", 60, 120), ("FBA Long Term Storage Fee", 2, 12)):
            fee = _account(channel, at(7), name, "Base fee", -spend(low, high))
            lines.append(replace(fee, transaction_type="FBAFees", marketplace=market))
    # Two disposals of the same hour and price: equal lines are real money, twice.
    removal = _account(channel, at(9), "FBA Removal Order: Disposal Fee", "Base fee", Decimal("-0.52"))
    lines += [replace(removal, transaction_type="FBAFees", marketplace=market)] * 2
    lines.append(_account(channel, at(5), "other-transaction", "Shipping label purchase for return", -spend(5, 15)))
    for reason in rng.sample(["WAREHOUSE_DAMAGE", "WAREHOUSE_LOST", "REVERSAL_REIMBURSEMENT"], k=2):
        lines.append(_reimbursement(rng, channel, at(rng.randint(1, 12)), reason, rng.choice(listings)))
    if with_unknown:
        kind, amount_type, description = UNKNOWN_FEE
        for day in (3.5, 8.5, 12.5):
            fee = _account(channel, at(day), amount_type, description, -spend(10, 40))
            lines.append(replace(fee, transaction_type=kind, marketplace=market))
    return lines


def _reimbursement(rng: random.Random, channel: str, at: datetime, reason: str, listing: Listing) -> LedgerLine:
    units = rng.choice([1, 1, 2])
    sign = -1 if reason == "REVERSAL_REIMBURSEMENT" else 1
    amount = round_to_minor(listing.price * Decimal("0.72"), listing.currency) * units * sign
    line = _account(channel, at, "FBA Inventory Reimbursement", reason, amount)
    return replace(line, sku=listing.sku, quantity=units, adjustment_id=f"amzn1:crow:{rng.getrandbits(60):x}")


def _reserve_for(lines: Sequence[LedgerLine], end: datetime) -> Decimal:
    """Return what Amazon keeps back, positive: the last two days' orders, never more than there is."""
    recent = total_of(
        e.amount for e in lines if e.transaction_type == "Order" and e.posted_at >= end - timedelta(days=2)
    )
    everything = total_of(e.amount for e in lines)
    return max(Decimal("25.00"), min(recent, everything / 2)).quantize(Decimal("0.01"))


def _big_campaign(channel: str, end: datetime, lines: Sequence[LedgerLine]) -> LedgerLine:
    """Return the advertising bill that turns a settlement negative."""
    amount = _NEGATIVE_TOTAL - total_of(e.amount for e in lines)
    bill = _account(channel, end - timedelta(hours=5), "Cost of Advertising", "TransactionTotalAmount", amount)
    return replace(bill, transaction_type="ServiceFee", marketplace=MARKETPLACE_NAMES[channel])
