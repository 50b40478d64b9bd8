"""Units and amounts are shared out without losing or making any."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.fixes.shipments.parcels import split_units
from reconcile.fulfilment.units import Room, running_share, share_out

COUNTS = st.integers(0, 9)


SETS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 3), min_size=1)


@given(st.dictionaries(st.sampled_from("abc"), COUNTS), st.lists(st.tuples(SETS, COUNTS), max_size=4))
def test_what_lines_take_and_what_is_over_are_all_that_came(
    items: dict[str, int], lines: list[tuple[dict[str, int], int]]
) -> None:
    """A line may be of one item or of a set; what makes no whole set is over."""
    rooms = [Room(str(n), {i: Decimal(f) for i, f in made_of.items()}, left) for n, (made_of, left) in enumerate(lines)]
    share = share_out({k: Decimal(v) for k, v in items.items()}, rooms)
    for item, count in items.items():
        taken = sum(units * lines[int(n)][0].get(item, 0) for n, units in share.units.items())
        assert taken + share.over.get(item, Decimal(0)) == count
    for n, (made_of, left) in enumerate(lines):
        assert share.units.get(str(n), 0) + rooms[n].left == left
        if rooms[n].left:
            assert any(share.over.get(item, Decimal(0)) < factor for item, factor in made_of.items())


@given(
    st.integers(-(10**7), 10**7), st.lists(st.integers(1, 40), min_size=1, max_size=8), st.sampled_from(["USD", "JPY"])
)
def test_partial_invoices_add_to_the_line_to_the_cent(minor: int, parts: list[int], currency: str) -> None:
    total = Decimal(minor) if currency == "JPY" else Decimal(minor) / 100
    whole, before, added = Decimal(sum(parts)), Decimal(0), Decimal(0)
    for part in parts:
        share = running_share(total, whole, before, Decimal(part), currency)
        assert abs(share - total * part / whole) <= (1 if currency == "JPY" else Decimal("0.01"))
        added, before = added + share, before + part
    assert added == total


@pytest.mark.parametrize(("whole", "before", "part"), [(0, 0, 0), (3, 2, 2), (3, -1, 1), (3, 0, -1)])
def test_parts_that_are_none_of_the_whole_are_refused(whole: int, before: int, part: int) -> None:
    with pytest.raises(ValueError, match="are no parts of"):
        running_share(Decimal(10), Decimal(whole), Decimal(before), Decimal(part), "USD")


@given(st.dictionaries(st.text("12345", min_size=1, max_size=1), st.integers(1, 5)), st.integers(1, 6))
def test_units_over_parcels_add_to_all_of_them_and_no_parcel_is_empty(units: dict[str, int], parcels: int) -> None:
    for policy in ("first", "spread"):
        parts = split_units(units, parcels, policy)  # type: ignore[arg-type]
        added: dict[str, int] = {}
        for part in parts:
            assert part
            for line_id, count in part.items():
                added[line_id] = added.get(line_id, 0) + count
        assert added == units
        assert len(parts) <= parcels
