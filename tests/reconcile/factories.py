"""Small worlds for the tests of reconcile: records with defaults, and a mirror filled with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sync.clock import ManualClock
from sync.records import (
    Account,
    Customer,
    CustomerAddress,
    ErpParcel,
    ErpParcels,
    Item,
    Line,
    Location,
    Order,
    OrderLine,
    Period,
    Record,
    Settlement,
    SettlementLine,
    Subsidiary,
    Transaction,
    TransactionLine,
)
from sync.store.store import Store
from sync.streams import Batch, Document, Window

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
#: When the streams of `World` were read to the end.
READ_UNTIL = NOW - timedelta(minutes=5)
FIRST_DAY = datetime(2026, 9, 1, tzinfo=UTC)
ORDER_ID = "113-7702233-1180001"
SKU = "ACM-MUG-16"


def usd(text: str) -> Decimal:
    return Decimal(text)


def order(order_id: str = ORDER_ID, **changes: Any) -> Order:
    """An Amazon order of one mug for 24.99 and 2.00 tax, shipping 4.99, ordered two days ago."""
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "order_id": order_id,
        "alternate_id": None,
        "ordered_at": NOW - timedelta(days=2),
        "updated_at": NOW - timedelta(days=2),
        "status": "open",
        "vendor_status": "UNSHIPPED",
        "fulfilled_by": "seller",
        "order_type": "standard",
        "currency": "USD",
        "total": usd("31.98"),
        "tax": usd("2.00"),
        "shipping": usd("4.99"),
        "discount": usd("0"),
        "buyer_name": "Jane Doe",
        "buyer_email": "x1y2z3@marketplace.amazon.com",
        "ship_name": "Jane Doe",
        "ship_address1": "12 Oak Street",
        "ship_address2": None,
        "ship_city": "Portland",
        "ship_region": "OR",
        "ship_postal_code": "97201-1234",
        "ship_country": "US",
        "ship_phone": "+1 503-555-0101",
        "service_level": "Standard",
        "ship_by": NOW + timedelta(days=1),
        "acknowledged_at": None,
    }
    return Order(**values | changes)


def line(order_id: str = ORDER_ID, **changes: Any) -> OrderLine:
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "order_id": order_id,
        "line_id": "1",
        "position": 1,
        "sku": SKU,
        "product_id": None,
        "title": "Travel Mug 16 oz",
        "quantity": 1,
        "quantity_shipped": 0,
        "quantity_cancelled": 0,
        "item_price": usd("24.99"),
        "item_tax": usd("2.00"),
        "shipping_price": usd("4.99"),
        "shipping_tax": usd("0"),
        "gift_price": usd("0"),
        "gift_tax": usd("0"),
        "discount": usd("0"),
        "discount_tax": usd("0"),
        "status": "open",
        "tracking_number": None,
        "carrier": None,
    }
    return OrderLine(**values | changes)


def walmart(order_id: str = "1790012345678", **changes: Any) -> Order:
    """The same order as a Walmart purchase order of customer order 200011122233344."""
    values = {
        "channel": "walmart.US",
        "alternate_id": "200011122233344",
        "vendor_status": "Created",
        "buyer_email": "9A8B7C@relay.walmart.com",
        "ship_country": "USA",
    }
    return order(order_id, **values | changes)


def item(item_id: str = "501", name: str = SKU, **changes: Any) -> Item:
    values: dict[str, Any] = {
        "display_name": name.title(),
        "item_type": "InvtPart",
        "upc": None,
        "inactive": False,
        "updated_at": NOW - timedelta(days=60),
    }
    return Item(item_id, name, **values | changes)


def customer(customer_id: str = "901", **changes: Any) -> Customer:
    values: dict[str, Any] = {
        "entity_id": f"CUST{customer_id}",
        "external_id": None,
        "company_name": None,
        "first_name": "Jane",
        "last_name": "Doe",
        "email": None,
        "phone": None,
        "inactive": False,
        "updated_at": NOW - timedelta(days=60),
    }
    return Customer(customer_id, **values | changes)


def account(account_id: str, number: str, name: str, **changes: Any) -> Account:
    values: dict[str, Any] = {"account_type": "Income", "inactive": False}
    return Account(account_id, number, name, **values | changes)


def period(month: int, *, closed: bool = False, year: int = 2026, **changes: Any) -> Period:
    start = date(year, month, 1)
    end = (start + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    values: dict[str, Any] = {
        "closed": closed,
        "all_locked": closed,
        "is_quarter": False,
        "is_year": False,
        "is_adjustment": False,
    }
    return Period(f"{year}{month:02d}", f"{start:%b %Y}", start, end, **values | changes)


def sales_order(transaction_id: str = "7001", **changes: Any) -> Transaction:
    """A sales order of nobody's order: name one by external_id, other_reference or number."""
    values: dict[str, Any] = {
        "number": f"SO{transaction_id}",
        "transaction_type": "SalesOrd",
        "record_type": "salesOrder",
        "status": "B",
        "transaction_date": date(2026, 11, 18),
        "period_id": None,
        "customer_id": "901",
        "external_id": None,
        "other_reference": None,
        "currency": "USD",
        "exchange_rate": Decimal(1),
        "total": usd("29.98"),
        "memo": None,
        "created_at": NOW - timedelta(days=1),
        "updated_at": NOW - timedelta(days=1),
    }
    return Transaction(transaction_id, **values | changes)


