"""The record service over HTTP: envelopes, lists, reading, writing."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from .conftest import Served

BASE = "/services/rest/record/v1"
STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}


def detail(answer: httpx.Response) -> dict[str, str]:
    """Return the first error detail, and prove that the envelope is one."""
    body = answer.json()
    assert body["status"] == answer.status_code
    assert answer.headers["content-type"] == "application/vnd.oracle.resource+json; type=error"
    found: dict[str, str] = body["o:errorDetails"][0]
    return found


def order(served: Served, **changes: Any) -> dict[str, Any]:
    """Return an order's body as JSON takes it."""
    lines = [
        {"item": served.company.ref("widget"), "quantity": 2, "rate": 10},
        {"item": served.company.ref("gadget"), "quantity": 1, "amount": 5.55},
    ]
    body: dict[str, Any] = {"entity": served.company.ref("buyer"), "item": {"items": lines}}
    return body | changes


def make(served: Served, **changes: Any) -> str:
    """Create an order over HTTP and return its address."""
    answer = served.http.post(f"{BASE}/salesOrder", json=order(served, **changes))
    assert answer.status_code == 204, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing/1", 404, "NOT_FOUND"),
        ("GET", "/customer/999999", 404, "NONEXISTENT_ID"),
        ("GET", "/customer/eid:nobody", 404, "NONEXISTENT_ID"),
        ("GET", "/customer/-1", 404, "NONEXISTENT_ID"),
        ("DELETE", "/customer/999999", 404, "NONEXISTENT_ID"),
        ("PUT", "/customer/101", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/customer?limit=0", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?limit=1001", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?limit=2&offset=3", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?limit=x", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?q=email", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?q=email%20LIKE%20a", 400, "INVALID_PARAMETER"),
        ("GET", "/customer?q=shoeSize%20EQUAL%203", 400, "INVALID_PARAMETER"),
    ],
)
def test_what_does_not_exist_or_cannot_be_asked_is_refused(
    served: Served, method: str, path: str, status: int, code: str
) -> None:
    answer = served.http.request(method, BASE + path, json={} if method == "PUT" else None)
    assert (answer.status_code, detail(answer)["o:errorCode"]) == (status, code)


def test_an_unknown_address_is_an_invalid_url(served: Served) -> None:
    answer = served.http.get("/services/rest/elsewhere")
    assert (answer.status_code, detail(answer)["detail"]) == (404, "Invalid URL.")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"exchangeRate": NaN}'])
def test_a_body_that_is_no_json_object_is_an_invalid_request(served: Served, body: bytes) -> None:
    answer = served.http.post(f"{BASE}/salesOrder", content=body)
    assert (answer.status_code, detail(answer)["o:errorCode"]) == (400, "INVALID_REQUEST")


@pytest.mark.proves("N15")
def test_a_date_filter_in_another_format_than_the_accounts_is_refused(served: Served) -> None:
    answer = served.http.get(f"{BASE}/salesOrder", params={"q": 'tranDate AFTER "2022-12-31"'})
    assert detail(answer) == {
        "detail": 'Parse of date/time "2022-12-31" failed with date format "MM/dd/yy" in time zone America/Los_Angeles',
        "o:errorQueryParam": "q",
        "o:errorCode": "INVALID_PARAMETER",
    }


@pytest.mark.parametrize(("header", "status"), [({}, 204), (STRICT, 400)])
def test_a_misspelt_field_is_dropped_unless_the_caller_asks_for_errors(
    served: Served, header: dict[str, str], status: int
) -> None:
    answer = served.http.post(f"{BASE}/salesOrder", json=order(served, memmo="x"), headers=header)
    assert answer.status_code == status
    if status == 204:
        assert answer.headers["x-netsuite-propertyvalidation"] == "Unknown property: memmo"
        assert "memmo" not in served.http.get(answer.headers["location"]).json()
    else:
        assert detail(answer)["o:errorPath"] == "memmo"
        assert served.company.books.records("salesOrder") == []


def test_expanding_and_choosing_fields_cannot_be_combined(served: Served) -> None:
    answer = served.http.get(make(served), params={"expandSubResources": "true", "fields": "memo"})
    assert (answer.status_code, detail(answer)["o:errorCode"]) == (400, "INVALID_PARAMETER")


@pytest.mark.parametrize("record", ["itemFulfillment", "accountingPeriod"])
def test_what_comes_from_elsewhere_cannot_be_posted(served: Served, record: str) -> None:
    answer = served.http.post(f"{BASE}/{record}", json={})
    assert (answer.status_code, detail(answer)["o:errorCode"]) == (400, "USER_ERROR")


