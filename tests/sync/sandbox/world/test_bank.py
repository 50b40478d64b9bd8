"""The world's bank: statements that every reader takes, and the transfers that are wrong in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from sync.bank import read_statement
from sync.bank.statement import BankStatement
from sync.sandbox.world.bank import ACCOUNTS, Bank
from sync.sandbox.world.build import build_world
from sync.sandbox.world.model import World
from sync.sandbox.world.scenario import Scenario

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
WHOLE = Scenario(payout_not_in_bank=0, payout_short=0, payouts_in_one=0)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=120)


def read(bank: Bank, name: str, now: datetime = NOW) -> BankStatement:
    text, currency = bank.statement(name, now), next(a.currency for a in ACCOUNTS if a.name == name)
    return read_statement(text.encode(), name=f"{name}.csv", account=name, currency=currency, date_order=None)


def amounts(bank: Bank, name: str) -> list[Decimal]:
    return [line.amount for line in read(bank, name).lines]


def test_there_is_no_statement_of_an_account_that_there_is_not(world: World) -> None:
    with pytest.raises(KeyError):
        Bank(world, WHOLE).statement("savings", NOW)


def test_what_is_wrong_in_the_bank_is_told_as_truth_and_nothing_else_is_wrong(world: World) -> None:
    whole = Bank(world, WHOLE)
    wrong = Bank(world, Scenario())
    paid = {f"{p.channel}/{p.settlement_id}": p.amount for c in world.channels() for p in world.payouts_of(c, NOW)}
    (lost,) = world.truth.cases["payout_not_in_bank"]
    (short,) = world.truth.cases["payout_short"]
    first, second = world.truth.cases["payouts_in_one"]
    gone = {paid[lost], paid[short], paid[first], paid[second]}
    come = {paid[first] + paid[second], paid[short] - Decimal(15)}
    before, after = ({a for x in ACCOUNTS for a in amounts(bank, x.name)} for bank in (whole, wrong))
    assert (before - after, after - before) == (gone, come)


def test_a_later_statement_holds_the_earlier_one_and_says_nothing_of_today(world: World) -> None:
    bank = Bank(world, WHOLE)
    for account in ACCOUNTS:
        early, late = read(bank, account.name, NOW - timedelta(days=20)), read(bank, account.name)
        assert {line.line_id for line in early.lines} < {line.line_id for line in late.lines}
        assert max(line.booked_on for line in late.lines) < NOW.date()
        assert late.closing is not None
