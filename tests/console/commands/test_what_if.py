"""`tieout map what-if` and `tieout explain` of a settlement: the headless twins of the screens."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.console.homes import Home


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("account", "amazon.US", "referral_fees"), "the change is not complete"),
        (("account", "amazon.US", "--account", "6200"), "the change is not complete"),
        (("account", "amazon.US", "referral_fees", "--account", "9999"), "no such active account"),
        (("line-type", "amazon", "Order", "ItemFees", "--category", "other", "--account-key", "x"), "not complete"),
        (("sku", "amazon.US", "A"), "sku"),
    ],
)
def test_a_change_that_cannot_be_is_refused(pulled: Home, argv: tuple[str, ...], said: str) -> None:
    done = pulled.run("map", "what-if", *argv)
    assert done.code == 2
    assert said in done.err


def test_the_effect_of_a_moved_account_is_shown_and_nothing_is_decided(pulled: Home) -> None:
    before = pulled.query("SELECT count(*) FROM current_decisions")
    done = pulled.run("map", "what-if", "account", "amazon.US", "referral_fees", "--account", "6200", "--json")
    assert done.code == 1
    assert sum(Decimal(row["difference"]) for row in done.rows) == 0
    assert {row["account"] for row in done.rows} >= {"6110 Referral fees"}
    assert all(Decimal(row["after"]) - Decimal(row["before"]) == Decimal(row["difference"]) for row in done.rows)
    shown = pulled.run("map", "what-if", "account", "amazon.US", "referral_fees", "--account", "6200")
    assert "all differences add to zero" in shown.out
    assert "stay as they are" in shown.out
    assert pulled.query("SELECT count(*) FROM current_decisions") == before


def test_a_settlement_is_taken_apart_part_by_part(pulled: Home) -> None:
    settlement = pulled.query("SELECT channel || '/' || settlement_id FROM settlements WHERE channel = 'amazon.US'")
    figure = pulled.run("explain", settlement[0][0], "--json").one
    assert figure["adds_up"] is True
    assert sum(Decimal(p["amount"]) for p in figure["parts"]) == Decimal(figure["amount"])
    part = figure["parts"][0]
    below = pulled.run("explain", part["key"], "--json").one
    assert Decimal(below["amount"]) == Decimal(part["amount"])
    assert below["adds_up"] is True
    text = pulled.run("explain", part["key"])
    assert "line types add to" in text.out
    assert pulled.run("explain", "amazon.US/no-such").code == 2
