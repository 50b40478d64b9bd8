"""What lines of a settlement mean is decided elsewhere; the reader hands every one of them over as it stands."""

from __future__ import annotations

from decimal import Decimal

import pytest

from sync.amazon.settlements.file import read_settlement
from sync.settlements import ParsedSettlement

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount fulfillment-id "
    "posted-date posted-date-time order-item-code sku quantity-purchased"
).split()
Line = tuple[str, str, str, str]


def settle(total: str, *lines: Line, settlement_id: str = "700", **cells: str) -> ParsedSettlement:
    """Read a settlement of (transaction-type, amount-type, amount-description, amount) lines."""
    head = {
        "settlement-id": settlement_id,
        "settlement-start-date": "2026-10-20 00:00:00 UTC",
        "settlement-end-date": "2026-11-03 00:00:00 UTC",
        "total-amount": total,
        "currency": "USD",
    }
    same = {
        "settlement-id": settlement_id,
        "marketplace-name": "Amazon.com",
        "posted-date-time": "2026-10-30 00:00:00 UTC",
        "order-id": "111-1",
    } | {name.replace("_", "-"): value for name, value in cells.items()}
    names = ("transaction-type", "amount-type", "amount-description", "amount")
    rows = [head, *(same | dict(zip(names, line, strict=True)) for line in lines)]
    text = "\n".join(["\t".join(COLUMNS), *("\t".join(r.get(c, "") for c in COLUMNS) for r in rows)]) + "\n"
    return read_settlement(text.encode(), channel=None, document_name="s.txt")


@pytest.mark.proves("A55", "A56")
def test_unknown_old_and_new_names_are_all_kept_to_the_letter() -> None:
    lines = (
        ("Order", "ItemFees", "FBAPerUnitFulfillmentFee", "-3.00"),
        ("FBAFees", "FBA fulfilment fee per unit", "Base fee", "-2.00"),
        ("Something", "Never Seen", "Before", "-1.00"),
    )

    parsed = settle("-6.00", *lines)

    assert [(x.transaction_type, x.amount_type, x.amount_description, str(x.amount)) for x in parsed.lines] == [*lines]


@pytest.mark.proves("A57")
def test_a_sign_is_read_and_never_derived() -> None:
    parsed = settle("0.75", ("Refund", "ItemFees", "Commission", "-1.25"), ("Order", "ItemFees", "Commission", "2.00"))

    assert [x.amount for x in parsed.lines] == [Decimal("-1.25"), Decimal("2.00")]


@pytest.mark.proves("A59")
def test_both_reserve_lines_belong_to_the_total() -> None:
    parsed = settle(
        "150.00",
        ("Order", "ItemPrice", "Principal", "100.00"),
        ("other-transaction", "other-transaction", "Previous Reserve Amount Balance", "80.00"),
        ("other-transaction", "other-transaction", "Current Reserve Amount", "-30.00"),
    )

    assert sum(x.amount for x in parsed.lines) == parsed.settlement.total


@pytest.mark.proves("A60")
def test_what_was_payable_and_its_charge_are_two_lines_that_cancel() -> None:
    parsed = settle(
        "10.00",
        ("other-transaction", "other-transaction", "Payable to Amazon", "-321.69"),
        ("other-transaction", "other-transaction", "Successful charge", "321.69"),
        ("Order", "ItemPrice", "Principal", "10.00"),
    )

    assert [x.amount for x in parsed.lines[:2]] == [Decimal("-321.69"), Decimal("321.69")]


@pytest.mark.proves("A52", "A61")
def test_a_whole_sentence_is_a_description() -> None:
    sentence = "Transfer of funds unsuccessful: " + "we could not transfer the amount to your bank account. " * 4

    parsed = settle("5.00", ("other-transaction", "other-transaction", sentence, "5.00"))

    assert parsed.lines[0].amount_description == sentence.strip()


@pytest.mark.proves("A62")
def test_a_settlement_without_any_marketplace_is_known_by_its_currency() -> None:
    parsed = settle("-39.99", ("ServiceFee", "x", "Subscription Fee", "-39.99"), marketplace_name="", order_id="")

    assert (parsed.settlement.channel, parsed.lines[0].marketplace, parsed.lines[0].order_id) == (
        "amazon.US",
        None,
        None,
    )


@pytest.mark.proves("A63", "A64", "A65")
@pytest.mark.parametrize(
    ("cells", "order_id", "marketplace"),
    [
        ({"marketplace_name": "Non-Amazon", "order_id": "S01-1"}, "S01-1", "Non-Amazon"),
        ({"order_id": "FBA19CD9HGQ8"}, "FBA19CD9HGQ8", "Amazon.com"),
        ({"order_id": "999-0000000-0000000"}, "999-0000000-0000000", "Amazon.com"),
    ],
)
def test_an_order_number_that_is_no_order_here_is_kept_as_it_is(
    cells: dict[str, str], order_id: str, marketplace: str
) -> None:
    parsed = settle("-1.00", ("FBAFees", "FBA Customer Returns Fee", "Base fee", "-1.00"), **cells)

    assert (parsed.lines[0].order_id, parsed.lines[0].marketplace) == (order_id, marketplace)
    assert parsed.settlement.channel == "amazon.US"


@pytest.mark.proves("A66")
def test_a_refund_stands_alone_in_a_later_settlement() -> None:
    sale = settle("10.00", ("Order", "ItemPrice", "Principal", "10.00"), settlement_id="700")
    refund = settle("-10.00", ("Refund", "ItemPrice", "Principal", "-10.00"), settlement_id="701")

    assert sale.lines[0].order_id == refund.lines[0].order_id
    assert (sale.settlement.settlement_id, refund.settlement.settlement_id) == ("700", "701")


@pytest.mark.proves("A68")
def test_facilitator_tax_that_nets_to_zero_is_still_two_lines() -> None:
    parsed = settle(
        "10.00",
        ("Order", "ItemPrice", "Principal", "10.00"),
        ("Order", "ItemPrice", "Tax", "0.80"),
        ("Order", "ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", "-0.80"),
    )

    assert len(parsed.lines) == 3
