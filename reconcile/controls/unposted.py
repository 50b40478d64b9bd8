"""The month parts of settlements that no ERP document posts, with the journal that would and what is in its way."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from reconcile.amounts import amount_text
from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.mapping.accounts import account_map, journal_policy, settlement_rules
from reconcile.mapping.routing import routing_of
from reconcile.settlement import (
    AccountMap,
    Classified,
    Journal,
    JournalPolicy,
    LedgerAccount,
    LineGroup,
    Rules,
    classify_groups,
    journals,
)
from sync.errors import BadInput
from sync.records import Period, Settlement

__all__ = ["Stop", "Unposted", "UnpostedPart", "find_unposted", "next_open_period"]

#: (cause id, cause, remedy)
Stop = tuple[str, str, str]

_OPEN_PARTS = """
WITH parts AS (
    SELECT channel, settlement_id, CAST(year(posted_date) * 100 + month(posted_date) AS VARCHAR) AS month
    FROM settlement_lines {asked}
    GROUP BY channel, settlement_id, year(posted_date) * 100 + month(posted_date)
),
expected AS (
    SELECT *, CASE split_part(channel, '.', 1) WHEN 'amazon' THEN 'AMZ' WHEN 'walmart' THEN 'WMT'
        ELSE upper(split_part(channel, '.', 1)) END || '-SETTLE-' || settlement_id || '-' || month AS external_id
    FROM parts
),
posted AS (
    SELECT external_id AS reference FROM transactions WHERE external_id IS NOT NULL
    UNION ALL SELECT number FROM transactions WHERE number IS NOT NULL
)
SELECT channel, settlement_id, external_id FROM expected e ANTI JOIN posted p ON p.reference = e.external_id
ORDER BY channel, settlement_id, month
"""
_GROUPS = """
SELECT transaction_type, amount_type, amount_description, fulfilled_by, strftime(posted_date, '%Y-%m') AS month,
    sum(amount), count(*), min(ordinal) AS first_ordinal, min(posted_date)
