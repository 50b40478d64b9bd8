"""Walmart's payment statement: every figure is kept, and every identity is checked to the cent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sync.records import SettlementSummary, SettlementSummaryAmount
from sync.transport import read_json
from sync.walmart.settlements.statement import broken_identities, decode_statement

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
US = "walmart.US"


@pytest.fixture
def payload(shared: Path) -> dict[str, Any]:
    held: Any = read_json((shared / "vendors/walmart/examples/payment-reports.examples.json").read_bytes())
    found: dict[str, Any] = held["GET /v3/report/payment/statement"]["response 200 application/json"]["payload"]
    return found


def test_walmarts_statement_is_read_without_loss_and_holds_its_identities(payload: dict[str, Any]) -> None:
    document = decode_statement(payload, US, "USD", NOW)

    assert isinstance(document.record, SettlementSummary)
    assert (document.record.settlement_id, document.record.closing) == ("20221011", Decimal("2370.87"))
    assert document.record.state == "closed"
    figures = [
        v
        for part in (payload["accountSummary"], *payload["transactionDetails"].values())
        for v in part.values()
        if isinstance(v, int | Decimal)
    ]
    assert sorted(x.amount for x in document.lines if isinstance(x, SettlementSummaryAmount)) == sorted(figures)
    assert broken_identities(payload) == []


@pytest.mark.parametrize(
    ("part", "member", "name"),
    [
        ("saleAggregate", "netPayable", "sales add to their net"),
        ("saleAggregate", "commissionSavings", "commission of sales"),
        ("refundDetails", "productPrice", "refunds add to their net"),
        ("adjustmentAggregate", "netPayable", "order activity"),
        ("wfs", "wfsStorageFee", "WFS adds to its net"),
    ],
)
def test_a_cent_too_much_breaks_an_identity_by_its_name(
    payload: dict[str, Any], part: str, member: str, name: str
) -> None:
    payload["transactionDetails"][part][member] += Decimal("0.01")

    assert name in [found for found, _ in broken_identities(payload)]
    assert all("difference" in text for _, text in broken_identities(payload))


def test_a_closing_balance_that_does_not_close_is_named(payload: dict[str, Any]) -> None:
    payload["accountSummary"]["openingBalance"] = Decimal("0.01")

    assert [name for name, _ in broken_identities(payload)] == ["closing balance"]


@pytest.mark.parametrize("missing", ["scheduledSettlementDate", "closingBalance"])
def test_a_statement_that_no_record_can_hold_says_what_it_lacks(payload: dict[str, Any], missing: str) -> None:
    del payload["accountSummary"][missing]

    with pytest.raises(ValueError, match="the statement"):
        decode_statement(payload, US, "USD", NOW)
