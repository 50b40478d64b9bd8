"""Where, when and how booked orders are to be sent, beside their documents, and how closely that is compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from booked_world import CONTROL, booked, differences, goods, judged, shipping, then, update_of
from factories import NOW, READ_UNTIL, World, line, order, sales_order

from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.outbox.operations import PlannedOperation

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
