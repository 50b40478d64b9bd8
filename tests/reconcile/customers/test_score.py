"""Buyers whom no single field names: what weighing all fields links, what waits for a person, and what stays apart."""

from __future__ import annotations

from typing import Any

import pytest
from buyers import buyer, match
from factories import World, address, customer

from reconcile.customers.known import pair_subject, read_known
from reconcile.customers.match import match_customers
from reconcile.customers.weights import Scoring, scoring_of, scoring_problem
from sync.ops.decisions import Decision

RELAY = "x1@marketplace.amazon.com"


def decided(world: World, **buyer_changes: Any) -> Any:
    """Match with all decisions of the world."""
    decisions = world.store.decisions
    known = read_known(*(decisions.current(k) for k in ("customer", "same_customer", "not_same", "customer_matching")))
    with world.store.database.reading() as cursor:
        return match_customers(cursor, [buyer(**buyer_changes)], known.chosen, known=known)[0]


def jane(world: World, number: str = "901", **changes: Any) -> World:
    """Jane Doe of 12 Oak Street, Portland, in the customer file."""
    place = {"address1": "12 Oak St.", "postal_code": "97201", **changes.pop("place", {})}
    return world.put(customer(number, **changes), address(number, **place))


@pytest.mark.parametrize(
    "named",
    [
        {"first_name": "John", "last_name": "Doe"},  # the household
        {"first_name": "Jane", "last_name": "Doe Jr."},  # mother and daughter
        {"first_name": "Jane R", "last_name": "Doe"},  # another middle initial
    ],
)
def test_who_lives_at_the_same_address_and_is_called_otherwise_is_not_linked(
    world: World, named: dict[str, str]
) -> None:
    jane(world, phone="503-555-0101", **named)
    assert match(world, buyer(name="Jane T Doe", email=RELAY)).customer_id is None


def test_a_household_is_no_candidate_at_all(world: World) -> None:
    jane(world, first_name="John", phone="503-555-0101")
    found = match(world, buyer(email=RELAY))
    assert (found.customer_id, found.waits) == (None, False)


def test_two_people_of_one_mailbox_wait_unless_the_name_tells_them_apart(world: World) -> None:
    world.put(customer("901", first_name="John", email="doe@example.com"))
    waits = match(world, buyer(email="doe@example.com"))
    assert (waits.candidates, waits.why_it_waits("Jane")) == (
        ("901",),
        "Jane is customer 901 by e-mail, and the name is another's",
    )
    world.put(customer("902", email="doe@example.com"))
    assert match(world, buyer(email="doe@example.com")).customer_id == "902"


@pytest.mark.parametrize("mailbox", ["info@acme.example.com", "sales@acme.example.com", "no-reply@example.com"])
def test_a_mailbox_of_an_office_is_nobodys(world: World, mailbox: str) -> None:
    world.put(customer("901", first_name="Bob", last_name="Stone", email=mailbox))
    found = match(world, buyer(email=mailbox))
    assert (found.customer_id, found.waits) == (None, False)


@pytest.mark.parametrize("masked", ["j***@example.com", "jane@", "@example.com", "jane doe@example.com", "a" * 300])
def test_a_masked_or_broken_address_is_no_evidence(world: World, masked: str) -> None:
    world.put(customer("901", first_name="Bob", last_name="Stone", email=masked))
    assert match(world, buyer(email=masked)).customer_id is None


@pytest.mark.parametrize("name", ["Jаne Doe", "Jane Dοe"])  # a Cyrillic a, a Greek o
def test_a_name_in_two_scripts_is_shown_to_a_person(world: World, name: str) -> None:
    jane(world, phone="503-555-0101")
    found = match(world, buyer(name=name, ship_name=name, email=RELAY))
    assert (found.customer_id, found.candidates) == (None, ("901",))


@pytest.mark.parametrize(
    "name",
    [
        "x" * 5000,
        "\x00\x1b[31mJane\n\tDoe\u202e",
        "أحمد محمد",
        "משה כהן",
        "漢字 太郎",
        "",
        "   ",
        "🦊🦊",
        "' OR 1=1 --",
    ],
)
def test_hostile_and_foreign_names_neither_break_nor_match_a_stranger(world: World, name: str) -> None:
    world.put(customer("901", first_name="Bob", last_name="Stone"), address("901"))
    assert match(world, buyer(name=name, ship_name=name, email=RELAY)).customer_id is None


def test_an_arabic_name_is_known_again(world: World) -> None:
    jane(world, first_name="أحمد", last_name="محمد", phone="503-555-0101")
    assert match(world, buyer(name="أحمد محمد", ship_name="أحمد محمد", email=RELAY)).customer_id == "901"


def test_numbers_in_an_address_tell_namesakes_apart(world: World) -> None:
    world.put(customer("901", first_name="Janet", email="jane.doe1@example.com"))
    found = match(world, buyer(email="jane.doe2@example.com", phone=None))
    assert (found.customer_id, found.waits) == (None, False)


