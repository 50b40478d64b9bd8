"""What keys do, and what they say where they can do nothing."""

from __future__ import annotations

import pytest
from driving import a_list, press, screen_text, settle, toasts
from fakedesk import NOW, FakeDesk, typical

from console.app import ConsoleApp, Options
from console.desk import (
    ActionRequest,
    DataChanged,
    Detail,
    Form,
    FormField,
    Jump,
    Need,
    Standing,
)
from console.screens.settlement import SettlementScreen
from console.views.rows import Row
from console.widgets.dialogs import AskForm

SIZE = (120, 36)


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


async def test_home_offers_to_read_a_stream_once_more_and_lists_do_not() -> None:
    desk = typical()
    async with ConsoleApp(desk).run_test(size=SIZE) as pilot:
        await press(pilot, "N")
        assert [(r.action, r.section) for r in desk.started] == [("pull-again", "home")]
        await press(pilot, "2", "N")
        assert len(desk.started) == 1


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
        desk.forms["offer"] = Form("Take the offer", (FormField("reason", "Reason", required=False),))
        await press(pilot, "O", *"open", "enter")
        assert desk.started[1:] == [ActionRequest("offer", "discrepancies", ("d0",), {"reason": "open"})]
    assert len(desk.started) == 2


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
