"""Units and amounts are shared out without losing or making any."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.fixes.shipments.parcels import split_units
from reconcile.fulfilment.units import Room, running_share, share_out

COUNTS = st.integers(0, 9)


@given(
    st.dictionaries(st.sampled_from("ab"), COUNTS),
    st.lists(st.tuples(st.sampled_from("ab"), COUNTS, st.integers(1, 3)), max_size=4),
)
def test_what_lines_take_and_what_is_over_are_all_that_came(
    items: dict[str, int], lines: list[tuple[str, int, int]]
) -> None:
    rooms = [Room(str(n), item, Decimal(factor), left) for n, (item, left, factor) in enumerate(lines)]
    factors = {room.line_id: (room.item_id, room.factor) for room in rooms}
    share = share_out({k: Decimal(v) for k, v in items.items()}, rooms)
    for item, count in items.items():
        taken = sum((units * factors[n][1] for n, units in share.units.items() if factors[n][0] == item), Decimal(0))
        assert taken + share.over.get(item, Decimal(0)) == count
    assert all(share.units.get(str(n), 0) + rooms[n].left == lines[n][1] for n in range(len(lines)))


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
