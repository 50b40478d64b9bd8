"""Decisions as a text file: names become ids, and nothing half-read is kept."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from factories import World, account, customer, item

from reconcile.mapping.routing import Routing
from reconcile.mapping.setup import Applied, apply_decisions, export_decisions
from sync.errors import BadInput
from sync.records import Location, Segment, Subsidiary

ROUTING = """
[routing."amazon.DE"]
subsidiary = "Acme Goods Inc."
location = "main"
tax_policy = "gross"
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("routing = [", "not valid TOML"),
        ('[rooting."a"]\nx = 1', "there is no kind of decision 'rooting'"),
        ('[sku]\nx = "1"', "sku needs a table for each subject"),
        (
            ROUTING.replace("Acme Goods Inc.", "Acme"),
            "routing.amazon.DE.subsidiary: NetSuite has no subsidiaries named",
        ),
        (ROUTING.replace("gross", "magic"), "routing.amazon.DE.tax_policy"),
        (ROUTING + "colour = 1", "routing.amazon.DE.colour"),
        (ROUTING.replace('location = "main"', 'customer_policy = "marketplace"'), "needs customer_id"),
        ('[sku."amazon.US|B0C7"]\nquantity = "2"', "this decision lacks item_id"),
        ('[sku."B0C7"]\nitem = "ACM-MUG-16"', "the subject is channel|SKU"),
        ('[sku."a|B0C7"]\nitem = "ACM-MUG-16"\nquantity = "-1"', "above zero"),
        ('[sku."a|B0C7"]\nitem = "ACM-MUG-16"\nquantity = "x"', "is no number"),
        ('[sku."a|SET"]\nitems = [{ item = "ACM-MUG-16" }]', "a list of two items or more"),
        ('[sku."a|SET"]\nitems = ["ACM-MUG-16", "TEA"]', "each of items has an item"),
        ('[sku."a|SET"]\nitems = [{ item = "Nobody" }, { item_id = "1" }]', "NetSuite has no items named 'Nobody'"),
        ('[sku."a|SET"]\nitems = [{ item_id = "1" }, { item_id = "1" }]', "names an item twice"),
        ('[sku."a|SET"]\nitems = [{ item_id = "1" }, { item_id = "2", colour = 1 }]', "has no field colour"),
        ('[sku."a|SET"]\nitems = [{ item_id = "1", share = "60" }, { item_id = "2" }]', "for all items or for none"),
        ('[sku."a|SET"]\nitem = "ACM-MUG-16"\nitems = [{ item_id = "1" }, { item_id = "2" }]', "unknown field"),
        ('[line_type."amazon|a|b|c"]\ncategory = "sails"\naccount_key = "sales"', "category 'sails' is not one of"),
        ('[account."amazon|sales"]\naccount = "4999"', "NetSuite has no accounts named '4999'"),
        ('[account."amazon|sales"]\nclass_id = "1"', "named by account"),
        ('[policy.a]\nauto = ["order_mising"]', "auto names order_mising; the controls are "),
        ('[policy.a]\nfacilitator_tax = "gross"', "net or liability"),
        ('[go_live."*"]\nfrom = "soon"', "Invalid isoformat"),
        ('[customer.x]\nname = "Jane"', "lacks customer_id and has the unknown field name"),
        ('[posting_date.x]\ndate = "soon"', "Invalid isoformat"),
        ('[carrier."amazon.US|1Z("]\ncarrier = "UPS"', "the pattern '1Z(' cannot be read"),
        ('[cancel_request."amazon.US|113-1"]\nanswer = "perhaps"', "answer is ship or cancel"),
        (ROUTING + 'parcels = "all"', "routing.amazon.DE.parcels"),
    ],
)
def test_a_wrong_file_names_the_place_and_changes_nothing(world: World, text: str, problem: str) -> None:
    before = export_decisions(world.store)
    good = ROUTING.replace("DE", "FR") if text.startswith("[") else ""
    with pytest.raises(BadInput) as caught:
        apply_decisions(world.store, good + text, by="ann", file="d")
    assert problem in str(caught.value)
    assert export_decisions(world.store) == before


def test_a_name_that_two_records_share_asks_for_the_id(world: World) -> None:
    world.put(Location("13", "Main", "1", False))
    with pytest.raises(BadInput, match=r"'main' names several .* locations: 11, 13\. Write the id as location_id"):
        apply_decisions(world.store, ROUTING, by="ann")


def test_an_inactive_record_is_not_found_by_name(world: World) -> None:
    world.put(Location("11", "Main", "1", True))
    with pytest.raises(BadInput, match="no locations named 'main' that is active"):
        apply_decisions(world.store, ROUTING, by="ann")


def test_names_are_kept_as_ids_and_a_second_time_changes_nothing(world: World) -> None:
    assert apply_decisions(world.store, ROUTING, by="ann") == Applied(1, 0)
    held = world.store.decisions.current("routing")["amazon.DE"].value
    assert held == {"subsidiary_id": "1", "location_id": "11", "tax_policy": "gross"}
    audited = len(world.store.audit.entries())
    assert apply_decisions(world.store, ROUTING, by="ann") == Applied(0, 1)
    assert len(world.store.audit.entries()) == audited


