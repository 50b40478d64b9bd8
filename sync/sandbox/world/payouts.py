"""Transfers to the seller's bank: one for each positive settlement."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.world.facts import Settlement
from sync.sandbox.world.ledger import Ledger

__all__ = ["Payout", "payouts_of"]

_TAILS = {"amazon.US": "417", "amazon.DE": "902", "walmart.US": "417"}
#: The one transfer of the built world that failed at first: it was made again three days later.
_FAILED_ONCE = ("amazon.US", 2)
_AGAIN_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Payout:
    """A transfer. `state` is `paid`, `failed` or `expected`; `paid_at` is when it was or is to be made."""

    channel: str
    payout_id: str
    settlement_id: str
    currency: str
    amount: Decimal
    paid_at: datetime
    trace_id: str
    account_tail: str
    state: str


def payouts_of(channel: str, ledger: Ledger, now: datetime) -> list[Payout]:
    """Return the channel's transfers as they stand at `now`, oldest first, the expected one of the open period last."""
    found: list[Payout] = []
    for index, settlement in enumerate(ledger.closed(now)):
        if settlement.total <= 0:
            continue
        due = _payout(settlement, settlement.deposit_at, now)
        if (channel, index) == _FAILED_ONCE and due.state == "paid":
            found += [replace(due, state="failed"), _payout(settlement, due.paid_at + _AGAIN_AFTER, now, attempt=2)]
        elif ledger.has_failed(settlement.settlement_id) and due.state == "paid":
            found.append(replace(due, state="failed"))
        else:
            found.append(due)
    running = ledger.open(now)
    if running.total > 0:
        found.append(replace(_payout(running, running.deposit_at, now), state="expected"))
    return found


def _payout(settlement: Settlement, at: datetime, now: datetime, *, attempt: int = 1) -> Payout:
    digest = hashlib.sha256(f"{settlement.channel}-{settlement.settlement_id}-{attempt}".encode()).hexdigest()
    return Payout(
        channel=settlement.channel,
        payout_id=digest[:32],
        settlement_id=settlement.settlement_id,
        currency=settlement.currency,
        amount=settlement.total,
        paid_at=at,
        trace_id=str(int(digest[32:48], 16))[:15],
        account_tail=_TAILS[settlement.channel],
        state="paid" if at <= now else "expected",
    )
