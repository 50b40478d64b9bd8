"""A settlement that does not foot names the line that was changed, where the file says the amount twice."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sync.errors import BadInput
from sync.walmart.settlements.file import read_recon
from tests.sync.amazon.settlements.texts import FEE, SALE, SUMMARY, read, text
from tests.sync.walmart.settlements.test_file import FEE as COMMISSION
from tests.sync.walmart.settlements.test_file import SALE as PRICE
from tests.sync.walmart.settlements.test_file import SUMMARY as PAYMENT
from tests.sync.walmart.settlements.test_file import report

TAX = SALE | {"amount-description": "Tax", "amount": "2.06", "quantity-purchased": ""}
WITHHELD = TAX | {
    "amount-type": "ItemWithheldTax",
    "amount-description": "MarketplaceFacilitatorTax-Principal",
    "amount": "-2.06",
}


def refused(content: str) -> BadInput:
    with pytest.raises(BadInput, match="residual") as caught:
        read(content)
    return caught.value


def test_a_cent_on_a_single_amount_is_refused_but_no_line_is_accused() -> None:
    error = refused(text(SUMMARY, SALE | {"amount": "25.01"}, FEE))
    assert "residual -0.01 USD" in error.problem
    assert error.line is None


def test_two_lines_that_could_both_be_it_are_not_accused() -> None:
    other = {"order-id": "111-2", "order-item-code": "9002"}
    pair = (TAX | {"amount": "2.07"}, WITHHELD)
    rows = (SALE, FEE, *pair, *(row | other for row in pair))
    assert refused(text(SUMMARY, *rows, SALE | {"amount": "-0.01", "sku": "X"})).line is None


@pytest.mark.parametrize(("tax", "withheld"), [("2.07", "-2.06"), ("2.06", "-2.05")])
def test_a_cent_on_a_tax_or_on_the_same_tax_withheld_names_the_pair(tax: str, withheld: str) -> None:
    rows = (SALE, FEE, TAX | {"amount": tax}, WITHHELD | {"amount": withheld})
    error = refused(text(SUMMARY, *rows))
    assert error.line == 6
    assert f"it should cancel line 5 ({tax}), and is {withheld}" in error.problem


@pytest.mark.parametrize(("amount", "residual"), [("-3.76", "0.01"), ("-3.74", "-0.01")])
def test_a_cent_on_one_of_many_equal_fees_names_the_odd_one(amount: str, residual: str) -> None:
    orders = [{"order-id": f"111-{n}", "order-item-code": f"9{n}"} for n in range(4)]
    rows = [row | order for order in orders for row in (SALE, FEE)]
    rows[5] = rows[5] | {"amount": amount}
    error = refused(text(SUMMARY | {"total-amount": "85.00"}, *rows))
    assert f"residual {residual} USD" in error.problem
    assert error.line == 8
    assert "3 others of SKU MUG-1 are -3.75" in error.problem


def test_a_missing_line_accuses_nobody_by_the_odd_one_rule() -> None:
    orders = [{"order-id": f"111-{n}", "order-item-code": f"9{n}"} for n in range(4)]
    rows = [row | order for order in orders for row in (SALE, FEE)]
    assert refused(text(SUMMARY | {"total-amount": "85.00"}, *rows[:-1])).line is None


@pytest.mark.parametrize("amount", ["-4.80", "-4.78"])
def test_a_cent_on_a_commission_is_found_by_its_rate(amount: str) -> None:
    with pytest.raises(BadInput, match="residual") as caught:
        read_recon(
            report(PAYMENT, PRICE, COMMISSION | {"Amount": amount}).encode(), channel=None, document_name="r.csv"
        )
    assert caught.value.line == 5
    assert f"15 percent of 31.96 is 4.79, the commission is {amount}" in caught.value.problem


@pytest.mark.proves("W31")
def test_a_commission_below_its_rate_through_an_incentive_is_never_accused() -> None:
    columns = [*PRICE, "Commission Rate", "Original Commission", "Commission Saving"]
    columns = [*PAYMENT, *(c for c in columns if c not in PAYMENT)]
    reduced = COMMISSION | {"Amount": "-4.78", "Original Commission": "4.79", "Commission Saving": "0.01"}
    with pytest.raises(BadInput, match="residual") as caught:
        read_recon(report(PAYMENT, PRICE, reduced, columns=columns).encode(), channel=None, document_name="r.csv")
    assert caught.value.line is None


def test_a_cent_on_walmarts_tax_withheld_names_the_pair() -> None:
    tax = PRICE | {"Amount": "2.06", "Amount Type": "Product tax"}
    withheld = tax | {"Amount": "-2.05", "Amount Type": "Product tax withheld"}
    with pytest.raises(BadInput, match="should cancel line 6") as caught:
        read_recon(report(PAYMENT, PRICE, COMMISSION, tax, withheld).encode(), channel=None, document_name="r.csv")
    assert caught.value.line == 7


@pytest.mark.shared
@pytest.mark.parametrize("name", ["xieyi138-star_settlement-sample.txt", "jtl_25811124052.txt"])
def test_every_cent_added_to_a_line_of_a_real_file_is_refused_and_no_wrong_line_is_named(
    shared: Path, name: str
) -> None:
    from sync.amazon.settlements.file import read_settlement

    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    whole = read_settlement(data, channel=None, document_name=name)
    rows = data.decode().split("\n")
    at = rows[0].rstrip("\r").split("\t").index("amount")
    mark = "," if "decimal mark comma" in whole.notes else "."
    for line in whole.lines[:: max(1, len(whole.lines) // 20)]:
        cells = rows[line.file_line - 1].split("\t")
        cells[at] = str(line.amount + Decimal("0.01")).replace(".", mark)
        changed = [*rows[: line.file_line - 1], "\t".join(cells), *rows[line.file_line :]]
        with pytest.raises(BadInput, match=r"residual -0\.01") as caught:
            read_settlement("\n".join(changed).encode(), channel=None, document_name=name)
        assert caught.value.line in (None, line.file_line)