def test_a_created_record_is_known_by_its_location_only(served: Served) -> None:
    answer = served.http.post(f"{BASE}/salesOrder", json=order(served, externalId="AMZ-1"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers
    made = served.company.books.find_external("salesOrder", "AMZ-1")
    assert answer.headers["location"] == f"{served.url}{BASE}/salesOrder/{made}"


def test_a_record_shows_references_enums_and_closed_sublists(served: Served) -> None:
    shown = served.http.get(make(served, externalId="AMZ-1", shippingAddress={"city": "Köln"})).json()
    buyer = served.company.ids["buyer"]
    link = {"rel": "self", "href": f"{served.url}{BASE}/customer/{buyer}"}
    assert shown["entity"] == {"links": [link], "id": str(buyer), "refName": "Amazon US"}
    assert shown["orderStatus"] == {"id": "B", "refName": "Pending Fulfillment"}
    assert list(shown["item"]) == ["links"]
    assert shown["total"] == 25.55
    assert shown["lastModifiedDate"] == "2026-11-20T18:30:00Z"
    address = served.http.get(shown["shippingAddress"]["links"][0]["href"]).json()
    assert address["city"] == "Köln"


def test_a_record_is_read_by_external_id_expanded_or_in_part(served: Served) -> None:
    make(served, externalId="AMZ-1")
    whole = served.http.get(f"{BASE}/salesOrder/eid:AMZ-1", params={"expandSubResources": "true"}).json()
    items = whole["item"]
    assert (items["count"], items["totalResults"], items["hasMore"]) == (2, 2, False)
    assert [row["amount"] for row in items["items"]] == [20, 5.55]
    part = served.http.get(f"{BASE}/salesorder/eid:AMZ-1", params={"fields": "total,tranId"}).json()
    assert set(part) == {"links", "id", "total", "tranId"}
    line = served.http.get(items["items"][1]["links"][0]["href"]).json()
    assert line["item"]["refName"] == "GADGET"
    simple = served.http.get(f"{BASE}/salesOrder/eid:AMZ-1", params={"simpleEnumFormat": "true"}).json()
    assert simple["orderStatus"] == "B"


def test_names_are_taken_in_any_case(served: Served) -> None:
    body = {
        "ENTITY": served.company.ref("buyer"),
        "Item": {"ITEMS": [{"ITEM": served.company.ref("widget"), "Rate": 1}]},
    }
    answer = served.http.post(f"{BASE}/SALESORDER", json=body, headers=STRICT)
    assert answer.status_code == 204, answer.text
    assert served.http.get(answer.headers["location"]).json()["total"] == 1


@pytest.mark.proves("N11")
def test_patch_merges_lines_by_number_and_appends_the_others(served: Served) -> None:
    address = make(served)
    lines = served.http.get(address + "/item").json()["items"]
    change = {"item": {"items": [{"line": lines[0]["line"], "quantity": 3}]}}
    assert served.http.patch(address, json=change).status_code == 204
    assert served.http.get(address).json()["total"] == 35.55
    fresh = {"item": {"items": [{"item": served.company.ref("gadget"), "amount": 1}]}}
    for _ in range(2):  # a repeated PATCH doubles the line
        answer = served.http.patch(address, json=fresh)
        assert (answer.status_code, answer.headers["location"]) == (204, address)
    assert served.http.get(address + "/item").json()["totalResults"] == 4
    assert served.http.patch(address, json=fresh, params={"replace": "item"}).status_code == 204
    assert [row["amount"] for row in served.http.get(address + "/item").json()["items"]] == [1]


def test_patch_clears_a_field_with_null_and_refuses_an_unknown_line(served: Served) -> None:
    address = make(served, memo="old")
    assert served.http.patch(address, json={"memo": None}).status_code == 204
    assert "memo" not in served.http.get(address).json()
    answer = served.http.patch(address, json={"item": {"items": [{"line": 999, "quantity": 1}]}})
    assert detail(answer)["o:errorPath"] == "item.items[0].line"


@pytest.mark.parametrize("status", [204, 200, 201])
def test_put_by_external_id_creates_and_then_updates(served: Served, status: int) -> None:
    served.company.settings.upsert_status = status
    body = order(served)
    first = served.http.put(f"{BASE}/salesOrder/eid:AMZ-9", json=body)
    second = served.http.put(f"{BASE}/salesOrder/eid:AMZ-9", json=body | {"memo": "again"})
    assert [first.status_code, second.status_code] == [status, status]
    assert first.headers["location"] == second.headers["location"]
    shown = served.http.get(first.headers["location"]).json()
    assert (shown["memo"], shown["externalId"], shown["total"]) == ("again", "AMZ-9", 25.55)
    assert len(served.company.books.records("salesOrder")) == 1


@pytest.mark.proves("N38")
def test_delete_answers_without_location_and_leaves_a_trace(served: Served) -> None:
    address = make(served)
    answer = served.http.delete(address)
    assert answer.status_code == 204
    assert "location" not in answer.headers
    assert served.http.get(address).status_code == 404
    number = address.rsplit("/", 1)[1]
    rows = served.rows("SELECT type, recordid, TO_CHAR(deleteddate,'YYYY-MM-DD') d FROM deletedrecord")
    assert rows == [{"type": "salesorder", "recordid": number, "d": "2026-11-20"}]


def test_transforms_answer_with_the_place_of_the_new_record(served: Served) -> None:
    address = make(served)
    body = {"externalId": "F-1", "package": {"items": [{"packageTrackingNumber": "1Z999"}]}}
    answer = served.http.post(f"{address}/!transform/itemFulfillment", json=body)
    assert answer.status_code == 204, answer.text
    made = served.http.get(answer.headers["location"], params={"expandSubResources": "true"}).json()
    assert made["createdFrom"]["id"] == address.rsplit("/", 1)[1]
    assert made["package"]["items"][0]["packageTrackingNumber"] == "1Z999"
    invoice = served.http.post(f"{address}/!transform/invoice")
    assert invoice.status_code == 204
    links = served.rows("SELECT linktype FROM nexttransactionlink ORDER BY nextdoc")
    assert links == [{"linktype": "ShipRcpt"}, {"linktype": "OrdBill"}]


def test_lists_hold_ids_and_links_with_absolute_addresses(served: Served) -> None:
    for number in range(5):
        make(served, externalId=f"AMZ-{number}")
    body = served.http.get(f"{BASE}/salesOrder", params={"limit": 2, "offset": 2}).json()
    assert (body["count"], body["hasMore"], body["offset"], body["totalResults"]) == (2, True, 2, 5)
    assert [set(item) for item in body["items"]] == [{"links", "id"}] * 2
    links = {link["rel"]: link["href"] for link in body["links"]}
    assert set(links) == {"self", "first", "prev", "next", "last"}
    assert links["next"] == f"{served.url}{BASE}/salesOrder?limit=2&offset=4"
    last = served.http.get(links["last"]).json()
    assert (last["count"], last["hasMore"]) == (1, False)
    whole = served.http.get(f"{BASE}/salesOrder", params={"ids": "eid:AMZ-3", "expandRecords": "true"}).json()
    assert [item["externalId"] for item in whole["items"]] == ["AMZ-3"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('externalId IS "AMZ-1"', 1),
        ("externalid START_WITH AMZ", 3),
        ("externalId START_WITH_NOT AMZ", 0),
        ("memo EMPTY_NOT AND total GREATER 25", 1),
        ('memo EMPTY OR externalId IS "AMZ-1"', 3),
        ('memo CONTAIN "a \\"quoted\\""', 1),
        ("total BETWEEN [25, 26]", 3),
        ('tranDate ON_OR_AFTER "11/20/2026"', 3),
        ('tranDate BEFORE "11/20/2026"', 0),
        ("shipComplete IS true", 1),
        ("entity ANY_OF [101, 102]", 3),
    ],
)
def test_filters_follow_netsuites_operators(served: Served, text: str, count: int) -> None:
    make(served, externalId="AMZ-1", memo='a "quoted" memo', shipComplete=True)
    make(served, externalId="AMZ-2")
    make(served, externalId="AMZ-3")
    answer = served.http.get(f"{BASE}/salesOrder", params={"q": text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["totalResults"] == count


def test_the_metadata_catalog_describes_this_account(served: Served) -> None:
    catalog = served.http.get(f"{BASE}/metadata-catalog", params={"select": "customer,salesorder"}).json()
    assert [item["name"] for item in catalog["items"]] == ["customer", "salesOrder"]
    href = catalog["items"][1]["links"][0]["href"]
    answer = served.http.get(href, headers={"Accept": "application/schema+json"})
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    assert schema["properties"]["total"] == {
        "title": "Total",
        "nullable": True,
        "readOnly": True,
        "type": "number",
        "format": "double",
    }
    assert schema["properties"]["custbody_settlement_id"]["x-ns-custom-field"] is True
    assert "entity" in schema["required"]
    assert served.http.get(f"{BASE}/metadata-catalog/nothing").status_code == 404
    link = schema["properties"]["links"]["items"]["$ref"]
    assert set(served.http.get(link).json()["properties"]) == {"rel", "href"}, "what a schema refers to is there"


@pytest.mark.parametrize("record", ["salesOrder", "customer", "invoice", "accountingPeriod"])
def test_a_record_types_openapi_refers_to_nothing_that_it_does_not_hold(served: Served, record: str) -> None:
    answer = served.http.get(f"{BASE}/metadata-catalog/{record}", headers={"Accept": "application/swagger+json"})
    told = answer.json()
    refers = set(re.findall(r'"\$ref": ?"([^"]+)"', answer.text))
    assert refers == {r for r in refers if r.startswith("#/components/schemas/")}
    assert {r.rpartition("/")[2] for r in refers} <= told["components"]["schemas"].keys()
