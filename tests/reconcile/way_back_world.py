"""Orders on their way back for the tests: a sale in both systems, refunds by ledger and settlement, returns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from factories import NOW, ORDER_ID, SKU, World, line, order, period, sales_order, settlement, transaction_line, usd

from reconcile.controls import Evidence, control_named
from reconcile.fixes.derived import Derived
from sync.outbox.operations import PlannedOperation
from sync.records import (
    ChannelReturn,
    ChannelReturnLine,
    ChannelTransaction,
    ChannelTransactionAmount,
    DocumentLink,
    Line,
    Record,
    SettlementLine,
)
from sync.streams import Document

RETURN_ID = "D123456789RRMA"
REFUND_ID = "amzn1:crow:00aa"
GIVEN = NOW - timedelta(hours=30)
#: One unit of three at 25.00 with 2.00 tax.
ONE = {"Sales/ItemPrice/Principal": "-25.00", "Sales/ItemPrice/Tax": "-2.00", "Expenses/ItemFees/Commission": "3.75"}
ONE |= {"Expenses/ItemWithheldTax/MarketplaceFacilitatorTax-Principal": "2.00"}


def put(world: World, record: Record, *lines: Line) -> World:
    """Keep a record until somebody looks: what is put together costs one commit."""
    world.__dict__.setdefault("kept", []).append(Document(record, lines))
    return world


def flush(world: World) -> World:
    """Write what was kept."""
    kept = world.__dict__.pop("kept", [])
    return world.put_all(*kept) if kept else world


def back_world(world: World) -> World:
    """The company with what returns need decided, and an open November."""
    world.put_all(Document(period(10, closed=True)), Document(period(11)), Document(period(12)))
    world.cover("amazon.returns@US", "amazon.seller_returns@US", "walmart.returns@US")
    for channel in ("amazon.US", "walmart.US"):
        world.decide("returns", channel, refund_item_id="590", payment_method_id="7", account_id="1150")
    return world


def sold(world: World, bill: str | None = "CustInvc", units: int = 3, **changes: Any) -> World:
    """Three mugs for 75.00, shipping 4.99, shipped and billed as document 7002 (made from sales order 7001)."""
    channel = changes.pop("channel", "amazon.US")
    order_id = changes.pop("order_id", ORDER_ID)
    shipped = changes.pop("shipped", units)
    values: dict[str, Any] = {
        "channel": channel,
        "status": "shipped",
        "fulfilled_by": "channel" if bill == "CashSale" else "seller",
        "ordered_at": NOW - timedelta(days=12),
        "updated_at": NOW - timedelta(days=10),
        "total": usd("85.99"),
        "tax": usd("6.00"),
        "shipping": usd("4.99"),
    }
    sale_line = line(
        order_id,
        channel=channel,
        quantity=units,
        quantity_shipped=shipped,
        item_price=usd("75.00"),
        item_tax=usd("6.00"),
        status="shipped",
    )
    put(world, order(order_id, **values | changes), sale_line)
    if bill in ("CustInvc", "SalesOrd"):
        put(
            world,
            sales_order("7001", other_reference=order_id, status="G", total=usd("79.99")),
            transaction_line("7001", item_id="501", quantity=Decimal(units), amount=usd("75.00")),
        )
    if bill in ("CustInvc", "CashSale"):
        document(world, "7002", bill, units, "75.00", total="79.99", other_reference=order_id, made_from="7001")
    return world


def document(
    world: World,
    number: str,
    kind: str,
    units: int = 1,
    amount: str = "25.00",
    *,
    made_from: str | None = None,
    moved: int | None = None,
    **changes: Any,
) -> World:
    """A document of the ERP with one line of mugs; `total` is that of its line unless it is named."""
    values: dict[str, Any] = {"status": "A" if kind in ("CustInvc", "CustCred") else "B", "total": usd(amount)}
    values |= {"created_at": NOW - timedelta(days=9), "updated_at": NOW - timedelta(days=9)}
    if "total" in changes:
        changes["total"] = usd(changes["total"])
    header = sales_order(number, transaction_type=kind, record_type=kind, **values | changes)
    goods = transaction_line(
        number,
        item_id="501",
        quantity=Decimal(units),
        amount=usd(amount),
        quantity_moved=None if moved is None else Decimal(moved),
    )
    put(world, header, goods)
    if made_from is not None:
        put(world, DocumentLink(made_from, number, "OrdBill"))
    return world


def ledger_refund(
    world: World,
    amounts: dict[str, str] | None = None,
    *,
    number: str = "T1",
    units: int | None = 1,
    refund_id: str | None = REFUND_ID,
    kind: str = "Refund",
    at: datetime = GIVEN,
    order_id: str = ORDER_ID,
    sku: str | None = SKU,
    currency: str = "USD",
) -> World:
    """A refund in the channel's ledger: by default one of three units with its tax."""
    parts = ONE if amounts is None else amounts
    head = ChannelTransaction(
        channel="amazon.US",
        transaction_id=number,
        transaction_type=kind,
        state="released",
        settlement_id=None,
        order_id=order_id,
        posted_at=at,
        matures_at=None,
        description="Refund Order",
        marketplace="Amazon.com",
        currency=currency,
        total=sum((Decimal(a) for a in parts.values()), Decimal(0)),
        refund_id=refund_id,
    )
    rows = [
        ChannelTransactionAmount("amazon.US", number, n, path, sku, None, units, Decimal(a), currency)
        for n, (path, a) in enumerate(parts.items(), 1)
    ]
    return put(world, head, *rows)


