"""Settled order lines with their fees."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from factories import World, settled

from sync.streams import Document

__all__ = ["sell", "sold"]

_AMAZON = {
    "price": "Order|ItemPrice|Principal",
    "tax": "Order|ItemPrice|Tax",
    "withheld": "Order|ItemWithheldTax|MarketplaceFacilitatorTax-Principal",
    "promotion": "Order|Promotion|Principal",
    "shipping": "Order|ItemPrice|Shipping",
    "referral": "Order|ItemFees|Commission",
    "fulfilment": "Order|ItemFees|FBAPerUnitFulfillmentFee",
}
_WALMART = {
    "price": "Sale|Product Price|Purchase",
    "referral": "Sale|Commission on Product|Purchase",
    "fulfilment": "Adjustment|WFS Fee/Reimbursement|WFS Fulfillment fee",
    "dispute": "Dispute Settlement|Fee/Reimbursement|Dispute won",
}


def sell(world: World, *amounts: str, **changes: Any) -> World:
    """Put a settlement with one order line out of amounts such as `price 20.00` and `referral -3.00`."""
    return world.put_all(sold(*amounts, **changes))


def sold(
    *amounts: str,
    channel: str = "amazon.US",
    units: int = 1,
    sku: str = "MUG",
    order_id: str = "O-1",
    number: str = "1",
    day: date = date(2026, 10, 21),
    **changes: Any,
) -> Document:
    """Return a settlement with one order line, to be put with others at once."""
    words = _WALMART if channel.startswith("walmart.") else _AMAZON
    rows = [f"{day} {words[kind]} {amount}" for kind, amount in (text.split() for text in amounts)]
    head, lines = settled(number, rows, channel=channel, currency=changes.pop("currency", "USD"))
    named = [
        replace(
            line,
            order_id=order_id,
            sku=sku,
            order_line_id="1",
            quantity=(units or None) if text.split()[0] in ("price", "fulfilment") else None,
        )
        for line, text in zip(lines, amounts, strict=True)
    ]
    return Document(replace(head, total=sum((x.amount for x in named), Decimal(0)), **changes), named)
