"""A few screens as pictures, for what text cannot show: colours, the cursor, what stands out.

`pytest tests/console/screens/test_snapshots.py --snapshot-update` draws them anew; look at each before it is kept.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from driving import press, settle
from fakedesk import NOW, typical
from textual.pilot import Pilot

from console.app import ConsoleApp, Options
from console.desk import Standing

# SVGs differ between Python versions in their numbers' last digits.
pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="pictures are drawn on Python 3.11")


def picture(snap_compare: Any, keys: tuple[str, ...], options: Options, standing: Standing | None = None) -> bool:
    """Compare the screen after these keys with its stored picture."""
    desk = typical()
    desk.standing_now = standing or desk.standing_now

    async def drive(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await press(pilot, *keys)

    return bool(snap_compare(ConsoleApp(desk, options), terminal_size=(120, 36), run_before=drive))


@pytest.mark.parametrize("theme", ["ledger-dark", "ledger-light", "ledger-contrast"])
def test_a_settlement_in_its_themes(snap_compare: Any, theme: str) -> None:
    assert picture(snap_compare, ("4", "enter"), Options(theme=theme))


@pytest.mark.parametrize("theme", ["ledger-dark", "ledger-light"])
def test_discrepancies_with_their_drawer(snap_compare: Any, theme: str) -> None:
    assert picture(snap_compare, ("2", "space", "down"), Options(theme=theme))


def test_discrepancies_without_colour(snap_compare: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, ("2", "space", "down"), Options())


@pytest.mark.parametrize(
    "keys", [("4", "x"), ("b", "down"), ("B",), ("C",)], ids=["explain", "bridge", "bank", "close"]
)
def test_finance(snap_compare: Any, keys: tuple[str, ...]) -> None:
    assert picture(snap_compare, keys, Options())


@pytest.mark.parametrize(
    "keys",
    [("6", "enter"), ("H",), ("T", "down"), ("U", "down"), ("5", "down")],
    ids=["story", "shipments", "returns", "customers", "mapping"],
)
def test_order_to_cash(snap_compare: Any, keys: tuple[str, ...]) -> None:
    assert picture(snap_compare, keys, Options())


def test_home(snap_compare: Any) -> None:
    assert picture(snap_compare, (), Options())


def test_production_stands_out_in_the_review_of_a_plan(snap_compare: Any) -> None:
    assert picture(snap_compare, ("P",), Options(), Standing("production", "Acme Goods", False, NOW, 3))
