"""What somebody might do to a binder, and then make the manifest's hashes fit."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import polars as pl

__all__ = ["alter", "other", "reseal"]


_NOTHING = {
    "text": "",
    "amount": Decimal(0),
    "int": 0,
    "flag": False,
    "date": date(2026, 10, 1),
    "time": datetime(2026, 10, 1, tzinfo=UTC),
}


def alter(folder: Path, table: str, row: int, column: str, value: object) -> None:
    """Write another value into one cell of a table."""
    path = folder / "tables" / f"{table}.parquet"
    frame = pl.read_parquet(path)
    cells = frame[column].to_list()
    cells[row] = value
    frame.with_columns(pl.Series(column, cells, dtype=frame.schema[column])).write_parquet(path)


def other(value: object, kind: str = "text") -> object:
    """Return a value of the same kind that differs by as little as can be."""
    match _NOTHING[kind] if value is None else value:
        case Decimal() as value:
            return value + Decimal("0.01")
        case bool() as value:
            return not value
        case int() as value:
            return value + 1
        case datetime() as value:
            return value + timedelta(seconds=1)
        case date() as value:
            return value + timedelta(days=1)
        case text:
            return f"{text}x"


def reseal(folder: Path) -> None:
    """Make the manifest's hashes those of the files as they are."""
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for name, known in manifest["files"].items():
        known["sha256"] = sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(manifest))