def journal_entry(external_id: str, transaction_id: str = "8001", **changes: Any) -> Transaction:
    values = {"transaction_type": "Journal", "record_type": "journalEntry", "customer_id": None}
    return sales_order(transaction_id, external_id=external_id, **values | changes)


def settlement(settlement_id: str = "18837465521", **changes: Any) -> Settlement:
    values: dict[str, Any] = {
        "channel": "amazon.US",
        "format": "amazon-v2",
        "document_hash": "0" * 64,
        "document_name": f"{settlement_id}.txt",
        "currency": "USD",
        "period_start": datetime(2026, 10, 20, tzinfo=UTC),
        "period_end": datetime(2026, 11, 3, tzinfo=UTC),
        "deposit_at": datetime(2026, 11, 5, tzinfo=UTC),
        "total": usd("0"),
        "line_count": 0,
        "encoding": "utf-8",
    }
    known = {"channel": values["channel"], "settlement_id": settlement_id}
    return Settlement(**known | values | changes)


def settled(settlement_id: str, rows: Sequence[str], **changes: Any) -> tuple[Settlement, list[SettlementLine]]:
    """A settlement that foots, out of rows such as `2026-10-21 Order|ItemPrice|Principal 25.00`.

    `total` given in `changes` makes it one that does not foot.
    """
    channel = str(changes.get("channel", "amazon.US"))
    lines = []
    for ordinal, row in enumerate(rows, 1):
        day, rest = row.split(" ", 1)
        kind, amount = rest.rsplit(" ", 1)
        values: dict[str, Any] = dict.fromkeys(f.name for f in SettlementLine.__dataclass_fields__.values())
        transaction_type, amount_type, description = kind.split("|")
        values |= {
            "channel": channel,
            "settlement_id": settlement_id,
            "ordinal": ordinal,
            "file_line": ordinal + 2,
            "byte_offset": ordinal * 100,
            "transaction_type": transaction_type,
            "amount_type": amount_type,
            "amount_description": description,
            "amount": Decimal(amount),
            "currency": str(changes.get("currency", "USD")),
            "posted_date": date.fromisoformat(day),
            "order_id": ORDER_ID if transaction_type in ("Order", "Refund") else None,
        }
        lines.append(SettlementLine(**values))
    total = sum((x.amount for x in lines), Decimal(0))
    return settlement(settlement_id, **{"total": total, "line_count": len(lines)} | changes), lines


