"""Reader of Walmart's reconciliation report v1, a CSV or a ZIP with one CSV.

Contract: Walmart "Reconciliation report" (reportVersion=v1): header, `Number of Lines in file N`, one PaymentSummary
row, detail rows; columns are known by name, never by place. The sum of all Amounts is Total Payable (Walmart payments
report guide, 2025-09-24).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import cast

from sync.errors import BadInput
from sync.records import Settlement
from sync.settlements import DOWNLOAD_AGAIN, Amounts, Note, ParsedSettlement, SettlementLines, check_footing
from sync.walmart.settlements.suspects import suspect_row
from sync.walmart.settlements.text import ReconRows, Row, read_recon_rows

__all__ = ["CHANNELS", "ParsedSettlement", "read_recon"]

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})|(\d{4})-(\d\d)-(\d\d)")
#: Currency → the channel whose reports are in it.
CHANNELS = {"USD": "walmart.US", "CAD": "walmart.CA", "MXN": "walmart.MX", "CLP": "walmart.CL"}
_SCIENTIFIC = re.compile(r"[0-9.]+[eE]\+?[0-9]+")
_FULFILMENT = {"seller fulfilled": "seller", "walmart-fulfilled(wfs)": "channel", "wfs": "channel"}
#: Field of SettlementLine → column of the report, texts taken as they stand.
_TEXTS = {
    "transaction_type": "transaction type",
    "amount_type": "amount type",
    "amount_description": "transaction description",
}
_OPTIONAL_TEXTS = {
    "order_id": "purchase order #",
    "merchant_order_id": "customer order #",
    "order_line_id": "purchase order line #",
    "sku": "partner item id",
}


def read_recon(data: bytes, *, channel: str | None, document_name: str) -> ParsedSettlement:
    """Return one report with all its lines: amounts signed as the seller sees them (+ is money in).

    `order_id` is the purchase order number, `merchant_order_id` the customer's. The report has no id of its own:
    settlement_id is the period's last day, YYYYMMDD. `channel` None takes it from the currency (USD → walmart.US).
    Byte offsets are those of the CSV, inside the ZIP where there is one.

    Raises:
        BadInput: no v1 report, cut, without exactly one PaymentSummary, or its amounts do not add to Total Payable.
    """
    rows = read_recon_rows(data, file=document_name)
    notes = rows.notes
    summary = _summary(rows)
    channel, currency, amounts, total = _payable(rows, summary, channel, document_name)
    start, end = _period(rows, summary)
    details = _details(rows, summary, amounts)
    columns = _columns(rows, details, amounts, end)
    days = zip(details, cast("list[date]", columns["posted_date"]), strict=True)
    outside = [row.line for row, day in days if not start.date() <= day <= end.date()]
    if outside:
        notes.append(Note(f"{len(outside)} rows dated outside the period {start.date()} to {end.date()}", outside[0]))
    settlement = Settlement(
        channel=channel,
        settlement_id=f"{end:%Y%m%d}",
        format="walmart-v1",
        document_hash=sha256(data).hexdigest(),
        document_name=document_name,
        currency=currency,
        period_start=start,
        period_end=end,
        deposit_at=None,
        total=total,
        line_count=len(details),
        encoding=rows.encoding,
    )
    lines = SettlementLines(channel=channel, settlement_id=settlement.settlement_id, currency=currency, columns=columns)
    check_footing(
        total,
        amounts.of(rows.text(row, "amount") for row in details),
        file=document_name,
        currency=currency,
        lines=len(details),
        suspect=lambda error: suspect_row(rows, details, lines, error),
    )
    return ParsedSettlement(settlement, lines, notes)


def _payable(
    rows: ReconRows, summary: Row, channel: str | None, document_name: str
) -> tuple[str, str, Amounts, Decimal]:
    """Return channel, currency, how its amounts are read, and Total Payable."""
    currency = rows.text(summary, "currency")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise rows.refusal(summary, "currency", "the PaymentSummary row has no currency (ISO 4217, such as USD)")
    channel = channel or CHANNELS.get(currency)
    if channel is None:
        raise rows.refusal(summary, "currency", "no channel is known for this currency", "Name it, such as walmart.US")
    amounts = Amounts(document_name, currency, mark=".")
    if amounts.learn([rows.text(summary, "total payable")], column="total payable"):
        raise rows.refusal(summary, "total payable", *amounts.problem(rows.text(summary, "total payable")))
    return channel, currency, amounts, amounts.of([rows.text(summary, "total payable")])[0]


def _summary(rows: ReconRows) -> Row:
    """Return the one PaymentSummary row."""
    found = [r for r in rows.rows if rows.text(r, "transaction type").replace(" ", "").lower() == "paymentsummary"]
    if not found:
        raise BadInput(
            "no PaymentSummary row: the report does not say what it pays", remedy=DOWNLOAD_AGAIN, file=rows.file
        )
    if len(found) > 1:
        raise rows.refusal(
            found[1],
            "transaction type",
            f"a second PaymentSummary row (the first is line {found[0].line})",
            "Read one report at a time: split files that were joined",
        )
    if rows.text(found[0], "amount"):
        raise rows.refusal(found[0], "amount", "the PaymentSummary row has an amount of its own")
    return found[0]


def _period(rows: ReconRows, summary: Row) -> tuple[datetime, datetime]:
    start, end = (_day(rows, summary, name) for name in ("period start date", "period end date"))
    if start > end:
        raise rows.refusal(summary, "period end date", "the period ends before it starts")
    return start, end


def _details(rows: ReconRows, summary: Row, amounts: Amounts) -> list[Row]:
    """Return the rows that have an amount, after reading the amounts; note those that have none."""
    others = [row for row in rows.rows if row is not summary]
    for row in others:
        if rows.text(row, "total payable"):
            raise rows.refusal(row, "total payable", "a second row states a Total Payable")
    details = [row for row in others if rows.text(row, "amount")]
    if len(details) < len(others):
        first = next(row.line for row in others if not rows.text(row, "amount"))
        rows.notes.append(Note(f"{len(others) - len(details)} rows without an amount", first))
    if bad := set(amounts.learn({rows.text(row, "amount") for row in details}, column="amount")):
        row = next(row for row in details if rows.text(row, "amount") in bad)
        raise rows.refusal(row, "amount", *amounts.problem(rows.text(row, "amount")))
    if rows.stated is not None and rows.stated not in (len(others), len(others) + 1):
        rows.notes.append(f"the file states {rows.stated} lines, {len(others)} were read; the amounts add up")
    spoiled = [row.line for row in details if _SCIENTIFIC.fullmatch(rows.text(row, "purchase order #"))]
    if spoiled:
        said = f"{len(spoiled)} purchase order numbers were spoiled by a spreadsheet (1.19111E+14)"
        rows.notes.append(Note(said, spoiled[0]))
    return details


def _columns(rows: ReconRows, details: list[Row], amounts: Amounts, end: datetime) -> dict[str, Sequence[object]]:
    columns: dict[str, Sequence[object]] = {
        name: [rows.text(row, column) for row in details] for name, column in _TEXTS.items()
    }
    for name, column in _OPTIONAL_TEXTS.items():
        columns[name] = [rows.text(row, column) or None for row in details]
    posted = [_posted(rows, row, end) for row in details]
    undated = [row.line for row in details if not rows.text(row, "transaction posted timestamp")]
    if undated:
        said = f"{len(undated)} rows without a date: taken at the period's last day, {end.date()}"
        rows.notes.append(Note(said, undated[0]))
    fulfilled = [rows.text(row, "fulfillment type").lower() for row in details]
    blank = [None] * len(details)
    return columns | {
        "ordinal": range(1, len(details) + 1),
        "file_line": [row.line for row in details],
        "byte_offset": [row.offset for row in details],
        "amount": amounts.of(rows.text(row, "amount") for row in details),
        "adjustment_id": blank,
        "shipment_id": blank,
        "marketplace": blank,
        "fulfilled_by": [_FULFILMENT.get(text, text) or None for text in fulfilled],
        "posted_at": blank,
        "posted_date": posted,
        "quantity": [_quantity(rows, row) for row in details],
        "promotion_id": [rows.text(row, "campaign id") or None for row in details],
    }


def _day(rows: ReconRows, row: Row, column: str) -> datetime:
    """Return a date of the report, M/D/YYYY, as midnight UTC: the report knows no time of day."""
    match = _DATE.match(rows.text(row, column))
    if match:
        month, day, year, iso_year, iso_month, iso_day = match.groups()
        try:
            found = date(int(year or iso_year), int(month or iso_month), int(day or iso_day))
            return datetime.fromisoformat(f"{found.isoformat()}T00:00:00+00:00")
        except ValueError:
            match = None
    raise rows.refusal(row, column, "not a date (M/D/YYYY)")


def _posted(rows: ReconRows, row: Row, end: datetime) -> date:
    column = "transaction posted timestamp"
    return (_day(rows, row, column) if rows.text(row, column) else end).date()


def _quantity(rows: ReconRows, row: Row) -> int | None:
    text = rows.text(row, "ship qty")
    if not text:
        return None
    whole, _, rest = text.partition(".")
    if rest.strip("0"):
        raise rows.refusal(row, "ship qty", "the quantity is no whole number")
    try:
        return int(whole)
    except ValueError:
        raise rows.refusal(row, "ship qty", "the quantity is no whole number") from None
