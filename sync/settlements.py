"""What every settlement reader returns, and what all of them share: bytes to text, text to amounts, footing.

A reader either returns a settlement whose lines add to its total exactly, in Decimal, or raises BadInput and returns
nothing. Lines are held by column: a file of a million lines needs a million small objects only when someone asks
for them one by one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from operator import attrgetter
from typing import NoReturn, TypeVar, overload

from sync.errors import BadInput
from sync.footing import Suspect
from sync.money import minor_digits, quantum, total_of
from sync.records import Settlement, SettlementLine

__all__ = [
    "Amounts",
    "LateColumn",
    "Note",
    "ParsedSettlement",
    "SettlementLines",
    "check_footing",
    "column_of",
    "decode",
    "most_unpacked",
    "refuse_long_line",
    "refuse_packed",
    "told",
]

#: Reports of many equal lines pack to a thirtieth; what unpacks to far more is made to fill the memory.
_MOST_TIMES, _ALWAYS_FITS = 200, 64_000_000
LONGEST_LINE = 1_000_000
#: What the mirror holds of an amount before the mark.
_MOST_DIGITS = 14
DOWNLOAD_AGAIN = "Download the report again and read it unchanged"
_FIELDS = tuple(f.name for f in fields(SettlementLine))
_SAME_FOR_ALL = ("channel", "settlement_id", "currency")
_Cell = TypeVar("_Cell")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")


class LateColumn(Sequence[_Cell]):
    """A column that is made when it is first read: most readers of a large settlement need few of them."""

    __slots__ = ("_cells", "_count", "_make")

    def __init__(self, count: int, make: Callable[[], list[_Cell]]) -> None:
        self._count, self._make = count, make
        self._cells: list[_Cell] | None = None

    def _made(self) -> list[_Cell]:
        if self._cells is None:
            self._cells = self._make()
        return self._cells

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> _Cell: ...

    @overload
    def __getitem__(self, index: slice) -> list[_Cell]: ...

    def __getitem__(self, index: int | slice) -> _Cell | list[_Cell]:
        return self._made()[index]

    def __iter__(self) -> Iterator[_Cell]:
        return iter(self._made())


class SettlementLines(Sequence[SettlementLine]):
    """The lines of one settlement in file order, held by column.

    `columns` has one sequence for each field of SettlementLine but channel, settlement_id and currency, which are
    the same for all lines.
    """

    __slots__ = ("_columns", "_count", "_same")

    def __init__(
        self, *, channel: str, settlement_id: str, currency: str, columns: Mapping[str, Sequence[object]]
    ) -> None:
        wanted = set(_FIELDS) - set(_SAME_FOR_ALL)
        if set(columns) != wanted:
            raise ValueError(f"columns differ from the record's fields: {sorted(set(columns) ^ wanted)}")
        lengths = {len(c) for c in columns.values()}
        if len(lengths) != 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")
        self._same = {"channel": channel, "settlement_id": settlement_id, "currency": currency}
        self._columns, self._count = dict(columns), lengths.pop()

    def column(self, name: str) -> Sequence[object]:
        """Return one field of all lines; raises KeyError for a name that is no field of SettlementLine."""
        if name in self._same:
            return [self._same[name]] * self._count
        return self._columns[name]

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> SettlementLine: ...

    @overload
    def __getitem__(self, index: slice) -> list[SettlementLine]: ...

    def __getitem__(self, index: int | slice) -> SettlementLine | list[SettlementLine]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._count))]
        values = (self._same[n] if n in self._same else self._columns[n][index] for n in _FIELDS)
        return SettlementLine(*values)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[SettlementLine]:
        columns = [self.column(name) for name in _FIELDS]
        return map(SettlementLine, *columns)

    def __repr__(self) -> str:
        return f"SettlementLines({self._same['settlement_id']}, {self._count} lines)"


def column_of(lines: Sequence[SettlementLine], name: str) -> Sequence[object]:
    """Return one field of all lines, without making line objects where they are held by column."""
    if isinstance(lines, SettlementLines):
        return lines.column(name)
    return list(map(attrgetter(name), lines))


class Note(str):
    """What a reader skipped, guessed or mended, in words; `line` is the first file line that it is of, None for all."""

    line: int | None

    def __new__(cls, text: str, line: int | None = None) -> Note:
        """Return the note; it equals its text."""
        made = super().__new__(cls, text)
        made.line = line
        return made


def told(notes: Iterable[str]) -> list[str]:
    """Return notes as a person reads them: with the line where each begins."""
    return [f"{n} (from line {n.line})" if isinstance(n, Note) and n.line is not None else str(n) for n in notes]


@dataclass(frozen=True, slots=True)
class ParsedSettlement:
    """One settlement as read: it foots, or it would not be here."""

    settlement: Settlement
    lines: Sequence[SettlementLine]
    #: What the reader found out or skipped: encoding, date style, decimal mark, lines without an amount.
    notes: list[str]


def check_footing(
    total: Decimal,
    amounts: Iterable[Decimal],
    *,
    file: str,
    currency: str,
    lines: int,
    suspect: Callable[[Decimal], Suspect | None] | None = None,
) -> None:
    """Require that the amounts add to the stated total exactly.

    `suspect` is asked, with the sum less the total, which line may have been changed.

    Raises:
        BadInput: names the sum, the total and the residual (total less sum, in `currency`), and the suspect's line.
    """
    added = total_of(amounts)
    if added == total:
        return
    found = suspect(added - total) if suspect else None
    raise BadInput(
        f"the {lines} amounts add to {added} {currency}, the file states {total} {currency}: "
        f"residual {total - added} {currency}" + (f"; this line may be the one: {found.why}" if found else ""),
        remedy="Lines are missing or were changed. " + DOWNLOAD_AGAIN,
        file=file,
        line=found.file_line if found else None,
    )


@dataclass(slots=True)
class Amounts:
    """Reads the amounts of one file: one decimal mark for all, no finer than the currency's minor unit.

    Each distinct text is read once; a settlement repeats few amounts many times.
    """

    file: str
    currency: str
    #: "." or ",", None until an amount with decimals was seen.
    mark: str | None = None
    _read: dict[str, Decimal] = field(default_factory=dict)

    def learn(self, texts: Iterable[str], *, column: str) -> list[str]:
        """Read the texts not seen before; return those that are not amounts of this file, in sorted order."""
        bad = []
        for text in sorted(set(texts) - self._read.keys()):
            value = self._value(text)
            if value is None:
                bad.append(text)
            else:
                self._read[text] = value
        return bad

    def of(self, texts: Iterable[str]) -> list[Decimal]:
        """Return the amounts of texts that `learn` accepted."""
        return list(map(self._read.__getitem__, texts))

    def problem(self, text: str) -> tuple[str, str]:
        """Say why `text` was not accepted, and what to do."""
        if not _NUMBER.fullmatch(text):
            if "." in text and "," in text and _NUMBER.fullmatch(re.sub("[.,]", "", text)):
                return "decimal marks are mixed in one amount", DOWNLOAD_AGAIN + ", not through a spreadsheet"
            return "the amount is not a number", DOWNLOAD_AGAIN
        if self.mark and ("," if self.mark == "." else ".") in text:
            return (
                f"decimal marks are mixed: this file writes {self.mark!r}",
                DOWNLOAD_AGAIN + ", not through a spreadsheet",
            )
        if _may_group(text, self.currency):
            return (
                "the amount can be read in two ways: thousands, or decimals beyond the currency's",
                DOWNLOAD_AGAIN + ", not through a spreadsheet",
            )
        if _digits_before_mark(text) > _MOST_DIGITS:
            return "the amount is larger than any that is paid", DOWNLOAD_AGAIN
        unit = quantum(self.currency)
        return f"the amount is finer than {unit} {self.currency}", "Ask the marketplace for the report again"

    def _value(self, text: str) -> Decimal | None:
        if not _NUMBER.fullmatch(text) or _digits_before_mark(text) > _MOST_DIGITS:
            return None
        mark = "," if "," in text else "." if "." in text else None
        if mark and _may_group(text, self.currency):
            return None
        if mark:
            if self.mark not in (None, mark):
                return None
            self.mark = mark
        value = Decimal(text.replace(",", "."))
        digits = minor_digits(self.currency)
        whole, _, decimals = text.replace(",", ".").partition(".")
        if decimals.rstrip("0")[digits:] or not whole:
            return None
        # 100 is 100.00, as the mirror gives it back.
        return value if len(decimals) >= digits else value.quantize(quantum(self.currency))


def _digits_before_mark(text: str) -> int:
    return len(re.split("[.,]", text)[0].lstrip("+-0"))


def _may_group(text: str, currency: str) -> bool:
    """Tell whether three digits follow the mark in a currency with fewer: `3,000` yen are no three yen."""
    return len(re.split("[.,]", text)[-1]) == 3 > minor_digits(currency) and ("." in text or "," in text)


def refuse_long_line(data: bytes, *, file: str) -> None:
    """Refuse a line that is longer than any of a report: it would fill memory and screens.

    Raises:
        BadInput: names the line.
    """
    at = 0
    while len(data) - at > LONGEST_LINE:
        end = data.rfind(b"\n", at, at + LONGEST_LINE + 1)
        if end < at:
            line = data.count(b"\n", 0, at) + 1
            raise BadInput(
                f"the line is longer than {LONGEST_LINE:,} bytes", remedy=DOWNLOAD_AGAIN, file=file, line=line
            )
        at = end + 1


def most_unpacked(packed: int, largest: int) -> int:
    """Return how many bytes a packed document of `packed` bytes may become, no more than `largest`."""
    return min(largest, max(_ALWAYS_FITS, packed * _MOST_TIMES))


def refuse_packed(data: bytes, *, file: str) -> None:
    """Refuse bytes that cannot be a report's text: nothing at all, an archive, UTF-16.

    Raises:
        BadInput: with the remedy for each.
    """
    if re.search(rb"[^\x00 \t\r\n\xef\xbb\xbf]", data) is None:
        raise BadInput("the file is empty", remedy=DOWNLOAD_AGAIN, file=file)
    if data[:2] == b"\x1f\x8b":
        raise BadInput("the file is compressed (gzip)", remedy="Unpack it first", file=file)
    if data[:2] == b"PK":
        raise BadInput("the file is a ZIP archive", remedy="Unpack it first", file=file)
    head = data[:4096]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or head.count(0) * 4 > len(head):
        raise BadInput(
            "the file is UTF-16, which no marketplace sends: it was saved again by another program",
            remedy=DOWNLOAD_AGAIN,
            file=file,
        )


def decode(data: bytes, *, file: str, declared: str | None = None) -> tuple[str, str]:
    """Return the text and the name of its encoding: utf-8, cp1252 or iso-8859-15.

    Valid UTF-8 with letters beyond ASCII is UTF-8 whatever the header said. Else the declared charset holds, else
    cp1252, else Latin-9 where its own signs occur and none that only cp1252 has. A BOM is dropped; every line stays.

    Raises:
        BadInput: the bytes are no text in the declared charset, or in none of the three.
    """
    body = data.removeprefix(b"\xef\xbb\xbf")
    if body.isascii():
        return body.decode("ascii"), "utf-8"
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as broken:
        if len(body) != len(data) or (declared or "").lower().replace("_", "-") in ("utf-8", "utf8"):
            _refuse_bytes(body, broken, "UTF-8", file)
    name = _single_byte(body, declared)
    try:
        return body.decode(name), name
    except UnicodeDecodeError as broken:
        _refuse_bytes(body, broken, name, file)
    except LookupError:
        raise BadInput(
            "the charset that came with the file is unknown",
            remedy="Give one of utf-8, cp1252, iso-8859-15",
            file=file,
            value=declared,
        ) from None


def _single_byte(body: bytes, declared: str | None) -> str:
    asked = (declared or "").lower().replace("_", "-")
    # Browsers read these names as cp1252 (WHATWG Encoding); Amazon declares Cp1252 itself.
    if asked in ("cp1252", "windows-1252", "iso-8859-1", "latin-1", "latin1"):
        return "cp1252"
    if asked in ("iso-8859-15", "latin-9", "latin9"):
        return "iso-8859-15"
    if asked and asked not in ("us-ascii", "ascii"):
        return asked
    seen = set(body)
    only_cp1252 = any(0x80 <= b <= 0x9F for b in seen)
    only_latin9 = bool(seen & {0xA4, 0xBC, 0xBD, 0xBE})  # euro sign, OE and Y with diaeresis: else ¤ and fractions
    return "iso-8859-15" if only_latin9 and not only_cp1252 else "cp1252"


def _refuse_bytes(body: bytes, broken: UnicodeDecodeError, name: str, file: str) -> NoReturn:
    raise BadInput(
        f"the bytes are not {name} text",
        remedy=DOWNLOAD_AGAIN + ", or name the right charset",
        file=file,
        line=body.count(b"\n", 0, broken.start) + 1,
        value=f"byte 0x{body[broken.start]:02x}",
    ) from None
