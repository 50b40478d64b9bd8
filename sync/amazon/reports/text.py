"""Reader of Amazon's flat-file reports other than settlements: rows by header name, whatever style the names are in.

Reports write their headers in kebab-case, Title Case, snake_case or CamelCase; names are compared by their letters and
digits alone. Tab-separated without quoting. A row that cannot be squared with the header is kept as broken, with its
line number: one bad row does not cost a report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Unreadable
from sync.errors import BadInput
from sync.settlements import DOWNLOAD_AGAIN, Amounts, decode, refuse_packed

__all__ = ["Report", "Row", "read_report"]

_BLANK = "\x00 \t\r\ufeff"
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMED_MONTH = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d\d:\d\d(?::\d\d)?))?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d\d:\d\d(?::\d\d)?))?")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: Only here the month stands before the day in a date with slashes.
_MONTH_FIRST = {"US"}


def _plain(name: str) -> str:
    return re.sub(r"[^0-9a-z]", "", name.lower())


@dataclass(slots=True)
class _Style:
    """What the report's own cells tell about how it writes dates and amounts."""

    marketplace: Marketplace
    month_first: bool
    file: str
    _amounts: dict[str, Amounts] = field(default_factory=dict)

    def amount(self, text: str, currency: str, column: str) -> Decimal:
        reader = self._amounts.setdefault(currency, Amounts(self.file, currency))
        if reader.learn([text], column=column):
            raise Unreadable(f"{column}: {reader.problem(text)[0]} ({text[:40]!r})")
        return reader.of([text])[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One row; a cell is found by any spelling of its column's name, and blank where the report has no such column."""

    #: Line number in the file, from 1.
    line: int
    cells: Mapping[str, str]
    style: _Style

    def text(self, name: str) -> str:
        """Return a cell without blanks and NULs around it."""
        return self.cells.get(_plain(name), "")

    def optional(self, name: str) -> str | None:
        """Return a cell, None for a blank one."""
        return self.text(name) or None

    def needed(self, name: str) -> str:
        """Return a cell that must not be blank.

        Raises:
            Unreadable: it is.
        """
        text = self.text(name)
        if not text:
            raise Unreadable(f"{name} is blank")
        return text

    def count(self, name: str, *, blank: int | None = None) -> int:
        """Return a whole number; `blank` stands for an empty cell (None: it must not be empty).

        Raises:
            Unreadable: no whole number.
        """
        text = self.text(name)
        if not text and blank is not None:
            return blank
        try:
            return int(text)
        except ValueError:
            raise Unreadable(f"{name} is no whole number: {text[:40]!r}") from None

    def amount(self, name: str, currency: str) -> Decimal | None:
        """Return an amount in the report's own decimal mark, None for a blank cell.

        Raises:
            Unreadable: no amount, a mark that the report does not use, or finer than the smallest coin.
        """
        text = self.text(name)
        return self.style.amount(text, currency, name) if text else None

    def moment(self, name: str) -> datetime:
        """Return a time in UTC; one without a zone is in UTC, a day alone is its midnight in the shop's zone.

        Raises:
            Unreadable: no date in any style of the reports.
        """
        text = self.needed(name)
        cleaned = re.sub(r" ?(UTC|GMT)$", "+00:00", text)
        try:
            moment = datetime.fromisoformat(cleaned)
        except ValueError:
            moment = None
        if moment is not None and len(text) > 10:
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        dotted = _DOTTED.fullmatch(re.sub(r"\+00:00$", "", cleaned).strip())
        if dotted and dotted[4]:
            day = self._day(f"{dotted[1]}.{dotted[2]}.{dotted[3]}", name)
            return datetime.fromisoformat(f"{day.isoformat()}T{dotted[4]}+00:00")
        day = self._day(text, name)
        midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.style.marketplace.zone))
        return midnight.astimezone(UTC)

    def day(self, name: str) -> date:
        """Return a calendar date as the report writes it.

        Raises:
            Unreadable: no date in any style of the reports.
        """
        return self._day(self.needed(name), name)

    def _day(self, text: str, name: str) -> date:
        try:
            if found := _YEAR_FIRST.match(text):
                return date(int(found[1]), int(found[2]), int(found[3]))
            if found := _SLASHED.match(text):
                first, second = int(found[1]), int(found[2])
                month, day = (first, second) if self.style.month_first else (second, first)
                return date(int(found[3]), month, day)
            if found := _DOTTED.match(text):
                return date(int(found[3]), int(found[2]), int(found[1]))
            if (found := _NAMED_MONTH.match(text)) and found[2].lower() in _MONTHS:
                return date(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))
        except ValueError:
            raise Unreadable(f"{name} is no date: {text[:40]!r}") from None
        raise Unreadable(f"{name} is no date in a known style: {text[:40]!r}")


