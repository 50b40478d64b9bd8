"""Any cent explained, from the journal down to the file and from the file up to the journal and the payout."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from console.commands.figures import write_figure
from console.commands.options import AsOf, Json, moment_of
from console.session import Session, session
from reconcile.amounts import amount_text
from sync.errors import BadInput
from sync.records import SettlementLine

if TYPE_CHECKING:
    from reconcile.explain import JournalExplained, LineExplained
    from sync.store.store import Store

__all__ = ["explain", "register"]


def register(app: App) -> None:
    """Add the command."""
    app.command(explain)


def explain(
    what: str,
    *,
    line: Annotated[int | None, Parameter(help="Show the settlement lines behind this line of a journal.")] = None,
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Explain a figure: what it is made of, or where it went; each level adds to the one above.

    Args:
        what: A journal (AMZ-SETTLE-18837465521-202611), an order, settlement:file-line (18837465521:17), a settlement
            to be taken apart (amazon.US/18837465521), or the key of one of its parts.
    """
    from reconcile.explain import explain_journal, explain_up, lines_of
    from reconcile.seen_at import store_at

    here = session()
    here.output.as_json = json
    store = store_at(here.workspace.store, moment_of(as_of))
    if line is not None:
        lines = lines_of(store, what, line)
        if lines is None:
            raise BadInput("there is no such line", value=f"{what} line {line}", remedy="See `tieout explain JOURNAL`")
        return _write_lines(here, lines)
    if write_figure(here, store, what):
        return 0
    journal = explain_journal(store, what)
    if journal is not None:
        return _write_journal(here, journal)
    found = explain_up(store, what)
    if not found:
        raise BadInput(
            "no journal, order or settlement line is known by this",
            value=what,
            remedy="Name a journal's external id, an order, or settlement:line",
        )
    _write_up(here, store, found)
    return 0


def _write_up(here: Session, store: Store, found: Sequence[LineExplained]) -> None:
    rows = [
        _line(e.line)
        | {
            "document": e.document,
            "category": e.category,
            "account": e.account,
            "journal": e.journal,
            "journal_line": e.journal_line,
            "posted_as": e.posted_as,
            "payout": e.payout,
            "deposit": e.deposit_date,
        }
        | _told(store, e.line)
        for e in found
    ]
    columns = ["settlement", "file_line", "type", "amount", "account", "journal", "journal_line", "posted_as"]
    here.output.table(rows, columns, empty="")
    _write_sum(here, [e.line for e in found])


def _told(store: Store, line: SettlementLine) -> dict[str, object]:
    """Return what a channel told of the size and fee of a SKU, of a line with its fee for fulfilling it."""
    from reconcile.fees.charged import is_fulfilment_fee
    from reconcile.fees.schedule import FEE_SCHEDULE
    from reconcile.fees.told import told_about

    kind = (line.transaction_type, line.amount_type, line.amount_description)
    if not line.sku or not is_fulfilment_fee(line.channel, kind):
        return {}
    with store.database.reading() as cursor:
        return told_about(cursor, store.decisions.current(FEE_SCHEDULE), line.channel, line.sku)


def _journal_record(journal: JournalExplained) -> dict[str, object]:
    return {
        "journal": journal.external_id,
        "channel": journal.channel,
        "settlement_id": journal.settlement_id,
        "document": journal.document,
        "period": journal.period,
        "currency": journal.currency,
        "debits": journal.debits,
        "credits": journal.credits,
        "sum_of_lines": journal.total,
        "posted_as": journal.posted_as,
        "posted_differs": journal.posted_differs,
        "lines": [
            {
                "line": p.number,
                "account": p.account,
                "memo": p.memo,
                "debit": p.debit,
                "credit": p.credit,
                "types": [{"type": t.line_type, "lines": t.lines, "amount": t.amount} for t in p.types],
            }
            for p in journal.parts
        ],
        "versions": [
            {"journal": v.external_id, "role": v.role, "number": v.number, "date": v.date, "memo": v.memo}
            for v in journal.versions
        ],
        "cancelled": [{"type": t.line_type, "lines": t.lines, "amount": t.amount} for t in journal.cancelled],
    }


def _write_journal(here: Session, journal: object) -> int:
    from reconcile.explain import JournalExplained

    assert isinstance(journal, JournalExplained)
    if here.output.as_json:
        here.output.record(_journal_record(journal))
        return 0
    posted = f"posted as {journal.posted_as}" if journal.posted_as else "not posted"
    here.output.text(f"{journal.external_id}: {journal.channel}, {journal.period}, {journal.currency}, {posted}")
    if len(journal.versions) > 1:
        for version in journal.versions:
            here.output.text(f"  {version.role} {version.number} ({version.external_id}) of {version.date}")
    rows: list[dict[str, object]] = []
    for part in journal.parts:
        rows.append({"line": part.number, "what": part.account, "debit": part.debit, "credit": part.credit})
        rows += [{"what": f"  {t.line_type}", "lines": t.lines, "amount": t.amount} for t in part.types]
    rows += [{"what": f"  cancels: {t.line_type}", "lines": t.lines, "amount": t.amount} for t in journal.cancelled]
    here.output.table(rows, ["line", "what", "debit", "credit", "lines", "amount"], empty="")
    if journal.posted_differs:
        here.output.note(f"{journal.posted_as} has other sums: it would be another journal now, see journal_differs")
    debit, credit, total = (amount_text(a, journal.currency) for a in (journal.debits, journal.credits, journal.total))
    whose = "the ledger's amounts" if "-DEFER-" in journal.external_id else "settlement lines"
    here.output.text(f"debits {debit} = credits {credit}; {whose} add to {total}")
    return 0


def _write_lines(here: Session, lines: Sequence[SettlementLine]) -> int:
    rows = [_line(one) for one in lines]
    columns = ["file_line", "byte_offset", "posted", "type", "order", "sku", "amount"]
    here.output.table(rows, columns, empty="It has no lines.")
    _write_sum(here, lines)
    return 0


def _write_sum(here: Session, lines: Sequence[SettlementLine]) -> None:
    if not here.output.as_json:
        total = sum((one.amount for one in lines), Decimal(0))
        here.output.text(f"{len(lines):,} lines add to {total} {lines[0].currency if lines else ''}".rstrip())


def _line(one: SettlementLine) -> dict[str, object]:
    return {
        "settlement": one.settlement_id,
        "file_line": one.file_line,
        "byte_offset": one.byte_offset,
        "posted": one.posted_date,
        "type": " / ".join(p for p in (one.transaction_type, one.amount_type, one.amount_description) if p),
        "order": one.order_id,
        "sku": one.sku,
        "amount": one.amount,
        "currency": one.currency,
    }
