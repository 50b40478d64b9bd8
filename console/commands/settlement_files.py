"""Settlement files: read, checked, and stored whole or in parts; what a re-issue changes is said first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace as with_changes
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from console.commands.options import Json
from console.commands.settlement_text import write_summary
from console.session import Session, session
from reconcile.reissues import SettlementVersion, against, compare, in_words, versions_of
from reconcile.settlement import SettlementSummary
from reconcile.stored_settlements import preview
from sync.errors import BadInput
from sync.records import Settlement, SettlementLine
from sync.settlements import ParsedSettlement, column_of, told
from sync.streams import Batch, Document, RawPage

if TYPE_CHECKING:
    import duckdb

__all__ = ["check_files", "import_files", "read_file"]

_ZIP, _LARGEST = b"PK\x03\x04", 2 << 30
#: Larger files are read and stored in parts.
_WHOLE, _PART = 48_000_000, 8_000_000
#: So many orders that nobody knows are no chance.
_STRANGERS = 5

Channel = Annotated[
    str | None, Parameter(help="The channel, such as amazon.BE, of files that do not name their marketplace.")
]


def import_files(
    *files: str,
    replace: Annotated[
        bool,
        Parameter(negative="", help="Take a re-issued report as a new version; the old one stays in the history."),
    ] = False,
    channel: Channel = None,
    json: Json = False,
) -> int:
    """Read settlement files (Amazon V1 and V2, Walmart reconciliation), foot them and preview their journals.

    A file that does not foot, is cut, mixed or known already changes nothing and says where and why.

    Args:
        files: One or more files.
    """
    here = session()
    here.output.as_json = json
    if not files:
        raise BadInput("no file was named", remedy="tieout settlement import FILE …")
    return _each(here, files, lambda path: _import_one(here, path, channel, replace=replace), categories=False)


def check_files(*files: str, channel: Channel = None, json: Json = False) -> int:
    """Foot settlement files of any size and show what they would post; nothing is stored.

    Args:
        files: One or more files; an Amazon file is read in parts, so that it may be larger than memory.
    """
    here = session()
    here.output.as_json = json
    if not files:
        raise BadInput("no file was named", remedy="tieout settlement check FILE …")
    return _each(here, files, lambda path: _check_one(here, path, channel), categories=True)


def _each(here: Session, files: Sequence[str], read: Callable[[Path], SettlementSummary], *, categories: bool) -> int:
    """Write what each file adds to and return the exit code; one that is refused does not keep the others back."""
    refused = unmapped = 0
    for name in files:
        try:
            summary = read(here.path(name))
        except BadInput as error:
            refused += 1
            _refusal(here, name, error)
            continue
        unmapped += summary["unmapped_lines"]
        write_summary(here, {**summary, "file": name}, categories=categories)
    return 2 if refused else 1 if unmapped else 0


def _check_one(here: Session, path: Path, channel: str | None) -> SettlementSummary:
    from reconcile.previews import preview_parts
    from sync.amazon.settlements.parts import SettlementParts

    store = here.workspace.store
    try:
        with path.open("rb") as file:
            head = file.read(4096)
        if _is_walmart(head):
            with store.database.reading() as cursor:
                return preview(store, cursor, read_file(_as_report(_read(path), path.name), path.name, channel)).summary
        parts = SettlementParts(path, channel)
        with store.database.reading() as cursor:
            found = preview_parts(store, cursor, parts, lambda: parts.settlement)
        _require_currency(parts.settlement, channel)
        return {**found, "notes": told(parts.notes)}
    except OSError as error:
        raise _unreadable(path, error) from error


def _import_one(here: Session, path: Path, channel: str | None, *, replace: bool) -> SettlementSummary:
    if _is_large(path):
        return _import_large(here, path, channel, replace=replace)
    data = _as_report(_read(path), path.name)
    parsed = read_file(data, path.name, channel)
    store = here.workspace.store
    parsed = _with_strangers(here, parsed)
    known = _known(here, parsed)
    if known is not None:
        _refuse_known(here, parsed, known, replace=replace)
    settlement = parsed.settlement
    batch = Batch(RawPage(data, "text/plain"), [Document(settlement, parsed.lines, notes=parsed.notes)], {})
    store.mirror.commit(f"files.settlements@{settlement.channel}", batch, "import")
    _record(here, path, settlement, known)
    with store.database.reading() as cursor:
        return preview(store, cursor, parsed).summary


def _record(here: Session, path: Path, settlement: Settlement, known: SettlementVersion | None) -> None:
    here.workspace.store.audit.record(
        here.who,
        "replace settlement" if known else "import settlement",
        f"{settlement.channel}/{settlement.settlement_id}",
        before={"file": known.document_name, "sha256": known.document_hash, "lines": known.lines} if known else None,
        after={"file": path.name, "sha256": settlement.document_hash, "lines": settlement.line_count},
    )


def _is_large(path: Path) -> bool:
    """Tell whether a file is read in parts: a large one that is no Walmart report."""
    try:
        with path.open("rb") as file:
            return path.stat().st_size > _WHOLE and not _is_walmart(file.read(4096))
    except OSError as error:
        raise _unreadable(path, error) from error


def _import_large(here: Session, path: Path, channel: str | None, *, replace: bool) -> SettlementSummary:
    """Read and store a file part by part, in one transaction: a file that is refused at its end leaves no line.

    A re-issue that is not to be taken is read like one that is, so that the refusal can say what differs.
    """
    from reconcile.previews import preview_groups
    from reconcile.settlement import group_lines
    from reconcile.settlement.groups import LineGroup, merge_groups
    from sync.amazon.settlements.parts import SettlementParts

    store, parts = here.workspace.store, SettlementParts(path, channel, part_bytes=_PART)
    digest = _digest(path)
    groups: list[Sequence[LineGroup]] = []
    replaced: list[SettlementVersion] = []

    def checked() -> Iterator[Sequence[SettlementLine]]:
        for part in parts:
            if not groups:
                own, number = (str(column_of(part[:1], n)[0]) for n in ("channel", "settlement_id"))
                replaced.extend(_replaced(here, (own, number, digest), path.name))
            groups.append(group_lines(part))
            yield part

    def refuse(tx: duckdb.DuckDBPyConnection, settlement: Settlement, version: int) -> None:
        _require_currency(settlement, channel)
        if replaced and not replace:
            raise _differing(here, tx, settlement, version, replaced[0])

    settlement = store.mirror.commit_parts(
        "files.settlements", checked(), lambda: parts.settlement, path, refuse, lambda: parts.notes
    )
    known = replaced[0] if replaced else None
    _record(here, path, settlement, known)
    with store.database.reading() as cursor:
        return {**preview_groups(store, cursor, merge_groups(groups), settlement), "notes": told(parts.notes)}


def _replaced(here: Session, said: tuple[str, str, str], file: str) -> list[SettlementVersion]:
    """Return the version that a large file (channel, settlement, sha256) replaces; none for a new settlement.

    Raises:
        BadInput: the mirror has it from the same bytes.
    """
    channel, number, digest = said
    with here.workspace.store.database.reading() as cursor:
        known = versions_of(cursor, channel, number)[-1:]
    if known and known[0].document_hash == digest:
        raise _known_already(number, known[0], "the same bytes", file)
    return known


def _differing(
    here: Session, tx: duckdb.DuckDBPyConnection, settlement: Settlement, version: int, known: SettlementVersion
) -> BadInput:
    """Return the refusal of a version that stands in a transaction, with what it says otherwise than the known one."""
    s = settlement
    new = SettlementVersion(
        version, here.workspace.store.clock.now(), s.document_name, s.document_hash, s.currency, s.total, s.line_count
    )
    said = in_words(compare(tx, s.channel, s.settlement_id, known, new), s.currency)
    return _known_already(s.settlement_id, known, f"other bytes: {said}", s.document_name)


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(data: bytes, name: str, channel: str | None = None) -> ParsedSettlement:
    """Read a settlement of any vendor; the content decides which. `channel` None: the file says or implies it.

    Raises:
        BadInput: it is none, it cannot be trusted, or it is not in the named channel's currency.
    """
    from sync.amazon.settlements.file import read_settlement
    from sync.walmart.settlements.file import read_recon

    if _is_walmart(data[:4096]):
        parsed = read_recon(data, channel=channel, document_name=name)
    else:
        parsed = read_settlement(data, channel=channel, document_name=name)
    _require_currency(parsed.settlement, channel)
    return parsed


def _require_currency(settlement: Settlement, channel: str | None) -> None:
    """Refuse a channel that a person named for a file which cannot be of it."""
    from sync.amazon.marketplaces import MARKETPLACES
    from sync.walmart.settlements.file import CHANNELS

    if channel is None:
        return
    amazons = {shop.channel: shop.currency for shop in MARKETPLACES}
    walmarts = {name: currency for currency, name in CHANNELS.items()}
    known = amazons if settlement.format.startswith("amazon") else walmarts
    if known.get(channel) != settlement.currency:
        raise BadInput(
            f"a settlement in {settlement.currency} ({settlement.format}) is not of this channel",
            remedy=f"Name one of {', '.join(sorted(c for c, of in known.items() if of == settlement.currency))}",
            file=settlement.document_name,
            column="--channel",
            value=channel,
        )


def _as_report(data: bytes, name: str) -> bytes:
    """Return a report's bytes; rows that Walmart gives as JSON become its CSV, as when they are pulled."""
    from sync.walmart.settlements.rows import recon_csv_of

    return recon_csv_of(data, file=name)


