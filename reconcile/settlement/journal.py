"""Journals of a settlement: one for each calendar month part, each balanced alone through the clearing account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from reconcile.settlement.accounts import UNMAPPED_ACCOUNT, AccountMap, LedgerAccount
from reconcile.settlement.categories import UNMAPPED, category
from reconcile.settlement.classify import Classified, Placement
from reconcile.settlement.groups import GroupKey, LineGroup
from reconcile.settlement.months import MonthPart, last_day, split_months
from sync.money import total_of
from sync.records import Settlement, SettlementLine

__all__ = ["Journal", "JournalLine", "JournalPolicy", "chunk", "journals", "lines_behind"]

_PREFIX = {"amazon": "AMZ", "walmart": "WMT"}
_TAX = {"tax_collected", "tax_withheld"}


@dataclass(frozen=True, slots=True)
class JournalPolicy:
    """What a person settles once for all settlements.

    `facilitator_tax`: "net" lets tax collected and tax withheld by the marketplace cancel on one line, so that only
    tax the seller owes remains; "liability" posts both. `suspense_key`: account key for lines without a rule; None
    lets them block the journal.
    """

    facilitator_tax: Literal["net", "liability"] = "net"
    suspense_key: str | None = None


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One debit or credit: exactly one of the two is above zero, neither is ever below."""

    account: LedgerAccount
    memo: str
    debit: Decimal
    credit: Decimal
    #: Number of settlement lines in it, and the groups they are in: the way back to the file.
    count: int
    groups: tuple[GroupKey, ...]


@dataclass(frozen=True, slots=True)
class Journal:
    """One balanced journal entry of a settlement's month part."""

    external_id: str
    #: YYYY-MM.
    period: str
    date: date
    currency: str
    memo: str
    lines: tuple[JournalLine, ...]
    #: Why it cannot be posted; empty when it can.
    blocked_by: tuple[str, ...] = ()

    @property
    def debits(self) -> Decimal:
        """Return the sum of debits."""
        return total_of(line.debit for line in self.lines)

    @property
    def credits(self) -> Decimal:
        """Return the sum of credits."""
        return total_of(line.credit for line in self.lines)

    @property
    def balanced(self) -> bool:
        """Return whether debits equal credits, to the cent and beyond."""
        return self.debits == self.credits

    @property
    def blocked(self) -> bool:
        """Return whether something keeps it from being posted."""
        return bool(self.blocked_by)


def journals(
    settlement: Settlement, classified: Classified, accounts: AccountMap, policy: JournalPolicy | None = None
) -> tuple[Journal, ...]:
    """Return one journal for each month part that has something to post, in order of month.

    Money in is credited to the line's account, money out debited; the part's sum is the debit (or, below zero, the
    credit) of the clearing account, which the payout later clears. Sums of zero are left out.
    """
    rules = policy or JournalPolicy()
    made = (_journal(settlement, part, accounts, rules) for part in split_months(classified))
    return tuple(journal for journal in made if journal.lines)


def _journal(settlement: Settlement, part: MonthPart, accounts: AccountMap, policy: JournalPolicy) -> Journal:
    vendor = settlement.channel.partition(".")[0]
    external_id = (
        f"{_PREFIX.get(vendor, vendor.upper())}-SETTLE-{settlement.settlement_id}-{part.month.replace('-', '')}"
    )
    gathered: dict[tuple[LedgerAccount, str], list[LineGroup]] = {}
    missing: dict[str, list[LineGroup]] = {}
    for group, placement in part.groups:
        account, memo, reason = _target(settlement.channel, group, placement, accounts, policy)
        gathered.setdefault((account, memo), []).append(group)
        if reason:
            missing.setdefault(reason, []).append(group)
    lines = [line for (account, memo), groups in gathered.items() if (line := _line(account, memo, groups))]
    lines.sort(key=lambda line: (line.account.number, line.memo, line.account.label, str(line.account)))
    clearing = accounts.find(settlement.channel, "clearing") or UNMAPPED_ACCOUNT
    blocked = [_blocked(reason, groups, settlement.currency) for reason, groups in missing.items()]
    if clearing is UNMAPPED_ACCOUNT:
        blocked.append(f"no ledger account for 'clearing' in {settlement.channel}")
    payout = _posted(clearing, f"Payout {settlement.settlement_id}", -part.amount, 0, ())
    return Journal(
        external_id=external_id,
        period=part.month,
        date=min(last_day(part.month), max(settlement.period_end.date(), *(g.first_posted for g, _ in part.groups))),
        currency=settlement.currency,
        memo=f"{settlement.channel} settlement {settlement.settlement_id}, {part.month}",
        lines=(*([payout] if payout else []), *lines),
        blocked_by=tuple(blocked),
    )


