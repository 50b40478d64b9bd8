"""Rows of the lists of a company in the middle of its day, as the console's tests show them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from console.views.rows import Value

NOW = datetime(2026, 11, 21, 14, 2, 31, tzinfo=UTC)


def ago(**parts: int) -> datetime:
    return NOW - timedelta(**parts)


def discrepancies() -> list[dict[str, Value]]:
    def one(
        number: int, control: str, channel: str, record: str, erp: str | None, diff: str | None
    ) -> dict[str, Value]:
        severity = ("high", "med", "low")[number % 3]
        return {
            "key": f"d{number}",
            "severity": severity,
            "control": control,
            "channel": channel,
            "record": record,
            "cause": erp or control,
            "diff": Decimal(diff) if diff else None,
            "currency": "USD",
            "since": ago(hours=number * 7 + 1),
            "status": "open",
        }

    return [
        one(0, "order missing in NetSuite", "amazon.US", "113-7702233-1180", None, "-129.00"),
        one(1, "settlement gap", "amazon.US", "18837465521", None, "-14.50"),
        one(2, "quantity differs", "walmart.US", "WM-SKU-0042", "ITEM-1881", "-4") | {"currency": None},
        one(3, "price differs", "amazon.US", "B0C7-RED-M", "ITEM-2210", "-1.00"),
        one(4, "unmapped SKU", "walmart.US", "SKU-NEW-77", None, None),
        one(5, "tracking late", "walmart.US", "10888812345", "SO-55121", None),
    ]


def queue() -> list[dict[str, Value]]:
    return [
        {
            "key": "o1",
            "status": "failed",
            "operation": "netsuite sales order",
            "target": "AMZ-113-7702233-1180",
            "attempts": 3,
            "next_at": None,
            "error": "rejected 400 INVALID_KEY_OR_REF item B0C7-RED-M",
            "changed_at": ago(hours=4),
        },
        {
            "key": "o2",
            "status": "waiting",
            "operation": "walmart shipment",
            "target": "WM-10888812345",
            "attempts": 1,
            "next_at": NOW + timedelta(seconds=40),
            "error": "throttled 429",
            "changed_at": ago(minutes=2),
        },
    ]


def settlements() -> list[dict[str, Value]]:
    return [
        {
            "key": "amazon.US/18837465521",
            "channel": "amazon.US",
            "settlement": "18837465521",
            "period_start": datetime(2026, 11, 5, tzinfo=UTC).date(),
            "period_end": datetime(2026, 11, 19, tzinfo=UTC).date(),
            "deposit_at": datetime(2026, 11, 21, tzinfo=UTC).date(),
            "currency": "USD",
            "total": Decimal("6892.48"),
            "gap": Decimal("14.50"),
            "ties": "!=~.",
            "posted": "0/2",
            "lines": 4210,
            "status": "gap",
        },
        {
            "key": "walmart.US/10020",
            "channel": "walmart.US",
            "settlement": "10020",
            "currency": "USD",
            "total": Decimal("-41.07"),
            "gap": Decimal(0),
            "ties": "====",
            "posted": "1/1",
            "lines": 77,
            "status": "footed",
        },
    ]


def types() -> list[dict[str, Value]]:
    def one(kind: str, account: str | None, lines: int, amount: str) -> dict[str, Value]:
        state = "mapped" if account else "UNMAPPED"
        amounts = {"amount": Decimal(amount), "currency": "USD"}
        return {"key": kind, "line_type": kind, "account": account, "lines": lines, "status": state, **amounts}

    return [
        one("ItemPrice/Principal", "4000 Sales", 1204, "12840.50"),
        one("ItemFees/Commission", "6110 Referral fees", 1204, "-1926.07"),
        one("other/FREE_REPLACEMENT", None, 3, "-14.50"),
    ]


def mapping() -> list[dict[str, Value]]:
    return [
        {
            "key": "walmart.US/SKU-NEW-77",
            "channel": "walmart.US",
            "sku": "SKU-NEW-77",
            "title": "Enamel mug 漢字, 350 ml",
            "suggestion": "ITEM-1881",
            "score": 94,
            "orders": 41,
            "value": Decimal("3912.40"),
            "currency": "USD",
        }
    ]


def orders() -> list[dict[str, Value]]:
    return [
        {
            "key": f"amazon.US/113-7702233-{number}",
            "channel": "amazon.US",
            "order": f"113-7702233-{number}",
            "ordered_at": ago(hours=number % 50),
            "status": "shipped",
            "erp": f"SO-{number}" if number % 3 else None,
            "currency": "USD",
            "total": Decimal(number) / 100,
            "buyer": "A. Buyer",
        }
        for number in range(1180, 1240)
    ]


def shipments() -> list[dict[str, Value]]:
    states = ("late", "to confirm", "blocked", "differs", "to fulfil", "packed", "confirmed", "delivered")
    return [
        {
            "key": f"amazon.US/113-7702233-{1180 + n}/71{n:02d}",
            "channel": "walmart.US" if n % 3 == 2 else "amazon.US",
            "order": f"113-7702233-{1180 + n}",
            "fulfilment": None if state == "to fulfil" else f"IF71{n:02d}",
            "status": state,
            "due_at": ago(hours=5 - 9 * n) if n < 3 else None,
            "units": n + 1,
            "parcels": 1 + n % 2,
            "carrier": "UPS" if n % 2 else None,
            "tracking": None if n == 2 else f"1Z999AA1012345678{n}",
            "sent_at": ago(hours=7 * n + 2),
            "delivered_at": ago(hours=3) if state == "delivered" else None,
        }
        for n, state in enumerate(states)
    ]


def calls() -> list[dict[str, Value]]:
    return [
        {
            "key": str(number),
            "at": ago(seconds=number),
            "vendor": "amazon",
            "method": "GET",
            "path": "/orders/2026-01-01/orders",
            "status": 200 if number % 5 else 429,
            "ms": 120 + number,
            "attempt": 1,
            "request_id": f"req-{number}",
            "error": None,
        }
        for number in range(30)
    ]
