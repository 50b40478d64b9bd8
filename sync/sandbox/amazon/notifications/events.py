"""The world's changes as notification payloads: each type in its own case, each with an id that does not change.

PascalCase: ORDER_CHANGE, TRANSACTION_UPDATE, FBA_INVENTORY_AVAILABILITY_CHANGES. camelCase:
REPORT_PROCESSING_FINISHED.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync.sandbox.amazon.front.gateway import Parts
from sync.sandbox.amazon.front.parameters import zulu
from sync.sandbox.amazon.money.ledger import EntryBook
from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.amazon.orders.v0_view import v0_status
from sync.sandbox.amazon.orders.view import MARKETPLACES
from sync.sandbox.world.model import SalesOrder, Stock

__all__ = ["CAMEL_TYPES", "EVENT_BRIDGE_TYPES", "SQS_TYPES", "Event", "Happenings", "envelope"]

SQS_TYPES = (
    "ORDER_CHANGE",
    "REPORT_PROCESSING_FINISHED",
    "FEED_PROCESSING_FINISHED",
    "FBA_INVENTORY_AVAILABILITY_CHANGES",
    "FBA_OUTBOUND_SHIPMENT_STATUS",
    "FULFILLMENT_ORDER_STATUS",
    "TRANSACTION_UPDATE",
    "ACCOUNT_STATUS_CHANGED",
    "PRICING_HEALTH",
    "ANY_OFFER_CHANGED",
    "ITEM_INVENTORY_EVENT_CHANGE",
)
EVENT_BRIDGE_TYPES = (
    "LISTINGS_ITEM_STATUS_CHANGE",
    "LISTINGS_ITEM_ISSUES_CHANGE",
    "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
    "ITEM_PRODUCT_TYPE_CHANGE",
    "PRODUCT_TYPE_DEFINITIONS_CHANGE",
    "BRANDED_ITEM_CONTENT_CHANGE",
)
CAMEL_TYPES = ("REPORT_PROCESSING_FINISHED", "FEED_PROCESSING_FINISHED", "ITEM_INVENTORY_EVENT_CHANGE")


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `key` tells it from every other event of its type."""

    notification_type: str
    at: datetime
    key: str
    payload: dict[str, Any]


def envelope(event: Event, subscription_id: str, payload_version: str, application_id: str) -> dict[str, Any]:
    """Return the whole notification in the case of its type."""
    name = f"{event.notification_type}/{event.key}"
    camel = event.notification_type in CAMEL_TYPES

    def cased(field: str) -> str:
        return field[0].lower() + field[1:] if camel else field

    metadata = {
        "ApplicationId": application_id,
        "SubscriptionId": subscription_id,
        "PublishTime": zulu(event.at),
        "NotificationId": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
    }
    return {
        cased("NotificationVersion"): "2020-09-04" if camel else "1.0",
        cased("NotificationType"): event.notification_type,
        cased("PayloadVersion"): payload_version,
        cased("EventTime"): zulu(event.at),
        cased("Payload"): event.payload,
        cased("NotificationMetadata"): {cased(field): value for field, value in metadata.items()},
    }


