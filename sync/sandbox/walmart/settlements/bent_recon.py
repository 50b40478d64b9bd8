"""Recon rows as the faults bend them: every row keeps its amount, so that the file still foots."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.walmart.account import Call
from sync.sandbox.walmart.settlements.file import COLUMNS

__all__ = ["NEW_COLUMN", "bend_rows"]

NEW_COLUMN = "Marketplace Growth Credit"
#: How many percentage points an incentive takes off the listed commission.
_INCENTIVE = Decimal(3)

Row = dict[str, str]


def bend_rows(rows: list[Row], call: Call) -> tuple[list[Row], tuple[str, ...]]:
    """Return rows and columns of the report as the fault of this call (W28, W29, W31, W37) changes them."""
    if call.struck_by("W28"):
        return [_through_a_spreadsheet(row) for row in rows], COLUMNS
    if call.struck_by("W29"):
        unknown = {"Transaction Type": "", "Amount Type": "Marketplace Growth Fee"}
        return [*rows[:-1], rows[-1] | unknown], (*COLUMNS, NEW_COLUMN)
    if call.struck_by("W31"):
        return _with_incentives(rows), COLUMNS
    if call.struck_by("W37"):
        # A stable sort: everything but the withheld tax keeps its order.
        return sorted(rows, key=lambda row: "withheld" in row.get("Amount Type", "")), COLUMNS
    return rows, COLUMNS


def _through_a_spreadsheet(row: Row) -> Row:
    number = row.get("Purchase Order #")
    return row | {"Purchase Order #": f"{int(number):.5E}"} if number else row


def _with_incentives(rows: list[Row]) -> list[Row]:
    """Return the rows with a higher listed rate on each sale's commission, and what the incentive saved of it."""
    prices = {
        row["Transaction Key"]: Decimal(row["Amount"])
        for row in rows
        if row.get("Amount Type") == "Product Price" and row.get("Transaction Type") == "Sale"
    }
    return [_with_incentive(row, prices) for row in rows]


def _with_incentive(row: Row, prices: dict[str, Decimal]) -> Row:
    price = prices.get(row.get("Transaction Key", ""))
    sale = row.get("Transaction Type") == "Sale" and row.get("Amount Type") == "Commission on Product"
    if price is None or not sale or "Commission Rate" not in row:
        return row
    listed = Decimal(row["Commission Rate"]) + _INCENTIVE
    original = round_to_minor(price * listed / 100, "USD")
    return row | {
        "Commission Rate": f"{listed:f}",
        "Base Commission Rate": f"{listed:f}",
        "Original Commission": f"{-original:f}",
        "Commission Saving": f"{original + Decimal(row['Amount']):f}",
        "Commission Incentive Program": "New Seller Savings",
    }
