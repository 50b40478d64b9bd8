"""The finance lists and actions over a real home: statements, matches, line types, accounts, closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from console.blocks import Detail, Facts, Passage
from console.desk import ActionRequest, JobEvent, ViewRequest
from console.live.desk import LiveDesk
from console.views.rows import Row
from tests.console.homes import Home
from tests.console.live.test_desk import Listener


@pytest.fixture
def desk(pulled: Home) -> Iterator[LiveDesk]:
    made = LiveDesk(pulled.workspace(), "ann")
    yield made
    made.close(10)


@pytest.fixture
def do(desk: LiveDesk) -> Callable[..., JobEvent]:
    """Run an action to its end."""

    def run(action: str, section: str, *keys: str, **answers: str) -> JobEvent:
        listener = Listener()
        end = desk.subscribe(listener)
        try:
            return listener.wait(desk.start(ActionRequest(action, section, keys, answers)))
        finally:
            end()

    return run


def rows(desk: LiveDesk, view: str, **scope: Any) -> list[dict[str, Any]]:
    """Return the rows of a list by column, with their keys."""
    held = desk.open_view(ViewRequest(view, **scope))
    try:
        found: list[Row] = held.page(0, held.total)
        names = [c.name for c in held.columns]
    finally:
        held.close()
    return [{"key": row.key, **dict(zip(names, row.values, strict=True))} for row in found]


def text_of(detail: Detail | None) -> str:
    """Return everything that a detail says."""
    assert detail is not None
    parts = [detail.title]
    for block in detail.blocks:
        if isinstance(block, Facts):
            parts += [block.title, *(f"{name} {value}" for name, value in block.pairs)]
        elif isinstance(block, Passage):
            parts += [block.title, block.text]
    return "\n".join(parts)


def statement(folder: Path, *lines: str) -> str:
    file = folder / "statement.csv"
    file.write_text("Date,Description,Amount,Currency\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def test_the_bank_from_a_refused_file_to_a_match_that_is_undone(
    desk: LiveDesk, do: Callable[..., JobEvent], tmp_path: Path
) -> None:
    refused = do("import", "bank", file=str(tmp_path / "none.csv"), account="chase")
    assert refused.state == "failed"
    assert "cannot be read" in refused.note
    broken = do("import", "bank", file=statement(tmp_path, "2026-11-20,AMZN,12x.00,USD"), account="chase")
    assert broken.state == "failed"
    assert rows(desk, "bank", filter="booking") == []

    payout = next(r for r in rows(desk, "bank") if r["currency"] == "USD" and r["amount"] > 0)
    day = payout["day"] + timedelta(days=1)
    lines = (f"{day},UNKNOWN SENDER,{payout['amount']:.2f},USD", f"{day},OFFICE RENT,-1200.00,USD")
    done = do("import", "bank", file=statement(tmp_path, *lines), account="chase")
    assert (done.state, "2 bookings" in done.note, "2 new" in done.note) == ("done", True, True)
    first, second = (r for r in rows(desk, "bank") if r["kind"] == "booking")
    suggested = next(r for r in (first, second) if r["status"] == "suggested")
    rent = next(r for r in (first, second) if r["status"] == "open")
    assert suggested["against"] == payout["key"]
    assert "does not name the marketplace" in text_of(desk.detail("bank", suggested["key"], "match"))
    assert payout["key"] in text_of(desk.detail("bank", suggested["key"], "near"))

    assert do("accept", "bank", rent["key"]).state == "failed"
    assert do("accept", "bank", suggested["key"]).state == "done"
    state = {r["key"]: r["status"] for r in rows(desk, "bank")}
    assert (state[suggested["key"]], state[payout["key"]]) == ("matched", "matched")
    assert "pays" in repr(desk.detail("bank", suggested["key"], "history"))
    explained = desk.explain("bank", suggested["key"])
    assert explained is not None
    assert (explained.amount, explained.adds_up) == (payout["amount"], True)
    assert do("undo", "bank").state == "done"
    assert {r["key"]: r["status"] for r in rows(desk, "bank")}[payout["key"]] == "suggested"

    assert do("set-aside", "bank", rent["key"]).state == "done"
    assert {r["key"]: r["status"] for r in rows(desk, "bank")}[rent["key"]] == "set aside"
    assert "taken back" in do("set-aside", "bank", rent["key"]).note
    assert do("set-aside", "bank", payout["key"]).state == "failed"
    assert do("match", "bank", rent["key"]).state == "failed"
    assert do("match", "bank", suggested["key"], payout["key"]).state == "done"
    tied = next(r for r in rows(desk, "settlements") if r["key"] == payout["key"])
    assert tied["ties"][0] + tied["ties"][3] == "=="


def test_forms_of_finance_offer_what_there_is(desk: LiveDesk) -> None:
    settlement = rows(desk, "settlements")[0]["key"]
    types = rows(desk, "settlement_types", scope={"settlement": settlement})
    place = desk.form(ActionRequest("account", "settlements", (types[-1]["key"],)))
    ledger = desk.form(ActionRequest("ledger", "settlements", (types[-1]["key"],)))
    assert place is not None
    assert ledger is not None
    assert all(f.value in {c.value for c in f.choices} for f in (*place.fields, *ledger.fields))
    assert [f.name for f in ledger.fields] == ["account", "scope", "location"]
    statement_form = desk.form(ActionRequest("import", "bank"))
    assert statement_form is not None
    assert [f.required for f in statement_form.fields] == [True, True, False, False]
    assert desk.form(ActionRequest("match", "bank", ("chase|1", "amazon.US/1"))) is None


def test_a_moved_line_type_shows_its_effect_is_saved_and_undone(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    posted = next(r for r in rows(desk, "settlements") if r["channel"] == "amazon.US" and r["posted"] in ("1/1", "2/2"))
    key = f"{posted['key']}|Order|ItemFees|Commission"
    answers = {"category": "advertising", "account_key": "advertising"}
    effect = text_of(desk.effect(ActionRequest("account", "settlements", (key,), answers)))
    assert "posted already" in effect
    assert "6110 Referral fees" in effect
    assert pulled.query("SELECT count(*) FROM current_decisions WHERE subject LIKE '%Commission'") == [(0,)]
    assert do("account", "settlements", key, category="nonsense", account_key="x").state == "failed"
    assert do("account", "settlements", key, **answers).state == "done"
    assert desk.effect(ActionRequest("account", "settlements", (key,), answers)) is not None
    assert "changes no journal" in text_of(desk.effect(ActionRequest("account", "settlements", (key,), answers)))
    assert do("undo", "settlements").state == "done"
    account = pulled.query("SELECT account_id FROM accounts WHERE number = '6200'")[0][0]
    ledger = {"account": account, "scope": "amazon.US"}
    assert "6200" in text_of(desk.effect(ActionRequest("ledger", "settlements", (key,), ledger)))
    assert do("ledger", "settlements", key, **ledger).state == "done"
    held = pulled.query("SELECT subject FROM current_decisions WHERE kind = 'account' AND decided_by = 'ann'")
    assert held == [("amazon.US|referral_fees",)]
    assert desk.effect(ActionRequest("pull", "home")) is None


def test_an_unknown_line_type_is_placed_as_proposed_and_frees_its_settlement(
    desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    unknown = rows(desk, "line_types")
    assert unknown, "the sandbox always has a fee that nobody knows"
    one = next(r for r in unknown if r["proposed"])
    detail = text_of(desk.detail("line_types", one["key"], "proposal"))
    assert "because most like" in detail
    assert "Stops" in text_of(desk.detail("line_types", one["key"], "settlements"))
    assert do("accept", "mapping", one["key"], list="line_types").state == "done"
    assert one["key"] not in {r["key"] for r in rows(desk, "line_types")}
    assert do("undo", "mapping").state == "done"
    assert one["key"] in {r["key"] for r in rows(desk, "line_types")}


def test_settlements_of_then_are_those_that_were_known_then(desk: LiveDesk) -> None:
    then = desk.now() - timedelta(days=3000)
    assert rows(desk, "settlements", as_of=then) == []
    assert rows(desk, "bridge", as_of=then) == []
    now = rows(desk, "settlements")
    assert desk.detail("settlements", now[0]["key"], "breakdown", then) is None
    for tab, said in (("ties", "stated"), ("versions", "issued once"), ("journal", "debits = credits")):
        assert said in text_of(desk.detail("settlements", now[0]["key"], tab))


def test_the_bridge_chains_every_channel_and_its_rows_add_up(desk: LiveDesk) -> None:
    steps = [r for r in rows(desk, "bridge") if r["opening"] is not None]
    assert len({(r["channel"], r["currency"]) for r in steps}) > 1
    for r in steps:
        assert r["opening"] + r["activity"] - r["payout"] + r["break"] == r["closing"]
        for tab in ("waterfall", "bank", "open"):
            assert desk.detail("bridge", r["key"], tab) is not None
    assert desk.detail("bridge", "amazon.US/XXX/1", "waterfall") is None


def test_a_month_is_closed_only_with_a_reason_while_something_is_open(
    desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    newest = rows(desk, "closes")[0]
    assert newest["status"] == "open"
    assert "Stands in the way" in text_of(desk.detail("close", newest["key"], "open"))
    refused = do("freeze", "close", newest["key"], reason="")
    assert refused.state == "failed"
    assert "more reason" in refused.note
    closed = do("freeze", "close", newest["key"], reason="the auditors are here")
    assert "version 1" in closed.note
    after = rows(desk, "closes")[0]
    assert (after["status"], after["version"], after["reason"]) == ("closed*", 1, "the auditors are here")
    assert "Everything is as it was closed" in text_of(desk.detail("close", newest["key"], "drift"))
    assert "digest" in text_of(desk.detail("close", newest["key"], "versions"))


def test_a_binder_is_written_of_a_closed_month_only(
    desk: LiveDesk, do: Callable[..., JobEvent], tmp_path: Path
) -> None:
    oldest = rows(desk, "closes")[-1]["key"]
    folder = tmp_path / "binder"
    assert "was not closed yet" in do("binder", "close", oldest, folder=str(folder)).note
    assert do("freeze", "close", oldest, reason="a test").state == "done"
    assert do("binder", "close", oldest, folder=str(folder)).state == "done"
    assert (folder / "manifest.json").exists()
    assert do("binder", "close", oldest, folder=str(folder)).state == "failed"
