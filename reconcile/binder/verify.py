"""Prove a binder again, offline: nothing is read but its folder."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from reconcile.binder.cells import Place, cells_of
from reconcile.binder.opened import Opened, open_binder
from reconcile.binder.originals import Original, changed_lines, read_original
from reconcile.binder.parquet import read_table
from reconcile.binder.proofs import prove_bridge, prove_classes, prove_journals, prove_lines, prove_months
from reconcile.binder.tables import Table, tables_of
from reconcile.binder.verdict import Check, Difference, check
from reconcile.binder.workbook import WORKBOOK, write_workbook
from reconcile.binder.write import BINDER, close_header
from reconcile.close.lines import LINE_COLUMNS
from sync.errors import BadInput
from sync.ops.closes import close_digest
from sync.settlements import ParsedSettlement, column_of

__all__ = ["Check", "Difference", "Recorded", "verify_binder"]

#: Lines of one document that are named when they differ.
_MOST_LINES = 20


#: Period → the digest of each version of its close, as a database has recorded them.
Recorded = Callable[[str], Mapping[int, str]]


def verify_binder(folder: Path, *, digest: str = "", recorded: Recorded | None = None) -> list[Check]:
    """Return every check of a binder with what differs; it is proved where all are.

    `digest` is the close's as it is known from elsewhere, such as from `tieout close list`: with it a binder whose
    every file was made anew is found too. Without it the digests that `recorded` has of the month are asked.

    Raises:
        BadInput: it is no binder, or a file is missing or cannot be read.
    """
    opened = open_binder(folder)
    try:
        return [
            _files(opened),
            _digest(opened, digest, recorded),
            _tables(opened),
            _workbook(opened),
            prove_lines(opened),
            prove_classes(opened),
            prove_journals(opened),
            prove_months(opened),
            prove_bridge(opened),
            _originals(opened),
        ]
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"the binder is damaged: {error!r}", remedy="Take another copy of the binder", file="close-content.json"
        ) from error
    finally:
        opened.lines.close()


def _files(opened: Opened) -> Check:
    files = opened.manifest["files"]
    return check("files are those of the manifest", len(files), _file_differences(opened))


def _file_differences(opened: Opened) -> Iterator[Difference]:
    files = opened.manifest["files"]
    for name, known in files.items():
        with opened.path(name).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != known["sha256"]:
                yield Difference(name, name, "the file was changed: its sha256 is not the manifest's")
    held = {p.relative_to(opened.folder).as_posix() for p in opened.folder.rglob("*") if p.is_file()}
    for name in sorted(held - files.keys() - {"manifest.json"}):
        yield Difference(name, name, "the manifest does not name this file")


def _digest(opened: Opened, digest: str, recorded: Recorded | None) -> Check:
    known = recorded(opened.close.period) if recorded and not digest else {}
    notes = []
    if not digest and not known:
        where = "no close of this month is recorded here" if recorded else "there is no database here"
        notes.append(f"proves itself; not compared with the close: {where} (give its --digest)")
    differences = [*_digest_differences(opened, digest), *(_unrecorded(opened, known) if known else ())]
    return check("the digest of the close", 1, differences, notes)


def _unrecorded(opened: Opened, known: Mapping[int, str]) -> Iterator[Difference]:
    """Yield how a binder differs from the closes of its month that are recorded."""
    close = opened.close
    if close.version not in known:
        held = ", ".join(str(version) for version in known)
        yield Difference(
            "close.json", close.period, f"version {close.version} was never closed here; recorded versions: {held}"
        )
    elif known[close.version] != close.digest:
        problem = f"the digest is {close.digest}, {known[close.version]} was recorded at the close"
        yield Difference("close.json", close.period, problem)


def _digest_differences(opened: Opened, digest: str) -> Iterator[Difference]:
    close, made = opened.close, close_digest(opened.close)
    if made != close.digest:
        problem = f"the close and its content give {made}, it says {close.digest}"
        yield Difference("close.json", close.period, problem)
    if digest and digest != close.digest:
        yield Difference("close.json", close.period, f"the digest is {close.digest}, {digest} is expected")
    for name, value in close_header(close).items():
        if opened.manifest.get(name) != value:
            problem = f"{name} is {opened.manifest.get(name)}, the close says {value}"
            yield Difference("manifest.json", close.period, problem)
    if opened.content["period"] != close.period:
        problem = f"the content is of {opened.content['period']}, the close of {close.period}"
        yield Difference("close-content.json", close.period, problem)


def _tables(opened: Opened) -> Check:
    tables = tables_of(opened.content)
    found = [d for table in tables.values() for d in _table_differences(opened, table)]
    return check("tables say what was closed", sum(len(t.rows) for t in tables.values()), found)


def _table_differences(opened: Opened, table: Table) -> Iterator[Difference]:
    name = f"tables/{table.name}.parquet"
    if not opened.path(name).is_file():
        raise BadInput("a file of the binder is missing", remedy="Take another copy of the binder", file=name)
    columns, rows = read_table(opened.path(name))
    wanted = [c.name for c in table.columns]
    if columns != wanted:
        yield Difference(name, table.name, f"columns are {', '.join(columns)}; they were {', '.join(wanted)}")
        return
    if len(rows) != len(table.rows):
        yield Difference(name, table.name, f"{len(rows)} rows, {len(table.rows)} were closed")
    for then, now in zip(table.rows, rows, strict=False):
        for column, old, new in zip(wanted, then, now, strict=True):
            if old != new:
                problem = f"{column} is {_shown(new)}, it was closed as {_shown(old)}"
                yield Difference(name, table.named(then), problem)


def _workbook(opened: Opened) -> Check:
    """Compare the workbook, cell by cell, with the one that the close and its documents make."""
    name = "the workbook says what was closed"
    if opened.manifest["binder"] < BINDER:
        return check(name, 0, (), ["the workbook is of an earlier shape; only its hash is compared"])
    with tempfile.TemporaryDirectory() as scratch:
        again = Path(scratch) / WORKBOOK
        write_workbook(again, opened.close, tables_of(opened.content), opened.documents)
        then, now = cells_of(again), cells_of(opened.path(WORKBOOK))
    return check(name, len(then), _cell_differences(then, now))


def _cell_differences(then: Mapping[Place, str | float], now: Mapping[Place, str | float]) -> Iterator[Difference]:
    for place in sorted({*then, *now}):
        if then.get(place) != now.get(place):
            problem = f"it is {_shown(now.get(place))}, it was closed as {_shown(then.get(place))}"
            yield Difference(WORKBOOK, f"{place[0]}!{place[1]}", problem)


def _shown(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "empty" if value is None or value == "" else str(value)[:200]


def _originals(opened: Opened) -> Check:
    kept = [d for d in opened.documents if d.file]
    missing = [f"no original is kept of {d.channel}/{d.settlement_id}" for d in opened.documents if not d.file]
    differences = [found for document in kept for found in _original_differences(opened, document)]
    named = {(d.channel, d.settlement_id): d for d in opened.documents}
    for key, derived in opened.derived.items():
        document = named.get(key)
        if document is None or document.document_hash != derived.settlement.document_hash:
            problem = "the manifest names no document, or another than the one that was closed"
            differences.append(Difference("manifest.json", "/".join(key), problem))
    return check("originals read again give the same lines", len(kept), differences, missing)


def _original_differences(opened: Opened, document: Original) -> Iterator[Difference]:
    subject = f"{document.channel}/{document.settlement_id}"
    path = opened.path(document.file)
    if not path.is_file() or not path.resolve().is_relative_to(opened.folder.resolve()):
        raise BadInput("a file of the binder is missing", remedy="Take another copy of the binder", file=document.file)
    data = path.read_bytes()
    if sha256(data).hexdigest() != document.document_hash:
        yield Difference(document.file, subject, "the document is not the one that was received (sha256)")
    held = _lines_held(opened, document)
    try:
        parsed = read_original(data, document)
    except BadInput as error:
        yield Difference(document.file, subject, f"the reader refuses it: {error.problem}")
        ordinal_at, line_at, amount_at = (LINE_COLUMNS.index(n) for n in ("ordinal", "file_line", "amount"))
        amounts = ((row[ordinal_at], row[line_at], row[amount_at]) for row in held)
        for shown, (ordinal, file_line, amount) in enumerate(changed_lines(data, amounts)):
            if shown < _MOST_LINES:
                place = f"{subject} line {ordinal} (file line {file_line})"
                yield Difference(document.file, place, f"the file does not name {amount} there, the binder does")
        return
    yield from _line_differences(document, subject, held, parsed)


def _lines_held(opened: Opened, document: Original) -> list[tuple[Any, ...]]:
    return opened.lines.execute(
        f"SELECT {', '.join(LINE_COLUMNS)} FROM settlement_lines"  # noqa: S608 - our names
        " WHERE channel = $1 AND settlement_id = $2 ORDER BY ordinal",
        [document.channel, document.settlement_id],
    ).fetchall()


def _line_differences(
    document: Original, subject: str, held: list[tuple[Any, ...]], parsed: ParsedSettlement
) -> Iterator[Difference]:
    if parsed.settlement.settlement_id != document.settlement_id:
        yield Difference(document.file, subject, f"it is of settlement {parsed.settlement.settlement_id}")
    columns = [column_of(parsed.lines, name) for name in LINE_COLUMNS]
    read = list(zip(*columns, strict=True))
    if len(read) != len(held):
        yield Difference(document.file, subject, f"{len(read)} lines are read, the binder has {len(held)}")
    shown = 0
    for there, here in zip(read, held, strict=False):
        if there != here and shown < _MOST_LINES:
            shown += 1
            said = ", ".join(
                f"{name} {_shown(b)} in the binder, {_shown(a)} in the document"
                for name, a, b in zip(LINE_COLUMNS, there, here, strict=True)
                if a != b
            )
            ordinal, file_line = (here[LINE_COLUMNS.index(n)] for n in ("ordinal", "file_line"))
            place = f"{subject} line {ordinal} (file line {file_line})"
            yield Difference("tables/lines.parquet", place, said)
