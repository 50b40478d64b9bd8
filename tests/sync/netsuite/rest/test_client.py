"""The record service and SuiteQL: what is sent, which id comes back, and pages that contradict themselves."""

from __future__ import annotations

import json
from decimal import Decimal

import httpx
import pytest

from sync.errors import BadInput, ContractBroken, InDoubt
from sync.netsuite.rest.client import q_text

HERE = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest"


def page(
    items: list[dict[str, str]], total: int | None = None, has_more: bool = False, **more: object
) -> httpx.Response:
    total = len(items) if total is None else total
    body = {"items": items, "totalResults": total, "hasMore": has_more, "count": len(items), "offset": 0, **more}
    return httpx.Response(200, json=body)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"items": {}}),
        httpx.Response(200, json={"items": ["x"], "totalResults": 1}),
        httpx.Response(200, json={"items": []}),
        httpx.Response(200, text="<html>"),
        page([], total=3),
        page([], total=0, has_more=True),
        page([{"id": "1"}], total=1, has_more=True),
    ],
)
async def test_a_page_that_contradicts_itself_breaks_the_contract(netsuite, answer):
    with pytest.raises(ContractBroken):
        await netsuite(lambda _: answer).suiteql("SELECT t.id AS id FROM transaction t")


@pytest.mark.proves("N17")
@pytest.mark.parametrize("rows", [["2", "1"], ["1", "1"], ["x"], [None], ["0"]])
async def test_rows_out_of_order_break_the_contract(netsuite, rows):
    client = netsuite(lambda _: page([{"id": r} for r in rows]))
    with pytest.raises(ContractBroken, match="not in order"):
        async for _ in client.keyset("SELECT …", []):
            pass


@pytest.mark.proves("N18")
async def test_has_more_said_too_early_does_not_end_the_reading(netsuite):
    answers = [page([{"id": "1"}], total=2, has_more=False), page([{"id": "2"}], total=1)]
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["params"])
        return answers.pop(0)

    pages = [p async for p in netsuite(answer).keyset("SELECT … WHERE x = ? AND t.id > ?", ["a"], limit=1)]
    assert [row["id"] for p in pages for row in p.items] == ["1", "2"]
    assert asked == [["a", "0"], ["a", "1"]]


@pytest.mark.parametrize(("limit", "offset"), [(0, 0), (1001, 0), (10, 5)])
async def test_a_page_that_netsuite_would_refuse_is_not_asked_for(netsuite, limit, offset):
    with pytest.raises(ValueError, match="page"):
        await netsuite(lambda _: page([])).suiteql("SELECT", limit=limit, offset=offset)


@pytest.mark.proves("N29")
@pytest.mark.parametrize("external_id", ["", "a|b", "a b", "ä", "a/b", "x" * 256])
async def test_an_external_id_that_breaks_the_address_is_refused(netsuite, external_id):
    with pytest.raises(BadInput, match="letters, digits"):
        await netsuite(lambda _: httpx.Response(204)).upsert("salesOrder", external_id, {})


async def test_a_write_checks_property_names_and_writes_exact_numbers(netsuite):
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204, headers={"location": f"{HERE}/record/v1/salesOrder/647"})

    written = await netsuite(answer).upsert("salesOrder", "AMZ-1", {"amount": Decimal("0.1000")})
    assert written.target_id == "647"
    request = seen[0]
    assert (request.method, str(request.url)) == ("PUT", f"{HERE}/record/v1/salesOrder/eid:AMZ-1")
    assert request.headers["x-netsuite-propertynamevalidation"] == "Error"
    assert request.content == b'{"amount":0.1000}'


@pytest.mark.parametrize("status", [200, 201])
async def test_the_id_may_come_in_the_body(netsuite, status):
    client = netsuite(lambda _: httpx.Response(status, json={"id": "12"}))
    assert (await client.create("customer", {})).target_id == "12"


@pytest.mark.parametrize("location", ["", "https://x/record/v1/salesOrder/eid:AMZ-1", "https://x/async/v1/job/1"])
async def test_a_write_without_an_id_in_its_answer_is_in_doubt(netsuite, location):
    with pytest.raises(InDoubt):
        await netsuite(lambda _: httpx.Response(204, headers={"location": location})).create("customer", {})


