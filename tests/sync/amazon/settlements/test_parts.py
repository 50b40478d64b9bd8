"""A settlement file read in parts says what the whole reader says, wherever the parts begin and end."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.settlement.groups import group_lines, merge_groups
from sync.amazon.settlements import file as settlement_file
from sync.amazon.settlements.file import read_settlement
from sync.amazon.settlements.parts import SettlementParts
from sync.errors import BadInput

from .texts import FEE, SALE, SUMMARY, text

ROWS = [
    row | {"order-id": f"111-{n}", "posted-date-time": f"2026-1{n % 2}-0{n % 9 + 1} 10:00:00 UTC"}
    for n in range(40)
    for row in (SALE, FEE)
]
CONTENT = text(SUMMARY | {"total-amount": "850.00"}, *ROWS)


def parts_of(path: Path, content: str | bytes, size: int) -> SettlementParts:
    file = path / "large.txt"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return SettlementParts(file, part_bytes=size)


def refused(path: Path, content: str | bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        list(parts_of(path, content, 700))
    assert caught.value.file == "large.txt"
    return caught.value


def test_a_cent_in_any_part_is_refused_when_the_last_one_was_read(tmp_path: Path) -> None:
    for n in (0, 41, 79):
        rows = [dict(row) for row in ROWS]
        rows[n]["amount"] = str(Decimal(rows[n]["amount"]) + Decimal("0.01"))
        error = refused(tmp_path, text(SUMMARY | {"total-amount": "850.00"}, *rows))
        assert "residual -0.01 USD" in error.problem


def test_a_cut_file_a_second_summary_and_a_row_of_another_settlement_are_refused(tmp_path: Path) -> None:
    assert "residual" in refused(tmp_path, CONTENT[: CONTENT[:-1].rindex("\n") + 1]).problem
    assert "the file was cut" in refused(tmp_path, CONTENT[:-40]).problem
    joined = CONTENT + CONTENT.split("\n", 1)[1]
    assert "a second summary line" in refused(tmp_path, joined).problem
    foreign = CONTENT + "\t".join(["701", *[""] * 23]) + "\n"
    assert "not of settlement 700" in refused(tmp_path, foreign).problem


def test_mixed_decimal_marks_are_refused_across_parts(tmp_path: Path) -> None:
    whole = {"amount": "25", "total-amount": ""}
    rows = [SALE | whole] * 20 + [SALE | {"amount": "0.50"}] * 20 + [SALE | {"amount": "0,50"}] * 20
    assert "marks are mixed" in refused(tmp_path, text(SUMMARY | {"total-amount": "520"}, *rows)).problem


@pytest.mark.parametrize("content", ["", "no settlement\n1\n", CONTENT.split("\n")[0] + "\n"])
def test_what_is_no_settlement_file_is_refused(tmp_path: Path, content: str) -> None:
    assert refused(tmp_path, content).remedy


def test_without_its_summary_line_first_or_in_another_encoding_it_is_refused(tmp_path: Path) -> None:
    header, summary, *rest = CONTENT.split("\n")
    assert "no summary line" in refused(tmp_path, "\n".join([header, *rest[:3], summary, *rest[3:]])).problem
    latin = CONTENT.replace("MUG-1", "M\u00dcG").encode("cp1252")
    assert "too large to be read whole" in refused(tmp_path, latin).problem


@pytest.mark.parametrize("large", [0, 4_000_000], ids=["by column", "by row"])
@pytest.mark.parametrize("size", [150, 701, 5_000, 1_000_000])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_parts_are_the_whole(
    tmp_path: Path, size: int, large: int, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ("\n\n" + CONTENT).replace("\n", end)
    data = content.encode()
    whole = read_settlement(data, channel=None, document_name="large.txt")
    monkeypatch.setattr(settlement_file, "LARGE", large)
    parts = parts_of(tmp_path, data, size)
    with pytest.raises(ValueError, match="last part"):
        _ = parts.settlement
    read = list(parts)
    assert [line for part in read for line in part] == list(whole.lines)
    assert parts.settlement == whole.settlement
    assert len(read) == 1 or size < 1_000_000
    assert merge_groups(group_lines(part) for part in read) == group_lines(whole.lines)


@pytest.mark.shared
def test_the_parts_of_a_real_file_are_the_whole(shared: Path) -> None:
    file = shared / "vendors/amazon/settlements/jtl_25811124052.txt"
    whole = read_settlement(file.read_bytes(), channel=None, document_name=file.name)
    parts = SettlementParts(file, part_bytes=20_000)
    assert [line for part in parts for line in part] == list(whole.lines)
    assert parts.settlement == whole.settlement
