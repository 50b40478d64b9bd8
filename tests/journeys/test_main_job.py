"""The main job, as a person does it: the real console over a real sandbox, by keys alone.

Open a discrepancy, map the SKU it lacks, see the others released, review the plan, push, see the sales orders in
NetSuite and the discrepancies closed; restart; post a settlement and see its journal balance in NetSuite.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from console.app import ConsoleApp
from console.live.desk import LiveDesk
from console.workspace import Workspace
from reconcile.cycle import run_cycle
from tests.console.driving import press, press_at_once, screen_text, settle
from tests.journeys.dated import Dated, dated_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SIZE = (120, 36)
#: Where the orders' own discrepancies stand: what else is open about an order is another matter.
BOOKING_STATES = (
    "SELECT DISTINCT state FROM discrepancies WHERE control = 'order_missing' AND subject IN (SELECT unnest($1))"
)
#: Longest time that one job may take on a busy machine, seconds.
PATIENCE_S = 240


@dataclass(frozen=True)
class Home:
    """A home and the company that it is a client of."""

    folder: Path
    dated: Dated


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with dated_sandbox(200) as dated:
        workspace = dated.pulled(tmp_path)
        run_cycle(workspace.store)
        workspace.close()
        yield Home(tmp_path, dated)


@asynccontextmanager
async def console(home: Home) -> AsyncIterator[tuple[Pilot[Any], Workspace]]:
    """Open the console on the home as a process would, and close everything at the end."""
    workspace = home.dated.open(home.folder)
    try:
        app = ConsoleApp(LiveDesk(workspace, "ann"))
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            yield pilot, workspace
    finally:
        await asyncio.to_thread(workspace.close)


async def jobs_done(pilot: Pilot[Any]) -> None:
    """Wait until no job runs and the screens have read what changed."""
    deadline = time.monotonic() + PATIENCE_S
    await settle(pilot)
    while pilot.app.jobs.ids:  # type: ignore[attr-defined]
        assert time.monotonic() < deadline, screen_text(pilot.app)
        await asyncio.sleep(0.02)
        await pilot.pause(0)
    await settle(pilot)


async def type_text(pilot: Pilot[Any], text: str) -> None:
    for character in text:
        named = {" ": "space", ":": "colon", "-": "minus", "_": "underscore"}.get(character, character)
        await press_at_once(pilot, named)
    await settle(pilot)


async def filter_by(pilot: Pilot[Any], text: str) -> None:
    """Replace the filter of the list on screen."""
    await press(pilot, "slash", "ctrl+u")
    await type_text(pilot, text)
    await press(pilot, "enter")


def rows(workspace: Workspace, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with workspace.store.database.reading() as cursor:
        return cursor.execute(sql, list(values)).fetchall()


def in_netsuite(workspace: Workspace, query: str, *parameters: str) -> list[Mapping[str, object]]:
    return workspace.submit(workspace.accounts.netsuite_query(query, parameters)).result(timeout=60)


def most_blocking_sku(workspace: Workspace) -> tuple[str, str, list[str]]:
    """Return (channel, SKU, orders that wait for it alone) of the SKU that blocks most orders."""
    found = rows(
        workspace,
        "WITH blocked AS (SELECT * FROM discrepancies WHERE control = 'order_missing' AND state = 'blocked'"
        " AND starts_with(cause_id, 'sku|')),"
        " unmapped AS (SELECT DISTINCT channel, split_part(cause_id, '|', 3) AS sku FROM blocked)"
        " SELECT cause_id, list(subject ORDER BY subject) FROM blocked b WHERE (SELECT count(DISTINCT l.sku)"
        " FROM order_lines l JOIN unmapped u ON u.channel = l.channel AND u.sku = l.sku"
        " WHERE l.channel = b.channel AND l.order_id = b.subject) = 1"
        " GROUP BY cause_id ORDER BY count(*) DESC, 1 LIMIT 1",
    )
    _, channel, sku = found[0][0].split("|", 2)
    return channel, sku, found[0][1]


async def test_from_a_discrepancy_to_documents_in_netsuite_with_a_restart_in_between(home: Home) -> None:
    async with console(home) as (pilot, workspace):
        channel, sku, orders = most_blocking_sku(workspace)
        await _map_the_missing_sku(pilot, workspace, sku, orders)
        await _stage_the_released_orders(pilot, workspace, orders)
    async with console(home) as (pilot, workspace):
        # What was staged before the restart still waits for its review.
        assert pilot.app.desk.standing().staged > 0  # type: ignore[attr-defined]
        await _review_and_push(pilot)
        _orders_are_booked_once(workspace, channel, orders)
    async with console(home) as (pilot, workspace):
        await _post_a_settlement(pilot, workspace)


async def _map_the_missing_sku(pilot: Pilot[Any], workspace: Workspace, sku: str, orders: list[str]) -> None:
    await press(pilot, "2")
    await filter_by(pilot, orders[0])
    assert orders[0] in screen_text(pilot.app)
    await press(pilot, "enter", "escape")
    await press(pilot, "m")
    assert sku in screen_text(pilot.app)
    # The item that is suggested, one of it in a sold unit, nothing else in a set.
    await press(pilot, "enter", "enter", "enter")
    await jobs_done(pilot)
    states = rows(workspace, BOOKING_STATES, orders)
    assert states == [("open",)], "mapping one SKU releases every order that waited for it"


async def _stage_the_released_orders(pilot: Pilot[Any], workspace: Workspace, orders: list[str]) -> None:
    for order in orders:
        await filter_by(pilot, order)
        await press(pilot, "f")
        await jobs_done(pilot)
    staged = {o.identity for o in workspace.store.outbox.operations(states=("planned",))}
    assert {f"{p}-{o}" for o in orders for p in ("AMZ", "WMT")} & staged
    assert rows(workspace, BOOKING_STATES, orders) == [("planned",)]


async def _review_and_push(pilot: Pilot[Any]) -> None:
    await press(pilot, "P")
    review = screen_text(pilot.app)
    assert "sales order" in review or "deposit" in review
    plan = pilot.app.desk.plan()  # type: ignore[attr-defined]
    from console.widgets.plan_review import number_to_type

    typed = number_to_type(plan)
    await press(pilot, "P")
    if typed is not None:
        await type_text(pilot, typed)
        await press(pilot, "enter")
    await jobs_done(pilot)


def _orders_are_booked_once(workspace: Workspace, channel: str, orders: list[str]) -> None:
    prefix = {"amazon": "AMZ", "walmart": "WMT"}[channel.partition(".")[0]]
    for order in orders:
        found = in_netsuite(workspace, "SELECT id FROM transaction WHERE externalid = ?", f"{prefix}-{order}")
        assert len(found) == 1, f"{order} has {len(found)} documents in NetSuite"
    assert rows(workspace, BOOKING_STATES, orders) == [("resolved",)]
    assert {o.state for o in workspace.store.outbox.operations()} == {"done"}


async def _post_a_settlement(pilot: Pilot[Any], workspace: Workspace) -> None:
    open_parts = rows(
        workspace,
        "SELECT channel, subject FROM discrepancies WHERE control = 'settlement_not_posted' AND state = 'open'"
        " ORDER BY subject",
    )
    channel, part = open_parts[0]
    settlement = part.split("-SETTLE-")[1].rpartition("-")[0]
    await press(pilot, "4")
    await filter_by(pilot, settlement)
    assert settlement in screen_text(pilot.app)
    await press(pilot, "enter")
    assert "Payout" in screen_text(pilot.app)
    await press(pilot, "f")
    await jobs_done(pilot)
    await _review_and_push(pilot)
    lines = in_netsuite(
        workspace,
        "SELECT tal.debit AS debit, tal.credit AS credit FROM transactionaccountingline tal"
        " INNER JOIN transaction t ON t.id = tal.transaction WHERE t.externalid = ? AND tal.posting = 'T'"
        " ORDER BY tal.transactionline",
        part,
    )
    debits = sum((Decimal(str(line.get("debit", 0))) for line in lines), Decimal(0))
    credited = sum((Decimal(str(line.get("credit", 0))) for line in lines), Decimal(0))
    assert debits == credited > 0
    assert rows(workspace, "SELECT state FROM discrepancies WHERE subject = $1", part) == [("resolved",)]
    assert channel in screen_text(pilot.app)
