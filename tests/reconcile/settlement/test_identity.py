"""Names of a settlement's documents: parts, pieces, versions and reversals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.settlement.identity import PartName, current_name, part_name, read_name, reversal_of, versioned

BASE = "AMZ-SETTLE-700-202611"
DAY = "WMT-SETTLE-2026-11-03-202611"


@pytest.mark.parametrize(
    "text",
    ["", "SO17", "AMZ-SETTLE-700", "AMZ-SETTLE-700-2026111", f"{BASE}-v", f"{BASE}-R-R", f"{BASE}-v2-3", f"{BASE} "],
)
def test_what_is_no_name_of_ours_is_not_read(text: str) -> None:
    assert read_name(text) is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (BASE, PartName(BASE, "AMZ", "700", "2026-11", 1, False)),
        (f"{BASE}-2", PartName(f"{BASE}-2", "AMZ", "700", "2026-11", 1, False)),
        (f"{BASE}-2-v3-R", PartName(f"{BASE}-2", "AMZ", "700", "2026-11", 3, True)),
        (
            "WMT-SETTLE-2026-11-03-202611-R",
            PartName("WMT-SETTLE-2026-11-03-202611", "WMT", "2026-11-03", "2026-11", 1, True),
        ),
    ],
)
def test_names_are_taken_apart(text: str, read: PartName) -> None:
    assert read_name(text) == read


@given(
    st.sampled_from(["amazon.US", "walmart.US"]),
    st.from_regex(r"[0-9A-Za-z]{1,12}", fullmatch=True),
    st.integers(1, 12),
    st.none() | st.integers(2, 99),
    st.integers(1, 99),
    st.booleans(),
)
def test_every_name_that_is_made_is_read_back(
    channel: str, settlement: str, month: int, piece: int | None, version: int, is_reversal: bool
) -> None:
    base = part_name(channel, settlement, f"2026-{month:02d}") + (f"-{piece}" if piece else "")
    made = versioned(base, version)
    read = read_name(reversal_of(made) if is_reversal else made)
    assert read is not None
    assert (read.base, read.settlement_id, read.version, read.is_reversal) == (base, settlement, version, is_reversal)
    assert (read.period, read.original) == (f"2026-{month:02d}", made)


def test_the_version_that_counts_is_the_first_that_was_not_taken_back() -> None:
    known: set[str] = set()
    for expected, added in [(BASE, BASE), (BASE, f"{BASE}-R"), (f"{BASE}-v2", f"{BASE}-v2"), (f"{BASE}-v2", "other")]:
        assert current_name(BASE, known) == expected
        known.add(added)
    assert current_name(BASE, known | {f"{BASE}-v2-R"}) == f"{BASE}-v3"
    assert current_name(f"{BASE}-2", known) == f"{BASE}-2"
