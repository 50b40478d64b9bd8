"""Sublists as resources of their own, keyed changes, items' prices and stock, schemas: over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest

from sync.sandbox.netsuite.filters import parse_filter
from sync.sandbox.netsuite.settings import AccountSettings

from .conftest import Served, found, serving

BASE = "/services/rest/record/v1"
STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}
_numbers = count(1)


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    """One company for the whole module: each test makes its own records."""
    with serving(found(AccountSettings(service_time_s=0.0))) as running:
        yield running


def post(host: Served, path: str, body: dict[str, Any]) -> str:
    """Make a record and return its address."""
    answer = host.http.post(f"{BASE}/{path}" if "/" not in path else path, json=body, headers=STRICT)
    assert answer.status_code == 204, answer.text
    return answer.headers["location"]


def problem(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Return status, code and path of a refusal."""
    first = answer.json()["o:errorDetails"][0]
    return answer.status_code, first["o:errorCode"], first.get("o:errorPath")


def order(host: Served) -> str:
    lines = [
        {"item": host.company.ref("widget"), "quantity": 2, "rate": 10},
        {"item": host.company.ref("gadget"), "quantity": 1, "amount": 5.55},
    ]
    body = {"entity": host.company.ref("buyer"), "location": host.company.ref("main"), "item": {"items": lines}}
    return post(host, "salesOrder", body)


def item(host: Served) -> str:
    levels = [
        {"currencyPage": 1, "priceLevel": {"id": "1"}, "quantity": 0, "price": 20},
        {"currencyPage": 1, "priceLevel": {"id": "1"}, "quantity": 10, "price": 18},
    ]
    body = {"itemId": f"SKU-{next(_numbers)}", "taxSchedule": {"id": "1"}, "price": {"items": levels}}
    return post(host, "inventoryItem", body)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/item/999", 404, "NONEXISTENT_ID"),
        ("/nothing/1", 404, "NONEXISTENT_ID"),
        ("/memo", 404, "NONEXISTENT_ID"),
    ],
)
def test_a_row_that_is_not_there_is_a_404(host: Served, path: str, status: int, code: str) -> None:
    address = order(host)
    assert problem(host.http.get(address + path))[:2] == (status, code)
    if path.count("/") > 1:
        assert problem(host.http.patch(address + path, json={"quantity": 1}))[:2] == (status, code)


def test_rows_without_a_key_and_rows_that_are_reckoned_are_not_changed(host: Served) -> None:
    where = {"items": [{"label": "home", "addressBookAddress": {"city": "Bonn"}}]}
    names = {"companyName": f"Buyer {next(_numbers)}", "subsidiary": host.company.ref("us")}
    customer = post(host, "customer", names | {"addressBook": where})
    assert host.http.get(f"{customer}/addressBook/1").json()["label"] == "home"
    assert problem(host.http.patch(f"{customer}/addressBook/1", json={"label": "x"}))[:2] == (405, "METHOD_NOT_ALLOWED")
    place = f"{item(host)}/locations/{host.company.ids['main']}"
    assert host.http.get(place).json()["quantityOnHand"] == 0
    assert problem(host.http.patch(place, json={"quantityOnHand": 5}))[:2] == (405, "METHOD_NOT_ALLOWED")


def test_a_misspelt_name_in_a_row_is_refused_or_warned_about(host: Served) -> None:
    address = order(host) + "/item/1"
    refused = host.http.patch(address, json={"quantitty": 3}, headers=STRICT)
    assert problem(refused) == (400, "INVALID_CONTENT", "item.items[0].quantitty")
    warned = host.http.patch(address, json={"quantitty": 3})
    assert warned.headers["x-netsuite-propertyvalidation"] == "Unknown property: item.items[0].quantitty"
    ignored = host.http.patch(address, json={"quantitty": 3}, headers={"X-NetSuite-PropertyNameValidation": "Ignore"})
    assert (ignored.status_code, "x-netsuite-propertyvalidation" in ignored.headers) == (204, False)


def test_one_line_is_changed_by_its_key(host: Served) -> None:
    address = order(host)
    answer = host.http.patch(f"{address}/item/1", json={"quantity": 3})
    assert (answer.status_code, answer.headers["location"]) == (204, address)
    assert host.http.get(address).json()["total"] == 35.55
    assert host.http.get(f"{address}/item/1").json()["quantityBackOrdered"] == 3


def test_a_price_level_is_addressed_by_three_keys(host: Served) -> None:
    address = item(host)
    shown = host.http.get(f"{address}/price").json()["items"]
    place = shown[1]["links"][0]["href"]
    assert place == f"{address}/price/currencypage=1,pricelevel=1,quantity=10"
    assert host.http.patch(place, json={"price": 17.5}).status_code == 204
    assert [row["price"] for row in host.http.get(f"{address}/price").json()["items"]] == [20, 17.5]


def test_a_line_without_a_price_takes_the_first_price_level(host: Served) -> None:
    made = item(host).rsplit("/", 1)[1]
    lines = {"items": [{"item": {"id": made}, "quantity": 2}]}
    address = post(host, "cashSale", {"entity": host.company.ref("buyer"), "item": lines})
    assert host.http.get(address).json()["total"] == 40


def test_an_item_shows_its_stock_by_location(host: Served) -> None:
    address = item(host)
    row = {"item": {"id": address.rsplit("/", 1)[1]}, "adjustQtyBy": 4, "unitCost": 2.5}
    body = {
        "account": host.company.ref("clearing"),
        "subsidiary": host.company.ref("us"),
        "adjLocation": host.company.ref("main"),
        "inventory": {"items": [row]},
    }
    post(host, "inventoryAdjustment", body)
    shown = host.http.get(address, params={"expandSubResources": "true"}).json()
    (place,) = shown["locations"]["items"]
    assert (place["location"]["refName"], place["quantityOnHand"], place["quantityAvailable"]) == ("Main", 4, 4)
    assert shown["averageCost"] == 2.5


