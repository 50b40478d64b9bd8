"""One settlement of the mirror, read back whole and seen through the decisions in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import ROUND_DOWN, Decimal
from typing import cast

import duckdb

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.invoiced import apart_of, paid_lines
from reconcile.controls.settlements.settlement_parts import dated
from reconcile.mapping.posting import channel_books
from reconcile.settlement import (
    AccountMap,
    Breakdown,
    Classified,
    Journal,
    Rules,
    SettlementSummary,
    break_down,
    classify,
    journals,
)
from reconcile.settlement.groups import set_apart
from reconcile.settlement.summary import summarise_classified
from sync.mirror.settlement_notes import notes_of
from sync.money import quantum
from sync.records import Settlement, SettlementLine
from sync.settlements import ParsedSettlement, SettlementLines, told
from sync.store.store import Store

__all__ = [
    "StoredSettlement",
    "find_settlement",
    "preview",
    "read_settlement_by_key",
    "see_settlement",
    "seen_with",
    "with_notes",
]

_SAME_FOR_ALL = ("channel", "settlement_id", "currency")


@dataclass(frozen=True, slots=True)
class StoredSettlement:
    """A settlement with its lines classified, summed and turned into journals, by today's decisions."""

    parsed: ParsedSettlement
    classified: Classified
    breakdown: Breakdown
    journals: Sequence[Journal]
    accounts: AccountMap
    summary: SettlementSummary
    #: Ordinal of each line that invoices have sold → account key of where their payments went.
    paid_on: Mapping[int, str] = field(default_factory=dict)


def find_settlement(cursor: duckdb.DuckDBPyConnection, text: str) -> list[tuple[str, str]]:
    """Return the (channel, settlement id) pairs that `text` names: `channel/id`, or an id of any channel."""
    rows = cursor.execute(
        "SELECT channel, settlement_id FROM settlements WHERE settlement_id = $1"
        " OR channel || '/' || settlement_id = $1 ORDER BY channel",
        [text],
    ).fetchall()
    return [(str(a), str(b)) for a, b in rows]


def read_settlement_by_key(
    cursor: duckdb.DuckDBPyConnection, channel: str, settlement_id: str
) -> ParsedSettlement | None:
    """Return the settlement with its lines in file order, as it stands in the mirror; None: there is none."""
    names = ", ".join(f.name for f in fields(Settlement))
    row = cursor.execute(
        f"SELECT {names} FROM settlements WHERE channel = $1 AND settlement_id = $2",  # noqa: S608 - our names
        [channel, settlement_id],
    ).fetchone()
    if row is None:
        return None
    settlement = Settlement(*row)
    settlement = replace(settlement, total=_as_written(settlement.total, settlement.currency))
    columns = [f.name for f in fields(SettlementLine) if f.name not in _SAME_FOR_ALL]
    cursor.execute(
        f"SELECT {', '.join(columns)} FROM settlement_lines"  # noqa: S608 - our names
        " WHERE channel = $1 AND settlement_id = $2 ORDER BY ordinal",
        [channel, settlement_id],
    )
    by_column: list[Sequence[object]] = list(zip(*cursor.fetchall(), strict=True)) or [() for _ in columns]
    amounts = columns.index("amount")
    by_column[amounts] = [_as_written(a, settlement.currency) for a in cast("Sequence[Decimal]", by_column[amounts])]
    lines = SettlementLines(
        channel=channel,
        settlement_id=settlement_id,
        currency=settlement.currency,
        columns=dict(zip(columns, by_column, strict=True)),
    )
    return ParsedSettlement(settlement, lines, [])


def _as_written(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the currency's decimals where it has no more: the store keeps four."""
    short = amount.quantize(quantum(currency), rounding=ROUND_DOWN)
    return short if short == amount else amount


def see_settlement(store: Store, text: str) -> StoredSettlement | None:
    """Return the settlement that `text` names (the first channel's, where several have the number)."""
    with store.database.reading() as cursor:
        found = find_settlement(cursor, text)
        if not found:
            return None
        parsed = read_settlement_by_key(cursor, *found[0])
        return None if parsed is None else preview(store, cursor, with_notes(cursor, parsed))


def with_notes(cursor: duckdb.DuckDBPyConnection, parsed: ParsedSettlement) -> ParsedSettlement:
    """Return a settlement of the mirror with what its reader found out about the document that it is of."""
    held = parsed.settlement
    return replace(parsed, notes=list[str](notes_of(cursor, held.channel, held.settlement_id, held.document_hash)))


def preview(store: Store, cursor: duckdb.DuckDBPyConnection, parsed: ParsedSettlement) -> StoredSettlement:
    """Classify, sum and journal a settlement by the decisions in force; writes nothing."""
    return seen_with(Evidence(store, cursor, store.clock.now()), parsed)


def seen_with(evidence: Evidence, parsed: ParsedSettlement) -> StoredSettlement:
    """Return a settlement by the decisions in force at the evidence's moment, its journals on the days chosen."""
    books = channel_books(evidence, parsed.settlement.channel)
    classified, paid_on = _classified(evidence, parsed, books.rules)
    made = tuple(
        dated(evidence, journal)
        for journal in journals(parsed.settlement, classified, books.accounts, books.policy, books.dimensions)
    )
    figures = summarise_classified(parsed.settlement, classified, books.accounts, books.policy, books.dimensions, made)
    noted: SettlementSummary = {**figures, "notes": told(parsed.notes)}
    return StoredSettlement(parsed, classified, break_down(classified), made, books.accounts, noted, paid_on)


def _classified(evidence: Evidence, parsed: ParsedSettlement, rules: Rules) -> tuple[Classified, Mapping[int, str]]:
    """Return where the lines belong, and which of them invoices have sold; of a file that is not stored none."""
    head, classified = parsed.settlement, classify(parsed.lines, rules)
    row = evidence.cursor.execute(
        "SELECT document_hash FROM settlements WHERE channel = $1 AND settlement_id = $2",
        [head.channel, head.settlement_id],
    ).fetchone()
    if row is None or row[0] != head.document_hash:
        return classified, {}
    groups = set_apart(classified.groups, apart_of(evidence, head.channel, head.settlement_id))
    return replace(classified, groups=groups), paid_lines(evidence, head.channel, head.settlement_id)
