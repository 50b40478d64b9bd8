"""Who a buyer is: what matches, what never does, and what waits for a person."""

from __future__ import annotations

import pytest
from buyers import buyer, match
from factories import World, customer, line, order, sales_order

from reconcile.customers.buyer import is_relay, normal_address, normal_name, normal_phone, split_name


@pytest.mark.parametrize(
    "address",
    ["x1@marketplace.amazon.com", "x1@marketplace.amazon.de", "X1@Relay.Walmart.com", "a@m.relay.walmart.com"],
)
def test_a_relay_address_never_makes_two_people_one(world: World, address: str) -> None:
    assert is_relay(address)
    world.put(customer(email=address, first_name="Someone", last_name="Else"))
    assert match(world, buyer(email=address)).customer_id is None


@pytest.mark.parametrize("address", ["jane@amazon.com", "jane@example.com", "x@marketplace.amazon.com.example.org"])
def test_an_address_of_ones_own_is_no_relay(address: str) -> None:
    assert not is_relay(address)


def test_two_customers_of_one_e_mail_wait_for_a_person(world: World) -> None:
    world.put(customer("901", email="jane@example.com")).put(customer("902", email="JANE@example.com"))
    found = match(world, buyer())
    assert (found.waits, found.customer_id, found.candidates) == (True, None, ("901", "902"))


def test_a_persons_choice_decides(world: World) -> None:
    world.put(customer("901", email="jane@example.com")).put(customer("902", email="jane@example.com"))
    world.decide("customer", buyer().external_id, customer_id="902")
    found = match(world, buyer())
    assert (found.customer_id, found.evidence) == ("902", ("decided by ann",))


def test_a_namesake_is_told_and_not_taken(world: World) -> None:
    world.put(customer("901"))
    found = match(world, buyer())
    assert (found.customer_id, found.waits, found.evidence) == (None, False, ("same name only: CUST901",))


def test_an_inactive_customer_is_not_matched(world: World) -> None:
    world.put(customer("901", email="jane@example.com", inactive=True))
    assert match(world, buyer()).customer_id is None


def test_the_customer_of_a_whole_marketplace_is_no_person(world: World) -> None:
    world.put(customer("900", email="jane@example.com"))
    assert match(world, buyer(), shared=["900"]).customer_id is None


def test_phones_match_only_together_with_the_name(world: World) -> None:
    world.put(customer("901", phone="(503) 555-0101")).put(customer("902", first_name="Jim", phone="503-555-0101"))
    found = match(world, buyer(email=None))
    assert (found.customer_id, found.how) == ("901", "name and phone")


def test_walmarts_filler_phone_is_nobodys(world: World) -> None:
    world.put(customer("901", phone="0000000000"))
    assert match(world, buyer(email=None, phone="0000000000")).customer_id is None


def test_an_external_id_beats_an_e_mail(world: World) -> None:
    world.put(customer("901", email="jane@example.com")).put(customer("902", external_id=buyer().external_id))
    assert match(world, buyer()).customer_id == "902"


def test_an_earlier_booked_order_to_the_same_name_and_address_says_who_he_is(world: World) -> None:
    earlier = "113-7702233-1179999"
    world.put(order(earlier, ship_address1="12 OAK ST.", ship_postal_code="97201"), line(earlier))
    world.put(sales_order(external_id=f"AMZ-{earlier}", customer_id="944"))
    found = match(world, buyer(email="x1@marketplace.amazon.com", postal_code="97201"))
    assert (found.customer_id, found.how) == ("944", "name and address")
    assert found.evidence == (f"order {earlier} to the same name and address",)


def test_earlier_orders_on_two_customers_wait_for_a_person(world: World) -> None:
    for n in (1, 2):
        earlier = f"113-7702233-117999{n}"
        world.put(order(earlier), line(earlier)).put(
            sales_order(f"70{n}", external_id=f"AMZ-{earlier}", customer_id=f"94{n}")
        )
    assert match(world, buyer(email=None)).candidates == ("941", "942")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("Jane Doe", "12 Oak Street", "97201-1234", "US"), ("jane  DOE", "12 oak st.", "97201", "USA")),
        (("Jörg Groß", "Hauptstraße 5", "10115", "DE"), ("JORG GROSS", "Hauptstr. 5", "10115", "DE")),
        (("Ann Lee", "4 N. Elm Avenue", "SW1A 1AA", "GB"), ("Ann Lee", "4 North Elm Ave", "sw1a1aa", "GB")),
    ],
)
def test_spellings_of_one_address_are_one(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    assert normal_address(*left) == normal_address(*right)


def test_neighbours_and_incomplete_addresses_are_not_one() -> None:
    assert normal_address("A", "12 Oak St", "97201", "US") != normal_address("A", "14 Oak St", "97201", "US")
    assert normal_address("A", None, "97201", "US") is None


def test_the_identity_of_a_buyer_is_the_same_for_all_his_orders_and_different_between_channels() -> None:
    again = buyer(order_id="113-0000000-0000001", address1="12 OAK ST", email="other@example.com")
    assert again.external_id == buyer().external_id
    assert buyer(channel="walmart.US").external_id != buyer().external_id


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Jane Doe", ("Jane", "Doe")), ("Cher", ("-", "Cher")), ("Ana de la Cruz", ("Ana de la", "Cruz"))],
)
def test_names_are_split_at_the_last_word(name: str, parts: tuple[str, str]) -> None:
    assert split_name(name) == parts


def test_normal_forms_of_nothing() -> None:
    assert (normal_name("…"), normal_phone("123"), normal_phone(None)) == ("", None, None)
