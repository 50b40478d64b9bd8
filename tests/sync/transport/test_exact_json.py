"""JSON with exact numbers, both ways."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.transport import read_json, write_json

AMOUNT = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**14), max_value=10**14)
DOCUMENT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | AMOUNT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("wrong", [1.5, float("nan"), {1: "a"}, {"a": {1, 2}}, [object()], b"bytes"])
def test_what_json_has_no_exact_word_for_is_refused(wrong):
    with pytest.raises(TypeError):
        write_json(wrong)


@pytest.mark.parametrize("wrong", [Decimal("NaN"), Decimal("Infinity"), Decimal("-Infinity")])
def test_a_number_that_is_not_finite_is_refused(wrong):
    with pytest.raises(ValueError, match="cannot be sent"):
        write_json({"amount": wrong})


@pytest.mark.parametrize("body", [b"NaN", b"[Infinity]", b"{'a': 1}", b"", b"{} {}", b"1e99999999999999999999"])
def test_what_is_no_json_is_refused(body):
    with pytest.raises(ValueError, match=r"."):
        read_json(body)


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"a": 1.10}',
        '{"a": 1.10}'.encode("utf-16"),
        b'["\\ud800", 1.10]',
        b"1e3",
        b"-0",
        b"1E-7",
        b"123456789012345678901234567890",
        b"1." + b"1" * 60,
        b'{"a": 1, "a": 2}',
        b" \n[ ] \t",
    ],
)
def test_what_only_the_standard_library_takes_is_read_as_it_says_and_never_otherwise(body):
    said = json.loads(body, parse_float=Decimal)
    assert repr(read_json(body)) == repr(said)


def test_an_amount_is_written_without_exponent():
    assert write_json({"a": Decimal("1E+3"), "b": Decimal("0.0001"), "c": Decimal("1E-7")}) == (
        b'{"a":1000,"b":0.0001,"c":0.0000001}'
    )


@given(DOCUMENT)
def test_what_is_written_is_read_back_the_same(document):
    body = write_json(document)
    assert read_json(body) == document
    json.loads(body)
