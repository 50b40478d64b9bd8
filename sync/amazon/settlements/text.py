"""From the bytes of a settlement file to columns of text, each row with its line number and byte offset.

The file is tab-separated without quoting (Amazon's Settlement reports attributes). What the format's history has
brought is met here: blank lines before the header, the header repeated inside, blanks after values, stray NULs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress

from sync.errors import BadInput
from sync.settlements import DOWNLOAD_AGAIN, decode, refuse_long_line, refuse_packed

__all__ = ["Rows", "Table", "read_rows", "read_table"]

Repair = Callable[[list[list[str]]], int]
_CHUNK = 2000
#: Characters of the longest header; the known ones have some 700.
_WIDEST = 20_000


class _Trimmed(dict[str, str]):
    """Cell text as received → without blanks and NULs around it; equal cells become one object."""

    def __missing__(self, raw: str) -> str:
        text = raw.replace("\x00", "").strip()
        self[raw] = text = self.setdefault(text, text)
        return text


@dataclass(frozen=True)
class Rows:
    """One decoded file and its header; lines are cut when asked for."""

    file: str
    data: bytes
    text: str
    encoding: str
    #: Column names of the header, lower case, in order.
    header: list[str]
    header_line: int
    notes: list[str]

    @cached_property
    def lines(self) -> list[str]:
        """Return all lines of the file, without their line feeds."""
        return self.text.split("\n")

    @cached_property
    def offsets(self) -> list[int]:
        """Return the byte offset of each line in the file as received."""
        return [0, *accumulate(len(line) + 1 for line in self.data.split(b"\n")[:-1])]

    @property
    def ended(self) -> bool:
        """Return whether the file ends with a line feed, so that its last line is whole."""
        return not self.lines[-1].strip("\x00 \t\r")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text by header name; blank cells are empty strings."""

    file: str
    columns: dict[str, list[str]]
    #: Line number in the file, from 1.
    file_line: list[int]
    byte_offset: list[int]

    def __len__(self) -> int:
        return len(self.file_line)

    def column(self, name: str) -> list[str]:
        """Return a column, blank throughout where the file has none of that name."""
        return self.columns.get(name) or [""] * len(self.file_line)

    def without(self, row: int) -> Table:
        """Return the table less one row."""
        keep = [True] * len(self)
        keep[row] = False
        return self.where(keep)

    def where(self, keep: Sequence[bool]) -> Table:
        """Return the rows for which `keep` is true."""
        return Table(
            self.file,
            {name: list(compress(cells, keep)) for name, cells in self.columns.items()},
            list(compress(self.file_line, keep)),
            list(compress(self.byte_offset, keep)),
        )

    def refusal(self, row: int, column: str, problem: str, remedy: str = DOWNLOAD_AGAIN) -> BadInput:
        """Return the error that names a cell of this table."""
        return BadInput(
            problem,
            remedy=remedy,
            file=self.file,
            line=self.file_line[row],
            column=column,
            value=self.column(column)[row],
        )


def read_rows(data: bytes, *, file: str, declared: str | None) -> Rows:
    """Decode a settlement file and find its header.

    Raises:
        BadInput: empty, packed or undecodable bytes; no header of a settlement file.
    """
    refuse_packed(data, file=file)
    refuse_long_line(data, file=file)
    text, encoding = decode(data, file=file, declared=declared)
    if len(text) != len(data) and text.count("\n") != data.count(b"\n"):
        raise BadInput(f"the text is not {encoding}", remedy=DOWNLOAD_AGAIN, file=file)
    notes = [f"encoding {encoding}"]
    if "\x00" in text:
        notes.append(f"{text.count(chr(0))} NUL characters left out")
    start = re.search(r"[^\x00 \t\r\n\ufeff]", text)
    at = text.count("\n", 0, start.start()) if start else 0
    begin = text.rfind("\n", 0, start.start()) + 1 if start else 0
    line = text[begin : begin + _WIDEST].partition("\n")[0]
    header = [cell.strip("\x00 \r").lower() for cell in line.split("\t")]
    if "settlement-id" not in header:
        raise BadInput(
            "this is not a settlement file: its first line has no column settlement-id",
            remedy="Give the flat file settlement report (V2 or V1) as Amazon sent it: tab-separated, not through a "
            "spreadsheet",
            file=file,
            line=at + 1,
            value=line[:60].strip(),
        )
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadInput("a column occurs twice", remedy=DOWNLOAD_AGAIN, file=file, line=at + 1, column=twice[0])
    return Rows(file, data, text, encoding, header, at + 1, notes)


