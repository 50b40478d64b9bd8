"""Explain any cent, both ways: a journal down to the lines of the file, an order or a file line up to the journal.

At each level the parts are a partition of the level above: what a sum is made of is shown whole and adds to it exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.posted_documents import account_sums, posted_documents
from reconcile.explain_deferred import see_accrual, types_behind
from reconcile.settlement import Journal, JournalLine
from reconcile.settlement.groups import GroupKey, LineGroup
from reconcile.settlement.identity import current_name, read_name
from reconcile.stored_settlements import StoredSettlement, find_settlement, preview, read_settlement_by_key
from sync.mirror.keys import join_key
from sync.money import total_of
from sync.records import SettlementLine
from sync.store.store import Store

__all__ = ["JournalExplained", "JournalPart", "LineExplained", "TypePart", "explain_journal", "explain_up", "lines_of"]

_FILE_LINE = re.compile(r"(?:(?P<channel>[^/]+)/)?(?P<settlement>[^/:]+):(?P<line>[0-9]+)")


@dataclass(frozen=True, slots=True)
class TypePart:
    """The settlement lines of one type in one part; `amount` signed as the seller sees it."""

    line_type: str
    lines: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class JournalPart:
    """One line of a journal with what it is made of: `credit - debit` is the sum of its types.

    The clearing line has no types: it is the month's sum, what the payout clears.
    """

    number: int
    account: str
    memo: str
    debit: Decimal
    credit: Decimal
    types: tuple[TypePart, ...]


@dataclass(frozen=True, slots=True)
class PostedVersion:
    """One posted document of a part: `role` is original, reversal or replacement."""

    external_id: str
    role: str
    number: str
    date: date
    memo: str | None


@dataclass(frozen=True, slots=True)
class JournalExplained:
    """One journal of a settlement's month.

    `posted_as` is the ERP's number of the posted document, None before. `cancelled` are types whose lines add to
    zero with others of their account and so need no journal line.
    """

    external_id: str
    channel: str
    settlement_id: str
    document: str
    period: str
    currency: str
    debits: Decimal
    credits: Decimal
    posted_as: str | None
    parts: tuple[JournalPart, ...]
    cancelled: tuple[TypePart, ...]
    #: Every document under this part's name: the first, what reversed it, what replaced it, as far as they are posted.
    versions: tuple[PostedVersion, ...] = ()
    #: The posted journal has other sums than these: `journal_differs` says which.
    posted_differs: bool = False

    @property
    def total(self) -> Decimal:
        """Return the sum of the month's settlement lines, signed as the seller sees it."""
        return total_of(t.amount for p in self.parts for t in p.types) + total_of(t.amount for t in self.cancelled)


@dataclass(frozen=True, slots=True)
class LineExplained:
    """One settlement line and where it went; `journal_line` is None where its sum cancels out."""

    line: SettlementLine
    document: str
    category: str
    account: str
    journal: str
    journal_line: int | None
    posted_as: str | None
    deposit_date: str | None
    payout: Decimal


def explain_journal(store: Store, external_id: str) -> JournalExplained | None:
    """Return what a journal is made of, by the decisions in force; None: no settlement has such a journal."""
    with store.database.reading() as cursor:
        if "-DEFER-" in external_id:
            return _explain_accrual(store, cursor, external_id)
        found = _seen_by_journal(store, cursor, external_id)
        if found is None:
            return None
        seen, journal = found
        posted = _posted(cursor, [external_id])
        versions = _versions(cursor, journal.external_id)
        differs = _says_otherwise(store, cursor, external_id, journal)
    settlement = seen.parsed.settlement
    parts = tuple(_part(seen, journal, number, line) for number, line in enumerate(journal.lines, 1))
    left = _cancelled(seen, journal)
    return JournalExplained(
        external_id,
        settlement.channel,
        settlement.settlement_id,
        settlement.document_name,
        journal.period,
        journal.currency,
        journal.debits,
        journal.credits,
        posted.get(external_id),
        parts,
        tuple(_type(g) for g in left),
        versions,
        differs,
    )


def _says_otherwise(store: Store, cursor: duckdb.DuckDBPyConnection, external_id: str, journal: Journal) -> bool:
    """Tell whether the journal that the ERP has under this name has other sums per account than it would have now."""
    posted = posted_documents(Evidence(store, cursor, store.clock.now()), [external_id]).get(external_id)
    if posted is None or posted.transaction_type != "Journal" or not posted.lines:
        return False
    sums: dict[str, Decimal] = {}
    for line in journal.lines:
        if line.account.account_id is None:
            return False
        sums[line.account.account_id] = sums.get(line.account.account_id, Decimal(0)) + line.debit - line.credit
    return account_sums(posted.lines) != {account: amount for account, amount in sums.items() if amount}


