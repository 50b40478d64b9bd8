"""Whatever people key, in whatever order: entries balance, and balances are what the open documents say."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal

import pytest

from sync.sandbox.netsuite.ledger import chart
from sync.sandbox.netsuite.postings.transaction import has_posted, postings
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.selling.deposits import waits
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused
from tests.sync.sandbox.netsuite.conftest import found

_ZERO = Decimal(0)
_STEPS = (
    ("salesOrder", "itemFulfillment"),
    ("salesOrder", "invoice"),
    ("salesOrder", "cashSale"),
    ("salesOrder", "returnAuthorization"),
    ("invoice", "returnAuthorization"),
    ("invoice", "creditMemo"),
    ("invoice", "customerPayment"),
    ("cashSale", "cashRefund"),
    ("cashSale", "returnAuthorization"),
    ("returnAuthorization", "itemReceipt"),
    ("returnAuthorization", "creditMemo"),
    ("returnAuthorization", "cashRefund"),
    ("creditMemo", "customerRefund"),
    ("customerPayment", "customerRefund"),
)


class People:
    """People who key documents at random; NetSuite refuses some, and what it takes must add up."""

    def __init__(self, seed: int) -> None:
        self.company = found(AccountSettings(service_time_s=0.0))
        self.books = self.company.books
        self.accounts = chart.accounts(self.books)
        self.draw = random.Random(f"people-{seed}")
        self.made: Counter[str] = Counter()

    def act(self) -> None:
        """Do one thing; a refusal is one of NetSuite's own and changes nothing."""
        actions = (self.sell, self.follow, self.apply_a_credit, self.deposit, self.adjust, self.remove, self.touch)
        (action,) = self.draw.choices(actions, weights=(4, 12, 2, 2, 2, 1, 1))
        try:
            action()
        except Refused as refused:
            if refused.status != 400:
                raise
            self.made["refused"] += 1

    def amount(self) -> Decimal:
        return Decimal(self.draw.randint(1, 50_000)) / 100

    def pick(self, *records: str) -> Stored | None:
        some = [stored for record in records for stored in self.books.records(record)]
        return self.draw.choice(some) if some else None

    def documents(self) -> list[Stored]:
        return [stored for stored in self.books.everything() if stored.kind.is_transaction]

    def create(self, record: str, body: Mapping[str, object]) -> None:
        self.books.create(record, body)
        self.made[record] += 1

    def sell(self) -> None:
        items = self.draw.choices(["widget", "gadget", "kit"], k=self.draw.randint(1, 3))
        lines = [
            {"item": self.company.ref(item), "quantity": self.draw.randint(1, 5), "amount": self.amount()}
            for item in items
        ]
        record = self.draw.choice(["salesOrder", "salesOrder", "cashSale", "invoice"])
        self.create(record, self.company.order(item={"items": lines}, shippingCost=Decimal("1.99")))

    def follow(self) -> None:
        record, target = self.draw.choice([pair for pair in _STEPS if self.books.records(pair[0])] or [("", "")])
        source = self.pick(record) if record else None
        if source is None:
            return
        body: dict[str, object] = {}
        part = self.draw.choice([None, None, 1, 2, 3])
        if target == "customerRefund":
            body = {"account": self.company.ref("bank"), "paymentMethod": {"id": "1"}}
        elif target == "customerPayment" and part is not None:
            body = {"payment": Decimal(part * 150)}
        elif part is not None or target == "itemReceipt":
            row: dict[str, object] = {"orderLine": 1}
            row |= {"quantity": part} if part is not None else {}
            row |= {"restock": self.draw.random() < 0.5} if target == "itemReceipt" else {}
            body = {"item": {"items": [row]}}
        self.books.transform(record, source.id, target, body)
        self.made[target] += 1

    def apply_a_credit(self) -> None:
        credit, invoice = self.pick("creditMemo"), self.pick("invoice")
        if credit is not None and invoice is not None:
            rows = [{"doc": {"id": str(invoice.id)}, "apply": True, "amount": self.amount()}]
            self.books.update("creditMemo", credit.id, {"apply": {"items": rows}})
            self.made["applied"] += 1

    def deposit(self) -> None:
        kinds = ("cashSale", "customerPayment", "cashRefund")
        here = [s for k in kinds for s in self.books.records(k) if s.id not in self.books.chain.deposits]
        rows = [{"id": s.id} for s in here[: self.draw.randint(1, 3)]]
        body: dict[str, object] = {"account": self.company.ref("bank"), "subsidiary": self.company.ref("us")}
        fee = {"items": [{"account": self.company.ref("fees"), "amount": self.amount()}]}
        if rows:
            self.create("deposit", body | {"payment": {"items": rows}, "cashback": fee})

    def adjust(self) -> None:
        item = self.company.ref(self.draw.choice(["widget", "gadget"]))
        row = {"item": item, "adjustQtyBy": self.draw.randint(-5, 20), "unitCost": self.amount()}
        body: dict[str, object] = {"account": self.company.ref("clearing"), "subsidiary": self.company.ref("us")}
        self.create(
            "inventoryAdjustment", body | {"adjLocation": self.company.ref("main"), "inventory": {"items": [row]}}
        )

    def remove(self) -> None:
        chosen = self.draw.choice(self.documents() or [None])
        if chosen is not None:
            self.books.delete(chosen.kind.name, chosen.id)
            self.made["removed"] += 1

    def touch(self) -> None:
        chosen = self.draw.choice(self.documents() or [None])
        if chosen is not None:
            self.books.update(chosen.kind.name, chosen.id, {"memo": f"read {chosen.id}"})
            self.made["touched"] += 1

    # ------------------------------------------------------------------ what must hold

    def ledger(self) -> dict[int, Decimal]:
        """Return balances by account, and prove that each entry balances and no two lines share a number."""
        sums: dict[int, Decimal] = defaultdict(Decimal)
        for stored in self.documents():
            rows = postings(self.books, stored)
            entries = [row for row in rows if row.ledger is not None]
            assert sum((row.ledger or _ZERO for row in entries), _ZERO) == 0, stored
            assert len({row.id for row in rows}) == len(rows), stored
            for row in entries if has_posted(stored) else []:
                sums[row.account or 0] += row.ledger or _ZERO
        return sums

    def check_balances(self) -> None:
        """Receivables, undeposited funds and inventory are what the documents leave open."""
        sums, books = self.ledger(), self.books
        open_ = sum((i.number("amountRemaining") for i in books.records("invoice")), _ZERO)
        for record in ("creditMemo", "customerPayment"):
            open_ -= sum((c.number("unapplied") for c in books.records(record)), _ZERO)
        assert sums[self.accounts.receivable] == open_
        waiting = [waits(books, s) for s in self.documents() if s.id not in books.chain.deposits]
        assert sums[self.accounts.undeposited] == sum(waiting, _ZERO)
        assert sums[self.accounts.inventory] == sum(books.stock.value.values(), _ZERO)

    def check_stock(self) -> None:
        """Stock is the sum of its moves."""
        counted: dict[tuple[int, int | None], Decimal] = defaultdict(Decimal)
        for stored in self.documents():
            for move in stored.moves:
                counted[move.item, move.location] += move.quantity
        for place in counted.keys() | self.books.stock.on_hand.keys():
            assert self.books.stock.on_hand[place] == counted[place]

    def check_letters(self) -> None:
        """Letters follow quantities and amounts."""
        for order in self.books.records("salesOrder"):
            rows, letter = order.rows("item"), order.text("status")
            billed = all(row["quantityBilled"] == row["quantity"] for row in rows)
            shipped = all(row["quantityFulfilled"] == row["quantity"] for row in rows)
            assert (letter == "G") == billed
            assert letter != "F" or shipped
        for invoice in self.books.records("invoice"):
            assert invoice.number("amountRemaining") >= 0
            assert (invoice.text("status") == "B") == (invoice.number("amountRemaining") == 0)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_keyed_balances_are_what_the_open_documents_say(seed: int) -> None:
    people = People(seed)
    for _ in range(40):
        for _ in range(8):
            people.act()
        people.check_balances()
        people.check_stock()
        people.check_letters()
    assert len(people.made) >= 12, people.made
    assert sum(people.made.values()) > 250
