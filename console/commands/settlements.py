"""Settlement files into the mirror, and one settlement explained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cyclopts import App

from console.commands.options import Json
from console.session import Session, session
from reconcile.settlement import SettlementSummary
from reconcile.stored_settlements import preview, see_settlement
from sync.errors import BadInput
from sync.settlements import ParsedSettlement
from sync.streams import Batch, Document, RawPage

__all__ = ["import_files", "register", "show_settlement"]

_ZIP, _LARGEST = b"PK\x03\x04", 2 << 30


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="settlement", help="Import settlement files; show a settlement's breakdown and journals.")
    group.command(import_files, name="import")
    group.command(show_settlement, name="show")
    app.command(group)


def import_files(*files: str, json: Json = False) -> int:
    """Read settlement files (Amazon V1 and V2, Walmart reconciliation), foot them and preview their journals.

    A file that does not foot, is cut, mixed or known already changes nothing and says where and why.

    Args:
        files: One or more files.
    """
    here = session()
    here.output.as_json = json
    if not files:
        raise BadInput("no file was named", remedy="tieout settlement import FILE …")
    refused = unmapped = 0
    for name in files:
        path = here.path(name)
        try:
            summary = _import_one(here, path)
        except BadInput as error:
            refused += 1
            _refusal(here, name, error)
            continue
        unmapped += summary["unmapped_lines"]
        _write_summary(here, {**summary, "file": name}, categories=False)
    return 2 if refused else 1 if unmapped else 0


def _import_one(here: Session, path: Path) -> SettlementSummary:
    data = _read(path)
    parsed = read_file(data, path.name)
    store = here.workspace.store
    _refuse_known(here, parsed)
    settlement = parsed.settlement
    batch = Batch(RawPage(data, "text/plain"), [Document(settlement, parsed.lines)], {})
    store.mirror.commit(f"files.settlements@{settlement.channel}", batch, "import")
    store.audit.record(
        here.who,
        "import settlement",
        f"{settlement.channel}/{settlement.settlement_id}",
        after={"file": path.name, "sha256": settlement.document_hash, "lines": len(parsed.lines)},
    )
    with store.database.reading() as cursor:
        return preview(store, cursor, parsed).summary


def read_file(data: bytes, name: str) -> ParsedSettlement:
    """Read a settlement of any vendor; the content decides which.

    Raises:
        BadInput: it is none, or it cannot be trusted.
    """
    from sync.amazon.settlement_file import read_settlement
    from sync.walmart.recon_file import read_recon

    head = data[:4096]
    if data.startswith(_ZIP) or (b"Transaction Type" in head and b"," in head and b"\t" not in head):
        return read_recon(data, channel="walmart.US", document_name=name)
    return read_settlement(data, channel=None, document_name=name)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput("the file is larger than 2 GB", remedy="Split the report by period", file=str(path))
        return path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"the file cannot be read: {error.strerror}", remedy="Check its name and rights", file=str(path)
        ) from error


def _refuse_known(here: Session, parsed: ParsedSettlement) -> None:
    settlement = parsed.settlement
    with here.workspace.store.database.reading() as cursor:
        known = cursor.execute(
            "SELECT document_name, document_hash, observed_at FROM settlements"
            " WHERE channel = $1 AND settlement_id = $2",
            [settlement.channel, settlement.settlement_id],
        ).fetchone()
    if known is not None:
        same = known[1] == settlement.document_hash
        what = "the same bytes" if same else "other bytes: the two files differ"
        remedy = "Nothing is to be done" if same else "Compare the files; the one that was read first is kept"
        raise BadInput(
            f"settlement {settlement.settlement_id} was read already, from {what} ({known[0]},"
            f" {known[2]:%Y-%m-%d %H:%M} UTC)",
            remedy=f"{remedy}; see `tieout settlement show {settlement.settlement_id}`",
            file=settlement.document_name,
            line=2,
            column="settlement-id",
            value=settlement.settlement_id,
        )


def _refusal(here: Session, name: str, error: BadInput) -> None:
    if not here.output.as_json:
        here.output.note(f"{name}: {error}")
        return
    here.output.record(
        {
            "file": name,
            "error": error.problem if error.value is None else f"{error.problem} (found {error.value[:80]!r})",
            "line": error.line,
            "column": error.column,
            "remedy": error.remedy,
        }
    )


def show_settlement(settlement_id: str, *, json: Json = False) -> int:
    """Show what a settlement adds up to, by category and account, and the journals that would post it.

    Args:
        settlement_id: The marketplace's number, or channel/number.
    """
    here = session()
    here.output.as_json = json
    seen = see_settlement(here.workspace.store, settlement_id)
    if seen is None:
        raise BadInput("there is no such settlement", value=settlement_id, remedy="See `tieout list settlements`")
    summary = seen.summary
    _write_summary(here, summary, categories=True)
    return 1 if summary["unmapped_lines"] or not summary["footed"] else 0


def _write_summary(here: Session, summary: Mapping[str, Any], *, categories: bool) -> None:
    if here.output.as_json:
        hidden = set() if categories else {"categories"}
        here.output.record({k: v for k, v in summary.items() if k not in hidden})
        return
    state = "foots" if summary["footed"] else f"does not foot: {summary['residual']}"
    here.output.text(
        f"{summary['file']}: {summary['account']} {summary['settlement_id']}, {summary['lines']} lines,"
        f" {summary['total']} {summary['currency']}, {state}"
    )
    here.output.table(
        summary["categories"], ["category", "account", "lines", "amount"], empty="It has no amount lines."
    )
    here.output.table(
        summary["journals"], ["external_id", "period", "debits", "credits", "lines"], empty="No journal is needed."
    )
    if summary["unmapped_lines"]:
        here.output.note(
            f"{summary['unmapped_lines']} lines have no account yet; `tieout map line-type` gives them one"
        )
