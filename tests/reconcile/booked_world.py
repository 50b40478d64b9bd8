"""An order of the factories and the document that it is booked as, for the tests of their differences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from factories import NOW, ORDER_ID, World, sales_order, transaction_line, usd

from reconcile.cycle import run_cycle
from reconcile.plan import build_plan
from sync.netsuite.intents import SalesOrderUpdateIntent, read_intent
from sync.outbox.operations import PlannedOperation
from sync.records import Order, OrderLine, TransactionLine

CONTROL = "order_differs"


def goods(**changes: Any) -> TransactionLine:
    values = {"item_id": "501", "quantity": Decimal(1), "amount": usd("24.99"), "quantity_moved": Decimal(0)}
    return transaction_line("7001", **values | changes)


def shipping(amount: str = "4.99") -> TransactionLine:
    return transaction_line("7001", line_id="9", position=9, amount=usd(amount), memo="Shipping Cost")


def booked(world: World, *lines: TransactionLine, **changes: Any) -> None:
    """The order of the factories as it is booked: 29.98 with the shipping, without the tax."""
    values = {"other_reference": ORDER_ID, "created_at": NOW + timedelta(minutes=1)} | changes
    world.put(sales_order("7001", **values), *(lines or (goods(), shipping())))


def then(world: World, record: Order, *lines: OrderLine) -> None:
    """The order as the channel has it later."""
    world.clock.advance(120)
    world.put(replace(record, updated_at=world.clock.now() - timedelta(days=1)), *lines)


def judged(world: World) -> list[Mapping[str, Any]]:
    run_cycle(world.store, controls=[CONTROL])
    return world.findings(CONTROL)


def differences(finding: Mapping[str, Any]) -> dict[str, tuple[Any, Any, Any]]:
    told = json.loads(finding["detail"])["differences"]
    return {d["field"]: (d["channel"], d["erp"], d["booked"]) for d in told}


def update_of(world: World) -> PlannedOperation:
    (operation,) = build_plan(world.store, [f["discrepancy_id"] for f in judged(world)]).operations
    read_intent(SalesOrderUpdateIntent, operation.intent)
    return operation
