"""Money that the marketplace has earned for the seller and holds back at a month's end: accrued, and reversed next day.

Amazon pays an order some days after its delivery (DD+7). What was posted in October and matures in November belongs to
October's books: one journal at the end of October, its exact opposite on the first of November.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from reconcile.settlement.accounts import UNMAPPED_ACCOUNT, AccountMap, LedgerAccount
from reconcile.settlement.categories import UNMAPPED, category
from reconcile.settlement.classify import Placement, Rules
from reconcile.settlement.groups import GroupKey
from reconcile.settlement.identity import prefix, reversal_of
from reconcile.settlement.journal import Journal, JournalLine
from reconcile.settlement.months import last_day
from reconcile.settlement.policy import Dimensions, JournalPolicy
from sync.money import total_of

__all__ = ["LedgerGroup", "accrual", "accrual_name", "opposite", "place_ledger"]

#: The ledger's word for what a settlement calls otherwise.
_REPORT_TYPES = {"Shipment": "Order"}
_TAX = {"tax_collected", "tax_withheld"}


@dataclass(frozen=True, slots=True)
class LedgerGroup:
    """The leaves of one breakdown path of deferred transactions; `amount` is signed as the seller sees it."""

    transaction_type: str
    #: Path of the breakdown, `Sales/ProductCharges/Principal`.
    path: str
    amount: Decimal
    transactions: int

    def key(self, month: str) -> GroupKey:
        """Return what a journal line names it by."""
        above, _, leaf = self.path.rpartition("/")
        return (self.transaction_type, above, leaf, None, month)


def accrual_name(channel: str, currency: str, month: str) -> str:
    """Return the external id of the accrual of a channel's deferred money in a currency at the end of YYYY-MM."""
    return f"{prefix(channel)}-DEFER-{channel.partition('.')[2]}-{currency}-{month.replace('-', '')}"


def place_ledger(rules: Rules, vendor: str, group: LedgerGroup) -> Placement:
    """Return where a path belongs: by the report's rule for the same words, else by the rule of its nearest branch."""
    names = group.path.split("/")
    kind = _REPORT_TYPES.get(group.transaction_type, group.transaction_type)
    found = rules.place(vendor, kind, names[-2] if len(names) > 1 else "", names[-1])
    for above in reversed(names[:-1] or names):
        if found.rule != "none":
            break
        found = rules.place(vendor, "Ledger", above, names[-1])
    return found


def accrual(
    channel: str,
    currency: str,
    month: str,
    placed: Sequence[tuple[LedgerGroup, Placement]],
    accounts: AccountMap,
    policy: JournalPolicy | None = None,
    dimensions: Dimensions | None = None,
) -> Journal | None:
    """Return the balanced accrual at a month's last day, None where nothing remains; `deferred` takes the sum."""
    rules, dims = policy or JournalPolicy(), dimensions or Dimensions()
    gathered: dict[tuple[LedgerAccount, str], list[LedgerGroup]] = {}
    blocked: list[str] = []
    for group, placement in placed:
        account, memo, key = _target(channel, group, placement, accounts, rules)
        if account is UNMAPPED_ACCOUNT:
            blocked.append(f"no account for {group.path!r}: {group.amount} {currency}")
        gathered.setdefault((dims.on(account, None, rules, key=key, month=month), memo), []).append(group)
    lines = [line for (a, memo), own in gathered.items() if (line := _line(a, memo, own, month))]
    lines.sort(key=lambda line: (line.account.number, line.memo, str(line.account)))
    held = accounts.find(channel, "deferred")
    if held is None:
        blocked.append(f"no ledger account for 'deferred' in {channel}")
    total = total_of(line.credit - line.debit for line in lines)
    account = dims.on(held or UNMAPPED_ACCOUNT, None, rules, key="deferred", month=month)
    balance = [_sided(account, f"Deferred at the end of {month}", -total, 0, ())] if total else []
    if not lines:
        return None
    return Journal(
        accrual_name(channel, currency, month),
        month,
        last_day(month),
        currency,
        f"{channel} deferred at the end of {month}",
        (*balance, *lines),
        tuple(blocked),
    )


def opposite(journal: Journal) -> Journal:
    """Return the reversal of an accrual on the first day of the next month: both add to zero on every account."""
    day: date = last_day(journal.period) + timedelta(days=1)
    lines = tuple(replace(line, debit=line.credit, credit=line.debit) for line in journal.lines)
    return replace(
        journal,
        external_id=reversal_of(journal.external_id),
        period=f"{day:%Y-%m}",
        date=day,
        memo=f"Reverses {journal.external_id}",
        lines=lines,
    )


def _target(
    channel: str, group: LedgerGroup, placement: Placement, accounts: AccountMap, policy: JournalPolicy
) -> tuple[LedgerAccount, str, str]:
    """Return account, memo and account key of a group."""
    key, label = placement.account_key, category(placement.category).label
    if placement.category == UNMAPPED.key:
        if policy.suspense_key is None:
            return UNMAPPED_ACCOUNT, group.path, key
        key, label = policy.suspense_key, group.path
    elif key in _TAX and policy.facilitator_tax == "net":
        key, label = "tax_collected", "Tax"
    return accounts.find(channel, key) or UNMAPPED_ACCOUNT, label, key


def _line(account: LedgerAccount, memo: str, groups: Sequence[LedgerGroup], month: str) -> JournalLine | None:
    amount, count = total_of(g.amount for g in groups), sum(g.transactions for g in groups)
    return _sided(account, memo, amount, count, tuple(g.key(month) for g in groups)) if amount else None


def _sided(account: LedgerAccount, memo: str, amount: Decimal, count: int, groups: tuple[GroupKey, ...]) -> JournalLine:
    zero = Decimal(0)
    return JournalLine(account, memo, max(-amount, zero), max(amount, zero), count, groups)
