"""Booked orders whose document says something else: what is found, what is updated, what only a person can settle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from factories import NOW, ORDER_ID, READ_UNTIL, World, line, order, period, sales_order, transaction_line, usd

from reconcile.cycle import run_cycle
from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.netsuite.intents import SalesOrderUpdateIntent, read_intent
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine, TransactionLine

CONTROL = "order_differs"


def goods(**changes: Any) -> TransactionLine:
    values = {"item_id": "501", "quantity": Decimal(1), "amount": usd("24.99"), "quantity_moved": Decimal(0)}
    return transaction_line("7001", **values | changes)


def shipping(amount: str = "4.99") -> TransactionLine:
    return transaction_line("7001", line_id="9", position=9, amount=usd(amount), memo="Shipping Cost")


def booked(world: World, *lines: TransactionLine, **changes: Any) -> None:
    """The order of the factories as it is booked: 29.98 with the shipping, without the tax."""
    values = {"other_reference": ORDER_ID, "created_at": NOW + timedelta(minutes=1)} | changes
    world.put(sales_order("7001", **values), *(lines or (goods(), shipping())))


def then(world: World, record: Order, *lines: OrderLine) -> None:
    """The order as the channel has it later."""
    world.clock.advance(120)
    world.put(replace(record, updated_at=world.clock.now() - timedelta(days=1)), *lines)


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def differences(finding: Mapping[str, Any]) -> dict[str, tuple[Any, Any, Any]]:
    told = json.loads(finding["detail"])["differences"]
    return {d["field"]: (d["channel"], d["erp"], d["booked"]) for d in told}


def update_of(world: World) -> PlannedOperation:
    (operation,) = build_plan(world.store, [f["discrepancy_id"] for f in judged(world)]).operations
    read_intent(SalesOrderUpdateIntent, operation.intent)
    return operation


@pytest.mark.parametrize("total", ["29.98", "31.98"], ids=["without tax", "with tax"])
def test_a_document_of_other_people_may_hold_the_tax_or_not(world: World, total: str) -> None:
    world.put(order(), line())
    booked(world, total=usd(total))
    assert judged(world) == []


def test_our_own_document_is_held_to_the_tax_policy(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("31.98"), external_id=f"AMZ-{ORDER_ID}")
    written = PlannedOperation(f"AMZ-{ORDER_ID}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {})
    plan_id = world.store.outbox.stage("p", [written], by="ann")
    assert judged(world) == []
    world.store.outbox.approve(plan_id, by="ann")
    (operation,) = world.store.outbox.operations()
    world.store.outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    assert differences(judged(world)[0]) == {"total": ("29.98", "31.98", None)}


@pytest.mark.parametrize(
    "unlike",
    [
        {"order": {"order_type": "multi_channel", "total": usd("0")}},
        {"order": {"status": "cancelled"}},
        {"document": {"status": "H"}},
        {"document": {"transaction_type": "CustCred"}},
    ],
    ids=["sold elsewhere", "cancelled", "closed", "a credit"],
)
def test_what_another_control_looks_after_is_left_to_it(world: World, unlike: dict[str, dict[str, Any]]) -> None:
    world.put(order(**unlike.get("order", {})), line())
    booked(world, total=usd("11.11"), **unlike.get("document", {}))
    assert judged(world) == []


def test_two_documents_of_one_order_are_not_compared_with_it(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("11.11"))
    world.put(sales_order("7002", other_reference=ORDER_ID))
    assert judged(world) == []


def test_a_total_changed_in_netsuite_is_for_a_person_and_never_overwritten(world: World) -> None:
    world.put(order(), line())
    booked(world, goods(amount=usd("14.99")), shipping(), total=usd("19.98"))
    (found,) = judged(world)
    assert (found["channel_amount"], found["erp_amount"], found["amount"]) == (usd("29.98"), usd("19.98"), usd("10"))
    assert (found["state"], found["severity"]) == ("blocked", "high")
    assert "was changed in NetSuite, or booked so" in found["blocked_by"]
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_another_currency_and_another_quantity_are_named(world: World) -> None:
    world.put(order(), line())
    booked(world, currency="EUR")
    assert differences(judged(world)[0]) == {"currency": ("USD", "EUR", None)}
    booked(world, goods(quantity=Decimal(2)), shipping(), updated_at=NOW - timedelta(hours=2))
    assert differences(judged(world)[0]) == {"quantity of ACM-MUG-16": ("1", "2", None)}


def test_what_the_channel_changed_is_updated_where_nothing_was_made_of_the_document(world: World) -> None:
    world.put(order(), line())
    booked(world)
    assert judged(world) == []
    then(world, order(total=usd("56.97"), ship_address1="7 Elm Road"), line(quantity=2, item_price=usd("49.98")))
    (found,) = judged(world)
    assert found["state"] == "open"
    assert differences(found) == {
        "total": ("54.97", "29.98", "29.98"),
        "quantity of ACM-MUG-16": ("2", "1", "1"),
        "address.address1": ("7 Elm Road", None, "12 Oak Street"),
    }
    operation = update_of(world)
    assert operation.identity.startswith(f"AMZ-{ORDER_ID}-UPDATE-")
    assert operation.intent["lines"] == [{"line_id": "1", "quantity": "2", "amount": "49.98"}]
    assert operation.intent["address"]["address1"] == "7 Elm Road"
    assert operation.intent["believed"] == {
        "lines": {"1": {"item_id": "501", "quantity": "1", "amount": "24.99", "moved": "0", "closed": False}},
        "address.address1": "12 Oak Street",
    }


def test_a_changed_shipping_cost_is_updated_alone(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(total=usd("32.98")), line(shipping_price=usd("5.99")))
    intent = update_of(world).intent
    assert (intent["shipping_cost"], intent["believed"]) == ("5.99", {"shipping_cost": "4.99"})
    assert "lines" not in intent


def taxed(world: World, *, ours: bool) -> None:
    """The order booked with 2.00 of tax beside its line, by us or by others; then the channel says 2.10."""
    routing = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **routing | {"tax_policy": "separate"})
    world.put(order(), line())
    if ours:
        written = PlannedOperation(f"AMZ-{ORDER_ID}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {})
        world.store.outbox.approve(world.store.outbox.stage("p", [written], by="ann"), by="ann")
        (operation,) = world.store.outbox.operations()
        world.store.outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    booked(world, total=usd("31.98"), external_id=f"AMZ-{ORDER_ID}")


def test_a_tax_that_others_booked_is_for_a_person_with_both_figures(world: World) -> None:
    taxed(world, ours=False)
    then(world, order(total=usd("32.08"), tax=usd("2.10")), line(item_tax=usd("2.10")))
    (found,) = judged(world)
    assert "its tax is 2.00 USD in NetSuite and 2.10 in the channel" in found["blocked_by"]
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_a_tax_that_differs_alone_is_updated_in_a_document_of_ours(world: World) -> None:
    taxed(world, ours=True)
    assert judged(world) == []
    then(world, order(total=usd("32.08"), tax=usd("2.10")), line(item_tax=usd("2.10")))
    intent = update_of(world).intent
    assert intent["taxes"] == [{"position": 1, "basis": "24.99", "amount": "2.10"}]
    assert intent["believed"] == {"tax.1": "2.00"}
    assert "lines" not in intent


def test_a_tax_on_a_line_that_had_none_is_added_to_it_and_one_that_is_gone_is_for_a_person(world: World) -> None:
    taxed(world, ours=True)
    two = {"total": usd("51.98"), "shipping": usd("4.99")}
    cap = {"line_id": "2", "position": 2, "item_price": usd("20.00"), "item_tax": usd("0"), "shipping_price": usd("0")}
    world.put(order(**two), line(), line(**cap))
    second = goods(line_id="2", position=2, amount=usd("20.00"))
    booked(world, goods(), second, shipping(), total=usd("51.98"), external_id=f"AMZ-{ORDER_ID}")
    assert judged(world) == []
    then(world, order(**two | {"total": usd("53.58")}), line(), line(**cap | {"item_tax": usd("1.60")}))
    intent = update_of(world).intent
    assert intent["taxes"] == [
        {"position": 1, "basis": "24.99", "amount": "2.00"},
        {"position": 2, "basis": "20.00", "amount": "1.60", "line_id": "2"},
    ]
    assert intent["believed"] == {"tax.1": "2.00", "tax.2": None}
    then(world, order(**two | {"total": usd("49.98")}), line(item_tax=usd("0")), line(**cap))
    (found,) = judged(world)
    assert found["blocked_by"] == (
        "its tax is 2.00 USD in NetSuite and 0.00 in the channel: take the tax of ACM-MUG-16 Travel Mug 16 oz away"
        " under Tax Details of SO7001"
    )


def test_a_tax_that_changed_with_the_price_is_for_a_person(world: World) -> None:
    taxed(world, ours=True)
    then(world, order(total=usd("33.08"), tax=usd("2.10")), line(item_price=usd("25.99"), item_tax=usd("2.10")))
    (found,) = judged(world)
    assert "more than the tax of SO7001 has changed, and its tax is 2.00 USD" in found["blocked_by"]


def test_a_later_ship_date_is_updated_and_an_hour_of_the_same_day_is_no_change(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(ship_by=NOW + timedelta(days=1, hours=1)), line())
    assert judged(world) == []
    then(world, order(ship_by=NOW + timedelta(days=3)), line())
    intent = update_of(world).intent
    assert (intent["ship_by"], intent["believed"]) == ("2026-11-23", {"ship_by": "2026-11-21"})


def test_a_second_line_of_the_address_that_went_is_emptied(world: World) -> None:
    world.put(order(ship_address2="Apt 4"), line())
    booked(world)
    then(world, order(), line())
    assert update_of(world).intent["address"]["address2"] == ""


def test_a_difference_of_the_delivery_is_settled_by_its_update_until_the_next_change(world: World) -> None:
    world.put(order(), line())
    booked(world)
    then(world, order(ship_address1="7 Elm Road"), line())
    operation = update_of(world)
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", [operation], by="ann"), by="ann")
    outbox.move(outbox.operations()[0].operation_id, "done", step="look", outcome="agrees")
    world.cover(
        "amazon.orders@US", "netsuite.transactions", until=NOW + timedelta(hours=1), since=READ_UNTIL, run_id="2"
    )
    assert judged(world) == []
    then(world, order(ship_address1="9 Ash Lane"), line())
    assert differences(judged(world)[0])["address.address1"] == ("9 Ash Lane", None, "7 Elm Road")


@pytest.mark.parametrize(
    ("document", "lines", "why"),
    [
        ({"status": "D"}, (), "is Partially Fulfilled"),
        ({}, (goods(quantity_billed=Decimal(1)), shipping()), "have moved or were billed"),
        ({"transaction_type": "CashSale", "status": "B"}, (), "has posted"),
        ({"total": usd("30.98")}, (goods(amount=usd("25.99")), shipping()), "somebody changed it in NetSuite"),
        ({"status": "Z"}, (), "is status Z"),
    ],
)
def test_a_document_that_cannot_take_the_change_is_for_a_person(
    world: World, document: dict[str, Any], lines: tuple[TransactionLine, ...], why: str
) -> None:
    world.put(order(), line())
    booked(world, *lines, **document)
    then(world, order(total=usd("56.97")), line(quantity=2, item_price=usd("49.98")))
    (found,) = judged(world)
    assert why in found["blocked_by"]
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert (plan.operations, why in plan.obstacles[0].remedy) == ((), True)


def test_a_closed_period_blocks_with_its_name(world: World) -> None:
    world.put(order(), line()).put(period(11, closed=True))
    booked(world)
    then(world, order(ship_by=NOW + timedelta(days=3)), line())
    assert judged(world)[0]["blocked_by"].startswith("period Nov 2026 of SO7001 is closed")


def test_cancelled_units_are_right_as_closed_lines_and_cut_out(world: World) -> None:
    world.put(order(total=usd("24.99"), tax=usd("0")), line(quantity=3, quantity_cancelled=1, shipping_price=usd("0"),
              item_tax=usd("0")))  # fmt: skip
    for total in ("24.99", "16.66"):
        booked(world, goods(), total=usd(total), updated_at=NOW - timedelta(hours=int(Decimal(total) // 10)))
        assert judged(world) == []
    booked(world, goods(), total=usd("20.00"), updated_at=NOW - timedelta(minutes=30))
    assert differences(judged(world)[0])["total"] == ("16.66", "20.00", None)


def test_units_that_are_still_to_be_cut_out_are_not_counted_a_second_time(world: World) -> None:
    bare = {"shipping_price": usd("0"), "item_tax": usd("0")}
    world.put(order(total=usd("16.66"), tax=usd("0")), line(quantity=3, quantity_cancelled=1, **bare))
    booked(world, goods(quantity=Decimal(3)), total=usd("24.99"))
    assert judged(world) == []
    run_cycle(world.store, controls=["order_cancelled"])
    assert world.one("order_cancelled")["amount"] == usd("8.33")


def test_a_replacement_with_revenue_differs(world: World) -> None:
    world.put(order(order_type="replacement", total=usd("0"), tax=usd("0"), original_id="113-1"), line())
    booked(world)
    assert differences(judged(world)[0])["total"] == ("0.00", "29.98", None)


def test_what_was_changed_after_the_books_were_read_waits(world: World) -> None:
    world.put(order(), line())
    booked(world, total=usd("1.00"), updated_at=NOW)
    assert judged(world) == []


#: As NetSuite holds what the order of the factories says.
SENT_TO = {"ship_name": "JANE DOE", "ship_address1": "12 Oak St.", "ship_city": "Portland", "ship_region": "OR",
           "ship_postal_code": "97201", "ship_country": "US", "ship_date": date(2026, 11, 21)}  # fmt: skip


def keyed(world: World, *, at: timedelta = timedelta(days=-3), **changes: Any) -> None:
    """The order as other people had keyed it before anything was read: a day before the channel's last word."""
    booked(world, created_at=NOW + at, updated_at=NOW + at, **SENT_TO | changes)


