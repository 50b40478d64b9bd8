"""Any cent explained on the command line: sums at each level, down to the line of the file and up to the payout."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.console.homes import Home


@pytest.fixture
def journal(pulled: Home) -> str:
    """The journal of the newest settlement's newest month."""
    ((channel, settlement),) = pulled.query(
        "SELECT channel, settlement_id FROM settlements WHERE channel = 'amazon.US' ORDER BY period_end DESC LIMIT 1"
    )
    shown = pulled.run("settlement", "show", f"{channel}/{settlement}", "--json").one
    return str(shown["journals"][-1]["external_id"])


@pytest.mark.parametrize(
    "argv", [["AMZ-SETTLE-1-202611"], ["113-0000000-0000000"], ["AMZ-SETTLE-1-202611", "--line", "1"]]
)
def test_what_is_not_known_is_bad_use(pulled: Home, argv: list[str]) -> None:
    done = pulled.run("explain", *argv)
    assert (done.code, done.out) == (2, "")
    assert argv[0] in done.err


def test_a_journal_adds_up_at_every_level(pulled: Home, journal: str) -> None:
    explained = pulled.run("explain", journal, "--json").one
    assert explained["debits"] == explained["credits"]
    lines = explained["lines"]
    assert sum(Decimal(line["debit"]) for line in lines) == Decimal(explained["debits"])
    for line in lines:
        below = [Decimal(kind["amount"]) for kind in line["types"]]
        if below:
            assert Decimal(line["credit"]) - Decimal(line["debit"]) == sum(below)
    number = next(line["line"] for line in lines if line["types"])
    behind = pulled.run("explain", journal, "--line", str(number), "--json").rows
    assert sum(Decimal(row["amount"]) for row in behind) == sum(
        Decimal(kind["amount"]) for kind in lines[number - 1]["types"]
    )


def test_nothing_was_known_before_it_was_read_and_nothing_is_known_of_tomorrow(pulled: Home, journal: str) -> None:
    settlement = f"amazon.US/{journal.split('-')[2]}"
    for what in (journal, settlement):
        assert pulled.run("explain", what, "--as-of", "2020-01-01").code == 2
    assert pulled.run("settlement", "show", settlement, "--as-of", "2020-01-01").code == 2
    done = pulled.run("explain", settlement, "--as-of", "2999-01-01")
    assert (done.code, "has not come yet" in done.err) == (2, True)


def test_an_order_leads_up_to_its_journal_and_payout(pulled: Home) -> None:
    ((order,),) = pulled.query(
        "SELECT order_id FROM settlement_lines WHERE channel = 'amazon.US' AND order_id IS NOT NULL ORDER BY 1 LIMIT 1"
    )
    rows = pulled.run("explain", order, "--json").rows
    ((total,),) = pulled.query("SELECT sum(amount) FROM settlement_lines WHERE order_id = $1", [order])
    assert sum(Decimal(row["amount"]) for row in rows) == total
    assert {row["journal"].rpartition("-")[0] for row in rows} == {f"AMZ-SETTLE-{row['settlement']}" for row in rows}


def test_people_see_sums_and_file_lines(pulled: Home, journal: str) -> None:
    done = pulled.run("explain", journal)
    assert done.code == 0
    assert "settlement lines add to" in done.out
    behind = pulled.run("explain", journal, "--line", "2").out
    assert "file_line" in behind
    assert "lines add to" in behind
