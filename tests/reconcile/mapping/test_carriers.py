"""Carriers are told by the shape of a tracking number, by decision before shape, and never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from reconcile.mapping.carriers import (
    ChosenCarrier,
    NoCarrier,
    carrier_problem,
    is_tracking_number,
    known_carriers,
    resolve_carrier,
)
from sync.ops.decisions import Decision
from sync.walmart.vocabulary import carrier_of

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def decided(subject: str, **value: Any) -> Decision:
    return Decision(1, "carrier", subject, value, NOW, NOW, "ann", "")


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        "x",
        "[red]1Z[/]",
        "1Z'; DROP TABLE",
        "\x1b[2J1Z9",
        "1Z\u202e999",
        "1Z9\n99",
        "=HYPERLINK(1)",
        "1" * 60,
        "１Ｚ９９",
    ],
)
def test_what_is_no_tracking_number_is_not_taken_for_one(hostile: str) -> None:
    assert not is_tracking_number(hostile)


@pytest.mark.parametrize("number", ["1Z999AA10123456784", "1Z 999 AA1 0123 4567 84", "JD-0146-77", "TBA123456789012"])
def test_what_carriers_print_is_one(number: str) -> None:
    assert is_tracking_number(number)


@pytest.mark.parametrize(
    ("number", "carrier"),
    [
        ("1Z999AA10123456784", "UPS"),
        ("1z 999 aa1 0123 4567 84", "UPS"),
        ("9400111899223100001234", "USPS"),
        ("420902109400111899223100001234", "USPS"),
        ("RX123456785US", "USPS"),
        ("RX123456785DE", "Deutsche Post"),
        ("123456789012", "FedEx"),
        ("1234567890", "DHL Express"),
        ("00340434161094015902", "DHL Paket"),
        ("TBA123456789012", "Amazon Shipping"),
    ],
)
def test_a_shape_of_one_carrier_names_it(number: str, carrier: str) -> None:
    found = resolve_carrier("amazon.US", number, {})
    assert isinstance(found, ChosenCarrier)
    assert found.name == carrier


def test_an_unknown_shape_is_not_guessed_and_the_nearest_names_are_ranked_by_what_is_in_use() -> None:
    found = resolve_carrier("walmart.US", "ZZTOP-1", {}, ["USPS", "Fed-Ex", "UPSMI"])
    assert found == NoCarrier("ZZTOP-1 has the shape of no known carrier", ("USPS", "FedEx", "UPS Mail Innovations"))


def test_a_parcel_of_amazons_own_carrier_is_told_to_walmart_by_a_persons_word_only() -> None:
    found = resolve_carrier("walmart.US", "TBA123456789012", {})
    assert found == NoCarrier("walmart.US does not allow parcels of Amazon Shipping", (), is_refused=True)
    subject = "walmart.US|TB[AMC][0-9]{12}"
    told = resolve_carrier("walmart.US", "TBA123456789012", {subject: decided(subject, carrier="Amazon Shipping")})
    assert isinstance(told, ChosenCarrier)
    assert (told.code, told.tracking_url) == (None, "https://track.amazon.com/tracking/{tracking}")


def test_a_decision_of_the_channel_stands_above_one_of_all_channels_and_above_the_shape() -> None:
    decisions = {
        "*|1Z.*": decided("*|1Z.*", carrier="usps"),
        "amazon.US|1Z.*": decided("amazon.US|1Z.*", carrier="FedEx", method="2Day"),
    }
    here = resolve_carrier("amazon.US", "1Z999AA10123456784", decisions)
    there = resolve_carrier("amazon.DE", "1Z999AA10123456784", decisions)
    assert isinstance(here, ChosenCarrier)
    assert isinstance(there, ChosenCarrier)
    assert (here.code, here.method, here.how) == ("FedEx", "2Day", "decided by ann")
    assert there.code == "USPS"


def test_a_pattern_says_more_than_the_star_for_all_parcels() -> None:
    decisions = {"*|*": decided("*|*", carrier="UPS"), "*|ZZ.*": decided("*|ZZ.*", carrier="Bob's Vans")}
    found = resolve_carrier("walmart.US", "ZZTOP-1", decisions)
    assert isinstance(found, ChosenCarrier)
    assert (found.name, found.code, found.tracking_url) == ("Bob's Vans", None, None)


@pytest.mark.parametrize(
    ("subject", "value", "problem"),
    [
        ("amazon.US", {"carrier": "UPS"}, "the subject is"),
        ("amazon.US|(", {"carrier": "UPS"}, "cannot be read"),
        ("amazon.US|1Z.*", {}, "lacks carrier"),
        ("amazon.US|1Z.*", {"carrier": "UPS", "colour": "brown"}, "unknown field colour"),
        ("amazon.US|1Z.*", {"carrier": "UPS", "tracking_url": "javascript:alert(1)"}, "is no address"),
    ],
)
def test_a_decision_that_cannot_be_used_says_why(subject: str, value: dict[str, object], problem: str) -> None:
    assert problem in str(carrier_problem(subject, value))


def test_every_name_that_is_told_to_walmart_is_one_that_it_lists() -> None:
    told = [c.codes["walmart"] for c in known_carriers() if "walmart" in c.codes]
    assert [name for name in told if carrier_of(name) is None] == []
    assert len(told) > 10
