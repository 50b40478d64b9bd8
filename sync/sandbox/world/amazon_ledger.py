"""What Amazon books for each order, refund and account charge: the lines of the settlements.

Texts are those of the settlement report V2 (sign: + is money in). Per order line: ItemPrice, Promotion,
ItemWithheldTax (what the marketplace facilitator keeps) and ItemFees; refunds mirror them and give the commission
back less an administration fee.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.world.facts import LedgerLine, Listing, Refund, SalesLine, SalesOrder, Shipment
from sync.sandbox.world.life import share_of
from sync.sandbox.world.sizes import measure_at, unit_fee

__all__ = ["MARKETPLACE_NAMES", "fba_fee", "order_entries"]

ZERO = Decimal(0)
MARKETPLACE_NAMES = {"amazon.US": "Amazon.com", "amazon.DE": "Amazon.de"}
_COMMISSION = Decimal("0.15")
#: Amazon keeps the lesser of 5.00 and 20 % of the commission of a refunded line.
_REFUND_FEE_SHARE, _REFUND_FEE_CAP = Decimal("0.20"), Decimal("5.00")


@dataclass(frozen=True, slots=True)
class _Part:
    """The amounts of some units of one line, all positive."""

    price: Decimal
    tax: Decimal
    shipping: Decimal
    shipping_tax: Decimal
    gift: Decimal
    gift_tax: Decimal
    discount: Decimal
    discount_tax: Decimal


def _part(line: SalesLine, units: int, currency: str, before: int = 0) -> _Part:
    """Return what `units` carry after `before` units have gone: the parts of a line add to it exactly."""

    def cut(amount: Decimal) -> Decimal:
        upto = share_of(amount, before + units, line.quantity, currency)
        return upto - (share_of(amount, before, line.quantity, currency) if before else ZERO)

    return _Part(
        cut(line.item_price),
        cut(line.item_tax),
        cut(line.shipping),
        cut(line.shipping_tax),
        cut(line.gift_wrap),
        cut(line.gift_wrap_tax),
        cut(line.discount),
        cut(line.discount_tax),
    )


def order_entries(order: SalesOrder, until: datetime) -> Iterator[LedgerLine]:
    """Yield what Amazon books for one order up to `until`, in time order within each parcel and refund."""
    gone: dict[str, int] = {}
    for shipment in order.shipments:
        if shipment.at >= until:
            break
        for line_id, units in shipment.quantities.items():
            line = order.line(line_id)
            yield from _sale(order, line, shipment, units, gone.get(line_id, 0))
            gone[line_id] = gone.get(line_id, 0) + units
    for refund in order.refunds:
        if refund.at < until:
            yield from _refund(order, order.line(refund.line_id), refund)


def _stub(order: SalesOrder, line: SalesLine, kind: str, at: datetime, units: int) -> LedgerLine:
    return LedgerLine(
        transaction_type=kind,
        amount_type="",
        description="",
        amount=ZERO,
        posted_at=at,
        order_id=order.order_id,
        merchant_order_id=order.order_id if order.fulfilled_by == "seller" else None,
        marketplace="Non-Amazon" if order.order_type == "multi_channel" else MARKETPLACE_NAMES[order.channel],
        fulfilled_by=order.fulfilled_by,
        line_id=line.line_id,
        sku=line.sku,
        quantity=units,
    )


def _emit(stub: LedgerLine, rows: list[tuple[str, str, Decimal]]) -> Iterator[LedgerLine]:
    for amount_type, description, amount in rows:
        if amount:
            yield replace(stub, amount_type=amount_type, description=description, amount=amount)


def _goods(part: _Part) -> list[tuple[str, str, Decimal]]:
    return [
        ("ItemPrice", "Principal", part.price),
        ("ItemPrice", "Tax", part.tax),
        ("ItemPrice", "Shipping", part.shipping),
        ("ItemPrice", "ShippingTax", part.shipping_tax),
        ("ItemPrice", "GiftWrap", part.gift),
        ("ItemPrice", "GiftWrapTax", part.gift_tax),
    ]


def _withheld(order: SalesOrder, part: _Part) -> list[tuple[str, str, Decimal]]:
    """Return the tax that Amazon keeps as marketplace facilitator: all of it in the US, none of German VAT."""
    if order.currency != "USD":
        return []
    return [
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Principal", -part.tax),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Shipping", -part.shipping_tax),
        ("ItemWithheldTax", "MarketplaceFacilitatorTax-Other", -part.gift_tax),
    ]


def _commission(order: SalesOrder, part: _Part) -> Decimal:
    """Return the referral fee, positive: 15 % of what the buyer pays for goods (with VAT in Germany)."""
    goods = part.price - part.discount
    if order.currency == "EUR":
        goods += part.tax - part.discount_tax
    return round_to_minor(goods * _COMMISSION, order.currency)


def fba_fee(listing: Listing, units: int, currency: str, at: datetime) -> Decimal:
    """Return the fulfilment fee of `units` that leave at a moment, positive: by what Amazon measured until then."""
    return round_to_minor(unit_fee(measure_at(listing.product, listing.channel, at)), currency) * units


def _fees(order: SalesOrder, line: SalesLine, part: _Part, units: int, at: datetime) -> list[tuple[str, str, Decimal]]:
    rows = [("ItemFees", "Commission", -_commission(order, part))]
    if order.fulfilled_by == "channel":
        rows.append(("ItemFees", "FBAPerUnitFulfillmentFee", -fba_fee(line.listing, units, order.currency, at)))
        rows.append(("ItemFees", "ShippingChargeback", -part.shipping))
        rows.append(("ItemFees", "GiftwrapChargeback", -part.gift))
    else:
        rows.append(("ItemFees", "ShippingHB", -round_to_minor(part.shipping * _COMMISSION, order.currency)))
    return rows


def _sale(order: SalesOrder, line: SalesLine, shipment: Shipment, units: int, before: int) -> Iterator[LedgerLine]:
    part = _part(line, units, order.currency, before)
    stub = replace(_stub(order, line, "Order", shipment.at, units), shipment_id=shipment.shipment_id)
    if order.order_type == "multi_channel":
        # Another shop's sale: Amazon books what it charges for the shipping and no sale.
        fee = fba_fee(line.listing, units, order.currency, shipment.at)
        yield from _emit(stub, [("ItemFees", "FBAPerUnitFulfillmentFee", -fee)])
        return
    yield from _emit(stub, _goods(part) + _withheld(order, part) + _fees(order, line, part, units, shipment.at))
    promotions = [
        ("Promotion", "Principal", -part.discount),
        ("Promotion", "TaxDiscount", -part.discount_tax),
    ]
    yield from _emit(replace(stub, promotion_id=line.promotion_id), promotions)


def _refund(order: SalesOrder, line: SalesLine, refund: Refund) -> Iterator[LedgerLine]:
    whole = _part(line, refund.quantity, order.currency)
    part = replace(
        whole,
        price=refund.item_price,
        tax=refund.item_tax,
        shipping=refund.shipping,
        shipping_tax=refund.shipping_tax,
        gift=ZERO,
        gift_tax=ZERO,
    )
    stub = replace(
        _stub(order, line, "Refund", refund.at, refund.quantity),
        adjustment_id=refund.refund_id,
        adjustment_line_id=f"{line.line_id}R",
        reason=refund.reason,
    )
    commission = _commission(order, part)
    kept = min(_REFUND_FEE_CAP, round_to_minor(commission * _REFUND_FEE_SHARE, order.currency))
    mirrored = [(kind, text, -amount) for kind, text, amount in _goods(part) + _withheld(order, part)]
    fees = [("ItemFees", "Commission", commission), ("ItemFees", "RefundCommission", -kept)]
    if order.fulfilled_by == "seller":
        fees.append(("ItemFees", "ShippingHB", round_to_minor(part.shipping * _COMMISSION, order.currency)))
    yield from _emit(stub, mirrored + fees)
    promotions = [("Promotion", "Principal", part.discount), ("Promotion", "TaxDiscount", part.discount_tax)]
    yield from _emit(replace(stub, promotion_id=line.promotion_id), promotions)