@pytest.mark.proves("N09", "N11")
@pytest.mark.parametrize("lost", [httpx.ReadTimeout("x"), httpx.Response(500), httpx.Response(504)])
async def test_a_write_whose_answer_is_lost_is_never_repeated(netsuite, lost):
    sent = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if isinstance(lost, Exception):
            raise lost
        return lost

    client = netsuite(answer)
    for write in (
        lambda: client.create("customer", {}),
        lambda: client.upsert("customer", "A", {}),
        lambda: client.patch("customer", "1", {}, replace=["addressBook"]),
        lambda: client.transform("salesOrder", "1", "itemFulfillment", {}),
    ):
        with pytest.raises(InDoubt):
            await write()
    assert [f"{r.method} {r.url.raw_path.decode()}" for r in sent] == [
        "POST /services/rest/record/v1/customer",
        "PUT /services/rest/record/v1/customer/eid:A",
        "PATCH /services/rest/record/v1/customer/1?replace=addressBook",
        "POST /services/rest/record/v1/salesOrder/1/!transform/itemFulfillment",
    ]


def lines_page(*entries: object, total: int | None = None, offset: int = 0) -> httpx.Response:
    return httpx.Response(
        200, json={"items": list(entries), "totalResults": len(entries) if total is None else total, "offset": offset}
    )


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"items": {"item": 1}}),
        httpx.Response(200, json={"items": ["x"]}),
        httpx.Response(200, json={"items": [], "totalResults": 3}),
        httpx.Response(200, json={"items": [], "totalResults": "many"}),
    ],
)
async def test_a_sublist_that_is_none_breaks_the_contract(netsuite, answer):
    with pytest.raises(ContractBroken):
        await netsuite(lambda _: answer).sublist("salesOrder", "5", "item")


async def test_a_sublist_of_links_is_read_line_by_line_and_a_long_one_page_by_page(netsuite):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.path.removeprefix('/services/rest/record/v1')}?{request.url.query.decode()}")
        if request.url.path.endswith("/item/4"):
            return httpx.Response(200, json={"line": 4, "quantity": 2})
        if "offset" in request.url.params:
            return lines_page({"line": 9}, total=2, offset=1)
        return lines_page({"links": [{"rel": "self", "href": f"{HERE}/record/v1/salesOrder/5/item/4"}]}, total=2)

    assert await netsuite(answer).sublist("salesOrder", "eid:AMZ-1", "item") == [
        {"line": 4, "quantity": 2},
        {"line": 9},
    ]
    assert asked == [
        "/salesOrder/eid:AMZ-1/item?",
        "/salesOrder/eid:AMZ-1/item/4?",
        "/salesOrder/eid:AMZ-1/item?offset=1&limit=1000",
    ]


async def test_a_keyed_line_is_addressed_by_its_keys_and_a_delete_by_its_id(netsuite):
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(f"{request.method} {request.url.raw_path.decode().removeprefix('/services/rest/record/v1')}")
        return httpx.Response(204)

    client = netsuite(answer)
    key = {"currencypage": "1", "pricelevel": "1", "quantity": "10"}
    await client.patch_line("inventoryItem", "7", "price", key, {"price": Decimal("9.99")})
    await client.delete("customer", "8")
    assert seen == [
        "PATCH /inventoryItem/7/price/currencypage=1,pricelevel=1,quantity=10",
        "DELETE /customer/8",
    ]


async def test_ids_are_listed_page_by_page_with_a_condition(netsuite):
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        offset = int(request.url.params["offset"])
        return lines_page(*({"id": str(n)} for n in range(offset, min(offset + 2, 3))), total=3, offset=offset)

    pages = [p async for p in netsuite(answer).list_ids("customer", q_text("entityId", "Zoë & Co"), limit=2)]
    assert pages == [["0", "1"], ["2"]]
    assert asked[0] == "q=entityId%20IS%20%22Zo%C3%AB%20%26%20Co%22&limit=2&offset=0"


async def test_a_page_cut_short_in_the_middle_of_a_list_breaks_the_contract(netsuite):
    client = netsuite(lambda _: lines_page({"id": "1"}, total=5))
    with pytest.raises(ContractBroken, match="in the middle"):
        _ = [p async for p in client.list_ids("customer", limit=2)]


@pytest.mark.parametrize(
    ("field", "value"), [("entityId", 'a"b'), ("entityId", "a\\b"), ("entity Id", "x"), ("1x", "x")]
)
def test_a_condition_that_could_mean_something_else_is_refused(field, value):
    with pytest.raises(BadInput):
        q_text(field, value)


async def test_fields_and_sublists_together_are_not_asked_for(netsuite):
    with pytest.raises(ValueError, match="exclude"):
        await netsuite(lambda _: httpx.Response(200, json={})).get("customer", "1", expand=True, fields=("memo",))