class Happenings:
    """Finds what happened in a span of time, by notification type."""

    def __init__(self, parts: Parts) -> None:
        self._world, self._reports, self._seller_id = parts.world, parts.reports, parts.seller_id
        self._book = EntryBook(parts.world)
        self._parts = parts
        self._finders: dict[str, Callable[[datetime, datetime], Iterator[Event]]] = {
            "ORDER_CHANGE": self._order_changes,
            "REPORT_PROCESSING_FINISHED": self._finished_reports,
            "TRANSACTION_UPDATE": self._transactions,
            "FBA_INVENTORY_AVAILABILITY_CHANGES": self._inventory,
        }

    def between(self, notification_type: str, after: datetime, until: datetime) -> list[Event]:
        """Return the events in (after, until], oldest first; none for types that this world has no news of."""
        for carry_out in self._parts.due:
            carry_out()
        finder = self._finders.get(notification_type) or self._parts.finders.get(notification_type)
        found = [] if finder is None else list(finder(after, until))
        return sorted(found, key=lambda event: (event.at, event.key))

    def _order_changes(self, after: datetime, until: datetime) -> Iterator[Event]:
        for channel in MARKETPLACES:
            for order in self._world.changed(channel, after, until, until):
                for change in order.timeline:
                    if after < change.at <= until and change.status != "delivered":
                        yield self._order_change(order, change.at)

    def _order_change(self, order: SalesOrder, at: datetime) -> Event:
        status = v0_status(order, at)
        shipped = sum(order.quantity_shipped(line.line_id, at) for line in order.lines)
        units = sum(line.quantity for line in order.lines)
        note = {
            "NotificationLevel": "OrderLevel",
            "SellerId": self._seller_id,
            "AmazonOrderId": order.order_id,
            "OrderChangeType": "OrderStatusChange",
            "OrderChangeTrigger": {"TimeOfOrderChange": zulu(at), "ChangeReason": "Order Status Change"},
            "Summary": {
                "MarketplaceId": MARKETPLACES[order.channel][0],
                "OrderStatus": status,
                "PurchaseDate": zulu(order.ordered_at),
                "DestinationPostalCode": None if status == "Pending" else order.buyer.address.postal_code,
                "FulfillmentType": "AFN" if order.fulfilled_by == "channel" else "MFN",
                "OrderType": "StandardOrder",
                "NumberOfItemsShipped": shipped,
                "NumberOfItemsUnshipped": 0 if status == "Canceled" else units - shipped,
                "OrderPrograms": [n for n, so in (("Business", order.is_business), ("Prime", order.is_prime)) if so],
                "OrderItems": [
                    {
                        "OrderItemId": line.line_id,
                        "SellerSKU": line.sku,
                        "SupplySourceId": None,
                        "Quantity": line.quantity,
                        "QuantityShipped": order.quantity_shipped(line.line_id, at),
                    }
                    for line in order.lines
                ],
            },
        }
        key = f"{order.channel}/{order.order_id}/{at.isoformat()}/{status}"
        return Event("ORDER_CHANGE", at, key, {"OrderChangeNotification": note})

    def _finished_reports(self, after: datetime, until: datetime) -> Iterator[Event]:
        for report in self._reports.reports(until):
            if not after < report.finished_at <= until:
                continue
            status = report.status(until)
            note = {
                "sellerId": self._seller_id,
                "accountId": f"amzn1.merchant.o.{self._seller_id}",
                "reportId": report.report_id,
                "reportType": report.report_type,
                "processingStatus": status,
            }
            if status == "DONE":
                note["reportDocumentId"] = report.document_id
            payload = {"reportProcessingFinishedNotification": note}
            yield Event("REPORT_PROCESSING_FINISHED", report.finished_at, report.report_id, payload)

    def _transactions(self, after: datetime, until: datetime) -> Iterator[Event]:
        for channel, (marketplace_id, _) in MARKETPLACES.items():
            for entry in self._book.of(channel, until):
                if not after < entry.posted_at <= until:
                    continue
                note: dict[str, Any] = {
                    "SellingPartnerMetadata": {
                        "SellingPartnerId": self._seller_id,
                        "MarketplaceId": marketplace_id,
                        "AccountType": "Standard Orders",
                    },
                    "TransactionType": {"Order": "Shipment"}.get(entry.head.transaction_type, "Adjustment"),
                    "PostedDate": zulu(entry.posted_at),
                    "TotalAmount": {"CurrencyAmount": entry.total, "CurrencyCode": entry.settlement.currency},
                }
                if entry.head.order_id:
                    note["RelatedIdentifiers"] = [
                        {"RelatedIdentifierName": "OrderId", "RelatedIdentifierValue": entry.head.order_id}
                    ]
                payload = {"TransactionUpdateNotification": note}
                yield Event("TRANSACTION_UPDATE", entry.posted_at, entry.entry_id, payload)

    def _inventory(self, after: datetime, until: datetime) -> Iterator[Event]:
        """Yield one event a SKU that moved in the span, with what lies there at the end of it."""
        for channel in MARKETPLACES:
            moved = {m.sku: m for m in self._world.movements(channel, after, until)}
            stock: dict[str, list[Stock]] = {}
            for row in self._world.stock_at(channel, until) if moved else ():
                stock.setdefault(row.sku, []).append(row)
            for sku, movement in moved.items():
                key = f"{channel}/{sku}/{movement.movement_id}"
                payload = self._inventory_payload(channel, sku, stock.get(sku, []))
                yield Event("FBA_INVENTORY_AVAILABILITY_CHANGES", movement.at, key, payload)

    def _inventory_payload(self, channel: str, sku: str, rows: list[Stock]) -> dict[str, Any]:
        listing = self._world.listing(channel, sku)
        inventory = {
            "InboundQuantityBreakdown": {"Working": 0, "Shipped": sum(r.inbound for r in rows), "Receiving": 0},
            "Fulfillable": sum(r.fulfillable for r in rows),
            "Unfulfillable": sum(r.unfulfillable for r in rows),
            "Researching": sum(r.researching for r in rows),
            "ReservedQuantityBreakdown": {
                "WarehouseProcessing": 0,
                "WarehouseTransfer": 0,
                "PendingCustomerOrder": sum(r.reserved for r in rows),
            },
            "FutureSupplyBuyable": 0,
            "PendingCustomerOrderInTransit": 0,
        }
        market = {
            "MarketplaceId": MARKETPLACES[channel][0],
            "ItemName": listing.title if listing else sku,
            "FulfillmentInventory": inventory,
        }
        return {
            "SellerId": self._seller_id,
            "FNSKU": fnsku_of(listing) if listing else "",
            "ASIN": (listing.asin or "") if listing else "",
            "SKU": sku,
            "FulfillmentInventoryByMarketplace": [market],
        }