def test_another_spelling_and_what_nobody_holds_or_shows_are_no_difference(world: World) -> None:
    world.put(order(), line())
    spellings: list[dict[str, Any]] = [
        {},
        {"ship_address1": "12  OAK STREET", "ship_postal_code": "97201-1234", "ship_city": "PORTLAND"},
        {"ship_region": "Oregon", "ship_country": "United States"},
        {"ship_name": None, "ship_city": None, "ship_date": None},  # not shown by the account
        dict.fromkeys(SENT_TO),  # mirrored before
    ]
    for place, spelled in enumerate(spellings):
        keyed(world, at=timedelta(days=-3, minutes=place), **spelled)
        assert judged(world) == [], spelled
    elsewhere = {"ship_address1": "9 Ash Lane", "ship_name": "John Roe", "ship_city": "Salem"}
    keyed(world, at=timedelta(days=-2, hours=-1), **elsewhere)
    assert len(judged(world)) == 1
    hidden = {"ship_address1": None, "ship_postal_code": None, "ship_name": None, "buyer_name": None, "ship_city": None}
    for later, unlike in enumerate([hidden, {"fulfilled_by": "channel"}], 1):
        world.put(replace(order(**unlike), updated_at=NOW - timedelta(days=2) + timedelta(hours=later)), line())
        assert judged(world) == [], unlike


