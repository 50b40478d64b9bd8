"""A company in which anything may happen next: what comes from the vendors, from people, and with time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from factories import (
    ORDER_ID,
    World,
    address,
    booked,
    customer,
    item,
    journal_entry,
    line,
    order,
    period,
    ready_world,
    sales_order,
    sent,
    settled,
    transaction_line,
    walmart,
)
from posting_world import ROWS, open_books
from way_back_world import back_world, came_back, flush, ledger_refund, sold

from reconcile.plan import build_plan, stage
from sync.outbox.operations import LIVE_STATES
from sync.records import (
    BankLine,
    ChannelShipment,
    Deletion,
    DocumentLink,
    MultichannelLine,
    MultichannelOrder,
    Payout,
)

__all__ = ["Changes", "company"]

_STREAMS = (
    "amazon.orders@US",
    "walmart.orders@US",
    "amazon.settlements@US",
    "amazon.ledger@US",
    "amazon.payouts@US",
    "netsuite.transactions",
    "netsuite.parcels",
    "netsuite.document_links",
    "amazon.returns@US",
)
#: Documents that may be of any kind, and what they may be made from.
_DOCUMENTS = ("730", "731", "732", "733", "734")
_MADE_FROM = ("710", "711", "712", "7001", "7002", "999", *_DOCUMENTS)
_KINDS = (
    "SalesOrd", "CustInvc", "CashSale", "CustCred", "CashRfnd", "CustRfnd", "RtnAuth", "ItemRcpt", "CustPymt",
    "Deposit",
)  # fmt: skip
_STATES = (("open", "UNSHIPPED"), ("shipped", "SHIPPED"), ("cancelled", "CANCELED"), ("pending", "PENDING"))
_SKUS = ("ACM-MUG-16", "ACM-LAMP", "NEW-1")


def company() -> World:
    """Return a company with something in every corner: both channels, books, a sale on its way back, a bank."""
    world = flush(sold(back_world(open_books(ready_world()))))
    for n in (2, 3, 4):
        world.put(order(f"113-7702233-118010{n}"), line(f"113-7702233-118010{n}"))
    return world.put(customer()).put(customer("902", first_name="Janet", email="jane@doe.example"), address("902"))


@dataclass
class Changes:
    """Draws one change after another and makes it; what is drawn is decided by the seed alone.

    Every kind has its turn before one has it again, in an order that is drawn: few changes, and none left out.
    """

    world: World
    rng: Random
    number: int = 0
    _to_come: list[Callable[[], object]] = field(default_factory=list)

    def make(self) -> str:
        """Make a change; return what it was."""
        self.number += 1
        kinds: list[Callable[[], object]] = [
            self.order, self.order, self.order, self.order, self.booking, self.booking, self.fulfilment, self.deletion,
            self.document, self.document, self.link, self.replacement, self.sold_elsewhere, self.journal,
            self.parcel_of_the_channel, self.buyer, self.item, self.settlement, self.payout,
            self.booking_of_the_bank, self.refund, self.goods_back, self.decision, self.withdrawal, self.minutes,
            self.days, self.pull, self.pull, self.pull, self.pull, self.sending, self.period, self.nothing,
        ]  # fmt: skip
        if not self._to_come:
            self._to_come = self.rng.sample(kinds, len(kinds))
        kind = self._to_come.pop()
        kind()
        return kind.__name__

    def nothing(self) -> None:
        """Nothing at all."""

    def order(self) -> None:
        """An order that is new, or that has become another."""
        n = self.rng.randrange(6)
        status, vendor = self.rng.choice(_STATES)
        shipped = int(status == "shipped")
        now = self.world.clock.now()
        values = {
            "status": status,
            "vendor_status": vendor,
            "updated_at": now,
            "ordered_at": now - timedelta(days=n + 1),
        }
        made = order(self._order_id(n), **values) if n else walmart(**values)
        goods = line(made.order_id, channel=made.channel, sku=self.rng.choice(_SKUS), quantity_shipped=shipped)
        self.world.put(made, replace(goods, quantity_cancelled=int(status == "cancelled"), status=status))

    def booking(self) -> None:
        """A sales order of the ERP that names an order, or another version of it."""
        n = self.rng.randrange(4)
        now = self.world.clock.now()
        reference = self.rng.choice(
            ({"other_reference": self._order_id(n)}, {"external_id": f"AMZ-{self._order_id(n)}"})
        )
        status = self.rng.choice(("B", "H", "G"))
        self.world.put_all(*booked(f"71{n}", updated_at=now, status=status, total=Decimal("31.98"), **reference))

    def fulfilment(self) -> None:
        """Goods leave the company's own warehouse."""
        n = self.rng.randrange(4)
        now = self.world.clock.now()
        self.world.put_all(*sent(f"72{n}", source=f"71{n}", tracking=(f"1Z{n}",), created_at=now, updated_at=now))

    def document(self) -> None:
        """A document of any kind is made from another, or becomes another; it may name an order, even another one."""
        number, kind = self.rng.choice(_DOCUMENTS), self.rng.choice(_KINDS)
        now = self.world.clock.now()
        named = self.rng.choice((None, None, self._order_id(self.rng.randrange(5)), "701-0000000-0000001"))
        reference = {"external_id": f"AMZ-{named}"} if named and self.rng.random() < 0.3 else {"other_reference": named}
        values = {"transaction_type": kind, "status": self.rng.choice(("A", "B", "G")), **reference}
        values |= {"total": Decimal(self.rng.choice(("29.98", "10.00", "79.99"))), "updated_at": now, "created_at": now}
        goods = transaction_line(
            number,
            item_id="501",
            quantity=Decimal(1),
            amount=Decimal("10.00"),
            created_from=self.rng.choice((None, *_MADE_FROM)),
        )
        self.world.put(sales_order(number, **values), goods)

    def link(self) -> None:
        """The ERP shows which of two documents was made from the other; one of them may not be read yet."""
        self.world.put(DocumentLink(self.rng.choice(_MADE_FROM), self.rng.choice(_DOCUMENTS), "x"))

    def replacement(self) -> None:
        """An order replaces another, or is one of several purchase orders of one customer's."""
        n, now = self.rng.randrange(2), self.world.clock.now()
        bound: dict[str, object] = {"alternate_id": self.rng.choice((None, "200012345"))}
        if self.rng.random() < 0.5:
            bound = {"order_type": "replacement", "original_id": self._order_id(self.rng.randrange(5)), "total": 0}
        made = order(f"113-7702233-118020{n}", updated_at=now, ordered_at=now - timedelta(days=3), **bound)
        self.world.put(made, line(made.order_id))

    def sold_elsewhere(self) -> None:
        """A marketplace ships for another shop: the shipping order, its own order, or its line of a settlement."""
        n, now = self.rng.randrange(2), self.world.clock.now()
        own, shop = f"AMZ-113-7702233-118010{n + 1}", self._order_id(n + 2)
        match self.rng.randrange(3):
            case 0:
                shipped = MultichannelOrder(
                    "amazon.US", own, shop, now - timedelta(days=2), now - timedelta(days=1), now, "open",
                    "PROCESSING", None, None, "US",
                )  # fmt: skip
                self.world.put(shipped, MultichannelLine("amazon.US", own, "1", 1, "ACM-MUG-16", 1, 0, 0))
            case 1:
                made = order(f"S01-000000{n}-0000001", alternate_id=own, order_type="multi_channel", updated_at=now)
                self.world.put(made, line(made.order_id))
            case _:
                head, lines = settled(f"1890{n}", ROWS[:1], deposit_at=now)
                named = [replace(x, order_id=f"S01-000000{n}-0000002", merchant_order_id=own) for x in lines]
                self.world.put(head, *named)

    def journal(self) -> None:
        """A month of a settlement is posted, or taken back."""
        n, month = self.rng.randrange(3), self.rng.choice(("202610", "202611"))
        name = f"AMZ-SETTLE-1880{n}-{month}{self.rng.choice(('', '', '-R'))}"
        entry = journal_entry(name, f"80{n}{month[-1]}", updated_at=self.world.clock.now())
        self.world.put(entry, transaction_line(entry.transaction_id, account_id="302", amount=Decimal("5.00")))

    def parcel_of_the_channel(self) -> None:
        """Goods leave the marketplace's warehouse."""
        n = self.rng.randrange(4)
        now = self.world.clock.now()
        self.world.put(ChannelShipment("amazon.US", f"S{n}", self._order_id(n), now, "UPS", "1Z9", None, None))

    def deletion(self) -> None:
        """A document is deleted in the ERP."""
        gone = self.rng.choice(("710", "711", "712", "720", "7002", *_DOCUMENTS))
        self.world.put(Deletion("transactions", gone, "salesOrder", self.world.clock.now()))

    def buyer(self) -> None:
        """A customer of the ERP is new or another."""
        n = self.rng.randrange(900, 904)
        first = self.rng.choice(("Jane", "Janet", "J."))
        phone = self.rng.choice((None, "503-555-0101"))
        made = customer(str(n), first_name=first, phone=phone, updated_at=self.world.clock.now())
        self.world.put(made, address(str(n), address1="12 Oak St", postal_code="97201"))

    def item(self) -> None:
        """An item of the ERP is new, or was made inactive."""
        n = self.rng.randrange(3)
        inactive = self.rng.random() < 0.3
        self.world.put(item(f"50{n + 1}", _SKUS[n], inactive=inactive, updated_at=self.world.clock.now()))

    def settlement(self) -> None:
        """A settlement, which may foot, be posted again with other lines, or have a line of no known type."""
        n = self.rng.randrange(3)
        extra = self.rng.choice(
            ((), ("2026-11-02 Order|ItemFees|NoSuchFee -1.00",), ("2026-10-30 Refund|ItemPrice|Principal -5.00",))
        )
        head, lines = settled(f"1880{n}", (*ROWS, *extra), deposit_at=self.world.clock.now() - timedelta(days=n * 4))
        named = self.rng.choice((ORDER_ID, self._order_id(2), self._order_id(3), "701-0000000-0000001"))
        self.world.put(head, *(replace(x, order_id=named if x.order_id else None) for x in lines))

    def payout(self) -> None:
        """Money is on its way."""
        n = self.rng.randrange(3)
        state = self.rng.choice(("paid", "failed"))
        self.world.put(
            Payout(
                "amazon.US", f"P{n}", f"1880{n}", state, state, "USD", Decimal("26.25"), None, "4711", None, None,
                self.world.clock.now(),
            )
        )  # fmt: skip

    def booking_of_the_bank(self) -> None:
        """A line of a bank statement."""
        day = self.world.clock.now().date() - timedelta(days=self.rng.randrange(5))
        amount = self.rng.choice((Decimal("26.25"), Decimal("25.25"), Decimal("7.00")))
        text = "AMAZON.COM SERVICES"
        self.world.put(
            BankLine("chase", f"B{self.number}", day, None, amount, "USD", None, text, None, "hash", "bank.csv", 2)
        )

    def refund(self) -> None:
        """Money is given back, by the channel's ledger."""
        n = self.rng.randrange(2)
        flush(
            ledger_refund(self.world, number=f"T{n}", refund_id=f"R{n}", at=self.world.clock.now() - timedelta(hours=2))
        )

    def goods_back(self) -> None:
        """Goods come back."""
        flush(came_back(self.world, received=self.rng.randrange(2), updated_at=self.world.clock.now()))

    def decision(self) -> None:
        """A person decides something, now or from a later day on."""
        now = self.world.clock.now()
        day = (now + timedelta(days=self.rng.randrange(-40, -1))).date().isoformat()
        kind, subject, value = self.rng.choice(
            (
                ("sku", "amazon.US|NEW-1", {"item_id": "501"}),
                ("go_live", "*", {"from": day}),
                ("go_live", "order_never_paid|amazon.US", {"from": day}),
                ("customer_matching", "*", {"upper": 30.0}),
                ("routing", "walmart.US", {"subsidiary_id": "1", "location_id": "11", "tax_policy": "facilitator"}),
            )
        )
        later = self.rng.choice((None, now + timedelta(days=1)))
        self.world.store.decisions.decide(kind, subject, value, by="ann", effective_from=later)

    def withdrawal(self) -> None:
        """A person takes a decision back."""
        kind, subject = self.rng.choice((("sku", "amazon.US|NEW-1"), ("go_live", "*"), ("customer_matching", "*")))
        self.world.store.decisions.withdraw(kind, subject, by="ann")

    def minutes(self) -> None:
        """A little time goes by."""
        self.world.clock.advance(self.rng.choice((60, 600, 7200)))

    def days(self) -> None:
        """Days go by."""
        self.world.clock.advance(86400 * self.rng.choice((1, 1, 4)))

    def pull(self) -> None:
        """A stream has been read on, up to now or not quite; nothing new was in it."""
        until = self.world.clock.now() - timedelta(minutes=self.rng.choice((0, 0, 30, 60 * 30)))
        streams = _STREAMS if self.rng.random() < 0.7 else (self.rng.choice(_STREAMS),)
        self.world.cover(*streams, until=until, run_id=f"run {self.number}")

    def sending(self) -> None:
        """What can be written is planned, or what was planned is sent."""
        outbox = self.world.store.outbox
        live = outbox.operations(states=LIVE_STATES)
        if live:
            state = self.rng.choice(("done", "answered", "failed"))
            told = "rejected" if state == "failed" else "sent"
            outbox.move(live[0].operation_id, state, step="send", outcome=told, message="by the tests")
            return
        plan = build_plan(self.world.store, [f["discrepancy_id"] for f in self.world.findings()][:5])
        if plan.operations:
            stage(self.world.store, plan, by="ann")

    def period(self) -> None:
        """A month is closed in the ERP, or opened."""
        self.world.put(period(self.rng.choice((10, 11)), closed=self.rng.random() < 0.5))

    def _order_id(self, n: int) -> str:
        return ORDER_ID if n == 1 else f"113-7702233-118010{n}"
