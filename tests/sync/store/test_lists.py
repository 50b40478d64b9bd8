"""A list of texts that goes to the database as one parameter arrives as it was."""

from __future__ import annotations

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.store.lists import as_list, listed

CONNECTION = duckdb.connect()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.none() | TEXTS | st.sampled_from(("null", '"', "\\", "\x00", "[]", "';", "NaN", "1"))))
def test_texts_arrive_as_they_were(values: list[str | None]) -> None:
    rows = CONNECTION.execute(f"SELECT unnest({as_list('$1')})", [listed(values)]).fetchall()
    assert [row[0] for row in rows] == values
