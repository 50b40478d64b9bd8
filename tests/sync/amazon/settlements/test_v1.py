"""V1 settlement files: up to nine amounts a row, told in V2's words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sync.amazon.settlements.file import read_settlement
from sync.errors import BadInput
from sync.settlements import ParsedSettlement

ALL = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name shipment-fee-type shipment-fee-amount "
    "order-fee-type order-fee-amount fulfillment-id posted-date order-item-code merchant-order-item-id "
    "merchant-adjustment-item-id sku quantity-purchased price-type price-amount item-related-fee-type "
    "item-related-fee-amount misc-fee-amount other-fee-amount other-fee-reason-description promotion-id "
    "promotion-type promotion-amount direct-payment-type direct-payment-amount other-amount"
).split()
WITHOUT_PROMOTIONS = [name for name in ALL if not name.startswith("promotion-")]
SUMMARY = {
    "settlement-id": "800",
    "settlement-start-date": "2026-07-31T22:07:18+00:00",
    "settlement-end-date": "2026-08-14T22:07:18+00:00",
    "deposit-date": "2026-08-16T22:07:18+00:00",
    "currency": "CAD",
}
ACCOUNT = {"settlement-id": "800", "posted-date": "2026-08-14T06:23:59+00:00"}
ORDER = ACCOUNT | {
    "transaction-type": "Order",
    "order-id": "702-1",
    "marketplace-name": "Amazon.ca",
    "fulfillment-id": "AFN",
    "order-item-code": "135",
    "sku": "MUG-1",
}


def file(total: str, *rows: dict[str, str], columns: list[str] = ALL) -> str:
    cells = [SUMMARY | {"total-amount": total}, *rows]
    lines = ["\t".join(columns), *("\t".join(r.get(name, "") for name in columns) for r in cells)]
    return "\n".join(lines) + "\n"


def read(content: str) -> ParsedSettlement:
    return read_settlement(content.encode(), channel=None, document_name="v1.txt")


def types(parsed: ParsedSettlement) -> list[tuple[str, str, str, Decimal]]:
    return [(t.transaction_type, t.amount_type, t.amount_description, t.amount) for t in parsed.lines]


def test_an_amount_lost_from_an_advertising_row_does_not_foot() -> None:
    row = ACCOUNT | {"item-related-fee-type": "Cost of Advertising", "item-related-fee-amount": "-352.64"}
    with pytest.raises(BadInput, match=r"residual -42\.32 CAD"):
        read(file("-394.96", row | {"transaction-type": "ServiceFee"}))


def test_an_amount_that_is_no_number_names_its_own_column() -> None:
    with pytest.raises(BadInput) as caught:
        read(file("5.00", ORDER | {"price-type": "Principal", "price-amount": "5.00", "other-amount": "x"}))
    assert (caught.value.line, caught.value.column, caught.value.value) == (3, "other-amount", "x")


def test_a_missing_amount_column_is_refused() -> None:
    columns = [name for name in ALL if name != "item-related-fee-amount"]
    with pytest.raises(BadInput) as caught:
        read(file("5.00", columns=columns))
    assert caught.value.column == "item-related-fee-amount"


@pytest.mark.proves("A58")
def test_an_advertising_row_gives_two_lines_with_the_same_file_line() -> None:
    row = ACCOUNT | {
        "transaction-type": "ServiceFee",
        "item-related-fee-type": "Cost of Advertising",
        "item-related-fee-amount": "-352.64",
        "other-fee-amount": "-42.32",
        "other-fee-reason-description": "TaxAmount",
    }
    parsed = read(file("-394.96", row))
    assert types(parsed) == [
        ("ServiceFee", "ItemFees", "Cost of Advertising", Decimal("-352.64")),
        ("ServiceFee", "OtherFees", "TaxAmount", Decimal("-42.32")),
    ]
    assert [(line.ordinal, line.file_line) for line in parsed.lines] == [(1, 3), (2, 3)]
    assert parsed.lines[0].byte_offset == parsed.lines[1].byte_offset
    assert "1 rows held more than one amount; each is kept" in parsed.notes


def test_every_amount_column_is_read_in_file_order_in_the_words_of_v2() -> None:
    amounts = {
        "shipment-fee-type": "FBA transportation fee",
        "shipment-fee-amount": "-1.00",
        "order-fee-type": "Per order",
        "order-fee-amount": "-2.00",
        "price-type": "Principal",
        "price-amount": "40.00",
        "item-related-fee-type": "Commission",
        "item-related-fee-amount": "-4.00",
        "misc-fee-amount": "-5.00",
        "other-fee-amount": "-6.00",
        "other-fee-reason-description": "TaxAmount",
        "promotion-id": "P-1",
        "promotion-type": "Shipping",
        "promotion-amount": "-7.00",
        "direct-payment-type": "COD",
        "direct-payment-amount": "-0.50",
        "other-amount": "0.25",
    }
    parsed = read(file("14.75", ORDER | amounts))
    assert [kind[1:3] for kind in types(parsed)] == [
        ("ShipmentFees", "FBA transportation fee"),
        ("OrderFees", "Per order"),
        ("ItemPrice", "Principal"),
        ("ItemFees", "Commission"),
        ("MiscFees", ""),
        ("OtherFees", "TaxAmount"),
        ("Promotion", "Shipping"),
        ("DirectPayment", "COD"),
        ("other-transaction", ""),
    ]
    assert {line.transaction_type for line in parsed.lines} == {"Order"}
    assert parsed.settlement.line_count == 9


def test_an_account_level_row_is_named_by_its_transaction_type() -> None:
    parsed = read(file("0.00", *(ACCOUNT | {"transaction-type": t, "other-amount": a} for t, a in CHARGE)))
    assert types(parsed) == [("other-transaction", "other-transaction", t, Decimal(a)) for t, a in CHARGE]


CHARGE = [("Payable to Amazon", "-321.69"), ("Successful charge", "321.69")]


@pytest.mark.proves("A46")
def test_quantity_only_rows_are_counted_and_give_no_line() -> None:
    quantity = ORDER | {"quantity-purchased": "1"}
    principal = ORDER | {"price-type": "Principal", "price-amount": "35.00"}
    parsed = read(file("35.00", quantity, principal))
    assert len(parsed.lines) == 1
    assert "1 rows without an amount (quantity only)" in parsed.notes


@pytest.mark.proves("A45", "A47")
def test_a_file_without_promotions_has_33_columns_and_may_end_in_blanks_and_an_empty_line() -> None:
    assert len(WITHOUT_PROMOTIONS) == 33
    content = file(
        "32.09",
        ACCOUNT | {"transaction-type": "Successful charge", "other-amount": "32.09    "},
        columns=WITHOUT_PROMOTIONS,
    )
    parsed = read(content + "\n")
    assert parsed.settlement.total == Decimal("32.09")
    assert parsed.settlement.channel == "amazon.CA"
    assert parsed.lines[0].posted_date == date(2026, 8, 14)


def test_the_posting_date_is_the_reports_own_not_that_of_utc() -> None:
    row = {"transaction-type": "Subscription Fee", "other-amount": "-1.00"}
    parsed = read(file("-1.00", ACCOUNT | row | {"posted-date": "2026-07-31T23:30:00-07:00"}))
    assert parsed.lines[0].posted_date == date(2026, 7, 31)
    posted_at = parsed.lines[0].posted_at
    assert posted_at is not None
    assert posted_at.isoformat() == "2026-08-01T06:30:00+00:00"
