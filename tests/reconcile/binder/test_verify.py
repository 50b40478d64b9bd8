"""A binder proves itself, and what was changed in it is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.binder import Check, Difference, verify_binder
from reconcile.binder.tables import tables_of
from reconcile.close import content_of
from sync.errors import BadInput
from sync.ops.closes import Close
from tests.reconcile.binder.tampering import alter, other, reseal
from tests.reconcile.factories import World

LINES = "tables/lines.parquet"


def differences(folder: Path, digest: str = "") -> dict[str, list[Difference]]:
    return {c.name: list(c.differences) for c in verify_binder(folder, digest=digest) if not c.is_proved}


def named(folder: Path) -> list[str]:
    return [f"{d.file}: {d.subject}: {d.problem}" for found in differences(folder).values() for d in found]


@pytest.mark.parametrize(
    "name", ["manifest.json", "close.json", "close-content.json", LINES, "tables/rules.parquet", "binder.xlsx"]
)
def test_a_binder_without_a_file_is_no_proof_at_all(binder: Path, name: str) -> None:
    (binder / name).unlink()
    with pytest.raises(BadInput, match=r"missing|no binder"):
        verify_binder(binder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("manifest.json", "cannot be read"),
        ("close.json", "cannot be read"),
        ("close-content.json", "not JSON"),
        (LINES, "no Parquet file"),
        ("tables/journals.parquet", "no Parquet file"),
    ],
)
def test_a_file_that_is_rubbish_is_damage_not_a_difference(binder: Path, name: str, said: str) -> None:
    (binder / name).write_bytes(b"\x00rubbish")
    with pytest.raises(BadInput, match=said) as caught:
        verify_binder(binder)
    assert caught.value.file == Path(name).name


@pytest.mark.parametrize("manifest", ["[]", "{}", '{"binder": 3, "files": {}, "documents": []}'])
def test_a_folder_of_another_kind_or_version_is_refused(binder: Path, manifest: str) -> None:
    (binder / "manifest.json").write_text(manifest)
    with pytest.raises(BadInput):
        verify_binder(binder)


def test_a_manifest_cannot_lead_out_of_the_folder(binder: Path) -> None:
    held = json.loads((binder / "manifest.json").read_text())
    held["files"]["../../../etc/passwd"] = {"sha256": "0" * 64}
    (binder / "manifest.json").write_text(json.dumps(held))
    with pytest.raises(BadInput, match="missing"):
        verify_binder(binder)


def test_a_content_without_a_part_of_it_is_damage(binder: Path) -> None:
    path = binder / "close-content.json"
    held = json.loads(path.read_text())
    del held["settlements"][0]["parts"]
    path.write_text(json.dumps(held))
    with pytest.raises(BadInput, match="damaged"):
        verify_binder(binder)


def test_a_file_that_nobody_wrote_into_it_is_named(binder: Path) -> None:
    (binder / "tables" / "more.txt").write_text("hello")
    assert named(binder) == ["tables/more.txt: tables/more.txt: the manifest does not name this file"]


def test_a_changed_workbook_is_named(binder: Path) -> None:
    with (binder / "binder.xlsx").open("ab") as file:
        file.write(b"x")
    assert [d.split(":")[0] for d in named(binder)] == ["binder.xlsx"]


def test_what_is_changed_in_the_workbook_is_named_by_its_cell_although_the_hashes_fit(binder: Path) -> None:
    book = openpyxl.load_workbook(binder / "binder.xlsx")
    book["Journal lines"]["F2"] = 100.01
    book["Decisions"]["G2"] = "eve"
    book["Bridge"]["F2"] = "=1+1"
    book["Checks"]["A9"] = "nothing was open"
    rows = book["Breakdown"].max_row
    book["Breakdown"].delete_rows(rows)
    book.save(binder / "binder.xlsx")
    reseal(binder)
    found = named(binder)
    assert {f.split(": ")[0] for f in found} == {"binder.xlsx"}
    cells = {f.split(": ")[1] for f in found}
    assert cells >= {"Journal lines!F2", "Decisions!G2", "Bridge!F2", "Checks!A9", f"Breakdown!A{rows}"}
    assert "binder.xlsx: Decisions!G2: it is eve, it was closed as ann" in found
    (binder / "binder.xlsx").write_bytes(b"PK\x03\x04rubbish")
    with pytest.raises(BadInput, match="no workbook"):
        verify_binder(binder)


def test_a_binder_without_its_workbook_is_none_although_nothing_names_it(binder: Path) -> None:
    (binder / "binder.xlsx").unlink()
    manifest = json.loads((binder / "manifest.json").read_text())
    del manifest["files"]["binder.xlsx"]
    (binder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match="missing"):
        verify_binder(binder)


def test_an_original_that_was_taken_out_is_named_by_the_workbook(binder: Path) -> None:
    manifest = json.loads((binder / "manifest.json").read_text())
    gone = manifest["documents"][0]["file"]
    (binder / gone).unlink()
    del manifest["files"][gone]
    manifest["documents"][0]["file"] = ""
    (binder / "manifest.json").write_text(json.dumps(manifest))
    (found,) = named(binder)
    assert found == f"binder.xlsx: Documents!E2: it is {gone}, it was closed as empty"


def test_a_binder_of_the_first_shape_is_proved_but_for_the_workbooks_cells(binder: Path) -> None:
    path = binder / "manifest.json"
    path.write_text(path.read_text().replace('"binder": 2', '"binder": 1'))
    checks = {c.name: c for c in verify_binder(binder)}
    assert all(c.is_proved for c in checks.values())
    assert "earlier shape" in checks["the workbook says what was closed"].notes[0]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("amount", "0.01", "amount -14.9900 in the binder, -15.00 in the document"),
        ("order_id", None, "order_id 111-1111111-1111111x in the binder"),
        ("posted_date", None, "posted_date 2026-10-07 in the binder"),
        ("posted_at", None, "posted_at 2026-10-06T12:00:01+00:00 in the binder"),
        ("transaction_type", None, "transaction_type Orderx in the binder"),
        ("file_line", None, "file_line 5 in the binder, 4 in the document"),
    ],
)
def test_a_changed_line_is_named_with_settlement_line_and_field(
    binder: Path, column: str, value: str | None, said: str
) -> None:
    cell = pl.read_parquet(binder / LINES)[column].to_list()[1]
    alter(binder, "lines", 1, column, other(cell))
    reseal(binder)
    found = differences(binder)
    (line,) = found["originals read again give the same lines"]
    assert line.file == LINES
    assert line.subject.startswith("amazon.US/700 line 2 (file line ")
    assert said in line.problem
    (digest,) = [d for d in found["lines add to their settlement's total"] if "digest" in d.problem]
    assert digest.subject == "amazon.US/700"


def test_a_cent_on_a_line_is_also_found_in_sum_class_journal_month_and_bridge(binder: Path) -> None:
    cell = pl.read_parquet(binder / LINES)["amount"].to_list()[1]
    alter(binder, "lines", 1, "amount", other(cell))
    reseal(binder)
    found = differences(binder)
    assert set(found) == {
        "lines add to their settlement's total",
        "lines classified by the rules, once",
        "journals derived again, line by line, and balanced",
        "month parts add to their settlements",
        "the cash bridge adds up",
        "originals read again give the same lines",
    }
    assert any(
        "0.01 off" in d.problem or "-0.01 off" in d.problem for d in found["lines add to their settlement's total"]
    )
    journal = found["journals derived again, line by line, and balanced"]
    assert {d.subject for d in journal} == {"AMZ-SETTLE-700-202610 line 1", "AMZ-SETTLE-700-202610 line 3"}


def test_a_line_that_is_gone_and_one_of_a_strange_settlement_are_named(binder: Path) -> None:
    path = binder / LINES
    frame = pl.read_parquet(path)
    strange = frame.head(1).with_columns(settlement_id=pl.lit("999"))
    pl.concat([frame.slice(1), strange]).write_parquet(path)
    reseal(binder)
    found = " ".join(named(binder))
    assert "amazon.US/999: lines of a settlement that is not in the close" in found
    assert "amazon.US/700: 2 lines are read, the binder has 1" in found


def test_a_cent_in_an_original_is_named_with_its_line(binder: Path) -> None:
    path = next((binder / "originals").glob("0001-*"))
    path.write_bytes(path.read_bytes().replace(b"\t-15.00\t", b"\t-15.01\t"))
    reseal(binder)
    found = differences(binder)["originals read again give the same lines"]
    assert "the document is not the one that was received" in found[0].problem
    assert "residual 0.01 USD" in found[1].problem
    assert found[2].subject == "amazon.US/700 line 2 (file line 4)"
    assert "does not name -15.0000 there" in found[2].problem


def test_a_cent_moved_between_two_lines_of_an_original_names_both(binder: Path) -> None:
    path = next((binder / "originals").glob("0001-*"))
    data = path.read_bytes().replace(b"\t-15.00\t", b"\t-15.01\t").replace(b"\t100.00\t", b"\t100.01\t")
    path.write_bytes(data)
    reseal(binder)
    found = differences(binder)["originals read again give the same lines"]
    assert [d.subject for d in found[1:]] == [
        "amazon.US/700 line 1 (file line 3)",
        "amazon.US/700 line 2 (file line 4)",
    ]


def test_any_cell_of_any_table_that_is_changed_is_named(
    written: Path, closed_world: tuple[World, Close], tmp_path: Path
) -> None:
    changed = []
    folder = Path(shutil.copytree(written, tmp_path / "b"))
    for table in tables_of(content_of(closed_world[1].content)).values():
        for place, column in enumerate(table.columns):
            if table.rows:
                row = len(changed) % len(table.rows)
                alter(folder, table.name, row, column.name, other(table.rows[row][place], column.kind))
                changed.append((f"tables/{table.name}.parquet", column.name))
    reseal(folder)
    (check,) = [c for c in verify_binder(folder) if c.name == "tables say what was closed"]
    assert check.differing == len(changed)
    assert len(changed) > 100
    assert {(d.file, d.problem.split(" is ")[0]) for d in check.differences} <= set(changed)


@pytest.mark.parametrize(
    ("before", "after", "check"),
    [
        ('"account_key":"referral_fees"', '"account_key":"advertising"', "lines classified by the rules, once"),
        ('"payout":"85.00"', '"payout":"85.01"', "the cash bridge adds up"),
        ('"total":"85.00"', '"total":"85.01"', "lines add to their settlement's total"),
        ('"amount":"17.00","lines":2,"month":"2026-11"', '"amount":"17.01","lines":2,"month":"2026-11"',
         "month parts add to their settlements"),
    ],
)  # fmt: skip
def test_a_content_that_was_changed_breaks_the_digest_and_its_own_check(
    binder: Path, before: str, after: str, check: str
) -> None:
    path = binder / "close-content.json"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    reseal(binder)
    found = differences(binder)
    assert "the digest of the close" in found
    assert check in found


def test_an_account_that_was_changed_in_the_content_is_another_journal(binder: Path) -> None:
    path = binder / "close-content.json"
    held = json.loads(path.read_text())
    for account in held["books"]["accounts"]:
        if account["key"] == "referral_fees":
            account["number"] += "1"
    path.write_text(json.dumps(held))
    reseal(binder)
    found = differences(binder)
    assert "the digest of the close" in found
    (line,) = [d for d in found["journals derived again, line by line, and balanced"] if "line 3" in d.subject]
    assert line.problem.startswith("account is {")


def test_a_binder_of_another_close_is_found_by_the_digest_known_from_elsewhere(
    binder: Path, closed_world: tuple[World, Close]
) -> None:
    assert differences(binder, closed_world[1].digest) == {}
    (found,) = differences(binder, "0" * 64)["the digest of the close"]
    assert f"the digest is {closed_world[1].digest}" in found.problem


def test_a_binder_made_wholly_anew_is_found_by_what_was_recorded_at_the_close(
    binder: Path, closed_world: tuple[World, Close]
) -> None:
    digests = closed_world[0].store.closes.digests
    assert [c.notes for c in verify_binder(binder, recorded=digests) if not c.is_proved or "compared" in repr(c)] == []
    own = closed_world[1].digest

    def verdict(recorded: dict[int, str] | None) -> Check:
        asked = None if recorded is None else lambda period: recorded if period == "2026-10" else {}
        return next(c for c in verify_binder(binder, recorded=asked) if c.name == "the digest of the close")

    assert f"{'0' * 64} was recorded at the close" in verdict({1: "0" * 64}).differences[0].problem
    assert "version 1 was never closed here; recorded versions: 2, 3" in (
        verdict({2: own, 3: own}).differences[0].problem
    )
    for nothing, why in ((None, "no database here"), ({}, "no close of this month is recorded here")):
        alone = verdict(nothing)
        assert alone.is_proved
        assert "proves itself; not compared with the close" in alone.notes[0]
        assert why in alone.notes[0]


def test_a_header_that_was_changed_breaks_the_digest(binder: Path) -> None:
    for name in ("close.json", "manifest.json"):
        path = binder / name
        path.write_text(path.read_text().replace('"closed_by": "ann"', '"closed_by": "eve"'))
    reseal(binder)
    assert list(differences(binder)) == ["the digest of the close", "the workbook says what was closed"]


def test_a_binder_that_nobody_touched_is_proved_wherever_it_lies(binder: Path, tmp_path: Path) -> None:
    odd = tmp_path / "it's [a] *binder*"
    binder.rename(odd)
    checks = verify_binder(odd)
    assert [c for c in checks if not c.is_proved] == []
    counts = {c.name: c.count for c in checks}
    assert counts["lines add to their settlement's total"] == 5
    assert counts["journals derived again, line by line, and balanced"] == 2
    assert counts["month parts add to their settlements"] == 3
    assert counts["originals read again give the same lines"] == 2
    assert isinstance(checks[0], Check)
