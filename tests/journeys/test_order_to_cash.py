"""From the buyer's order to money and goods given back, for every way of fulfilment, over real HTTP.

On the busiest day (`black-friday`) with a process that dies between steps, and with `--deep` in fair weather as well:
every order has exactly one document, nothing is lost, nothing doubled, stock and money agree to the cent.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal

import pytest

from reconcile.story import find_story
from sync.money import round_to_minor
from tests.chaos.company import Company, still_sandbox
from tests.journeys.order_to_cash import Desk, Sale

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

#: Channel, who fulfils, and a SKU that is an item's name to the letter.
WAYS = (
    ("amazon.US", "seller", "ACM-MUG-16"),
    ("amazon.US", "channel", "ACM-KNF-08"),
    ("amazon.DE", "seller", "ACM-CUT-03"),
    ("walmart.US", "seller", "ACM-MAT-01"),
    ("walmart.US", "3pl", "ACM-MAT-01"),
    ("walmart.US", "channel", "ACM-KNF-08"),
    # Sold on Walmart, shipped by Amazon from its warehouse.
    ("walmart.US", "amazon", "ACM-FRP-08"),
)
TRACKING = "1Z999AA101234567"
#: The channel knows such an order as one that the seller ships.
_BOUGHT_OF = {"amazon": "seller"}


@pytest.fixture(
    params=[
        # Asks for nothing that the storm does not ask for as well; it tells apart what has broken.
        pytest.param("fair weather", marks=pytest.mark.deep),
        "black-friday with a process that dies",
    ]
)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with still_sandbox(120, sandbox) as running:
        made = Desk(running, folder)
        with made.at_home() as here:
            assert not here.workspace.pull().failed
            here.decide()
            decisions = here.workspace.store.decisions
            routing = dict(decisions.current("routing")["walmart.US"].value)
            decisions.decide("routing", "walmart.US", routing | {"fulfil_from_channel": True}, by="ann")
        if request.param != "fair weather":
            made.arm("black-friday")
            made.deadly = random.Random(7)
        yield made


def test_every_way_of_fulfilment_from_order_to_refund(desk: Desk) -> None:
    _sell(desk)
    desk.settle()
    _cancel_one_unit(desk)
    desk.settle()
    _send(desk)
    desk.settle()
    assert {_status(desk, s) for s in desk.sales} <= {"shipped", "delivered"}

    desk.pass_days(4)
    _give_back(desk)
    desk.settle()
    _close_the_periods(desk)
    desk.settle()

    assert desk.left() == []
    if desk.deadly is not None:
        assert desk.deaths >= 5
    desk.running.faults.clear()
    with desk.at_home() as here:
        _each_order_has_one_document(desk, here)
        _nothing_was_written_twice(here)
        _money_agrees(desk, here)
        _stock_agrees(desk, here)
        _refunds_are_in_the_settlements(desk, here)
        _amazon_shipped_for_walmart_once(desk, here)


def _sell(desk: Desk) -> None:
    for channel, who, sku in WAYS:
        made = desk.lever("order", channel=channel, sku=sku, quantity=3, fulfilled_by=_BOUGHT_OF.get(who, who))
        with desk.at_home() as here:
            shipper = "amazon.US" if who == "amazon" else channel
            routing = dict(here.workspace.store.decisions.current("routing")[shipper].value)
            ((item,),) = here.rows("SELECT item_id FROM items WHERE name = $1", sku)
        place = str(routing["channel_location_id" if who in ("channel", "amazon") else "location_id"])
        sale = Sale(channel, who, str(made["order_id"]), str(made["lines"][0]["line_id"]), str(item), place)
        desk.sales.append(sale)
    for sale in desk.sales:
        sale.on_hand = _on_hand(desk, sale)


def _cancel_one_unit(desk: Desk) -> None:
    sale = next(s for s in desk.sales if (s.channel, s.who) == ("walmart.US", "seller"))
    desk.lever("cancel", channel=sale.channel, order_id=sale.order_id, lines={sale.line_id: 1})


def _send(desk: Desk) -> None:
    for number, sale in enumerate(desk.sales):
        if sale.who == "seller":
            desk.lever("erp-fulfil", document=sale.order_id, tracking_number=f"{TRACKING}{number:02d}", carrier="UPS")
        elif sale.who == "amazon":
            sold = {"sold_channel": sale.channel, "sold_order_id": sale.order_id}
            desk.lever("multichannel", channel="amazon.US", order_id=f"MCF-{sale.order_id}", **sold)
        else:
            desk.lever("ship", channel=sale.channel, order_id=sale.order_id)
    # Amazon takes most of a day for what it ships for others.
    desk.pass_days(1)


def _give_back(desk: Desk) -> None:
    for sale in desk.sales:
        line = {"channel": sale.channel, "order_id": sale.order_id, "line_id": sale.line_id, "quantity": 1}
        desk.lever("return", **line, disposition="SELLABLE")
        desk.lever("refund", **line)


def _close_the_periods(desk: Desk) -> None:
    desk.pass_days(1)
    for channel in sorted({s.channel for s in desk.sales}):
        desk.lever("settle", channel=channel)
    desk.pass_days(3)


def _status(desk: Desk, sale: Sale) -> str:
    order = desk.running.world.order(sale.channel, sale.order_id)
    assert order is not None
    return str(order.status_at(desk.running.clock.now()))


def _units_kept(sale: Sale) -> int:
    return 2 if (sale.channel, sale.who) == ("walmart.US", "seller") else 3


def _on_hand(desk: Desk, sale: Sale) -> Decimal:
    with desk.at_home() as here:
        rows = here.in_netsuite(
            "SELECT quantityonhand FROM inventoryitemlocations WHERE item = ? AND location = ?", sale.item, sale.place
        )
    return Decimal(str(rows[0].get("quantityonhand") or 0)) if rows else Decimal(0)


def _each_order_has_one_document(desk: Desk, here: Company) -> None:
    for sale in desk.sales:
        found = here.in_netsuite(
            "SELECT type FROM transaction WHERE otherrefnum = ? AND type IN ('SalesOrd', 'CashSale')", sale.order_id
        )
        wanted = "CashSale" if sale.who == "channel" else "SalesOrd"
        assert [row["type"] for row in found] == [wanted], sale


def _nothing_was_written_twice(here: Company) -> None:
    operations = here.workspace.store.outbox.operations()
    assert {o.state for o in operations} <= {"done", "superseded"}, [
        (o.identity, o.state, o.error) for o in operations if o.state not in ("done", "superseded")
    ]
    made = {o.identity for o in operations if o.vendor == "netsuite" and o.state == "done" and ".create" in o.kind}
    for identity in sorted(made):
        table = "customer" if "-CUST-" in identity else "transaction"
        found = here.in_netsuite(f"SELECT id FROM {table} WHERE externalid = ?", identity)
        assert len(found) == 1, f"{identity} is {len(found)} times in NetSuite"


def _total(here: Company, sale: Sale, *types: str) -> Decimal:
    """Return what documents of these types say that were made for the order, without regard to their sign."""
    marks = ", ".join("?" * len(types))
    rows = here.in_netsuite(
        f"SELECT foreigntotal FROM transaction WHERE otherrefnum = ? AND type IN ({marks})", sale.order_id, *types
    )
    return sum((abs(Decimal(str(row["foreigntotal"]))) for row in rows), Decimal(0))


def _money_agrees(desk: Desk, here: Company) -> None:
    """Billed is the price of the units kept, credited that of the one unit given back; US tax stays out."""
    for sale in desk.sales:
        order = desk.running.world.order(sale.channel, sale.order_id)
        assert order is not None
        (line,) = order.lines
        gross = sale.channel == "amazon.DE"
        price = line.item_price + (line.item_tax if gross else 0)
        extra = line.shipping - line.discount + line.gift_wrap
        extra += (line.shipping_tax - line.discount_tax + line.gift_wrap_tax) if gross else 0
        (refund,) = order.refunds
        back = refund.item_price + (refund.item_tax if gross else 0)
        billed = _total(here, sale, "CashSale" if sale.who == "channel" else "CustInvc")
        credited = _total(here, sale, "CashRfnd" if sale.who == "channel" else "CustCred")
        # Units that were cancelled take their share of the shipping along, as the settlement pays it.
        assert billed == round_to_minor((price + extra) * _units_kept(sale) / line.quantity, order.currency), sale
        assert credited == back, sale


def _stock_agrees(desk: Desk, here: Company) -> None:
    """What was sent is gone, what came back is on the shelf; orders of one item and place are counted together."""
    del here
    moved: dict[tuple[str, str], int] = {}
    before: dict[tuple[str, str], Decimal] = {}
    for sale in desk.sales:
        shelf = (sale.item, sale.place)
        # What Amazon shipped for Walmart comes back to the company's own warehouse.
        moved[shelf] = moved.get(shelf, 0) - _units_kept(sale) + (sale.who != "amazon")
        before.setdefault(shelf, sale.on_hand)
    for sale in desk.sales:
        shelf = (sale.item, sale.place)
        assert _on_hand(desk, sale) == before[shelf] + moved[shelf], sale


def _refunds_are_in_the_settlements(desk: Desk, here: Company) -> None:
    for sale in desk.sales:
        rows = here.rows(
            "SELECT count(*) FROM settlement_lines WHERE channel = $1 AND order_id = $2"
            " AND transaction_type ILIKE '%refund%'",
            sale.channel,
            sale.order_id,
        )
        assert rows[0][0] > 0, sale
    assert (
        here.rows("SELECT subject FROM discrepancies WHERE control = 'refund_unsettled' AND state <> 'resolved'") == []
    )


def _amazon_shipped_for_walmart_once(desk: Desk, here: Company) -> None:
    """Fulfilled once for Amazon's parcel, told to Walmart once, the fee in Amazon's settlement and in one story."""
    sale = next(s for s in desk.sales if s.who == "amazon")
    number = f"MCF-{sale.order_id}"
    ((tracking,),) = here.rows("SELECT tracking_number FROM channel_shipments WHERE order_id = $1", number)
    sent = here.rows(
        "SELECT count(*), min(kind) FROM operations WHERE state = 'done' AND starts_with(identity, $1)",
        f"AMZ-FULFIL-{number}-",
    )
    told = here.rows(
        "SELECT count(*) FROM operations WHERE state = 'done' AND starts_with(identity, $1)",
        f"WMT-SHIP-{sale.order_id}-",
    )
    shown = here.rows("SELECT tracking_number, carrier FROM order_lines WHERE order_id = $1", sale.order_id)
    assert (sent, told, shown) == ([(1, "fulfillment.create")], [(1,)], [(tracking, "UPS")])
    ((fee,),) = here.rows(
        "SELECT sum(amount) FROM settlement_lines WHERE channel = 'amazon.US' AND merchant_order_id = $1", number
    )
    assert fee < 0
    # Amazon has it among its own orders and parcels as well: it is nobody's second sale there.
    ((own, kind),) = here.rows("SELECT order_id, order_type FROM orders WHERE alternate_id = $1", number)
    assert (own.partition("-")[0], kind) == ("S01", "multi_channel")
    assert here.rows("SELECT tracking_number FROM channel_shipments WHERE order_id = $1", own) == [(tracking,)]
    assert here.rows("SELECT discrepancy_id, state FROM discrepancies WHERE contains(discrepancy_id, $1)", own) == []
    for text in (number, tracking, sale.order_id):
        story = find_story(here.workspace.store, text)
        assert story is not None
        assert (story.channel, story.subject) == (sale.channel, sale.order_id), text
        assert any(e.amount == fee and e.system == "amazon.US" for e in story.events)