def _target(
    channel: str, group: LineGroup, placement: Placement, accounts: AccountMap, policy: JournalPolicy
) -> tuple[LedgerAccount, str, str | None]:
    """Return account and memo of a group, and why it may not be posted."""
    kind = " / ".join(text for text in group.line_type if text)
    key, label = placement.account_key, category(placement.category).label
    if placement.category == UNMAPPED.key:
        if policy.suspense_key is None:
            return UNMAPPED_ACCOUNT, kind, f"no rule for {kind!r}"
        key = policy.suspense_key
    elif key in _TAX and policy.facilitator_tax == "net":
        key, label = "tax_collected", "Tax"
    account = accounts.find(channel, key)
    if account is None:
        return UNMAPPED_ACCOUNT, label, f"no ledger account for {key!r} in {channel}"
    return account, kind if placement.category == UNMAPPED.key else label, None


def _line(account: LedgerAccount, memo: str, groups: Iterable[LineGroup]) -> JournalLine | None:
    own = tuple(groups)
    return _posted(account, memo, total_of(g.amount for g in own), sum(g.count for g in own), tuple(g.key for g in own))


def _posted(
    account: LedgerAccount, memo: str, amount: Decimal, count: int, groups: tuple[GroupKey, ...]
) -> JournalLine | None:
    """Return a line that credits `amount`, or debits it below zero; None for zero."""
    if not amount:
        return None
    zero = Decimal(0)
    return JournalLine(account, memo, max(-amount, zero), max(amount, zero), count, groups)


def _blocked(reason: str, groups: Sequence[LineGroup], currency: str) -> str:
    amount, count = total_of(g.amount for g in groups), sum(g.count for g in groups)
    return f"{reason}: {count} line{'s' if count != 1 else ''}, {amount} {currency}"


def lines_behind(line: JournalLine, lines: Sequence[SettlementLine]) -> list[SettlementLine]:
    """Return the settlement lines that a journal line sums, in file order (none for the payout line)."""
    wanted = set(line.groups)
    return [
        found
        for found in lines
        if (
            found.transaction_type,
            found.amount_type,
            found.amount_description,
            found.fulfilled_by,
            f"{found.posted_date:%Y-%m}",
        )
        in wanted
    ]


def chunk(journal: Journal, limit: int, clearing: LedgerAccount) -> tuple[Journal, ...]:
    """Cut a journal into balanced ones of at most `limit` lines, which together say the same.

    Each chunk balances through `clearing`, whose lines over all chunks add to the journal's own payout line. The
    first keeps the external id, the others get -2, -3 …, so that a journal that fits keeps the id it always had.

    Raises:
        ValueError: if `limit` leaves no room for a line and its balance.
    """
    if limit < 2:
        raise ValueError("a journal needs at least two lines")
    if len(journal.lines) <= limit:
        return (journal,)
    memo = next((line.memo for line in journal.lines if not line.groups), "Payout")
    posted = [line for line in journal.lines if line.groups]
    parts = [posted[at : at + limit - 1] for at in range(0, len(posted), limit - 1)]
    return tuple(
        replace(
            journal,
            external_id=journal.external_id if number == 1 else f"{journal.external_id}-{number}",
            lines=(*_balance(part, clearing, memo), *part),
        )
        for number, part in enumerate(parts, start=1)
    )


def _balance(lines: Sequence[JournalLine], clearing: LedgerAccount, memo: str) -> list[JournalLine]:
    line = _posted(clearing, memo, total_of(line.debit - line.credit for line in lines), 0, ())
    return [line] if line else []
