"""Closing, drift, binder and proof from the command line, on a company that was pulled from the sandbox."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from sync.sandbox.server import Sandbox
from tests.console.homes import DECISIONS, Home, clock, connected

MONTH = "2026-10"


@pytest.fixture(scope="module")
def closing(pulled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home in which October was closed with a reason; tests add no second close of it."""
    home = Home(Path(shutil.copytree(pulled_folder, tmp_path_factory.mktemp("closing") / "home")))
    assert home.run("close", MONTH, "--anyway", "the auditor is here").code == 0
    yield home
    home.close()


@pytest.fixture(scope="module")
def binder(closing: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("binders") / MONTH
    assert closing.run("close", "binder", MONTH, "--out", str(folder)).code == 0
    return folder


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["close", "October"], "this is no month"),
        (["close", "2019-01"], "no settlement has lines in this month"),
        (["close", MONTH, "--as-of", "2099-01-01"], "has not come yet"),
        (["close", "show", "2026-09"], "the month was not closed"),
        (["close", "show", MONTH, "--version", "7"], "there is no such close"),
        (["close", "drift", "2026-09"], "the month was not closed"),
        (["close", "binder", "2026-09", "--out", "x"], "the month was not closed"),
        (["close", "binder", MONTH, "--out", "/"], "there is something already"),
        (["verify", "/nowhere"], "no binder"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_remedy(closing: Home, arguments: list[str], said: str) -> None:
    done = closing.run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_month_with_something_open_is_not_closed_and_every_reason_has_its_remedy(closing: Home) -> None:
    done = closing.run("close", MONTH, "--json")
    assert done.code == 1
    assert {row["open"] for row in done.rows} >= {"unposted"}
    assert all(row["problem"] and row["remedy"] for row in done.rows)
    text = closing.run("close", MONTH)
    assert (text.code, len(text.out.splitlines())) == (1, len(done.rows))
    assert "--anyway REASON" in text.err
    assert len(closing.run("closes", "--json").rows) == 1


def test_closes_are_listed_and_shown(closing: Home) -> None:
    (row,) = closing.run("closes", "--json").rows
    assert (row["period"], row["version"], row["reason"], row["sound"]) == (MONTH, 1, "the auditor is here", True)
    assert closing.run("close", "list", "--json").rows == [row]
    shown = closing.run("close", "show", MONTH)
    assert shown.code == 0
    assert row["digest"] in shown.out
    assert "open at the close" in shown.err
    content = closing.run("close", "show", MONTH, "--json").one["content"]
    assert {s["channel"] for s in content["settlements"]} == {"amazon.US", "amazon.DE", "walmart.US"}


def test_a_list_of_closes_says_when_one_was_changed(closing: Home, tmp_path: Path) -> None:
    closing.close()
    home = Home(Path(shutil.copytree(closing.folder, tmp_path / "home")))
    with home.workspace().store.database.transaction() as tx:
        tx.execute("UPDATE closes SET reason = ''")
    done = home.run("closes")
    home.close()
    assert done.code == 1
    assert "its digest does not hold" in done.err


def test_drift_is_none_after_the_close_and_a_changed_mapping_is_named(closing: Home, tmp_path: Path) -> None:
    still = closing.run("close", "drift", MONTH)
    assert (still.code, still.out) == (0, "")
    closing.close()
    home = Home(Path(shutil.copytree(closing.folder, tmp_path / "home")))
    number = home.query("SELECT number FROM accounts WHERE number IS NOT NULL AND NOT inactive ORDER BY number")[0][0]
    assert home.run("map", "account", "amazon.US", "referral_fees", number).code == 0
    moved = home.run("close", "drift", MONTH, "--json")
    assert moved.code == 1
    (change,) = [row for row in moved.rows if row["what"] == "mapping"]
    assert change["subject"] == "account|amazon.US|referral_fees"
    assert {row["what"] for row in moved.rows} == {"mapping", "journal"}
    assert home.run("reconcile").code == 1
    found = home.query("SELECT count(*) FROM discrepancies WHERE control = 'closed_month_drift'")
    home.close()
    assert found == [(len(moved.rows),)]


def test_a_binder_of_every_channel_is_proved_without_a_home(
    closing: Home, binder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    digest = closing.run("closes", "--json").one["digest"]
    nowhere = Home(tmp_path / "no home")
    done = nowhere.command("verify", str(binder), "--digest", digest, "--json")
    assert {row["verdict"] for row in done.rows} == {"proved"}
    counts = {row["check"]: row["count"] for row in done.rows}
    assert counts["originals read again give the same lines"] == counts["the cash bridge adds up"] > 5
    assert not nowhere.folder.exists()


def test_a_home_that_closed_the_month_compares_by_itself(closing: Home, binder: Path, tmp_path: Path) -> None:
    done = closing.run("verify", str(binder))
    assert (done.code, "not compared" in done.out + done.err) == (0, False)
    alone = Home(tmp_path / "no home").command("verify", str(binder))
    assert alone.code == 0
    assert "proves itself; not compared with the close" in alone.out + alone.err


def test_a_binder_that_was_handed_out_is_in_the_audit(closing: Home, binder: Path) -> None:
    (row,) = closing.query("SELECT subject, after FROM audit WHERE action = 'write binder'")
    assert row[0] == MONTH
    assert str(binder) in row[1]


def test_a_cent_that_was_changed_is_named(closing: Home, binder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(binder, tmp_path / "copy"))
    path = copy / "tables" / "lines.parquet"
    frame = pl.read_parquet(path)
    frame.with_columns(
        amount=pl.when(pl.int_range(pl.len()) == 7).then(pl.col("amount") + pl.lit("0.01").cast(pl.Decimal(18, 4)))
        .otherwise(pl.col("amount")).cast(frame.schema["amount"])
    ).write_parquet(path)  # fmt: skip
    done = closing.run("verify", str(copy))
    assert done.code == 1
    assert "the file was changed" in done.out
    assert f"{frame['settlement_id'][7]} line {frame['ordinal'][7]} (file line {frame['file_line'][7]})" in done.out


def test_a_damaged_binder_is_no_proof(closing: Home, binder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(binder, tmp_path / "copy"))
    held = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**held, "documents": [{}]}))
    done = closing.run("verify", str(copy))
    assert (done.code, done.out) == (2, "")
    assert "the binder is damaged" in done.err


