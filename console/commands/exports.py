"""Lists into files: written beside the target and moved over it, so that no half file is left."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from pathlib import Path
from typing import TextIO

from console.commands.output import escaped, plain
from console.views.rows import RowView
from sync.errors import BadInput

__all__ = ["export_view"]

_PAGE = 2000


def export_view(view: RowView, target: Path) -> int:
    """Write every row of a list as CSV or as JSON lines, by the file's ending; returns how many.

    Amounts are exact decimals, times ISO 8601 UTC. A text that a spreadsheet would run as a formula is quoted.

    Raises:
        BadInput: another ending, or the file cannot be written.
    """
    if target.suffix not in (".csv", ".json", ".jsonl"):
        raise BadInput("the file's ending says no format", value=target.name, remedy="End it in .csv or .json")
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise BadInput(
            f"the file cannot be written: {error.strerror}", remedy="Choose another", file=str(target)
        ) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            _write_rows(view, file, as_csv=target.suffix == ".csv")
        Path(name).replace(target)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        why = f"the file cannot be written: {error.strerror}"
        raise BadInput(why, remedy="Choose another", file=str(target)) from None
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return view.total


def _write_rows(view: RowView, file: TextIO, *, as_csv: bool) -> None:
    names = ["key", *(c.name for c in view.columns)]
    table = csv.writer(file) if as_csv else None
    if table is not None:
        table.writerow(names)
    for first in range(0, view.total, _PAGE):
        for row in view.page(first, _PAGE):
            values = [row.key, *(plain(v) for v in row.values)]
            if table is not None:
                table.writerow([_harmless(v) for v in values])
            else:
                file.write(escaped(json.dumps(dict(zip(names, values, strict=True)), ensure_ascii=False)) + "\n")


def _harmless(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(value):
        return f"'{value}"
    return value


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()
