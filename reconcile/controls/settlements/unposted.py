"""The month parts of settlements that no ERP document posts, with the journal that would and what is in its way."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.controls.posting_stops import Stop, part_stop
from reconcile.controls.settlements.cuts import expected_sums, months_in_another_cut
from reconcile.controls.settlements.line_sums import line_sums, sums_of
from reconcile.controls.settlements.posted_documents import (
    PostedDocument,
    account_sums,
    known_names,
    posted_documents,
)
from reconcile.controls.settlements.settlement_parts import SettlementParts, dated, settlement_parts
from reconcile.mapping.posting import ChannelBooks, period_of
from reconcile.settlement import Journal
from reconcile.settlement.identity import current_name, read_name
from sync.records import Period, Settlement
from sync.store.lists import as_list, listed

__all__ = [
    "Stop",
    "Unposted",
    "UnpostedPart",
    "expected_sums",
    "find_unposted",
    "is_judged",
    "pushed_names",
    "unposted_part",
]

_OPEN_PARTS = """
WITH kinds AS (
    SELECT DISTINCT channel, settlement_id, month, transaction_type, amount_type, amount_description, fulfilled_by
    FROM {sums}
),
parts AS (
    SELECT channel, settlement_id, CAST(month AS VARCHAR) AS month, count(*) AS kinds FROM kinds GROUP BY ALL
),
expected AS (
    SELECT *, CASE split_part(channel, '.', 1) WHEN 'amazon' THEN 'AMZ' WHEN 'walmart' THEN 'WMT'
        ELSE upper(split_part(channel, '.', 1)) END || '-SETTLE-' || settlement_id || '-' || month AS external_id
    FROM parts
),
posted AS (SELECT unnest({known}) AS reference)
SELECT channel, settlement_id, external_id FROM expected e
WHERE e.kinds >= {limit} OR NOT EXISTS (SELECT 1 FROM posted p WHERE p.reference = e.external_id)
    OR EXISTS (SELECT 1 FROM posted p WHERE p.reference = e.external_id || '-R')
ORDER BY channel, settlement_id, month
"""
_PUSHED = """
SELECT identity, max(updated_at) FROM operations
WHERE kind IN ('journal_entry.create', 'journal_entry.reverse', 'deposit.create', 'document.void', 'cash_sale.create',
    'cash_refund.create') AND state IN ('done', 'answered')
