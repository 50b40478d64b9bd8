"""What a re-issued settlement report says differently, by category and line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from console.commands.options import Json
from console.session import Session, session
from reconcile.controls.control import Evidence
from reconcile.mapping.posting import channel_books
from reconcile.reissue_totals import by_category
from reconcile.reissues import LineChange, Reissue, changes_of, compare, in_words, versions_of
from reconcile.stored_settlements import find_settlement
from sync.errors import BadInput

if TYPE_CHECKING:
    import duckdb

__all__ = ["diff_settlement"]

#: Lines that a terminal shows.
_CHANGES_SHOWN = 100


def diff_settlement(
    settlement_id: str,
    *,
    limit: Annotated[int | None, Parameter(help="At most so many lines; 100 on a terminal, all with --json.")] = None,
    json: Json = False,
) -> int:
    """Show what the last re-issue of a settlement says differently, by category and line; exit code 1 where it does.

    With --json one line of the report a line, written as it is read, however many there are.

    Args:
        settlement_id: The marketplace's number, or channel/number.
    """
    here = session()
    here.output.as_json = json
    if limit is not None and limit < 0:
        raise BadInput("a list has no negative length", value=str(limit), remedy="Write --limit 20", column="--limit")
    store = here.workspace.store
    with store.database.reading() as cursor:
        found = find_settlement(cursor, settlement_id)
        if not found:
            raise BadInput("there is no such settlement", value=settlement_id, remedy="See `tieout list settlements`")
        versions = versions_of(cursor, *found[0])
        if len(versions) < 2:
            here.output.note(f"{settlement_id} was issued once: {versions[0].document_name}")
            return 0
        reissue = compare(cursor, *found[0], *versions[-2:])
        shown = limit if limit is not None or json else _CHANGES_SHOWN
        count = here.output.table(
            (_change(change) for change in changes_of(cursor, reissue, shown)),
            ["what", "type", "order", "line", "before", "after", "amount", "differing"],
            empty="Every line says the same.",
        )
        if not json:
            _write_reissue(here, reissue, cursor, count, len(versions) - 2)
    return 1 if reissue.counts else 0


def _write_reissue(
    here: Session, reissue: Reissue, cursor: duckdb.DuckDBPyConnection, shown: int, earlier: int
) -> None:
    """Write the totals by category, and which versions were compared."""
    store, before, after = here.workspace.store, reissue.before, reissue.after
    books = channel_books(Evidence(store, cursor, store.clock.now()), reissue.channel)
    if totals := by_category(reissue, books.rules):
        rows = [{"category": t.label, "lines": t.lines, "amount": t.amount} for t in totals]
        here.output.text()
        here.output.table(rows, ["category", "lines", "amount"], empty="")
    here.output.text(
        f"{before.document_name} ({before.observed_at:%Y-%m-%d %H:%M} UTC) -> {after.document_name}"
        f" ({after.observed_at:%Y-%m-%d %H:%M} UTC): {in_words(reissue, after.currency)};"
        f" total {before.total} -> {after.total}"
    )
    if (left := sum(reissue.counts.values()) - shown) > 0:
        here.output.note(f"{left:,} more lines: --limit, or --json for all")
    if earlier:
        here.output.note(f"{earlier} earlier versions are in the history")


def _change(change: LineChange) -> dict[str, object]:
    line = change.line
    kinds: Sequence[str] = (line.transaction_type, line.amount_type, line.amount_description)
    return {
        "what": change.kind,
        "type": " / ".join(kind for kind in kinds if kind),
        "order": line.order_id,
        "sku": line.sku,
        "line": line.file_line,
        "before": change.before.amount if change.before else None,
        "after": change.after.amount if change.after else None,
        "amount": change.amount,
        "differing": list(change.differing),
    }
