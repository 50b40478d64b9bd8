"""The cash bridge from the command line, on a company that was pulled from the sandbox."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.console.homes import Home


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ebay.US"], "the channel has no settlements"),
        (["amazon.US", "--currency", "EUR"], "It settles in USD"),
        (["amazon.US", "--as-of", "yesterday"], "this is no day and no time with an offset"),
        (["amazon.US", "--as-of", "2026-11-20T09:00:00"], "this is no day and no time with an offset"),
        (["amazon.US", "--as-of", "2099-01-01"], "has not come yet"),
        (["amazon.US", "--as-of", "2020-01-01"], "the channel has no settlements"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_remedy(pulled: Home, arguments: list[str], said: str) -> None:
    done = pulled.run("bridge", *arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize("channel", ["amazon.US", "amazon.DE", "walmart.US"])
def test_every_settlement_of_a_channel_is_a_step_that_adds_up(pulled: Home, channel: str) -> None:
    done = pulled.run("bridge", channel, "--json")
    *steps, after = done.rows
    assert after["open"] is True
    assert [(len(steps),)] == pulled.query(f"SELECT count(*) FROM settlements WHERE channel = '{channel}'")
    for step in steps:
        activity = sum((Decimal(a) for a in step["activity"].values()), Decimal(0))
        opening, payout, broken, closing = (Decimal(step[k]) for k in ("opening", "payout", "break", "closing"))
        assert opening + activity - payout + broken == closing
    assert done.code == (1 if any(s["broken"] for s in steps) else 0)


def test_the_table_shows_totals_by_category(pulled: Home) -> None:
    done = pulled.run("bridge", "amazon.US", "--last", "2")
    assert "amazon.US, USD" in done.out
    assert "Referral fees" in done.out
    assert len([line for line in done.out.splitlines() if line.startswith("amazon") or line[:1].isdigit()]) == 3
