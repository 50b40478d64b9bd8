"""A settlement: its breakdown, its journals, its history; and the lines of one type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from console.desk import Block, Detail, Facts, Jump, Passage, Steps, Timeline, TimelineEntry, WaterfallStep
from console.live.details.settlement_journals import journal_standings
from console.live.details.settlement_ties import in_short, ties, versions
from console.live.received import start_of
from console.live.row_keys import split_type_key
from console.live.text import pairs
from console.present.amounts import money
from console.present.text import cell
from console.present.times import counted
from reconcile.controls.control import Evidence
from reconcile.controls.credits_beside import credits_beside
from reconcile.controls.settlements.invoice_stops import invoices_beside
from reconcile.controls.settlements.payments_first import unpaid_cause
from reconcile.mapping.dimensions import dimension_names, dimensions_text
from reconcile.past import findings_at
from reconcile.seen_at import evidence_at, store_at
from reconcile.settlement import Journal, LedgerAccount
from reconcile.stored_settlements import StoredSettlement, read_settlement_by_key, seen_with, with_notes
from sync.settlements import told
from sync.store.store import Store

__all__ = ["read", "read_type"]

_RAW_SHOWN = 200_000
_LINES_SHOWN = 200
#: Controls that find something of a settlement.
_OF_SETTLEMENTS = ("settlement_not_posted", "journal_differs", "settlement_untied")


def read(store: Store, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
    """Return one tab: breakdown, journal, ties, versions, history or raw; `as_of`: as it was known then."""
    channel, _, settlement_id = key.partition("/")
    with evidence_at(store, as_of) as evidence:
        seen = _seen(evidence, channel, settlement_id)
        if seen is None:
            return None
        blocks: tuple[Block, ...]
        match tab:
            case "journal":
                names = dimension_names(evidence.cursor)
                stand = journal_standings(evidence, channel, settlement_id, seen.journals)
                blocks = tuple(
                    block for journal in seen.journals for block in _journal(journal, names, stand[journal.external_id])
                )
                blocks = blocks or (Passage("Journal", "Nothing is to be posted."),)
                beside = credits_beside(evidence, channel, settlement_id)
                blocks += (Passage("Credited in NetSuite as well", beside.text),) if beside else ()
                invoiced = invoices_beside(evidence, channel, settlement_id)
                blocks += (Passage("Invoiced in NetSuite as well", invoiced.text),) if invoiced else ()
            case "ties":
                blocks = ties(evidence, channel, settlement_id)
            case "versions":
                blocks = versions(evidence, channel, settlement_id)
            case "history":
                blocks = (_history(store, key, as_of),)
            case "raw":
                blocks = (_raw(store_at(store, as_of), key),)
            case _:
                stands = _standing(store, key, seen) if as_of is None else _stood(store, evidence, key, as_of)
                noted = with_notes(evidence.cursor, seen.parsed).notes
                facts = _facts(seen, in_short(evidence, channel, settlement_id))
                blocks = (_steps(seen), stands, facts, _notes(noted))
    return Detail(_title(seen), blocks, _jumps(store, key, seen.parsed.settlement.currency, as_of))


def _seen(evidence: Evidence, channel: str, settlement_id: str) -> StoredSettlement | None:
    """Return the settlement by the decisions in force at the evidence's moment."""
    parsed = read_settlement_by_key(evidence.cursor, channel, settlement_id)
    if parsed is None:
        return None
    return seen_with(evidence, parsed)


def _title(seen: StoredSettlement) -> str:
    settlement = seen.parsed.settlement
    words = [f"{settlement.channel} {settlement.settlement_id}"]
    words += [f"{settlement.period_start:%Y-%m-%d} to {settlement.period_end:%Y-%m-%d}", settlement.currency]
    if settlement.deposit_at:
        words.append(f"deposit {settlement.deposit_at:%Y-%m-%d}")
    if gap := settlement.total - seen.breakdown.total:
        words.append(f"gap {money(gap, settlement.currency)}")
    elif unmapped := len(seen.classified.unmapped):
        words.append(f"{counted(unmapped, 'line type')} without account")
    else:
        words.append("foots exactly")
    return " · ".join(words)


def _steps(seen: StoredSettlement) -> Steps:
    steps = [WaterfallStep(c.label, c.amount) for c in seen.breakdown.categories]
    gap = seen.parsed.settlement.total - seen.breakdown.total
    steps.append(WaterfallStep("Unexplained", gap, "gap"))
    steps.append(WaterfallStep("Payout", seen.parsed.settlement.total, "total"))
    return Steps(seen.parsed.settlement.currency, tuple(steps))


