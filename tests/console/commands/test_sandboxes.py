"""`sandbox`, `connect` and `demo`: what they print, and whose home they never touch."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from sync.sandbox.server import Running
from sync.settings import load_secrets, load_settings
from tests.console.homes import Home


def test_demo_never_touches_a_production_home(empty: Home) -> None:
    empty.folder.mkdir()
    (empty.folder / "config.toml").write_text('environment = "production"\n')
    (empty.folder / "tieout.duckdb").write_bytes(b"books")
    done = empty.run("demo", "--headless")
    assert done.code == 2
    assert "production" in done.err
    assert (empty.folder / "tieout.duckdb").read_bytes() == b"books"


def test_demo_never_removes_a_database_that_it_did_not_make(empty: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_HOME", str(empty.folder))
    empty.run("list", "orders")
    empty.close()
    before = (empty.folder / "tieout.duckdb").read_bytes()
    done = empty.run("demo", "--headless")
    assert done.code == 2
    assert "not the demonstration's" in done.err
    assert (empty.folder / "tieout.duckdb").read_bytes() == before


def test_connect_refuses_what_is_no_sandbox(empty: Home, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "held.json").write_text("[]")
    for text in (
        "list.json",
        "gone.json",
        '{"amazon": "x"}',
        "{",
        json.dumps({"credentials": str(tmp_path / "held.json")}),
    ):
        done = empty.run("connect", text, cwd=tmp_path)
        assert (done.code, done.out) == (2, ""), text
        assert done.err.count("\n") == 1
    assert not (empty.folder / "config.toml").exists()


def test_connect_writes_secrets_for_this_user_only(empty: Home, running: Running, tmp_path: Path) -> None:
    (tmp_path / "line.json").write_text(json.dumps(running.addresses()))
    assert empty.run("connect", "line.json", cwd=tmp_path).code == 0
    assert stat.S_IMODE((empty.folder / "secrets.toml").stat().st_mode) == 0o600
    settings = load_settings(empty.folder)
    assert (settings.environment, sorted(settings.channels)) == ("sandbox", ["amazon.DE", "amazon.US", "walmart.US"])
    assert load_secrets(empty.folder).walmart is not None
    assert "secret" not in (empty.folder / "config.toml").read_text()


def test_sandbox_prints_one_line_and_ends_with_0_on_sigterm(empty: Home) -> None:
    with empty.start(
        "sandbox", "--seed", "3", "--port", "0", "--size", "100", "--json", stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        line = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest = process.stdout.read()
    assert set(line) == {"amazon", "amazon_auth", "walmart", "netsuite", "admin", "credentials"}
    assert all(v.startswith("http://127.0.0.1:") for k, v in line.items() if k != "credentials")
    assert stat.S_IMODE(Path(line["credentials"]).stat().st_mode) == 0o600
    assert (rest, process.returncode) == ("", 0)


@pytest.mark.slow
def test_the_demonstration_runs_headless_and_is_made_anew_each_time(empty: Home) -> None:
    figures = [empty.command("demo", "--headless", "--json", "--size", "150").one for _ in range(2)]
    for got in figures:
        assert set(got) == {
            "orders", "transactions", "settlements", "settlements_footed", "payouts", "bookings", "discrepancies",
            "causes", "seconds"
        }  # fmt: skip
        assert got["settlements"] == got["settlements_footed"] > 0
        assert got["orders"] > 100
        assert got["discrepancies"]["payout_not_in_bank"] == 2
        assert min(got["payouts"], got["bookings"]) > 0
        assert sum(got["discrepancies"].values()) >= got["causes"] > 0
        assert set(got["seconds"]) == {"sandbox", "pull", "reconcile"}
    assert {**figures[0], "seconds": 0} == {**figures[1], "seconds": 0}
