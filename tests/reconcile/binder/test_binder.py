"""A binder is written whole or not at all, says what it holds, and nothing in it is a formula."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from reconcile.binder import verify_binder, write_binder
from reconcile.binder.parquet import read_table
from reconcile.binder.tables import tables_of
from reconcile.close import content_of
from sync.errors import BadInput
from sync.mirror.settlement_notes import keep_notes
from sync.ops.closes import Close
from sync.settlements import Note
from tests.reconcile.close.month_world import FIRST, SALE, closed, company, post, settle
from tests.reconcile.factories import World, settled

NOV = datetime(2026, 11, 3, tzinfo=UTC)
SHEETS = [
    "Summary", "Settlements", "Journals", "Journal lines", "Breakdown", "Bridge", "Bank", "Decisions", "Checks",
    "Documents",
]  # fmt: skip


def test_a_folder_that_exists_is_never_written_over(closed_world: tuple[World, Close], tmp_path: Path) -> None:
    world, close = closed_world
    with pytest.raises(BadInput, match="there is something already"):
        write_binder(world.store, close, tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        write_binder(world.store, close, tmp_path / "file" / "binder")


def test_a_mirror_that_no_longer_gives_the_lines_leaves_no_half_binder(tmp_path: Path) -> None:
    world = post(settle(company(), "700", FIRST, end="2026-11-03"))
    close = closed(world)
    with world.store.database.transaction() as tx:
        tx.execute("UPDATE settlement_lines_versions SET amount = amount + 0.01 WHERE ordinal = 1")
    with pytest.raises(BadInput, match="no longer gives the lines that were closed"):
        write_binder(world.store, close, tmp_path / "binder")
    assert list(tmp_path.iterdir()) == []
    world.store.close()


def test_a_settlement_whose_original_is_not_kept_is_said_not_assumed(tmp_path: Path) -> None:
    world = company()
    head, lines = settled("700", [f"2026-10-05 {SALE} 1.00"], period_start=NOV, period_end=NOV)
    world.put(head, *lines)
    close = closed(post(world))
    write_binder(world.store, close, tmp_path / "binder")
    checks = {c.name: c for c in verify_binder(tmp_path / "binder")}
    originals = checks["originals read again give the same lines"]
    assert (originals.count, originals.notes) == (0, ("no original is kept of amazon.US/700",))
    assert all(c.is_proved for c in checks.values())
    world.store.close()


def test_what_a_reader_found_out_is_in_the_manifest_and_the_workbook(tmp_path: Path) -> None:
    world = company()
    head, lines = settled("700", [f"2026-10-05 {SALE} 1.00"], period_start=NOV, period_end=NOV)
    world.put(head, *lines)
    with world.store.database.transaction() as tx:
        keep_notes(tx, head, [Note("encoding utf-8"), Note("=1+1 rows without an amount", 9)], NOV)
    write_binder(world.store, closed(post(world)), tmp_path / "binder")
    said = ["encoding utf-8", "=1+1 rows without an amount (from line 9)"]
    (document,) = json.loads((tmp_path / "binder" / "manifest.json").read_text())["documents"]
    assert document["notes"] == said
    sheet = openpyxl.load_workbook(tmp_path / "binder" / "binder.xlsx")["Documents"]
    assert "; ".join(said) in [cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
    assert all(c.is_proved for c in verify_binder(tmp_path / "binder"))
    world.store.close()


def test_the_binder_is_of_the_close_not_of_today(tmp_path: Path) -> None:
    world = post(settle(company(), "700", FIRST, end="2026-11-03"))
    close = closed(world)
    settle(world, "700", (f"2026-10-05 {SALE} 999.00",), end="2026-11-03")
    world.decide("account", "amazon.US|referral_fees", number="6120")
    write_binder(world.store, close, tmp_path / "binder")
    assert pl.read_parquet(tmp_path / "binder" / "tables" / "lines.parquet")["amount"].sum() == Decimal(85)
    assert all(c.is_proved for c in verify_binder(tmp_path / "binder"))
    world.store.close()


def test_the_manifest_names_every_file_the_close_and_the_personal_data(
    written: Path, closed_world: tuple[World, Close]
) -> None:
    manifest = json.loads((written / "manifest.json").read_text())
    held = sorted(p.relative_to(written).as_posix() for p in written.rglob("*") if p.is_file())
    assert sorted([*manifest["files"], "manifest.json"]) == held
    for name, known in manifest["files"].items():
        assert known == {
            "sha256": sha256((written / name).read_bytes()).hexdigest(),
            "bytes": (written / name).stat().st_size,
        }
    assert manifest["digest"] == closed_world[1].digest
    assert manifest["tool"].startswith("tieout ")
    assert "No buyer's name" in manifest["personal_data"]
    assert [d["settlement_id"] for d in manifest["documents"]] == ["700", "701"]


def test_the_original_documents_are_there_as_received(written: Path) -> None:
    manifest = json.loads((written / "manifest.json").read_text())
    for document in manifest["documents"]:
        assert sha256((written / document["file"]).read_bytes()).hexdigest() == document["document_hash"]


def test_tables_come_back_from_their_files_as_they_are(written: Path, closed_world: tuple[World, Close]) -> None:
    for table in tables_of(content_of(closed_world[1].content)).values():
        names, rows = read_table(written / "tables" / f"{table.name}.parquet")
        assert names == [c.name for c in table.columns]
        assert rows == list(table.rows)


def test_the_workbook_has_its_sheets_with_a_header_that_stays(written: Path) -> None:
    book = openpyxl.load_workbook(written / "binder.xlsx")
    assert book.sheetnames == SHEETS
    assert {sheet.freeze_panes for sheet in book} == {"A2"}


def test_amounts_are_numbers_ids_texts_and_totals_exact_texts(written: Path) -> None:
    sheet = openpyxl.load_workbook(written / "binder.xlsx")["Settlements"]
    header, first, second, total = list(sheet.iter_rows(values_only=True))[:4]
    place = {name: n for n, name in enumerate(header)}
    assert (first[place["settlement id"]], first[place["total"]]) == ("700", 85)
    assert (second[place["settlement id"]], second[place["total"]]) == ("701", 67)
    assert (total[0], total[place["total"]]) == ("Control total USD", "152.00")


def test_hostile_text_stays_text(written: Path) -> None:
    book = openpyxl.load_workbook(written / "binder.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    (odd,) = [cell for cell in cells if cell.value == "amazon|Order|Odd|=1+1"]
    assert odd.data_type == "s"


def test_text_that_is_a_formula_by_itself_is_written_as_text(tmp_path: Path) -> None:
    world = settle(company(), "700", ["2026-10-05 Order|ItemPrice|=HYPERLINK(1) 1.00"], end="2026-11-03")
    close = closed(world, anyway='=cmd|"/c calc"!A1')
    write_binder(world.store, close, tmp_path / "binder")
    cells = [c for s in openpyxl.load_workbook(tmp_path / "binder" / "binder.xlsx") for r in s.iter_rows() for c in r]
    hostile = [c for c in cells if str(c.value).startswith("=")]
    assert {c.value for c in hostile} == {"=HYPERLINK(1)", '=cmd|"/c calc"!A1'}
    assert {c.data_type for c in hostile} == {"s"}
    world.store.close()


def test_what_was_open_when_it_was_closed_anyway_is_in_the_binder_and_still_proved(tmp_path: Path) -> None:
    world = settle(company(), "701", ["2026-10-06 Nobody|Knows|This -1.00"], end="2026-11-03")
    head, lines = settled("700", [f"2026-10-05 {SALE} 1.00"], total=Decimal("1.01"), period_start=NOV, period_end=NOV)
    world.put(head, *lines)
    close = closed(world, anyway="the bank waits")
    write_binder(world.store, close, tmp_path / "binder")
    checks = {c.name: c for c in verify_binder(tmp_path / "binder")}
    assert [c for c in checks.values() if not c.is_proved] == []
    assert checks["lines classified by the rules, once"].notes == ("amazon.US/701: 1 lines had no rule at the close",)
    names, rows = read_table(tmp_path / "binder" / "tables" / "checks.parquet")
    kinds = {row[names.index("kind")] for row in rows if row[0] == "open at the close"}
    assert kinds == {"unmapped", "not_footed", "unposted"}
    world.store.close()


def test_journals_that_were_cut_and_dated_by_a_person_are_derived_again(tmp_path: Path) -> None:
    rows = [*FIRST, "2026-10-07 Order|ItemFees|FBAPerUnitFulfillmentFee -2.00", "2026-10-07 Order|ItemPrice|Tax 3.00"]
    world = settle(company(), "700", rows, end="2026-11-03")
    world.decide("policy", "settlements|amazon.US", line_limit=3, facilitator_tax="liability")
    world.decide("posting_date", "AMZ-SETTLE-700-202610", date="2026-11-02")
    close = closed(post(world))
    write_binder(world.store, close, tmp_path / "binder")
    checks = {c.name: c for c in verify_binder(tmp_path / "binder")}
    assert [c for c in checks.values() if not c.is_proved] == []
    assert checks["journals derived again, line by line, and balanced"].count > 1
    journals = content_of(close.content)["journals"]
    assert (journals[0]["external_id"], journals[0]["date"]) == ("AMZ-SETTLE-700-202610", "2026-11-02")
    world.store.close()
