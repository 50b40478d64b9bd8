"""The keys of the section Customers: what starts which action, on what."""

from __future__ import annotations

import pytest
from driving import press, settle
from fakecustomers import BUYER
from fakedesk import NOW, FakeDesk, typical

from console.app import ConsoleApp
from console.desk import ActionRequest, Standing


async def fill(desk: FakeDesk, *keys: str) -> None:
    app = ConsoleApp(desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await press(pilot, *keys)


async def test_a_read_only_console_decides_nothing_about_customers() -> None:
    desk = typical()
    desk.standing_now = Standing("production", "Acme Goods", True, NOW)
    await fill(desk, "U", "a", "m", "i", "f")
    assert desk.started == []


@pytest.mark.parametrize(("key", "action"), [("a", "accept"), ("i", "not-same"), ("f", "fix")])
async def test_one_key_says_who_it_is_and_marks_take_several(key: str, action: str) -> None:
    desk = typical()
    await fill(desk, "U", "down", key)
    assert desk.started == [ActionRequest(action, "customers", ("901",), {})]
    desk = typical()
    await fill(desk, "U", "space", "down", "space", key)
    assert {*desk.started[0].keys} >= {BUYER}


async def test_the_customer_of_a_buyer_is_chosen_from_a_list() -> None:
    desk = typical()
    await fill(desk, "U", "m", "enter")
    assert desk.started == [ActionRequest("choose", "customers", (BUYER,), {"customer": "901"})]
