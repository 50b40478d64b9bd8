"""Journals of a settlement: one for each calendar month part, each balanced alone through the clearing account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from reconcile.settlement.accounts import UNMAPPED_ACCOUNT, AccountMap, LedgerAccount
from reconcile.settlement.categories import UNMAPPED, category
from reconcile.settlement.classify import Classified, Placement
from reconcile.settlement.groups import GroupKey, LineGroup
from reconcile.settlement.identity import part_name
from reconcile.settlement.months import MonthPart, last_day, split_months
from reconcile.settlement.policy import Dimensions, JournalPolicy
from sync.money import total_of
from sync.records import Settlement, SettlementLine

__all__ = ["Journal", "JournalLine", "chunk", "journals", "lines_behind"]

_TAX = {"tax_collected", "tax_withheld"}


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
    settlement: Settlement,
    classified: Classified,
    accounts: AccountMap,
    policy: JournalPolicy | None = None,
    dimensions: Dimensions | None = None,
) -> tuple[Journal, ...]:
    """Return the journals of each month part that has something to post, in order of month: one, or its pieces.

    Money in is credited to the line's account, money out debited; the part's sum is the debit (or, below zero, the
    credit) of the clearing account, which the payout later clears. Sums of zero are left out. A part with more lines
    than the policy's limit is cut (see `chunk`).
    """
    work = _Work(settlement, accounts, policy or JournalPolicy(), dimensions or Dimensions())
    made = (work.journal(part) for part in split_months(classified))
    return tuple(
        piece
        for journal in made
        if journal.lines
        for piece in chunk(journal, work.policy.line_limit, work.clearing(journal.period))
    )


@dataclass(frozen=True, slots=True)
class _Work:
    """What all parts of one settlement are posted by."""

    settlement: Settlement
    accounts: AccountMap
    policy: JournalPolicy
    dimensions: Dimensions

    def clearing(self, month: str) -> LedgerAccount:
        found = self.accounts.find(self.settlement.channel, "clearing")
        if found is None:
            return UNMAPPED_ACCOUNT
        return self.dimensions.on(found, None, self.policy, key="clearing", month=month)

    def journal(self, part: MonthPart) -> Journal:
        settlement = self.settlement
        gathered: dict[tuple[LedgerAccount, str], list[LineGroup]] = {}
        missing: dict[str, list[LineGroup]] = {}
        for group, placement in part.groups:
            account, memo, reason = self.target(group, placement)
            gathered.setdefault((account, memo), []).append(group)
            if reason:
                missing.setdefault(reason, []).append(group)
        lines = [line for (account, memo), groups in gathered.items() if (line := _line(account, memo, groups))]
        lines.sort(key=lambda line: (line.account.number, line.memo, line.account.label, str(line.account)))
        blocked = [_blocked(reason, groups, settlement.currency) for reason, groups in missing.items()]
        clearing = self.clearing(part.month)
        if clearing is UNMAPPED_ACCOUNT:
            blocked.append(f"no ledger account for 'clearing' in {settlement.channel}")
        memo = self.memo(f"Payout {settlement.settlement_id}", part.month)
        payout = _posted(clearing, memo, -part.amount, 0, ())
        return Journal(
            external_id=part_name(settlement.channel, settlement.settlement_id, part.month),
            period=part.month,
            date=min(
                last_day(part.month), max(settlement.period_end.date(), *(g.first_posted for g, _ in part.groups))
            ),
            currency=settlement.currency,
            memo=self.policy.memo.format_map(self.words(part.month)),
            lines=(*([payout] if payout else []), *lines),
            blocked_by=tuple(blocked),
        )

    def target(self, group: LineGroup, placement: Placement) -> tuple[LedgerAccount, str, str | None]:
        """Return account and memo of a group, and why it may not be posted."""
        channel = self.settlement.channel
        kind = " / ".join(text for text in group.line_type if text)
        key, label = placement.account_key, category(placement.category).label
        if placement.category == UNMAPPED.key:
            if self.policy.suspense_key is None:
                return UNMAPPED_ACCOUNT, kind, f"no rule for {kind!r}"
            key, label = self.policy.suspense_key, kind
        elif group.paid_on is not None:
            # An invoice has sold it: its payment went to this account, and leaves it here.
            key, label = group.paid_on, f"{label}, invoiced"
        elif key in _TAX and self.policy.facilitator_tax == "net":
            key, label = "tax_collected", "Tax"
        account = self.accounts.find(channel, key)
        if account is None:
            return UNMAPPED_ACCOUNT, label, f"no ledger account for {key!r} in {channel}"
        placed = self.dimensions.on(account, group.fulfilled_by, self.policy, key=key, month=group.month)
        return placed, self.memo(label, group.month), None

    def memo(self, label: str, period: str) -> str:
        return self.policy.line_memo.format_map({**self.words(period), "label": label})

    def words(self, period: str) -> dict[str, str]:
        settlement = self.settlement
        return {
            "channel": settlement.channel,
            "settlement": settlement.settlement_id,
            "period": period,
            "document": settlement.document_name,
        }


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
    """Return the settlement lines that a journal line sums, in file order (none for the payout line).

    Of a settlement whose journals tell what invoices have sold apart `reconcile.explain` knows them.
    """
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