def test_an_address_that_changed_before_the_first_pull_is_found_and_updated_from_what_is_there(world: World) -> None:
    world.put(order(ship_address1="340 Canal St", ship_address2="Rear entrance"), line())
    keyed(world, ship_address2="Apt 4")
    (found,) = judged(world)
    assert differences(found) == {
        "address.address1": ("340 Canal St", "12 Oak St.", None),
        "address.address2": ("Rear entrance", "Apt 4", None),
    }
    assert (found["state"], found["severity"]) == ("open", "high")
    operation = update_of(world)
    assert operation.intent["address"]["address2"] == "Rear entrance"
    assert operation.intent["believed"] == {"address.address1": "12 Oak St.", "address.address2": "Apt 4"}
    assert {d["field"]: d["now"] for d in operation.diff}["address.address1"] == "12 Oak St."


def test_a_second_line_that_only_netsuite_has_is_emptied_and_one_it_lacks_must_still_be_lacking(world: World) -> None:
    world.put(order(), line())
    keyed(world, ship_address2="Rear entrance")
    intent = update_of(world).intent
    held = {"address.address1": "12 Oak St.", "address.address2": "Rear entrance"}
    assert (intent["address"]["address2"], intent["believed"]) == ("", held)
    world.put(replace(order(ship_address2="Bldg 2"), updated_at=NOW - timedelta(days=1)), line())
    keyed(world, at=timedelta(days=-2))
    assert update_of(world).intent["believed"] == held | {"address.address2": None}


