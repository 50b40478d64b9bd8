"""What a reconciliation report says of single charges beside their amounts: rate, category, rule, incentive.

The mirror keeps the amounts of a report; these columns are read from the report itself when a charge is questioned.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sync.walmart.settlements.text import ReconRows, Row, read_recon_rows

__all__ = ["ChargeTerms", "read_terms"]


@dataclass(frozen=True, slots=True)
class ChargeTerms:
    """One row of the report; `rate` is a fraction (0.15), None where the column is blank; texts may be blank.

    `original` is the fee before an incentive of the marketplace, `saving` what the incentive took off, both positive.
    """

    file_line: int
    entry_key: str
    customer_order: str
    purchase_order: str
    purchase_order_line: str
    item_name: str
    gtin: str
    rate: Decimal | None
    original: Decimal | None
    saving: Decimal | None
    program: str
    category: str
    product_type: str
    rule: str


def read_terms(data: bytes, *, file: str, lines: Collection[int]) -> dict[int, ChargeTerms]:
    """Return the terms of the named lines of a report (ZIP or CSV), by line number.

    Raises:
        BadInput: it is no v1 report.
    """
    wanted = set(lines)
    rows = read_recon_rows(data, file=file)
    return {row.line: _terms(rows, row) for row in rows.rows if row.line in wanted}


def _terms(rows: ReconRows, row: Row) -> ChargeTerms:
    rate = _number(rows, row, "commission rate")
    original, saving = (_number(rows, row, name) for name in ("original commission", "commission saving"))
    return ChargeTerms(
        row.line,
        rows.text(row, "transaction key"),
        rows.text(row, "customer order #"),
        rows.text(row, "purchase order #"),
        rows.text(row, "purchase order line #"),
        rows.text(row, "partner item name"),
        rows.text(row, "partner gtin"),
        None if rate is None else rate / 100,
        None if original is None else abs(original),
        None if saving is None else abs(saving),
        rows.text(row, "commission incentive program"),
        rows.text(row, "contract category"),
        rows.text(row, "product type"),
        rows.text(row, "commission rule"),
    )


def _number(rows: ReconRows, row: Row, column: str) -> Decimal | None:
    text = rows.text(row, column).rstrip("%").strip()
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise rows.refusal(row, column, "this is no number") from None
    if not number.is_finite():
        raise rows.refusal(row, column, "this is no number")
    return number
