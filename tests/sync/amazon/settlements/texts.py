"""A small V2 settlement as text: one sale, one fee, and the helpers that write and read it."""

from __future__ import annotations

import pytest

from sync.amazon.settlements.file import read_settlement
from sync.errors import BadInput
from sync.settlements import ParsedSettlement

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()
SUMMARY = {
    "settlement-id": "700",
    "settlement-start-date": "2026-10-20 00:00:00 UTC",
    "settlement-end-date": "2026-11-03 00:00:00 UTC",
    "deposit-date": "2026-11-05 00:00:00 UTC",
    "total-amount": "21.25",
    "currency": "USD",
}
SALE = {
    "settlement-id": "700",
    "transaction-type": "Order",
    "order-id": "111-1",
    "marketplace-name": "Amazon.com",
    "amount-type": "ItemPrice",
    "amount-description": "Principal",
    "amount": "25.00",
    "fulfillment-id": "AFN",
    "posted-date": "2026-10-31",
    "posted-date-time": "2026-10-31 23:30:00 UTC",
    "order-item-code": "9001",
    "sku": "MUG-1",
    "quantity-purchased": "2",
}
FEE = SALE | {
    "amount-type": "ItemFees",
    "amount-description": "Commission",
    "amount": "-3.75",
    "quantity-purchased": "",
}


def row(cells: dict[str, str], columns: list[str] = COLUMNS) -> str:
    return "\t".join(cells.get(name, "") for name in columns)


def text(*rows: dict[str, str], columns: list[str] = COLUMNS) -> str:
    return "\n".join(["\t".join(columns), *(row(cells, columns) for cells in rows)]) + "\n"


def read(content: str | bytes, charset: str | None = None, channel: str | None = None) -> ParsedSettlement:
    data = content.encode() if isinstance(content, str) else content
    return read_settlement(data, channel=channel, document_name="s.txt", declared_charset=charset)


def refusal(content: str | bytes, charset: str | None = None) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read(content, charset)
    assert caught.value.file == "s.txt"
    assert caught.value.remedy
    return caught.value


GOOD = text(SUMMARY, SALE, FEE)
