"""For any settlements: close, binder and proof agree; and any one amount, date or mapping that is changed is found."""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.binder import verify_binder, write_binder
from reconcile.close.canonical import canonical
from tests.reconcile.binder.tampering import alter, other, reseal
from tests.reconcile.close.month_world import OCTOBER, company, seen, settle
from tests.reconcile.factories import NOW

TYPES = (
    "Order|ItemPrice|Principal",
    "Order|ItemPrice|Tax",
    "Order|ItemFees|Commission",
    "Refund|ItemPrice|Principal",
    "other-transaction|other-transaction|Current Reserve Amount",
    "other-transaction|other-transaction|Previous Reserve Amount Balance",
    "Nobody|Knows|This",
)
FIRST = date(2026, 9, 25)
ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from(TYPES), st.integers(-5000, 5000).filter(bool)), min_size=1, max_size=8
)
MONTHS = st.lists(ROWS, min_size=1, max_size=3)
ALWAYS = [(10, TYPES[0], 100)]


def written(month: Sequence[Sequence[tuple[int, str, int]]], folder: Path) -> None:
    """Close a month of these settlements, each with a sale in October, and write its binder."""
    world = company()
    for number, rows in enumerate(month):
        lines = [
            f"{FIRST + timedelta(days=day)} {kind} {cents / 100:.2f}"
            for day, kind, cents in sorted([*rows, *ALWAYS], key=lambda r: r[0])
        ]
        settle(world, f"70{number}", lines, start="2026-09-25", end="2026-11-05")
    content = {**seen(world), "obstacles": [], "discrepancies": []}
    content["obstacles"] = [
        {"kind": "unmapped", "channel": j["channel"], "subject": j["external_id"], "problem": p, "remedy": ""}
        for j in content["journals"]
        for p in j["blocked_by"]
    ]
    close = world.store.closes.append(OCTOBER, canonical(content), as_of=NOW, by="ann")
    write_binder(world.store, close, folder)
    world.store.close()


def tampered(folder: Path, choice: random.Random) -> str:
    """Change one cell of one table by the least; return the table's file."""
    tables = sorted(p.stem for p in (folder / "tables").glob("*.parquet"))
    while True:
        table = choice.choice(tables)
        frame = pl.read_parquet(folder / "tables" / f"{table}.parquet")
        if frame.height:
            column, row = choice.choice(frame.columns), choice.randrange(frame.height)
            kind = {"Decimal": "amount", "Int": "int", "Boolean": "flag", "Datetime": "time", "Date": "date"}
            name = next((k for t, k in kind.items() if str(frame.schema[column]).startswith(t)), "text")
            alter(folder, table, row, column, other(frame[column][row], name))
            reseal(folder)
            return f"tables/{table}.parquet"


def check_any_month(month: Sequence[Sequence[tuple[int, str, int]]], choice: random.Random) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "binder"
        written(month, folder)
        assert [c for c in verify_binder(folder) if not c.is_proved] == []
        for number in range(3):
            copy = Path(shutil.copytree(folder, Path(scratch) / f"copy{number}"))
            name = tampered(copy, choice)
            differing = [d for c in verify_binder(copy) for d in c.differences]
            assert name in {d.file for d in differing}


SETTINGS = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=3, **SETTINGS)  # type: ignore[arg-type]
@given(MONTHS, st.randoms(use_true_random=False))
def test_a_month_is_proved_and_what_is_changed_in_its_binder_is_named(
    month: list[list[tuple[int, str, int]]], choice: random.Random
) -> None:
    check_any_month(month, choice)


@pytest.mark.slow
@settings(max_examples=12, **SETTINGS)  # type: ignore[arg-type]
@given(MONTHS, st.randoms(use_true_random=False))
def test_many_months_are_proved_and_what_is_changed_in_their_binders_is_named(
    month: list[list[tuple[int, str, int]]], choice: random.Random
) -> None:
    check_any_month(month, choice)