def read_table(rows: Rows, *, wanted: Iterable[str], last_needed: str, repair: Repair | None = None) -> Table:
    """Cut the lines into the `wanted` columns; blank lines and repeated headers are left out.

    `last_needed` is the last column that a row must have; cells after it may be missing. `repair` may mend rows in
    place and returns how many it mended.

    Raises:
        BadInput: a row ends too early (a cut file), or has text beyond the header's columns.
    """
    names = [n for n in wanted if n in rows.header]
    table = Table(rows.file, {n: [] for n in names}, [], [])
    trimmed = _Trimmed()
    mended = repeated = 0
    numbers = _numbers_of_full_lines(rows)
    for start in range(0, len(numbers), _CHUNK):
        chunk = numbers[start : start + _CHUNK]
        cells = [rows.lines[i].split("\t") for i in chunk]
        if any(row[0].strip("\ufeff \x00").lower() == rows.header[0] for row in cells if row[0][:1].isalpha()):
            whole = [not _is_header(row, rows.header) for row in cells]
            repeated += whole.count(False)
            cells, chunk = list(compress(cells, whole)), list(compress(chunk, whole))
        mended += repair(cells) if repair else 0
        _square(cells, chunk, rows, last_needed)
        for name in names:
            at = rows.header.index(name)
            table.columns[name].extend(map(trimmed.__getitem__, [row[at] for row in cells]))
        table.file_line.extend(i + 1 for i in chunk)
        table.byte_offset.extend(rows.offsets[i] for i in chunk)
    if repeated:
        rows.notes.append(f"header repeated {repeated} times")
    if mended:
        rows.notes.append(f"{mended} rows had their amount columns shifted to the right; read where they belong")
    return table


def _numbers_of_full_lines(rows: Rows) -> list[int]:
    """Return the indexes of the lines after the header that are not blank."""
    return [
        i
        for i in range(rows.header_line, len(rows.lines))
        if rows.lines[i] and (rows.lines[i][0].isalnum() or rows.lines[i].strip("\x00 \t\r"))
    ]


def _is_header(row: list[str], header: list[str]) -> bool:
    return [cell.strip("\x00 \r").lower() for cell in row] == header


def _square(cells: list[list[str]], chunk: list[int], rows: Rows, last_needed: str) -> None:
    """Make all rows as wide as the header, refusing those that lack or exceed columns."""
    width = len(rows.header)
    if {len(row) for row in cells} <= {width}:
        return
    needed = rows.header.index(last_needed) + 1
    last_line = len(rows.lines) - 1
    for row, i in zip(cells, chunk, strict=True):
        if len(row) == width:
            continue
        is_summary = not any(cell.strip() for cell in row[6:])
        cut = i == last_line and not rows.ended
        if len(row) < width and (cut or (len(row) < needed and not is_summary)):
            raise BadInput(
                f"the line ends after {len(row)} of {width} columns: the file was cut",
                remedy=DOWNLOAD_AGAIN,
                file=rows.file,
                line=i + 1,
                value=row[-1].strip()[:40],
            )
        if any(cell.strip("\x00 \r") for cell in row[width:]):
            raise BadInput(
                f"the line has {len(row)} columns, the header {width}",
                remedy=DOWNLOAD_AGAIN,
                file=rows.file,
                line=i + 1,
                value=row[-1].strip()[:40],
            )
        row[width:] = []
        row.extend([""] * (width - len(row)))
