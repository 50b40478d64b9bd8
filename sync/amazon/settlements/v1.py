"""Amounts of a V1 settlement file (33 columns, 36 with promotions): up to nine amounts a row, in V2's words.

Amazon's migration table: a V1 transaction-type becomes a V2 transaction-type, or the amount-description of an
`other-transaction`. An advertising row holds two amounts, the charge and its tax; both are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.amazon.settlements.text import Table
from sync.settlements import Note

__all__ = ["COLUMNS", "REQUIRED", "Amount", "amounts_of"]

REQUIRED = (
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "total-amount",
    "currency",
    "transaction-type",
    "price-type",
    "price-amount",
    "item-related-fee-type",
    "item-related-fee-amount",
    "other-amount",
    "posted-date",
)
#: (amount column, column that names it, V2's amount-type), in the file's order.
_PLACES = (
    ("shipment-fee-amount", "shipment-fee-type", "ShipmentFees"),
    ("order-fee-amount", "order-fee-type", "OrderFees"),
    ("price-amount", "price-type", "ItemPrice"),
    ("item-related-fee-amount", "item-related-fee-type", "ItemFees"),
    ("misc-fee-amount", None, "MiscFees"),
    ("other-fee-amount", "other-fee-reason-description", "OtherFees"),
    ("promotion-amount", "promotion-type", "Promotion"),
    ("direct-payment-amount", "direct-payment-type", "DirectPayment"),
    ("other-amount", None, "other-transaction"),
)
COLUMNS = (
    *REQUIRED,
    "deposit-date",
    "order-id",
    "merchant-order-id",
    "adjustment-id",
    "shipment-id",
    "marketplace-name",
    "fulfillment-id",
    "order-item-code",
    "sku",
    "quantity-purchased",
    "promotion-id",
    *(name for place in _PLACES for name in place[:2] if name and name not in REQUIRED),
)
#: Transaction types that stay one; any other with an other-amount is an account-level line named by its type.
_OF_ORDERS = {
    "order",
    "refund",
    "chargeback refund",
    "a-to-z guarantee refund",
    "order_retrocharge",
    "refund_retrocharge",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount of a V1 row, in V2's words; `column` is where it stands."""

    row: int
    column: str
    transaction_type: str
    amount_type: str
    amount_description: str


def amounts_of(table: Table, notes: list[str]) -> list[Amount]:
    """Return every amount in file order, a row's own in the order of the columns; a note counts rows without any."""
    kinds = table.column("transaction-type")
    found: list[tuple[int, int]] = []
    for place, (column, _, _) in enumerate(_PLACES):
        found.extend((row, place) for row, text in enumerate(table.column(column)) if text)
    found.sort()
    named = [table.column(name) if name else None for _, name, _ in _PLACES]
    amounts = []
    for row, place in found:
        column, _, amount_type = _PLACES[place]
        names = named[place]
        kind, description = kinds[row], names[row] if names else ""
        if column == "other-amount" and kind.lower() not in _OF_ORDERS:
            kind, description = "other-transaction", kind
        amounts.append(Amount(row, column, kind, amount_type, description))
    rows = len({row for row, _ in found})
    if rows < len(table):
        with_amount = {row for row, _ in found}
        first = next(row for row in range(len(table)) if row not in with_amount)
        notes.append(Note(f"{len(table) - rows} rows without an amount (quantity only)", table.file_line[first]))
    if rows < len(amounts):
        notes.append(f"{len(amounts) - rows} rows held more than one amount; each is kept")
    return amounts