def _is_walmart(head: bytes) -> bool:
    from sync.walmart.settlements.rows import is_json

    return (
        head.startswith(_ZIP) or is_json(head) or (b"Transaction Type" in head and b"," in head and b"\t" not in head)
    )


def _unreadable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"the file cannot be read: {error.strerror}", remedy="Check its name and rights", file=str(path))


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(
                "the file is larger than 2 GB",
                remedy="Split the report by period; `tieout settlement check` reads it",
                file=str(path),
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _with_strangers(here: Session, parsed: ParsedSettlement) -> ParsedSettlement:
    """Return the settlement, with a note where the mirror's orders and the report's have nothing in common."""
    channel = parsed.settlement.channel
    named = {str(order) for order in column_of(parsed.lines, "order_id") if order}
    if len(named) < _STRANGERS:
        return parsed
    with here.workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE order_id IN (SELECT unnest($2::VARCHAR[]))) FROM orders"
            " WHERE channel = $1",
            [channel, sorted(named)],
        ).fetchone()
    if row is None or not row[0] or row[1]:
        return parsed
    note = f"none of its {len(named)} orders is among the {row[0]} of {channel}: it may be another account's report"
    return with_changes(parsed, notes=[*parsed.notes, note])


def _known(here: Session, parsed: ParsedSettlement) -> SettlementVersion | None:
    """Return the version of the settlement that the mirror holds, None for none."""
    settlement = parsed.settlement
    with here.workspace.store.database.reading() as cursor:
        known = versions_of(cursor, settlement.channel, settlement.settlement_id)
    return known[-1] if known else None


def _refuse_known(here: Session, parsed: ParsedSettlement, known: SettlementVersion, *, replace: bool) -> None:
    """Refuse the bytes that the mirror holds, and other ones unless they are to replace them."""
    settlement = parsed.settlement
    same = known.document_hash == settlement.document_hash
    if replace and not same:
        return
    if same:
        what = "the same bytes"
    else:
        with here.workspace.store.database.reading() as cursor:
            said = in_words(against(cursor, settlement, parsed.lines), settlement.currency)
        what = f"other bytes: {said}"
    raise _known_already(settlement.settlement_id, known, what, settlement.document_name)


def _known_already(number: str, known: SettlementVersion, what: str, file: str) -> BadInput:
    same = what == "the same bytes"
    remedy = "Nothing is to be done" if same else "Import it with --replace to take it as a new version"
    return BadInput(
        f"settlement {number} was read already, from {what} ({known.document_name},"
        f" {known.observed_at:%Y-%m-%d %H:%M} UTC)",
        remedy=f"{remedy}; see `tieout settlement show {number}`",
        file=file,
        line=2,
        column="settlement-id",
        value=number,
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
