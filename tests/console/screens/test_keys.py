"""What keys do, and what they say where they can do nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from driving import press, screen_text, settle, toasts
from fakedesk import NOW, FakeDesk, plan, typical

from console.app import ConsoleApp, Options
from console.desk import (
    ActionRequest,
    DataChanged,
    Detail,
    Form,
    FormField,
    JobEvent,
    Jump,
    Need,
    Passage,
    Standing,
)
from console.screens.lists import ListScreen
from console.screens.settlement import SettlementScreen
from console.views.rows import Row
from console.widgets.detail_page import DetailPage
from console.widgets.dialogs import AskForm, Confirm
from console.widgets.help_screen import HelpScreen
from console.widgets.plan_review import PlanReview

SIZE = (120, 36)


def a_list(app: ConsoleApp) -> ListScreen:
    """Return the list on screen."""
    assert isinstance(app.screen, ListScreen)
    return app.screen


@pytest.mark.parametrize(
    ("section", "key", "said"),
    [
        ("2", "S", "S: nothing is marked, space marks"),
        ("2", "X", "X: no job is running"),
        ("1", "X", "X: no job is running"),
        ("6", "o", "o: this record links to nothing"),
        ("0", "w", "w: nothing raw is kept of this"),
    ],
)
async def test_a_key_that_can_do_nothing_says_why(section: str, key: str, said: str) -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, section, key)
        assert toasts(app) == [said]


async def test_slash_replaces_the_filter_that_is_there() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "slash", *"high", "enter")
        assert a_list(app).bar.text == "high"


async def test_marks_are_gone_once_they_were_acted_on() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "space", "space", "S")
        assert len(desk.started[0].keys) == 2
        assert not a_list(app).table.marks
        await press(pilot, "S")
        assert toasts(app) == ["S: nothing is marked, space marks"]


async def test_y_copies_the_answer_of_a_story() -> None:
    desk = typical()
    desk.details["orders/*/story"] = Detail(
        "order", (Passage("Answer (y copies it)", "It left on Monday.", copied=True),)
    )
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "y")
        assert app.clipboard == "It left on Monday."
        await press(pilot, "enter", "enter", "y")
        assert isinstance(app.screen, DetailPage)
        assert app.clipboard == "It left on Monday."


async def test_a_link_can_be_followed_from_the_full_page() -> None:
    desk = typical()
    desk.details["orders/*/story"] = Detail("order", (), (Jump("log"),))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "enter", "enter", "o")
        assert app.current_mode == "log"


async def test_a_form_says_at_once_which_answer_is_missing() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "i", "enter")
        assert "Reason is missing" in screen_text(app)


async def test_a_read_only_console_writes_nothing_and_says_so() -> None:
    desk = typical()
    desk.standing_now = Standing("production", "Acme Goods", True, NOW, 1)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "f", "i", "u")
        assert toasts(app) == [f"{key}: this console is read-only" for key in "fiu"]
    assert desk.started == []


async def test_the_desk_may_refuse_with_its_own_words() -> None:
    desk = typical()
    desk.refusals["fix"] = "nothing to fix, the period is closed"
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "f")
        assert toasts(app) == ["f: nothing to fix, the period is closed"]
    assert desk.started == []


async def test_keys_on_an_empty_list_say_that_there_is_no_record() -> None:
    desk = FakeDesk()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "space", "enter", "f", "G", "down", "s", "asterisk", "v")
        assert set(toasts(app)) == {
            f"{key}: there is no record under the cursor" for key in ("space", "enter", "f", "v")
        }
    assert desk.started == []


async def test_a_fix_goes_to_the_record_under_the_cursor_or_to_all_marked_ones() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "down", "f", "space", "space", "S")
    assert desk.started == [
        ActionRequest("fix", "discrepancies", ("d1",)),
        ActionRequest("stage", "discrepancies", ("d1", "d2")),
    ]


async def test_marks_stay_with_their_records_when_the_order_changes() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "space", "down", "space", "right", "right", "s")
        table = a_list(app).table
        assert list(table.marks) == ["d0", "d2"]
        assert [r.key for r in table.loaded_rows()] != ["d0", "d1", "d2", "d3", "d4", "d5"]
        assert table.row is not None
        assert table.row.key == "d3"
        await press(pilot, "s", "s")
        assert table.sort is None
        await press(pilot, "asterisk")
        assert table.marks == {}
        await press(pilot, "asterisk")
        assert len(table.marks) == 6


async def test_a_range_marks_everything_between() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "down", "v", "down", "down", "v")
        assert list(a_list(app).table.marks) == ["d1", "d2", "d3"]


async def test_escape_goes_one_level_up_each_time() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "2", "space", "enter")
        screen = a_list(app)
        assert screen.has_class("-drawer-open")
        await press(pilot, "escape")
        assert not screen.has_class("-drawer-open")
        assert screen.table.has_focus
        assert screen.table.marks
        await press(pilot, "escape")
        assert not screen.table.marks
        assert screen.bar.text
        await press(pilot, "escape")
        assert not screen.bar.text


async def test_typing_a_filter_narrows_the_list_and_closes_the_one_before() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "slash", *"1199")
        screen = a_list(app)
        assert screen.table.view is not None
        assert screen.table.view.total == 1
        assert desk.open_views == 1
        await press(pilot, "enter")
        assert screen.table.has_focus
        assert screen.bar.text == "1199"
        await press(pilot, "slash", "escape")
        assert screen.bar.text == ""
        assert screen.table.view.total == 60
        assert desk.open_views == 1


async def test_letters_typed_into_a_filter_are_no_commands() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "slash", *"q2fP?")
        assert app.is_running
        assert app.current_mode == "discrepancies"
        assert a_list(app).bar.query_one("Input").value.endswith("q2fP?")  # type: ignore[attr-defined]


async def test_new_data_keeps_the_cursor_on_its_record() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "down", "down")
        rows = desk.records["discrepancies"]
        desk.records["discrepancies"] = [Row("new", rows[0].values), *rows]
        desk.say(DataChanged(("discrepancies",)))
        await settle(pilot)
        table = a_list(app).table
        assert table.row is not None
        assert (table.row.key, table.cursor_row) == ("d2", 3)


async def test_a_section_that_is_not_shown_is_read_again_only_when_it_is() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "1")
        before = len(desk.requests)
        desk.say(DataChanged())
        await settle(pilot)
        assert len(desk.requests) == before
        await press(pilot, "2")
        assert len(desk.requests) == before + 1
        await press(pilot, "1", "2")
        assert len(desk.requests) == before + 1


async def test_a_form_is_answered_before_the_job_starts() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "i")
        assert isinstance(app.screen, AskForm)
        await press(pilot, "enter", "enter")
        assert "Reason is missing" in screen_text(app)
        await press(pilot, *"late", "enter", *"2026", "enter")
        assert desk.started == [ActionRequest("waive", "discrepancies", ("d0",), {"reason": "late", "until": "2026"})]
        await press(pilot, "i", "escape")
    assert len(desk.started) == 1


async def test_choices_are_picked_and_never_typed() -> None:
    from console.desk import Choice

    desk = typical()
    choices = (Choice("1881", "ITEM-1881", "UPC equal"), Choice("2210", "ITEM-2210", "94 % alike"))
    desk.forms["map"] = Form("Map SKU-NEW-77", (FormField("item", "Item", choices=choices),))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "5", "m")
        assert "UPC equal" in screen_text(app)
        await press(pilot, "down", "enter")
    assert desk.started == [ActionRequest("map", "mapping", ("walmart.US/SKU-NEW-77",), {"item": "2210"})]


async def test_a_plan_is_pushed_only_after_its_review() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P")
        assert isinstance(app.screen, PlanReview)
        await press(pilot, "escape")
        assert desk.started == []
        await press(pilot, "P", "w")
        assert "otherRefNum" in screen_text(app)
        await press(pilot, "P")
    assert desk.started == [ActionRequest("push", "queue", (), {"plan": "plan-1"})]


@pytest.mark.parametrize(("count", "each"), [(51, "1.00"), (2, "5000.01")])
async def test_a_large_plan_wants_its_number_typed(count: int, each: str) -> None:
    desk = typical()
    desk.staged_plan = plan(count, each)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P", "9", "9", "enter")
        assert isinstance(app.screen, PlanReview)
        assert desk.started == []
        await press(pilot, *str(count), "enter")
    assert [request.action for request in desk.started] == ["push"]


@pytest.mark.parametrize(("count", "each"), [(50, "200.00"), (1, "10000.00")])
async def test_a_plan_at_the_limits_needs_one_key_only(count: int, each: str) -> None:
    desk = typical()
    desk.staged_plan = plan(count, each)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P")
    assert [request.action for request in desk.started] == ["push"]


async def test_a_plan_that_may_not_be_pushed_says_why() -> None:
    desk = typical()
    allowed = plan(2)
    desk.staged_plan = type(allowed)("p", allowed.groups, allowed.totals, allowed.periods, "Nov 2026 is closed")
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "P", "P")
        assert isinstance(app.screen, PlanReview)
        assert "not now: Nov 2026 is closed" in screen_text(app)
        assert toasts(app) == ["P: Nov 2026 is closed"]
    assert desk.started == []


async def test_the_closing_key_of_a_window_does_not_act_below_it() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        await press(pilot, "f")
        assert not isinstance(app.screen, HelpScreen)
        assert desk.started == []
        await press(pilot, "q")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "q")
        assert app.is_running
        assert not isinstance(app.screen, Confirm)


async def test_leaving_asks_only_where_something_would_wait() -> None:
    desk = FakeDesk()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "q")
        assert not app.is_running
    assert desk.closed
    assert app.return_code == 0


async def test_leaving_cancels_the_jobs_that_run() -> None:
    desk = FakeDesk()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        desk.say(JobEvent("j1", "pull", "running"))
        desk.say(JobEvent("j2", "push", "running"))
        await settle(pilot)
        await press(pilot, "q", "y")
    assert desk.cancelled == ["j1", "j2"]
    assert desk.closed


async def test_capital_x_cancels_the_job_that_is_shown() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        desk.say(JobEvent("j1", "pull", "running", 1, 10))
        await settle(pilot)
        assert "X cancel" in screen_text(app)
        await press(pilot, "X")
        assert desk.cancelled == ["j1"]
        desk.say(JobEvent("j1", "pull", "cancelled", 1, 10, "kept 1 page"))
        await settle(pilot)
        assert "x cancel" not in screen_text(app)
        assert toasts(app) == ["pull: kept 1 page"]


async def test_the_bell_rings_only_for_a_long_job_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = typical()
    rang: list[str] = []
    monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        for job, seconds, state in (("a", 61, "failed"), ("b", 59, "failed"), ("c", 61, "done")):
            desk.say(JobEvent(job, job, "running"))
            await settle(pilot)
            monkeypatch.setattr(desk, "now", lambda s=seconds: NOW + timedelta(seconds=s))
            desk.say(JobEvent(job, job, state, note="over"))  # type: ignore[arg-type]
            await settle(pilot)
            monkeypatch.undo()
            monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    assert rang == ["bell"]


async def test_links_lead_to_a_record_and_backspace_leads_back() -> None:
    desk = typical()
    key = "amazon.US/113-7702233-1200"
    desk.facts = type(desk.facts)((Need(1, "order", jump=Jump("orders", "1200", key)),), ())
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "enter")
        screen = a_list(app)
        assert (app.current_mode, screen.bar.text) == ("orders", "1200")
        assert screen.table.row is not None
        assert screen.table.row.key == key
        await press(pilot, "backspace")
        assert app.current_mode == "home"


async def test_a_link_to_a_record_that_is_gone_says_so() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        app.go(Jump("orders", "", "gone"))
        await settle(pilot)
        assert toasts(app) == ["gone is not in this list"]


async def test_any_record_is_found_from_the_palette() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "colon", *"113-7702233-1201")
        await press(pilot, "enter")
        assert app.current_mode == "orders"
        row = a_list(app).table.row
        assert row is not None
        assert row.key == "amazon.US/113-7702233-1201"


async def test_one_settlement_acts_on_itself_and_accounts_on_its_line_types() -> None:
    desk = typical()
    desk.forms, desk.effects = {}, {}
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "enter")
        assert isinstance(app.screen, SettlementScreen)
        assert desk.requests[-1].scope == {"settlement": "amazon.US/18837465521"}
        await press(pilot, "f", "down", "down", "a", "escape")
        assert app.current_mode == "settlements"
        assert not isinstance(app.screen, SettlementScreen)
    assert desk.started == [
        ActionRequest("fix", "settlements", ("amazon.US/18837465521",)),
        ActionRequest("account", "settlements", ("other/FREE_REPLACEMENT",)),
    ]


async def test_an_export_is_told_what_the_list_shows() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "s", "e")
    answers = {"view": "discrepancies", "filter": "status:open,blocked", "sort": "severity asc"}
    assert [(r.action, dict(r.answers)) for r in desk.started] == [("export", answers)]


async def test_keys_can_be_given_other_letters() -> None:
    desk = typical()
    app = ConsoleApp(desk, Options(keys={"fix": "F"}))
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "f")
        assert desk.started == []
        await press(pilot, "F")
    assert [r.action for r in desk.started] == ["fix"]


async def test_an_unknown_theme_falls_back_and_says_so() -> None:
    app = ConsoleApp(typical(), Options(theme="neon"))
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        assert app.theme == "ledger-dark"
        assert toasts(app) == ["there is no theme neon"]


async def test_the_drawer_follows_the_cursor_and_changes_tabs() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "down")
        screen = a_list(app)
        assert screen.drawer.key == "d1"
        await press(pilot, "right_square_bracket")
        assert screen.drawer.tab == "why"
        assert "seen" in screen_text(app)
        await press(pilot, "left_square_bracket", "d")
        assert "ship-to" in screen_text(app)
        await press(pilot, "p")
        assert not screen.drawer.display
        await press(pilot, "p", "tab")
        assert screen.drawer.has_focus_within


async def test_a_record_that_leaves_the_list_leaves_the_cursor_in_its_place() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "down", "down")
        desk.records["discrepancies"] = [row for row in desk.records["discrepancies"] if row.key != "d2"]
        desk.say(DataChanged())
        await settle(pilot)
        table = a_list(app).table
        assert table.row is not None
        assert (table.row.key, table.cursor_row) == ("d3", 2)


async def test_a_sections_own_filter_that_keeps_nothing_means_all_is_well() -> None:
    desk = typical()
    desk.records["discrepancies"] = [Row("w", ("high", "x", *[None] * 11))]
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2")
        text = screen_text(app)
        assert "Nothing open: both sides agree." in text
        assert "esc shows all 1" in text
        await press(pilot, "escape")
        assert a_list(app).table.row is not None


async def test_a_list_is_read_anew_when_its_data_changed_under_one_of_its_records() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "enter")
        assert isinstance(app.screen, SettlementScreen)
        desk.say(DataChanged())
        await settle(pilot)
        desk.say(DataChanged())
        await settle(pilot)
        before = [r.view for r in desk.requests].count("settlements")
        await press(pilot, "escape")
        assert [r.view for r in desk.requests].count("settlements") == before + 1
        await press(pilot, "1", "4")
        assert [r.view for r in desk.requests].count("settlements") == before + 1


async def test_capital_y_copies_the_text_for_colleagues_or_says_that_there_is_none() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "Y")
        assert toasts(app) == ["Y: there is no text for colleagues here; the story tab has it"]
    desk.details["orders/*/story"] = Detail(
        "order",
        (Passage("For the customer", "It left.", copied=True), Passage("For colleagues", "It waits.", internal=True)),
    )
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "Y")
        assert app.clipboard == "It waits."
        await press(pilot, "y")
        assert app.clipboard == "It left."
        await press(pilot, "enter", "enter", "Y")
        assert isinstance(app.screen, DetailPage)
        assert app.clipboard == "It waits."


async def test_n_finds_an_order_by_any_id_and_asks_where_several_are_meant() -> None:
    desk = typical()
    rows = desk.records["orders"]
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "n", *"nowhere", "enter")
        assert toasts(app) == ["nothing is known by nowhere"]
        await press(pilot, "n", *rows[1].key, "enter")
        assert a_list(app).table.row is not None
        assert a_list(app).table.row.key == rows[1].key
        await press(pilot, "n", *"1", "enter")
        assert isinstance(app.screen, AskForm)
        await press(pilot, "escape")
        assert a_list(app).table.row.key == rows[1].key


async def test_a_record_without_a_section_opens_over_the_screen() -> None:
    desk = typical()
    desk.details["orders/*/story"] = Detail("order", (), (Jump("documents", key="7001", label="sales order SO7001"),))
    desk.details["documents/*/"] = Detail("sales order SO7001", (Passage("2 lines", "MUG"),))
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "6", "enter")
        assert "sales order SO7001" in screen_text(app)
        await press(pilot, "o")
        assert isinstance(app.screen, DetailPage)
        assert "MUG" in screen_text(app)
        await press(pilot, "escape")
        assert app.current_mode == "orders"
