"""One ledger behind settlement reports, transactions, summaries, balances and payouts: the same money, to the cent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.sync.sandbox.amazon.conftest import Seller

TRANSACTIONS = "/finances/2024-06-19/transactions"
BALANCES = "/finances/2024-06-19/balances"
SUMMARY = "/finances/2024-06-19/summary"
PAYOUTS = "/finances/transfers/2024-06-01/payouts"
US, DE = "ATVPDKIKX0DER", "A1PA6795UKMFR9"
MARKETS = [("amazon.US", US), ("amazon.DE", DE)]


def exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def transactions(seller: Seller, **query: str) -> list[dict[str, Any]]:
    """Return the transactions of all pages."""
    found: list[dict[str, Any]] = []
    token: dict[str, str] = {}
    while True:
        payload = exact(seller.get(TRANSACTIONS, **query, **token).text)["payload"]
        found += payload["transactions"]
        if "nextToken" not in payload:
            return found
        token = {"nextToken": payload["nextToken"]}


def amount(money: dict[str, Any]) -> Decimal:
    assert isinstance(money["currencyAmount"], Decimal)
    return money["currencyAmount"]


def leaves(breakdowns: list[dict[str, Any]]) -> Decimal:
    """Return the sum of the leaves of a tree, each level of which must add up."""
    total = Decimal(0)
    for branch in breakdowns:
        below = leaves(branch["breakdowns"]) if branch["breakdowns"] else amount(branch["breakdownAmount"])
        assert below == amount(branch["breakdownAmount"])
        total += below
    return total


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"postedAfter": "2026-11-20T08:58:01Z"},
        {"postedAfter": "yesterday"},
        {"postedAfter": "2026-11-01"},
        {"postedAfter": "2026-11-01T00:00:00Z", "postedBefore": "2026-10-01T00:00:00Z"},
        {"postedAfter": "2026-11-01T00:00:00Z", "postedBefore": "2026-11-20T08:59:00Z"},
        {"relatedIdentifierName": "ORDER_ID"},
        {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "1"},
        {"postedAfter": "2026-11-01T00:00:00Z", "transactionStatus": "PAID"},
        {"postedAfter": "2026-11-01T00:00:00Z", "marketplaceId": "X"},
        {"postedAfter": "2026-11-01T00:00:00Z", "nextToken": "made-up"},
    ],
)
def test_a_search_for_transactions_that_breaks_a_rule_is_400(seller: Seller, query: dict[str, str]) -> None:
    assert seller.get(TRANSACTIONS, **query).json()["errors"][0]["code"] == "InvalidInput"


def test_a_token_with_other_arguments_is_400(seller: Seller) -> None:
    first = seller.get(TRANSACTIONS, postedAfter="2026-10-01T00:00:00Z").json()["payload"]
    token = first["nextToken"]
    assert seller.get(TRANSACTIONS, postedAfter="2026-10-02T00:00:00Z", nextToken=token).status_code == 400
    assert seller.get(TRANSACTIONS, postedAfter="2026-10-01T00:00:00Z", nextToken=token).status_code == 200


def test_more_than_180_days_answer_nothing(seller: Seller) -> None:
    assert transactions(seller, postedAfter="2026-01-01T00:00:00Z") == []
    assert transactions(seller, postedAfter="2026-06-01T00:00:00Z") != []


@pytest.mark.proves("A20")
def test_an_empty_page_with_a_token_loses_no_transaction(seller: Seller) -> None:
    whole = transactions(seller, postedAfter="2026-11-10T00:00:00Z")
    seller.goes_wrong("A20")
    first = seller.get(TRANSACTIONS, postedAfter="2026-11-10T00:00:00Z").json()["payload"]
    assert first["transactions"] == []
    rest = seller.get(TRANSACTIONS, postedAfter="2026-11-10T00:00:00Z", nextToken=first["nextToken"]).text
    assert exact(rest)["payload"]["transactions"] == whole[:100]


@pytest.mark.parametrize(("channel", "market"), MARKETS)
def test_a_settlement_is_the_same_money_four_ways(seller: Seller, channel: str, market: str) -> None:
    """The report's lines, the transactions of its group, its summary and its payout."""
    seller.limits.enabled = False
    settlements = seller.world.settlements_of(channel, seller.clock.now())
    groups: dict[str, Decimal] = {}
    for one in transactions(seller, postedAfter="2026-06-01T00:00:00Z", marketplaceId=market):
        related = {r["relatedIdentifierName"]: r["relatedIdentifierValue"] for r in one["relatedIdentifiers"]}
        key = related.get("SETTLEMENT_ID", "open")
        groups[key] = groups.get(key, Decimal(0)) + amount(one["totalAmount"])
    summaries = exact(seller.get(SUMMARY, marketplaceIds=market).text)["summaries"]
    payouts = exact(seller.get(PAYOUTS, marketplaceIds=market).text)["payouts"]
    paid = {
        p["relatedIdentifiers"][0]["relatedIdentifierValue"]: amount(p["amount"])
        for p in payouts
        if p["currentStatus"] == "PAID"
    }
    assert len(settlements) == len(summaries) == 8
    for settlement, summary in zip(settlements, summaries, strict=True):
        assert summary["relatedIdentifiers"][0]["relatedIdentifierValue"] == settlement.settlement_id
        assert sum(line.amount for line in settlement.lines) == settlement.total
        assert groups[settlement.settlement_id] == settlement.total
        assert amount(summary["netProceeds"]) == leaves(summary["breakdowns"]) == settlement.total
        assert paid.get(settlement.settlement_id) == (settlement.total if settlement.total > 0 else None)
    assert any(s.total < 0 for s in settlements) is (channel == "amazon.DE")


