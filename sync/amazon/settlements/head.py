"""The summary line of a settlement file, and the channel that a settlement belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NoReturn

from sync.amazon.marketplaces import MARKETPLACES
from sync.amazon.settlements.dates import STYLES, Dates, style_of
from sync.amazon.settlements.text import Table
from sync.errors import BadInput
from sync.settlements import DOWNLOAD_AGAIN, Amounts, Note

__all__ = ["Head", "channel_of", "fulfilment_of", "note_outside", "period_days", "refuse_cells", "take_head"]

#: marketplace-name → country of the channel's name.
_MARKETPLACES = {shop.domain: shop.country for shop in MARKETPLACES}
#: For settlements without any marketplace-name, account fees only: the first marketplace of a currency.
_CURRENCIES = {shop.currency: shop.country for shop in reversed(MARKETPLACES)}
_DATES = ("settlement-start-date", "settlement-end-date", "deposit-date")


@dataclass(frozen=True, slots=True)
class Head:
    """What the summary line says, and the readers of dates and amounts set to its style."""

    settlement_id: str
    currency: str
    total: Decimal
    start: datetime
    end: datetime
    deposit: datetime | None
    dates: Dates
    amounts: Amounts


def take_head(table: Table) -> tuple[Head, Table]:
    """Find the one summary line; return what it says and the table without it.

    Raises:
        BadInput: no summary or two; rows of another settlement or currency; a total or date that cannot be read.
    """
    row = _summary_row(table)
    cell = {name: cells[row] for name, cells in table.columns.items()}
    rest = table.without(row)
    settlement_id = cell["settlement-id"]
    if not settlement_id:
        raise table.refusal(row, "settlement-id", "the summary line has no settlement id")
    _require_same(rest, "settlement-id", {settlement_id}, f"the row is not of settlement {settlement_id}")
    written = {text for text in rest.column("currency") if text}
    currency = cell["currency"] or (written.pop() if len(written) == 1 else "")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise table.refusal(row, "currency", "the summary line has no currency (ISO 4217, such as USD)")
    _require_same(rest, "currency", {currency, ""}, f"the row is not in {currency}")
    amounts = Amounts(table.file, currency)
    if amounts.learn([cell["total-amount"]], column="total-amount"):
        raise table.refusal(row, "total-amount", *amounts.problem(cell["total-amount"]))
    dates = Dates(_style(table, row))
    for name in _DATES:
        if dates.learn([cell[name]] if cell.get(name) else []):
            raise table.refusal(row, name, f"not a date in this file's style ({dates.style})")
    start, end = (dates.at(cell[name]) for name in _DATES[:2])
    if start > end:
        raise table.refusal(row, _DATES[1], "the settlement ends before it starts")
    deposit = dates.at(cell["deposit-date"]) if cell.get("deposit-date") else None
    total = amounts.of([cell["total-amount"]])[0]
    return Head(settlement_id, currency, total, start, end, deposit, dates, amounts), rest


def _summary_row(table: Table) -> int:
    found = [i for i, text in enumerate(table.column("total-amount")) if text]
    if not found:
        raise BadInput(
            "no summary line: no row has a total-amount",
            remedy=DOWNLOAD_AGAIN,
            file=table.file,
            column="total-amount",
        )
    if len(found) > 1:
        raise table.refusal(
            found[1],
            "total-amount",
            f"a second summary line (the first is line {table.file_line[found[0]]})",
            "Read one settlement at a time: split files that were joined",
        )
    for column in ("transaction-type", "amount", "other-amount"):
        if table.column(column)[found[0]]:
            raise table.refusal(found[0], column, "the summary line is an amount line as well")
    return found[0]


def _style(table: Table, row: int) -> str:
    """Return the style of the start date, which the other dates must follow."""
    for name in _DATES[:2]:
        text = table.column(name)[row]
        style = style_of(text)
        if style is None:
            raise table.refusal(row, name, f"not a date in one of the styles {', '.join(STYLES)}")
    return style_of(table.column(_DATES[0])[row]) or "iso"


def _require_same(table: Table, column: str, allowed: set[str], problem: str) -> None:
    cells = table.column(column)
    if set(cells) <= allowed:
        return
    row = next(i for i, text in enumerate(cells) if text not in allowed)
    raise table.refusal(row, column, problem, "Read one settlement at a time: split files that were joined")


def refuse_cells(table: Table, column: str, bad: list[str], amounts: Amounts) -> NoReturn:
    """Raise for the first cell of `column` in file order whose text is among `bad` amounts."""
    among = set(bad)
    row = next(i for i, text in enumerate(table.column(column)) if text in among)
    raise table.refusal(row, column, *amounts.problem(table.column(column)[row]))


def period_days(head: Head) -> tuple[date, date]:
    """Return the first and last day that a line of the settlement may have, in any time zone."""
    return head.start.date() - timedelta(days=1), head.end.date() + timedelta(days=1)


def note_outside(count: int, head: Head, notes: list[str], line: int | None) -> None:
    """Note how many rows are dated outside the settlement's period: their journal is of another month than expected."""
    if count:
        said = f"{count} rows dated outside the period {head.start.date()} to {head.end.date()}"
        notes.append(Note(said, line))


def channel_of(marketplaces: Iterable[object], currency: str, notes: list[str], *, file: str) -> str:
    """Return `amazon.US` … from the most frequent marketplace-name, else from the currency.

    Multi-channel orders (`Non-Amazon`, `Non-Amazon CA`) say nothing about the settlement's marketplace.

    Raises:
        BadInput: neither names a marketplace that is known.
    """
    seen: Counter[str] = Counter()
    for name, count in Counter(marketplaces).items():
        text = str(name or "").lower()
        if text and not text.startswith("non-amazon"):
            seen[text] += count
    known = Counter({name: count for name, count in seen.items() if name in _MARKETPLACES})
    if known:
        return f"amazon.{_MARKETPLACES[known.most_common(1)[0][0]]}"
    country = _CURRENCIES.get(currency)
    if country is None or seen:
        raise BadInput(
            "the file does not say which marketplace it is of",
            remedy="Name the channel, such as amazon.US",
            file=file,
            column="marketplace-name",
            value=next(iter(seen), currency),
        )
    doubt = "; name the channel if it is another euro marketplace" if currency == "EUR" else ""
    notes.append(f"no marketplace-name: channel amazon.{country} taken from the currency {currency}{doubt}")
    return f"amazon.{country}"


def fulfilment_of(text: str) -> str | None:
    """Return `channel` for AFN, `seller` for MFN; None for blank; another text as it stands, in lower case.

    Some stores write AFN as "Amazon" with something behind it (seen by a production reader).
    """
    if not text:
        return None
    code = text.upper()
    if code.endswith("AFN") or code.startswith("AMAZON"):
        return "channel"
    return "seller" if code.endswith("MFN") else text.lower()
