"""`list line-types` and `map accept-line-type`: the proposal of an unknown type, accepted and taken back."""

from __future__ import annotations

from pathlib import Path

from tests.console.commands.test_settlements import report
from tests.console.homes import Home

SUBJECT = "amazon|Order|ItemFees|ReferalFee"


def imported(home: Home, folder: Path, kind: str) -> Home:
    (folder / "new.txt").write_bytes(report(kind=kind))
    assert home.run("settlement", "import", "new.txt", cwd=folder).code == 1
    return home


def test_without_an_unknown_type_the_list_is_empty_and_nothing_can_be_accepted(empty: Home) -> None:
    shown = empty.run("list", "line-types")
    assert (shown.code, shown.out) == (0, "")
    assert "has its account" in shown.err
    refused = empty.run("map", "accept-line-type", SUBJECT)
    assert refused.code == 2
    assert "no unknown line type" in refused.err


def test_hostile_names_of_types_reach_no_terminal(empty: Home, tmp_path: Path) -> None:
    home = imported(empty, tmp_path, "Commission Fee\u202e\x9b31m")
    (subject,) = (row["subject"] for row in home.run("list", "line-types", "--json").rows)
    for argv in (["list", "line-types"], ["list", "line-types", "--json"], ["map", "accept-line-type", subject]):
        done = home.run(*argv)
        assert done.code == 0
        assert not {"\x1b", "\x9b", "\u202e"} & set(done.out + done.err), argv


def test_a_proposal_is_listed_accepted_and_taken_back(empty: Home, tmp_path: Path) -> None:
    home = imported(empty, tmp_path, "ReferalFee")
    row = home.run("list", "line-types", "--json").one
    assert row["subject"] == SUBJECT
    assert (row["lines"], row["amount"], row["settlements"]) == (1, ["-3.75 USD"], ["amazon.US/70000000001"])
    assert row["nearest"][0]["score"] >= 65
    done = home.run("map", "accept-line-type", SUBJECT, "--json")
    assert done.code == 0
    assert done.one["account_key"] == row["proposed_account_key"]
    assert home.run("list", "line-types", "--json").rows == []
    assert home.run("settlement", "show", "70000000001").code == 0
    assert home.run("map", "undo", "line_type", SUBJECT).code == 0
    assert home.run("list", "line-types", "--json").one["subject"] == SUBJECT
