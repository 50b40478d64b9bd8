"""A company whose books can take everything a settlement posts, and posted journals as the mirror would show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from factories import World, account, journal_entry, period, settled, transaction_line

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.outbox.operations import PlannedOperation

NUMBER = "18837465521"
OCTOBER, NOVEMBER = f"AMZ-SETTLE-{NUMBER}-202610", f"AMZ-SETTLE-{NUMBER}-202611"
ROWS = (
    "2026-10-21 Order|ItemPrice|Principal 25.00",
    "2026-10-21 Order|ItemFees|Commission -3.75",
    "2026-11-01 Order|ItemPrice|Principal 5.00",
)
ACCOUNTS = {
    "4000": ("304", "Sales"),
    "4010": ("305", "Shipping income"),
    "4100": ("306", "Sales refunds"),
    "6110": ("301", "Referral fees"),
    "6120": ("307", "FBA fulfilment fees"),
    "6200": ("308", "Advertising"),
    "1150": ("302", "Amazon clearing"),
    "1155": ("309", "Amazon reserve"),
    "1170": ("310", "Deferred marketplace proceeds"),
    "1120": ("311", "Undeposited funds"),
    "2200": ("312", "Sales tax payable"),
}


def open_books(world: World) -> World:
    """Give the accounts and open periods of October, November and December."""
    for number, (account_id, name) in ACCOUNTS.items():
        world.put(account(account_id, number, name))
    return world.put(period(10)).put(period(11)).put(period(12))


def settle(world: World, *rows: str, **changes: Any) -> World:
    record, lines = settled(NUMBER, rows or ROWS, **changes)
    return world.put(record, *lines)


def judge(world: World, control: str) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[control])
    return world.findings(control)


def planned(world: World, control: str) -> tuple[PlannedOperation, ...]:
    """Return the writes for everything that a control finds."""
    return build_plan(world.store, [f["discrepancy_id"] for f in judge(world, control)]).operations


def post(world: World, operation: PlannedOperation, transaction_id: str, **changes: Any) -> World:
    """Put what an operation writes into the mirror, as if it had been sent and pulled."""
    intent = operation.intent
    turned = operation.kind == "journal_entry.reverse"
    lines = []
    for n, sent in enumerate(intent["lines"], 1):
        amount = Decimal(sent.get("debit") or 0) - Decimal(sent.get("credit") or 0)
        lines.append(
            transaction_line(
                transaction_id,
                line_id=str(n),
                position=n,
                account_id=sent["account_id"],
                amount=-amount if turned else amount,
                memo=sent["memo"],
                department_id=sent["department_id"],
                class_id=sent["class_id"],
                location_id=sent["location_id"],
                customer_id=sent["entity_id"],
                subsidiary_id=intent["subsidiary_id"],
            )
        )
    values = {
        "number": f"JE{transaction_id}",
        "transaction_date": date.fromisoformat(intent["date"]),
        "currency": intent["currency"],
        "created_at": world.clock.now(),
        "updated_at": world.clock.now(),
    }
    return world.put(journal_entry(operation.identity, transaction_id, **(values | changes)), *lines)


def ledger_of(world: World) -> dict[str, Decimal]:
    """Return account id → debit less credit of everything in the ERP's mirror, sums of zero left out."""
    with world.store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT account_id, sum(amount) FROM transaction_lines WHERE account_id IS NOT NULL GROUP BY ALL"
        ).fetchall()
    return {a: amount for a, amount in rows if amount}