@dataclass(frozen=True, slots=True)
class Report:
    """One report: its rows, and the lines that could not be squared with its header (line, why)."""

    rows: Sequence[Row]
    broken: Sequence[tuple[int, str]]
    encoding: str
    #: Names of the columns by their letters and digits alone, as the keys of a row's cells.
    columns: Sequence[str] = ()
    #: Until when the report was asked for, None where nobody says.
    until: datetime | None = None


def read_report(
    data: bytes,
    *,
    marketplace: Marketplace,
    needed: Sequence[str],
    document_name: str,
    declared_charset: str | None = None,
) -> Report:
    """Return the rows of a report; `needed` are the columns without which it is another report or a changed one.

    Raises:
        BadInput: packed or undecodable bytes, no header, or a needed column is missing.
    """
    refuse_packed(data, file=document_name)
    text, encoding = decode(data, file=document_name, declared=declared_charset)
    numbered = [(n, line) for n, line in enumerate(text.split("\n"), start=1) if line.strip(_BLANK)]
    line_of_header, header_line = numbered[0]
    header = [_plain(cell) for cell in header_line.split("\t")]
    missing = [name for name in needed if _plain(name) not in header]
    if missing:
        raise BadInput(
            f"columns are missing: {', '.join(missing)}",
            remedy=DOWNLOAD_AGAIN,
            file=document_name,
            line=line_of_header,
            column=missing[0],
        )
    cut = [(n, [cell.strip(_BLANK).replace("\x00", "") for cell in line.split("\t")]) for n, line in numbered[1:]]
    style = _Style(marketplace, _is_month_first(cut, marketplace), document_name)
    last_needed = max((header.index(_plain(name)) for name in needed), default=0)
    rows: list[Row] = []
    broken: list[tuple[int, str]] = []
    for number, cells in cut:
        if [_plain(cell) for cell in cells] == header:
            continue
        problem = _misfit(cells, header, last_needed)
        if problem:
            broken.append((number, problem))
        else:
            rows.append(Row(number, dict(_pairs(header, cells)), style))
    return Report(rows, broken, encoding, header)


def _misfit(cells: Sequence[str], header: Sequence[str], last_needed: int) -> str:
    if len(cells) <= last_needed:
        return f"the line ends after {len(cells)} of {len(header)} columns"
    if any(cells[len(header) :]):
        return f"the line has {len(cells)} columns, the header {len(header)}"
    return ""


def _pairs(header: Sequence[str], cells: Sequence[str]) -> Iterator[tuple[str, str]]:
    # The first of two columns of one name counts; blank names are none.
    for place in range(min(len(header), len(cells)) - 1, -1, -1):
        if header[place]:
            yield header[place], cells[place]


def _is_month_first(cut: Sequence[tuple[int, Sequence[str]]], marketplace: Marketplace) -> bool:
    """Say whether 03/04/2026 is the 4th of March: by a date of the same report that leaves no choice, else by shop."""
    seen: set[bool] = set()
    for _, cells in cut:
        for cell in cells:
            if "/" in cell and (found := _SLASHED.match(cell)):
                first, second = int(found[1]), int(found[2])
                seen |= ({False} if first > 12 else set()) | ({True} if second > 12 else set())
    return seen.pop() if len(seen) == 1 else marketplace.country in _MONTH_FIRST
