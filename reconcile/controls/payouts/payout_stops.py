"""What keeps a confirmed payout from being posted, each with its cause and what would help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from reconcile.amounts import amount_text
from reconcile.bank.decide import BOOKED_BY
from reconcile.bank.seen import see_bank
from reconcile.controls.control import Evidence
from reconcile.controls.payouts.unposted_payout import UnpostedPayout
from reconcile.controls.posting_days import Stop, day_stop
from reconcile.controls.posting_stops import routing_stop
from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.payout_entry import Cleared
from sync.money import total_of

__all__ = ["booked_by", "payout_stop"]

#: Days around the booking in which somebody else may have dated the same money.
_BEFORE, _AFTER = timedelta(days=3), timedelta(days=10)
_SAME_MONEY = """
SELECT coalesce(t.number, t.transaction_id), t.transaction_date
FROM transaction_lines l JOIN transactions t ON t.transaction_id = l.transaction_id
WHERE l.account_id = $1 AND t.currency = $2 AND abs(l.amount) = $3
    AND CASE WHEN coalesce(l.debit, 0) = coalesce(l.credit, 0) THEN l.amount > 0
        ELSE coalesce(l.debit, 0) > coalesce(l.credit, 0) END = $4
    AND t.transaction_date BETWEEN $5 AND $6 AND NOT contains(coalesce(t.external_id, ''), '-PAYOUT-')
ORDER BY t.transaction_date, t.transaction_id LIMIT 1
"""


def booked_by(evidence: Evidence, one: UnpostedPayout) -> str | None:
    """Return the number of the document that posts a payout already, None where there is none.

    That is the ERP's deposit which confirms the payout, else the one that a person has named.
    """
    seen = see_bank(evidence)
    found = seen.matches.of_payout(one.payout.key)
    if found is not None and all(booking in seen.deposits for booking in found.bookings):
        return ", ".join(seen.deposits[booking].number for booking in found.bookings)
    held = evidence.decisions(BOOKED_BY).get(f"{one.payout.channel}|{one.settlement_id}")
    named = str(held.value.get("document") or "") if held else ""
    row = evidence.cursor.execute(
        "SELECT coalesce(number, transaction_id) FROM transactions WHERE transaction_id = $1 OR number = $1 LIMIT 1",
        [named],
    ).fetchone()
    return str(row[0]) if row else None


def payout_stop(
    evidence: Evidence,
    one: UnpostedPayout,
    missing: Sequence[str],
    cleared: Sequence[Cleared],
    accounts: Mapping[str, LedgerAccount],
) -> Stop | None:
    """Return the first thing in the way; `missing` are parts of the settlement that are not posted."""
    channel = one.payout.channel
    if one.share.problem:
        return (f"payout|{channel}|share", f"payout {one.settlement_id}: {one.share.problem}", "Post it in NetSuite")
    return (
        routing_stop(one.books)
        or _settlement_stop(one, missing, cleared)
        or _amount_stop(one)
        or _account_stop(one, accounts)
        or _booked_stop(evidence, one, accounts)
        or day_stop(evidence, one.name, one.day)
    )


def _settlement_stop(one: UnpostedPayout, missing: Sequence[str], cleared: Sequence[Cleared]) -> Stop | None:
    channel, currency = one.payout.channel, one.payout.currency
    if missing:
        return (
            f"payout|{channel}|unposted",
            f"settlements of {channel} are not posted yet",
            f"Post {missing[0]} first: its rate is the one at which the payout leaves clearing",
        )
    held = total_of(c.amount for c in cleared)
    if held == one.payout.amount:
        return None
    return (
        f"payout|{channel}|{one.settlement_id}",
        f"settlement {one.settlement_id} left {amount_text(held, currency)} {currency} on clearing, its payout is"
        f" {amount_text(one.payout.amount, currency)}",
        "See what its posted documents say: control journal_differs",
    )


def _amount_stop(one: UnpostedPayout) -> Stop | None:
    if one.share.currency != one.payout.currency or one.share.amount == one.payout.amount:
        return None
    money = (
        f"{amount_text(one.share.amount, one.share.currency)} of {amount_text(one.payout.amount, one.share.currency)}"
    )
    return (
        f"payout|{one.payout.channel}|part",
        f"the bank booked {money} {one.share.currency} of payout {one.settlement_id}",
        "Match the rest too; a fee of the bank is a booking of its own and no exchange difference",
    )


def _account_stop(one: UnpostedPayout, accounts: Mapping[str, LedgerAccount]) -> Stop | None:
    channel = one.payout.channel
    for key, account in accounts.items():
        what = "exchange differences" if key == "fx" else f"bank account {key.partition(':')[2]}"
        if account.account_id is None:
            return (
                f"account|{channel}|{key}",
                f"nobody has decided the ledger account of {what} for {channel}",
                f'`tieout map account {channel} "{key}" NUMBER`',
            )
        if not account.is_usable:
            cause = f"account {account.label} of {what} is inactive in NetSuite"
            return (f"account|{channel}|{key}", cause, "Make it active there again, or choose another account")
    return None


def _booked_stop(evidence: Evidence, one: UnpostedPayout, accounts: Mapping[str, LedgerAccount]) -> Stop | None:
    """Return that somebody else may have posted the same money: it waits for a person's word."""
    said = evidence.decisions(BOOKED_BY).get(f"{one.payout.channel}|{one.settlement_id}")
    if said is not None and not said.value.get("document"):
        return None
    if said is not None:
        return (
            f"payout|{one.payout.channel}|booked",
            f"{said.value['document']}, which is said to post payout {one.settlement_id}, is not in NetSuite",
            f"`tieout bank booked {one.payout.key}` names another, or none",
        )
    window = (one.share.day - _BEFORE, one.share.day + _AFTER)
    for statement, amount, _ in one.share.bookings:
        found = _same_money(evidence, accounts[f"bank:{statement}"], one.share.currency, amount, window)
        if found is not None:
            number, day = found
            money = f"{amount_text(amount, one.share.currency)} {one.share.currency}"
            return (
                f"payout|{one.payout.channel}|booked",
                f"{number} of {day} posts {money} to {accounts[f'bank:{statement}'].label} already",
                f"`tieout bank booked {one.payout.key} {number}` if it is this payout, --none if it is not",
            )
    return None


def _same_money(
    evidence: Evidence, account: LedgerAccount, currency: str, amount: Decimal, window: tuple[date, date]
) -> tuple[str, date] | None:
    asked = [account.account_id, currency, abs(amount), amount > 0, *window]
    row = evidence.cursor.execute(_SAME_MONEY, asked).fetchone()
    return (str(row[0]), row[1]) if row else None
