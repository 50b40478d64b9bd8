"""Reader of Amazon settlement files, flat file V2 and V1 (Seller Central "Settlement reports attributes").

A file is read whole or refused: the amounts after the summary line add to its total exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import cast

from sync.amazon.settlements import v1 as settlement_v1
from sync.amazon.settlements import v2 as settlement_v2
from sync.amazon.settlements.dates import short_date, style_of
from sync.amazon.settlements.head import (
    Head,
    channel_of,
    fulfilment_of,
    note_outside,
    period_days,
    refuse_cells,
    take_head,
)
from sync.amazon.settlements.large import read_large
from sync.amazon.settlements.text import Rows, Table, read_rows, read_table
from sync.errors import BadInput
from sync.footing import first_suspect
from sync.records import Settlement
from sync.settlements import DOWNLOAD_AGAIN, Note, ParsedSettlement, SettlementLines, check_footing

__all__ = ["ParsedSettlement", "read_columns", "read_settlement"]

Columns = dict[str, Sequence[object]]

#: Bytes from which reading by column pays for loading polars.
LARGE = 4_000_000
#: Tax that a marketplace facilitator collects and takes back: one order line's two amounts add to zero.
_CANCELLING = {
    "tax": "marketplacefacilitatortax-principal",
    "shippingtax": "marketplacefacilitatortax-shipping",
    "giftwraptax": "marketplacefacilitatortax-other",
}


def read_settlement(
    data: bytes, *, channel: str | None, document_name: str, declared_charset: str | None = None
) -> ParsedSettlement:
    """Return one settlement with all its lines: amounts signed as the seller sees them (+ is money in).

    `channel` None takes it from marketplace-name (Amazon.com → amazon.US), else from the currency. `declared_charset`
    is the charset of the answer's header. Equal lines are all kept: they are real money.

    Raises:
        BadInput: the file is empty, cut, joined, of another kind, in no known encoding or style of date, holds an
            amount that is none, or does not add to its total. Names the place, the value and the remedy.
    """
    rows = read_rows(data, file=document_name, declared=declared_charset)
    head, columns, notes, form = read_columns(rows)
    amounts = columns["amount"]
    channel = channel or channel_of(columns["marketplace"], head.currency, notes, file=document_name)
    notes = [*notes, *style_notes(head)]
    columns["ordinal"] = range(1, len(amounts) + 1)
    settlement = Settlement(
        channel=channel,
        settlement_id=head.settlement_id,
        format=form,
        document_hash=sha256(data).hexdigest(),
        document_name=document_name,
        currency=head.currency,
        period_start=head.start,
        period_end=head.end,
        deposit_at=head.deposit,
        total=head.total,
        line_count=len(amounts),
        encoding=rows.encoding,
    )
    lines = SettlementLines(channel=channel, settlement_id=head.settlement_id, currency=head.currency, columns=columns)
    check_footing(
        head.total,
        cast("Sequence[Decimal]", amounts),
        file=document_name,
        currency=head.currency,
        lines=len(amounts),
        suspect=lambda error: first_suspect(lines, error, cancelling=_CANCELLING),
    )
    return ParsedSettlement(settlement, lines, notes)


def style_notes(head: Head) -> list[str]:
    """Return how the file writes dates and decimals, as they were read."""
    decimals = {".": "point", ",": "comma"}.get(head.amounts.mark or "", "none seen")
    return [f"dates {head.dates.style}", f"decimal mark {decimals}"]


def read_columns(rows: Rows) -> tuple[Head, Columns, list[str], str]:
    """Return head, columns but `ordinal`, notes and format of a file's rows; nothing is footed yet.

    Raises:
        BadInput: as `read_settlement`, but for the sum.
    """
    is_v2 = _is_v2(rows)
    fast = read_large(rows) if is_v2 and len(rows.data) >= LARGE else None
    head, columns, notes = fast or (_read_v2(rows) if is_v2 else _read_v1(rows))
    return head, columns, notes, "amazon-v2" if is_v2 else "amazon-v1"


def _is_v2(rows: Rows) -> bool:
    """Tell V2 from V1 by the header, requiring all columns that the reader needs."""
    is_v2 = "amount-type" in rows.header or "amount" in rows.header
    required = settlement_v2.REQUIRED if is_v2 else settlement_v1.REQUIRED
    missing = [name for name in required if name not in rows.header]
    if is_v2 and "posted-date-time" not in rows.header and "posted-date" not in rows.header:
        missing.append("posted-date-time")
    if missing:
        raise BadInput(
            f"columns are missing: {', '.join(missing)}",
            remedy="Give the flat file settlement report with all its columns. " + DOWNLOAD_AGAIN,
            file=rows.file,
            line=rows.header_line,
            column=missing[0],
        )
    return is_v2


def _read_v2(rows: Rows) -> tuple[Head, Columns, list[str]]:
    last = "posted-date-time" if "posted-date-time" in rows.header else "posted-date"
    table = read_table(
        rows, wanted=settlement_v2.COLUMNS, last_needed=last, repair=settlement_v2.repair_for(rows.header)
    )
    head, rest = take_head(table)
    table = settlement_v2.amount_rows(rest, rows.notes)
    texts = table.column("amount")
    if bad := head.amounts.learn(texts, column="amount"):
        refuse_cells(table, "amount", bad, head.amounts)
    columns = _shared_columns(table, head, rows.notes)
    columns["transaction_type"] = table.column("transaction-type")
    columns["amount_type"] = table.column("amount-type")
    columns["amount_description"] = table.column("amount-description")
    columns["amount"] = head.amounts.of(texts)
    return head, columns, rows.notes


def _read_v1(rows: Rows) -> tuple[Head, Columns, list[str]]:
    table = read_table(rows, wanted=settlement_v1.COLUMNS, last_needed="posted-date")
    head, table = take_head(table)
    found = settlement_v1.amounts_of(table, rows.notes)
    for column in dict.fromkeys(f.column for f in found):
        if bad := head.amounts.learn([t for t in table.column(column) if t], column=column):
            refuse_cells(table, column, bad, head.amounts)
    columns: Columns = {
        name: [values[f.row] for f in found] for name, values in _shared_columns(table, head, rows.notes).items()
    }
    columns["transaction_type"] = [f.transaction_type for f in found]
    columns["amount_type"] = [f.amount_type for f in found]
    columns["amount_description"] = [f.amount_description for f in found]
    columns["amount"] = head.amounts.of(table.column(f.column)[f.row] for f in found)
    return head, columns, rows.notes


def _shared_columns(table: Table, head: Head, notes: list[str]) -> Columns:
    """Return the columns that V1 and V2 read alike, one value a row."""
    posted_at, posted_date = _posted(table, head, notes)

    def optional(name: str) -> list[str | None]:
        return [text or None for text in table.column(name)]

    fulfilled = {text: fulfilment_of(text) for text in set(table.column("fulfillment-id"))}
    return {
        "file_line": table.file_line,
        "byte_offset": table.byte_offset,
        "order_id": optional("order-id"),
        "merchant_order_id": optional("merchant-order-id"),
        "adjustment_id": optional("adjustment-id"),
        "shipment_id": optional("shipment-id"),
        "marketplace": optional("marketplace-name"),
        "fulfilled_by": [fulfilled[text] for text in table.column("fulfillment-id")],
        "posted_at": posted_at,
        "posted_date": posted_date,
        "order_line_id": optional("order-item-code"),
        "sku": optional("sku"),
        "quantity": _quantities(table),
        "promotion_id": optional("promotion-id"),
    }


def _quantities(table: Table) -> list[int | None]:
    texts = table.column("quantity-purchased")
    read: dict[str, int | None] = {"": None}
    for text in set(texts) - {""}:
        try:
            read[text] = int(text)
        except ValueError:
            raise table.refusal(texts.index(text), "quantity-purchased", "the quantity is no whole number") from None
    return [read[text] for text in texts]


def _posted(table: Table, head: Head, notes: list[str]) -> tuple[list[datetime | None], list[date]]:
    """Return the moment and the calendar date of each row; posted-date counts only where there is no time.

    A row with neither takes the settlement's last day, and a note says how many do.
    """
    times, days = table.column("posted-date-time"), table.column("posted-date")
    if not any(times):
        times = [day if style_of(day) == head.dates.style else "" for day in days]
    for text in head.dates.learn({text for text in times if text}):
        row = times.index(text)
        raise table.refusal(row, "posted-date-time", f"not a date in this file's style ({head.dates.style})")
    read: dict[str, tuple[datetime | None, date]] = {
        text: (head.dates.at(text), head.dates.day(text)) for text in set(times) if text
    }
    pairs = [read[text] if text else None for text in times]
    undated = 0
    for row in [i for i, pair in enumerate(pairs) if pair is None]:
        undated += not days[row]
        pairs[row] = (None, _day_alone(table, row, days[row], head))
    if undated:
        said = f"{undated} rows without a date: taken at the settlement's last day, {head.end.date()}"
        first_row = next(i for i, text in enumerate(times) if not text and not days[i])
        notes.append(Note(said, table.file_line[first_row]))
    first, last = period_days(head)
    outside = {day for day in {pair[1] for pair in pairs if pair} if not first <= day <= last}
    strays = [i for i, pair in enumerate(pairs) if pair and pair[1] in outside] if outside else []
    note_outside(len(strays), head, notes, table.file_line[strays[0]] if strays else None)
    return [pair[0] for pair in pairs if pair], [pair[1] for pair in pairs if pair]


def _day_alone(table: Table, row: int, text: str, head: Head) -> date:
    """Return the date of a row without a time, from posted-date alone."""
    if not text:
        return head.end.date()
    if not head.dates.learn([text]):
        return head.dates.day(text)
    day = short_date(text, head.start.date(), head.end.date())
    if day is None:
        raise table.refusal(
            row, "posted-date", "the date can be read in two ways or in none within the settlement's period"
        )
    return day