@pytest.mark.proves("A69")
def test_the_parts_of_a_transaction_add_up_to_it_and_are_exact_numbers(seller: Seller) -> None:
    found = transactions(seller, postedAfter="2026-11-01T00:00:00Z", marketplaceId=US)
    assert len(found) > 20
    for one in found:
        assert leaves(one["breakdowns"]) == amount(one["totalAmount"])
        if "items" in one:
            assert sum(amount(item["totalAmount"]) for item in one["items"]) == amount(one["totalAmount"])
            for item in one["items"]:
                assert leaves(item["breakdowns"]) == amount(item["totalAmount"])
                assert item["contexts"][0]["contextType"] == "ProductContext"


@pytest.mark.proves("A70")
def test_amounts_can_come_as_strings(seller: Seller) -> None:
    seller.goes_wrong("A70")
    payload = seller.get(TRANSACTIONS, postedAfter="2026-11-10T00:00:00Z").json()["payload"]
    assert {type(t["totalAmount"]["currencyAmount"]) for t in payload["transactions"]} == {str}


@pytest.mark.proves("A71")
def test_yen_have_no_decimals(seller: Seller) -> None:
    seller.goes_wrong("A71")
    text = seller.get(TRANSACTIONS, postedAfter="2026-11-10T00:00:00Z").text
    amounts = [t["totalAmount"] for t in exact(text)["payload"]["transactions"]]
    assert {a["currencyCode"] for a in amounts} == {"JPY"}
    assert {type(a["currencyAmount"]) for a in amounts} == {int}


def test_an_order_and_a_group_can_be_asked_for_alone(seller: Seller) -> None:
    found = transactions(seller, postedAfter="2026-10-01T00:00:00Z", marketplaceId=US)
    shipped = next(t for t in found if t["transactionType"] == "Shipment")
    related = {r["relatedIdentifierName"]: r["relatedIdentifierValue"] for r in shipped["relatedIdentifiers"]}
    for name in ("ORDER_ID", "FINANCIAL_EVENT_GROUP_ID"):
        own = transactions(seller, relatedIdentifierName=name, relatedIdentifierValue=related[name])
        assert shipped["transactionId"] in {t["transactionId"] for t in own}
        for one in own:
            assert {"relatedIdentifierName": name, "relatedIdentifierValue": related[name]} in one["relatedIdentifiers"]


def test_every_transaction_has_one_status_and_a_deferred_one_says_until_when(seller: Seller) -> None:
    seller.limits.enabled = False
    by_status = {
        status: transactions(seller, postedAfter="2026-06-01T00:00:00Z", transactionStatus=status)
        for status in ("DEFERRED", "RELEASED", "DEFERRED_RELEASED")
    }
    assert by_status["DEFERRED"]
    assert {t["contexts"][0]["deferralReason"] for t in by_status["DEFERRED"]} == {"DD7"}
    seller.clock.advance(9 * 86400)
    seller.log_in()
    later = transactions(seller, postedAfter="2026-06-10T00:00:00Z", transactionStatus="DEFERRED_RELEASED")
    first = by_status["DEFERRED"][0]["transactionId"]
    assert first in {t["transactionId"] for t in later}


def test_transactions_appear_two_days_after_they_were_posted(seller: Seller) -> None:
    found = transactions(seller, postedAfter="2026-11-17T18:00:00Z")
    assert max(t["postedDate"] for t in found) <= "2026-11-18T09:00:00Z"


def test_balances_nest_and_add_up_to_the_open_period(seller: Seller) -> None:
    for (channel, _), total in zip(MARKETS, exact(seller.get(BALANCES).text)["balances"], strict=True):
        available, reserved = total["balances"]
        deferred, held = reserved["balances"]
        running = seller.world.open_period(channel, seller.clock.now())
        assert amount(total["amount"]) == amount(available["amount"]) + amount(reserved["amount"]) == running.total
        assert amount(reserved["amount"]) == amount(deferred["amount"]) + amount(held["amount"])
        one = exact(
            seller.get(BALANCES, balanceType="DEFERRED", marketplaceIds=total["partnerMetadata"]["marketplaceId"]).text
        )
        assert one["balances"][0]["amount"] == deferred["amount"]


@pytest.mark.parametrize(
    "query",
    [
        {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "1"},
        {"relatedIdentifierName": "SETTLEMENT_ID"},
        {"periodStart": "soon"},
        {"marketplaceIds": "X"},
    ],
)
def test_a_search_for_summaries_that_breaks_a_rule_is_400(seller: Seller, query: dict[str, str]) -> None:
    assert seller.get(SUMMARY, **query).status_code == 400


def test_one_settlement_has_one_summary(seller: Seller) -> None:
    wanted = seller.world.settlements_of("amazon.DE")[3].settlement_id
    query = {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": wanted}
    summaries = exact(seller.get(SUMMARY, **query).text)["summaries"]
    assert [amount(s["netProceeds"]) for s in summaries] == [seller.world.settlements_of("amazon.DE")[3].total]


def test_a_new_settlement_closes_with_the_clock_and_keeps_its_transactions(seller: Seller) -> None:
    def open_ids() -> set[str]:
        rows = transactions(seller, postedAfter="2026-11-17T17:00:01Z", marketplaceId=US)
        return {t["transactionId"] for t in rows}

    before = open_ids()
    seller.clock.advance(13 * 86400)
    seller.log_in()
    assert len(exact(seller.get(SUMMARY, marketplaceIds=US).text)["summaries"]) == 9
    assert before
    assert before <= open_ids()
