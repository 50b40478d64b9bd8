"""The fee preview: files that are cut, renamed, mixed or mistaken first, then both continents, then the sandbox's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.amazon.fulfilment.fee_previews import FEE_PREVIEWS, decode_fee_previews
from sync.amazon.pages import Read
from sync.amazon.reports.text import read_report
from sync.engine import pull
from sync.errors import BadInput
from sync.records import FeePreview, FeePreviewOther
from sync.sandbox.server import Running, Sandbox
from sync.store.store import Store
from tests.sync.amazon.sandboxed import NOW as THEN
from tests.sync.amazon.sandboxed import connected_to
from tests.sync.amazon.scripted import DE, NOW, US

FEE = "expected-fulfillment-fee-per-unit"
GOOD = {
    "sku": "MUG", "asin": "B01", "amazon-store": "US", "product-name": "A mug", "fulfilled-by": "Amazon",
    "your-price": "24.99", "sales-price": "19.99", "longest-side": "5.5", "median-side": "4", "shortest-side": "3.25",
    "unit-of-dimension": "inches", "item-package-weight": "0.85", "unit-of-weight": "pounds",
    "product-size-tier": "Large standard-size", "currency": "USD", "estimated-fee-total": "6.72",
    "estimated-referral-fee-per-unit": "3.00", FEE: "3.72",
}  # fmt: skip


def file(*rows: dict[str, str]) -> bytes:
    lines = ["\t".join(rows[0])] + ["\t".join(row.values()) for row in rows]
    return ("\n".join(lines) + "\n").encode("cp1252")


def read(data: bytes, shop: Any = US) -> Read:
    report = read_report(data, marketplace=shop, needed=FEE_PREVIEWS.needed, document_name="R1")
    report = type(report)(report.rows, report.broken, report.encoding, report.columns, NOW)
    return decode_fee_previews(report, shop)


def one(shop: Any = US, **changes: str) -> tuple[FeePreview, list[FeePreviewOther]]:
    found = read(file({**GOOD, **changes}), shop)
    assert found.quarantined == []
    (document,) = found.documents
    return document.record, list(document.lines)  # type: ignore[return-value,arg-type]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (file(GOOD).decode("cp1252").encode("utf-16"), "UTF-16"),
        (file(GOOD).replace(b"A mug", b"A \x81mug"), "not cp1252 text"),
        (file({("seller-sku" if k == "sku" else k): v for k, v in GOOD.items()}), "columns are missing: sku"),
        (file({("fulfillment-cost" if k == FEE else k): v for k, v in GOOD.items()}), "Amazon has renamed it"),
    ],
)
def test_a_file_in_another_encoding_or_with_renamed_columns_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        read(data)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("sku", "", "sku is blank"),
        ("currency", "dollars", "currency: 'dollars' is none"),
        ("amazon-store", "XX", "amazon-store: there is no shop 'XX'"),
        ("fulfilled-by", "Nobody", "fulfilled-by: 'nobody' is not known"),
        ("longest-side", "5 1/2", "longest-side: '5 1/2' is no measure"),
        ("longest-side", "-5", "longest-side: '-5' is no measure"),
        ("unit-of-dimension", "feet", "unit-of-dimension: 'feet' is no unit that is known"),
        ("unit-of-weight", "stones", "unit-of-weight: 'stones' is no unit that is known"),
        (FEE, "free", f"{FEE}: the amount is not a number"),
        (FEE, "-3.72", f"{FEE}: '-3.72' is below zero"),
        (FEE, "3.724", f"{FEE}: "),
        ("your-price", "24,99", "your-price: "),  # the file has points
    ],
)
def test_a_row_that_cannot_be_read_is_set_aside_with_line_column_value_and_remedy(
    column: str, value: str, said: str
) -> None:
    first = {**GOOD, "sku": "CUP"}
    found = read(file(first, {**GOOD, "sales-price": "", column: value}))
    assert [d.record.sku for d in found.documents] == ["CUP"]  # type: ignore[union-attr]
    (bad,) = found.quarantined
    assert (bad.key, bad.ordinal) == (GOOD["sku"] if column != "sku" else "line 3", 3)
    assert bad.reason.startswith(f"line 3, {said}")
    assert "Seller Central" in bad.reason


def test_a_cut_line_and_a_sku_with_two_fees_are_set_aside() -> None:
    cut = read(file({**GOOD, "sku": "CUP"}, GOOD)[: -len("\t3.72\n")])
    assert (len(cut.documents), cut.quarantined[0].reason[:28]) == (1, "line 3, column 18: the line ")
    twice = read(file(GOOD, GOOD, {**GOOD, FEE: "4.00"}))
    assert len(twice.documents) == 1
    assert twice.quarantined[0].reason.startswith("line 4, sku: MUG stands in line 2 too, with other figures")


def test_what_is_not_estimated_is_not_nothing() -> None:
    blank, _ = one(**{FEE: "--", "estimated-fee-total": "", "longest-side": "", "item-package-weight": "--"})
    assert (blank.fulfilment_fee, blank.total_fee, blank.longest, blank.length_unit, blank.weight) == (None,) * 5
    free, _ = one(**{FEE: "0.00"})
    assert free.fulfilment_fee == 0


def test_an_american_row_says_sizes_fee_and_the_fee_that_is_announced() -> None:
    record, others = one(**{"expected-future-fulfillment-fee-per-unit": "3.91", "median-side": "6"})
    assert (record.channel, record.seen_at, record.price) == ("amazon.US", NOW, Decimal("19.99"))
    sides = (record.longest, record.median, record.shortest)
    assert (sides, record.length_unit) == ((6, Decimal("5.5"), Decimal("3.25")), "in")  # the longest first
    assert (record.weight, record.weight_unit, record.fulfilment_fee) == (Decimal("0.85"), "lb", Decimal("3.72"))
    assert others == [FeePreviewOther("amazon.US", "MUG", 1, "announced", "", Decimal("3.91"))]


def test_an_european_file_with_decimal_commas_says_the_fee_of_every_country() -> None:
    home, abroad = "expected-domestic-fulfilment-fee-per-unit", "expected-efn-fulfilment-fee-per-unit"
    european = {k: v.replace(".", ",") for k, v in GOOD.items() if k not in (FEE, "product-size-tier")}
    european |= {"product-size-weight-band": "Standardpaket", "currency": "EUR", "unit-of-dimension": "centimeters"}
    european |= {"amazon-store": "FR", "unit-of-weight": "kilograms", "product-name": "Tasse für Käthe"}
    fees = {home: "3,90", f"{abroad}-uk": "--", f"{abroad}-de": "5,15", f"{abroad}-es": "6,00"}
    (document,) = read(file({**european, **fees}), DE).documents
    record = document.record
    assert isinstance(record, FeePreview)
    assert (record.channel, record.size_tier) == ("amazon.FR", "Standardpaket")  # asked for at DE
    assert (record.longest, record.weight, record.fulfilment_fee) == (
        Decimal("5.5"), Decimal("0.85"), Decimal("3.90")
    )  # fmt: skip
    assert [(x.country, x.fulfilment_fee) for x in document.lines if isinstance(x, FeePreviewOther)] == [
        ("DE", Decimal("5.15")), ("ES", 6)
    ]  # fmt: skip
    mixed = read(file({**european, **fees}, {**european, **fees, "sku": "CUP", home: "3.90"}), DE)
    assert mixed.quarantined[0].reason.startswith(f"line 3, {home}: ")


def test_without_a_sum_picking_and_handling_by_weight_add_to_the_fee() -> None:
    parts = {k: v for k, v in GOOD.items() if k != FEE}
    parts |= {"estimated-pick-pack-fee-per-unit": "2.50", "estimated-weight-handling-fee-per-unit": "1.22"}
    (document,) = read(file(parts)).documents
    assert document.record.fulfilment_fee == Decimal("3.72")  # type: ignore[union-attr]


@given(st.integers(1, 10**9), st.sampled_from(".,"))
def test_every_measure_is_read_to_the_digit_whatever_its_mark(number: int, mark: str) -> None:
    whole, rest = divmod(number, 10_000)
    record, _ = one(**{"item-package-weight": f"{whole}{mark}{rest:04}"})
    assert record.weight == Decimal(number).scaleb(-4)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=THEN, size=300, limits=False, ticks=lambda: 0.0).start() as running:
        yield running


async def test_the_sandbox_is_read_once_a_day_and_every_reading_is_kept(running: Running) -> None:
    sku, cells = "ACM-KET-17-WHT", "sku, count(*), min(fulfilment_fee), max(fulfilment_fee)"
    async with connected_to(running) as amazon:
        store = Store.in_memory(amazon.clock)
        found = amazon.streams("fee_previews")
        for hours, asked in ((0, 2), (1, 2), (24, 4)):
            running.clock.advance(hours * 3600)
            pulled = await pull(store, found)
            assert [(o.state, o.quarantined) for o in pulled.streams] == [("done", 0)] * 2
            assert len([c for c in amazon.calls.records if c.operation == "createReport"]) == asked
            if hours == 1:
                with httpx.Client(trust_env=False) as http:
                    body = {"channel": "amazon.US", "sku": sku}
                    lever = http.post(f"{running.admin}/levers/remeasure", json=body).json()
                assert (lever["tier"], lever["fee_per_unit"]) == ("Large bulky", "12.15")
    with store.database.reading() as cursor:
        rows = cursor.execute(
            f"SELECT {cells} FROM fee_previews_versions WHERE channel = 'amazon.US' GROUP BY sku"
        ).fetchall()
    assert (sku, 2, Decimal("7.80"), Decimal("12.15")) in rows
    assert {n for _, n, *_ in rows} == {2}
    store.close()
    assert timedelta(hours=72) < (FEE_PREVIEWS.reach or timedelta())
