"""Bank statements from the command line: import, match, take back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.console.homes import Home

HEAD = "Date,Description,Amount,Running Bal.\n"


@pytest.fixture
def statement(empty: Home, tmp_path: Path) -> Path:
    path = tmp_path / "november.csv"
    path.write_text(HEAD + "11/14/2026,AMAZON.COM SERVICES,100.00,1100.00\n11/18/2026,RENT,-40.00,1060.00\n")
    return path


def run_import(home: Home, path: Path) -> dict[str, object]:
    done = home.run("bank", "import", str(path), "--account", "chase", "--currency", "USD", "--json")
    assert done.code == 0, done.err
    return done.one


def test_a_file_that_cannot_be_trusted_changes_nothing(empty: Home, statement: Path) -> None:
    statement.write_text(statement.read_text().replace("-40.00", "-41.00"))
    done = empty.run("bank", "import", str(statement), "--account", "chase", "--currency", "USD", "--json")
    assert done.code == 2
    assert "november.csv, line 3, column balance: the balance 1060.00 does not follow" in done.one["error"]
    assert empty.query("SELECT count(*) FROM bank_lines") == [(0,)]


def test_a_file_or_an_account_that_is_not_named_is_refused(empty: Home, statement: Path) -> None:
    assert empty.run("bank", "import", "--account", "chase").code == 2
    assert empty.run("bank", "import", str(statement), "--account", " ").code == 2
    missing = empty.run("bank", "import", "nowhere.csv", "--account", "chase", "--json")
    assert (missing.code, "cannot be read" in missing.one["error"]) == (2, True)


def test_statements_that_overlap_bring_each_booking_once(empty: Home, statement: Path) -> None:
    assert run_import(empty, statement) | {"file": ""} == {
        "file": "", "account": "chase", "format": "csv", "lines": 2, "new": 2, "from": "2026-11-14",
        "to": "2026-11-18", "closing": "1060.00", "notes": "",
    }  # fmt: skip
    with statement.open("a") as file:
        file.write("11/19/2026,FEE,-1.00,1059.00\n")
    assert run_import(empty, statement)["new"] == 1
    assert run_import(empty, statement)["new"] == 0
    assert empty.query("SELECT count(*), sum(amount) FROM bank_lines_versions") == [(3, 59)]


def test_the_same_days_in_another_form_bring_no_booking_twice(empty: Home, statement: Path, tmp_path: Path) -> None:
    run_import(empty, statement)
    lines = (("14", "100.00", "F1"), ("14", "100.00", "F2"), ("18", "-40.00", "F3"))
    entries = "".join(
        f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>202611{day}<TRNAMT>{amount}<FITID>{number}<NAME>AMZN</STMTTRN>"
        for day, amount, number in lines
    )
    status = "<STATUS><CODE>0<SEVERITY>INFO</STATUS>"
    ofx = tmp_path / "november.ofx"
    ofx.write_text(
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:USASCII\nCHARSET:1252\nCOMPRESSION:NONE\n"
        f"OLDFILEUID:NONE\nNEWFILEUID:NONE\n\n<OFX><SIGNONMSGSRSV1><SONRS>{status}<DTSERVER>20261120<LANGUAGE>ENG"
        f"</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1{status}<STMTRS><CURDEF>USD<BANKACCTFROM><BANKID>1"
        "<ACCTID>4711<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261120"
        f"{entries}</BANKTRANLIST><LEDGERBAL><BALAMT>160.00<DTASOF>20261120</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )
    taken = run_import(empty, ofx)
    assert (taken["lines"], taken["new"]) == (3, 1)
    assert taken["notes"] == "2 bookings are known from another export of these days under another number"
    assert empty.query("SELECT count(*), sum(amount) FROM bank_lines") == [(3, 160)]
    assert run_import(empty, ofx)["new"] == 0


def test_a_booking_is_set_aside_and_taken_back(empty: Home, statement: Path) -> None:
    run_import(empty, statement)
    keys = {r["text"]: r["booking"] for r in empty.run("bank", "list", "--json").rows}
    assert empty.run("bank", "set-aside", keys["RENT"], "--json").code == 0
    states = {r["text"]: r["state"] for r in empty.run("bank", "list", "--json").rows}
    assert states == {"AMAZON.COM SERVICES": "open", "RENT": "set aside"}
    assert empty.run("bank", "unmatch", keys["RENT"], "--json").code == 0
    again = empty.run("bank", "unmatch", keys["RENT"])
    assert (again.code, "nobody has matched" in again.err) == (2, True)
    assert empty.run("bank", "match", keys["RENT"]).code == 2
    assert empty.run("bank", "match", keys["RENT"], "amazon.US/1").code == 2


def test_empty_lists_say_what_to_do(empty: Home) -> None:
    assert "No bank statement was imported" in empty.run("bank", "list").err
    assert "No payout is known" in empty.run("bank", "payouts").err


def test_a_settlements_payout_is_found_in_the_bank(pulled: Home, tmp_path: Path) -> None:
    payouts = pulled.run("bank", "payouts", "--json").rows
    wanted = [p for p in payouts if p["payout"].startswith("amazon.US/")][-2:]
    assert len(wanted) == 2
    path = tmp_path / "bank.csv"
    rows = [f"{p['due']},AMZN PAYMENTS,{p['amount']}\n" for p in wanted]
    path.write_text("Date,Description,Amount\n" + "".join(rows))
    run_import(pulled, path)
    found = {p["payout"]: p["how"] for p in pulled.run("bank", "payouts", "--json").rows if p["how"]}
    assert found == {p["payout"]: "amount" for p in wanted}
    still = {p["payout"] for p in pulled.run("bank", "payouts", "--open", "--json").rows}
    assert not still & set(found)