@dataclass
class World:
    """A store of its own with a mirror, read until five minutes before `NOW`; `put` adds records."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.store = Store.in_memory(self.clock)

    def put(self, record: Record, *lines: Line, stream: str = "test.records") -> World:
        return self.put_all(Document(record, lines), stream=stream)

    def put_all(self, *documents: Document, stream: str = "test.records") -> World:
        self.store.mirror.commit(stream, Batch(page=None, documents=documents, cursor={}), "run")
        return self

    def put_each(self, *records: Record) -> World:
        """Add records without lines in one commit: it costs what a single one costs."""
        return self.put_all(*map(Document, records))

    def cover(
        self, *streams: str, until: datetime = READ_UNTIL, since: datetime = FIRST_DAY, run_id: str = "run"
    ) -> World:
        batch = Batch(page=None, documents=[], cursor={}, covered=Window(since, until))
        with self.store.database.transaction():
            for stream in streams:
                self.store.mirror.commit(stream, batch, run_id)
        return self

    def decide(self, kind: str, subject: str, **value: object) -> World:
        self.store.decisions.decide(kind, subject, value, by="ann")
        return self

    def all_covered(self) -> World:
        return self.cover(
            "amazon.orders@US",
            "amazon.orders@DE",
            "walmart.orders@US",
            "amazon.settlements@US",
            "netsuite.transactions",
        )

    def findings(self, control: str | None = None) -> list[Mapping[str, Any]]:
        """Rows of discrepancies that are not resolved, by id."""
        with self.store.database.reading() as cursor:
            found = cursor.execute(
                "SELECT * FROM discrepancies WHERE state <> 'resolved' AND ($1 IS NULL OR control = $1)"
                " ORDER BY discrepancy_id",
                [control],
            )
            names = [d[0] for d in found.description]
            return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, control: str | None = None) -> Mapping[str, Any]:
        (found,) = self.findings(control)
        return found


def ready_world() -> World:
    """A company in order: two locations, one item, routing for Amazon and Walmart, every stream read."""
    world = World().all_covered()
    world.put_all(
        Document(Subsidiary("1", "Acme Goods Inc.", "USD", "US", False)),
        Document(Location("11", "Main", "1", False)),
        Document(Location("12", "Amazon FBA US", "1", False)),
        Document(item()),
    )
    for channel in ("amazon.US", "walmart.US"):
        world.decide(
            "routing",
            channel,
            subsidiary_id="1",
            location_id="11",
            channel_location_id="12",
            tax_policy="facilitator",
            time_zone="America/Los_Angeles",
        )
    return world


def transaction_line(transaction_id: str, **changes: Any) -> TransactionLine:
    values: dict[str, Any] = dict.fromkeys(f.name for f in TransactionLine.__dataclass_fields__.values())
    values |= {"transaction_id": transaction_id, "line_id": "1", "position": 1, "is_main": False, "is_tax": False}
    values["is_closed"] = False
    return TransactionLine(**values | changes)


def booked(
    transaction_id: str = "7001", *units: tuple[str, int], order_id: str = ORDER_ID, **changes: Any
) -> list[Document]:
    """A sales order that names an order by other reference, a line an item: (item id, quantity) each, at 10.00."""
    values: dict[str, Any] = {"other_reference": order_id} | changes
    lines = [
        transaction_line(
            transaction_id,
            line_id=str(n),
            position=n,
            item_id=item_id,
            quantity=Decimal(count),
            amount=Decimal(10 * count),
            quantity_moved=Decimal(0),
            quantity_billed=Decimal(0),
        )
        for n, (item_id, count) in enumerate(units or (("501", 1),), 1)
    ]
    return [Document(sales_order(transaction_id, **values), tuple(lines))]


def sent(
    transaction_id: str = "7101",
    *units: tuple[str, int],
    tracking: Sequence[str] = ("1Z999AA10123456784",),
    source: str = "7001",
    **changes: Any,
) -> list[Document]:
    """A shipped fulfilment of a sales order, made two hours ago, with its tracking numbers."""
    values: dict[str, Any] = {
        "number": f"IF{transaction_id}",
        "transaction_type": "ItemShip",
        "record_type": "itemFulfillment",
        "status": "C",
        "total": None,
        "transaction_date": date(2026, 11, 20),
        "created_at": NOW - timedelta(hours=2),
        "updated_at": NOW - timedelta(hours=2),
    }
    lines = [
        transaction_line(
            transaction_id,
            line_id=str(n),
            position=n,
            item_id=item_id,
            quantity=Decimal(count),
            created_from=source,
        )
        for n, (item_id, count) in enumerate(units or (("501", 1),), 1)
    ]
    document = Document(sales_order(transaction_id, **values | changes), tuple(lines))
    parcels = tuple(ErpParcel(transaction_id, number) for number in tracking)
    return [document, Document(ErpParcels(transaction_id, len(parcels)), parcels)]


def address(customer_id: str = "901", address_id: str = "1", **changes: Any) -> CustomerAddress:
    values: dict[str, Any] = dict.fromkeys(f.name for f in CustomerAddress.__dataclass_fields__.values())
    values |= {"customer_id": customer_id, "address_id": address_id, "position": 1, "country": "US"}
    values |= {"default_shipping": True, "default_billing": True}
    return CustomerAddress(**values | changes)
