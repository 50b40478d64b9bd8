"""Everything that decides how a channel's settlements are posted, as it stands in the mirror and the decisions."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date

from reconcile.controls.control import Evidence
from reconcile.mapping.accounts import DIMENSIONS, account_map, journal_policy, settlement_rules
from reconcile.mapping.dimensions import dimension_rules
from reconcile.mapping.routing import Routing, routing_of
from reconcile.settlement import AccountMap, Dimensions, JournalPolicy, LedgerAccount, Rules
from reconcile.settlement.accounts import InactiveAccount
from sync.errors import BadInput
from sync.records import Period

__all__ = ["ChannelBooks", "channel_books", "month_periods", "next_open_period", "period_of"]


@dataclass(frozen=True, slots=True)
class ChannelBooks:
    """What the journals of one channel are made by; `routing` is None where `routing_problem` says why."""

    channel: str
    rules: Rules
    #: The routing's clearing account stands under the key `clearing`.
    accounts: AccountMap
    policy: JournalPolicy
    dimensions: Dimensions
    routing: Routing | None
    routing_problem: str | None


def channel_books(evidence: Evidence, channel: str) -> ChannelBooks:
    """Return what a channel's settlements are posted by, by the decisions in force at the evidence's moment.

    Raises:
        BadInput: a decision on line types, on dimensions or on the settlement policy cannot be used.
    """
    return evidence.once(f"books {channel}", lambda: _books(evidence, channel))


def _books(evidence: Evidence, channel: str) -> ChannelBooks:
    rules = evidence.once("settlement rules", lambda: settlement_rules(evidence.decisions("line_type")))
    accounts = evidence.once("accounts", lambda: account_map(evidence.cursor, evidence.decisions("account")))
    policy = journal_policy(channel, evidence.decisions("policy"))
    try:
        routing = routing_of(channel, evidence.decisions("routing"))
        problem = None if routing else f"{channel} has no routing"
    except BadInput as error:
        routing, problem = None, error.problem
    if routing is None:
        return ChannelBooks(channel, rules, accounts, policy, Dimensions(), None, problem)
    if routing.clearing_account_id is not None:
        clearing = _account(evidence, routing.clearing_account_id)
        said = accounts.find(channel, "clearing") or clearing
        kept = replace(clearing, **{name: getattr(said, name) for name in DIMENSIONS})
        accounts = accounts.with_account(channel, "clearing", kept)
    dimensions = Dimensions(
        routing.subsidiary_id,
        routing.department_id,
        routing.class_id,
        routing.location_id,
        routing.channel_location_id,
        routing.customer_id,
        dimension_rules(channel, evidence.decisions("dimensions")),
    )
    return ChannelBooks(channel, rules, accounts, policy, dimensions, routing, None)


def _account(evidence: Evidence, account_id: str) -> LedgerAccount:
    row = evidence.cursor.execute(
        "SELECT inactive, coalesce(number, ''), name, account_id FROM accounts WHERE account_id = $1", [account_id]
    ).fetchone()
    if row is None:
        return LedgerAccount(account_id, "not in NetSuite")
    return (InactiveAccount if row[0] else LedgerAccount)(*row[1:])


def month_periods(evidence: Evidence) -> list[Period]:
    """Return the ERP's accounting months, oldest first."""
    return evidence.once("months", lambda: _months(evidence))


def _months(evidence: Evidence) -> list[Period]:
    names = ", ".join(f.name for f in fields(Period))
    rows = evidence.cursor.execute(
        f"SELECT {names} FROM periods WHERE NOT (is_quarter OR is_year OR is_adjustment) ORDER BY start_date"  # noqa: S608
    ).fetchall()
    return [Period(*row) for row in rows]


def period_of(evidence: Evidence, day: date) -> Period | None:
    """Return the accounting month of a date, None where the ERP has none."""
    return next((p for p in month_periods(evidence) if p.start_date <= day <= p.end_date), None)


def next_open_period(evidence: Evidence, day: date) -> Period | None:
    """Return the first month after a date that is neither closed nor locked, None where there is none."""
    later = (p for p in month_periods(evidence) if p.start_date > day and not (p.closed or p.all_locked))
    return min(later, key=lambda p: p.start_date, default=None)
