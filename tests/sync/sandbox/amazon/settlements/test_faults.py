"""Settlement documents that are hard to read: each fault alters the file as its row says, and the money stays."""

from __future__ import annotations

import gzip
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from sync.sandbox.amazon.front.fault_names import FAULTS, PLACES, RULES, WORDS

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

REPORTS = "/reports/2021-06-30/reports"
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
#: The columns that hold an amount in V1.
V1_AMOUNTS = [f"{kind}-amount" for kind in "shipment-fee order-fee price item-related-fee misc-fee other-fee".split()]
V1_AMOUNTS += ["promotion-amount", "direct-payment-amount", "other-amount"]

Rows = list[dict[str, str]]


def served(seller: Seller, fault: str = "", market: str = US, **options: str) -> str:
    """Return the text of the newest settlement, downloaded while a fault strikes."""
    reports = seller.get(REPORTS, reportTypes=V2, marketplaceIds=market).json()["reports"]
    described = seller.get(f"/reports/2021-06-30/documents/{reports[0]['reportDocumentId']}").json()
    if fault:
        seller.goes_wrong(fault, options=options)
    body = seller.http.get(described["url"]).content
    return (gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body).decode("cp1252")


def rows_of(text: str) -> Rows:
    lines = [line.split("\t") for line in text.split("\n") if line.strip()]
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]


