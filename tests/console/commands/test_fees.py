"""Measures and fee tables out of files, on the command line: all of a file or nothing."""

from __future__ import annotations

from pathlib import Path

from reconcile.fees.packages import TABLE
from tests.console.homes import Home

HEAD = "sku,length,width,height,length_unit,weight,weight_unit\n"


def test_a_file_with_a_wrong_row_changes_nothing(empty: Home, tmp_path: Path) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text(f"{HEAD}A,1,2,3,in,4,oz\nB,1,2,3,in,,oz\n", encoding="utf-8")
    done = empty.run("fees", "import-dimensions", str(file))
    assert (done.code, "line 3" in done.err, "weight is a number above zero" in done.err) == (2, True, True)
    assert empty.run("fees", "import-dimensions", str(tmp_path / "none.csv")).code == 2
    assert empty.query("SELECT count(*) FROM decisions") == [(0,)]


def test_measures_and_a_table_are_taken_once(empty: Home, tmp_path: Path) -> None:
    sizes, table = tmp_path / "sizes.csv", tmp_path / "table.csv"
    sizes.write_text(f"{HEAD}A,1,2,3,in,4,oz\nB,1,2,3,cm,4,g\n", encoding="utf-8")
    table.write_text(",".join(TABLE) + "\nsmall,15,12,0.75,,in,0,16,oz,,3.00,,,2026-01-01,,our own\n", encoding="utf-8")
    for decided, unchanged in ((2, 0), (0, 2)):
        done = empty.run("fees", "import-dimensions", str(sizes), "--json").one
        assert (done["decided"], done["unchanged"]) == (decided, unchanged)
    done = empty.run("fees", "import-table", str(table), "--channel", "amazon.US", "--json").one
    assert (done["decided"], done["unchanged"]) == (1, 0)
    assert {s for (s,) in empty.query("SELECT subject FROM current_decisions")} == {
        "package|*|A", "package|*|B", "table|amazon.US|fulfilment"
    }  # fmt: skip
