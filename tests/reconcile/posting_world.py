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
from sync.records import DocumentLink

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
    accounts = [account(account_id, number, name) for number, (account_id, name) in ACCOUNTS.items()]
    return world.put_each(*accounts, period(10), period(11), period(12))


def settle(world: World, *rows: str, **changes: Any) -> World:
    record, lines = settled(NUMBER, rows or ROWS, **changes)
    return world.put(record, *lines)


def judge(world: World, control: str) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[control])
    return world.findings(control)


def planned(world: World, control: str) -> tuple[PlannedOperation, ...]:
    """Return the writes for everything that a control finds."""
    return build_plan(world.store, [f["discrepancy_id"] for f in judge(world, control)]).operations


ITEMS = {"6600": "304", "6601": "301", "6602": "306", "6603": "308", "6604": "305"}
SOLD_BY = {
    "sales": "6600",
    "referral_fees": "6601",
    "refunds": "6602",
    "advertising": "6603",
    "shipping_income": "6604",
}
NUMBERS = {account_id: number for number, (account_id, _) in ACCOUNTS.items()}
#: Kind of a write → type and record of the document that it makes.
DOCUMENTS = {
    "deposit.create": ("Deposit", "deposit"),
    "cash_sale.create": ("CashSale", "cashSale"),
    "cash_refund.create": ("CashRfnd", "cashRefund"),
}


def sells(world: World) -> World:
    """Post as cash sales: each account has an item, the channel a customer."""
    world.decide("policy", "settlements", model="cash_sale")
    world.decide("routing", "amazon.US", subsidiary_id="1", customer_id="77", tax_policy="facilitator")
    for key, item_id in SOLD_BY.items():
        world.decide("account", f"amazon.US|{key}", number=NUMBERS[ITEMS[item_id]], item_id=item_id)
    return world


def send(world: World, operation: PlannedOperation, transaction_id: str) -> World:
    """Send an operation and read back what it wrote, so that it is a document of ours."""
    outbox = world.store.outbox
    outbox.approve(outbox.stage("p", [operation], by="ann"), by="ann")
    (staged,) = [o for o in outbox.operations() if o.identity == operation.identity and o.state != "done"]
    outbox.move(staged.operation_id, "done", step="look", outcome="agrees")
    world.clock.advance(60)
    post(world, operation, transaction_id)
    return world.cover("netsuite.transactions", "netsuite.links", until=world.clock.now())


def post(world: World, operation: PlannedOperation, transaction_id: str, **changes: Any) -> World:
    """Put what an operation writes into the mirror, as if it had been sent and pulled."""
    intent = operation.intent
    kind, record = DOCUMENTS.get(operation.kind, ("Journal", "journalEntry"))
    rows = entries(operation.kind, intent)
    lines = [
        transaction_line(transaction_id, line_id=str(n), position=n, subsidiary_id=intent["subsidiary_id"], **row)
        for n, row in enumerate(rows, 1)
    ]
    values = {
        "number": f"JE{transaction_id}",
        "transaction_type": kind,
        "record_type": record,
        "transaction_date": date.fromisoformat(intent["date"]),
        "customer_id": (intent.get("customer") or {}).get("id"),
        "currency": intent["currency"],
        "exchange_rate": Decimal(intent.get("exchange_rate") or 1),
        "memo": intent.get("memo"),
        "period_id": f"{date.fromisoformat(intent['date']):%Y%m}",
        "created_at": world.clock.now(),
        "updated_at": world.clock.now(),
    }
    for taken in intent.get("payments", ()):
        world.put(DocumentLink(taken["document_id"], transaction_id, "DepAppl"))
    return world.put(journal_entry(operation.identity, transaction_id, **(values | changes)), *lines)


def entries(kind: str, intent: Mapping[str, Any], items: Mapping[str, str] = ITEMS) -> list[dict[str, Any]]:
    """Return the lines as the mirror has them; the ledger's sides stand beside what no journal says.

    `items` are the accounts that each item posts to.
    """
    if kind == "deposit.create":
        return _deposited(intent)
    if kind in ("cash_sale.create", "cash_refund.create"):
        return _sold(intent, -1 if kind == "cash_refund.create" else 1, items)
    turned = kind in ("journal_entry.reverse", "document.void")
    rows = []
    for sent in intent["lines"]:
        amount = Decimal(sent.get("debit") or 0) - Decimal(sent.get("credit") or 0)
        rows.append(
            {"account_id": sent["account_id"], "amount": -amount if turned else amount, "memo": sent["memo"],
             "customer_id": sent["entity_id"], **_dimensions(sent)}
        )  # fmt: skip
    return rows


def _dimensions(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {name: sent.get(name) for name in ("department_id", "class_id", "location_id")}


def _sides(amount: Decimal) -> dict[str, Any]:
    return {"debit": amount if amount > 0 else None, "credit": -amount if amount < 0 else None}


def _deposited(intent: Mapping[str, Any]) -> list[dict[str, Any]]:
    total = Decimal(intent["total"])
    rows = [{"is_main": True, "account_id": intent["account_id"], "amount": total, **_sides(total)}]
    taken = [{**p, "account_id": "311"} for p in intent["payments"]]
    for sign, sent in [*((-1, x) for x in [*taken, *intent["others"]]), *((1, x) for x in intent["cash_back"])]:
        amount = sign * Decimal(sent["amount"])
        rows.append(
            {"account_id": sent["account_id"], "amount": amount, "memo": sent.get("memo"), **_sides(amount),
             "customer_id": sent.get("entity_id"), **_dimensions(sent)}
        )  # fmt: skip
    return rows


def _sold(intent: Mapping[str, Any], sign: int, items: Mapping[str, str]) -> list[dict[str, Any]]:
    total = sign * sum((Decimal(x["amount"]) for x in intent["lines"]), Decimal(0))
    customer = {"customer_id": intent["customer"]["id"]}
    rows: list[dict[str, Any]] = [
        {"is_main": True, "account_id": intent["account_id"], "amount": total, **_sides(total), **customer}
    ]
    for sent in intent["lines"]:
        amount = sign * Decimal(sent["amount"])
        rows.append(
            {"item_id": sent["item_id"], "account_id": items[sent["item_id"]], "amount": amount,
             "quantity": sign * Decimal(sent["quantity"]), "memo": sent["description"], **_sides(-amount),
             **customer, **_dimensions(sent)}
        )  # fmt: skip
    return rows


def ledger_of(world: World) -> dict[str, Decimal]:
    """Return account id → debit less credit of everything in the ERP's mirror, sums of zero left out."""
    with world.store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT account_id, sum(CASE WHEN coalesce(debit, credit) IS NULL THEN amount"
            " ELSE coalesce(debit, 0) - coalesce(credit, 0) END)"
            " FROM transaction_lines WHERE account_id IS NOT NULL GROUP BY ALL"
        ).fetchall()
    return {a: amount for a, amount in rows if amount}