def lines_of(store: Store, external_id: str, number: int) -> list[SettlementLine] | None:
    """Return the settlement lines behind line `number` (from 1) of a journal, in file order; None: there is none.

    Their amounts add to `credit - debit` of the line. The clearing line has all lines of the journal's
    part behind it: of the month, or of one piece where the month has several.
    """
    with store.database.reading() as cursor:
        found = _seen_by_journal(store, cursor, external_id)
    if found is None or not 1 <= number <= len(found[1].lines):
        return None
    seen, journal = found
    wanted = set(journal.lines[number - 1].groups)
    if not wanted:
        wanted = {key for one in journal.lines for key in one.groups} | {g.key for g in _cancelled(seen, journal)}
    return [line for line in seen.parsed.lines if _key(seen, line) in wanted]


def explain_up(store: Store, text: str) -> list[LineExplained]:
    """Return where the settlement lines of an order (or of one file line, `settlement:line`) went; none: unknown."""
    with store.database.reading() as cursor:
        wanted = _wanted_lines(cursor, text)
        explained: list[LineExplained] = []
        for (channel, settlement_id), ordinals in wanted.items():
            parsed = read_settlement_by_key(cursor, channel, settlement_id)
            if parsed is not None:
                seen = preview(store, cursor, parsed)
                posted = _posted_parts(cursor, [j.external_id for j in seen.journals])
                lines = [line for line in parsed.lines if line.ordinal in ordinals]
                explained += [_where(seen, line, posted) for line in lines]
    return explained


def _explain_accrual(store: Store, cursor: duckdb.DuckDBPyConnection, external_id: str) -> JournalExplained | None:
    accrual = see_accrual(store, cursor, external_id)
    if accrual is None:
        return None
    journal = accrual.journal
    parts = tuple(
        JournalPart(
            number,
            line.account.label,
            line.memo,
            line.debit,
            line.credit,
            tuple(
                TypePart(f"{g.transaction_type} / {g.path}", g.transactions, g.amount)
                for g in types_behind(accrual, line)
            ),
        )
        for number, line in enumerate(journal.lines, 1)
    )
    shown = {key for line in journal.lines for key in line.groups}
    left = [g for g, _ in accrual.groups if g.key(journal.period) not in shown]
    return JournalExplained(
        external_id,
        accrual.books.channel,
        "",
        "the marketplace's ledger",
        journal.period,
        journal.currency,
        journal.debits,
        journal.credits,
        accrual.posted.number if accrual.posted else None,
        parts,
        tuple(TypePart(f"{g.transaction_type} / {g.path}", g.transactions, g.amount) for g in left),
    )


def _seen_by_journal(
    store: Store, cursor: duckdb.DuckDBPyConnection, external_id: str
) -> tuple[StoredSettlement, Journal] | None:
    named = read_name(external_id)
    if named is None or named.is_reversal:
        return None
    for channel, settlement_id in find_settlement(cursor, named.settlement_id):
        parsed = read_settlement_by_key(cursor, channel, settlement_id)
        if parsed is None:
            continue
        seen = preview(store, cursor, parsed)
        journal = next((j for j in seen.journals if j.external_id == named.base), None)
        if journal is not None:
            return seen, journal
    return None


def _wanted_lines(cursor: duckdb.DuckDBPyConnection, text: str) -> dict[tuple[str, str], set[int]]:
    named = _FILE_LINE.fullmatch(text)
    if named is not None:
        rows = cursor.execute(
            "SELECT channel, settlement_id, ordinal FROM settlement_lines WHERE settlement_id = $1 AND file_line = $2"
            " AND ($3 IS NULL OR channel = $3)",
            [named["settlement"], int(named["line"]), named["channel"]],
        ).fetchall()
    else:
        rows = cursor.execute(
            "SELECT channel, settlement_id, ordinal FROM settlement_lines WHERE order_key = $1 AND order_id = $2",
            [join_key(text), text],
        ).fetchall()
    wanted: dict[tuple[str, str], set[int]] = {}
    for channel, settlement_id, ordinal in sorted(rows):
        wanted.setdefault((channel, settlement_id), set()).add(ordinal)
    return wanted


