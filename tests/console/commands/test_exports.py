"""Exports: whole files or none, exact amounts, nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from console.commands.exports import export_view
from console.desk import ViewRequest
from console.live.views import open_view
from console.views.rows import Column, MemoryView, Row
from sync.errors import BadInput
from tests.console.homes import Home

#: What Amazon ships for other shops stands among the orders.
ORDERS = "SELECT count(*) FROM orders UNION ALL SELECT count(*) FROM multichannel_orders"
COLUMNS = (Column("name", "Name", 10), Column("amount", "Amount", 10, "money"))


class Breaking(MemoryView):
    """A list that breaks while it is read."""

    def page(self, first: int, count: int) -> list[Row]:
        raise RuntimeError("the database is gone")


def view(*names: str) -> MemoryView:
    return MemoryView(COLUMNS, [Row(str(n), (name, Decimal("-5.10"))) for n, name in enumerate(names)])


@pytest.mark.parametrize("name", ["list.xlsx", "list", "gone/list.csv"])
def test_a_file_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        export_view(view("a"), tmp_path / name)
    assert list(tmp_path.rglob("*")) == []


def test_a_folder_in_the_way_is_refused_and_leaves_no_half_file(tmp_path: Path) -> None:
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(BadInput, match="cannot be written"):
        export_view(view("a"), tmp_path / "list.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["list.csv"]


def test_a_list_that_breaks_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        export_view(Breaking(COLUMNS, [Row("1", ("a", Decimal(1)))]), target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("name", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "-", "--"])
def test_a_text_that_a_spreadsheet_would_run_is_quoted(tmp_path: Path, name: str) -> None:
    export_view(view(name), tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["name"] == f"'{name}"
    assert row["amount"] == "-5.10"


def test_every_row_of_a_real_list_is_written_in_both_formats(pulled: Home, tmp_path: Path) -> None:
    opened = open_view(pulled.workspace().store, ViewRequest("orders"))
    try:
        counts = [export_view(opened, tmp_path / name) for name in ("orders.csv", "orders.json")]
    finally:
        opened.close()
    with (tmp_path / "orders.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (tmp_path / "orders.json").read_text().splitlines()]
    assert counts == [len(table), len(lines)] == [sum(n for (n,) in pulled.query(ORDERS))] * 2
    # The money of what is shipped for another shop is the other shop's.
    assert [r["total"] for r in table] == [r["total"] or "" for r in lines]
    total = pulled.query("SELECT sum(total) FROM orders")[0][0]
    assert sum(Decimal(r["total"]) for r in lines if r["total"]) == total