def test_a_ship_date_of_before_the_first_pull_is_found_and_updated(world: World) -> None:
    world.put(order(), line())
    keyed(world, ship_date=date(2026, 11, 18))
    (found,) = judged(world)
    assert (differences(found), found["severity"]) == ({"ship_by": ("2026-11-21", "2026-11-18", None)}, "med")
    intent = update_of(world).intent
    assert (intent["ship_by"], intent["believed"]) == ("2026-11-21", {"ship_by": "2026-11-18"})


def test_what_was_changed_in_netsuite_after_the_channels_last_word_is_never_overwritten(world: World) -> None:
    world.put(order(), line())
    keyed(world, at=timedelta(days=-1), ship_address1="9 Ash Lane")
    (found,) = judged(world)
    assert found["blocked_by"].startswith("street of SO7001 was changed in NetSuite, or booked so")
    assert found["cause"] == "documents of amazon.US are to be sent otherwise than their orders say"
    assert build_plan(world.store, [found["discrepancy_id"]]).operations == ()


def test_a_persons_edit_after_our_update_stays_whatever_the_channel_says_next(world: World) -> None:
    world.put(order(), line())
    booked(world, **SENT_TO)
    then(world, order(ship_address1="7 Elm Road"), line())
    operation = update_of(world)
    assert operation.intent["believed"] == {"address.address1": "12 Oak St."}
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", [operation], by="ann"), by="ann")
    outbox.move(outbox.operations()[0].operation_id, "done", step="look", outcome="agrees")
    world.cover(
        "amazon.orders@US", "netsuite.transactions", until=NOW + timedelta(hours=1), since=READ_UNTIL, run_id="2"
    )
    late = NOW - timedelta(hours=20)
    booked(world, **SENT_TO | {"ship_address1": "7 Elm Rd"}, updated_at=late)
    assert judged(world) == []
    booked(world, **SENT_TO | {"ship_address1": "1 Dock Street"}, updated_at=late + timedelta(hours=1))
    assert "was changed in NetSuite" in judged(world)[0]["blocked_by"]
    then(world, order(ship_address1="9 Ash Lane"), line())
    (found,) = judged(world)
    assert differences(found)["address.address1"] == ("9 Ash Lane", "1 Dock Street", "7 Elm Road")
    assert "was changed in NetSuite" in found["blocked_by"]


