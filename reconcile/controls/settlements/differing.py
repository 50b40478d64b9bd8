"""Posted documents of settlements beside what would be posted now, per account and line, and what changed since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.controls.horizon import covered, go_live
from reconcile.controls.settlements.cuts import months_in_another_cut
from reconcile.controls.settlements.document_diff import (
    DIMENSIONS,
    DocumentDiff,
    FieldDiff,
    FirstRead,
    LineDiff,
    compare,
)
from reconcile.controls.settlements.expected_documents import ExpectedDocument, expected_document, first_reads
from reconcile.controls.settlements.invoiced import late_invoices
from reconcile.controls.settlements.posted_documents import PostedDocument, account_sums, known_names, posted_documents
from reconcile.controls.settlements.settlement_parts import SettlementParts, settlement_parts
from reconcile.controls.settlements.unposted import pushed_names
from reconcile.settlement import Journal
from reconcile.settlement.classify import folded
from reconcile.settlement.identity import current_name, prefix, read_name, reversal_of, versioned

__all__ = ["AccountRow", "Difference", "Differing", "account_labels", "find_differing"]

_DECIDED = """
SELECT kind, subject, decided_at, decided_by, reason, withdrawn FROM decisions
WHERE kind IN ('account', 'dimensions', 'line_type', 'policy', 'posting_date', 'routing')
    AND decided_at > $1 AND decided_at <= $2
ORDER BY decided_at DESC, decision_id DESC
"""

_ISSUED = """
SELECT count(DISTINCT document_hash), max(observed_at) FROM settlements_versions
WHERE channel = $1 AND settlement_id = $2 AND observed_at <= $3
"""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account that differs; amounts are debit less credit in the settlement's currency."""

    account_id: str
    label: str
    posted: Decimal
    now: Decimal


@dataclass(frozen=True, slots=True)
class Difference:
    """One posted document and what it would be now; `journal` is None where nothing would be posted any more."""

    channel: str
    document: PostedDocument
    parts: SettlementParts
    journal: Journal | None
    rows: tuple[AccountRow, ...]
    #: Fields and lines of a document that we wrote; of another's only accounts, currency and subsidiary are compared.
    diff: DocumentDiff
    #: What changed since it was posted, newest first: decisions with who and when, or a report issued again.
    because: tuple[str, ...]
    #: The journal was taken back meanwhile, its replacement is not there yet.
    is_reversed: bool = False

    @property
    def currency(self) -> str:
        """Return the settlement's currency."""
        return self.parts.settlement.currency

    @property
    def moved(self) -> Decimal:
        """Return what would move between accounts (half the sum of the differences), else between dimensions or days.

        It is zero where only texts differ.
        """
        if self.rows:
            return sum((abs(r.now - r.posted) for r in self.rows), Decimal(0)) / 2
        if {h.field for h in self.diff.head} - {"memo"}:
            return sum((x.amount for x in self.document.lines if x.amount > 0), Decimal(0))
        return self.diff.misplaced


@dataclass(frozen=True, slots=True)
class Differing:
    """Documents that differ, and the numbers of those whose lines, or whose links to cash sales, the mirror lacks."""

    differences: tuple[Difference, ...]
    without_lines: tuple[str, ...]
    without_links: tuple[str, ...] = ()


