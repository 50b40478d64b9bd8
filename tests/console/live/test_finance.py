"""The finance lists and actions over a real home: statements, matches, line types, accounts, closes."""

from __future__ import annotations

import re
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
    rent = next(r for r in (first, second) if r["status"] == "other")
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
    shown = text_of(desk.detail("settlements", now[0]["key"], "journal"))
    assert re.search(r"Acme Goods [A-Za-z.]+ · [A-Z][a-z]+ 2026, open · not posted", shown)
    assert re.search(r"debit +credit +memo\n[0-9]+ .+  Payout [0-9]+\n", shown)


def test_the_cash_sales_that_a_deposit_takes_along_are_said_on_the_screen_and_in_json(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    for unknown in rows(desk, "line_types"):
        assert do("accept", "mapping", unknown["key"], list="line_types").state == "done"
    due = [r["key"] for r in rows(desk, "settlements")]
    along = r"takes [0-9]+ cash sales of [0-9,.]+ [A-Z]+ along from 1190 Undeposited funds, in place of their price"
    said = [k for k in due if re.search(along, text_of(desk.detail("settlements", k, "journal")))]
    journals = [j for k in said for j in pulled.run("settlement", "show", k, "--journal", "--json").rows]
    planned = {
        o["identity"]: o["intent"]["payments"]
        for o in pulled.run("plan", "--control", "settlement_not_posted", "--json").one["operations"]
        if o["kind"] == "deposit.create"
    }
    shown = {
        j["external_id"]: [{name: s[name] for name in ("document_id", "amount")} for s in j["cash_sales"]]
        for j in journals
        if j["external_id"] in planned
    }
    assert shown == {name: planned[name] for name in shown}
    assert any(shown.values())
    assert "Cash sales that the deposit pays" in pulled.run("settlement", "show", said[0], "--journal").out


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
    running, newest = rows(desk, "closes")[:2]
    assert "cannot be closed before it is over" in text_of(desk.detail("close", running["key"], "open"))
    assert "is not over" in do("freeze", "close", running["key"], reason="the auditors are here").note
    assert newest["status"] == "open"
    assert "Stands in the way" in text_of(desk.detail("close", newest["key"], "open"))
    refused = do("freeze", "close", newest["key"], reason="")
    assert refused.state == "failed"
    assert "more reason" in refused.note
    closed = do("freeze", "close", newest["key"], reason="the auditors are here")
    assert "version 1" in closed.note
    assert "closed by" in do("freeze", "close", newest["key"], reason="").note
    after = rows(desk, "closes")[1]
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


def discrepancies(desk: LiveDesk, control: str) -> list[str]:
    return [r["key"] for r in rows(desk, "discrepancies") if r["key"].startswith(f"{control}|")]


def test_sizes_are_imported_what_is_charged_is_adopted_and_both_are_undone(
    pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent], tmp_path: Path
) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text("sku,length\nMUG,4\n", encoding="utf-8")
    asked = {"what": "dimensions", "file": str(file), "channel": "amazon.US", "list": "fees"}
    refused = do("import-fees", "mapping", **asked)
    assert (refused.state, "height" in refused.note) == ("failed", True)
    assert do("import-fees", "mapping", **{**asked, "what": "table", "channel": "*"}).state == "failed"
    ((sku,),) = pulled.query(
        "SELECT sku FROM settlement_lines WHERE channel = 'amazon.US' AND amount_description ="
        " 'FBAPerUnitFulfillmentFee' AND amount < 0 ORDER BY posted_date DESC, sku LIMIT 1"
    )
    file.write_text(
        f"sku,length,width,height,length_unit,weight,weight_unit\n{sku},10,6,2,in,1.4,lb\n", encoding="utf-8"
    )
    assert discrepancies(desk, "fee_differs") == []
    done = do("import-fees", "mapping", **asked)
    assert (done.state, done.note) == ("done", "sizes.csv: sizes of 1 SKU. u undoes it")
    assert do("import-fees", "mapping", **asked).note == "sizes.csv: everything in it was known"
    keys = discrepancies(desk, "fee_differs")
    assert keys
    assert all(key.endswith("(FBA 2026-04-17)") for key in keys)
    assert "is not confirmed" in text_of(desk.detail("discrepancies", keys[0], "why"))
    assert (
        do("adopt", "discrepancies", *keys).note
        == f"{len(keys)} fee{'s' * (len(keys) > 1)} adopted as charged. u undoes it"
    )
    assert not [k for k in discrepancies(desk, "fee_differs") if k.endswith("(FBA 2026-04-17)")]
    adopted = [r for r in rows(desk, "fees") if r["kind"] == "row"]
    assert [r["status"] for r in adopted] == ["decided"] * len(keys)
    assert do("undo", "mapping").state == "done"
    assert discrepancies(desk, "fee_differs") == keys
    assert do("undo", "mapping").state == "done"
    assert discrepancies(desk, "fee_differs") == []


