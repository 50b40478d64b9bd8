"""One settlement in figures, for machines and the command line: amounts are texts, never floats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict

from reconcile.settlement.accounts import UNMAPPED_ACCOUNT, AccountMap
from reconcile.settlement.categories import CATEGORIES
from reconcile.settlement.classify import Classified, Rules, classify
from reconcile.settlement.journal import Journal, journals
from reconcile.settlement.policy import Dimensions, JournalPolicy
from sync.money import total_of
from sync.records import Settlement
from sync.settlements import ParsedSettlement, told

__all__ = [
    "CategoryFigures",
    "JournalFigures",
    "PostingFigures",
    "SettlementSummary",
    "summarise",
    "summarise_classified",
]


class PostingFigures(TypedDict):
    """One line of a journal; ids are the ERP's."""

    account: str
    memo: str
    debit: str
    credit: str
    department_id: str | None
    class_id: str | None
    location_id: str | None
    entity_id: str | None


class JournalFigures(TypedDict):
    """A journal in figures."""

    external_id: str
    period: str
    debits: str
    credits: str
    lines: int


class JournalPostings(TypedDict):
    """A journal with all its lines; `date` is the day it posts on."""

    external_id: str
    date: str
    currency: str
    memo: str
    lines: list[PostingFigures]
    blocked_by: list[str]


class CategoryFigures(TypedDict):
    """Lines of one category and account; `amount` signed as the seller sees it."""

    category: str
    account: str
    lines: int
    amount: str


class SettlementSummary(TypedDict):
    """What the command line prints of a settlement file."""

    file: str
    format: str
    settlement_id: str
    account: str
    currency: str
    lines: int
    total: str
    sum: str
    residual: str
    footed: bool
    unmapped_lines: int
    #: What the reader found out or skipped; empty for one that was mirrored before notes were kept.
    notes: list[str]
    journals: list[JournalFigures]
    categories: list[CategoryFigures]


def summarise(
    parsed: ParsedSettlement,
    rules: Rules,
    accounts: AccountMap,
    policy: JournalPolicy | None = None,
    dimensions: Dimensions | None = None,
) -> SettlementSummary:
    """Return the figures of a settlement; `account` is its channel, amounts are in its currency."""
    found = summarise_classified(parsed.settlement, classify(parsed.lines, rules), accounts, policy, dimensions)
    return {**found, "notes": told(parsed.notes)}


def postings_of(journal: Journal) -> JournalPostings:
    """Return a journal line by line."""
    return {
        "external_id": journal.external_id,
        "date": journal.date.isoformat(),
        "currency": journal.currency,
        "memo": journal.memo,
        "lines": [
            {
                "account": line.account.label,
                "memo": line.memo,
                "debit": str(line.debit),
                "credit": str(line.credit),
                "department_id": line.account.department_id,
                "class_id": line.account.class_id,
                "location_id": line.account.location_id,
                "entity_id": line.account.entity_id,
            }
            for line in journal.lines
        ],
        "blocked_by": list(journal.blocked_by),
    }


def summarise_classified(
    settlement: Settlement,
    classified: Classified,
    accounts: AccountMap,
    policy: JournalPolicy | None = None,
    dimensions: Dimensions | None = None,
    made: Sequence[Journal] | None = None,
) -> SettlementSummary:
    """Return the figures of a settlement whose lines were placed before, such as part by part; see `summarise`.

    `made` are its journals where they are known already, on the days that people chose.
    """
    found = journals(settlement, classified, accounts, policy, dimensions) if made is None else made
    added = total_of(group.amount for group in classified.groups)
    return {
        "file": settlement.document_name,
        "format": settlement.format,
        "settlement_id": settlement.settlement_id,
        "account": settlement.channel,
        "currency": settlement.currency,
        "lines": sum(group.count for group in classified.groups),
        "total": str(settlement.total),
        "sum": str(added),
        "residual": str(settlement.total - added),
        "footed": added == settlement.total,
        "unmapped_lines": classified.unmapped_lines,
        "notes": [],
        "journals": [
            {
                "external_id": journal.external_id,
                "period": journal.period,
                "debits": str(journal.debits),
                "credits": str(journal.credits),
                "lines": len(journal.lines),
            }
            for journal in found
        ],
        "categories": _categories(classified, accounts, settlement.channel),
    }


def _categories(classified: Classified, accounts: AccountMap, channel: str) -> list[CategoryFigures]:
    """Return the sums by category and account, in display order."""
    sums: dict[tuple[str, str], tuple[int, Decimal]] = {}
    for group, placement in classified:
        account = accounts.find(channel, group.paid_on or placement.account_key) or UNMAPPED_ACCOUNT
        count, amount = sums.get((placement.category, account.label), (0, Decimal(0)))
        sums[(placement.category, account.label)] = (count + group.count, amount + group.amount)
    order = {c.key: place for place, c in enumerate(CATEGORIES)}
    return [
        {"category": key, "account": account, "lines": count, "amount": str(amount)}
        for (key, account), (count, amount) in sorted(sums.items(), key=lambda s: (order[s[0][0]], s[0][1]))
    ]
