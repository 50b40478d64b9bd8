"""From the bytes of a reconciliation report to rows of text with their line and byte offset in the CSV."""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from sync.errors import BadInput
from sync.settlements import DOWNLOAD_AGAIN, decode, most_unpacked, refuse_packed

__all__ = ["ReconRows", "Row", "read_recon_rows"]

_REQUIRED = (
    "period start date",
    "period end date",
    "total payable",
    "currency",
    "transaction posted timestamp",
    "transaction type",
    "transaction description",
    "amount",
    "amount type",
    "purchase order #",
    "partner item id",
)
_V0 = ("walmart.com order #", "walmart.com po #", "payable to partner from sale")
_MEXICO = ("income / outcome", "orderline number")
_COUNT = re.compile(r"number of lines in file\s*:?\s*([0-9]+)", re.IGNORECASE)
#: No real report comes near; a ZIP that unpacks to more is not one.
_LARGEST_CSV = 2 * 1024**3

#: What zipfile and its decompressors raise for bytes that are no whole archive.
_BROKEN_ZIP = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One CSV row; `line` counts from 1, `offset` in bytes of the CSV."""

    line: int
    offset: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class ReconRows:
    """The rows of one report below its header."""

    file: str
    encoding: str
    #: Column name in lower case → place.
    places: dict[str, int]
    rows: list[Row]
    #: N of "Number of Lines in file N"; None where the line is missing.
    stated: int | None
    notes: list[str]

    def text(self, row: Row, column: str) -> str:
        """Return a cell; blank for a column that this report lacks and for the two characters `""`."""
        place = self.places.get(column)
        return "" if place is None or place >= len(row.cells) else row.cells[place].strip().strip('"').strip()

    def refusal(self, row: Row, column: str, problem: str, remedy: str = DOWNLOAD_AGAIN) -> BadInput:
        """Return the error that names a cell."""
        return BadInput(
            problem, remedy=remedy, file=self.file, line=row.line, column=column, value=self.text(row, column)
        )


def read_recon_rows(data: bytes, *, file: str) -> ReconRows:
    """Unpack, decode and cut a report.

    Raises:
        BadInput: no ZIP with one CSV, no text, no v1 header, a row that ends early.
    """
    notes: list[str] = []
    if data[:2] == b"PK":
        data = _unpacked(data, file, notes)
    refuse_packed(data, file=file)
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"{", b"<"):
        raise BadInput("this is an answer of the API, not a report", remedy=DOWNLOAD_AGAIN, file=file)
    text, encoding = decode(data, file=file)
    notes.append(f"encoding {encoding}")
    rows = _cut(text, data, file)
    header = rows.pop(0) if rows else Row(1, 0, [""])
    places = {name.strip().strip('"').lower(): i for i, name in reversed(list(enumerate(header.cells))) if name.strip()}
    _require_v1(places, header, file)
    names = [name.strip().strip('"').lower() for name in header.cells]
    if twice := [name for name in _REQUIRED if names.count(name) > 1]:
        raise BadInput("a column occurs twice", remedy=DOWNLOAD_AGAIN, file=file, line=header.line, column=twice[0])
    stated = None
    kept = []
    for row in rows:
        first = next((cell for cell in row.cells if cell.strip()), "")
        if match := _COUNT.match(first.strip()):
            stated = int(match[1])
            continue
        _require_width(row, len(header.cells), file, cut=row is rows[-1] and not text.endswith("\n"))
        kept.append(row)
    return ReconRows(file, encoding, places, kept, stated, notes)


def _unpacked(data: bytes, file: str, notes: list[str]) -> bytes:
    """Return the only CSV of a ZIP."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            if len(inside) != 1 or inside[0].file_size > most_unpacked(len(data), _LARGEST_CSV):
                raise BadInput(
                    f"the ZIP holds {len(inside)} files, {sum(e.file_size for e in inside)} bytes; not one CSV",
                    remedy=DOWNLOAD_AGAIN,
                    file=file,
                )
            notes.append(f"unpacked {inside[0].filename}")
            return archive.read(inside[0])
    except _BROKEN_ZIP as broken:
        raise BadInput(f"the ZIP cannot be read: {broken}", remedy=DOWNLOAD_AGAIN, file=file) from broken


def _cut(text: str, data: bytes, file: str) -> list[Row]:
    """Cut CSV text into rows that are not blank; a quoted cell may hold line breaks."""
    lines = [line + "\n" for line in text.replace("\x00", "").split("\n")]
    offsets = [0, *accumulate(len(line) + 1 for line in data.split(b"\n")[:-1])]

    def numbered() -> Iterator[Row]:
        reader = csv.reader(lines)
        while True:
            at = reader.line_num
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as broken:
                raise BadInput(
                    f"the CSV is broken: {broken}", remedy=DOWNLOAD_AGAIN, file=file, line=at + 1
                ) from broken
            if any(cell.strip() for cell in cells):
                yield Row(at + 1, offsets[at], cells)

    return list(numbered())


def _require_v1(places: dict[str, int], header: Row, file: str) -> None:
    _refuse_others(places, header, file)
    if "transaction type" not in places and "total payable" not in places:
        raise BadInput(
            "this is not a reconciliation report: its first line has none of its columns",
            remedy="Give the v1 report as Walmart sent it, the ZIP or the CSV in it",
            file=file,
            line=header.line,
            value=header.cells[0][:60],
        )
    missing = [name for name in _REQUIRED if name not in places]
    if missing:
        raise BadInput(
            f"columns are missing: {', '.join(missing)}",
            remedy=DOWNLOAD_AGAIN,
            file=file,
            line=header.line,
            column=missing[0],
        )


def _refuse_others(places: dict[str, int], header: Row, file: str) -> None:
    """Refuse Walmart's other reports on settlements by name, so that nobody looks for a damaged file."""
    if "net payable" in places and "amount type" not in places:
        raise BadInput(
            "this is the WFS settlement report, whose amounts have the opposite sign; it is not read",
            remedy="Give the reconciliation report: the fees of WFS are in it",
            file=file,
            line=header.line,
            column="net payable",
        )
    if any(name in places for name in _V0):
        raise BadInput(
            "this is a report of the old version v0, which is not read",
            remedy="Ask for it with reportVersion=v1",
            file=file,
            line=header.line,
        )
    if any(name in places for name in _MEXICO):
        raise BadInput(
            "this is a settlement file of Walmart Mexico, which is not read",
            remedy="Only reconciliation reports v1 are read",
            file=file,
            line=header.line,
        )


def _require_width(row: Row, width: int, file: str, *, cut: bool) -> None:
    short = len(row.cells) < width and cut
    if short or any(cell.strip() for cell in row.cells[width:]):
        raise BadInput(
            f"the line has {len(row.cells)} columns, the header {width}" + (": the file was cut" if short else ""),
            remedy=DOWNLOAD_AGAIN,
            file=file,
            line=row.line,
        )