def test_a_way_of_shipping_counts_where_the_routing_names_the_service_level(world: World) -> None:
    world.put(order(service_level="Expedited"), line())
    keyed(world, ship_method="31")
    assert judged(world) == []
    held = dict(world.store.decisions.current("routing")["amazon.US"].value)
    world.decide("routing", "amazon.US", **held | {"ship_method": "30", "ship_methods": {"EXPEDITED": "32"}})
    assert differences(judged(world)[0]) == {"ship_method": ("32", "31", None)}
    intent = update_of(world).intent
    assert (intent["ship_method"], intent["believed"]) == ("32", {"ship_method": "31"})


def flooded(world: World, count: int, day: date, *, entered: date = date(2026, 11, 18)) -> None:
    """Orders to be sent by the 21st, booked by others with one ship date."""
    for n in range(count):
        number = f"113-7702233-118{n:04d}"
        world.put(order(number), replace(line(), order_id=number))
        held = SENT_TO | {"ship_date": day, "transaction_date": entered}
        document = sales_order(f"72{n:02d}", other_reference=number, created_at=NOW - timedelta(days=3), **held)
        world.put(
            document, replace(goods(), transaction_id=f"72{n:02d}"), replace(shipping(), transaction_id=f"72{n:02d}")
        )


def offered(world: World) -> list[tuple[str, dict[str, Any], str]]:
    ids = [f["discrepancy_id"] for f in judged(world)]
    return [(o.subject, dict(o.value), o.words) for o in offers_of(world.store, ids)]


def test_ship_dates_that_may_be_somebodys_word_are_compared(world: World) -> None:
    # Too few to tell, then days of somebody's own that are far off.
    flooded(world, 4, date(2026, 11, 18))
    assert len(judged(world)) == 4
    assert offered(world) == []
    flooded(world, 6, date(2026, 11, 25), entered=date(2026, 11, 17))
    assert len(judged(world)) == 6
    assert offered(world) == []


