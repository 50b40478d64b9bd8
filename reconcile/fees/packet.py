"""The packet of a referral-fee dispute: only the disputed lines, with what Walmart's form asks for.

Walmart asks for purchase order and line, item name, existing and proposed contract category, referral fee percentage,
settlement date and the name of the report, in an Excel file without other lines (Marketplace Learn, "Dispute an
incorrect referral fee", 2025); it denies what is filed more than 90 days after the settlement.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from reconcile.fees.questioned import Question, Questions
from sync.errors import BadInput
from sync.money import total_of

__all__ = ["DisputedLine", "disputable", "packet_lines", "write_packet"]


@dataclass(frozen=True, slots=True)
class DisputedLine:
    """One row of the packet; amounts positive, what the seller paid; rates in percent, None where not stated."""

    purchase_order: str
    purchase_order_line: str
    customer_order: str
    sku: str
    gtin: str
    item_name: str
    settlement_date: date
    report: str
    report_line: int
    transaction_key: str
    posted: date
    units: int
    price: Decimal
    existing_category: str
    proposed_category: str
    charged_rate: Decimal | None
    expected_rate: Decimal | None
    charged: Decimal
    expected: Decimal
    difference: Decimal
    rule: str
    evidence: str
    deadline: date


def disputable(questions: Questions, channel: str, at: datetime) -> list[Question]:
    """Return the fees of a channel that may be disputed at `at`: charged too much, category known, not filed yet."""
    return [
        q
        for q in questions.found
        if q.charge.channel == channel
        and q.charge.category is not None
        and q.filed is None
        and q.open_amount > 0
        and q.deadline is not None
        and q.deadline >= at
    ]


def packet_lines(questions: Iterable[Question]) -> list[DisputedLine]:
    """Return the rows of the packet, those that are due first before the others."""
    lines = [_line(q) for q in questions]
    return sorted(lines, key=lambda x: (x.deadline, x.purchase_order, x.purchase_order_line, x.report_line))


def _line(question: Question) -> DisputedLine:
    charge, terms, deadline = question.charge, question.terms, question.deadline
    if deadline is None:
        raise BadInput("this fee has no dispute window", value=charge.subject, remedy="Ask the marketplace directly")
    stated = terms.rate if terms else None
    evidence = f"{charge.source}: {charge.category}, price {charge.base:.2f} gives {charge.expected:.2f}"
    return DisputedLine(
        purchase_order=charge.order_id,
        purchase_order_line=(terms.purchase_order_line if terms else "") or charge.line_id,
        customer_order=terms.customer_order if terms else "",
        sku=charge.sku,
        gtin=terms.gtin if terms else "",
        item_name=terms.item_name if terms else "",
        settlement_date=charge.period_end.date(),
        report=charge.document_name,
        report_line=charge.file_line,
        transaction_key=terms.entry_key if terms else "",
        posted=charge.posted,
        units=charge.units,
        price=charge.base,
        existing_category=terms.category if terms else "",
        proposed_category=charge.category or "",
        charged_rate=None if stated is None else stated * 100,
        expected_rate=None if charge.rate is None else charge.rate * 100,
        charged=charge.charged,
        expected=charge.expected,
        difference=question.open_amount,
        rule=terms.rule if terms else "",
        evidence=evidence,
        deadline=deadline.date(),
    )


#: Heading, field, width in characters.
_COLUMNS: Sequence[tuple[str, str, int]] = (
    ("Purchase Order #", "purchase_order", 18),
    ("Purchase Order line #", "purchase_order_line", 10),
    ("Customer Order #", "customer_order", 18),
    ("SKU", "sku", 18),
    ("GTIN", "gtin", 16),
    ("Item name", "item_name", 40),
    ("Existing contract category", "existing_category", 24),
    ("Proposed contract category", "proposed_category", 24),
    ("Referral fee charged %", "charged_rate", 12),
    ("Referral fee expected %", "expected_rate", 12),
    ("Product price", "price", 12),
    ("Units", "units", 8),
    ("Fee charged", "charged", 12),
    ("Fee expected", "expected", 12),
    ("Difference", "difference", 12),
    ("Order settlement date", "settlement_date", 14),
    ("Payment report", "report", 26),
    ("Report line", "report_line", 10),
    ("Transaction key", "transaction_key", 20),
    ("Posted", "posted", 12),
    ("Commission rule", "rule", 18),
    ("Evidence", "evidence", 60),
    ("File until", "deadline", 12),
)


def write_packet(lines: Sequence[DisputedLine], path: Path) -> None:
    """Write the packet as xlsx: whole or not at all; ids and texts stay texts, whatever they look like.

    Raises:
        BadInput: the file cannot be written.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        _write(lines, draft)
        os.replace(draft, path)
    except (OSError, xlsxwriter.exceptions.FileCreateError) as error:
        draft.unlink(missing_ok=True)
        raise BadInput(
            f"the packet cannot be written: {error}", remedy="Name a file in a folder that exists", file=str(path)
        ) from error


def _write(lines: Sequence[DisputedLine], path: Path) -> None:
    as_text = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), {**as_text, "in_memory": True}) as book:
        sheet = book.add_worksheet("Disputed lines")
        formats = {
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
            "money": book.add_format({"num_format": "0.00"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for place, (heading, _, width) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, heading, formats["head"])
        sheet.freeze_panes(1, 2)
        for row, line in enumerate(lines, start=1):
            for place, (_, field, _) in enumerate(_COLUMNS):
                _cell(sheet, row, place, getattr(line, field), formats)
        at = next(i for i, c in enumerate(_COLUMNS) if c[1] == "difference")
        sheet.write_string(len(lines) + 1, 0, f"{len(lines)} lines", formats["head"])
        sheet.write_number(len(lines) + 1, at, total_of(x.difference for x in lines), formats["money"])


def _cell(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object, formats: Mapping[str, object]
) -> None:
    match value:
        case None:
            sheet.write_blank(row, column, None)
        case Decimal():
            sheet.write_number(row, column, value, formats["money"])
        case int():
            sheet.write_number(row, column, value)
        case date():
            sheet.write_datetime(row, column, value, formats["day"])
        case _:
            sheet.write_string(row, column, str(value))
