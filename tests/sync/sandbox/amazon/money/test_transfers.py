"""Payouts: what was transferred, what failed, what is expected, and a payout on demand."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

ROOT = "/finances/transfers/2024-06-01"
US = "ATVPDKIKX0DER"


def payouts(seller: Seller, **query: str) -> list[dict[str, Any]]:
    return list(json.loads(seller.get(f"{ROOT}/payouts", **query).text, parse_float=Decimal)["payouts"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/payouts", {"marketplaceIds": "X"}),
        ("/payouts", {"createdAfter": "soon"}),
        ("/payouts", {"nextToken": "made-up"}),
        ("/payouts/expected", {"marketplaceIds": "X"}),
        ("/paymentMethods", {}),
        ("/paymentMethods", {"marketplaceId": US, "paymentMethodTypes": "CASH"}),
    ],
)
def test_a_call_that_breaks_a_rule_is_400(seller: Seller, path: str, query: dict[str, str]) -> None:
    assert seller.get(ROOT + path, **query).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"marketplaceId": "X", "accountType": "Standard Orders"},
        {"marketplaceId": US, "accountType": "Invoiced Orders"},
    ],
)
def test_a_payout_of_nobody_s_money_is_refused(seller: Seller, body: dict[str, str]) -> None:
    assert seller.post(f"{ROOT}/payouts", body).status_code == 400


def test_a_transfer_that_failed_is_made_again(seller: Seller) -> None:
    by_settlement: dict[str, list[dict[str, Any]]] = {}
    for payout in payouts(seller, marketplaceIds=US):
        by_settlement.setdefault(payout["relatedIdentifiers"][0]["relatedIdentifierValue"], []).append(payout)
    twice = [rows for rows in by_settlement.values() if len(rows) == 2]
    assert [sorted(p["currentStatus"] for p in rows) for rows in twice] == [["FAILED", "PAID"]]
    failed = next(p for p in twice[0] if p["currentStatus"] == "FAILED")
    assert failed["statusHistory"][-1]["failureReason"]
    assert twice[0][0]["amount"] == twice[0][1]["amount"]


def test_payouts_are_paged_by_nothing_but_filters(seller: Seller) -> None:
    everything = payouts(seller)
    one = payouts(seller, payoutId=everything[3]["id"])
    assert one == [everything[3]]
    newer = payouts(seller, createdAfter="2026-11-01T00:00:00Z")
    assert newer
    assert {p["id"] for p in newer} < {p["id"] for p in everything}


def test_the_expected_payout_is_the_open_period_s_money(seller: Seller) -> None:
    text = seller.get(f"{ROOT}/payouts/expected", marketplaceIds=US).text
    (expected,) = json.loads(text, parse_float=Decimal)["expectedPayouts"]
    assert expected["status"] == "SCHEDULED"
    assert expected["amount"]["currencyAmount"] == seller.world.open_period("amazon.US", seller.clock.now()).total


def test_a_payment_method_is_a_bank_account(seller: Seller) -> None:
    (method,) = seller.get(f"{ROOT}/paymentMethods", marketplaceId=US).json()["paymentMethods"]
    assert (method["paymentMethodType"], method["countryCode"]) == ("BANK_ACCOUNT", "US")
    assert seller.get(f"{ROOT}/paymentMethods", marketplaceId=US, paymentMethodTypes="CARD").json() == {
        "paymentMethods": []
    }


def test_a_payout_on_demand_closes_the_period_now(own_seller: Seller) -> None:
    seller = own_seller
    owed = seller.world.open_period("amazon.US", seller.clock.now()).total
    body = {"marketplaceId": US, "accountType": "Standard Orders"}
    answer = seller.post(f"{ROOT}/payouts", body)
    assert (answer.status_code, bool(answer.json()["payoutReferenceId"])) == (200, True)
    seller.clock.advance(60)
    newest = payouts(seller, marketplaceIds=US)[0]
    assert (newest["type"], newest["currentStatus"]) == ("ON_DEMAND", "STARTED")
    assert newest["amount"]["currencyAmount"] <= owed
    assert seller.post(f"{ROOT}/payouts", body).status_code == 400
    seller.clock.advance(3 * 86400)
    seller.log_in()
    assert payouts(seller, payoutId=newest["id"])[0]["currentStatus"] == "PAID"
