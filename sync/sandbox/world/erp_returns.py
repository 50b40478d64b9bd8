"""What came back, as it was keyed: return authorization, receipt, credit memo with its refund, or cash refund.

Goods that can be sold go back to the shelf, others are written off. What a buyer keeps has no receipt, a replacement no
credit. The credit is the channel's refund less its share of the discount: without the tax that a US marketplace gives
back itself, with the VAT in Germany.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.world.broken import Breakage, Key, key_of
from sync.sandbox.world.erp_orders import Entry, OrderDesk
from sync.sandbox.world.life import share_of
from sync.sandbox.world.model import CustomerReturn, Refund, SalesOrder

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["ReturnsDesk", "credit_of"]

ZERO = Decimal(0)
#: How the accountant gives money back: NetSuite asks for a payment method.
_PAYMENT_METHOD = {"id": "7"}


def credit_of(order: SalesOrder, refund: Refund) -> tuple[Decimal, Decimal]:
    """Return what the books credit for a refund: for goods, and for shipping."""
    line, gross = order.line(refund.line_id), order.currency == "EUR"

    def part(amount: Decimal) -> Decimal:
        return share_of(amount, refund.quantity, line.quantity, order.currency)

    goods, shipping = refund.item_price - part(line.discount), refund.shipping
    if gross:
        goods += refund.item_tax - part(line.discount_tax)
        shipping += refund.shipping_tax
    return goods, shipping


@dataclass(slots=True)
class ReturnsDesk:
    """Keys the documents of the channels' returns and refunds of booked orders."""

    orders: OrderDesk
    #: Return authorization of each (channel, return id), once it is keyed.
    _authorized: dict[Key, int] = field(default_factory=dict)

    @property
    def _books(self) -> NetSuiteBooks:
        return self.orders.books

    @property
    def _broken(self) -> Breakage:
        return self.orders.broken

    def entries(self) -> Iterator[Entry]:
        """Yield when each document was keyed and how, in the order of each return's documents."""
        world = self.orders.world
        for channel in world.channels():
            for back in world.returns_of(channel, world.now):
                order = world.order(channel, back.order_id)
                if order is not None and self.orders.is_booked(order):
                    yield from self._of_return(order, back)
        for key in sorted(self._broken.only_credited):
            order = world.order(*key)
            assert order is not None
            yield world.now - timedelta(hours=20), self._goodwill(order, world.now - timedelta(hours=20))

    def _of_return(self, order: SalesOrder, back: CustomerReturn) -> Iterator[Entry]:
        key, now = (back.channel, back.return_id), self.orders.world.now
        if key in self._broken.returns:
            return
        at = min(now, back.requested_at + timedelta(hours=1))
        yield at, self._then(self._authorize, order, back, at)
        if back.received_at is not None:
            at = min(now, max(at, back.received_at + timedelta(hours=2)))
            yield at, self._then(self._receive, order, back, at)
        given = next((r for r in order.refunded_at(now) if r.refund_id == back.refund_id), None)
        if given is not None and (back.channel, given.refund_id) not in self._broken.refunds:
            at = min(now, max(at, given.at + timedelta(hours=3)))
            yield at, lambda: self._credit(order, back, given, at)

    def _then(
        self,
        make: Callable[[SalesOrder, CustomerReturn, datetime], None],
        order: SalesOrder,
        back: CustomerReturn,
        at: datetime,
    ) -> Callable[[], None]:
        return lambda: make(order, back, at)

    def _source(self, order: SalesOrder) -> tuple[str, int]:
        """Return the record type and id of the document that the order was sold by."""
        is_cash = order.fulfilled_by == "channel" and key_of(order) not in self._broken.as_sales_order
        return "cashSale" if is_cash else "salesOrder", self.orders.keyed[key_of(order)]

    def _authorize(self, order: SalesOrder, back: CustomerReturn, at: datetime) -> None:
        kind, source = self._source(order)
        rows = self._books.get(kind, source).rows("item")
        place = next(i for i, line in enumerate(order.lines) if line.line_id == back.line_id)
        items = [
            {"orderLine": row["line"], "quantity": back.quantity if i == place else 0} for i, row in enumerate(rows)
        ]
        memo = f"{back.rma_id} {back.kind}: {back.reason}"
        body = {"memo": memo, "item": {"items": items}}
        made = self._books.transform(kind, source, "returnAuthorization", body, at=at)
        self._authorized[back.channel, back.return_id] = made

    def _receive(self, order: SalesOrder, back: CustomerReturn, at: datetime) -> None:
        del order
        source = self._authorized[back.channel, back.return_id]
        (row,) = self._books.get("returnAuthorization", source).rows("item")
        said = {"orderLine": row["line"], "quantity": back.quantity, "restock": back.disposition == "SELLABLE"}
        body = {"memo": f"{back.rma_id}: {back.disposition}", "item": {"items": [said]}}
        self._books.transform("returnAuthorization", source, "itemReceipt", body, at=at)

    def _credit(self, order: SalesOrder, back: CustomerReturn, given: Refund, at: datetime) -> None:
        source = self._authorized[back.channel, back.return_id]
        (row,) = self._books.get("returnAuthorization", source).rows("item")
        goods, shipping = credit_of(order, given)
        body: dict[str, object] = {
            "item": {"items": [{"orderLine": row["line"], "quantity": given.quantity, "amount": goods}]},
            **({"shippingCost": shipping} if shipping else {}),
        }
        if self._source(order)[0] == "cashSale":
            self._books.transform("returnAuthorization", source, "cashRefund", body, at=at)
            return
        memo = self._books.transform("returnAuthorization", source, "creditMemo", body, at=at)
        self._pay_back(memo, at)

    def _pay_back(self, credit_memo: int, at: datetime) -> None:
        account = self.orders.company.accounts["1190"]
        body = {"account": {"id": str(account)}, "paymentMethod": _PAYMENT_METHOD}
        self._books.transform("creditMemo", credit_memo, "customerRefund", body, at=at)

    def _goodwill(self, order: SalesOrder, at: datetime) -> Callable[[], None]:
        """Return what credits a buyer who complained by telephone: nobody told the channel."""

        def make() -> None:
            sold = self._books.get("salesOrder", self.orders.keyed[key_of(order)])
            body: dict[str, object] = {
                "entity": {"id": str(sold.party)},
                "subsidiary": {"id": str(sold.ref("subsidiary"))},
                "currency": {"id": str(sold.ref("currency"))},
                "otherRefNum": order.order_id,
                "memo": "Goodwill, complaint by telephone",
                "item": {"items": [{"item": {"id": str(self.orders.company.items["GOODWILL"])}, "amount": "5.00"}]},
            }
            self._pay_back(self._books.create("creditMemo", body, at=at), at)

        return make
