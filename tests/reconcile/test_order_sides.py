"""One order beside its documents, as a person reads them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from factories import NOW, ORDER_ID, World, line, order, sales_order, transaction_line, usd

from reconcile.controls.control import Evidence
from reconcile.order_sides import order_sides


def sides(world: World, order_id: str = ORDER_ID) -> dict[str, tuple[str | None, str | None]]:
    with world.store.database.reading() as cursor:
        found = order_sides(Evidence(world.store, cursor, NOW), ("amazon.US", order_id))
    return {f.name: (f.channel, f.erp) for f in found}


def test_an_order_that_is_not_there_has_no_fields_and_one_that_is_not_booked_has_one_side(world: World) -> None:
    assert sides(world) == {}
    world.put(order(), line())
    assert sides(world)["document"] == (None, None)
    assert sides(world)["total"] == ("31.98 USD (29.98 before tax)", None)
    assert sides(world)["ACM-MUG-16"] == ("1: 24.99", None)


def test_lines_status_and_what_was_booked_before_the_channel_changed_it_stand_side_by_side(world: World) -> None:
    world.put(order(), line(cancel_requested=True))
    goods = transaction_line("7001", item_id="501", quantity=Decimal(2), amount=usd("24.99"), quantity_moved=Decimal(1))
    freight = transaction_line("7001", line_id="2", position=2, amount=usd("4.99"), memo="Shipping Cost")
    booked_at = {"created_at": NOW + timedelta(minutes=1), "updated_at": NOW - timedelta(hours=1)}
    world.put(sales_order(other_reference=ORDER_ID, status="D", **booked_at), goods, freight)
    world.clock.advance(120)
    moved = order(ship_address1="7 Elm Road", updated_at=NOW - timedelta(days=1))
    world.put(moved, line(cancel_requested=True))
    found = sides(world)
    assert found["document"] == (None, "sales order SO7001")
    assert found["status"] == ("UNSHIPPED", "Partially Fulfilled")
    assert found["ACM-MUG-16"] == ("1, buyer asks to cancel: 24.99", "2, 1 moved: 24.99")
    assert found["Shipping Cost"] == (None, "4.99")
    assert found["ship to"][1] == "booked as address1 12 Oak Street"
    held = {
        "ship_date": date(2026, 11, 20),
        "ship_name": "JANE DOE",
        "ship_address1": "12 Oak St",
        "ship_city": "Salem",
    }
    world.put(sales_order(other_reference=ORDER_ID, status="D", **booked_at | {"updated_at": NOW}, **held), goods)
    found = sides(world)
    assert (found["ship by"][1], found["ship to"][1]) == ("2026-11-20", "JANE DOE, 12 Oak St, Salem")
