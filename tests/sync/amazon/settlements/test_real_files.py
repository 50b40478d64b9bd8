"""Every real settlement file of the reference folder reads and adds to its total exactly."""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from sync.amazon.settlements.file import read_settlement
from sync.errors import BadInput

# file, format, channel, settlement id, total, amounts (rows with an amount; two for an advertising row)
FILES = [
    ("adwweaver_50011020300.txt", "amazon-v1", "amazon.CA", "23874396421", "-321.69", 3),
    ("adwweaver_50018020314.txt", "amazon-v1", "amazon.CA", "23874397121", "-62.31", 15),
    ("adwweaver_50041020342.txt", "amazon-v1", "amazon.CA", "24391894961", "2539.66", 489 - 106 + 3),
    ("adwweaver_50051020370.txt", "amazon-v1", "amazon.CA", "24596907561", "3894.24", 685 - 152 + 4),
    ("jtl_25625364862.txt", "amazon-v2", "amazon.NL", "25625364862", "302.65", 48),
    ("jtl_25671641022.txt", "amazon-v2", "amazon.IT", "25671641022", "596.13", 84),
    ("jtl_25672107332.txt", "amazon-v2", "amazon.FR", "25672107332", "1867.57", 309),
    ("jtl_25720682842.txt", "amazon-v2", "amazon.NL", "25720682842", "637.62", 94),
    ("jtl_25758151382.txt", "amazon-v2", "amazon.FR", "25758151382", "1940.48", 224),
    ("jtl_25811124052.txt", "amazon-v2", "amazon.DE", "25811124052", "8871.97", 1330),
    ("xieyi138-star_settlement-sample.txt", "amazon-v2", "amazon.US", "28471003921", "582.89", 23),
]


@pytest.mark.proves("A40", "A45", "A47", "A58")
@pytest.mark.shared
@pytest.mark.parametrize(("name", "form", "channel", "number", "total", "count"), FILES, ids=[f[0] for f in FILES])
def test_a_real_file_foots_exactly(
    shared: Path, name: str, form: str, channel: str, number: str, total: str, count: int
) -> None:
    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    parsed = read_settlement(data, channel=None, document_name=name)
    head = parsed.settlement
    assert (head.format, head.channel, head.settlement_id) == (form, channel, number)
    assert head.total == Decimal(total) == sum(line.amount for line in parsed.lines)
    assert head.line_count == len(parsed.lines) == count
    assert head.document_hash == sha256(data).hexdigest()
    assert head.period_start < head.period_end


@pytest.mark.shared
@pytest.mark.parametrize("name", [f[0] for f in FILES])
def test_every_line_of_a_real_file_is_where_its_offset_says(shared: Path, name: str) -> None:
    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    raw = data.split(b"\n")
    for line in read_settlement(data, channel=None, document_name=name).lines:
        assert data[line.byte_offset :].startswith(raw[line.file_line - 1])
        assert raw[line.file_line - 1].startswith(line.settlement_id.encode())


@pytest.mark.shared
@pytest.mark.parametrize("name", [f[0] for f in FILES])
def test_a_real_file_that_lost_its_last_amount_line_is_refused(shared: Path, name: str) -> None:
    data = (shared / "vendors/amazon/settlements" / name).read_bytes().rstrip(b"\n")
    with pytest.raises(BadInput, match="residual"):
        read_settlement(data[: data.rindex(b"\n") + 1], channel=None, document_name=name)


@pytest.mark.shared
def test_the_chain_of_real_files_has_no_gap(shared: Path) -> None:
    folder = shared / "vendors/amazon/settlements"
    first, second = (
        read_settlement((folder / name).read_bytes(), channel=None, document_name=name).settlement
        for name, *_ in FILES[:2]
    )
    assert first.period_end == second.period_start
