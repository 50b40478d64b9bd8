"""Returns: a cursor that counts byte for byte, dates in pairs, refunds with the vendor's exceptions."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def everything(seller: Any, query: str = "limit=200") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor = f"?{query}"
    while cursor:
        reply = seller.get(f"/v3/returns{cursor}")
        assert reply.status_code == 200, reply.text
        found += reply.json()["returnOrders"]
        cursor = reply.json()["meta"].get("nextCursor", "")
    return found


def refund(seller: Any, made: dict[str, Any], units: int = 1, **changes: Any) -> Any:
    line = {"returnOrderLineNumber": 1, "quantity": {"unitOfMeasure": "EA", "measurementValue": units}}
    body = {"customerOrderId": made["customerOrderId"], "refundLines": [line]} | changes
    return seller.post(f"/v3/returns/{made['returnOrderId']}/refund", body)


def sent_back(seller: Any, bodies: Any, units: int = 2, sku_line: str = "1") -> dict[str, Any]:
    """Ship order 1002 and let the buyer send units of it back; return the return order."""
    seller.headers |= {"WM_SANDBOX": "v2", "WM_SVC.VERSION": "1.0.0"}
    seller.post("/v3/orders/1002/shipping", bodies.parcel(line=sku_line, quantity="3"))
    body = {"purchaseOrderId": "1002", "lineNumber": 1, "qty": units, "returnReason": "DEFECTIVE"}
    reply = seller.post("/v1/simulations/returns", body)
    assert reply.status_code == 200, reply.text
    made = [r for r in everything(seller) if r["returnOrderId"] == reply.json()["returnOrderId"]]
    assert isinstance(reply.json()["returnOrderDate"], int)
    return made[0]


@pytest.mark.parametrize(
    "query",
    [
        "returnCreationStartDate=2026-11-01",
        "returnLastModifiedEndDate=2026-11-01",
        "returnCreationStartDate=2026-11-02&returnCreationEndDate=2026-11-01",
        "returnCreationStartDate=2026-11-01T00:00:00.000+0000&returnCreationEndDate=2026-11-02T00:00:00.000 0000",
        "limit=201",
        "limit=0",
        "isWFSEnabled=yes",
        "status=LOST",
    ],
)
def test_wrong_questions_are_refused(seller: Any, query: str) -> None:
    assert seller.code(seller.get(f"/v3/returns?{query}")) == (400, "INVALID_REQUEST_PARAM")


def test_no_returns_are_an_empty_list(seller: Any) -> None:
    reply = seller.get("/v3/returns?customerOrderId=1").json()
    assert reply == {"meta": {"totalCount": 0, "limit": 10}, "returnOrders": []}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 200))
def test_any_page_size_gives_every_return_once_newest_first(merchant: Any, limit: int) -> None:
    found = everything(merchant, f"limit={limit}")
    truth = [r.return_id for r in merchant.world.returns_of("walmart.US", merchant.clock.now())]
    assert [r["returnOrderId"] for r in found] == sorted(
        truth, key=lambda i: next((r["returnOrderDate"], i) for r in found if r["returnOrderId"] == i), reverse=True
    )


@pytest.mark.proves("W08")
def test_a_cursor_that_was_read_and_written_again_shows_the_first_page(merchant: Any) -> None:
    window = "returnCreationStartDate=2026-06-01T00:00:00Z&returnCreationEndDate=2026-11-20T00:00:00Z"
    first = merchant.get(f"/v3/returns?limit=2&{window}").json()
    cursor = first["meta"]["nextCursor"]
    assert merchant.get(f"/v3/returns{cursor}").json()["returnOrders"] != first["returnOrders"]
    written_again = cursor.replace(":", "%3A")
    for changed in (written_again, f"?limit=2&offset=2&{window}"):
        assert merchant.get(f"/v3/returns{changed}").json()["returnOrders"] == first["returnOrders"]
    merchant.fault("page_repeated")
    assert merchant.get(f"/v3/returns{cursor}").json()["returnOrders"] == first["returnOrders"]


def test_an_offset_is_written_with_its_plus_sign_encoded(trader: Any) -> None:
    window = "returnCreationStartDate=2026-06-01T00:00:00.000%2B0000&returnCreationEndDate=2026-11-20"
    assert trader.get(f"/v3/returns?{window}").json()["meta"]["totalCount"] == len(everything(trader))


def test_filters(merchant: Any) -> None:
    found = everything(merchant)
    own, walmarts = (everything(merchant, f"limit=200&isWFSEnabled={flag}") for flag in "NY")
    assert own
    assert walmarts
    assert len(own) + len(walmarts) == len(found)
    by_status = [everything(merchant, f"limit=200&status={s}") for s in ("INITIATED", "DELIVERED", "COMPLETED")]
    assert sum(map(len, by_status)) == len(found)
    one = found[0]
    assert everything(merchant, f"returnOrderId={one['returnOrderId']}") == [one]
    assert one in everything(merchant, f"customerOrderId={one['customerOrderId']}")
    swapped = everything(merchant, "limit=200&returnType=REPLACEMENT&replacementInfo=true")
    assert {r["returnType"] for r in swapped} <= {"REPLACEMENT"}


@pytest.mark.proves("W39")
def test_walmarts_own_returns_are_not_the_sellers_to_refund(merchant: Any) -> None:
    made = everything(merchant, "limit=200&isWFSEnabled=Y")[0]
    assert "view only" in refund(merchant, made).text


def test_exception_categories_and_replacements_are_refused(merchant: Any) -> None:
    rows = everything(merchant, "limit=200&isWFSEnabled=N&replacementInfo=true")
    freight = [r for r in rows if r["returnOrderLines"][0]["isReturnForException"]]
    plain = [r for r in rows if r not in freight and r["returnType"] == "REPLACEMENT"]
    assert freight
    for made in freight[:1] + plain[:1]:
        assert refund(merchant, made).status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"customerOrderId": "1"},
        {"refundLines": []},
        {"refundLines": [{"returnOrderLineNumber": 2}]},
        {"refundLines": [{"returnOrderLineNumber": 1, "quantity": {"measurementValue": 0.5}}]},
    ],
)
def test_a_wrong_refund_changes_nothing(seller: Any, bodies: Any, changes: dict[str, Any]) -> None:
    made = sent_back(seller, bodies)
    assert seller.code(refund(seller, made, **changes)) == (400, "INVALID_REQUEST_CONTENT")
    assert everything(seller, f"returnOrderId={made['returnOrderId']}")[0]["returnOrderLines"][0]["refundedQty"] == 0


@pytest.mark.proves("W38")
def test_units_are_refunded_one_after_the_other_and_never_twice(seller: Any, bodies: Any) -> None:
    made = sent_back(seller, bodies)
    assert refund(seller, made).status_code == 200
    seller.wait(timedelta(minutes=1))
    line = everything(seller, f"returnOrderId={made['returnOrderId']}")[0]["returnOrderLines"][0]
    assert (line["refundedQty"], line["status"]) == (1, "INITIATED")
    assert [s["currentRefundStatus"] for s in line["currentTrackingStatuses"]] == [
        "REFUND_INITIATED",
        "REFUND_COMPLETED",
    ]
    assert refund(seller, made, 2).status_code == 400
    assert refund(seller, made).status_code == 200
    seller.wait(timedelta(minutes=1))
    assert refund(seller, made).status_code == 400
    found = everything(seller, f"customerOrderId={made['customerOrderId']}")
    assert [r["returnOrderLines"][0]["status"] for r in found] == ["COMPLETED"]
    order = seller.order("1002")["orderLines"]["orderLine"][0]
    given = [c["charge"]["chargeAmount"]["amount"] for c in order["refund"]["refundCharges"]["refundCharge"]]
    assert given == [-10, -10]
    assert sorted(seller.statuses("1002")) == [("Refund", "2"), ("Shipped", "1")]


def test_a_refund_is_in_the_running_cycle_of_the_one_ledger(seller: Any, bodies: Any) -> None:
    made = sent_back(seller, bodies, units=3)
    seller.wait(timedelta(minutes=1))
    assert refund(seller, made, 3).status_code == 200
    seller.wait(timedelta(minutes=1))
    statement = seller.get("/v3/report/payment/statement").json()["payload"]["transactionDetails"]
    assert Decimal(str(statement["refundDetails"]["productPrice"])) == Decimal(-30)
    assert Decimal(str(statement["saleAggregate"]["productPrice"])) >= Decimal(30)


def test_simulated_returns_arrive_and_are_refunded(seller: Any, bodies: Any) -> None:
    made = sent_back(seller, bodies)
    wrong = {"purchaseOrderId": "1002", "lineNumber": 1, "qty": 2, "returnReason": "DEFECTIVE"}
    assert seller.post("/v1/simulations/returns", wrong).status_code == 400
    assert seller.post("/v1/simulations/returns", wrong | {"returnReason": "BORED"}).status_code == 400
    change = {"returnOrderId": made["returnOrderId"], "lineNumber": 1, "qty": 2}
    reply = seller.send("PUT", "/v1/simulations/returns", change | {"status": "DELIVERED"})
    assert reply.json()["returnOrderLines"][0]["status"] == "DELIVERED"
    reply = seller.send("PUT", "/v1/simulations/returns", change | {"eventTag": "REFUND_ISSUED"})
    assert reply.json()["returnOrderLines"][0]["refundedQty"] == 2
    assert seller.send("PUT", "/v1/simulations/returns", change | {"status": "LOST"}).status_code == 400


def test_the_version_header_is_wanted(seller: Any) -> None:
    seller.headers["WM_SANDBOX"] = "v2"
    reply = seller.post("/v1/simulations/returns", {})
    assert reply.json()["errors"]["error"][0]["field"] == "WM_SVC.VERSION"
