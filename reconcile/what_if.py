"""What a change of mapping would do to past settlements, before it is saved: per account and month, before and after.

The journals of every settlement concerned are made twice from the sums of its line groups, by the decisions in force
and by those with the change; no line is read twice, so a year of a million lines takes less than a second. Journals
balance, so the differences over all accounts add to zero in each currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

import duckdb

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.invoiced import apart_of
from reconcile.mapping.accounts import DIMENSIONS
from reconcile.mapping.dimensions import dimension_names, dimensions_text
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.mapping.setup import checked_decision
from reconcile.seen_at import evidence_at
from reconcile.settlement import CATEGORIES, Classified, Journal, LineGroup, Placement, journals
from reconcile.settlement.groups import set_apart
from sync.errors import BadInput
from sync.money import total_of
from sync.ops.decisions import Decision
from sync.records import Settlement
from sync.store.store import Store

__all__ = ["KINDS", "Effect", "EffectPart", "EffectRow", "checked_value", "what_if"]

#: Kinds of decisions whose change is restated here.
KINDS = ("account", "dimensions", "line_type")

_GROUPS = """
SELECT channel, settlement_id, transaction_type, amount_type, amount_description, fulfilled_by,
    strftime(make_date(CAST(month AS BIGINT) // 100, CAST(month AS BIGINT) % 100, 1), '%Y-%m'), amount, lines,
    first_ordinal, first_posted
FROM (
    SELECT channel, settlement_id, transaction_type, amount_type, amount_description, fulfilled_by,
        year(posted_date) * 100 + month(posted_date) AS month, sum(amount) AS amount, count(*) AS lines,
        min(ordinal) AS first_ordinal, min(posted_date) AS first_posted
    FROM settlement_lines WHERE {where} GROUP BY ALL
) ORDER BY channel, settlement_id, first_ordinal
"""
_POSTED = """
SELECT coalesce(external_id, number), coalesce(number, transaction_id) FROM transactions
WHERE contains(coalesce(external_id, number), '-SETTLE-')
"""


@dataclass(frozen=True, slots=True)
class EffectRow:
    """One account in one month; amounts are credits less debits, in `currency`.

    `posted` is the part of the difference that lies in months that the ERP has posted already: what is posted stays as
    it is until somebody reverses it.
    """

    account: str
    month: str
    currency: str
    before: Decimal
    after: Decimal
    posted: Decimal

    @property
    def difference(self) -> Decimal:
        """Return after less before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class EffectPart:
    """One journal that would be another: `moved` is half the sum of the absolute differences of its accounts.

    `posted_as` is the ERP's number where it is posted, None before. `blocked_before` and `blocked_after` say whether
    something keeps it from being posted.
    """

    channel: str
    settlement_id: str
    month: str
    external_id: str
    currency: str
    moved: Decimal
    posted_as: str | None
    blocked_before: bool
    blocked_after: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What the change would restate; `rows` and `parts` are empty where it changes nothing."""

    kind: str
    subject: str
    value: Mapping[str, str]
    rows: tuple[EffectRow, ...]
    parts: tuple[EffectPart, ...]
    settlements: int

    @property
    def posted_parts(self) -> tuple[EffectPart, ...]:
        """Return the journals that are posted as they are now."""
        return tuple(part for part in self.parts if part.posted_as is not None)

    def balance(self, currency: str) -> Decimal:
        """Return the sum of the differences in a currency: always zero."""
        return total_of(row.difference for row in self.rows if row.currency == currency)


def what_if(
    store: Store, kind: str, subject: str, value: Mapping[str, str] | None, *, at: datetime | None = None
) -> Effect:
    """Return what deciding `value` on (kind, subject) would do to the settlements known at `at` (default: now).

    `kind` is `account` (subject `scope|account key`, value {account_id | number | account}, dimensions), `line_type`
    (subject `vendor|transaction type|amount type|description`, value {category, account_key}) or `dimensions` (subject
    `scope|account key|fulfilment|month`, value {department, class, location or their ids}); None withdraws the
    decision. What an account held besides stays with it. Nothing is stored.

    Raises:
        BadInput: the kind, the subject or the value cannot be used.
    """
    with evidence_at(store, at) as evidence:
        held = evidence.decisions(kind).get(subject)
        wanted = None if value is None else checked_value(evidence.cursor, kind, subject, value, held)
        before, after = evidence, evidence.assuming(kind, _decided(evidence, kind, subject, wanted))
        where, parameters = _concerned(kind, subject)
        grouped = _grouped(evidence, where, parameters)
        heads = _heads(evidence.cursor)
        posted: dict[str, str] = dict(evidence.cursor.execute(_POSTED).fetchall())
        names = dimension_names(evidence.cursor)
        found: list[tuple[Settlement, Journal | None, Journal | None]] = []
        concerned = 0
        for key, groups in grouped.items():
            head = heads.get(key)
            if head is not None:
                books = (channel_books(before, head.channel), channel_books(after, head.channel))
                changed = _changed(head, groups, *books, names)
                concerned += bool(changed)
                found += changed
    made = tuple(_parts(found, posted, names))
    return Effect(kind, subject, wanted or {}, _rows(found, posted, names), made, concerned)


def checked_value(
    cursor: duckdb.DuckDBPyConnection,
    kind: str,
    subject: str,
    value: Mapping[str, str],
    held: Decision | None = None,
) -> dict[str, str]:
    """Return the value as a decision of the kind holds it; an account keeps what it `held` and is not named anew.

    Raises:
        BadInput: the kind is not one of `KINDS`, the subject has not its parts, the category is unknown, or NetSuite
            has no such account, department, class or location.
    """
    if kind == "dimensions":
        return {k: str(v) for k, v in checked_decision(cursor, kind, subject, value).items() if v}
    if kind == "line_type" and subject.count("|") >= 3:
        category, key = value.get("category", ""), value.get("account_key", "")
        if category not in {c.key for c in CATEGORIES} or not key:
            known = ", ".join(c.key for c in CATEGORIES)
            raise BadInput(
                "this category is unknown, or no account key is named", value=category, remedy=f"Use {known}"
            )
        return {"category": category, "account_key": key}
    if kind == "account" and subject.count("|") == 1:
        kept = {n: str(held.value[n]) for n in DIMENSIONS if held is not None and held.value.get(n)}
        rest = {n: v for n, v in value.items() if n not in ("account", "account_id", "number")}
        named = checked_decision(cursor, kind, subject, {"account_id": _account_id(cursor, value), **rest})
        return kept | {k: str(v) for k, v in named.items() if v}
    raise BadInput(
        "only accounts, line types and dimensions have an effect on settlements",
        value=f"{kind} {subject}",
        remedy="Name account SCOPE|KEY, line_type VENDOR|TYPE|AMOUNT TYPE|DESCRIPTION or dimensions"
        " SCOPE|KEY|FULFILMENT|MONTH",
    )


def _account_id(cursor: duckdb.DuckDBPyConnection, value: Mapping[str, str]) -> str:
    named = value.get("account_id") or value.get("number") or value.get("account") or ""
    rows = cursor.execute(
        "SELECT account_id FROM accounts WHERE NOT inactive AND"
        " (account_id = $1 AND $2 OR number = $1 AND NOT $3 OR name = $1 AND $4) ORDER BY account_id",
        [named, "account_id" in value, "account_id" in value, "account" in value],
    ).fetchall()
    if len(rows) != 1:
        what = "NetSuite has no such active account" if not rows else f"{len(rows)} accounts have this name"
        raise BadInput(what, value=named, remedy="Name one by its number")
    return str(rows[0][0])


def _decided(evidence: Evidence, kind: str, subject: str, value: Mapping[str, str] | None) -> Mapping[str, Decision]:
    """Return the decisions of a kind as they would be."""
    held = {name: decision for name, decision in evidence.decisions(kind).items() if name != subject}
    if value is not None:
        held[subject] = Decision(0, kind, subject, value, evidence.at, evidence.at, "", "")
    return held


def _concerned(kind: str, subject: str) -> tuple[str, list[str]]:
    """Return which settlements' lines to add up: those of the scope, or those that have lines of the type."""
    if kind in ("account", "dimensions"):
        scope = subject.partition("|")[0]
        if scope == "default":
            return "true", []
        return "(channel = $1 OR starts_with(channel, $1 || '.'))", [scope]
    vendor = subject.partition("|")[0]
    return "starts_with(channel, $1 || '.')", [vendor]


def _grouped(evidence: Evidence, where: str, parameters: Sequence[str]) -> dict[tuple[str, str], tuple[LineGroup, ...]]:
    grouped: dict[tuple[str, str], list[LineGroup]] = {}
    for channel, settlement_id, *values in evidence.cursor.execute(_GROUPS.format(where=where), parameters).fetchall():
        grouped.setdefault((channel, settlement_id), []).append(LineGroup(*values))
    return {key: set_apart(groups, apart_of(evidence, *key)) for key, groups in grouped.items()}


def _heads(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Settlement]:
    names = ", ".join(f.name for f in fields(Settlement))
    rows = cursor.execute(f"SELECT {names} FROM settlements").fetchall()  # noqa: S608 - our names
    heads = [Settlement(*row) for row in rows]
    return {(head.channel, head.settlement_id): head for head in heads}


def _changed(
    head: Settlement,
    groups: Sequence[LineGroup],
    before: ChannelBooks,
    after: ChannelBooks,
    names: Mapping[str, str],
) -> list[tuple[Settlement, Journal | None, Journal | None]]:
    """Return the settlement's journals that would be another, before and after, month by month."""
    if not _differs(head.channel, groups, before, after):
        return []
    old, new = ({j.external_id: j for j in _journals(head, groups, books)} for books in (before, after))
    ids = dict.fromkeys([*old, *new])
    return [(head, old.get(i), new.get(i)) for i in ids if _sums(old.get(i), names) != _sums(new.get(i), names)]


def _differs(channel: str, groups: Iterable[LineGroup], before: ChannelBooks, after: ChannelBooks) -> bool:
    """Tell cheaply whether anything of a settlement is placed anew; the accounts of policies and of clearing count."""
    keys = {*before.accounts.keys(), *after.accounts.keys()}
    if before.dimensions != after.dimensions or any(
        before.accounts.find(channel, key) != after.accounts.find(channel, key) for key in keys
    ):
        return True
    vendor = channel.partition(".")[0]
    kinds = {group.line_type for group in groups}
    return any(before.rules.place(vendor, *kind) != after.rules.place(vendor, *kind) for kind in kinds)


def _journals(head: Settlement, groups: Sequence[LineGroup], books: ChannelBooks) -> Sequence[Journal]:
    vendor = head.channel.partition(".")[0]
    placements: dict[tuple[str, str, str], Placement] = {
        kind: books.rules.place(vendor, *kind) for kind in {group.line_type for group in groups}
    }
    classified = Classified(vendor=vendor, groups=tuple(groups), placements=placements, unmapped=())
    return journals(head, classified, books.accounts, books.policy, books.dimensions)


def _sums(journal: Journal | None, names: Mapping[str, str]) -> dict[str, Decimal]:
    """Return account, with its dimensions where it has some → credits less debits."""
    sums: dict[str, Decimal] = {}
    for line in journal.lines if journal else ():
        said = dimensions_text(line.account, names)
        label = f"{line.account.label} [{said}]" if said else line.account.label
        sums[label] = sums.get(label, Decimal(0)) + line.credit - line.debit
    return {account: amount for account, amount in sums.items() if amount}


def _rows(
    found: Iterable[tuple[Settlement, Journal | None, Journal | None]],
    posted: Mapping[str, str],
    names: Mapping[str, str],
) -> tuple[EffectRow, ...]:
    sums: dict[tuple[str, str, str], list[Decimal]] = {}
    for head, old, new in found:
        month = (old or new).period if (old or new) else ""  # type: ignore[union-attr]
        before, after = _sums(old, names), _sums(new, names)
        is_posted = _number(old, posted) is not None
        for account in {*before, *after}:
            was, will = before.get(account, Decimal(0)), after.get(account, Decimal(0))
            held = sums.setdefault((account, month, head.currency), [Decimal(0), Decimal(0), Decimal(0)])
            held[0] += was
            held[1] += will
            held[2] += will - was if is_posted else Decimal(0)
    rows = (EffectRow(*key, *held) for key, held in sums.items())
    return tuple(sorted((r for r in rows if r.difference), key=lambda r: (r.currency, r.month, r.account)))


def _parts(
    found: Iterable[tuple[Settlement, Journal | None, Journal | None]],
    posted: Mapping[str, str],
    names: Mapping[str, str],
) -> Iterable[EffectPart]:
    for head, old, new in found:
        journal = old or new
        if journal is None:
            continue
        before, after = _sums(old, names), _sums(new, names)
        moved = total_of(abs(after.get(a, Decimal(0)) - before.get(a, Decimal(0))) for a in {*before, *after}) / 2
        yield EffectPart(
            head.channel,
            head.settlement_id,
            journal.period,
            journal.external_id,
            head.currency,
            moved,
            _number(journal, posted),
            old.blocked if old else False,
            new.blocked if new else False,
        )


def _number(journal: Journal | None, posted: Mapping[str, str]) -> str | None:
    return None if journal is None else posted.get(journal.external_id)
