"""What an order says of its refunds: what cannot be read first, then each refund of a line, positive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sync.records import ChannelRefund
from sync.streams import Document, Quarantined
from sync.walmart.orders.refunds import decode_refunds

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def charge(kind: str, amount: str, tax: str = "0.00", currency: str = "USD") -> dict[str, Any]:
    held = {"taxName": "Tax", "taxAmount": {"currency": currency, "amount": Decimal(tax)}}
    money = {"currency": currency, "amount": Decimal(amount)}
    return {
        "refundReason": "Customer returned item",
        "charge": {"chargeType": kind, "chargeName": kind.title(), "chargeAmount": money, "tax": held},
    }


def decoded(order: Callable[..., dict[str, Any]], *charges: dict[str, Any]) -> list[Document | Quarantined]:
    raw = order(1, NOW)
    line = raw["orderLines"]["orderLine"][0]
    line["refund"] = {"refundId": None, "refundComments": "RMA-1", "refundCharges": {"refundCharge": list(charges)}}
    return decode_refunds(raw, "walmart.US")


def records(found: list[Document | Quarantined]) -> list[ChannelRefund]:
    assert all(isinstance(f, Document) for f in found), found
    return [f.record for f in found if isinstance(f, Document) and isinstance(f.record, ChannelRefund)]


def test_a_refund_in_two_currencies_is_set_aside(order: Callable[..., dict[str, Any]]) -> None:
    (bad,) = decoded(order, charge("PRODUCT", "-5.00"), charge("SHIPPING", "-1.00", currency="CAD"))
    assert isinstance(bad, Quarantined)
    assert "mixes currencies: CAD, USD" in bad.reason


def test_an_order_without_refunds_tells_of_none(order: Callable[..., dict[str, Any]]) -> None:
    assert decode_refunds(order(1, NOW), "walmart.US") == []


def test_a_charge_that_is_new_to_us_is_kept_with_its_name(order: Callable[..., dict[str, Any]]) -> None:
    (one,) = records(decoded(order, charge("PRODUCT", "-5.00", "-0.40"), charge("FEE", "-2.00", "-0.10")))
    assert (one.goods, one.goods_tax, one.other, one.other_charges) == (
        Decimal("5.00"),
        Decimal("0.40"),
        Decimal("2.10"),
        "FEE",
    )


@pytest.mark.parametrize("again", [False, True])
def test_a_charge_type_that_comes_again_begins_another_refund(
    order: Callable[..., dict[str, Any]], again: bool
) -> None:
    charges = [charge("PRODUCT", "-5.00"), charge("SHIPPING", "-1.00", "-0.08")]
    found = records(decoded(order, *charges, *([charge("PRODUCT", "-7.00")] if again else [])))
    assert [(r.refund_id.rpartition("/")[2], r.goods, r.shipping) for r in found] == [
        ("1", Decimal("5.00"), Decimal("1.00")),
        *([("2", Decimal("7.00"), Decimal(0))] if again else []),
    ]
