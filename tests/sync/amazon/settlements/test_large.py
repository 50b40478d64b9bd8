"""The reader by column says what the row reader says, and leaves to it whatever is out of the ordinary."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.amazon.settlements import file as settlement_file
from sync.amazon.settlements import large as settlement_large
from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.text import read_rows
from sync.errors import BadInput
from sync.money import total_of
from sync.settlements import ParsedSettlement

COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
)


def generated(orders: int, seed: int = 7) -> str:
    """A V2 file of `orders` orders with three amounts each, posted over two months; it foots."""
    random, rows, total = Random(seed), [], Decimal(0)
    for number in range(orders):
        price = Decimal(random.randint(100, 99_999)).scaleb(-2)
        when = f"2026-{random.choice(['09', '10'])}-{random.randint(1, 28):02} 12:{random.randint(0, 59):02}:00 UTC"
        for kind, text, amount in (
            ("ItemPrice", "Principal", price),
            ("ItemFees", "Commission", -(price * 15 / 100).quantize(Decimal("0.01"))),
            ("Promotion", "Principal", Decimal("-1.00")),
        ):
            total += amount
            cells = ["700", *[""] * 5, "Order", f"111-{number}", "", "", "", "Amazon.com", kind, text, str(amount)]
            rows.append("\t".join([*cells, "AFN", "", when, str(number), "", "", f" SKU-{number % 9} ", "1", ""]))
    dates = "2026-09-01 00:00:00 UTC\t2026-10-31 00:00:00 UTC\t2026-11-02 00:00:00 UTC"
    summary = f"700\t{dates}\t{total}\tUSD" + "\t" * 18
    return "\n".join(["\t".join(COLUMNS.split()), summary, *rows]) + "\n"


GOOD, SMALL = generated(60), generated(5)


@pytest.fixture
def always_by_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settlement_file, "LARGE", 0)


def taken(data: bytes) -> bool:
    """Whether the reader by column takes the file."""
    return settlement_large.read_large(read_rows(data, file="s.txt", declared=None)) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\t-1.00\tAFN", "\t-1.0x\tAFN", 1),
        lambda text: text.replace("\t-1.00\tAFN", "\t-1,00\tAFN", 1),
        lambda text: text.replace("\t-1.00\tAFN", "\t-1.01\tAFN", 1),
        lambda text: text[:-30],
        lambda text: text.replace("\n700\t\t", "\n701\t\t", 1),
        lambda text: text + text.split("\n")[1] + "\n",
        lambda text: text.replace("12:", "25:", 1),
        lambda text: text.replace("\t1\t\n", "\tone\t\n", 1),
        lambda text: text.replace("\t1\t\n", "\t1\n", 1).replace("\t1\t\n", "\t1\t\tmore\n", 1),
    ],
)
def test_both_readers_refuse_with_the_same_words(change: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    bad = change(GOOD).encode()
    assert bad != GOOD.encode()
    texts = []
    for limit in (0, len(bad) + 1):
        monkeypatch.setattr(settlement_file, "LARGE", limit)
        with pytest.raises(BadInput) as caught:
            read_settlement(bad, channel=None, document_name="s.txt")
        texts.append(str(caught.value))
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("change", "by_column"),
    [
        (lambda text: text, True),
        (lambda text: text.rstrip("\n"), True),
        (lambda text: text.replace("\n", "\r\n"), True),
        (lambda text: "\n\n" + text, True),
        (lambda text: text.replace("SKU-1", "SKÜ-1"), True),
        (lambda text: text.replace("SKU-1", '"SKU-1'), True),
        (lambda text: text.replace("\t1\t\n", "\t\t\n", 5), True),
        (lambda text: text + "\n", False),
        (lambda text: text.replace("SKU-1", "SKU\x00-1"), False),
        (lambda text: text.replace("2026-09-02 12", "2026-09-02T12"), True),
        (lambda text: text.replace("2026-09-03 ", "2025-09-03 ").replace("2026-09-04 ", "2026-12-04 "), True),
    ],
)
def test_both_readers_say_the_same(
    change: Callable[[str], str], by_column: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = change(GOOD).replace("2026-09-02T12", "2026-09-02 12").encode()
    assert taken(data) is by_column
    read = []
    for limit in (0, len(data) + 1):
        monkeypatch.setattr(settlement_file, "LARGE", limit)
        read.append(read_settlement(data, channel=None, document_name="s.txt"))
    assert read[0].settlement == read[1].settlement
    assert list(read[0].lines) == list(read[1].lines)
    assert read[0].notes == read[1].notes


_WRITTEN = re.compile(r"2026-(\d\d)-(\d\d)( \d\d:\d\d:\d\d UTC)?")


@pytest.mark.proves("A50")
@pytest.mark.parametrize(
    "style", [r"\2.\1.2026\3", r"2026/\1/\2\3", r"2026-\1-\2\3"], ids=["day first", "slashes", "dashes"]
)
@pytest.mark.parametrize("odd", [None, "2026-12-02", "2026-09-31", "2026-13-01"])
def test_every_style_of_date_reads_or_is_refused_the_same_by_column_and_by_row(
    style: str, odd: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = GOOD if odd is None else GOOD.replace("2026-09-02", odd)
    data = _WRITTEN.sub(style, content).encode()
    said = []
    for limit in (0, len(data) + 1):
        monkeypatch.setattr(settlement_file, "LARGE", limit)
        try:
            parsed = read_settlement(data, channel=None, document_name="s.txt")
            said.append((parsed.settlement, list(parsed.lines), parsed.notes))
        except BadInput as error:
            said.append(str(error))
    assert said[0] == said[1]
    assert isinstance(said[0], str) is (odd not in (None, "2026-12-02"))


@pytest.mark.usefixtures("always_by_column")
def test_offsets_and_line_numbers_by_column_are_those_of_the_file() -> None:
    data = ("\n" + GOOD.replace("SKU-3", "SKÜ-3").replace("\n", "\r\n")).encode()
    raw = data.split(b"\n")
    lines = read_settlement(data, channel=None, document_name="s.txt").lines
    assert len(lines) == 180
    assert all(data[line.byte_offset :].startswith(raw[line.file_line - 1]) for line in lines)


@st.composite
def damage(draw: st.DrawFn) -> bytes:
    """The good file with up to three cuts, insertions or copied stretches."""
    data = bytearray(SMALL.encode())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        match draw(st.sampled_from(["cut", "insert", "copy"])):
            case "cut":
                del data[at : at + draw(st.integers(1, 60))]
            case "insert":
                data[at:at] = draw(st.binary(min_size=1, max_size=3))
            case _:
                begin = draw(st.integers(0, len(data)))
                data[at:at] = data[begin : begin + draw(st.integers(1, 300))]
    return bytes(data)


@settings(max_examples=300, deadline=None)
@given(damage())
def test_a_damaged_file_is_refused_or_foots_and_both_readers_agree(data: bytes) -> None:
    by_row, by_column = outcome(data, large_from=len(data) + 1), outcome(data, large_from=0)
    if isinstance(by_row, str) or isinstance(by_column, str):
        assert by_row == by_column
        return
    assert by_row.settlement == by_column.settlement
    assert list(by_row.lines) == list(by_column.lines)
    assert total_of(line.amount for line in by_row.lines) == by_row.settlement.total


def outcome(data: bytes, *, large_from: int) -> ParsedSettlement | str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settlement_file, "LARGE", large_from)
        try:
            return read_settlement(data, channel="amazon.US", document_name="s.txt")
        except BadInput as refused:
            return str(refused)
