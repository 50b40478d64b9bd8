"""The one text of a content: exact, and the same whatever the values were read from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.close.canonical import amount_of, canonical, content_of, plain
from sync.errors import BadInput


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema":2}', "no json"])
def test_what_is_no_content_of_this_schema_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        content_of(text)


def test_a_float_has_no_exact_text() -> None:
    with pytest.raises(TypeError, match="float has no exact text"):
        plain({"amount": [1.5]})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14))
def test_an_amount_is_exact_and_the_same_at_every_scale(amount: Decimal) -> None:
    text = amount_of(amount)
    assert Decimal(text) == amount
    assert text == amount_of(amount.normalize()) == amount_of(amount + Decimal("0.000000"))
    assert "E" not in text
    assert len(text.partition(".")[2]) >= 2


def test_times_are_utc_days_are_days_and_keys_are_sorted() -> None:
    berlin = timezone(timedelta(hours=2))
    content = {"b": datetime(2026, 10, 1, 2, tzinfo=berlin), "a": date(2026, 10, 1), "c": Decimal("-0.00")}
    assert canonical(content) == '{"a":"2026-10-01","b":"2026-10-01T00:00:00+00:00","c":"0.00"}'
    assert canonical({"b": datetime(2026, 10, 1, 0, tzinfo=UTC)}) == canonical({"b": content["b"]})