def test_a_month_in_which_everything_is_in_order_is_closed_without_a_reason(closing: Home, tmp_path: Path) -> None:
    closing.close()
    home = Home(Path(shutil.copytree(closing.folder, tmp_path / "home")))
    done = home.run("close", "2026-09", "--json")
    assert done.code == 0, done.out
    assert (done.one["open"], done.one["reason"]) == (0, "")
    first = home.run("closes", "--json").rows[0]
    assert home.query("SELECT previous_digest FROM closes WHERE period = '2026-09'") == [(first["digest"],)]
    home.close()


@pytest.mark.slow
def test_the_remedies_lead_to_a_close_without_a_reason(tmp_path: Path) -> None:
    # A sandbox of its own: what is posted here would be there for others.
    with Sandbox(seed=7, now=clock().now(), size=150, limits=False).start() as running:
        client = connected(tmp_path / "home", running)
        assert client.run("pull").code == 0
        assert client.run("map", "import", str(DECISIONS)).code == 0
        client.run("reconcile")
        assert client.run("close", MONTH).code == 1
        for control in ("invoice_unpaid", "settlement_not_posted", "journal_differs"):
            staged = client.run("plan", "--control", control, "--stage")
            plan = staged.out.rsplit("staged as ", 1)[1].split(";")[0]
            assert client.run("push", plan).code == 0
        done = client.run("close", MONTH, "--json")
        assert done.code == 0, done.out
        assert (done.one["open"], done.one["reason"]) == (0, "")
        assert client.run("close", "drift", MONTH).code == 0
        client.close()
