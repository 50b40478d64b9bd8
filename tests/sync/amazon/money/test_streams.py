"""The ledger, balances, payouts and sums of settlements (finances 2024-06-19, transfers 2024-06-01)."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync.amazon.money.balances import BalanceStream
from sync.amazon.money.ledger import LedgerStream, decode_transaction
from sync.amazon.money.summaries import SummaryStream
from sync.amazon.money.transfers import PayoutStream, decode_expected, decode_payout
from sync.amazon.pages import Unreadable, amount_of
from sync.amazon.settlements.ids import SettlementIds
from sync.errors import ContractBroken
from tests.sync.amazon.scripted import DE, JP, NOW, US, Scripted, documents, quarantined, refused

TRANSACTIONS = "/finances/2024-06-19/transactions"
BALANCES = "/finances/2024-06-19/balances"
SUMMARY = "/finances/2024-06-19/summary"
PAYOUTS = "/finances/transfers/2024-06-01/payouts"


def money(amount: str, currency: str = "USD") -> dict[str, Any]:
    return {"currencyAmount": Decimal(amount), "currencyCode": currency}


def leaf(kind: str, amount: str, *parts: Any) -> dict[str, Any]:
    return {"breakdownType": kind, "breakdownAmount": money(amount), "breakdowns": list(parts)}


def event(**more: Any) -> dict[str, Any]:
    return {
        "transactionId": "T1",
        "transactionType": "Shipment",
        "transactionStatus": "RELEASED",
        "postedDate": "2026-11-10T10:00:00Z",
        "totalAmount": money("17.00"),
        "relatedIdentifiers": [
            {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "113-1"},
            {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "99"},
        ],
        "marketplaceDetails": {"marketplaceId": US.marketplace_id, "marketplaceName": "Amazon.com"},
        **more,
    }


def wire(body: Any) -> bytes:
    """Write Decimals as plain JSON numbers, as Amazon does."""

    def plain(value: Any) -> str:
        if isinstance(value, Decimal):
            return str(value)
        if isinstance(value, dict):
            return "{" + ",".join(f"{json.dumps(k)}:{plain(v)}" for k, v in value.items()) + "}"
        return "[" + ",".join(map(plain, value)) + "]" if isinstance(value, list) else json.dumps(value)

    return plain(body).encode()


def ledger_of(vendor: Scripted, shop: Any = US, days: int = 10) -> LedgerStream:
    return LedgerStream(vendor.client, shop, vendor.clock, NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"transactionId": None}, "no transactionId"),
        ({"totalAmount": None}, "totalAmount is no amount"),
        ({"totalAmount": {"currencyAmount": 1, "currencyCode": None}}, "no currency"),
        ({"totalAmount": {"currencyAmount": True, "currencyCode": "USD"}}, "no amount"),
        ({"totalAmount": {"currencyAmount": "1.005", "currencyCode": "USD"}}, "finer than the smallest coin"),
        ({"postedDate": "yesterday"}, "no time"),
        ({"breakdowns": [leaf("Sales", "16.99")]}, "the parts add to 16.99 USD, the event's total is 17.00"),
        ({"breakdowns": "none"}, "no list"),
        ({"breakdowns": [{"breakdownType": "Sales"}]}, "Sales is no amount"),
        ({"items": ["x"]}, "items is no list of objects"),
    ],
)
def test_an_event_that_cannot_be_trusted_is_refused(change: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        decode_transaction(event(**change), US)


def test_the_leaves_are_named_by_their_path_and_add_to_the_total() -> None:
    items = [
        {
            "totalAmount": money("17.00"),
            "contexts": [{"contextType": "Product", "sku": "MUG", "quantityShipped": 2}],
            "breakdowns": [
                leaf("Sales", "20.00", leaf("ProductCharges", "25.00"), leaf("Promotions", "-5.00")),
                leaf("Expenses", "-3.00"),
            ],
        }
    ]

    record, lines = decode_transaction(event(items=items, breakdowns=[leaf("Sales", "20.00"), leaf("X", "-3.00")]), DE)

    assert (record.channel, record.order_id, record.settlement_id) == ("amazon.US", "113-1", "99")
    assert [(x.category, x.amount, x.sku, x.quantity) for x in lines] == [
        ("Sales/ProductCharges", Decimal("25.00"), "MUG", 2),
        ("Sales/Promotions", Decimal("-5.00"), "MUG", 2),
        ("Expenses", Decimal("-3.00"), "MUG", 2),
    ]


def test_items_that_do_not_add_up_give_way_to_the_events_own_parts() -> None:
    items = [{"totalAmount": money("20.00")}]

    _, lines = decode_transaction(event(items=items, breakdowns=[leaf("Sales", "20.00"), leaf("Fees", "-3.00")]), US)
    assert [x.category for x in lines] == ["Sales", "Fees"]

    _, lines = decode_transaction(event(items=items, breakdowns=[leaf("Fees", "-3.00")]), US)
    assert [x.amount for x in lines] == [Decimal("20.00"), Decimal("-3.00")]


def test_an_event_without_parts_is_its_own_leaf() -> None:
    _, (line,) = decode_transaction(event(transactionType="Transfer"), US)

    assert (line.category, line.amount) == ("Transfer", Decimal("17.00"))


def test_a_deferred_event_says_when_it_matures() -> None:
    contexts = [{"contextType": "DeferredContext", "deferralReason": "DD7", "maturityDate": "2026-11-25T00:00:00Z"}]

    record, _ = decode_transaction(event(transactionStatus="DEFERRED", contexts=contexts), US)

    assert record.state == "deferred"
    assert record.matures_at is not None
    assert record.matures_at.day == 25


@pytest.mark.proves("A69", "A70", "A71")
def test_amounts_are_exact_in_every_shape() -> None:
    assert amount_of(money("1234567890.10"), "x") == (Decimal("1234567890.10"), "USD")
    assert amount_of({"amount": "12.34", "currencyCode": "USD"}, "x") == (Decimal("12.34"), "USD")
    assert amount_of({"CurrencyAmount": 12, "CurrencyCode": "USD"}, "x") == (Decimal(12), "USD")
    assert amount_of({"Amount": "1980", "CurrencyCode": "JPY"}, "x") == (Decimal(1980), "JPY")
    with pytest.raises(Unreadable, match="finer"):
        amount_of({"amount": "19.80", "currencyCode": JP.currency}, "x")


@pytest.mark.proves("A69")
async def test_a_number_goes_from_the_wire_to_the_record_without_a_float(vendor: Scripted) -> None:
    body = {"payload": {"transactions": [event(totalAmount=money("1234567890123.10"))]}}
    vendor.on("GET", TRANSACTIONS, wire(body))

    (document,) = documents(await vendor.pull(ledger_of(vendor)))

    assert str(document.record.total) == "1234567890123.10"


@pytest.mark.proves("A20")
async def test_an_empty_page_with_a_token_goes_on(vendor: Scripted) -> None:
    vendor.on(
        "GET",
        TRANSACTIONS,
        {"payload": {"transactions": [], "nextToken": "n1"}},
        {"payload": {"transactions": None, "nextToken": "n2"}},
        wire({"payload": {"transactions": event()}}),
    )

    batches = await vendor.pull(ledger_of(vendor))

    assert len(documents(batches)) == 1
    asked = vendor.requests("GET", TRANSACTIONS)
    assert [a.query.get("nextToken") for a in asked] == [None, "n1", "n2"]
    same = [{k: v for k, v in a.query.items() if k != "nextToken"} for a in asked]
    assert same[0] == same[1] == same[2]


async def test_the_ledger_is_read_in_windows_of_180_days_at_most(vendor: Scripted) -> None:
    vendor.on("GET", TRANSACTIONS, {"payload": {"transactions": []}})

    batches = await vendor.pull(ledger_of(vendor, days=400))

    covered = [b.covered for b in batches if b.covered]
    assert len(covered) == 3
    assert all(w.end - w.start <= timedelta(days=180) for w in covered)
    assert covered[-1].end < NOW - timedelta(minutes=2)


async def test_the_last_two_days_are_read_again(vendor: Scripted) -> None:
    vendor.on("GET", TRANSACTIONS, {"payload": {"transactions": []}})
    first = await vendor.pull(ledger_of(vendor))
    vendor.clock.advance(3600)
    await vendor.pull(ledger_of(vendor), first[-1].cursor)

    assert vendor.requests("GET", TRANSACTIONS)[-1].query["postedAfter"] == "2026-11-18T08:57:30Z"


async def test_the_us_ledger_names_no_marketplace_and_others_do(vendor: Scripted) -> None:
    vendor.on("GET", TRANSACTIONS, {"payload": {"transactions": []}})
    await vendor.pull(ledger_of(vendor))
    await vendor.pull(ledger_of(vendor, DE))

    assert [a.query.get("marketplaceId") for a in vendor.requests("GET", TRANSACTIONS)] == [None, DE.marketplace_id]


async def test_one_event_that_does_not_add_up_is_set_aside(vendor: Scripted) -> None:
    bad = event(transactionId="T2", breakdowns=[leaf("Sales", "1.00")])
    vendor.on("GET", TRANSACTIONS, wire({"payload": {"transactions": [event(), bad, "x"]}}))

    batches = await vendor.pull(ledger_of(vendor))

    assert [d.record.transaction_id for d in documents(batches)] == ["T1"]
    assert [q.key for b in batches for q in b.quarantined] == ["T2", "#2"]


def test_the_models_own_examples_are_read(shared: Path) -> None:
    model = json.loads(
        (shared / "vendors/amazon/models/transfers_2024-06-01.json").read_text(encoding="utf-8"), parse_float=Decimal
    )

    def example(path: str) -> Any:
        answer = model["paths"][path]["get"]["responses"]["200"]
        return answer["x-amzn-api-sandbox"]["static"][0]["response"]

    payout = decode_payout(example("/finances/transfers/2024-06-01/payouts")["payouts"][0], US)
    expected = decode_expected(example("/finances/transfers/2024-06-01/payouts/expected")["expectedPayouts"][0], US)
    assert (payout.amount, payout.state, payout.trace_id, payout.settlement_id) == (
        Decimal("1250.75"),
        "paid",
        "4B03616UONXSAWP",
        "11888387941",
    )
    assert payout.paid_at is not None
    assert (expected.amount, expected.state, expected.payout_id) == (Decimal("2547.89"), "expected", "expected")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("STARTED", "initiated"),
        ("IN_TRANSIT", "initiated"),
        ("PAID", "paid"),
        ("FAILED", "failed"),
        ("CANCELLED", "failed"),
        ("NO_PAYOUT", "unknown"),
        ("NEW_WORD", "unknown"),
    ],
)
def test_a_payouts_state_is_ours_and_amazons_word_is_kept(status: str, state: str) -> None:
    payout = decode_payout({"id": "P", "currentStatus": status, "amount": money("5.00")}, US)

    assert (payout.state, payout.vendor_state) == (state, status)


async def test_payouts_come_with_what_is_expected_and_name_their_settlements(vendor: Scripted) -> None:
    ids = SettlementIds()
    related = [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": "77"}]
    good = {"id": "P1", "currentStatus": "PAID", "amount": money("5.00"), "relatedIdentifiers": related}
    vendor.on(
        "GET", f"{PAYOUTS}/expected", wire({"expectedPayouts": [{"status": "SCHEDULED", "amount": money("9.00")}]})
    )
    vendor.on("GET", PAYOUTS, wire({"payouts": [good, {"id": "P2", "currentStatus": "PAID"}]}))

    stream = PayoutStream(vendor.client, US, vendor.clock, NOW - timedelta(days=9), ids)
    batches = await vendor.pull(stream)

    assert [d.record.payout_id for d in documents(batches)] == ["expected", "P1"]
    assert "amount is no amount" in quarantined(batches)[0]
    assert ids.of("amazon.US") == {"77"}


async def test_balances_are_taken_apart_and_account_types_added(vendor: Scripted) -> None:
    parts = [
        {"balanceType": "AVAILABLE", "amount": money("80.00")},
        {"balanceType": "RESERVED", "amount": money("20.00"), "balances": [
            {"balanceType": "DEFERRED", "amount": money("25.00")},
            {"balanceType": "ACCOUNT_LEVEL_RESERVE", "amount": money("-5.00")},
        ]},
    ]  # fmt: skip
    first = {"balanceType": "TOTAL", "amount": money("100.00"), "balances": parts}
    second = {"balanceType": "TOTAL", "amount": money("7.00")}
    vendor.on(
        "GET",
        BALANCES,
        wire({"balances": [first], "nextToken": "n"}),
        wire({"balances": [second, {"balanceType": "TOTAL"}]}),
    )

    batches = await vendor.pull(BalanceStream(vendor.client, US, vendor.clock))

    assert {d.record.kind: d.record.amount for d in documents(batches)} == {
        "total": Decimal("107.00"),
        "available": Decimal("80.00"),
        "reserved": Decimal("20.00"),
        "deferred": Decimal("25.00"),
        "reserve": Decimal("-5.00"),
    }
    assert len(quarantined(batches)) == 1


async def test_a_settlements_sum_is_read_until_a_week_after_its_end(vendor: Scripted) -> None:
    body = {
        "summaries": [
            {
                "netProceeds": money("8.00"),
                "periodStart": "2026-11-01T00:00:00Z",
                "periodEnd": "2026-11-15",
                "breakdowns": [leaf("Sales", "9.00"), leaf("Expenses", "-1.00")],
            }
        ]
    }
    vendor.on("GET", SUMMARY, wire(body))
    stream = SummaryStream(vendor.client, US, vendor.clock, known=lambda _: ["77"])

    first = await vendor.pull(stream)
    vendor.clock.advance(3 * 86400)
    second = await vendor.pull(stream, first[-1].cursor)
    third = await vendor.pull(stream, second[-1].cursor)

    (record,) = [d.record for d in documents(first)]
    assert (record.total, record.state, record.source) == (Decimal("8.00"), "closed", "finances")
    assert (len(documents(second)), len(documents(third))) == (1, 0)
    asked = vendor.requests("GET", SUMMARY)
    assert len(asked) == 2
    assert asked[0].query["relatedIdentifierValue"] == "77"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (refused("NotFound", "unknown", 404), "no sum of it"),
        (wire({"summaries": [{"netProceeds": money("8.00"), "breakdowns": [leaf("Sales", "9.00")]}]}), "parts add to"),
        (wire({"summaries": [{"netProceeds": money("8.00")}, {"netProceeds": money("8.00")}]}), "2 sums"),
    ],
)
async def test_a_sum_that_is_none_is_set_aside_and_asked_for_again(vendor: Scripted, answer: Any, why: str) -> None:
    vendor.on("GET", SUMMARY, answer)
    stream = SummaryStream(vendor.client, US, vendor.clock, known=lambda _: ["77"])

    batches = await vendor.pull(stream)

    assert why in quarantined(batches)[0]
    assert batches[-1].cursor["open"] == ["77"]


async def test_a_sum_that_is_not_there_yet_stays_open(vendor: Scripted) -> None:
    vendor.on("GET", SUMMARY, {"summaries": []})
    ids = SettlementIds()
    ids.add("amazon.US", "88")

    batches = await vendor.pull(SummaryStream(vendor.client, US, vendor.clock, ids))

    assert batches[-1].cursor["open"] == ["88"]
    assert quarantined(batches) == []


@pytest.mark.parametrize("answer", [{}, {"payload": {}}, {"payload": {"transactions": "x"}}, [], "<html>"])
async def test_an_answer_of_another_shape_is_a_broken_contract(vendor: Scripted, answer: Any) -> None:
    vendor.on("GET", TRANSACTIONS, json.dumps(answer).encode())

    with pytest.raises(ContractBroken, match="no list of transactions"):
        await vendor.pull(ledger_of(vendor))


def test_a_refund_in_the_ledger_keeps_the_id_by_which_a_settlement_names_it() -> None:
    related = [
        {"relatedIdentifierName": "ORDER_ID", "relatedIdentifierValue": "113-1"},
        {"relatedIdentifierName": "REFUND_ID", "relatedIdentifierValue": "amzn1:crow:00aa"},
    ]
    record, _ = decode_transaction(event(transactionType="Refund", relatedIdentifiers=related), US)
    assert record.refund_id == "amzn1:crow:00aa"
    assert decode_transaction(event(), US)[0].refund_id is None
