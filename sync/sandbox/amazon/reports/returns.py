"""What came back and what was made good: FBA returns, the seller's own returns, reimbursements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.amazon.reports.table import Span, table
from sync.sandbox.world.model import SalesOrder, World
from sync.sandbox.world.returning import CustomerReturn

__all__ = [
    "FBA_RETURN_COLUMNS",
    "REIMBURSEMENT_COLUMNS",
    "SELLER_RETURN_COLUMNS",
    "write_fba_returns",
    "write_reimbursements",
    "write_seller_returns",
]

FBA_RETURN_COLUMNS = (
    "return-date order-id sku asin fnsku product-name quantity fulfillment-center-id detailed-disposition reason "
    "status license-plate-number customer-comments"
).split()
SELLER_RETURN_COLUMNS = (
    "Order ID|Order date|Return request date|Return request status|Amazon RMA ID|Merchant RMA ID|Label type|Label cost|"
    "Currency code|Return carrier|Tracking ID|Label to be paid by|A-to-Z Claim|Is prime|ASIN|Merchant SKU|Item Name|"
    "Return quantity|Return Reason|In policy|Return type|Resolution|Invoice number|Return delivery date|Order Amount|"
    "Order quantity|SafeT Action reason|SafeT claim id|SafeT claim state|SafeT claim creation time|"
    "SafeT claim reimbursement amount|Refunded Amount"
).split("|")
REIMBURSEMENT_COLUMNS = (
    "approval-date reimbursement-id case-id amazon-order-id reason sku fnsku asin product-name condition currency-unit "
    "amount-per-unit amount-total quantity-reimbursed-cash quantity-reimbursed-inventory quantity-reimbursed-total "
    "original-reimbursement-id original-reimbursement-type"
).split()


def write_fba_returns(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA: one row for each return that Amazon has received."""
    return table(FBA_RETURN_COLUMNS, _fba_rows(world, channels, span))


def write_seller_returns(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE: one row for each return to the seller, by request."""
    return table(SELLER_RETURN_COLUMNS, _seller_rows(world, channels, span))


def write_reimbursements(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return GET_FBA_REIMBURSEMENTS_DATA: one row for each reimbursement approved in the span."""
    return table(REIMBURSEMENT_COLUMNS, _reimbursed_rows(world, channels, span))


def _returns(
    world: World, channels: Sequence[str], span: Span, fulfilled_by: str
) -> Iterator[tuple[CustomerReturn, SalesOrder]]:
    for channel in channels:
        for back in world.returns_of(channel, span.now):
            order = world.order(channel, back.order_id)
            if order is not None and order.fulfilled_by == fulfilled_by:
                yield back, order


def _fba_rows(world: World, channels: Sequence[str], span: Span) -> Iterator[dict[str, object]]:
    for back, order in _returns(world, channels, span, "channel"):
        if not span.holds(back.received_at) or back.received_at is None:
            continue
        listing = order.line(back.line_id).listing
        yield {
            "return-date": back.received_at.isoformat(timespec="seconds"),
            "order-id": back.order_id,
            "sku": listing.sku,
            "asin": listing.asin,
            "fnsku": fnsku_of(listing),
            "product-name": listing.title,
            "quantity": back.quantity,
            "fulfillment-center-id": back.warehouse_id,
            "detailed-disposition": back.disposition,
            "reason": back.reason,
            "status": "Unit returned to inventory",
            "license-plate-number": back.license_plate,
            "customer-comments": back.comment,
        }


def _seller_rows(world: World, channels: Sequence[str], span: Span) -> Iterator[dict[str, object]]:
    for back, order in _returns(world, channels, span, "seller"):
        if span.holds(back.requested_at):
            yield _seller_row(back, order, span.now)


def _seller_row(back: CustomerReturn, order: SalesOrder, now: datetime) -> dict[str, object]:
    line = order.line(back.line_id)
    refund = next((r for r in order.refunded_at(now) if r.refund_id == back.refund_id), None)
    given = "" if refund is None else refund.item_price + refund.item_tax + refund.shipping + refund.shipping_tax
    return {
        "Order ID": order.order_id,
        "Order date": _day(order.ordered_at),
        "Return request date": _day(back.requested_at),
        "Return request status": "Completed" if refund else "Approved",
        "Amazon RMA ID": back.rma_id,
        "Label type": "AmazonUnPaidLabel" if back.tracking_number else "",
        "Label cost": "0.00" if back.tracking_number else "",
        "Currency code": order.currency,
        "Return carrier": back.carrier,
        "Tracking ID": back.tracking_number,
        "Label to be paid by": "Customer" if back.tracking_number else "",
        "A-to-Z Claim": "N",
        "Is prime": "Y" if order.is_prime else "N",
        "ASIN": line.listing.asin,
        "Merchant SKU": line.sku,
        "Item Name": line.listing.title,
        "Return quantity": back.quantity,
        "Return Reason": f"CR-{back.reason}",
        "In policy": "Y",
        "Return type": "C-Returns",
        "Resolution": {"keep it": "ReturnlessRefund", "replacement": "Replacement"}.get(back.kind, "StandardRefund"),
        "Return delivery date": _day(back.received_at) if back.received_at else "",
        "Order Amount": f"{order.total:.2f}",
        "Order quantity": line.quantity,
        "Refunded Amount": f"{given:.2f}" if given != "" else "",
    }


def _reimbursed_rows(world: World, channels: Sequence[str], span: Span) -> Iterator[dict[str, object]]:
    for channel in channels:
        for paid in world.reimbursements_of(channel, span.now):
            if not span.holds(paid.approved_at):
                continue
            listing = world.listing(channel, paid.sku)
            yield {
                "approval-date": paid.approved_at.isoformat(timespec="seconds"),
                "reimbursement-id": paid.reimbursement_id,
                "case-id": paid.case_id,
                "amazon-order-id": paid.order_id,
                "reason": paid.reason,
                "sku": paid.sku,
                "fnsku": fnsku_of(listing) if listing else "",
                "asin": listing.asin if listing else "",
                "product-name": listing.title if listing else "",
                "condition": "NewItem",
                "currency-unit": paid.currency,
                "amount-per-unit": f"{paid.amount_per_unit:.2f}",
                "amount-total": f"{paid.total:.2f}",
                "quantity-reimbursed-cash": paid.quantity_cash,
                "quantity-reimbursed-inventory": paid.quantity_inventory,
                "quantity-reimbursed-total": paid.quantity_cash + paid.quantity_inventory,
            }


def _day(at: datetime) -> str:
    return f"{at:%d-%b-%Y}"
