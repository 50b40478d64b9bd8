"""Ties, fees and disputes on the command line, over a home that has pulled a company whose books are in order."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from tests.console.homes import Home

CONTROLS = ("settlement_untied", "line_order_unknown", "order_never_paid", "fee_differs")


@pytest.fixture(scope="module")
def home(pulled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    folder = tmp_path_factory.mktemp("disputes") / "home"
    shutil.copytree(pulled_folder, folder)
    made = Home(folder)
    yield made
    made.close()


def findings(home: Home, control: str) -> int:
    (row,) = home.query("SELECT count(*) FROM discrepancies WHERE control = ? AND state <> 'resolved'", [control])
    return int(row[0])


def test_a_company_whose_money_is_in_order_has_none_of_these_findings(home: Home) -> None:
    assert [findings(home, c) for c in CONTROLS] == [0, 0, 0, 0]


def test_ties_show_every_settlement_with_its_witnesses_and_one_in_full(home: Home) -> None:
    done = home.run("settlement", "ties", "--json")
    assert done.code == 0
    assert len(done.rows) == home.query("SELECT count(*) FROM settlements")[0][0]
    number = done.rows[0]["settlement"]
    one = home.run("settlement", "ties", number)
    assert f"states {done.rows[0]['stated']} {done.rows[0]['currency']}" in one.out
    assert "no bank statement was imported" in one.out
    assert home.run("settlement", "ties", "--untied").out == ""
    assert home.run("settlement", "ties", "4711").code == 2


def test_decisions_on_fees_that_cannot_be_used_are_refused_with_what_could_be(home: Home) -> None:
    wrong = home.run("fees", "category", "walmart.US", "X", "nonsense")
    assert (wrong.code, "Use one of" in wrong.err) == (2, True)
    assert home.run("fees", "rate", "walmart.US", "office", "much").code == 2
    assert {
        r["percent"] for r in home.run("fees", "list", "walmart.US", "--json").rows if r["category"] == "office"
    } == {"15.00"}


def test_an_overcharge_goes_from_the_list_through_the_packet_to_a_case_and_back(home: Home, tmp_path: Path) -> None:
    (sku,) = home.query(
        "SELECT sku FROM settlement_lines WHERE channel = 'walmart.US' AND amount_type = 'Commission on Product'"
        " AND posted_date > DATE '2026-10-01' AND transaction_type = 'Sale' ORDER BY ordinal LIMIT 1"
    )[0]
    nothing = home.run("disputes", "export", "walmart.US", "--out", str(tmp_path / "p.xlsx"))
    assert (nothing.code, list(tmp_path.iterdir())) == (1, [])
    assert home.run("fees", "rate", "walmart.US", "seeded", "1").code == 0
    assert home.run("fees", "category", "walmart.US", sku, "seeded").code == 0
    listed = [r for r in home.run("disputes", "list", "walmart.US", "--json").rows if Decimal(r["open"]) > 0]
    assert listed
    assert findings(home, "fee_differs") == len(listed)

    assert home.run("disputes", "export", "walmart.US", "--out", str(tmp_path / "p.csv")).code == 2
    done = home.run("disputes", "export", "walmart.US", "--out", str(tmp_path / "p.xlsx"), "--case", "C-1", "--json")
    assert done.code == 0
    assert Decimal(done.one["amount"]) <= sum(Decimal(r["open"]) for r in listed)
    sheet = openpyxl.load_workbook(tmp_path / "p.xlsx").active
    assert sheet.max_row == done.one["lines"] + 2
    assert findings(home, "fee_differs") == len(listed) - done.one["lines"]

    cased = [r for r in home.run("disputes", "list", "--json").rows if r["case"] == "C-1"]
    assert len(cased) == done.one["lines"]
    assert home.run("disputes", "unmark", "walmart.US", *(r["subject"] for r in cased)).code == 0
    assert home.run("disputes", "mark", "walmart.US", cased[0]["subject"], "--case", "C-2").code == 0
    assert findings(home, "fee_differs") == len(listed) - 1
    assert home.run("disputes", "mark", "walmart.US", "no such fee", "--case", "C-3").code == 2
    assert home.run("disputes", "unmark", "walmart.US", "no such fee").code == 2
