"""What a report says of single charges beside their amounts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync.errors import BadInput
from sync.walmart.settlements.terms import read_terms

_HEAD = (
    "Period Start Date,Period End Date,Total Payable,Currency,Transaction Posted Timestamp,Transaction Type,"
    "Transaction Description,Amount,Amount Type,Purchase Order #,Partner Item Id,Commission Rate,Original Commission,"
    "Commission Saving,Contract Category"
)
_SUMMARY = "10/06/2026,10/19/2026,-3.00,USD,,PaymentSummary,Deposited in  account,,,,,,,,"


def report(*rows: str, head: str = _HEAD) -> bytes:
    return "\r\n".join([head, "Number of Lines in file 1", _SUMMARY, *rows, ""]).encode()


def row(rate: str = "15", original: str = "", saving: str = "") -> str:
    return f",,,,10/10/2026,Sale,Purchase,-1.00,Commission on Product,PO1,MUG,{rate},{original},{saving},Home"


def test_a_rate_that_is_no_number_is_refused_with_its_line_and_column() -> None:
    for spoiled in ("fifteen", "NaN", "Infinity"):
        with pytest.raises(BadInput) as refused:
            read_terms(report(row(spoiled)), file="recon", lines={4})
        assert (refused.value.line, refused.value.column) == (4, "commission rate")


def test_bytes_that_are_no_report_are_refused() -> None:
    with pytest.raises(BadInput):
        read_terms(b"PK\x03\x04 cut", file="recon", lines={4})


def test_only_the_lines_asked_for_are_read_and_rates_are_fractions() -> None:
    found = read_terms(report(row("15"), row("12.5%", "-2.00", "0.50"), row("spoiled")), file="recon", lines={4, 5})
    assert {line: (t.rate, t.original, t.saving, t.category) for line, t in found.items()} == {
        4: (Decimal("0.15"), None, None, "Home"),
        5: (Decimal("0.125"), Decimal("2.00"), Decimal("0.50"), "Home"),
    }


def test_columns_that_a_report_lacks_are_blank() -> None:
    head = _HEAD.replace("Commission Rate", "Rate of old")
    terms = read_terms(report(row(), head=head), file="recon", lines={4})[4]
    assert (terms.rate, terms.program, terms.gtin) == (None, "", "")
