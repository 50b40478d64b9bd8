"""Text that buyers, sellers and attackers write, on every real screen and drawer tab, from the mirror up."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.live.desk import LiveDesk
from console.sections import SECTIONS
from reconcile.cycle import run_cycle
from reconcile.plan import build_plan, stage
from sync.streams import Batch, Document, RawPage
from tests.chaos.company import Company, company, still_sandbox
from tests.console.driving import press, press_at_once, screen_text, settle
from tests.reconcile.factories import line, order

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

MARKUP = "[/foo][@click=app.hijacked]A[/][link=http://evil.example]y[/link][bold"
ESCAPES = "\x1b[2J\x1b]0;title\x07\x1b]52;c;ZXZpbA==\x07\x9b31m\r\n\x00\x08"
TURNED = "\u202egnirts\u202c \u2066x\u2069 \u200b\u200d e" + "\u0301" * 300 + " 漢字 👩‍👩‍👧"
MIXED = MARKUP + ESCAPES + TURNED
HUGE = (MIXED * (10_000_000 // len(MIXED) + 1))[:10_000_000]
#: Order numbers that one filter finds.
STAGED, BLOCKED, LONG = "113-7766001-0000001", "113-7766001-0000002", "113-7766001-0000003"
ROWS = 3


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(150, sandbox) as running, company(running, folder) as opened:
        assert not opened.workspace.pull().failed
        opened.decide()
        _insert(opened)
        yield opened


def _insert(here: Company) -> None:
    """Put hostile orders into the mirror as a pull would, and stage the fix of one."""
    ((sku,),) = here.rows(
        "SELECT min(l.sku) FROM order_lines l JOIN discrepancies d ON d.channel = l.channel AND d.subject = l.order_id"
        " WHERE d.channel = 'amazon.US' AND d.control = 'order_missing' AND d.state = 'open'"
    )
    documents = []
    for number, item, title in ((STAGED, sku, MIXED), (BLOCKED, MIXED[:90], MIXED), (LONG, MARKUP, HUGE)):
        texts = dict.fromkeys(("ship_address1", "ship_address2", "ship_city", "service_level", "vendor_status"), MIXED)
        names = {"buyer_name": title, "ship_name": MIXED, "buyer_email": ESCAPES, "ship_phone": TURNED}
        lines = (line(number, sku=item, title=title, tracking_number=MIXED, carrier=MIXED, product_id=MIXED),)
        documents.append(Document(order(number, **texts, **names), lines))
    store = here.workspace.store
    cursor = store.mirror.cursor_of("amazon.orders@US") or {}
    page = RawPage(MIXED.encode(), "application/json")
    committed = store.mirror.commit("amazon.orders@US", Batch(page, documents, cursor), "hostile")
    assert committed.changed == ROWS
    run_cycle(store)
    plan = build_plan(store, [f"order_missing|amazon.US|{STAGED}"])
    assert plan.operations
    stage(store, plan, by=MIXED)


def check(app: ConsoleApp) -> str:
    """Return the text on screen; nothing in it steers a terminal and none of it is somebody else's link."""
    text = screen_text(app)
    steering = {c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs")}
    assert steering == set(), sorted(map(hex, map(ord, steering)))
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            if segment.style is not None:
                assert "hijacked" not in repr(segment.style.meta)
                assert "evil" not in (segment.style.link or "")
    return text


async def _filter(pilot: Pilot[Any], text: str) -> None:
    await press(pilot, "slash", "ctrl+u")
    await press_at_once(pilot, *({" ": "space", "-": "minus"}.get(c, c) for c in text))
    await press(pilot, "enter")


FOUND_BY = {"discrepancies": "7766001", "orders": "7766001", "queue": "7766001", "mapping": "foo"}


@pytest.mark.parametrize(
    ("size", "rows"),
    [
        pytest.param((80, 24), ROWS, id="80x24"),
        # Each text is looked at in the narrow layout; of the wide one, one of each list tells enough.
        pytest.param((120, 36), 1, id="120x36"),
        pytest.param((120, 36), ROWS, id="120x36-every-row", marks=pytest.mark.deep),
    ],
)
async def test_hostile_text_is_shown_and_never_obeyed(
    here: Company, size: tuple[int, int], rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rang: list[str] = []
    monkeypatch.setattr(ConsoleApp, "bell", lambda self: rang.append("bell"))
    monkeypatch.setattr(
        ConsoleApp, "action_hijacked", lambda self: rang.append("hijacked"), raising=False
    )  # what the texts try to call
    app = ConsoleApp(LiveDesk(here.workspace, MIXED[:60]))
    seen: dict[str, str] = {}
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        for section in SECTIONS:
            await press(pilot, section.key)
            seen[section.id] = check(app)
            if section.id in FOUND_BY:
                await _filter(pilot, FOUND_BY[section.id])
            for _ in range(rows if section.id in FOUND_BY else 1 if section.tabs else 0):
                await press(pilot, "enter")
                for _ in section.tabs:
                    seen[section.id] += check(app)
                    await press(pilot, "right_square_bracket")
                await press(pilot, "w")
                check(app)
                await press(pilot, "escape", "escape", "j")
        for keys in (("2", "P"), ("6", "question_mark"), ("6", "y"), ("6", "ctrl+p", *"7766001")):
            await press(pilot, *keys)
            check(app)
            await press(pilot, "escape", "escape")
            assert app.is_running, (keys, app._exception)
        await pilot.click(offset=(size[0] // 3, size[1] // 2))
        await settle(pilot)
        check(app)
        assert app.is_running
    assert app._exception is None
    assert rang == []
    for section_id in ("discrepancies", "orders"):
        assert "7766001" in seen[section_id]
        assert "[/foo]" in seen[section_id], "brackets are shown, not eaten"
