from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.desk import FilterProblem
from console.views.filter import compile_filter, terms
from console.views.rows import Column

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
COLUMNS = (
    Column("status", "Status", 8),
    Column("channel", "Channel", 10),
    Column("kind", "Kind", 10),
    Column("diff", "Diff", 8, "money"),
    Column("found_at", "Age", 4, "age"),
    Column("day", "Day", 10, "date"),
)
ROWS = """
    (VALUES
        ('a', 'open', 'amazon.US', 'fee', 6.00, TIMESTAMPTZ '2026-11-18 14:00:00+00', DATE '2026-11-18'),
        ('b', 'open', 'walmart.US', 'Missing %_', -129.00, TIMESTAMPTZ '2026-11-21 13:59:00+00', DATE '2026-11-21'),
        ('c', 'opened', 'amazon.DE', '113-7702', 5.00, TIMESTAMPTZ '2026-11-21 14:00:00+00', DATE '2026-11-20'),
        ('d', 'waived', NULL, 'O''Brien', NULL, NULL, NULL)
    ) AS r(key, status, channel, kind, diff, found_at, day)
"""


def keys(text: str) -> str:
    """Return the keys of the rows that the filter keeps, joined."""
    compiled = compile_filter(text, COLUMNS, ("kind", "channel"), NOW)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    rows = connection.execute(f"SELECT key FROM {ROWS} WHERE {compiled.where} ORDER BY key", compiled.parameters)
    return "".join(row[0] for row in rows.fetchall())


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        ("colour:red", 0, "no field colour here; there is channel, day, diff"),
        ("open diff:much", 5, "diff wants a number such as >5"),
        ("diff:>1e99", 0, "diff wants a number"),
        ("diff:nan", 0, "diff wants a number"),
        ("found_at:>soon", 0, "found_at wants an age such as >2d"),
        ("day:2026-13-01", 0, "day wants a date such as 2026-11-20"),
        ("status:", 0, "a value is missing here"),
        ('a "open', 2, "this quote is not closed"),
        ('status:"open', 7, "this quote is not closed"),
        ("x" * 501, 500, "a filter has at most 500 characters"),
    ],
)
def test_a_filter_that_cannot_be_understood_says_why_and_where(text: str, position: int, said: str) -> None:
    with pytest.raises(FilterProblem) as caught:
        compile_filter(text, COLUMNS, ("kind",), NOW)
    assert caught.value.position == position
    assert said in caught.value.text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", "abcd"),
        ("status:open", "abc"),
        ("status:=open", "ab"),
        ("status:open,waived", "abcd"),
        ("-status:=open", "cd"),
        ("channel:amazon", "ac"),
        ("-channel:amazon", "bd"),
        ("channel:-", "d"),
        ("diff:>5", "a"),
        ("diff:>=5", "ac"),
        ("diff:<0", "b"),
        ("diff:5..6", "ac"),
        ("diff:5", "c"),
        ("-diff:>5", "bcd"),
        ("found_at:>2d", "a"),
        ("found_at:<1h", "bc"),
        ("found_at:>=2026-11-21", "bc"),
        ("found_at:2026-11-21", "bc"),
        ("day:2026-11-20..2026-11-21", "bc"),
        ("113-77", "c"),
        ("o'brien", "d"),
        ("%_", "b"),
        ("amazon fee", "a"),
        ('"missing %_"', "b"),
        ('kind:"missing %"', "b"),
        ("-fee", "bcd"),
        ("STATUS:OPEN amazon.de", "c"),
    ],
)
def test_a_filter_keeps_exactly_these_rows(text: str, kept: str) -> None:
    assert keys(text) == kept


@given(st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_typed_text_never_becomes_sql(text: str) -> None:
    try:
        compiled = compile_filter(text, COLUMNS, ("kind",), NOW)
    except FilterProblem as problem:
        assert 0 <= problem.position <= len(text)  # noqa: PT017 (either outcome is checked)
        return
    allowed = set('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"$<>=(), .')
    assert set(compiled.where) <= allowed
    assert "'" not in compiled.where


@pytest.mark.parametrize("text", ["x'; DROP TABLE t; --", "status:=x'--", 'kind:"\'); DELETE FROM t"', "$f0 $1 ?"])
def test_sql_in_a_filter_is_only_looked_for(text: str) -> None:
    assert keys(text) == ""


def test_terms_know_their_place() -> None:
    found = list(terms('status:open  -diff:>5 "two words"'))
    assert [(t.field, t.value, t.negated, t.position) for t in found] == [
        ("status", "open", False, 0),
        ("diff", ">5", True, 13),
        (None, "two words", False, 22),
    ]


def test_amounts_are_compared_as_decimals() -> None:
    assert compile_filter("diff:>0.1", COLUMNS, (), NOW).parameters == {"f0": Decimal("0.1")}
