"""Flat-file reports: headers in any style, charsets, marks and dates, rows that do not fit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync.amazon.fulfilment.movements import MOVEMENTS
from sync.amazon.fulfilment.reimbursements import REIMBURSEMENTS
from sync.amazon.fulfilment.returns import RETURNS, SELLER_RETURNS
from sync.amazon.fulfilment.shipments import SHIPMENTS
from sync.amazon.offers.listings_report import LISTINGS_REPORT
from sync.amazon.pages import Unreadable
from sync.amazon.reports.text import Report, Row, read_report
from sync.errors import BadInput
from sync.records import ChannelReturn, ChannelShipment, ChannelShipmentLine, Reimbursement, StockMovement
from tests.sync.amazon.scripted import DE, JP, US


def report(*lines: str, shop: Any = US, needed: tuple[str, ...] = (), encoding: str = "cp1252") -> Report:
    data = "\n".join(lines).encode(encoding)
    return read_report(data, marketplace=shop, needed=needed, document_name="r", declared_charset=encoding)


def only(*lines: str, shop: Any = US) -> Row:
    (row,) = report(*lines, shop=shop).rows
    return row


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x1f\x8b\x08\x00abc", "gzip"),
        (b"sku\tprice\nA\t1\n", "columns are missing: order-id"),
    ],
)
def test_a_file_that_is_not_the_report_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(BadInput, match=problem):
        read_report(data, marketplace=US, needed=("order-id",), document_name="r")


@pytest.mark.parametrize("cells", ["A", "A\tB\tC\tD"])
def test_a_row_that_does_not_fit_its_header_is_set_aside_with_its_line(cells: str) -> None:
    found = report("sku\torder-id\tnote", "X\tY\tfine", cells, needed=("order-id",))

    assert [row.text("sku") for row in found.rows] == ["X"]
    assert [line for line, _ in found.broken] == [3]


def test_a_row_that_lacks_only_the_last_cells_is_read() -> None:
    found = report("sku\torder-id\tnote", "X\tY", needed=("order-id",))

    assert (found.rows[0].text("order-id"), found.rows[0].optional("note")) == ("Y", None)


@pytest.mark.parametrize("name", ["fulfillment-center-id", "FULFILLMENT CENTER ID", "FulfillmentCenterId"])
def test_a_column_is_found_in_any_style_of_its_name(name: str) -> None:
    assert only(f"sku\t{name}", "A\tPHX7").text("fulfillment_center_id") == "PHX7"


@pytest.mark.proves("A23")
def test_nul_bytes_in_blank_cells_are_blanks() -> None:
    row = only("sku\tstore\tnote", "A\t\x00\x00\tb\x00c")

    assert (row.optional("store"), row.text("note")) == (None, "bc")


@pytest.mark.proves("A26", "A27", "A28")
@pytest.mark.parametrize(
    ("data", "declared"),
    [
        ("titel\nGewürzmühle – groß".encode("cp1252"), "Cp1252"),
        ("titel\nGewürzmühle – groß".encode(), "Cp1252"),
        ("\ufefftitel\nGewürzmühle – groß".encode(), None),
    ],
)
def test_umlauts_come_through_whatever_the_charset(data: bytes, declared: str | None) -> None:
    found = read_report(data, marketplace=DE, needed=("titel",), document_name="r", declared_charset=declared)

    assert found.rows[0].text("titel") == "Gewürzmühle – groß"


@pytest.mark.proves("A54")
def test_quotes_are_text() -> None:
    assert only("title\tsku", '19" rack, "new\tA').text("title") == '19" rack, "new'


@pytest.mark.proves("A48", "A49")
def test_the_decimal_mark_is_one_for_the_whole_report() -> None:
    first, second = report("a\tb", "12,50\t1", "1,00\t12.50", shop=DE).rows

    assert first.amount("a", "EUR") == Decimal("12.50")
    with pytest.raises(Unreadable, match="decimal marks are mixed"):
        second.amount("b", "EUR")


@pytest.mark.proves("A71")
def test_yen_have_no_decimals() -> None:
    row = only("a\tb", "1980\t19.80", shop=JP)

    assert row.amount("a", "JPY") == Decimal(1980)
    with pytest.raises(Unreadable, match="finer than 1 JPY"):
        row.amount("b", "JPY")


@pytest.mark.proves("A50")
@pytest.mark.parametrize(
    ("text", "other", "shop", "expected"),
    [
        ("03/04/2026", "", US, date(2026, 3, 4)),
        ("03/04/2026", "", DE, date(2026, 4, 3)),
        ("03/04/2026", "25/12/2026", US, date(2026, 4, 3)),
        ("03/04/2026", "12/25/2026", DE, date(2026, 3, 4)),
        ("03.04.2026", "", DE, date(2026, 4, 3)),
        ("2026/04/03", "", JP, date(2026, 4, 3)),
        ("03-Apr-2026", "", US, date(2026, 4, 3)),
    ],
)
def test_a_date_is_read_as_its_report_and_shop_write_it(text: str, other: str, shop: Any, expected: date) -> None:
    assert report("day\tother", f"{text}\t{other}", shop=shop).rows[0].day("day") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-12-19T12:14:07-08:00", datetime(2020, 12, 19, 20, 14, 7, tzinfo=UTC)),
        ("2024-01-15 10:00:00 UTC", datetime(2024, 1, 15, 10, 0, tzinfo=UTC)),
        ("15.01.2024 10:00:00 UTC", datetime(2024, 1, 15, 10, 0, tzinfo=UTC)),
        ("2024-01-15", datetime(2024, 1, 15, 8, 0, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_and_a_day_begins_where_the_shop_is(text: str, expected: datetime) -> None:
    assert only("at", text).moment("at") == expected


@pytest.mark.parametrize("text", ["", "soon", "31/31/2026", "2026-13-01"])
def test_what_is_no_date_is_said_to_be_none(text: str) -> None:
    with pytest.raises(Unreadable, match="at is"):
        only("at\tx", f"{text}\ty").moment("at")


def test_the_real_shipments_report_is_read_to_the_cent(shared: Path) -> None:
    data = (shared / "vendors/amazon/reports/eolabs_GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL.txt").read_bytes()
    found = read_report(data, marketplace=US, needed=SHIPMENTS.needed, document_name="r")

    read = SHIPMENTS.decode(found, US)

    assert (len(read.documents), read.quarantined, found.broken) == (4, [], [])
    head, line = read.documents[0].record, read.documents[0].lines[0]
    assert isinstance(head, ChannelShipment)
    assert isinstance(line, ChannelShipmentLine)
    assert (head.channel, head.carrier, head.location_id) == ("amazon.US", "AMZN_US", "CMH1")
    assert (line.quantity, line.currency, line.item_price) == (1, "USD", Decimal("25.88"))


def test_the_real_listings_report_is_read(shared: Path) -> None:
    data = (shared / "vendors/amazon/reports/peddler_GET_MERCHANT_LISTINGS_ALL_DATA.txt").read_bytes()
    found = read_report(data, marketplace=US, needed=LISTINGS_REPORT.needed, document_name="r")

    read = LISTINGS_REPORT.decode(found, US)

    assert len(read.documents) == len(found.rows) == 10
    assert read.quarantined == []


@pytest.mark.proves("A23")
def test_the_real_inventory_report_has_no_nul_left(shared: Path) -> None:
    data = (shared / "vendors/amazon/reports/peddler_GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA.txt").read_bytes()

    found = read_report(data, marketplace=DE, needed=("sku", "afn-total-quantity"), document_name="r")

    assert b"\x00" in data
    assert len(found.rows) == 10
    assert all("\x00" not in cell for row in found.rows for cell in row.cells.values())


def test_parcels_of_another_shop_go_to_it_and_multichannel_ones_stay() -> None:
    head = "amazon-order-id\tshipment-id\tshipment-date\tsku\tquantity-shipped\tsales-channel"
    at = "2026-11-01T00:00:00+00:00"
    found = report(head, f"1\tP1\t{at}\tA\t1\tAmazon.fr", f"2\tP2\t{at}\tA\t1\tNon-Amazon", f"3\t\t{at}\tA\t1\t")

    read = SHIPMENTS.decode(found, DE)

    assert [d.record.channel for d in read.documents] == ["amazon.FR", "amazon.DE"]  # type: ignore[union-attr]
    assert [q.key for q in read.quarantined] == ["line 4"]


def test_a_parcel_with_one_bad_row_is_set_aside_whole() -> None:
    head = "amazon-order-id\tshipment-id\tshipment-date\tsku\tquantity-shipped"
    at = "2026-11-01T00:00:00+00:00"
    read = SHIPMENTS.decode(report(head, f"1\tP1\t{at}\tA\t1", f"1\tP1\t{at}\tB\tmany"), US)

    assert read.documents == []
    assert "no whole number: 'many'" in read.quarantined[0].reason


@pytest.mark.proves("A53")
def test_equal_movements_are_both_kept_and_have_the_same_ids_every_time() -> None:
    head = "Date\tFNSKU\tASIN\tMSKU\tEventType\tReferenceID\tQuantity\tFulfillmentCenter\tDisposition"
    row = "11/03/2026\tX1\tB0\tMUG\tShipments\tR1\t-1\tPHX7\tSELLABLE"
    other = "11/03/2026\tX1\tB0\tMUG\tSomethingNew\tR1\t2\tPHX7\tSELLABLE"

    once = MOVEMENTS.decode(report(head, row, row, other), US).documents
    fewer = MOVEMENTS.decode(report(head, row), US).documents

    moved = [d.record for d in once if isinstance(d.record, StockMovement)]
    assert len({m.movement_id for m in moved}) == 3
    assert [(m.event, m.quantity, m.moved_on) for m in moved] == [
        ("shipment", -1, date(2026, 11, 3)),
        ("shipment", -1, date(2026, 11, 3)),
        ("other", 2, date(2026, 11, 3)),
    ]
    assert fewer[0].record == moved[0]


def test_two_rows_of_one_reimbursement_and_sku_are_added() -> None:
    head = "approval-date\treimbursement-id\tsku\tcurrency-unit\tamount-total\tquantity-reimbursed-cash"
    row = "2026-11-01T00:00:00+00:00\tR1\tMUG\tUSD\t{}\t{}"

    read = REIMBURSEMENTS.decode(report(head, row.format("10.00", 1), row.format("5.25", 2), row.format("x", 1)), US)

    (record,) = [d.record for d in read.documents if isinstance(d.record, Reimbursement)]
    assert (record.total, record.quantity_cash) == (Decimal("15.25"), 3)
    assert "amount-total" in read.quarantined[0].reason


def test_units_without_a_licence_plate_are_told_apart() -> None:
    head = "return-date\torder-id\tsku\tquantity\tlicense-plate-number\tdetailed-disposition"
    row = "2026-11-01T00:00:00+00:00\t113-1\tMUG\t1\t{}\tSELLABLE"

    read = RETURNS.decode(report(head, row.format("LPN1"), row.format(""), row.format("")), US)

    ids = [d.record.return_id for d in read.documents if isinstance(d.record, ChannelReturn)]
    assert len(set(ids)) == 3


def test_the_sellers_returns_are_one_record_an_rma() -> None:
    head = (
        "Order ID\tReturn request date\tReturn request status\tAmazon RMA ID\tMerchant SKU\tReturn quantity\t"
        "Currency code\tRefunded Amount\tResolution\tReturn delivery date"
    )
    read = SELLER_RETURNS.decode(
        report(
            head,
            "113-1\t03-Nov-2026\tApproved\tD1\tMUG\t1\tUSD\t10.00\tStandardRefund\t09-Nov-2026",
            "113-1\t03-Nov-2026\tApproved\tD1\tCUP\t2\tUSD\t5.50\tStandardRefund\t",
            "113-2\t03-Nov-2026\tNewWord\tD2\tMUG\t1\t\t\tReturnlessRefund\t",
        ),
        US,
    )

    first, second = [d.record for d in read.documents if isinstance(d.record, ChannelReturn)]
    assert (first.status, first.refund_total, first.kind) == ("received", Decimal("15.50"), "return")
    assert [line.quantity_received for line in read.documents[0].lines] == [1, 0]  # type: ignore[union-attr]
    assert (second.status, second.vendor_status, second.refund_total, second.kind) == (
        "unknown",
        "NewWord",
        None,
        "keep_it",
    )
