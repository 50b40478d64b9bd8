"""Settlement files as they should not be, from bytes to journals: either refused by name or explained to the cent."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reconcile.settlement import Journal, break_down, classify, journals, load_accounts, load_rules
from sync.amazon.settlements.file import read_settlement
from sync.errors import BadInput
from sync.money import total_of
from sync.settlements import ParsedSettlement
from tests.sync.amazon.settlements.texts import FEE, SALE, SUMMARY, text

Row = dict[str, str]


def made(parsed: ParsedSettlement) -> tuple[Journal, ...]:
    """Journals of the settlement, after what must hold of all: mapped whole, each balanced, payouts = total."""
    classified = classify(parsed.lines, load_rules())
    assert classified.unmapped == ()
    assert break_down(classified).total == parsed.settlement.total
    found = journals(parsed.settlement, classified, load_accounts())
    assert all(j.balanced and not j.blocked for j in found)
    assert payout(found) == parsed.settlement.total
    return found


def payout(found: tuple[Journal, ...]) -> Decimal:
    return total_of(line.debit - line.credit for j in found for line in j.lines if not line.groups)


def read(total: str, *rows: Row, head: Row | None = None) -> ParsedSettlement:
    content = text(SUMMARY | {"total-amount": total} | (head or {}), *rows)
    return read_settlement(content.encode(), channel=None, document_name="s.txt")


def account_line(description: str, amount: str, **more: str) -> Row:
    kind = {"transaction-type": "other-transaction", "amount-type": "other-transaction", "amount": amount}
    blank = dict.fromkeys(("order-id", "marketplace-name", "fulfillment-id", "sku", "order-item-code"), "")
    return SALE | blank | kind | {"amount-description": description, "quantity-purchased": ""} | more


def posted(day: str) -> Row:
    return {"posted-date": day, "posted-date-time": f"{day} 12:00:00 UTC"}


@pytest.mark.proves("A49")
def test_a_file_with_two_decimal_marks_is_refused_at_its_cell() -> None:
    with pytest.raises(BadInput, match="marks are mixed") as caught:
        read("21.25", SALE, FEE | {"amount": "-3,75"})
    assert (caught.value.line, caught.value.column) == (4, "amount")


@pytest.mark.proves("A50")
def test_a_file_with_two_styles_of_date_is_refused_at_its_cell() -> None:
    with pytest.raises(BadInput, match="not a date in this file's style") as caught:
        read("21.25", SALE, FEE | {"posted-date-time": "31.10.2026 23:30:00 UTC"})
    assert (caught.value.line, caught.value.column) == (4, "posted-date-time")


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9, 0.99])
def test_a_file_that_ends_too_early_is_refused(share: float) -> None:
    content = text(SUMMARY | {"total-amount": "1062.50"}, *[row for _ in range(50) for row in (SALE, FEE)]).encode()
    with pytest.raises(BadInput) as caught:
        read_settlement(content[: int(len(content) * share)], channel=None, document_name="s.txt")
    assert "Download the report again" in caught.value.remedy


@pytest.mark.parametrize("row", [0, 1, 7])
def test_one_cent_more_anywhere_is_refused_with_the_residual(row: int) -> None:
    rows = [dict(one) for _ in range(4) for one in (SALE, FEE)]
    rows[row]["amount"] = str(Decimal(rows[row]["amount"]) + Decimal("0.01"))
    with pytest.raises(BadInput, match=r"residual -0\.01 USD") as caught:
        read("85.00", *rows)
    assert caught.value.line == row + 3


def test_a_settlement_over_three_months_has_three_journals_that_balance_alone() -> None:
    months = ("2026-08-31", "2026-09-30", "2026-10-31")
    rows = [row | posted(day) for day in months for row in (SALE, FEE)]
    found = made(read("63.75", *rows, head={"settlement-start-date": "2026-08-20 00:00:00 UTC"}))
    assert [j.period for j in found] == ["2026-08", "2026-09", "2026-10"]
    assert [payout((j,)) for j in found] == [Decimal("21.25")] * 3
    assert [str(j.date) for j in found] == ["2026-08-31", "2026-09-30", "2026-10-31"]


def test_fees_above_sales_make_a_negative_settlement_that_credits_clearing() -> None:
    (found,) = made(read("-375.00", SALE, account_line("Storage Fee", "-400.00")))
    clearing = next(line for line in found.lines if not line.groups)
    assert (clearing.debit, clearing.credit) == (Decimal(0), Decimal("375.00"))


@pytest.mark.proves("A60")
def test_the_charge_for_a_negative_settlement_moves_nothing_but_the_clearing_account() -> None:
    pair = (account_line("Payable to Amazon", "-375.00"), account_line("Successful charge", "375.00"))
    assert made(read("0.00", *pair)) == ()
    (found,) = made(read("25.00", SALE, *pair))
    assert [(line.account.number, line.debit, line.credit) for line in found.lines if not line.groups] == [
        ("1150", Decimal("25.00"), Decimal(0))
    ]


@pytest.mark.proves("A59")
def test_a_reserve_held_and_released_goes_to_its_own_account() -> None:
    rows = (account_line("Current Reserve Amount", "-20.00"), account_line("Previous Reserve Amount Balance", "5.00"))
    (found,) = made(read("10.00", SALE, *rows))
    held = [line.debit - line.credit for line in found.lines if line.account.number == "1155"]
    assert held == [Decimal("15.00")]


@pytest.mark.proves("A62")
def test_account_lines_alone_without_a_marketplace_take_the_channel_of_the_currency() -> None:
    parsed = read("-32.09", account_line("Subscription Fee", "-32.09", currency=""), head={"currency": "CAD"})
    assert parsed.settlement.channel == "amazon.CA"
    assert any("taken from the currency" in note for note in parsed.notes)
    assert payout(made(parsed)) == Decimal("-32.09")


@pytest.mark.proves("A64")
def test_an_order_id_that_is_an_fba_shipment_is_kept_as_it_is_and_posted_as_a_fee() -> None:
    fee = account_line("Base fee", "-4.00") | {
        "transaction-type": "FBAFees",
        "amount-type": "FBA Inbound Placement Service Fee",
        "order-id": "FBA19CD9HGQ8",
    }
    parsed = read("21.00", SALE, fee)
    assert parsed.lines[1].order_id == "FBA19CD9HGQ8"
    assert {c.category for c in break_down(classify(parsed.lines, load_rules())).categories} == {
        "sales",
        "fulfilment_fees",
    }
    made(parsed)


@pytest.mark.proves("A53")
def test_equal_repeated_lines_are_each_counted_and_posted() -> None:
    parsed = read("81.25", SALE, SALE, SALE, FEE, SALE | {"amount": "10.00"})
    assert [line.ordinal for line in parsed.lines] == [1, 2, 3, 4, 5]
    (found,) = made(parsed)
    assert next(line.credit for line in found.lines if line.account.number == "4000") == Decimal("85.00")


@pytest.mark.proves("A32")
def test_the_same_bytes_read_twice_say_the_same_in_every_respect() -> None:
    first, second = (read("21.25", SALE, FEE) for _ in range(2))
    assert first.settlement == second.settlement
    assert list(first.lines) == list(second.lines)
    assert made(first) == made(second)


@pytest.mark.proves("A68")
def test_facilitator_tax_that_nets_to_zero_leaves_no_line_in_the_journal() -> None:
    tax = SALE | {"amount-description": "Tax", "amount": "2.06", "quantity-purchased": ""}
    withheld = {"amount-type": "ItemWithheldTax", "amount-description": "MarketplaceFacilitatorTax-Principal"}
    (found,) = made(read("25.00", SALE, tax, tax | withheld | {"amount": "-2.06"}))
    assert [line.account.number for line in found.lines] == ["1150", "4000"]