def test_a_shipped_table_is_confirmed_and_the_confirmation_taken_back(
    desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    key = "shipped|amazon.US|FBA 2026-01-15"
    other = next(r["key"] for r in rows(desk, "fees") if r["kind"] == "referral")
    for refused in (do("accept", "mapping", other, list="fees"), do("withdraw", "mapping", key, list="fees")):
        assert refused.state == "failed"
    assert do("accept", "mapping", key, list="fees").note.startswith("1 table confirmed")
    state = {r["key"]: r["status"] for r in rows(desk, "fees")}
    assert (state[key], state["shipped|amazon.US|FBA 2026-04-17"]) == ("confirmed", "older")
    detail = text_of(desk.detail("fees", key, "schedule"))
    assert "Somebody confirmed it" in detail
    assert "large standard" in detail
    assert do("accept", "mapping", key, list="fees").state == "failed"
    assert do("withdraw", "mapping", key, list="fees").state == "done"
    assert {r["key"]: r["status"] for r in rows(desk, "fees")}[key] == "shipped"
    assert do("undo", "mapping").state == "done"
    assert {r["key"]: r["status"] for r in rows(desk, "fees")}[key] == "confirmed"
    assert do("accept", "discrepancies", "order_missing|amazon.US|1").state == "failed"
    assert do("adopt", "discrepancies", "order_missing|amazon.US|1").state == "failed"


def test_dimensions_are_decided_after_their_effect_was_shown_and_taken_back(
    pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    ((location, name),) = pulled.query("SELECT location_id, name FROM locations ORDER BY location_id LIMIT 1")
    form = desk.form(ActionRequest("map-dimensions", "mapping"))
    assert form is not None
    assert {"scope", "account_key", "fulfilment", "month", "location"} <= {f.name for f in form.fields}
    said = {"scope": "amazon.US", "account_key": "referral_fees", "fulfilment": "*", "month": "2026-11..",
            "location": str(location)}  # fmt: skip
    assert do("map-dimensions", "mapping", **{**said, "month": "soon"}).state == "failed"
    assert do("map-dimensions", "mapping", **{**said, "location": ""}).state == "failed"
    wanted = ActionRequest("map-dimensions", "mapping", (), said)
    assert "dimensions amazon.US|referral_fees|*|2026-11.." in text_of(desk.effect(wanted))
    key = "amazon.US|referral_fees|*|2026-11.."
    before = {r["key"] for r in rows(desk, "dimensions")}
    assert do("map-dimensions", "mapping", **said).note == f"{key} decided. u undoes it"
    assert do("map-dimensions", "mapping", **said).note == "it was decided so already"
    held = {r["key"]: r for r in rows(desk, "dimensions")}
    assert (set(held) - before, held[key]["location"]) == ({key}, name)
    assert f"location {name}" in text_of(desk.detail("dimensions", key, "rule"))
    gone = ActionRequest("withdraw", "mapping", (key,), {"list": "dimensions"})
    assert key in text_of(desk.effect(gone))
    assert do("withdraw", "mapping", key, list="dimensions").state == "done"
    assert {r["key"] for r in rows(desk, "dimensions")} == before
    assert do("withdraw", "mapping", key, list="dimensions").state == "failed"


def test_a_payout_that_a_document_books_is_decided_in_the_list_of_the_bank(
    pulled: Home, desk: LiveDesk, do: Callable[..., JobEvent]
) -> None:
    payout = next(r["key"] for r in rows(desk, "bank") if r["kind"] == "payout")
    ((number,),) = pulled.query("SELECT number FROM transactions WHERE number IS NOT NULL ORDER BY number LIMIT 1")
    form = desk.form(ActionRequest("booked", "bank", (payout,)))
    assert form is not None
    assert (form.fields[0].choices[0].label, form.fields[1].name) == ("none: Tieout posts it", "number")
    assert desk.form(ActionRequest("booked", "bank", ("chase|1",))) is None
    assert do("booked", "bank", "chase|1", document="").state == "failed"
    assert do("booked", "bank", payout, document="", number="NO-SUCH").state == "failed"
    assert do("booked", "bank", payout, number=number).note == f"{payout}: booked by {number}. u undoes it"
    held = "SELECT value->>'document' FROM current_decisions WHERE kind = 'payout_booked'"
    assert pulled.query(held) == [(number,)]
    assert do("undo", "bank").state == "done"
    assert pulled.query(held) == []