def _standing(store: Store, key: str, seen: StoredSettlement) -> Passage:
    """Return what is next for it, or what stands in the way, in words and with the key that helps."""
    channel, _, settlement_id = key.partition("/")
    blocked = tuple(dict.fromkeys(reason for journal in seen.journals for reason in journal.blocked_by))
    with store.database.reading() as cursor:
        states = cursor.execute(
            "SELECT state, cause_id, cause, count(*) FROM discrepancies WHERE control = 'settlement_not_posted'"
            " AND channel = $1 AND contains(subject, $2) AND state <> 'resolved' GROUP BY ALL ORDER BY ALL",
            [channel, f"-SETTLE-{settlement_id}-"],
        ).fetchall()
        posted = cursor.execute(
            "SELECT number FROM transactions WHERE contains(external_id, $1) ORDER BY number",
            [f"-SETTLE-{settlement_id}-"],
        ).fetchall()
    if blocked:
        text = ". ".join(blocked) + ". Open it (enter) and press a on the line type: it holds from then on."
        return Passage("Blocked", text)
    numbers = ", ".join(str(row[0]) for row in posted if row[0])
    if states:
        words = [_next(channel, *row) for row in states if row[0] != "open"]
        open_now = sum(count for state, _, _, count in states if state == "open")
        words += [f"{counted(open_now, 'journal')} to post: J shows it, f stages it, P posts it"] if open_now else []
        words += [f"posted: {numbers}"] if numbers else []
        return Passage("Next", "; ".join(words) + ".")
    if posted:
        return Passage("Posted", f"NetSuite has it{f' as {numbers}' if numbers else ''}.")
    return Passage(
        "Not judged",
        "NetSuite's books are not in the mirror for this period, or it ends before go-live. R pulls; J shows the"
        " journal all the same.",
    )


def _next(channel: str, state: str, cause_id: str, cause: str, count: int) -> str:
    """Return in words what parts that cannot be posted wait for."""
    journals = counted(count, "journal")
    if cause_id == unpaid_cause(channel):
        return (
            f"{journals} after the payments of {'its' if count == 1 else 'their'} invoices: f stages them, P posts them"
        )
    return f"{journals} {state}: {cause}" if state == "blocked" else f"{journals} {state}"


def _stood(store: Store, evidence: Evidence, key: str, at: datetime) -> Passage:
    """Return how it stood in the ERP at a moment, and what was open then: derived anew, with the rules of today."""
    channel, _, settlement_id = key.partition("/")
    names = [
        (f.title, f.blocked_by)
        for f in findings_at(store, at, _OF_SETTLEMENTS)
        if f.channel == channel and f"-{settlement_id}-" in f"-{f.subject}-"
    ]
    rows = evidence.cursor.execute(
        "SELECT coalesce(number, transaction_id) FROM transactions WHERE contains(external_id, $1) ORDER BY 1",
        [f"-SETTLE-{key.rpartition('/')[2]}-"],
    ).fetchall()
    numbers = ", ".join(str(row[0]) for row in rows)
    said = f"NetSuite had it as {numbers}." if numbers else "NetSuite did not have it."
    found = [f"{title}: {blocked}." if blocked else f"{title}." for title, blocked in names]
    words = [said, *(found or ["Nothing of it was open."]), "t and an empty moment lead back to now."]
    return Passage(f"As of {at:%Y-%m-%d %H:%M} UTC", " ".join(words))


def _facts(seen: StoredSettlement, ties: str | None) -> Facts:
    settlement = seen.parsed.settlement
    return Facts(
        "Settlement",
        pairs(
            period=f"{settlement.period_start:%Y-%m-%d} to {settlement.period_end:%Y-%m-%d}",
            deposit=settlement.deposit_at.date().isoformat() if settlement.deposit_at else None,
            payout=f"{money(settlement.total, settlement.currency)} {settlement.currency}",
            lines=f"{len(seen.parsed.lines):,}",
            ties=ties,
            unmapped=counted(seen.classified.unmapped_lines, "line"),
            document=settlement.document_name,
            sha256=settlement.document_hash,
        ),
    )


def _notes(notes: Sequence[str]) -> Passage:
    """Return what the reader of the document skipped, guessed or mended."""
    kept = "\n".join(cell(text) for text in told(notes))
    return Passage("Read with", kept or "Its document was read before such notes were kept.", verbatim=bool(kept))


def _journal(journal: Journal, names: Mapping[str, str], stands: str) -> tuple[Block, ...]:
    sums = money(journal.debits, journal.currency), money(journal.credits, journal.currency)
    width = max((len(line.account.label) for line in journal.lines), default=7)
    # No wider than the amounts: on 80 columns memos and dimensions stand on the same line.
    side = max(len(text) for text in (*sums, "credit"))
    lines = [cell(journal.memo), stands, f"{'account'.ljust(width)}  {'debit':>{side}}  {'credit':>{side}}  memo"]
    for line in journal.lines:
        debit, credit = (_side(amount, journal) for amount in (line.debit, line.credit))
        amounts = f"{line.account.label.ljust(width)}  {debit:>{side}}  {credit:>{side}}"
        lines.append(f"{amounts}  {cell(line.memo)}{_tail(line.account, names)}")
    lines.append(f"{'total'.ljust(width)}  {sums[0]:>{side}}  {sums[1]:>{side}}")
    balance = "debits = credits" if journal.balanced else "DOES NOT BALANCE"
    title = f"{journal.external_id} · {journal.date} · {journal.currency} · {balance}"
    blocked = tuple(Passage("Blocked", reason) for reason in journal.blocked_by)
    return (Passage(title, "\n".join(lines), verbatim=True), *blocked)