def settled_refund(
    world: World,
    rows: Sequence[tuple[str, str, str]] = (("ItemPrice", "Principal", "-25.00"), ("ItemPrice", "Tax", "-2.00")),
    *,
    settlement_id: str = "18837465521",
    channel: str = "amazon.US",
    refund_id: str | None = REFUND_ID,
    kind: str = "Refund",
    at: datetime = GIVEN,
    order_id: str = ORDER_ID,
    units: int = 1,
    line_id: str = "1",
) -> World:
    """A settlement with the lines of one refund: (amount type, description, amount)."""
    lines = []
    for n, (amount_type, description, amount) in enumerate(rows, 1):
        values: dict[str, Any] = dict.fromkeys(SettlementLine.__dataclass_fields__)
        values |= {"channel": channel, "settlement_id": settlement_id, "ordinal": n, "file_line": n, "byte_offset": n}
        values |= {"transaction_type": kind, "amount_type": amount_type, "amount_description": description}
        values |= {"amount": Decimal(amount), "currency": "USD", "order_id": order_id, "adjustment_id": refund_id}
        values |= {"posted_at": at, "posted_date": at.date(), "order_line_id": line_id, "sku": SKU, "quantity": units}
        lines.append(SettlementLine(**values))
    total = sum((x.amount for x in lines), Decimal(0))
    head = settlement(settlement_id, channel=channel, total=total, line_count=len(lines), period_end=at)
    return put(world, head, *lines)


def came_back(world: World, units: int = 1, received: int | None = None, **changes: Any) -> World:
    """A return to the seller of some of the mugs: by default one, approved and received."""
    received = units if received is None else received
    goods = {
        k: changes.pop(k) for k in ("disposition", "reason", "sku", "refund_amount", "order_line_id") if k in changes
    }
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "return_id": RETURN_ID,
        "order_id": ORDER_ID,
        "alternate_id": None,
        "requested_at": NOW - timedelta(days=4),
        "updated_at": NOW - timedelta(days=2),
        "status": "received" if received else "approved",
        "vendor_status": "Approved",
        "fulfilled_by": "seller",
        "kind": "return",
        "rma": None,
        "carrier": None,
        "tracking_number": None,
        "currency": "USD",
        "refund_total": None,
    }
    head = ChannelReturn(**values | changes)
    row = ChannelReturnLine(
        channel=head.channel,
        return_id=head.return_id,
        line_id="1",
        position=1,
        order_line_id=goods.get("order_line_id"),
        sku=goods.get("sku", SKU),
        product_id=None,
        quantity=units,
        quantity_received=received,
        reason=goods.get("reason", "CR-NO_LONGER_WANTED"),
        disposition=goods.get("disposition"),
        status=head.status,
        location_id=None,
        refund_amount=goods.get("refund_amount"),
        comment=None,
    )
    return put(world, head, row)


def fixed(world: World, control: str, *subjects: str, channel: str = "amazon.US") -> Derived:
    """What the control's fix derives for these subjects."""
    wanted = {(channel, s): f"{control}|{channel}|{s}" for s in subjects}
    flush(world)
    with world.store.database.reading() as cursor:
        return control_named(control).fix(Evidence(world.store, cursor, NOW), wanted)


def judged(world: World, control: str) -> Any:
    """What the control finds."""
    flush(world)
    with world.store.database.reading() as cursor:
        return control_named(control).judge(Evidence(world.store, cursor, NOW))


def kinds(derived: Derived) -> list[tuple[str, str, tuple[str, ...]]]:
    """Kind, identity and dependencies of each write, in order."""
    return [(o.kind, o.identity, o.depends_on) for o in derived.operations]


def one(derived: Derived, kind: str) -> PlannedOperation:
    (found,) = [o for o in derived.operations if o.kind == kind]
    return found
