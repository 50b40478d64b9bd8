"""What people type, brought into the forms in which systems keep it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.story.asked import DatedSku, bare_spellings, cleaned, dated_sku, spellings


@pytest.mark.parametrize("text", ["", "  \n\t", "\u200b", "#", "# :"])
def test_a_text_without_signs_has_no_spelling(text: str) -> None:
    assert [s for s in spellings(text) if s.strip("# :")] == []


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("113\u20137702233\u20131180001", "113-7702233-1180001"),
        ("113 7702233 1180001", "113-7702233-1180001"),
        ("11377022331180001", "113-7702233-1180001"),
        ("Order #113-7702233-1180001", "113-7702233-1180001"),
        ("\u200b113-7702233-1180001\ufeff", "113-7702233-1180001"),
        ("so 7001", "SO7001"),
        ("SO 7001", "7001"),
        ("Sales Order: so7001", "SO7001"),
        ("PO# 1790012345678", "1790012345678"),
        ("rma no. 8812", "8812"),
        ("１７９００１２３４５６７８", "1790012345678"),
        ("1z999aa10123456784", "1Z999AA10123456784"),
        ("1Z 999 AA1 0123 4567 84", "1Z999AA10123456784"),
        ("amz-settle-188-202611-v2-r", "AMZ-SETTLE-188-202611-v2-R"),
        ("Bestellung Nr. 305-1234567-1234567", "305-1234567-1234567"),
    ],
)
def test_a_spelling_is_as_the_system_keeps_it(text: str, kept: str) -> None:
    assert kept in spellings(text)


def test_what_was_typed_comes_first_and_our_prefix_is_known() -> None:
    assert spellings("SO7001")[0] == "SO7001"
    assert "113-7702233-1180001" in bare_spellings("amz-113-7702233-1180001")


@given(st.text(max_size=60))
def test_any_text_has_at_most_ten_spellings_and_none_is_empty(text: str) -> None:
    found = spellings(text)
    assert len(found) <= 10
    assert all(form and form == form.strip() for form in found)
    assert cleaned(cleaned(text)) == cleaned(text)


@pytest.mark.parametrize("text", ["", "2026-11-18", "ACM-MUG-16", "ACM-MUG-16 2026-13-18", "ACM 31.02.2026"])
def test_a_sku_without_a_day_and_a_day_without_a_sku_are_none(text: str) -> None:
    assert dated_sku(text) is None


@pytest.mark.parametrize("text", ["ACM-MUG-16 2026-11-18", "18.11.2026 ACM-MUG-16", "ACM-MUG-16, 11/18/2026"])
def test_a_sku_and_a_day_are_read_in_three_ways(text: str) -> None:
    assert dated_sku(text) == DatedSku("ACM-MUG-16", date(2026, 11, 18))
