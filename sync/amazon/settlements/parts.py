"""A settlement file larger than memory, read in parts: the same lines as the whole reader gives, a few at a time.

Each part is read as a small settlement of its own: the header and the summary line before some of the lines. What the
parts add to is checked when the last one was read, so nothing may be acted on before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from sync.amazon.settlements.file import read_columns, style_notes
from sync.amazon.settlements.head import Head, channel_of
from sync.amazon.settlements.text import read_rows
from sync.errors import BadInput
from sync.money import total_of
from sync.records import Settlement
from sync.settlements import DOWNLOAD_AGAIN, LONGEST_LINE, LateColumn, Note, SettlementLines, check_footing

__all__ = ["SettlementParts"]

_PART_BYTES = 32_000_000
#: The blank lines, the header and the summary line are far shorter.
_LONGEST_HEAD = 100_000
#: How many rows a note is of; other numbers (of a charset, a day) are no counts.
_COUNTED = re.compile(r"^[0-9]+(?= )|(?<=^header repeated )[0-9]+")


@dataclass
class SettlementParts:
    """One settlement file in parts of some `part_bytes`; `channel` None takes it from the first part.

    Iterating gives the lines in file order; ordinals, line numbers and byte offsets are those of the whole file. The
    end of the iteration raises BadInput where the file does not foot; `settlement` is there after it.
    """

    path: Path
    channel: str | None = None
    part_bytes: int = _PART_BYTES
    #: What the reader found out or skipped, each once, with the counts and the line numbers of the whole file.
    notes: list[str] = field(default_factory=list, init=False)
    _settlement: Settlement | None = field(default=None, init=False)

    @property
    def settlement(self) -> Settlement:
        """Return what the file says of itself; raises ValueError before the last part was read."""
        if self._settlement is None:
            raise ValueError("the settlement is known when its last part was read")
        return self._settlement

    def __iter__(self) -> Iterator[SettlementLines]:
        """Yield the parts.

        Raises:
            BadInput: what the whole reader refuses, and a file whose summary line is not the first after the header.
        """
        digest, added, count = sha256(), Decimal(0), 0
        head: Head | None = None
        channel, form = self.channel, ""
        with self.path.open("rb") as file:
            prefix, prefix_lines = self._prefix(file)
            digest.update(prefix)
            at, line = len(prefix), prefix_lines
            for body in _whole_lines(file, self.part_bytes):
                digest.update(body)
                found, columns, notes, form = self._read(prefix + body)
                head = _same_mark(head, found, self.path.name)
                if channel is None:
                    channel = channel_of(columns["marketplace"], found.currency, notes, file=self.path.name)
                _add_notes(self.notes, notes, behind=prefix_lines, shift=line - prefix_lines)
                amounts = cast("Sequence[Decimal]", columns["amount"])
                columns |= _placed(columns, ordinals=count, offset=at - len(prefix), lines=line - prefix_lines)
                yield SettlementLines(
                    channel=channel, settlement_id=found.settlement_id, currency=found.currency, columns=columns
                )
                added, count = total_of((added, *amounts)), count + len(amounts)
                at, line = at + len(body), line + body.count(b"\n")
        if head is None or channel is None:
            raise BadInput("the file has no lines", remedy=DOWNLOAD_AGAIN, file=self.path.name)
        self.notes += style_notes(head)
        check_footing(head.total, [added], file=self.path.name, currency=head.currency, lines=count)
        self._settlement = Settlement(
            channel, head.settlement_id, form, digest.hexdigest(), self.path.name, head.currency, head.start, head.end,
            head.deposit, head.total, count, "utf-8",
        )  # fmt: skip

    def _read(self, data: bytes) -> tuple[Head, dict[str, Sequence[object]], list[str], str]:
        rows = read_rows(data, file=self.path.name, declared=None)
        if rows.encoding != "utf-8":
            raise BadInput(
                f"the file is {rows.encoding} and too large to be read whole",
                remedy="Give it as UTF-8, or split it by period",
                file=self.path.name,
            )
        return read_columns(rows)

    def _prefix(self, file: BinaryIO) -> tuple[bytes, int]:
        """Return the bytes up to the end of the summary line and how many lines they are; the file stands behind."""
        start = file.read(_LONGEST_HEAD)
        rows = read_rows(start, file=self.path.name, declared=None)
        end = 0
        for number in range(1, start.count(b"\n") + 1):
            begin, end = end, start.index(b"\n", end) + 1
            if number <= rows.header_line or not start[begin:end].strip():
                continue
            cells = start[begin:end].decode("utf-8", "replace").rstrip("\r\n").split("\t")
            at = rows.header.index("total-amount") if "total-amount" in rows.header else len(cells)
            if at < len(cells) and cells[at].strip():
                file.seek(end)
                return start[:end], number
            break
        raise BadInput(
            "the line after the header is no summary line",
            remedy=DOWNLOAD_AGAIN,
            file=self.path.name,
            line=rows.header_line + 1,
            column="total-amount",
        )


def _add_notes(held: list[str], notes: Sequence[str], *, behind: int, shift: int) -> None:
    """Add the notes of a part: counts of one kind are summed; a line `behind` the head moves by what came before."""
    places = {_COUNTED.sub("", note, count=1): place for place, note in enumerate(held)}
    for note in notes:
        line = note.line if isinstance(note, Note) else None
        moved = Note(note, line + shift if line is not None and line > behind else line)
        place = places.get(_COUNTED.sub("", note, count=1))
        if place is None:
            held.append(moved)
        elif counted := _COUNTED.search(note):
            before, first = held[place], held[place]
            known = _COUNTED.search(before)
            total = int(counted[0]) + (int(known[0]) if known else 0)
            held[place] = Note(
                _COUNTED.sub(str(total), before, count=1), first.line if isinstance(first, Note) else None
            )


def _whole_lines(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Yield the rest of the file in pieces of about `size` bytes that end where a line ends."""
    rest = b""
    while block := file.read(size):
        cut = block.rfind(b"\n") + 1
        # A line that never ends goes on to the reader, which refuses it.
        if not cut and len(rest) <= LONGEST_LINE:
            rest += block
            continue
        yield rest + block[:cut]
        rest = block[cut:]
    if rest.strip(b"\x00 \t\r\n"):
        yield rest


def _same_mark(before: Head | None, now: Head, file: str) -> Head:
    """Return the head; refuse parts that write amounts with another decimal mark than the ones before."""
    if before is None:
        return now
    marks = {head.amounts.mark for head in (before, now)} - {None}
    if len(marks) > 1:
        raise BadInput(
            "decimal marks are mixed in one file", remedy=DOWNLOAD_AGAIN + ", not through a spreadsheet", file=file
        )
    return now if before.amounts.mark is None else before


def _placed(
    columns: dict[str, Sequence[object]], *, ordinals: int, offset: int, lines: int
) -> dict[str, Sequence[object]]:
    """Return the columns that say where a line stands, for the whole file."""
    count = len(columns["amount"])

    def moved(name: str, by: int) -> Sequence[object]:
        cells = cast("Sequence[int]", columns[name])
        make: Callable[[], list[object]] = lambda: [cell + by for cell in cells]  # noqa: E731 - one expression
        return LateColumn(count, make)

    return {
        "ordinal": range(ordinals + 1, ordinals + count + 1),
        "byte_offset": moved("byte_offset", offset),
        "file_line": moved("file_line", lines),
    }