def _tail(account: LedgerAccount, names: Mapping[str, str]) -> str:
    said = dimensions_text(account, names)
    return f"  {cell(said)}" if said else ""


def _side(amount: Decimal, journal: Journal) -> str:
    return money(amount, journal.currency) if amount else "·"


def _history(store: Store, key: str, as_of: datetime | None) -> Timeline:
    channel, _, settlement_id = key.partition("/")
    with store.database.reading() as cursor:
        versions = cursor.execute(
            "SELECT observed_at, document_name, total, currency FROM settlements_versions"
            " WHERE channel = $1 AND settlement_id = $2 ORDER BY observed_at",
            [channel, settlement_id],
        ).fetchall()
        pushes = cursor.execute(
            "SELECT updated_at, identity, state, operation_id FROM operations WHERE contains(identity, $1)",
            [f"-SETTLE-{settlement_id}-"],
        ).fetchall()
    entries = [
        TimelineEntry(at.astimezone(UTC), channel, f"read {name}: {money(total, currency)} {currency}")
        for at, name, total, currency in versions
    ]
    entries += [
        TimelineEntry(at.astimezone(UTC), "NetSuite", f"{identity} {state}", Jump("queue", key=operation_id))
        for at, identity, state, operation_id in pushes
    ]
    return Timeline(tuple(sorted((e for e in entries if as_of is None or e.at <= as_of), key=lambda e: e.at)))


def _raw(store: Store, key: str) -> Passage:
    channel, _, settlement_id = key.partition("/")
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT page_id FROM settlements WHERE channel = $1 AND settlement_id = $2", [channel, settlement_id]
        ).fetchone()
    start = store.mirror.page_span(int(row[0]), 0, _RAW_SHOWN) if row and row[0] else None
    page = ("text/plain", start) if start is not None else store.mirror.page(int(row[0])) if row and row[0] else None
    if page is None:
        return Passage("As received", "The report itself is not in the archive.")
    return Passage(
        f"As received ({page[0]})", start_of(page[1], _RAW_SHOWN).decode("utf-8", errors="replace"), verbatim=True
    )


def _jumps(store: Store, key: str, currency: str, as_of: datetime | None) -> tuple[Jump, ...]:
    """Return the ways on; discrepancies of a moment that is over have no place among those of now."""
    channel, _, settlement_id = key.partition("/")
    around = (Jump("bridge", key=f"{channel}/{currency}/{settlement_id}"), Jump("bank", key=key))
    if as_of is not None:
        return around
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT discrepancy_id FROM discrepancies WHERE control = 'settlement_not_posted' AND channel = $1"
            " AND contains(subject, $2) AND state <> 'resolved' ORDER BY subject",
            [channel, f"-{settlement_id}-"],
        ).fetchall()
    return (*(Jump("discrepancies", key=r[0]) for r in rows), *around)


def read_type(store: Store, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
    """Return the lines of one line type of a settlement (key: settlement|transaction|amount type|description)."""
    found = split_type_key(key)
    if found is None:
        return None
    _, settlement, kind = found
    channel, _, settlement_id = settlement.partition("/")
    with store_at(store, as_of).database.reading() as cursor:
        rows = cursor.execute(
            "SELECT file_line, posted_date, order_id, sku, amount, currency FROM settlement_lines"
            " WHERE channel = $1 AND settlement_id = $2 AND transaction_type = $3 AND amount_type = $4"
            " AND amount_description = $5 ORDER BY ordinal",
            [channel, settlement_id, *kind],
        ).fetchall()
    if not rows:
        return None
    total = sum((r[4] for r in rows), Decimal(0))
    lines = [f"{'line':>7}  {'posted':10}  {'amount':>12}  order / SKU"]
    lines += [
        f"{line:>7}  {posted}  {money(amount, currency):>12}  {' '.join(t for t in (order, sku) if t)}"
        for line, posted, order, sku, amount, currency in rows[:_LINES_SHOWN]
    ]
    if len(rows) > _LINES_SHOWN:
        lines.append(f"… and {len(rows) - _LINES_SHOWN:,} more lines")
    lines.append(f"{counted(len(rows), 'line')}, {money(total, rows[0][5])} {rows[0][5]}")
    orders = tuple(dict.fromkeys(r[2] for r in rows if r[2]))[:9]
    return Detail(
        " / ".join(k for k in kind if k),
        (Passage("Lines of the file", "\n".join(lines), verbatim=True),),
        tuple(Jump("orders", key=f"{channel}/{o}") for o in orders),
    )
