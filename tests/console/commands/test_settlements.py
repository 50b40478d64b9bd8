"""`settlement import` and `settlement show`: the line that scripts rely on; a file that is refused leaves no trace."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from console.commands import settlement_files
from tests.console.homes import Home

HEAD = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()
KEYS = {
    "file", "format", "settlement_id", "account", "currency", "lines", "total", "sum", "residual", "footed",
    "unmapped_lines", "notes", "journals",
}  # fmt: skip


def report(total: str = "21.25", fee: str = "-3.75", number: str = "70000000001", kind: str = "Commission") -> bytes:
    summary = {
        "settlement-start-date": "2026-10-20 00:00:00 UTC",
        "settlement-end-date": "2026-11-03 00:00:00 UTC",
        "deposit-date": "2026-11-05 00:00:00 UTC",
        "total-amount": total,
        "currency": "USD",
    }
    sale = {
        "transaction-type": "Order", "order-id": "111-1234567-1234567", "marketplace-name": "Amazon.com",
        "amount-type": "ItemPrice", "amount-description": "Principal", "amount": "25.00", "fulfillment-id": "AFN",
        "posted-date": "2026-10-31", "posted-date-time": "2026-10-31 23:30:00 UTC", "sku": "MUG-1",
        "quantity-purchased": "2",
    }  # fmt: skip
    fees = sale | {"amount-type": "ItemFees", "amount-description": kind, "amount": fee, "quantity-purchased": ""}
    rows = [{"settlement-id": number} | r for r in (summary, sale, fees)]
    return "".join("\t".join(cells) + "\n" for cells in (HEAD, *([r.get(n, "") for n in HEAD] for r in rows))).encode()


def stored(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """Return everything that the mirror and the audit hold."""
    tables = [r[0] for r in home.query("SELECT table_name FROM duckdb_tables() ORDER BY 1")]
    return {t: sorted(home.query(f"SELECT * FROM {t}"), key=repr) for t in tables}


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut in a line": lambda data: data[:-70],
    "cut after a line": lambda data: data[: data[:-1].rindex(b"\n") + 1],
    "decimal comma in one line": lambda data: data.replace(b"-3.75", b"-3,75"),
    "does not foot": lambda data: data.replace(b"\t21.25\t", b"\t21.26\t"),
    "UTF-16": lambda data: data.decode().encode("utf-16"),
    "no text": lambda data: data.replace(b"MUG-1", b"\x81\xff\xfe\x00\x01\x9d"),
    "another program's file": lambda _: b"date,amount\n2026-11-01,5.00\n",
    "compressed": lambda _: b"\x1f\x8b\x08\x00rest",
    "a broken archive": lambda _: b"PK\x03\x04rest",
    "an amount that is none": lambda data: data.replace(b"25.00", b"2x.00"),
    "two settlements": lambda data: data + report(number="70000000002").split(b"\n", 1)[1],
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_file_is_refused_with_its_place_and_leaves_no_trace(empty: Home, tmp_path: Path, how: str) -> None:
    file = tmp_path / "broken.txt"
    file.write_bytes(BROKEN[how](report()))
    empty.run("list", "settlements")
    before = stored(empty)
    done = empty.run("settlement", "import", str(file), "--json")
    assert done.code == 2
    assert set(done.one) == {"file", "error", "line", "column", "remedy"}
    assert done.one["file"] == str(file)
    assert done.one["error"]
    assert done.one["remedy"]
    assert stored(empty) == before
    told = empty.run("settlement", "import", str(file))
    assert (told.code, told.out) == (2, "")
    assert done.one["remedy"].split(".")[0] in told.err


def test_the_error_names_line_column_and_value(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_bytes(report().replace(b"-3.75", b"-3,7x"))
    error = empty.run("settlement", "import", str(tmp_path / "x.txt"), "--json").one
    assert (error["line"], error["column"]) == (4, "amount")
    assert "-3,7x" in error["error"]


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_is_not_there_or_none_is_refused(empty: Home, tmp_path: Path, name: str) -> None:
    done = empty.run("settlement", "import", name, "--json", cwd=tmp_path)
    assert (done.code, done.one["file"]) == (2, name)
    assert "cannot be read" in done.one["error"]


def test_no_file_is_bad_use(empty: Home) -> None:
    assert empty.run("settlement", "import").code == 2


def test_a_known_settlement_is_refused_from_the_same_and_from_other_bytes(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(report())
    (tmp_path / "b.txt").write_bytes(report(total="21.20", fee="-3.80"))
    first = empty.run("settlement", "import", str(tmp_path / "a.txt"), str(tmp_path / "a.txt"), "--json")
    assert [set(r) >= {"error"} for r in first.rows] == [False, True]
    assert first.code == 2
    before = stored(empty)
    again = empty.run("settlement", "import", str(tmp_path / "a.txt"), "--json")
    other = empty.run("settlement", "import", str(tmp_path / "b.txt"), "--json")
    assert (again.code, other.code) == (2, 2)
    assert "the same bytes" in again.one["error"]
    assert "other bytes" in other.one["error"]
    assert again.one["line"] == 2
    assert again.one["column"] == "settlement-id"
    assert stored(empty) == before


def test_a_reissue_is_refused_naming_the_difference_and_taken_with_replace(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(report())
    (tmp_path / "b.txt").write_bytes(report(total="21.20", fee="-3.80"))
    empty.run("settlement", "import", "a.txt", cwd=tmp_path)
    refused = empty.run("settlement", "import", "b.txt", "--json", cwd=tmp_path)
    assert refused.code == 2
    assert "1 line changed, -0.05 USD in all" in refused.one["error"]
    assert "--replace" in refused.one["remedy"]
    assert empty.query("SELECT total FROM settlements") == [(Decimal("21.2500"),)]
    once = empty.run("settlement", "diff", "70000000001")
    assert (once.code, once.out) == (0, "")
    assert "was issued once: a.txt" in once.err
    taken = empty.run("settlement", "import", "b.txt", "--replace", "--json", cwd=tmp_path)
    assert (taken.code, taken.one["total"]) == (0, "21.20")
    assert empty.query("SELECT total FROM settlements_versions ORDER BY version") == [
        (Decimal("21.2500"),),
        (Decimal("21.2000"),),
    ]
    assert empty.query("SELECT sum(amount) FROM settlement_lines") == [(Decimal("21.2000"),)]
    ((before, after),) = empty.query("SELECT before, after FROM audit WHERE action = 'replace settlement'")
    assert json.loads(before)["file"] == "a.txt"
    assert json.loads(after)["file"] == "b.txt"
    again = empty.run("settlement", "import", "b.txt", "--replace", "--json", cwd=tmp_path)
    assert again.code == 2
    assert "the same bytes" in again.one["error"]


def test_a_large_reissue_is_refused_with_the_counts_of_a_small_one_and_leaves_no_trace(
    empty: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settlement_files, "_WHOLE", 0)
    monkeypatch.setattr(settlement_files, "_PART", 900)
    (tmp_path / "a.txt").write_bytes(report())
    (tmp_path / "b.txt").write_bytes(report(total="21.20", fee="-3.80"))
    assert empty.run("settlement", "import", "a.txt", cwd=tmp_path).code == 0
    before = stored(empty)
    refused = empty.run("settlement", "import", "b.txt", "--json", cwd=tmp_path)
    assert refused.code == 2
    assert "other bytes: 1 line changed, -0.05 USD in all" in refused.one["error"]
    assert "--replace" in refused.one["remedy"]
    assert "the same bytes" in empty.run("settlement", "import", "a.txt", "--json", cwd=tmp_path).one["error"]
    assert stored(empty) == before
    taken = empty.run("settlement", "import", "b.txt", "--replace", "--json", cwd=tmp_path)
    assert (taken.code, taken.one["total"]) == (0, "21.20")


def test_a_channel_that_a_person_names_must_be_in_the_files_currency(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(report().replace(b"Amazon.com", b"").replace(b"\tUSD\t", b"\tEUR\t"))
    wrong = empty.run("settlement", "import", "a.txt", "--channel", "amazon.US", "--json", cwd=tmp_path)
    assert wrong.code == 2
    assert "a settlement in EUR (amazon-v2) is not of this channel" in wrong.one["error"]
    assert "amazon.BE, amazon.DE" in wrong.one["remedy"]
    assert empty.query("SELECT * FROM settlements") == []
    for command in ("check", "import"):
        taken = empty.run("settlement", command, "a.txt", "--channel", "amazon.BE", "--json", cwd=tmp_path)
        assert (taken.code, taken.one["account"]) == (0, "amazon.BE")


def test_what_the_reader_found_out_is_told(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(report().replace(b"Amazon.com", b"").replace(b"\tUSD\t", b"\tEUR\t"))
    said = "no marketplace-name: channel amazon.DE taken from the currency EUR; name the channel if it is another"
    read = empty.run("settlement", "check", "a.txt", "--json", cwd=tmp_path)
    assert [note for note in read.one["notes"] if note.startswith(said)]
    assert said in empty.run("settlement", "import", "a.txt", cwd=tmp_path).err


def test_a_report_of_orders_that_nobody_knows_is_read_with_a_doubt(pulled: Home, tmp_path: Path) -> None:
    sale = report().splitlines()[2].replace(b"25.00", b"0.00")
    lines = [sale.replace(b"111-1234567-1234567", b"999-0000000-000000%d" % n) for n in range(5)]
    (tmp_path / "theirs.txt").write_bytes(
        report(number="70000000009") + b"\n".join(lines).replace(b"70000000001", b"70000000009") + b"\n"
    )
    theirs = pulled.run("settlement", "import", "theirs.txt", "--json", cwd=tmp_path).one
    assert [note for note in theirs["notes"] if note.startswith("none of its 6 orders is among the ")]
    ((known,),) = pulled.query("SELECT order_id FROM orders WHERE channel = 'amazon.US' ORDER BY 1 LIMIT 1")
    ours = report(number="70000000010").replace(b"111-1234567-1234567", str(known).encode())
    (tmp_path / "ours.txt").write_bytes(ours + b"\n".join(lines).replace(b"70000000001", b"70000000010") + b"\n")
    assert not [
        n for n in pulled.run("settlement", "import", "ours.txt", "--json", cwd=tmp_path).one["notes"] if "none" in n
    ]


def test_the_difference_of_a_reissue_is_shown_line_by_line(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(report())
    (tmp_path / "b.txt").write_bytes(report(total="21.20", fee="-3.80"))
    for name in ("a.txt", "b.txt"):
        empty.run("settlement", "import", name, "--replace", cwd=tmp_path)
    shown = empty.run("settlement", "diff", "amazon.US/70000000001", "--json")
    assert shown.code == 1
    assert shown.one == {
        "what": "changed", "type": "Order / ItemFees / Commission", "order": "111-1234567-1234567", "sku": "MUG-1",
        "line": 4, "before": "-3.75", "after": "-3.80", "amount": "-0.05", "differing": ["amount"],
    }  # fmt: skip
    told = empty.run("settlement", "diff", "70000000001").out
    assert "1 line changed, -0.05 USD in all; total 21.25 -> 21.20" in told
    missing = empty.run("settlement", "diff", "7")
    assert (missing.code, missing.out) == (2, "")


def test_a_check_refuses_what_an_import_refuses_and_stores_nothing(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(report())
    (tmp_path / "bad.txt").write_bytes(report(total="21.26"))
    (tmp_path / "new.txt").write_bytes(report(kind="QuantumFee"))
    empty.run("list", "settlements")
    before = stored(empty)
    assert empty.run("settlement", "check").code == 2
    done = empty.run("settlement", "check", "gone.txt", "bad.txt", "good.txt", "--json", cwd=tmp_path)
    assert done.code == 2
    assert ["error" in r for r in done.rows] == [True, True, False]
    assert "residual 0.01 USD" in done.rows[1]["error"]
    unknown = empty.run("settlement", "check", "new.txt", "--json", cwd=tmp_path)
    assert (unknown.code, unknown.one["unmapped_lines"]) == (1, 1)
    assert stored(empty) == before


def test_a_check_says_what_an_import_would_show(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(report())
    checked = empty.run("settlement", "check", "good.txt", "--json", cwd=tmp_path)
    assert checked.code == 0
    empty.run("settlement", "import", "good.txt", cwd=tmp_path)
    assert "encoding utf-8" in checked.one["notes"]
    assert empty.run("settlement", "show", "70000000001", "--json").one == checked.one
    assert "read with encoding utf-8" in empty.run("settlement", "show", "70000000001").err


def test_every_report_that_was_pulled_keeps_what_its_reader_found_out(pulled: Home) -> None:
    read = pulled.query(
        "SELECT s.channel, count(*), count(n.note) FROM settlements s LEFT JOIN settlement_notes n"
        " ON n.channel = s.channel AND n.settlement_id = s.settlement_id AND n.document_hash = s.document_hash"
        " AND n.position = 1 GROUP BY ALL"
    )
    assert {"amazon.US", "walmart.US"} <= {row[0] for row in read}
    assert all(settlements == noted for _, settlements, noted in read)
    ((number,),) = pulled.query("SELECT min(settlement_id) FROM settlements WHERE channel = 'walmart.US'")
    shown = pulled.run("settlement", "show", f"walmart.US/{number}", "--json").one
    assert any(note.startswith("unpacked ") for note in shown["notes"])


def test_a_saved_answer_of_walmart_is_imported_as_its_report(empty: Home, tmp_path: Path) -> None:
    rows = [
        {"Period Start Date": "10/20/2026", "Period End Date": "11/02/2026", "Total Payable": "100.00",
         "Currency": "USD", "Transaction Type": "PaymentSummary"},
        {"Transaction Type": "Quantum\u202e", "Transaction Description": "\x1b[2JPurchase", "Amount": 100.0,
         "Amount Type": "Product Price", "Transaction Posted Timestamp": "10/31/2026", "Partner Item Id": None},
    ]  # fmt: skip
    (tmp_path / "rows.json").write_text(json.dumps({"reportData": rows, "nextOffset": -1}, indent=1))
    checked = empty.run("settlement", "check", "rows.json", "--json", cwd=tmp_path)
    assert (checked.code, checked.one["total"], checked.one["unmapped_lines"]) == (1, "100.00", 1)
    assert empty.run("settlement", "import", "rows.json", cwd=tmp_path).code == 1
    assert empty.run("settlement", "show", "20261102", "--json").one == checked.one
    assert "from the same bytes" in empty.run("settlement", "import", "rows.json", cwd=tmp_path).err
    for argv in (["settlement", "show", "20261102"], ["explain", "20261102:3"], ["list", "settlements"]):
        done = empty.run(*argv)
        assert done.out, argv
        assert not {"\x1b", "\u202e"} & set(done.out + done.err), argv


def test_a_good_file_between_bad_ones_is_read_and_the_code_is_2(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(report())
    done = empty.run("settlement", "import", "gone.txt", "good.txt", "gone too.txt", "--json", cwd=tmp_path)
    assert done.code == 2
    assert [r["file"] for r in done.rows] == ["gone.txt", "good.txt", "gone too.txt"]
    assert ["error" in r for r in done.rows] == [True, False, True]
    assert empty.query("SELECT settlement_id FROM settlements") == [("70000000001",)]


def test_hostile_names_and_texts_reach_no_terminal(empty: Home, tmp_path: Path) -> None:
    name = "evil\x1b[2J\u202e.txt"
    (tmp_path / name).write_bytes(report(kind="Fee\u202e\x9b31m"))
    for argv in (["settlement", "import", name], ["settlement", "show", "70000000001"], ["list", "audit"]):
        for extra in ([], ["--json"]):
            done = empty.run(*argv, *extra, cwd=tmp_path)
            assert not {"\x1b", "\x9b", "\u202e"} & set(done.out + done.err), argv


def test_an_unknown_line_type_is_code_1_and_counted(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_bytes(report(kind="QuantumFee"))
    done = empty.run("settlement", "import", str(tmp_path / "new.txt"), "--json")
    assert done.code == 1
    assert done.one["unmapped_lines"] == 1
    assert done.one["footed"] is True


def test_the_line_of_a_good_file_has_exactly_the_promised_fields(pulled: Home, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(report())
    done = pulled.run("settlement", "import", "good.txt", "--json", cwd=tmp_path)
    got = done.one
    assert done.code == 0
    assert set(got) == KEYS
    journals = got.pop("journals")
    assert got == {
        "file": "good.txt", "format": "amazon-v2", "settlement_id": "70000000001", "account": "amazon.US",
        "currency": "USD", "lines": 2, "total": "21.25", "sum": "21.25", "residual": "0.00", "footed": True,
        "unmapped_lines": 0, "notes": ["encoding utf-8", "dates year-month-day", "decimal mark point"],
    }  # fmt: skip
    assert journals
    for journal in journals:
        assert set(journal) == {"external_id", "period", "debits", "credits", "lines"}
        assert journal["debits"] == journal["credits"]
        assert isinstance(journal["debits"], str)


def test_show_adds_the_categories_and_finds_by_number_or_channel(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_bytes(report())
    empty.run("settlement", "import", str(tmp_path / "good.txt"))
    shown = empty.run("settlement", "show", "70000000001", "--json")
    assert set(shown.one) == {*KEYS, "categories"}
    posted = empty.run("settlement", "show", "70000000001", "--journal", "--json")
    for journal, figures in zip(posted.rows, shown.one["journals"], strict=True):
        assert (journal["external_id"], len(journal["lines"])) == (figures["external_id"], figures["lines"])
        assert sum(Decimal(line["credit"]) for line in journal["lines"]) == Decimal(figures["credits"])
    assert "total" in empty.run("settlement", "show", "70000000001", "--journal").out
    assert {"category", "account", "lines", "amount"} == set(shown.one["categories"][0])
    assert sum(c["lines"] for c in shown.one["categories"]) == 2
    assert empty.run("settlement", "show", "amazon.US/70000000001", "--json").one == shown.one
    missing = empty.run("settlement", "show", "7", "--json")
    assert (missing.code, missing.out) == (2, "")
    assert "there is no such settlement (found '7')" in missing.err


def test_the_real_sample_foots_to_the_cent(empty: Home, shared: Path) -> None:
    files = sorted((shared / "vendors" / "amazon" / "settlements").iterdir())
    assert files
    done = empty.run("settlement", "import", *map(os.fspath, files), "--json")
    for row in done.rows:
        assert "error" in row or (row["footed"], row["residual"]) == (True, "0.00"), json.dumps(row)[:300]
