"""The keys of finance: taking figures apart, bridge, bank, close, line types, effects before they are saved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from driving import press, screen_text, settle, toasts
from fakedesk import NOW, FakeDesk, typical

from console.app import ConsoleApp
from console.blocks import Explained, ExplainedPart
from console.desk import ActionRequest, Standing
from console.screens.fees import FeesScreen
from console.screens.line_types import LineTypesScreen
from console.screens.settlement import SettlementScreen
from console.widgets.effect_page import EffectPage
from console.widgets.explain_page import ExplainPage, explained_text

SIZE = (120, 36)


async def test_what_cannot_be_taken_apart_says_so_and_leaves_the_list() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "0", "x")
        assert not isinstance(app.screen, ExplainPage)
        assert toasts(app) == ["x: there is nothing to take apart here"]


async def test_a_reading_that_fails_is_told_and_leaves_the_list() -> None:
    desk = typical()

    def broken(section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        raise OSError("tieout.duckdb cannot be read")

    desk.explain = broken  # type: ignore[method-assign]
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "x")
        assert not isinstance(app.screen, ExplainPage)
        assert "tieout.duckdb cannot be read" in toasts(app)[0]


async def test_parts_that_do_not_add_up_are_shown_as_what_they_are() -> None:
    desk = typical()
    part = ExplainedPart("Sales", Decimal("10.00"))
    desk.explained = {"settlements": Explained("k", "payout", "categories", "USD", Decimal("10.01"), (part,))}
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "x")
        assert "? 0.01 of 10.01 is not in the parts" in screen_text(app)


async def test_x_goes_down_to_the_bytes_and_escape_back_up() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "x")
        assert "-14.50 of 6,892.48 is not in the parts" in screen_text(app)
        await press(pilot, "enter")
        assert "adds to 8,200.00 exactly" in screen_text(app)
        await press(pilot, "enter")
        text = screen_text(app)
        assert "byte 2,301" in text
        assert "As received" in text
        await press(pilot, "enter")
        assert toasts(app) == ["enter: this is the last level"]
        await press(pilot, "escape", "escape")
        assert "Referral fees" in screen_text(app)
        await press(pilot, "down", "enter")
        assert toasts(app)[-1] == "enter: this is the last level"
        await press(pilot, "escape")
        assert not isinstance(app.screen, ExplainPage)


async def test_y_copies_the_figure_with_its_parts_and_o_follows_a_part() -> None:
    app = ConsoleApp(typical())
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "x", "o", "y")
        assert toasts(app) == ["o: this part links to nothing", "copied the figure and 2 parts (OSC 52)"]
        assert "Sales\t12\t8200.00\t1 line type" in app.clipboard
        assert app.clipboard.endswith("sum\t\t6906.98\t? -14.50 of 6,892.48 is not in the parts")
        await press(pilot, "enter", "o")
        assert app.current_mode == "orders"


def test_a_copied_figure_without_a_sum_says_so() -> None:
    part = ExplainedPart("tab\there", None, 3)
    text = explained_text(Explained("k", "way", "steps", "USD", None, (part,)))
    assert text.splitlines()[2:] == ["tab here\t3\t\t", "sum\t\t0\tno sum of one currency"]


async def test_a_line_type_of_a_settlement_is_taken_apart_by_its_own_key() -> None:
    desk = typical()
    asked: list[tuple[str, str]] = []

    def explain(section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        asked.append((section, key))
        return None

    desk.explain = explain  # type: ignore[method-assign]
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "enter", "down", "x")
        assert asked == [("settlement", "ItemFees/Commission")]


async def fill(desk: FakeDesk, *keys: str) -> ConsoleApp:
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, *keys)
    return app


async def test_an_effect_that_is_not_wanted_changes_nothing() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "enter", "a", "enter", "enter")
        assert isinstance(app.screen, EffectPage)
        assert "JE1001" in screen_text(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, SettlementScreen)
    assert desk.started == []


async def test_a_change_is_saved_only_after_its_effect_was_seen() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "enter", "a", "enter", "enter", "y", "enter")
        assert toasts(app) == ["copied the effect (OSC 52)"]
    answers = {"category": "advertising", "account_key": "advertising"}
    wanted = ActionRequest("account", "settlements", ("ItemPrice/Principal",), answers)
    assert desk.previewed == [wanted]
    assert desk.started == [wanted]


async def test_a_change_without_effect_on_the_past_starts_at_once() -> None:
    desk = typical()
    desk.effects = {}
    await fill(desk, "4", "enter", "a", "enter", "enter")
    assert [r.action for r in desk.started] == ["account"]


async def test_an_unknown_line_type_is_accepted_with_one_key() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "5", "L")
        assert isinstance(app.screen, LineTypesScreen)
        await press(pilot, "a", "escape")
        assert not isinstance(app.screen, LineTypesScreen)
    key = "amazon|other-transaction|other|FREE_REPLACEMENT"
    assert desk.started == [ActionRequest("accept", "mapping", (key,), {"list": "line_types"})]


async def test_a_fee_table_is_confirmed_or_imported_over_its_list_and_escape_leaves_it() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "E")
        assert isinstance(app.screen, FeesScreen)
        await press(pilot, "down", "a", "I", "enter", *"t.csv", "enter", "enter", "escape")
        assert not isinstance(app.screen, FeesScreen)
    answers = {"list": "fees", "what": "table", "file": "t.csv", "channel": "amazon.US"}
    key = "shipped|amazon.US|FBA 2026-04-17"
    assert desk.started == [
        ActionRequest("accept", "mapping", (key,), {"list": "fees"}),
        ActionRequest("import-fees", "mapping", (key,), answers),
    ]


async def test_a_rule_of_dimensions_is_saved_after_its_effect_and_dropped_at_once_where_it_has_none() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "5", "M", "m", "enter", "enter", "enter")
        assert isinstance(app.screen, EffectPage)
        await press(pilot, "escape")
        assert desk.started == []
        await press(pilot, "m", "enter", "enter", "enter", "enter", "D")
    key, answers = "amazon.US|*|channel|*", {"scope": "amazon.US", "month": "*", "department": "12"}
    assert desk.started == [
        ActionRequest("map-dimensions", "mapping", (key,), {"list": "dimensions", **answers}),
        ActionRequest("withdraw", "mapping", (key,), {"list": "dimensions"}),
    ]


async def test_what_is_charged_is_adopted_and_a_payouts_document_is_named_with_one_key() -> None:
    desk = typical()
    await fill(desk, "2", "a", "B", "K", "down", "enter")
    assert [(r.action, r.section) for r in desk.started] == [("adopt", "discrepancies"), ("booked", "bank")]
    assert desk.started[1].answers == {"document": "DEP77"}


@pytest.mark.parametrize("text", ["soon", "2027-01-01"])
async def test_a_moment_that_is_none_or_to_come_is_refused(text: str) -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "b", "t", *text, "enter")
        assert len(toasts(app)) == 1
    assert [r.as_of for r in desk.requests if r.view == "bridge"] == [None]


async def test_a_list_of_the_past_says_so_and_its_details_are_of_then() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "b", "t", *"2026-10-31", "enter")
        then = datetime(2026, 11, 1, tzinfo=UTC)
        assert desk.requests[-1].as_of == then
        assert desk.moments[-1] == then
        assert "AS KNOWN 2026-11-01 00:00 UTC" in screen_text(app)
        await press(pilot, "t", *["backspace"] * 20, "enter")
        assert desk.requests[-1].as_of is None


async def test_discrepancies_of_the_past_are_shown_and_not_fixed() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "2", "t", *"2026-10-31", "enter", "f")
        then = datetime(2026, 11, 1, tzinfo=UTC)
        assert (desk.requests[-1].view, desk.requests[-1].as_of, desk.started) == ("discrepancies", then, [])
        assert "this is the past" in toasts(app)[-1]
        assert "AS KNOWN 2026-11-01 00:00 UTC" in screen_text(app)


async def test_a_settlement_and_what_is_explained_of_it_are_of_the_moment_of_the_list() -> None:
    desk = typical()
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "4", "t", *"2026-10-31", "enter", "enter")
        then = datetime(2026, 11, 1, tzinfo=UTC)
        assert (desk.requests[-1].view, desk.requests[-1].as_of) == ("settlement_types", then)
        assert desk.moments[-1] == then
        assert "as of 2026-11-01 00:00 UTC" in screen_text(app)
        await press(pilot, "x")
        assert desk.moments[-1] == then
        assert "as of 2026-11-01 00:00 UTC" in screen_text(app)
        await press(pilot, "escape", "t", *["backspace"] * 20, "enter")
        assert desk.requests[-1].as_of is None


async def test_marked_bookings_and_payouts_are_matched_together() -> None:
    desk = typical()
    await fill(desk, "B", "space", "down", "space", "m")
    assert desk.started == [ActionRequest("match", "bank", ("chase|0017", "amazon.US/18837465521"), {})]


async def test_a_statement_is_imported_through_its_prompt() -> None:
    desk = typical()
    await fill(desk, "B", "I", *"nov.csv", "enter", "enter")
    assert desk.started == [ActionRequest("import", "bank", ("chase|0017",), {"file": "nov.csv", "account": "chase"})]


async def test_a_read_only_console_neither_matches_nor_imports_nor_closes() -> None:
    desk = typical()
    desk.standing_now = Standing("production", "Acme Goods", True, NOW)
    app = ConsoleApp(desk)
    async with app.run_test(size=SIZE) as pilot:
        await press(pilot, "B", "m", "I", "a", "i", "K", "C", "F", "5", "E", "a", "I", "D", "escape", "M", "m", "D")
        await settle(pilot)
        assert toasts(app) == [f"{key}: this console is read-only" for key in "mIaiKFaIDmD"]
    assert desk.started == []