def find_differing(evidence: Evidence, only: Collection[tuple[str, str]] | None = None) -> Differing:
    """Return the posted documents that differ: all, or the named (channel, external id).

    Named ones that were reversed meanwhile and have no replacement yet are among them.
    """
    known, labels = known_names(evidence), account_labels(evidence)
    asked = {name for _, name in only} if only is not None else known
    numbers = {n.settlement_id for name in asked if (n := read_name(name)) and not n.is_reversal}
    keys = evidence.cursor.execute(
        "SELECT channel, settlement_id FROM settlements WHERE settlement_id IN (SELECT unnest($1::VARCHAR[]))",
        [sorted(numbers)],
    ).fetchall()
    bases: dict[tuple[str, str], set[str]] = {}
    for name in known:
        if (n := read_name(name)) and not n.is_reversal and n.settlement_id in numbers:
            bases.setdefault((n.prefix, n.settlement_id), set()).add(n.base)
    standing: dict[str, tuple[SettlementParts, Journal | None]] = {}
    for parts in settlement_parts(evidence, {(str(a), str(b)) for a, b in keys}):
        settlement = parts.settlement
        live_from = go_live(evidence, "journal_differs", settlement.channel)
        if live_from is None or settlement.period_end >= live_from:
            expected = {j.external_id: j for j in parts.journals}
            whole = months_in_another_cut(evidence, parts) if only is None else frozenset()
            for base in sorted(bases.get((prefix(settlement.channel), settlement.settlement_id), ())):
                counts = _standing(evidence, base, known, named=only is not None)
                read = read_name(base)
                if read is not None and read.period in whole:
                    continue
                if counts is not None and (only is None or (settlement.channel, counts) in only):
                    standing[counts] = (parts, expected.get(base))
    return _compared(evidence, standing, known, labels)


def _compared(
    evidence: Evidence,
    standing: Mapping[str, tuple[SettlementParts, Journal | None]],
    known: Collection[str],
    labels: Mapping[str, str],
) -> Differing:
    differences: list[Difference] = []
    without: list[str] = []
    unlinked: list[str] = []
    documents = posted_documents(evidence, standing)
    first = first_reads(evidence, [d.transaction_id for n, d in documents.items() if n in pushed_names(evidence)])
    for name, document in documents.items():
        parts, journal = standing[name]
        if not document.lines:
            without.append(document.number)
            continue
        now = expected_document(evidence, parts, journal, document) if journal else None
        if now is not None and now.stop is not None and now.stop[0].startswith("links|"):
            unlinked.append(document.number)
            continue
        rows = _rows(document, now, labels)
        diff = _diff(parts, document, now, first.get(document.transaction_id))
        if rows or diff:
            because = _because(evidence, parts, document, rows, diff)
            gone = reversal_of(name) in known
            differences.append(
                Difference(parts.settlement.channel, document, parts, journal, rows, diff, because, gone)
            )
    return Differing(tuple(differences), tuple(without), tuple(unlinked))


def _diff(
    parts: SettlementParts, document: PostedDocument, now: ExpectedDocument | None, first: FirstRead | None
) -> DocumentDiff:
    """Return what differs beyond accounts and amounts: all of a document that we wrote (`first` is there).

    Whoever else posted a part chose texts, day and dimensions; its currency and subsidiary make it another's books.
    """
    routed = parts.books.routing is not None
    if now is not None and first is not None and routed:
        found = compare(document, now.document, first)
    else:
        currency, subsidiary = parts.settlement.currency, parts.books.dimensions.subsidiary_id
        head = [FieldDiff("currency", document.currency, currency)] if document.currency not in (None, currency) else []
        wrong = [x for x in document.lines if routed and x.subsidiary_id not in (None, subsidiary)]
        due = [LineDiff(x, replace(x, subsidiary_id=subsidiary), ("subsidiary_id",)) for x in wrong]
        found = DocumentDiff(tuple(head), tuple(due))
    if now is None or now.stop is None:
        return found
    return DocumentDiff((*found.head, FieldDiff("cash_sales", "deposited", now.stop[1])), found.lines)


def _standing(evidence: Evidence, base: str, known: Collection[str], *, named: bool) -> str | None:
    """Return the name of the document that counts now for a part, None where it has none.

    `named`: somebody asks for one by name; then the last one counts that was taken back without a replacement.
    """
    name = current_name(base, known)
    if name not in known:
        due = read_name(name)
        return versioned(base, due.version - 1) if named and due is not None and due.version > 1 else None
    sent = pushed_names(evidence).get(reversal_of(name))
    is_unread = not named and covered(evidence).is_before(sent)
    return None if is_unread else name