def money(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def total_of(rows: Rows) -> Decimal:
    return sum((money(row["amount"]) for row in rows[1:]), Decimal(0))


def closes(rows: Rows) -> bool:
    return total_of(rows) == money(rows[0]["total-amount"])


def changed(seller: Seller, fault: str, market: str = US, **options: str) -> tuple[Rows, Rows]:
    """Return (the rows as they are, the rows under the fault)."""
    return rows_of(served(seller, market=market)), rows_of(served(seller, fault, market, **options))


def descriptions(rows: Rows) -> list[str]:
    return [row.get("amount-description", "") for row in rows]


def test_every_row_of_the_trouble_list_that_a_server_can_cause_is_a_fault_or_a_rule() -> None:
    rows = {f"A{n:02}" for n in range(1, 75)}
    assert rows == WORDS.keys() | RULES.keys()
    assert FAULTS.keys() >= WORDS.keys()
    assert not WORDS.keys() & RULES.keys()
    assert set(WORDS.values()) <= PLACES.keys()


def test_a_settlement_of_two_lines_survives_every_fault(seller: Seller) -> None:
    """A French settlement has one order and no account line: a fault may find nothing to alter, and still answers."""
    seller.limits.enabled = False
    seller.goes_wrong("A67")
    seller.get(REPORTS, reportTypes=V2)
    reports = seller.get(REPORTS, reportTypes=V2, marketplaceIds="A13V1IB3VIYZZH").json()["reports"]
    url = seller.get(f"/reports/2021-06-30/documents/{reports[0]['reportDocumentId']}").json()["url"]
    for row, word in WORDS.items():
        if PLACES[word][0].startswith("/tortuga-prod"):
            seller.goes_wrong(row)
            answer = seller.http.get(url)
            assert (answer.status_code, len(answer.content) > 100) == (200, True), row


@pytest.mark.proves("A40")
def test_line_two_is_a_summary_that_repeats_the_total(seller: Seller) -> None:
    rows = rows_of(served(seller))
    assert closes(rows)
    assert (rows[0]["transaction-type"], rows[0]["amount"]) == ("", "")
    assert rows[0]["total-amount"] != ""
    assert {row["total-amount"] for row in rows[1:]} == {""}


@pytest.mark.proves("A41")
def test_currency_is_blank_on_lines_or_only_on_some(seller: Seller) -> None:
    plain, mixed = changed(seller, "A41")
    assert {row["currency"] for row in plain[1:]} == {""}
    assert {row["currency"] for row in mixed[1:]} == {"", "USD"}
    assert closes(mixed)


@pytest.mark.proves("A42")
def test_the_header_comes_again_inside_the_file(seller: Seller) -> None:
    lines = served(seller, "A42").splitlines()
    assert lines.count(lines[0]) == 2
    assert len(lines) == len(served(seller).splitlines()) + 1


@pytest.mark.proves("A43")
def test_blank_lines_come_before_the_header(seller: Seller) -> None:
    text = served(seller, "A43")
    assert text.startswith("\n\nsettlement-id\t")
    assert closes(rows_of(text))


@pytest.mark.proves("A44")
def test_some_lines_have_their_amount_columns_one_to_the_right(seller: Seller) -> None:
    plain, shifted = changed(seller, "A44")
    moved = [(old, new) for old, new in zip(plain, shifted, strict=True) if old != new]
    assert len(moved) > 10
    for old, new in moved:
        assert new["amount-type"] == ""
        assert (new["amount-description"], new["amount"]) == (old["amount-type"], old["amount-description"])
        assert new["fulfillment-id"] == old["amount"]
        assert new["posted-date"] == old["posted-date"]


@pytest.mark.proves("A45")
@pytest.mark.parametrize(("columns", "first"), [("23", "merchant-order-id"), ("25", "promotion-id")])
def test_v2_comes_with_other_numbers_of_columns(seller: Seller, columns: str, first: str) -> None:
    text = served(seller, "A45", columns=columns)
    assert {len(line.split("\t")) for line in text.splitlines()} == {int(columns)}
    assert first in text.splitlines()[0]
    assert closes(rows_of(text))


@pytest.mark.proves("A45", "A46", "A58")
@pytest.mark.parametrize(("fault", "columns"), [("A45", "33"), ("A45", "36"), ("A46", "36"), ("A58", "36")])
@pytest.mark.parametrize("market", [US, DE])
def test_v1_adds_up_over_all_its_amount_columns(seller: Seller, fault: str, columns: str, market: str) -> None:
    options = {"columns": columns} if fault == "A45" else {}
    text = served(seller, fault, market, **options)
    rows = rows_of(text)
    assert {len(line.split("\t")) for line in text.splitlines()} == {int(columns)}
    amounts = [[row[c] for c in V1_AMOUNTS if row.get(c)] for row in rows[1:]]
    assert sum(Decimal(a) for line in amounts for a in line) == Decimal(rows[0]["total-amount"])
    assert any(not line and row["quantity-purchased"] for line, row in zip(amounts, rows[1:], strict=True))
    ads = [row for row in rows if row.get("item-related-fee-type") == "Cost of Advertising"]
    assert ads
    assert all(row["other-fee-amount"] and row["other-fee-reason-description"] == "TaxAmount" for row in ads)


@pytest.mark.proves("A47")
def test_blanks_follow_the_last_value_and_an_empty_line_the_last_line(seller: Seller) -> None:
    text = served(seller, "A47")
    assert text.endswith("    \n\n")
    assert text.rstrip() != text.rstrip("\n")


@pytest.mark.proves("A48")
def test_commas_mark_decimals(seller: Seller) -> None:
    rows = rows_of(served(seller, "A48"))
    assert all("," in row["amount"] for row in rows[1:])
    assert rows[1]["posted-date"][2] == "."
    assert closes(rows)


@pytest.mark.proves("A49")
def test_marks_are_mixed_in_one_file(seller: Seller) -> None:
    rows = rows_of(served(seller, "A49"))
    assert {"," in row["amount"] for row in rows[1:]} == {True, False}
    assert closes(rows)


@pytest.mark.proves("A50")
def test_posted_date_has_the_day_first_beside_an_honest_time(seller: Seller) -> None:
    rows = rows_of(served(seller, "A50"))[1:]
    for row in rows:
        year, month, day = row["posted-date-time"][:10].split("-")
        assert row["posted-date"] == f"{day}/{month}/{year[2:]}"


@pytest.mark.proves("A51")
def test_posted_date_is_empty(seller: Seller) -> None:
    rows = rows_of(served(seller, "A51"))[1:]
    assert {row["posted-date"] for row in rows} == {""}
    assert all(row["posted-date-time"] for row in rows)


@pytest.mark.proves("A52")
def test_descriptions_are_longer_than_any_column_of_old(seller: Seller) -> None:
    rows = rows_of(served(seller, "A52"))
    assert max(len(row["amount-type"]) for row in rows) > 40
    assert max(map(len, descriptions(rows))) > 100
    assert closes(rows)


@pytest.mark.proves("A53")
def test_equal_lines_are_money_twice(seller: Seller) -> None:
    plain, halved = changed(seller, "A53")
    assert len(halved) == len(plain) + 1
    assert closes(halved)
    unique = {tuple(row.values()) for row in halved[1:]}
    assert len(unique) < len(halved) - 1


@pytest.mark.proves("A54")
def test_an_opening_quote_never_closes(seller: Seller) -> None:
    rows = rows_of(served(seller, "A54"))
    quoted = [row["promotion-id"] for row in rows if '"' in row.get("promotion-id", "")]
    assert quoted
    assert {text.count('"') % 2 for text in quoted} == {0}
    assert {text.startswith('"') and not text.endswith('"') for text in quoted} == {True}


@pytest.mark.proves("A55")
def test_a_line_stands_under_three_texts_that_nobody_has_seen(seller: Seller) -> None:
    plain, rows = changed(seller, "A55")
    assert "Fee of tomorrow" in descriptions(rows)
    assert "Fee of tomorrow" not in descriptions(plain)
    assert closes(rows)


@pytest.mark.proves("A56")
def test_fees_come_under_their_old_names(seller: Seller) -> None:
    plain, rows = changed(seller, "A56")
    assert any(row["transaction-type"] == "FBAFees" for row in plain)
    assert not any(row["transaction-type"] == "FBAFees" for row in rows)
    assert closes(rows)


@pytest.mark.proves("A57")
def test_a_refund_s_commission_has_both_signs(seller: Seller) -> None:
    rows = rows_of(served(seller, "A57"))
    signs = {
        money(row["amount"]) > 0
        for row in rows[1:]
        if (row["transaction-type"], row["amount-description"]) == ("Refund", "Commission")
    }
    assert signs == {True, False}
    assert closes(rows)


def reserve(rows: Rows, text: str) -> Decimal:
    return sum((money(row["amount"]) for row in rows[1:] if row["amount-description"] == text), Decimal(0))


@pytest.mark.proves("A59")
def test_a_reserve_is_carried_or_a_dollar_off(seller: Seller) -> None:
    plain, rows = changed(seller, "A59")
    before = seller.world.settlements_of("amazon.US")[-2]
    previous = "Previous Reserve Amount Balance"
    assert reserve(plain, previous) == before.closing_reserve
    assert reserve(rows, previous) == before.closing_reserve + 1
    assert closes(rows)


@pytest.mark.proves("A60")
def test_what_was_owed_is_charged_and_cancels_out(seller: Seller) -> None:
    rows = rows_of(served(seller, "A60"))
    assert reserve(rows, "Payable to Amazon") == -reserve(rows, "Successful charge") == Decimal("-321.69")
    assert closes(rows)


@pytest.mark.proves("A60")
def test_after_a_negative_settlement_the_next_one_has_the_charge(seller: Seller) -> None:
    settlements = seller.world.settlements_of("amazon.DE")
    at = next(n for n, s in enumerate(settlements) if s.total < 0)
    amounts = {x.description: x.amount for x in settlements[at + 1].lines}
    assert amounts["Payable to Amazon"] == settlements[at].total == -amounts["Successful charge"]


@pytest.mark.proves("A61")
def test_a_failed_transfer_is_a_whole_sentence(seller: Seller) -> None:
    rows = rows_of(served(seller, "A61"))
    assert [d for d in descriptions(rows) if d.startswith("Transfer of funds unsuccessful: ") and len(d) > 100]
    assert closes(rows)


@pytest.mark.proves("A62")
def test_no_line_has_a_marketplace_name(seller: Seller) -> None:
    plain, rows = changed(seller, "A62")
    assert {row["marketplace-name"] for row in rows} == {""}
    assert "Amazon.com" in {row["marketplace-name"] for row in plain}


@pytest.mark.proves("A63", "A65")
@pytest.mark.parametrize(
    ("fault", "column", "value"),
    [("A63", "marketplace-name", "Non-Amazon"), ("A65", "order-id", "999-0000000-0000001")],
)
def test_one_order_is_not_what_it_seems(seller: Seller, fault: str, column: str, value: str) -> None:
    plain, rows = changed(seller, fault)
    changed_rows = [old for old, new in zip(plain, rows, strict=True) if old != new]
    assert len({row["order-id"] for row in changed_rows}) == 1
    assert len(changed_rows) > 2
    assert sum(row[column] == value for row in rows) == len(changed_rows)
    assert closes(rows)


@pytest.mark.proves("A64")
def test_an_order_id_is_an_fba_shipment(seller: Seller) -> None:
    rows = rows_of(served(seller, "A64"))
    fees = [row for row in rows if row["transaction-type"] == "FBAFees"]
    assert fees
    assert {row["order-id"] for row in fees} == {"FBA19CD9HGQ8"}


@pytest.mark.proves("A66")
def test_refunds_settle_in_another_settlement_than_their_sale(seller: Seller) -> None:
    where: dict[tuple[str, str], set[str]] = {}
    for settlement in seller.world.settlements_of("amazon.US"):
        for line in settlement.lines:
            if line.order_id:
                where.setdefault((line.transaction_type, line.order_id), set()).add(settlement.settlement_id)
    refunds = {order_id: ids for (kind, order_id), ids in where.items() if kind == "Refund"}
    assert any(ids.isdisjoint(where.get(("Order", order_id), set())) for order_id, ids in refunds.items())


@pytest.mark.proves("A67")
def test_several_european_settlements_run_at_once(seller: Seller) -> None:
    def newest() -> dict[str, Any]:
        reports = seller.get(REPORTS, reportTypes=V2, pageSize="100").json()["reports"]
        return {r["marketplaceIds"][0]: r for r in reversed(reports)}

    assert set(newest()) == {US, DE}
    seller.goes_wrong("A67")
    together = newest()
    assert set(together) == {US, DE, "A13V1IB3VIYZZH", "APJ6JRA9NG5V4"}
    assert len({r["dataStartTime"] for m, r in together.items() if m != US}) == 3
    for market in ("A13V1IB3VIYZZH", "APJ6JRA9NG5V4"):
        rows = rows_of(served(seller, market=market))
        assert closes(rows)
        assert rows[0]["currency"] == "EUR"


@pytest.mark.proves("A68")
def test_facilitator_tax_nets_to_zero_in_the_united_states(seller: Seller) -> None:
    rows = rows_of(served(seller))
    taxes = {"Tax", "ShippingTax", "GiftWrapTax"}
    charged = [r for r in rows[1:] if r["amount-type"] == "ItemPrice" and r["amount-description"] in taxes]
    withheld = [r for r in rows[1:] if r["amount-type"] == "ItemWithheldTax"]
    assert charged
    assert sum(money(r["amount"]) for r in charged + withheld) == 0