def _part(seen: StoredSettlement, journal: Journal, number: int, line: JournalLine) -> JournalPart:
    groups = {g.key: g for g in seen.classified.groups}
    mine = [groups[key] for key in line.groups]
    return JournalPart(number, line.account.label, line.memo, line.debit, line.credit, tuple(_type(g) for g in mine))


def _where(seen: StoredSettlement, line: SettlementLine, posted: Mapping[str, str]) -> LineExplained:
    settlement = seen.parsed.settlement
    placement = seen.classified.of(line)
    account_key = seen.paid_on.get(line.ordinal, placement.account_key)
    account = seen.accounts.find(settlement.channel, account_key)
    month = f"{line.posted_date:%Y-%m}"
    key = _key(seen, line)
    pieces = [j for j in seen.journals if j.period == month]
    places = [(j, n) for j in pieces for n, one in enumerate(j.lines, 1) if key in one.groups]
    journal, number = places[0] if places else (pieces[0] if pieces else None, None)
    external_id = current_name(journal.external_id, posted) if journal else ""
    return LineExplained(
        line,
        settlement.document_name,
        placement.category,
        account.label if account else "no account yet",
        external_id,
        number,
        posted.get(external_id),
        settlement.deposit_at.date().isoformat() if settlement.deposit_at else None,
        settlement.total,
    )


def _posted(cursor: duckdb.DuckDBPyConnection, external_ids: Sequence[str]) -> dict[str, str]:
    """Return external id → the ERP's number of the journals that are posted."""
    rows = cursor.execute(
        "SELECT external_id, coalesce(number, transaction_id) FROM transactions"
        " WHERE external_id IN (SELECT unnest($1::VARCHAR[]))",
        [list(external_ids)],
    ).fetchall()
    return {str(a): str(b) for a, b in rows}


def _posted_parts(cursor: duckdb.DuckDBPyConnection, bases: Sequence[str]) -> dict[str, str]:
    """Return external id → number of all versions of these parts and of what reversed them."""
    rows = cursor.execute(
        "SELECT external_id, coalesce(number, transaction_id) FROM transactions JOIN"
        " (SELECT unnest($1::VARCHAR[]) AS base) ON external_id = base OR starts_with(external_id, base || '-')",
        [list(bases)],
    ).fetchall()
    named = {str(a): str(b) for a, b in rows}
    return {a: b for a, b in named.items() if (name := read_name(a)) and name.base in bases}


def _versions(cursor: duckdb.DuckDBPyConnection, base: str) -> tuple[PostedVersion, ...]:
    rows = cursor.execute(
        "SELECT external_id, coalesce(number, transaction_id), transaction_date, memo FROM transactions"
        " WHERE external_id = $1 OR starts_with(external_id, $1 || '-') ORDER BY created_at, transaction_id",
        [base],
    ).fetchall()
    found = []
    for external_id, number, day, memo in rows:
        name = read_name(external_id)
        if name is not None and name.base == base:
            role = "reversal" if name.is_reversal else "original" if name.version == 1 else "replacement"
            found.append((name.version, name.is_reversal, PostedVersion(external_id, role, number, day, memo)))
    return tuple(v for _, _, v in sorted(found, key=lambda f: f[:2]))


def _cancelled(seen: StoredSettlement, journal: Journal) -> list[LineGroup]:
    """Return the groups of a month that no journal line needs; they belong to its first piece."""
    pieces = [j for j in seen.journals if j.period == journal.period]
    if journal.external_id != pieces[0].external_id:
        return []
    shown = {key for j in pieces for line in j.lines for key in line.groups}
    return [g for g in seen.classified.groups if g.month == journal.period and g.key not in shown]


def _key(seen: StoredSettlement, line: SettlementLine) -> GroupKey:
    kind = (line.transaction_type, line.amount_type, line.amount_description)
    month, paid_on = f"{line.posted_date:%Y-%m}", seen.paid_on.get(line.ordinal)
    return (*kind, line.fulfilled_by, month) if paid_on is None else (*kind, line.fulfilled_by, month, paid_on)


def _type(group: LineGroup) -> TypePart:
    name = " / ".join(part for part in group.line_type if part)
    who = {"channel": ", shipped by the marketplace", "seller": ", shipped by the seller"}.get(
        group.fulfilled_by or "", ""
    )
    sold = ", sold by invoices" if group.paid_on else ""
    return TypePart(name + who + sold, group.count, group.amount)
