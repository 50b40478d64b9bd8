"""Settlements of further European marketplaces: one each, in parallel with the German one, with ids of their own."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sync.sandbox.world.model import LedgerLine, Settlement

__all__ = ["PARALLEL", "parallel_settlement"]

#: marketplace id -> (name, days of its period, a sale, the commission of it)
PARALLEL = {
    "A13V1IB3VIYZZH": ("Amazon.fr", 7, Decimal("42.90"), Decimal("-6.44")),
    "APJ6JRA9NG5V4": ("Amazon.it", 11, Decimal("18.50"), Decimal("-2.78")),
}


def parallel_settlement(german: Settlement, marketplace_id: str) -> Settlement:
    """Return the settlement of another marketplace that overlaps a German one in time."""
    name, days, sale, commission = PARALLEL[marketplace_id]
    number = 1 + list(PARALLEL).index(marketplace_id)
    start = german.end - timedelta(days=days)
    like = LedgerLine(
        transaction_type="Order",
        amount_type="ItemPrice",
        description="Principal",
        amount=sale,
        posted_at=start + timedelta(days=2),
        order_id=f"40{number}-5550100-555010{number}",
        marketplace=name,
        fulfilled_by="channel",
        line_id=f"5550100555010{number}",
        sku=german.lines[-1].sku or "ACM-KBD-02",
        quantity=1,
    )
    fee = replace(like, amount_type="ItemFees", description="Commission", amount=commission)
    lines = (like, fee)
    return replace(
        german,
        settlement_id=str(int(german.settlement_id) + number),
        report_id=str(int(german.report_id) + number),
        document_id=f"amzn1.spdoc.1.4.eu.{uuid.uuid5(uuid.NAMESPACE_OID, german.document_id + name)}.TPARALLEL.2651",
        start=start,
        total=sale + commission,
        lines=lines,
        opening_reserve=Decimal(0),
        closing_reserve=Decimal(0),
    )
