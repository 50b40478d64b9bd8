"""A binder's folder, opened: its manifest, its close and its lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import duckdb

from reconcile.binder.originals import Original
from reconcile.binder.parquet import lines_of_binder
from reconcile.binder.workbook import WORKBOOK
from reconcile.binder.write import BINDER
from reconcile.close.books import Books, books_from
from reconcile.close.canonical import Content, content_of
from reconcile.close.lines import Key, groups_of
from reconcile.settlement import Classified, Journal, LineGroup
from sync.errors import BadInput
from sync.ops.closes import Close
from sync.records import Settlement

__all__ = ["Derived", "Opened", "open_binder", "settlement_of"]

_TIMES = ("closed_at", "as_of")
_TAKE_ANOTHER = "Take another copy of the binder"


@dataclass(frozen=True, slots=True)
class Derived:
    """What the lines of one settlement in the binder say by the binder's rules."""

    settlement: Settlement
    groups: tuple[LineGroup, ...]
    classified: Classified
    journals: tuple[Journal, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """Everything that the checks look at."""

    folder: Path
    manifest: Mapping[str, Any]
    close: Close
    content: Content
    books: Books
    documents: tuple[Original, ...]
    lines: duckdb.DuckDBPyConnection
    derived: Mapping[Key, Derived]

    def path(self, name: str) -> Path:
        """Return a file of the binder by its name in the manifest."""
        return self.folder / PurePosixPath(name)


def open_binder(folder: Path) -> Opened:
    """Return the binder in a folder.

    Raises:
        BadInput: it is none, a file is missing or cannot be read, or it is of another version.
    """
    manifest = _manifest(folder)
    for name in manifest["files"]:
        if not _is_inside(folder, name) or not (folder / name).is_file():
            raise BadInput("a file of the binder is missing", remedy=_TAKE_ANOTHER, file=name)
    for name in ("close.json", "close-content.json", "tables/lines.parquet", WORKBOOK):
        if not (folder / name).is_file():
            raise BadInput("a file of the binder is missing", remedy=_TAKE_ANOTHER, file=name)
    close = _close(folder)
    content = content_of(close.content, file="close-content.json")
    books = books_from(content["books"])
    lines = lines_of_binder(folder / "tables" / "lines.parquet")
    try:
        documents = tuple(Original(**d) for d in manifest["documents"])
        derived = _derive(content, books, lines)
    except (ArithmeticError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"the binder is damaged: {error!r}", remedy=_TAKE_ANOTHER, file=str(folder)) from error
    return Opened(folder, manifest, close, content, books, documents, lines, derived)


def _is_inside(folder: Path, name: str) -> bool:
    return (folder / name).resolve().is_relative_to(folder.resolve())


def _manifest(folder: Path) -> Mapping[str, Any]:
    held = _json(folder / "manifest.json")
    if (
        held.get("binder") not in range(1, BINDER + 1)
        or not isinstance(held.get("files"), dict)
        or "documents" not in held
    ):
        raise BadInput(
            "this is no binder, or one of another version", remedy="Name a binder's folder", file=str(folder)
        )
    return held


def _json(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadInput("this is no binder: it has no such file", remedy="Name a binder's folder", file=path.name) from (
            error
        )
    except (OSError, ValueError) as error:
        raise BadInput(f"the file cannot be read: {error}", remedy=_TAKE_ANOTHER, file=path.name) from error
    if not isinstance(held, dict):
        raise BadInput("the file is no JSON object", remedy=_TAKE_ANOTHER, file=path.name)
    return held


def _close(folder: Path) -> Close:
    header = _json(folder / "close.json")
    try:
        content = (folder / "close-content.json").read_text(encoding="utf-8")
        values: dict[str, Any] = {n: datetime.fromisoformat(v) if n in _TIMES else v for n, v in header.items()}
        return Close(**values, content=content)
    except (OSError, TypeError, ValueError) as error:
        raise BadInput(f"the close cannot be read: {error}", remedy=_TAKE_ANOTHER, file="close.json") from error


def settlement_of(held: Mapping[str, Any]) -> Settlement:
    """Return the record of a settlement in a close's content."""
    values = {f.name: held[f.name] for f in fields(Settlement)}
    for name in ("period_start", "period_end", "deposit_at"):
        values[name] = datetime.fromisoformat(values[name]) if values[name] else None
    return Settlement(**{**values, "total": Decimal(values["total"])})


def _derive(content: Content, books: Books, lines: duckdb.DuckDBPyConnection) -> dict[Key, Derived]:
    heads = {(s["channel"], s["settlement_id"]): settlement_of(s) for s in content["settlements"]}
    groups = groups_of(lines, list(heads))
    return {key: Derived(head, groups[key], *books.derive(head, groups[key])) for key, head in heads.items()}
