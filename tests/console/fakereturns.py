"""Returns of the desk in memory."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from console.desk import Detail, Difference, FieldDiff, Jump, Passage

__all__ = ["returned", "returned_details"]


def returned(now: datetime) -> list[dict[str, Any]]:
    """One return that is open, one that is booked, one whose condition nobody knows, money without goods."""
    rows = [
        ("113-7702233-1180001", "D123456789RRMA", "return", 2, 2, "NO_LONGER_WANTED", "49.98", "", "open", 1),
        ("113-7702233-1180002", "LPNRR123456789", "return", 1, 1, "SELLABLE", "24.99", "RMA118", "booked", 9),
        ("1790012345678", "117012345678901", "return", 1, 1, "MELTED", "24.99", "", "blocked", 0),
        ("113-7702233-1180004", None, "money", 0, 0, None, "5.00", "", "open", 1),
    ]
    return [
        {
            "key": f"{'walmart' if order.startswith('17') else 'amazon'}.US|{order}|{return_id or ''}",
            "channel": f"{'walmart' if order.startswith('17') else 'amazon'}.US",
            "order": order,
            "return_id": return_id,
            "kind": kind,
            "units": units,
            "received": received,
            "disposition": disposition,
            "refunded": Decimal(refunded),
            "currency": "USD",
            "rma": rma or None,
            "credit": rma.replace("RMA", "CM") or None,
            "status": state,
            "since": now - timedelta(days=3),
            "rank": rank,
        }
        for order, return_id, kind, units, received, disposition, refunded, rma, state, rank in rows
    ]


def returned_details() -> dict[str, Detail]:
    """The drawer of a return: both sides and the chain."""
    sides = Difference(
        "amazon.US",
        "NetSuite",
        (FieldDiff("units back", "2", None), FieldDiff("given back USD", "49.98", None)),
    )
    chain = Passage("In NetSuite", "2026-11-10  invoice  INV7002  79.99", verbatim=True)
    jumps = (Jump("orders", key="x"),)
    return {
        "returns/*/sides": Detail("amazon.US D123456789RRMA", (sides,), jumps),
        "returns/*/chain": Detail("amazon.US D123456789RRMA", (chain,), jumps),
    }
