"""The legacy report that comes without `reportVersion`: one row a sale or refund, other columns (contract §3.8)."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement, World

__all__ = ["recon_v0_csv"]

COLUMNS = tuple(
    """Walmart.com Order #|Walmart.com Order Line #|Walmart.com PO #|Walmart.com P.O. Line #|Partner Order #
    |Transaction Type|Transaction Date Time|Shipped Qty|Partner Item ID|Partner GTIN|Partner Item name
    |Product tax code|Shipping tax code|Gift wrap tax code|Ship to state|Ship to county|County code|Ship to city
    |Zip code|shipping_method|Total tender to / from customer|Payable to Partner from Sale|Commission from Sale
    |Commission Rate|Gross Sales Revenue|Refunded Retail Sales|Sales refund for Escalation|Gross Shipping Revenue
    |Gross Shipping Refunded|Shipping refund for Escalation|Net Shipping Revenue""".replace("\n    ", "").split("|")
)
_TYPES = {"Sale": "SALE", "Refund": "REFUNDED"}


def recon_v0_csv(settlement: Settlement, world: World) -> bytes:
    """Return the legacy CSV of a period; amounts without an order are adjustments (ADJMNT)."""
    entries: dict[tuple[str, str], list[LedgerLine]] = defaultdict(list)
    for line in settlement.lines:
        entries[(line.entry_key or "", line.transaction_type)].append(line)
    titles = {x.sku: x.title for x in world.listings}
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for lines in entries.values():
        writer.writerow(_row(lines, titles))
    return out.getvalue().encode()


def _row(lines: list[LedgerLine], titles: dict[str, str]) -> dict[str, str]:
    first = lines[0]

    def of(*kinds: str) -> str:
        amount = sum((x.amount for x in lines if not kinds or x.amount_type in kinds), Decimal(0))
        return f"{amount:.2f}"

    sale = first.transaction_type == "Sale"
    return {
        "Walmart.com Order #": first.alternate_id or "",
        "Walmart.com Order Line #": first.line_id or "",
        "Walmart.com PO #": first.order_id or "",
        "Walmart.com P.O. Line #": first.line_id or "",
        "Transaction Type": _TYPES.get(first.transaction_type, "ADJMNT"),
        "Transaction Date Time": f"{first.posted_at:%m/%d/%Y %H:%M:%S}",
        "Shipped Qty": str(first.quantity or ""),
        "Partner Item ID": first.sku or "",
        "Partner Item name": titles.get(first.sku or "", ""),
        "Payable to Partner from Sale": of(),
        "Commission from Sale": of("Commission on Product", "Commission on Shipping"),
        "Commission Rate": f"{first.rate / 100:f}" if first.rate is not None else "",
        "Gross Sales Revenue": of("Product Price") if sale else "0.00",
        "Refunded Retail Sales": "0.00" if sale else of("Product Price"),
        "Gross Shipping Revenue": of("Shipping") if sale else "0.00",
        "Gross Shipping Refunded": "0.00" if sale else of("Shipping"),
        "Net Shipping Revenue": of("Shipping"),
    }
