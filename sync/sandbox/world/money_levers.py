"""What happens to a channel's money because somebody does it now: fees, early and late settlements, failed payouts."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from sync.sandbox.world.facts import LedgerLine, Settlement
from sync.sandbox.world.model import World

__all__ = ["charge_fee", "close_settlement", "delay_settlement", "fail_payout"]


def charge_fee(
    world: World,
    now: datetime,
    *,
    channel: str,
    amount: Decimal,
    description: str,
    transaction_type: str = "",
    amount_type: str = "",
) -> LedgerLine:
    """Book an amount of the account now, negative for a fee, under any texts; return the line.

    Raises:
        ValueError: if the channel is unknown, the amount is zero or has parts of a cent, or the description is empty.
    """
    _check_channel(world, channel)
    if not amount.is_finite() or amount == 0 or amount != amount.quantize(Decimal("0.01")):
        raise ValueError("amount must be whole cents and not 0")
    if not description:
        raise ValueError("description must say what it is for")
    walmart = channel.startswith("walmart")
    at = now.replace(microsecond=0)
    line = LedgerLine(
        transaction_type=transaction_type or ("Service Fee" if walmart else "other-transaction"),
        amount_type=amount_type or ("Fee/Reimbursement" if walmart else "other-transaction"),
        description=description,
        amount=amount,
        posted_at=at,
        entry_key=f"{at:%Y_%m_%d}_7{at:%H%M%S}" if walmart else None,
    )
    world.ledger(channel).post(line)
    return line


def close_settlement(world: World, now: datetime, *, channel: str) -> Settlement:
    """Close the running period now, before its time; return the settlement, which the channel shows a little later.

    Raises:
        ValueError: if the channel is unknown, or the period has only just begun.
    """
    _check_channel(world, channel)
    return world.ledger(channel).close_at(now)


def delay_settlement(world: World, now: datetime, *, channel: str, hours: float) -> str:
    """Let the report of the running period come so many hours later than usual; return its settlement id.

    Raises:
        ValueError: if the channel is unknown, or `hours` is not above zero.
    """
    _check_channel(world, channel)
    if hours <= 0:
        raise ValueError("hours must be above 0")
    return world.ledger(channel).delay(now, timedelta(hours=hours))


def fail_payout(world: World, now: datetime, *, channel: str) -> str:
    """Let the next transfer come back; its money is in the period that runs then. Return the settlement's id.

    Raises:
        ValueError: if the channel is unknown.
    """
    _check_channel(world, channel)
    return world.ledger(channel).fail_transfer(now)


def _check_channel(world: World, channel: str) -> None:
    if channel not in world.channels():
        raise ValueError(f"channel must be one of {', '.join(world.channels())}")