def test_the_whole_way_back_is_walked_over_http(host: Served) -> None:
    address = order(host)
    shipped = post(host, f"{address}/!transform/itemFulfillment", {"externalId": f"IF-{next(_numbers)}"})
    assert host.http.get(shipped).json()["status"] == {"id": "C", "refName": "Shipped"}
    invoice = post(host, f"{address}/!transform/invoice", {})
    rma = post(host, f"{invoice}/!transform/returnAuthorization", {})
    post(host, f"{rma}/!transform/itemReceipt", {})
    owed = invoice.rsplit("/", 1)[1]
    rows = {"items": [{"doc": {"id": owed}, "line": 0, "apply": True, "amount": 5.55}]}
    credit = post(host, f"{rma}/!transform/creditMemo", {"apply": rows})
    assert host.http.get(rma).json()["status"]["refName"] == "Refunded"
    shown = host.http.get(f"{credit}/apply/{owed}").json()
    assert (shown["amount"], shown["due"], shown["doc"]["id"]) == (5.55, 25.55, owed)
    body = {"account": host.company.ref("bank"), "paymentMethod": {"id": "1"}}
    refund = post(host, f"{credit}/!transform/customerRefund", body)
    assert host.http.get(refund).json()["total"] == 20
    assert host.http.get(credit).json()["status"]["refName"] == "Fully Applied"


def test_a_locked_record_is_neither_read_nor_written_over_rest_and_queried_all_the_same(host: Served) -> None:
    address = order(host)
    made = int(address.rsplit("/", 1)[1])
    host.company.books.locked.add(("salesorder", made))
    for answer in (host.http.get(address), host.http.patch(address, json={}), host.http.delete(address)):
        assert problem(answer)[:2] == (400, "USER_ERROR")
        assert "locked by a user defined workflow" in answer.text
    assert host.rows("SELECT id FROM transaction WHERE id = ?", str(made)) == [{"id": str(made)}]


@pytest.mark.parametrize(
    ("text", "count_"),
    [
        ("total GREATER_NOT 25", 0),
        ("total LESS_OR_EQUAL 25.55", 2),
        ("total EQUAL_NOT 25.55", 0),
        ("total ANY_OF_NOT [1, 2]", 2),
        ("total WITHIN [25, 26]", 2),
        ("total WITHIN_NOT [25, 26]", 0),
        ('tranDate ON "11/20/2026"', 2),
        ('tranDate ON_NOT "11/20/2026"', 0),
        ('tranDate AFTER_NOT "11/20/2026"', 2),
        ('externalId ENDWITH "-B" OR externalId ENDWITH "-A" AND total LESS 1', 1),
        ("externalId CONTAIN_NOT Q", 0),
        ("externalId IS_NOT Q-A", 1),
        ("taxDetailsOverride IS false", 2),
        ("memo EMPTY", 2),
    ],
)
def test_every_operator_has_its_negative_and_and_binds_before_or(text: str, count_: int) -> None:
    company = found(AccountSettings())
    for name in ("Q-A", "Q-B"):
        company.books.create("salesOrder", company.order(externalId=name, tranDate="2026-11-20"))
    kind = company.books.records("salesOrder")[0].kind
    test = parse_filter(company.books, kind, text)
    assert sum(test(stored) for stored in company.books.records("salesOrder")) == count_


def test_periods_are_read_and_searched_only(host: Served) -> None:
    listed = host.http.get(f"{BASE}/accountingPeriod", params={"q": 'periodName IS "Nov 2026"'}).json()
    address = listed["items"][0]["links"][0]["href"]
    assert host.http.get(address).json()["closed"] is False
    for answer in (host.http.patch(address, json={"closed": True}), host.http.delete(address)):
        assert problem(answer)[:2] == (400, "USER_ERROR")


def test_every_record_type_has_a_schema_in_both_forms(host: Served) -> None:
    names = [row["name"] for row in host.http.get(f"{BASE}/metadata-catalog").json()["items"]]
    assert {"itemReceipt", "customerRefund", "deposit", "inventoryAdjustment", "shipItem", "assemblyItem"} <= set(names)
    for name in names:
        path = f"{BASE}/metadata-catalog/{name}"
        schema = host.http.get(path, headers={"Accept": "application/schema+json"}).json()
        swagger = host.http.get(path, headers={"Accept": "application/swagger+json"})
        assert swagger.headers["content-type"] == "application/swagger+json"
        document = swagger.json()
        assert document["openapi"].startswith("3.0")
        assert document["components"]["schemas"][name]["properties"].keys() == schema["properties"].keys()
        assert f"/{name}/{{id}}" in document["paths"]
    assert (
        "post"
        not in host.http.get(
            f"{BASE}/metadata-catalog/itemReceipt", headers={"Accept": "application/swagger+json"}
        ).json()["paths"]["/itemReceipt"]
    )


def test_a_customers_balance_is_what_is_open(host: Served) -> None:
    names = {"companyName": f"Debtor {next(_numbers)}", "subsidiary": host.company.ref("us")}
    customer = post(host, "customer", names)
    lines = {"items": [{"item": host.company.ref("gadget"), "quantity": 1, "amount": 12.5}]}
    post(host, "invoice", {"entity": {"id": customer.rsplit("/", 1)[1]}, "item": lines})
    assert Decimal(str(host.http.get(customer).json()["balance"])) == Decimal("12.5")
