"""Posted journals from the command line: taken back, explained in all versions; payouts through currencies."""

from __future__ import annotations

import pytest

from tests.console.homes import Home


def posted_journal(home: Home) -> str:
    # The world spoils one of its journals; any other may be taken back.
    rows = home.query(
        "SELECT t.external_id FROM transactions t JOIN settlements s ON contains(t.external_id, s.settlement_id)"
        " WHERE contains(t.external_id, '-SETTLE-') AND s.channel = 'amazon.US' ORDER BY 1 LIMIT 1"
    )
    return str(rows[0][0])


@pytest.mark.parametrize(
    ("argv", "problem"),
    [
        (("SO1", "--reason", "x"), "no journal of a settlement"),
        (("AMZ-SETTLE-1-202601", "--reason", "x"), "no such journal is posted"),
        (("AMZ-SETTLE-1-202601", "--reason", "x", "--date", "soon"), "this is no date"),
        (("AMZ-SETTLE-1-202601",), "reason"),
    ],
)
def test_what_cannot_be_reversed_changes_nothing(empty: Home, argv: tuple[str, ...], problem: str) -> None:
    done = empty.run("settlement", "reverse", *argv, "--json")
    assert done.code == 2
    assert problem in (done.out + done.err)
    assert empty.query("SELECT count(*) FROM decisions") == [(0,)]


def test_a_payout_of_one_currency_has_no_exchange_by_number_or_channel(pulled: Home) -> None:
    ((channel, number), *_) = pulled.query("SELECT channel, settlement_id FROM settlements ORDER BY settlement_id")
    for name in (str(number), f"{channel}/{number}"):
        done = pulled.run("settlement", "exchange", name, "--json")
        assert (done.code, "no booking in another currency" in done.err) == (2, True)
    assert "there is no such settlement" in pulled.run("settlement", "exchange", "amazon.US/1").err


def test_a_reversal_is_planned_with_its_reason_and_waits_for_review(pulled: Home) -> None:
    journal = posted_journal(pulled)
    done = pulled.run("settlement", "reverse", journal, "--reason", "typed twice", "--json")
    row = done.one
    assert (done.code, row["blocked"]) == (0, [])
    (operation,) = row["operations"]
    assert (operation["identity"], operation["kind"]) == (f"{journal}-R", "journal_entry.reverse")
    assert operation["intent"]["memo"] == "typed twice"
    states = pulled.query(f"SELECT state FROM operations WHERE plan_id = '{row['plan']}'")
    assert states == [("planned",)]
    explained = pulled.run("explain", journal, "--json").one
    assert [v["role"] for v in explained["versions"]] == ["original"]