def test_departments_classes_and_the_account_of_cash_sales_are_named_too(world: World) -> None:
    for kind in ("department", "class"):
        world.put(Segment(kind, "5" if kind == "class" else "4", "Online", False))
    world.put(account("330", "1155", "Amazon money"))
    more = 'department = "online"\nclass = "Online"\ncash_account = "1155"\nchannel_document = "cash_sale"\n'
    apply_decisions(world.store, ROUTING + more, by="ann")
    kept = world.store.decisions.current("routing")["amazon.DE"].value
    assert [kept[n] for n in ("department_id", "class_id", "cash_account_id")] == ["4", "5", "330"]
    assert Routing.model_validate(dict(kept)).document_for("channel") == "cash_sale"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[returns."amazon.US"]\nrma_at = "someday"', "rma_at is one of approved, received"),
        ('[returns."amazon.US"]\nrefunds = true', "unknown field refunds"),
        ('[returns."*"]\nsettled_within_days = 0', "a number from 1 to 999"),
        ('[disposition."amazon.US|DEFECTIVE"]\nrestock = "no"', "restock is true or false"),
        ('[disposition."DEFECTIVE"]\nrestock = false', "the subject is channel|disposition"),
    ],
)
def test_decisions_on_returns_that_cannot_be_used_are_refused(world: World, text: str, problem: str) -> None:
    with pytest.raises(BadInput) as refused:
        apply_decisions(world.store, text, by="ann")
    assert problem in str(refused.value)


def test_items_and_places_of_returns_are_written_with_their_names(world: World) -> None:
    text = '[returns."amazon.US"]\nrefund_item = "acm-mug-16"\npayment_method_id = "7"\n\n'
    text += '[disposition."amazon.US|DEFECTIVE"]\nrestock = false\nlocation = "main"\n'
    assert apply_decisions(world.store, text, by="ann") == Applied(2, 0)
    assert world.store.decisions.current("returns")["amazon.US"].value["refund_item_id"] == "501"
    assert world.store.decisions.current("disposition")["amazon.US|DEFECTIVE"].value["location_id"] == "11"


def test_what_is_exported_is_read_again_as_it_was_with_any_text_in_it(world: World) -> None:
    nasty = 'amazon.US|B0 "C7"] \\ \x7f 💡 [/b]'
    world.decide("sku", nasty, item_id="501", quantity="6").decide("policy", "auto", auto=["order_missing"])
    methods = {"Next Day": "32", "Standard": "30"}
    world.decide("routing", "amazon.FR", subsidiary_id="1", tax_policy="gross", ship_methods=methods)
    text = export_decisions(world.store)
    assert tomllib.loads(text)["sku"][nasty] == {"item_id": "501", "quantity": "6"}
    assert tomllib.loads(text)["routing"]["amazon.FR"]["ship_methods"] == methods
    assert apply_decisions(world.store, text, by="ann").decided == 0


def test_the_demonstrations_decisions_fit_the_demonstrations_company(world: World) -> None:
    world.put(Subsidiary("2", "Acme Goods GmbH", "EUR", "DE", False))
    for n, name in enumerate(("Amazon FBA DE", "Walmart WFS")):
        world.put(Location(f"2{n}", name, None, False))
    for n, name in enumerate(("MKT-AMAZON-US", "MKT-AMAZON-DE", "MKT-WALMART-US")):
        world.put(customer(f"90{n}", external_id=name))
    for n, name in enumerate(("GIFT-WRAP", "GOODWILL", "ACM-FRP-08", "ACM-GRD-01")):
        world.put(item(f"60{n}", name))
    text = (Path(__file__).parents[3] / "data" / "demo_decisions.toml").read_text(encoding="utf-8")
    assert apply_decisions(world.store, text, by="demo").decided == 10
    for decision in world.store.decisions.current("routing").values():
        assert Routing.model_validate(dict(decision.value)).channel_location_id


def test_customers_of_a_split_marketplace_are_named_and_looked_up(world: World) -> None:
    world.put(customer("900", entity_id="Amazon 1")).put(customer("901", entity_id="Amazon 2"))
    text = '[routing."amazon.US"]\nsubsidiary = "Acme Goods Inc."\nlocation = "Main"\ntax_policy = "facilitator"\n'
    text += 'customer_policy = "sharded"\ncustomers = ["Amazon 1", "amazon 2"]\n'
    apply_decisions(world.store, text, by="ann")
    assert world.store.decisions.current("routing")["amazon.US"].value["customer_ids"] == ["900", "901"]
    with pytest.raises(BadInput, match="Amazon 9"):
        apply_decisions(world.store, text.replace("Amazon 1", "Amazon 9"), by="ann")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[same_customer."902|901"]\nkeep = "901"', "the lower first"),
        ('[same_customer."901|902"]\nkeep = "903"', "one of the two"),
        ('[not_same."901"]', "two customer ids"),
        ('[not_same."901|902"]\nwhy = "x"', "unknown field"),
        ('[customer_matching."*"]\nupper = 2', "too often"),
        ('[customer_matching."amazon.US"]\nupper = 14', r"the subject is \*"),
    ],
)
def test_decisions_about_customers_that_make_no_sense_are_refused(world: World, text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        apply_decisions(world.store, text, by="ann")


def test_decisions_about_customers_go_out_and_in_again(world: World) -> None:
    text = '[customer_matching."*"]\nupper = 14\nweights = { "address|differs" = -6 }\n\n'
    text += '[not_same."901|902"]\n\n[same_customer."901|903"]\nkeep = "903"\n'
    apply_decisions(world.store, text, by="ann")
    again = apply_decisions(world.store, export_decisions(world.store), by="ann")
    assert again.decided == 0


def test_a_set_is_kept_by_the_ids_of_its_items_and_written_out_so_that_it_can_be_read_again(world: World) -> None:
    text = '[sku."amazon.US|SET"]\nitems = [{ item = "ACM-MUG-16", share = "60" }, { item_id = "777", share = "40" }]'
    apply_decisions(world.store, text, by="ann")
    kept = world.store.decisions.current("sku")["amazon.US|SET"].value
    assert kept == {"items": [{"item_id": "501", "share": "60"}, {"item_id": "777", "share": "40"}]}
    assert apply_decisions(world.store, export_decisions(world.store), by="ann").decided == 0
