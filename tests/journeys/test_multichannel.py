"""A Walmart order that Amazon ships from its warehouse, over real HTTP and with a process that dies between steps.

The parcel is fulfilled once in the sales order of the sale, at Amazon's location, Walmart is told once, and the fee is
Amazon's to settle. A parcel of Amazon's own carrier waits for a person's word before Walmart hears of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from reconcile.cycle import run_cycle
from reconcile.story import find_story
from sync.sandbox.world.money_levers import close_settlement
from tests.chaos.company import Company, still_sandbox
from tests.journeys.order_to_cash import Desk, Sale

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.xdist_group("journey")]

STREAMS = (
    "amazon.multichannel@US walmart.orders"
    " netsuite.customers netsuite.transactions netsuite.links netsuite.parcels netsuite.stock"
).split()
SETUP = "netsuite.items netsuite.subsidiaries netsuite.locations netsuite.accounts netsuite.periods".split()
SKU = "ACM-FRP-08"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(100, sandbox) as running:
        made = Desk(running, folder, streams=STREAMS, deadly=random.Random(5))
        with made.at_home() as here:
            assert not here.workspace.pull().failed
            here.decide()
        yield made


def test_what_amazon_ships_for_walmart_is_fulfilled_confirmed_and_paid_once(desk: Desk) -> None:
    ups, own = _sold(desk), _sold(desk)
    numbers = [_shipped(desk, ups), _shipped(desk, own, own_carrier=True)]
    before = _on_hand(desk, ups)
    desk.settle()
    desk.pass_days(1)
    desk.settle()

    assert [row[:2] for row in desk.left()] == [(f"shipment_unconfirmed|walmart.US|{own.order_id}", "blocked")]
    assert desk.left()[0][2] == "walmart.US does not allow parcels of Amazon Shipping"
    with desk.at_home() as here:
        here.workspace.store.decisions.decide(
            "carrier", "walmart.US|TB[AMC][0-9]{12}", {"carrier": "Amazon Shipping"}, by="ann"
        )
        run_cycle(here.workspace.store)
    desk.settle()
    assert (desk.left(), _on_hand(desk, ups)) == ([], before - 6)
    desk.running.faults.clear()
    with desk.at_home() as here:
        _each_is_once(here, ups, own)
        _walmart_knows(here, ups, numbers[0], "UPS")
        _walmart_knows(here, own, numbers[1], "Amazon Shipping")
    _the_fee_is_amazons(desk, ups)


def _sold(desk: Desk) -> Sale:
    made = desk.lever("order", channel="walmart.US", sku=SKU, quantity=3, fulfilled_by="seller")
    with desk.at_home() as here:
        ((item,),) = here.rows("SELECT item_id FROM items WHERE name = $1", SKU)
        ((place,),) = here.rows("SELECT location_id FROM locations WHERE name = 'Amazon FBA US'")
    sale = Sale("walmart.US", "amazon", str(made["order_id"]), str(made["lines"][0]["line_id"]), str(item), str(place))
    desk.sales.append(sale)
    return sale


def _shipped(desk: Desk, sale: Sale, **how: object) -> str:
    sold = {"sold_channel": sale.channel, "sold_order_id": sale.order_id}
    made = desk.lever("multichannel", channel="amazon.US", order_id=f"MCF-{sale.order_id}", **sold, **how)
    return str(made["tracking_number"])


def _on_hand(desk: Desk, sale: Sale) -> Decimal:
    with desk.at_home() as here:
        query = "SELECT quantityonhand FROM inventoryitemlocations WHERE item = ? AND location = ?"
        rows = here.in_netsuite(query, sale.item, sale.place)
    return Decimal(str(rows[0].get("quantityonhand") or 0)) if rows else Decimal(0)


def _each_is_once(here: Company, *sales: Sale) -> None:
    operations = here.workspace.store.outbox.operations()
    assert {o.state for o in operations} <= {"done", "superseded"}
    for sale in sales:
        made = here.in_netsuite("SELECT id FROM transaction WHERE otherrefnum = ? AND type = 'SalesOrd'", sale.order_id)
        sent = here.in_netsuite(
            "SELECT id FROM transaction WHERE externalid LIKE ?", f"AMZ-FULFIL-MCF-{sale.order_id}-%"
        )
        billed = here.in_netsuite("SELECT id FROM transaction WHERE externalid LIKE ?", f"WMT-INV-{sale.order_id}%")
        assert [len(rows) for rows in (made, sent, billed)] == [1, 1, 1], sale


def _walmart_knows(here: Company, sale: Sale, number: str, carrier: str) -> None:
    shown: list[tuple[Any, ...]] = here.rows(
        "SELECT quantity_shipped, status, tracking_number, carrier FROM order_lines WHERE order_id = $1", sale.order_id
    )
    assert shown == [(3, "shipped", number, carrier)]


def _the_fee_is_amazons(desk: Desk, sale: Sale) -> None:
    desk.pass_days(1)
    close_settlement(desk.running.world, desk.running.clock.now(), channel="amazon.US")
    desk.pass_days(1)
    with desk.at_home() as here:
        assert not here.workspace.pull(["amazon.settlements@US"]).failed
        ((fee, currency),) = here.rows(
            "SELECT sum(amount), min(currency) FROM settlement_lines WHERE merchant_order_id = $1",
            f"MCF-{sale.order_id}",
        )
        assert (fee < 0, currency) == (True, "USD")
        for text in (f"MCF-{sale.order_id}", sale.order_id):
            story = find_story(here.workspace.store, text)
            assert story is not None
            assert (story.channel, story.subject) == ("walmart.US", sale.order_id)
            assert any(f"{-fee:.2f} USD" in said for said in (event.text for event in story.events)), story.events