@pytest.mark.parametrize(
    ("known", "changes"),
    [
        ({"first_name": "Janet", "phone": "(503) 555-0101"}, {"name": "Jannet Doe"}),  # a typing error
        ({"first_name": "Robert", "phone": "(503) 555-0101"}, {"name": "Bob Doe"}),  # a nickname
        ({"first_name": "Doe", "last_name": "Janet", "phone": "1 503 555 0101"}, {"name": "Janet Doe"}),  # turned round
        ({"first_name": "JANE", "last_name": "DOE", "phone": "0015035550101"}, {"name": "Doe, Jane"}),
    ],
)
def test_a_name_that_is_written_otherwise_is_linked_where_phone_and_address_agree(
    world: World, known: dict[str, str], changes: dict[str, str]
) -> None:
    jane(world, **known)
    found = match(world, buyer(email=RELAY, ship_name=None, **changes))
    assert (found.customer_id, found.how) == ("901", "score")
    assert "phone same" in found.evidence[0]
    assert found.evidence[0].startswith("99 %")


def test_one_agreement_less_waits_for_a_person_with_the_evidence_of_each_field(world: World) -> None:
    jane(world, first_name="Robert")
    found = match(world, buyer(name="Bob Doe", email=RELAY))
    assert (found.customer_id, found.how, found.candidates) == (None, "score", ("901",))
    levels = {f.field: f.level for f in found.scored[0].fields}
    assert levels == {"name": "nickname", "email": None, "phone": None, "address": "same"}
    assert found.why_it_waits("Bob Doe") == "Bob Doe may be customer 901"


def test_two_customers_about_as_likely_wait_the_better_first(world: World) -> None:
    jane(world, "901", first_name="Robert", phone="503-555-0101")
    jane(world, "902", first_name="Robert", phone="503-555-0101", email="bob@example.com")
    found = match(world, buyer(name="Bob Doe", email=RELAY))
    assert (found.customer_id, found.candidates) == (None, ("901", "902"))


def test_an_exact_name_and_address_of_the_customers_own_book_decides(world: World) -> None:
    jane(world)
    found = match(world, buyer(email=RELAY))
    assert (found.customer_id, found.how) == ("901", "name and address")
    assert found.evidence == ("the customer's own name and address",)


def test_name_and_address_do_not_decide_where_e_mail_and_phone_are_anothers(world: World) -> None:
    jane(world, email="other@example.org", phone="206-555-0199")
    found = match(world, buyer(email="jane@example.com"))
    assert (found.customer_id, found.candidates) == (None, ("901",))


def test_what_a_person_set_apart_stays_apart(world: World) -> None:
    jane(world)
    world.decide("not_same", pair_subject(buyer().external_id, "901"))
    found = decided(world, email=RELAY)
    assert (found.customer_id, found.waits) == (None, False)


def test_two_customers_that_a_person_made_one_are_one_candidate(world: World) -> None:
    world.put(customer("901", email="jane@example.com")).put(customer("902", email="jane@example.com"))
    assert decided(world).candidates == ("901", "902")
    world.decide("same_customer", "901|902", keep="902")
    assert decided(world).customer_id == "902"


def test_a_chosen_customer_that_was_merged_away_is_the_one_that_was_kept(world: World) -> None:
    world.put(customer("901", inactive=True)).put(customer("902"))
    world.decide("customer", buyer().external_id, customer_id="901")
    gone = decided(world)
    assert gone.waits
    assert gone.why_it_waits("Jane") == "Jane was decided to be customer 901, which is not active any more"
    world.decide("same_customer", "901|902", keep="902")
    assert decided(world).customer_id == "902"


def test_merges_in_a_circle_end(world: World) -> None:
    world.put(customer("901", email="jane@example.com"))
    world.decide("same_customer", "901|902", keep="902").decide("same_customer", "902|903", keep="903")
    world.decide("same_customer", "901|903", keep="901")
    assert decided(world).customer_id in ("901", "902", "903")


def test_a_lower_threshold_than_was_measured_is_refused() -> None:
    assert "too often" in (scoring_problem({"upper": 3}) or "")
    assert scoring_problem({"upper": 14, "lower": 20}) == "lower is above upper"
    assert "no number" in (scoring_problem({"upper": "high"}) or "")
    assert "no level" in (scoring_problem({"weights": {"email|maybe": 3}}) or "")
    assert scoring_problem({"upper": 14, "weights": {"email|same": 10}}) is None


def test_weights_that_a_person_decided_hold(world: World) -> None:
    world.decide("customer_matching", "*", upper=15, weights={"address|differs": -6})
    found: dict[str, Decision] = world.store.decisions.current("customer_matching")
    scoring = scoring_of(found)
    assert (scoring.upper, scoring.lower) == (15.0, Scoring().lower)
    assert scoring.weights["address|differs"] == -6.0
    assert scoring.weights["phone|same"] == Scoring().weights["phone|same"]
