"""The account of undeposited funds is known by what it is to the ERP, by a person's word, or not at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from factories import World, account, ready_world
from posting_world import judge, open_books, settle

from reconcile.mapping.accounts import account_map
from reconcile.offers import offers_of, take_offers

NOT_POSTED = "settlement_not_posted"
KNOWN = {"account_type": "OthCurrAsset"}


@pytest.fixture
def books() -> Iterator[World]:
    """Settlements that are posted as deposits, in a chart where 1120 is something else."""
    world = settle(open_books(ready_world())).put(account("311", "1120", "Prepaid rent", **KNOWN))
    yield world.decide("policy", "settlements", model="deposit")
    world.store.close()


def found(world: World) -> str | None:
    with world.store.database.reading() as cursor:
        accounts = account_map(cursor, world.store.decisions.current("account"))
    return accounts.account("amazon.US", "undeposited").account_id


def blocked(world: World) -> set[str | None]:
    return {f["blocked_by"] for f in judge(world, NOT_POSTED)}


def test_a_number_that_is_another_account_is_not_believed_and_nothing_is_guessed(books: World) -> None:
    said = "the account of undeposited funds of amazon.US is not known: 1120 Prepaid rent is not called so in NetSuite"
    assert blocked(books) == {said}
    ids = [f["discrepancy_id"] for f in books.findings(NOT_POSTED)]
    assert offers_of(books.store, ids) == ()
    books.put(account("401", "1190", "Undeposited funds", **KNOWN)).put(
        account("402", "1191", "Undeposited EU", **KNOWN)
    )
    assert offers_of(books.store, ids) == ()


def test_one_candidate_by_name_and_type_is_offered_and_holds_once_it_is_decided(books: World) -> None:
    books.put(account("400", "4990", "Undeposited income")).put(account("401", "1190", "Undeposited funds", **KNOWN))
    ids = [f["discrepancy_id"] for f in judge(books, NOT_POSTED)]
    taken = take_offers(books.store, ids, by="ann")
    assert [(o.subject, o.value) for o in taken.offers] == [("default|undeposited", {"account_id": "401"})]
    assert (found(books), blocked(books)) == ("401", {None})


def test_the_erps_own_account_is_it_whatever_its_number_and_a_decision_stands_above(books: World) -> None:
    books.put(account("401", "9", "Noch nicht eingezahlt", special_type="UndepFunds", **KNOWN))
    assert (found(books), blocked(books)) == ("401", {None})
    books.put(account("402", "8", "Old", special_type="UndepFunds", inactive=True, **KNOWN))
    assert found(books) == "401"
    books.decide("account", "default|undeposited", account_id="311")
    assert (found(books), blocked(books)) == ("311", {None})


def test_two_of_the_erps_own_decide_nothing(books: World) -> None:
    for account_id in ("401", "402"):
        books.put(account(account_id, account_id, "U", special_type="UndepFunds", **KNOWN))
    assert found(books) == "311"


def test_without_deposits_the_account_is_not_asked_for(books: World) -> None:
    books.decide("policy", "settlements", model="journal")
    assert blocked(books) == {None}