GROUP BY identity
"""


@dataclass(frozen=True, slots=True)
class UnpostedPart:
    """One journal that is to be posted; `stop` is None where it can be sent as it is."""

    settlement: Settlement
    books: ChannelBooks
    #: Under the name of the version that is due.
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


def find_unposted(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> Unposted:
    """Return the month parts without a document of their external id: all, or the named (channel, external id).

    A part too long for one document has several, each judged alone; one that was posted and reversed is due again
    under its next version's name.

    Raises:
        BadInput: a decision on line types or on the settlement policy cannot be used.
    """
    if only is None:
        return evidence.once("unposted", lambda: _find(evidence, None))
    return _find(evidence, only)


def pushed_names(evidence: Evidence) -> Mapping[str, datetime]:
    """Return when each document of a settlement was sent by us."""
    return evidence.once("pushed", lambda: dict(evidence.cursor.execute(_PUSHED).fetchall()))


def _find(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> Unposted:
    open_months: dict[tuple[str, str], set[str]] = {}
    for channel, settlement_id, external_id in _open_parts(evidence, only):
        open_months.setdefault((channel, settlement_id), set()).add(external_id)
    horizon, pushed, known = covered(evidence), pushed_names(evidence), known_names(evidence)
    parts: list[UnpostedPart] = []
    waiting = 0
    for found in settlement_parts(evidence, open_months.keys()):
        settlement = found.settlement
        live_from = go_live(evidence, "settlement_not_posted", settlement.channel)
        if live_from is not None and settlement.period_end < live_from:
            continue
        if not is_judged(settlement, horizon):
            waiting += len(open_months[settlement.channel, settlement.settlement_id])
            continue
        whole = months_in_another_cut(evidence, found)
        for journal in found.journals:
            name = current_name(journal.external_id, known)
            if (
                name in known
                or journal.period in whole
                or (only is not None and (settlement.channel, name) not in only)
            ):
                continue
            if horizon.is_before(pushed.get(name)):
                waiting += 1
            else:
                parts.append(unposted_part(evidence, found, journal, name))
    return Unposted(tuple(parts), waiting, horizon.waits_for() if waiting else None)


def _open_parts(evidence: Evidence, only: Collection[tuple[str, str]] | None) -> list[tuple[str, str, str]]:
    """Return (channel, settlement id, first name) of the parts that may be without a document.

    Of parts with many kinds of lines only their journals can tell: they may need more documents than one.
    """
    limits = [d.value.get("line_limit", 1000) for d in evidence.decisions("policy").values()]
    known = listed(sorted(known_names(evidence)))
    limit = min([1000, *(n for n in limits if isinstance(n, int))])
    if only is None:
        sql = _OPEN_PARTS.format(sums=line_sums(evidence), limit=limit, known=as_list("$1"))
        return evidence.cursor.execute(sql, [known]).fetchall()
    settlements = [name.settlement_id for _, external_id in only if (name := read_name(external_id))]
    asked = sums_of("settlement_id IN (SELECT unnest($2::VARCHAR[]))")
    sql = _OPEN_PARTS.format(sums=asked, limit=limit, known=as_list("$1"))
    return evidence.cursor.execute(sql, [known, settlements]).fetchall()


def is_judged(settlement: Settlement, horizon: Horizon) -> bool:
    """Tell whether the ERP was read over the settlement's end."""
    if horizon.since is None:
        return False
    return horizon.since <= settlement.period_end and horizon.reaches(settlement.period_end)


def unposted_part(
    evidence: Evidence, found: SettlementParts, journal: Journal, name: str, *, replaces: bool = False
) -> UnpostedPart:
    """Return a journal of a settlement as it would be posted now under `name`, with what is in its way.

    `replaces`: it follows a document of the same part that is taken back.
    """
    amount, lines = found.figures(journal)
    journal = dated(evidence, replace(journal, external_id=name))
    stop = part_stop(evidence, found, journal)
    if stop is None and not replaces:
        stop = _cut_stop(evidence, found, journal)
    return UnpostedPart(found.settlement, found.books, journal, amount, lines, period_of(evidence, journal.date), stop)


def _cut_stop(evidence: Evidence, found: SettlementParts, journal: Journal) -> Stop | None:
    """Return that another piece of the month is posted with another content: this one might post it twice."""
    pieces = found.pieces(journal.period)
    if len(pieces) < 2:
        return None
    known = known_names(evidence)
    names = {name: p for p in pieces if (name := current_name(p.external_id, known)) in known}
    for name, document in posted_documents(evidence, names).items():
        due, stop = _due(evidence, found, names[name], document)
        if document.lines and account_sums(document.lines) != due:
            return stop or (
                f"cut|{found.settlement.channel}|{name}",
                f"{document.number} posts this month in another cut",
                f"Reverse {name} first: `tieout settlement reverse {name}`",
            )
    return None


def _due(
    evidence: Evidence, found: SettlementParts, piece: Journal, document: PostedDocument
) -> tuple[dict[str, Decimal], Stop | None]:
    """Return account id → debit less credit that a posted piece would say, and why that cannot be told for certain.

    A deposit has cash sales in place of lines.
    """
    if document.transaction_type != "Deposit":
        return expected_sums(piece), None
    from reconcile.controls.settlements.expected_documents import expected_document

    now = expected_document(evidence, found, piece, document)
    return account_sums(now.document.lines), now.stop
