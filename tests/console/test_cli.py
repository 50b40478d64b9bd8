"""Exit codes and sentences of the command line: what is wrong with the use, the home, the database or ourselves."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.cli import OUR_BUG, run_command, run_in
from console.session import session
from sync.errors import StoreInUse
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from tests.console.homes import Home

ESC = "\x1b[31m"


def one_sentence(text: str) -> None:
    """Assert that an error is one line that a person can read: no trace, nothing that a terminal acts on."""
    assert text.startswith("tieout: ")
    assert text.count("\n") == 1
    assert "Traceback" not in text
    assert text[:-1].isprintable()


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["list", "nonsense"],
        ["list", "orders", "--limit", "many"],
        ["story"],
        ["map", "nonsense"],
        ["waive", "some-id"],
        ["pull", f"{ESC}x"],
        [f"{ESC}nonsense"],
        ["sandbox", "--port", "70000"],
        ["sandbox", "--size", "0"],
        ["sandbox", "--now", "yesterday"],
        ["connect", "{}"],
        ["connect", json.dumps({"credentials": "/nowhere"})],
        ["demo"],
    ],
)
def test_bad_use_is_one_sentence_and_code_2(empty: Home, argv: list[str]) -> None:
    if argv == ["demo"]:
        # A production home is never made the demonstration's.
        empty.folder.mkdir()
        (empty.folder / "config.toml").write_text('environment = "production"\n')
    done = empty.run(*argv)
    assert (done.code, done.out) == (2, "")
    one_sentence(done.err)


def test_a_newer_programs_home_is_refused_with_code_3(pulled: Home) -> None:
    pulled.run("list", "orders")
    with pulled.workspace().store.database.transaction() as tx:
        tx.execute("INSERT INTO schema_migrations (area, number, name, checksum) VALUES ('mirror', 900, 'x.sql', 'x')")
    pulled.close()
    done = pulled.run("list", "orders")
    assert (done.code, done.out) == (3, "")
    one_sentence(done.err)
    assert "schema 900" in done.err
    assert "install the newer tieout" in done.err


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 400, b"\x00" * 9000], ids=["empty", "text", "zeros"]
)
def test_what_is_no_database_is_code_3_and_left_as_it_is(empty: Home, content: bytes) -> None:
    empty.folder.mkdir()
    (empty.folder / "tieout.duckdb").write_bytes(content)
    done = empty.run("list", "orders")
    assert done.code == 3
    one_sentence(done.err)
    assert "cannot be opened" in done.err
    assert (empty.folder / "tieout.duckdb").read_bytes() == content


def test_a_database_damaged_in_the_middle_is_code_3(pulled: Home) -> None:
    path = pulled.folder / "tieout.duckdb"
    data = bytearray(path.read_bytes())
    data[12288 : len(data)] = b"\xa5" * (len(data) - 12288)
    path.write_bytes(data)
    done = pulled.run("list", "orders")
    assert done.code == 3
    one_sentence(done.err)


def test_a_read_only_home_is_code_3(pulled: Home) -> None:
    pulled.folder.chmod(0o500)
    try:
        done = pulled.run("list", "orders")
    finally:
        pulled.folder.chmod(0o700)
    assert done.code == 3
    one_sentence(done.err)
    assert "read-only" in done.err


def test_a_home_that_is_a_file_is_code_3(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    done = Home(tmp_path / "home").run("list", "orders")
    assert done.code == 3
    one_sentence(done.err)
    assert "TIEOUT_HOME" in done.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('environment = "staging"', "column environment: Input should be 'sandbox' or 'production' (found 'staging')"),
        ("[erp]\nfirst_day = 2026-01-01", "column erp.account_id: Field required"),
        ('[channels."ebay.US"]\nvendor = "amazon"', "ebay.US"),
        ("[nonsense]", "column nonsense: there is no such setting"),
        ("= 1", "it is not TOML"),
    ],
)
def test_a_wrong_setting_names_file_key_value_and_remedy(empty: Home, text: str, said: str) -> None:
    empty.folder.mkdir()
    (empty.folder / "config.toml").write_text(text)
    done = empty.run("pull")
    assert done.code == 2
    one_sentence(done.err)
    assert str(empty.folder / "config.toml") in done.err
    assert said in done.err
    assert "Correct" in done.err


def test_nothing_configured_is_code_2(empty: Home) -> None:
    done = empty.run("pull")
    assert done.code == 2
    assert "no account is configured" in done.err


def test_a_fault_of_ours_is_a_code_of_its_own_and_one_sentence(
    empty: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> None:
        raise RuntimeError(f"{ESC}lost")

    monkeypatch.setattr("console.commands.stories.session", broken)
    done = empty.run("story", "1")
    assert (done.code, done.out) == (OUR_BUG, "")
    one_sentence(done.err)
    assert "our bug: RuntimeError" in done.err
    assert "Traceback" not in capsys.readouterr().out
    assert OUR_BUG not in range(5)


def test_a_wrong_clock_is_code_2(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("TIEOUT_NOW", "noon")
    assert run_command(["list", "orders"]) == 2
    assert "column TIEOUT_NOW: this is no time (found 'noon')" in capsys.readouterr().err


def test_in_use_without_an_answer_is_raised_to_who_has_patience(empty: Home) -> None:
    def taken() -> None:
        raise StoreInUse("x", 42)

    with pytest.raises(StoreInUse):
        run_in(taken, empty.folder, ["list", "orders"], Path("/"), print, print, raise_in_use=True)  # type: ignore[arg-type]
    assert run_in(taken, empty.folder, ["list", "orders"], Path("/"), print, print) == 3  # type: ignore[arg-type]


def test_help_goes_where_the_command_writes_and_not_onto_this_process(
    empty: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    done = empty.run("map")
    assert done.code == 0
    assert "Usage: tieout map COMMAND" in done.out
    assert empty.run("--version").out == "0.1.0\n"
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_a_command_outside_its_session_fails_loudly() -> None:
    with pytest.raises(LookupError):
        session()


def test_exit_codes_reach_the_shell(pulled: Home) -> None:
    assert pulled.command("--version").out == "0.1.0\n"
    assert "nothing is known by this" in pulled.command("story", "no-such-order", code=2).err
    shutil.rmtree(pulled.folder / "logs", ignore_errors=True)
    (pulled.folder / "tieout.duckdb").write_bytes(b"x" * 9000)
    one_sentence(pulled.command("list", "orders", code=3).err)


def test_a_reader_that_has_enough_ends_the_command_without_a_word(pulled: Home) -> None:
    with pulled.start("list", "orders", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_database_in_use_by_a_program_that_does_not_answer_is_code_3(
    pulled: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    holding = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    monkeypatch.setenv("TIEOUT_HOME", str(pulled.folder))
    monkeypatch.setattr("console.cli._PATIENCE_S", 0.2)
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(pulled.folder / "tieout.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert run_command(["list", "orders"]) == 3
        holder.kill()
    said = capsys.readouterr().err
    one_sentence(said)
    assert f"process {holder.pid} has" in said


def test_ctrl_c_in_a_pull_keeps_what_was_read_and_ends_with_1(pulled: Home, running: Running) -> None:
    with pulled.workspace().store.database.transaction() as tx:
        tx.execute("DELETE FROM stream_cursors")
    pulled.close()
    running.calls.clear()
    running.faults.add(Fault("amazon", "slow", None, match="/orders", options={"seconds": "30"}))
    try:
        with pulled.start("pull", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            deadline = time.monotonic() + 60
            # Only what struck the fault is under way: its answer takes its time.
            while not pulled_something_slow(running):
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
    finally:
        running.faults.clear()
    states = {row["stream"]: row["state"] for row in map(json.loads, out.splitlines())}
    assert process.returncode == 1, err
    assert states["amazon.orders@US"] == "cancelled"
    assert set(states.values()) <= {"done", "cancelled"}


def pulled_something_slow(running: Running) -> bool:
    """Return whether a vendor was asked for something: the slow orders are asked for among the first."""
    return bool(running.calls.calls("netsuite", 0))
