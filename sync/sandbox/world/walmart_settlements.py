"""Walmart's payouts: every 14 days a reconciliation report whose amounts add to Total Payable exactly.

Types, descriptions and amount types are those of the reconciliation report v1; + is money in. One sale shares an
`entry_key` (Transaction Key) over its amounts; the fulfilment fee and the shipping label have their own.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor, total_of
from sync.sandbox.world.amazon_settlements import Sales
from sync.sandbox.world.facts import LedgerLine, Listing, Refund, SalesLine, SalesOrder, Settlement
from sync.sandbox.world.life import share_of

__all__ = ["PERIOD", "account_lines", "order_entries", "walmart_settlement", "walmart_settlements"]

ZERO = Decimal(0)
PERIOD = timedelta(days=14)
#: Percent by category; 15 for the rest.
_RATES = {"Office": Decimal(12), "Outdoors": Decimal(12), "Sports": Decimal(10)}


def walmart_settlements(
    rng: random.Random, orders: Sequence[SalesOrder], listings: Sequence[Listing], last_end: datetime, count: int
) -> list[Settlement]:
    """Return `count` settlements of walmart.US up to `last_end`, oldest first."""
    entries = sorted((entry for order in orders for entry in order_entries(order, last_end)), key=lambda e: e.posted_at)
    settlements = []
    for index in range(count):
        end = last_end - PERIOD * (count - 1 - index)
        start = end - PERIOD
        lines = [e for e in entries if start <= e.posted_at < end]
        sales = total_of(e.amount for e in lines if e.transaction_type == "Sale" and e.amount_type == "Product Price")
        lines += account_lines(rng, start, listings, _constant(sales))
        lines.sort(key=lambda e: e.posted_at)
        settlements.append(walmart_settlement(start, end, lines))
    return settlements


def walmart_settlement(start: datetime, end: datetime, lines: Sequence[LedgerLine]) -> Settlement:
    """Return the settlement of [start, end) over these lines."""
    return Settlement(
        channel="walmart.US",
        settlement_id=f"{end:%m%d%Y}",
        currency="USD",
        start=start,
        end=end,
        deposit_at=end + timedelta(days=1),
        available_at=end + timedelta(hours=9),
        total=total_of(e.amount for e in lines),
        lines=tuple(lines),
        report_id=f"{end:%m%d%Y}",
    )


def order_entries(order: SalesOrder, until: datetime) -> Iterator[LedgerLine]:
    """Yield what Walmart books for one order up to `until`, in time order within each parcel and refund."""
    gone: dict[str, int] = {}
    for shipment in order.shipments:
        if shipment.at >= until:
            break
        for line_id, units in shipment.quantities.items():
            yield from _sale(order, order.line(line_id), units, gone.get(line_id, 0), shipment.at)
            gone[line_id] = gone.get(line_id, 0) + units
        if order.fulfilled_by == "seller" and order.order_id.endswith(("1", "4", "7")):
            yield _label(order, shipment.at)
    for refund in order.refunds:
        if refund.at < until:
            yield from _refund(order, order.line(refund.line_id), refund)


def _stub(order: SalesOrder, line: SalesLine, at: datetime, units: int, number: int) -> LedgerLine:
    return LedgerLine(
        transaction_type="",
        amount_type="",
        description="",
        amount=ZERO,
        posted_at=at,
        order_id=order.order_id,
        alternate_id=order.alternate_id,
        fulfilled_by=order.fulfilled_by,
        line_id=line.line_id,
        sku=line.sku,
        quantity=units,
        entry_key=f"{at:%Y_%m_%d}_{(int(order.order_id) * 7 + int(line.line_id) * 13 + number) % 10_000_000:07d}",
        rate=_rate(line),
    )


def _rate(line: SalesLine) -> Decimal:
    return _RATES.get(line.listing.product.category, Decimal(15))


def _emit(stub: LedgerLine, kind: str, text: str, rows: list[tuple[str, Decimal]]) -> Iterator[LedgerLine]:
    for amount_type, amount in rows:
        if amount:
            yield replace(stub, transaction_type=kind, description=text, amount_type=amount_type, amount=amount)


def _amounts(
    price: Decimal, tax: Decimal, shipping: Decimal, shipping_tax: Decimal, rate: Decimal
) -> list[tuple[str, Decimal]]:
    """Return the amounts of a sale; the tax comes in and goes out again, as the marketplace remits it."""
    return [
        ("Product Price", price),
        ("Product tax", tax),
        ("Product tax withheld", -tax),
        ("Commission on Product", -round_to_minor(price * rate / 100, "USD")),
        ("Shipping", shipping),
        ("Shipping tax", shipping_tax),
        ("Shipping tax withheld", -shipping_tax),
        ("Commission on Shipping", -round_to_minor(shipping * rate / 100, "USD")),
    ]


def _sale(order: SalesOrder, line: SalesLine, units: int, before: int, at: datetime) -> Iterator[LedgerLine]:
    def cut(amount: Decimal) -> Decimal:
        upto = share_of(amount, before + units, line.quantity, "USD")
        return upto - (share_of(amount, before, line.quantity, "USD") if before else ZERO)

    stub = _stub(order, line, at, units, before)
    amounts = _amounts(
        cut(line.item_price), cut(line.item_tax), cut(line.shipping), cut(line.shipping_tax), _rate(line)
    )
    yield from _emit(stub, "Sale", "Purchase", amounts)
    if order.fulfilled_by == "channel":
        fee = Decimal("3.45") + round_to_minor(
            min(Decimal("8.00"), line.listing.product.weight_lb * Decimal("0.4")), "USD"
        )
        own = replace(stub, entry_key=f"{stub.entry_key}1", rate=None)
        yield from _emit(own, "Adjustment", "WFS Fulfillment fee", [("WFS Fee/Reimbursement", -fee * units)])


def _label(order: SalesOrder, at: datetime) -> LedgerLine:
    line = order.lines[0]
    cost = Decimal("3.82") + line.listing.product.weight_lb * Decimal("0.2")
    stub = _stub(order, line, at + timedelta(minutes=4), line.quantity, 900)
    return replace(
        stub,
        transaction_type="Adjustment",
        description="Walmart Shipping Label Service Charge",
        amount_type="Fee/Reimbursement",
        amount=-round_to_minor(cost, "USD"),
        rate=None,
    )


def _refund(order: SalesOrder, line: SalesLine, refund: Refund) -> Iterator[LedgerLine]:
    text = "Return Refund" if refund.kind == "return" else "Keep-it refund"
    stub = replace(_stub(order, line, refund.at, refund.quantity, 500), reason=refund.reason)
    amounts = _amounts(refund.item_price, refund.item_tax, refund.shipping, refund.shipping_tax, _rate(line))
    yield from _emit(stub, "Refund", text, [(kind, -amount) for kind, amount in amounts])
    if order.fulfilled_by == "channel" and refund.kind == "return":
        own = replace(stub, entry_key=f"{stub.entry_key}1", rate=None)
        # The vendor's own text carries the quotes and the blank.
        yield from _emit(own, "Adjustment", '"WFS Return Shipping fee "', [("WFS Fee/Reimbursement", Decimal("-4.10"))])


def _constant(amount: Decimal) -> Sales:
    def sales(after: datetime, before: datetime) -> Decimal:
        del after, before
        return amount

    return sales


def account_lines(rng: random.Random, start: datetime, listings: Sequence[Listing], sales: Sales) -> list[LedgerLine]:
    """Return advertising, storage, disposal, a dispute won and goods lost; the first ones are shares of `sales`."""

    def line(kind: str, text: str, amount_type: str, amount: Decimal, day: float) -> LedgerLine:
        at = start + timedelta(days=day)
        return LedgerLine(
            transaction_type=kind,
            amount_type=amount_type,
            description=text,
            amount=amount,
            posted_at=at,
            entry_key=f"{at:%Y_%m_%d}_9{rng.randint(100_000, 999_999)}",
        )

    def spend(day: float, low: int, high: int, since: float = 0) -> Decimal:
        """Return so many hundredths of a percent of sales, a cent at least."""
        sold = sales(start + timedelta(days=since), start + timedelta(days=day))
        return max(Decimal("0.01"), (sold * rng.randint(low, high) / 10_000).quantize(Decimal("0.01")))

    lost = rng.choice([x for x in listings if x.fulfilled_by == "channel"])
    found = line("Adjustment", "WFS LostInventory", "WFS Inventory Fee/Reimbursement", lost.price, rng.randint(2, 11))
    return [
        line("Service Fee", "Walmart Product Advertising", "Fee/Reimbursement", -spend(6.3, 100, 400), 6.3),
        line("Service Fee", "Walmart Product Advertising", "Fee/Reimbursement", -spend(13.2, 60, 240, 6.3), 13.2),
        line("Service Fee", "WFS StorageFee", "WFS Fee/Reimbursement", -spend(4.1, 40, 140), 4.1),
        line("", "WFS RC_InventoryDisposalFee", "", -spend(8.8, 3, 20), 8.8),
        line("Dispute Settlement", "Dispute won", "Fee/Reimbursement", spend(9.7, 10, 60), 9.7),
        replace(found, sku=lost.sku, quantity=1, fulfilled_by="channel"),
    ]
