"""The reconciliation report v1 as Walmart writes it in 2026: a ZIP with one CSV (contract §3.2)."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.walmart.orders.book import CHANNEL, METHOD_OF_SERVICE
from sync.sandbox.world.model import LedgerLine, SalesOrder, Settlement, World

__all__ = ["COLUMNS", "recon_csv", "recon_rows", "zipped"]

COLUMNS = tuple(
    """Period Start Date|Period End Date|Total Payable|Currency|Transaction Key|Transaction Posted Timestamp
    |Transaction Type|Transaction Description|Customer Order #|Customer Order line #|Purchase Order #
    |Purchase Order line #|Amount|Amount Type|Ship Qty|Commission Rate|Base Commission Rate
    |Transaction Reason Description|Partner Item Id|Partner GTIN|Partner Item Name|Product Tax Code|Ship to State
    |Ship to City|Ship to Zipcode|Contract Category|Product Type|Commission Rule|Shipping Method|Fulfillment Type
    |Fulfillment Details|Original Commission|Commission Incentive Program|Commission Saving|Customer Promo Type
    |Total Walmart Funded Savings Program|Campaign Id|Item Condition""".replace("\n    ", "").split("|")
)
_TYPE_OF = {"seller": "Seller Fulfilled", "channel": "Walmart-fulfilled(WFS)"}


def recon_rows(settlement: Settlement, world: World) -> Iterator[dict[str, str]]:
    """Yield the PaymentSummary row and then one row an amount; columns that a row leaves blank are absent."""
    yield {
        "Period Start Date": _day(settlement.start),
        "Period End Date": _day(settlement.end - timedelta(seconds=1)),
        "Total Payable": _cents(settlement.total),
        "Currency": settlement.currency,
        "Transaction Posted Timestamp": _day(settlement.deposit_at),
        "Transaction Type": "PaymentSummary",
        "Transaction Description": "Deposited in PAYONEER account",
    }
    listings = {x.sku: x for x in world.listings if x.channel == CHANNEL}
    for line in settlement.lines:
        row = _amount_row(line)
        order = world.order(CHANNEL, line.order_id) if line.order_id else None
        if order is not None:
            row |= _order_columns(order)
        if line.sku in listings:
            listing = listings[line.sku]
            row |= {
                "Partner GTIN": listing.gtin or "",
                "Partner Item Name": listing.title,
                "Product Tax Code": "2038710",
                "Contract Category": listing.product.category,
                "Product Type": listing.product.category,
                "Item Condition": "New",
            }
        yield {name: text for name, text in row.items() if text}


def _amount_row(line: LedgerLine) -> dict[str, str]:
    row = {
        # The vendor writes two quote marks, not nothing, in the period column of its detail rows.
        "Period Start Date": '""',
        "Transaction Key": line.entry_key or "",
        "Transaction Posted Timestamp": _day(line.posted_at),
        "Transaction Type": line.transaction_type,
        "Transaction Description": line.description,
        "Customer Order #": line.alternate_id or "",
        "Customer Order line #": line.line_id or "",
        "Purchase Order #": line.order_id or "",
        "Purchase Order line #": line.line_id or "",
        "Amount": _cents(line.amount),
        "Amount Type": line.amount_type,
        "Ship Qty": str(line.quantity) if line.quantity is not None else "",
        "Transaction Reason Description": line.reason or "",
        "Partner Item Id": line.sku or "",
        "Fulfillment Type": _TYPE_OF.get(line.fulfilled_by or "", ""),
    }
    if line.rate is not None:
        rate = f"{line.rate.normalize():f}"
        row |= {"Commission Rate": rate, "Base Commission Rate": rate}
        row["Commission Rule"] = f"BSE-47-{rate}.0" if "." not in rate else f"BSE-47-{rate}"
    return row


def _order_columns(order: SalesOrder) -> dict[str, str]:
    method = METHOD_OF_SERVICE.get(order.service, "Standard").lower()
    return {
        "Ship to State": order.buyer.address.region,
        "Ship to City": order.buyer.address.city,
        "Ship to Zipcode": order.buyer.address.postal_code,
        "Shipping Method": f"Marketplace {method}",
        "Fulfillment Details": "Delivery",
    }


def recon_csv(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """Return the CSV: header, `Number of Lines in file N`, the rows. N counts the rows with the summary (assumed)."""
    return b"".join([_csv_line(columns), number_of_lines(rows), *csv_lines(rows, columns)])


def number_of_lines(rows: list[dict[str, str]]) -> bytes:
    """Return the second line of the file."""
    return f"Number of Lines in file {len(rows)}\r\n".encode()


def csv_lines(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> list[bytes]:
    """Return each row as its bytes in the file."""
    return [_csv_line([row.get(name, "") for name in columns]) for row in rows]


def _csv_line(cells: tuple[str, ...] | list[str]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()


def zipped(data: bytes, name: str, at: datetime) -> bytes:
    """Return a ZIP with one file; equal input gives equal bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name, date_time=(at.year, at.month, at.day, at.hour, at.minute, at.second))
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, data)
    return out.getvalue()


def _day(moment: datetime) -> str:
    return f"{moment:%m/%d/%Y}"


def _cents(amount: Decimal) -> str:
    return f"{round_to_minor(amount, 'USD'):f}"