def test_our_own_documents_are_no_evidence_for_a_default_of_others(world: World) -> None:
    flooded(world, 6, date(2026, 11, 18))
    written = [
        PlannedOperation(f"AMZ-{n}", "netsuite", "sales_order.create", "amazon.US", None, (), "", {}) for n in range(6)
    ]
    world.store.outbox.approve(world.store.outbox.stage("p", written, by="ann"), by="ann")
    for operation in world.store.outbox.operations():
        world.store.outbox.move(operation.operation_id, "done", step="look", outcome="agrees")
    with world.store.database.transaction() as tx:
        tx.execute("UPDATE transactions SET external_id = 'AMZ-' || CAST(right(transaction_id, 2) AS INTEGER)")
    assert len(judged(world)) == 6
    assert {f["cause_id"] for f in world.findings(CONTROL)} == {"differs|amazon.US|sent"}
    assert offered(world) == []


def test_days_that_a_connector_never_sets_are_one_cause_and_one_decision_ends_it(world: World) -> None:
    flooded(world, 6, date(2026, 11, 18))
    # Somebody has given one of them a day of its own, and the address of another is wrong as well.
    with world.store.database.transaction() as tx:
        tx.execute("UPDATE transactions SET ship_city = 'Salem' WHERE transaction_id = '7205'")
    found = judged(world)
    causes = {f["subject"][-1]: f["cause_id"] for f in found}
    assert causes == {str(n): "differs|amazon.US|ship_date" for n in range(5)} | {"5": "differs|amazon.US|sent"}
    assert "decide that ship dates of amazon.US are not compared" in found[0]["blocked_by"]
    words = "the ship date of amazon.US is not compared (ends 5 of 6 discrepancies)"
    assert offered(world) == [("amazon.US", {"skip": ["ship_by"]}, words)]
    taken = take_offers(world.store, [f["discrepancy_id"] for f in found], by="ann")
    (decided,) = world.store.decisions.current("comparison").values()
    assert decided.reason == "6 of 6 open documents that others booked hold the day of the document"
    assert (len(taken.offers), taken.released) == (1, 5)
    (left,) = world.findings(CONTROL)
    assert differences(left) == {"address.city": ("Portland", "Salem", None)}
    world.store.decisions.undo("comparison", "amazon.US", by="ann")
    assert len(judged(world)) == 6


def test_days_that_are_all_nearly_right_may_be_off_by_as_many(world: World) -> None:
    flooded(world, 6, date(2026, 11, 20), entered=date(2026, 11, 16))
    words = "the ship date of amazon.US may be 1 day off (ends 6 of 6 discrepancies)"
    assert offered(world) == [("amazon.US", {"days": 1}, words)]
    take_offers(world.store, [f["discrepancy_id"] for f in judged(world)], by="ann")
    assert judged(world) == []
    flooded(world, 6, date(2026, 11, 19), entered=date(2026, 11, 16))
    assert len(judged(world)) == 6


def test_a_change_of_a_part_that_is_not_compared_is_no_difference_whoever_holds_it(world: World) -> None:
    world.decide("comparison", "*", skip=["ship_by", "city"])
    world.put(order(), line())
    booked(world)
    then(world, order(ship_by=NOW + timedelta(days=3), ship_city="Salem", ship_address1="7 Elm Road"), line())
    assert set(differences(judged(world)[0])) == {"address.address1"}


def test_a_comparison_that_cannot_be_used_is_refused(world: World) -> None:
    for value, said in (
        ('skip = ["weekday"]', "weekday is none"),
        ("skip = 3", "skip is a list"),
        ("days = -1", "days is a whole number"),
        ("days = true", "days is a whole number"),
        ("", "says neither"),
        ("hours = 3", "unknown field hours"),
    ):
        with pytest.raises(BadInput, match=said):
            apply_decisions(world.store, f'[comparison."amazon.US"]\n{value}', by="ann")
    good = '[comparison."amazon.US"]\ndays = 2\nskip = ["ship_method"]\n'
    assert apply_decisions(world.store, good, by="ann").decided == 1
    assert good in export_decisions(world.store)
