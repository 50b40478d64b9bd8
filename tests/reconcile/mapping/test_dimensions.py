"""Departments, classes and locations by channel, account, fulfilment and month: what holds, and what it restates."""

from __future__ import annotations

import pytest
from factories import World
from posting_world import NOVEMBER, OCTOBER, open_books, planned, post, settle

from reconcile.controls import Evidence
from reconcile.mapping.posting import channel_books
from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.settlement.accounts import LedgerAccount
from reconcile.settlement.policy import DimensionRule, Dimensions, JournalPolicy
from reconcile.what_if import what_if
from sync.errors import BadInput
from sync.records import Segment

SALES = LedgerAccount("4000", "Sales", "304")


@pytest.fixture
def books(world: World) -> World:
    for kind, number, name in (
        ("department", "5", "Marketplaces"), ("department", "6", "Retail"), ("class", "7", "FBA"), ("class", "8", "FBM")
    ):  # fmt: skip
        world.put(Segment(kind, number, name, False))
    return open_books(world)


WRONG = [
    ("amazon.US|*|channel", 'department = "Retail"', "the subject is scope|account key|fulfilment|month"),
    ("amazon.US|*|fba|*", 'department = "Retail"', "fulfilment is channel, seller or *"),
    ("amazon.US|*|*|2026-13", 'department = "Retail"', "month is such as 2026-11"),
    ("amazon.US|*|*|*", 'item_id = "1"', "item_id is unknown"),
    ("amazon.US|*|*|*", "department_id = 5", "it names none of"),
    ("amazon.US|*|*|*", 'department = "Wholesale"', "no departments named 'Wholesale'"),
    ("amazon.US|*|*|*", 'department = "FBA"', "no departments named 'FBA'"),
]


def test_dimensions_that_cannot_be_used_say_why(books: World) -> None:
    for subject, value, problem in WRONG:
        with pytest.raises(BadInput) as caught:
            apply_decisions(books.store, f'[dimensions."{subject}"]\n{value}', by="ann")
        assert problem in str(caught.value), subject
    assert books.store.decisions.current("dimensions") == {}


@pytest.mark.parametrize(
    ("fulfilled_by", "month", "key", "expected"),
    [
        ("channel", "2026-11", "sales", "exact"),
        ("channel", "2026-10", "sales", "own"),
        ("channel", "2026-10", "refunds", "own"),
        (None, None, "sales", "own"),
    ],
)
def test_a_rule_for_the_account_precedes_its_own_dimension(
    fulfilled_by: str | None, month: str | None, key: str, expected: str
) -> None:
    rules = (
        DimensionRule("sales", None, "2026-11..", department_id="exact"),
        DimensionRule(None, None, None, department_id="all"),
    )
    account = LedgerAccount("4000", "Sales", "304", department_id="own")
    placed = Dimensions(department_id="channel", rules=rules).on(
        account, fulfilled_by, JournalPolicy(), key=key, month=month
    )
    assert placed.department_id == expected


TELLING = [
    ("channel", "2026-11", ("in november", "by amazon", None)),
    ("channel", "2026-12", ("from october", "by amazon", None)),
    ("seller", "2026-09", ("from august", "usual", None)),
    (None, None, ("usual", "usual", None)),
]


def test_the_most_telling_rule_that_names_a_dimension_holds(world: World) -> None:
    world.decide("dimensions", "amazon|*|*|*", department_id="usual", class_id="usual")
    world.decide("dimensions", "amazon.US|*|channel|*", class_id="by amazon")
    world.decide("dimensions", "amazon.US|*|*|2026-08..", department_id="from august")
    world.decide("dimensions", "amazon.US|*|*|2026-10..", department_id="from october")
    world.decide("dimensions", "amazon.US|*|*|2026-11", department_id="in november")
    world.decide("dimensions", "walmart|*|*|*", location_id="elsewhere")
    with world.store.database.reading() as cursor:
        found = channel_books(Evidence(world.store, cursor, world.clock.now()), "amazon.US")
    for fulfilled_by, month, expected in TELLING:
        placed = found.dimensions.on(SALES, fulfilled_by, found.policy, key="sales", month=month)
        assert (placed.department_id, placed.class_id, placed.location_id) == expected


def test_months_are_posted_with_their_own_department_and_names_are_shown(books: World) -> None:
    text = '[dimensions."amazon.US|*|*|2026-11.."]\ndepartment = "Retail"\n'
    text += '[dimensions."amazon|referral_fees|*|*"]\nclass = "FBA"\n'
    apply_decisions(books.store, text, by="ann")
    october, november = planned(settle(books), "settlement_not_posted")
    assert {line["department_id"] for line in october.intent["lines"]} == {None}
    assert {line["department_id"] for line in november.intent["lines"]} == {"6"}
    assert {line["account_id"]: line["class_id"] for line in october.intent["lines"]}["301"] == "7"
    shown = {d["field"]: str(d["then"]) for d in (*october.diff, *november.diff)}
    assert shown["line 1"].endswith("[Retail]")
    assert 'dimensions."amazon|referral_fees|*|*"' in export_decisions(books.store)
    post(books, october, "8100").put(Segment("department", "6", "Shops", False))
    assert planned(books, "settlement_not_posted")[0].diff[-1]["then"].endswith("[Shops]")


def test_what_a_dimension_would_restate_is_shown_before_it_is_saved_and_adds_to_zero(books: World) -> None:
    settle(books)
    october, _ = planned(books, "settlement_not_posted")
    post(books, october, "8100")
    effect = what_if(books.store, "dimensions", "amazon.US|*|*|*", {"department": "Marketplaces", "class": "FBM"})
    assert {row.account for row in effect.rows if row.after} == {
        "1150 Amazon clearing [Marketplaces / FBM]", "4000 Sales [Marketplaces / FBM]",
        "6110 Referral fees [Marketplaces / FBM]",
    }  # fmt: skip
    assert (effect.balance("USD"), [p.external_id for p in effect.parts]) == (0, [OCTOBER, NOVEMBER])
    assert [p.posted_as for p in effect.posted_parts] == ["JE8100"]
    assert books.store.decisions.current("dimensions") == {}


def test_an_account_that_is_decided_anew_keeps_its_dimensions(books: World) -> None:
    settle(books).decide("account", "amazon.US|sales", number="4000", department_id="5", item_id="66")
    effect = what_if(books.store, "account", "amazon.US|sales", {"number": "4010"})
    assert effect.value == {"account_id": "305", "department_id": "5", "item_id": "66"}
    assert {row.account for row in effect.rows} == {"4000 Sales [Marketplaces]", "4010 Shipping income [Marketplaces]"}
    with pytest.raises(BadInput, match="no departments named"):
        what_if(books.store, "account", "amazon.US|sales", {"number": "4010", "department": "Nowhere"})