FROM settlement_lines WHERE channel = $1 AND settlement_id = $2
GROUP BY ALL ORDER BY first_ordinal
"""
_PUSHED = """
SELECT identity, max(updated_at) FROM operations
WHERE kind = 'journal_entry.create' AND state IN ('done', 'answered') GROUP BY identity
"""


@dataclass(frozen=True, slots=True)
class UnpostedPart:
    """One month part that is to be posted; `stop` is None where its journal can be sent as it is."""

    settlement: Settlement
    journal: Journal
    #: Sum of the part's lines, signed as the seller sees it.
    amount: Decimal
    lines: int
    period: Period | None
    stop: Stop | None


@dataclass(frozen=True, slots=True)
class Unposted:
    """Parts to judge, and how many settlements' parts wait for the ERP's mirror."""

    parts: tuple[UnpostedPart, ...]
    waiting: int
    waiting_for: str | None


@dataclass(frozen=True, slots=True)
class _Books:
    """What every part is judged by."""

    rules: Rules
    accounts: AccountMap
    periods: Sequence[Period]
    policies: Mapping[str, Any]


def find_unposted(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> Unposted:
    """Return the month parts without a document of their external id: all, or the named (channel, external id).

    Raises:
        BadInput: a decision on line types or on the settlement policy cannot be used.
    """
    if only is None:
        return evidence.once("unposted", lambda: _find(evidence, None))
    return _find(evidence, only)


def _find(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> Unposted:
    missing: dict[tuple[str, str], set[str]] = {}
    for channel, settlement_id, external_id in _open_parts(evidence, only):
        if only is None or (channel, external_id) in only:
            missing.setdefault((channel, settlement_id), set()).add(external_id)
    horizon, pushed = covered(evidence), dict(evidence.cursor.execute(_PUSHED).fetchall())
    books = _books(evidence)
    parts: list[UnpostedPart] = []
    waiting = 0
    for settlement in _settlements(evidence, missing):
        wanted = missing[settlement.channel, settlement.settlement_id]
        live_from = go_live(evidence, "settlement_not_posted", settlement.channel)
        if live_from is not None and settlement.period_end < live_from:
            continue
        unread = {i for i in wanted if i in pushed and pushed[i] > horizon.lasts}
        if not _is_judged(settlement, horizon):
            waiting += len(wanted)
            continue
        waiting += len(unread)
        parts += _parts(evidence, settlement, wanted - unread, books)
    return Unposted(tuple(parts), waiting, horizon.waits_for() if waiting else None)


def _open_parts(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> list[tuple[str, str, str]]:
    """Return (channel, settlement id, external id) of the parts without a document, of the named settlements if any."""
    if only is None:
        return evidence.cursor.execute(_OPEN_PARTS.format(asked="")).fetchall()
    settlements = [external_id.partition("-SETTLE-")[2].rpartition("-")[0] for _, external_id in only]
    asked = "WHERE settlement_id IN (SELECT unnest($1::VARCHAR[]))"
    return evidence.cursor.execute(_OPEN_PARTS.format(asked=asked), [settlements]).fetchall()


def _is_judged(settlement: Settlement, horizon: Horizon) -> bool:
    if horizon.until is None or horizon.since is None:
        return False
    return horizon.since <= settlement.period_end <= horizon.until


def _parts(evidence: Evidence, settlement: Settlement, wanted: set[str], books: _Books) -> list[UnpostedPart]:
    groups = _groups(evidence, settlement)
    classified = classify_groups(settlement.channel.partition(".")[0], groups, books.rules)
    policy = journal_policy(settlement.channel, books.policies)
    routing_stop = _routing_stop(evidence, settlement.channel)
    found = []
    for journal in journals(settlement, classified, _with_clearing(evidence, settlement.channel, books), policy):
        if journal.external_id not in wanted:
            continue
        journal = _dated(evidence, journal)
        mine = [g for g in groups if g.month == journal.period]
        period = _period_of(journal.date, books.periods)
        stop = (
            _footing_stop(settlement, groups)
            or _line_type_stop(settlement, classified, policy, journal.period)
            or _account_stop(settlement.channel, journal)
            or routing_stop
            or _period_stop(journal.date, period, books.periods)
        )
        amount = sum((g.amount for g in mine), Decimal(0))
        found.append(UnpostedPart(settlement, journal, amount, sum(g.count for g in mine), period, stop))
    return found


def _footing_stop(settlement: Settlement, groups: Sequence[LineGroup]) -> Stop | None:
    added = sum((g.amount for g in groups), Decimal(0))
    if added == settlement.total:
        return None
    currency = settlement.currency
    return (
        f"footing|{settlement.channel}|{settlement.settlement_id}",
        f"settlement {settlement.settlement_id} does not foot: its lines add to {amount_text(added, currency)}, it"
        f" states {amount_text(settlement.total, currency)}, residual"
        f" {amount_text(settlement.total - added, currency)} {currency}",
        "Pull the report again; lines are missing or were changed",
    )


def _line_type_stop(settlement: Settlement, classified: Classified, policy: JournalPolicy, month: str) -> Stop | None:
    if policy.suspense_key is not None:
        return None
    here = {g.line_type for g in classified.groups if g.month == month}
    for unknown in classified.unmapped:
        kind = (unknown.transaction_type, unknown.amount_type, unknown.amount_description)
        if kind in here:
            name = " / ".join(text for text in kind if text)
            near = f"; it is most like {unknown.nearest}" if unknown.nearest else ""
            return (
                "line_type|" + "|".join((classified.vendor, *kind)),
                f"line type {name} has no account",
                f"Choose category and account of {name}{near}",
            )
    return None


def _account_stop(channel: str, journal: Journal) -> Stop | None:
    for line in journal.lines:
        if line.account.account_id is None:
            label = line.account.label
            return (
                f"account|{channel}|{label}",
                f"account {label} of {channel} is not in NetSuite",
                "Choose an account that NetSuite has",
            )
    return None


def _routing_stop(evidence: Evidence, channel: str) -> Stop | None:
    remedy = f"Decide the subsidiary of {channel}"
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput as error:
        return (f"routing|{channel}", error.problem, remedy)
    return None if routing else (f"routing|{channel}", f"{channel} has no routing", remedy)


def _period_stop(day: date, period: Period | None, periods: Sequence[Period]) -> Stop | None:
    if period is None:
        remedy = "Make the accounting period in NetSuite"
        return (f"period|{day:%Y-%m}", f"NetSuite has no accounting period for {day:%Y-%m}", remedy)
    if not (period.closed or period.all_locked):
        return None
    following = next_open_period(day, periods)
    offer = (
        f"Post it on {following.start_date} in {following.name}, or open {period.name}"
        if following
        else (f"Open {period.name}: no later period is open")
    )
    return (f"period|{period.name}", f"period {period.name} is closed", offer)


def next_open_period(day: date, periods: Sequence[Period]) -> Period | None:
    """Return the first month after `day` that is neither closed nor locked, None where there is none."""
    later = (p for p in periods if p.start_date > day and not (p.closed or p.all_locked))
    return min(later, key=lambda p: p.start_date, default=None)


def _period_of(day: date, periods: Sequence[Period]) -> Period | None:
    return next((p for p in periods if p.start_date <= day <= p.end_date), None)


def _dated(evidence: Evidence, journal: Journal) -> Journal:
    """Return the journal on the day that a person chose for it (decision of kind `posting_date`), else as it is."""
    held = evidence.decisions("posting_date").get(journal.external_id)
    return journal if held is None else replace(journal, date=date.fromisoformat(str(held.value["date"])))


def _with_clearing(evidence: Evidence, channel: str, books: _Books) -> AccountMap:
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
    except BadInput:
        return books.accounts
    if routing is None or routing.clearing_account_id is None:
        return books.accounts
    row = evidence.cursor.execute(
        "SELECT coalesce(number, ''), name, account_id FROM accounts WHERE account_id = $1 AND NOT inactive",
        [routing.clearing_account_id],
    ).fetchone()
    account = LedgerAccount(*row) if row else LedgerAccount(routing.clearing_account_id, "not in NetSuite")
    return books.accounts.with_account(channel, "clearing", account)


def _books(evidence: Evidence) -> _Books:
    return evidence.once(
        "settlement books",
        lambda: _Books(
            settlement_rules(evidence.decisions("line_type")),
            account_map(evidence.cursor, evidence.decisions("account")),
            _months(evidence),
            evidence.decisions("policy"),
        ),
    )


def _months(evidence: Evidence) -> list[Period]:
    names = ", ".join(f.name for f in fields(Period))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM periods WHERE NOT (is_quarter OR is_year OR is_adjustment) ORDER BY start_date"  # noqa: S608
    ).fetchall()
    return [Period(*row) for row in rows]


def _settlements(evidence: Evidence, keys: Collection[tuple[str, str]]) -> list[Settlement]:
    names = ", ".join(f.name for f in fields(Settlement))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM settlements WHERE settlement_id IN (SELECT unnest($1::VARCHAR[]))"  # noqa: S608 - our names
        " ORDER BY channel, period_end, settlement_id",
        [[k[1] for k in keys]],
    ).fetchall()
    found = [Settlement(*row) for row in rows]
    return [s for s in found if (s.channel, s.settlement_id) in keys]


def _groups(evidence: Evidence, settlement: Settlement) -> tuple[LineGroup, ...]:
    rows = evidence.cursor.execute(_GROUPS, [settlement.channel, settlement.settlement_id]).fetchall()
    return tuple(LineGroup(*row) for row in rows)