def _rows(document: PostedDocument, due: ExpectedDocument | None, labels: Mapping[str, str]) -> tuple[AccountRow, ...]:
    posted, now = account_sums(document.lines), account_sums(due.document.lines) if due else {}
    return tuple(
        AccountRow(a, labels.get(a, a), posted.get(a, Decimal(0)), now.get(a, Decimal(0)))
        for a in sorted(posted.keys() | now.keys(), key=lambda a: labels.get(a, a))
        if posted.get(a, Decimal(0)) != now.get(a, Decimal(0))
    )


def account_labels(evidence: Evidence) -> Mapping[str, str]:
    """Return account id → number and name of the ERP's accounts."""
    rows = evidence.cursor.execute("SELECT account_id, trim(coalesce(number, '') || ' ' || name) FROM accounts")
    return {str(a): str(b) for a, b in rows.fetchall()}


def _because(
    evidence: Evidence,
    parts: SettlementParts,
    document: PostedDocument,
    rows: Sequence[AccountRow],
    diff: DocumentDiff,
) -> tuple[str, ...]:
    """Return what has changed since a document was made and touches what differs, newest first."""
    found, since = [], document.created_at
    read = read_name(document.name)
    channel = parts.settlement.channel
    if read and (invoiced := late_invoices(evidence, channel, read.settlement_id, read.period, since)):
        found.append(invoiced)
    # What was decided or issued by now stays so: what comes later is read of tables that have changed then.
    evidence.stands_before(None)
    for kind, subject, at, by, reason, withdrawn in evidence.cursor.execute(_DECIDED, [since, evidence.now]).fetchall():
        if _touches(parts, (kind, subject), document, rows, diff):
            verb = "withdrew" if withdrawn else "decided"
            why = f" ({reason})" if reason else ""
            found.append(f"{by} {verb} {kind} {subject} on {at:%Y-%m-%d}{why}")
    settlement = parts.settlement
    row = evidence.cursor.execute(_ISSUED, [settlement.channel, settlement.settlement_id, evidence.now]).fetchone()
    if row is not None and row[0] > 1 and row[1] > since:
        found.append(f"the report was issued again: {settlement.document_name}, read {row[1]:%Y-%m-%d}")
    return tuple(found)


def _touches(
    parts: SettlementParts,
    decided: tuple[str, str],
    document: PostedDocument,
    rows: Sequence[AccountRow],
    diff: DocumentDiff,
) -> bool:
    """Tell whether a decision (kind, subject) can have made what differs."""
    channel, vendor, books = parts.settlement.channel, parts.classified.vendor, parts.books
    sides = [side for x in diff.lines for side in (x.posted, x.now) if side]
    accounts = {r.account_id for r in rows} | {side.account_id for side in sides}
    placed, (kind, subject) = bool(set(diff.names) & set(DIMENSIONS)), decided

    def moves(key: str) -> bool:
        found = books.accounts.find(channel, key)
        return found is not None and (found.account_id or found.label) in accounts

    if kind == "routing":
        return subject == channel and (placed or moves("clearing"))
    if kind == "dimensions":
        return placed and subject.partition("|")[0] in (channel, vendor, "default")
    if kind == "posting_date":
        name = read_name(document.name)
        return "date" in diff.names and subject in (document.name, name.base if name else "")
    if kind == "policy":
        return subject in ("settlements", f"settlements|{channel}")
    if kind == "account":
        scope, _, key = subject.partition("|")
        return scope in (channel, vendor, "default") and moves(key)
    named = subject.split("|", 3)
    if len(named) != 4 or named[0] != vendor:
        return False
    wanted = [text if text == "*" else folded(text) for text in named[1:]]
    here = [g for g in parts.groups if all(w in ("*", folded(t)) for w, t in zip(wanted, g.line_type, strict=True))]
    return any(moves(parts.classified.of(g).account_key) for g in here)
