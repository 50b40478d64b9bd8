"""Columns of frames hold what the records hold, to the last digit and microsecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.mirror.entities import fields_of
from sync.mirror.staging import series
from sync.records import Order

_FIELDS = {f.name: f for f in fields_of(Order)}
_amounts = st.decimals(min_value=-(10**13), max_value=10**13, places=4)
_finer = st.decimals(min_value=-(10**6), max_value=10**6, allow_nan=False)
_moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7, minutes=30))])).filter(
    lambda moment: 1 < moment.year < 9999
)


@pytest.mark.parametrize("text", ["1e20", "NaN", "Infinity"])
def test_an_amount_that_no_column_holds_is_refused(text: str) -> None:
    with pytest.raises(pl.exceptions.InvalidOperationError, match="decimal"):
        series(_FIELDS["total"], [Decimal("1.00"), Decimal(text)])


@given(st.lists(st.none() | _amounts, max_size=20), st.lists(_finer, max_size=20))
def test_amounts_are_those_of_the_records_and_finer_ones_the_nearest(
    amounts: list[Decimal | None], finer: list[Decimal]
) -> None:
    found = series(_FIELDS["total"], [*amounts, *finer]).to_list()
    assert found[: len(amounts)] == amounts
    assert all(abs(a - b) <= Decimal("0.00005") for a, b in zip(found[len(amounts) :], finer, strict=True))


@given(st.lists(st.none() | _moments, max_size=20))
def test_times_are_those_of_the_records(moments: list[object]) -> None:
    assert series(_FIELDS["ordered_at"], moments).to_list() == moments


def test_a_time_without_a_zone_is_utc() -> None:
    moment = datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert series(_FIELDS["ordered_at"], [moment.replace(tzinfo=None), None]).to_list() == [moment, None]
