"""Walmart's fixed words: what an order request may say (OpenAPI of order management, 2026-09)."""

from __future__ import annotations

__all__ = [
    "CANCEL_REASONS",
    "CARRIERS",
    "CARRIERS_NOT_IN_ANSWERS",
    "LINE_STATUSES",
    "METHOD_CODES",
    "ORDER_TYPES",
    "REFUND_REASONS",
    "SHIPPING_PROGRAMS",
    "SHIP_NODE_TYPES",
    "UNITS",
]

#: Statuses of a part of a line; the order list filters by all but Refund.
LINE_STATUSES = ("Created", "Acknowledged", "Shipped", "Delivered", "Cancelled", "Refund")

METHOD_CODES = ("Standard", "Express", "OneDay", "Freight", "WhiteGlove", "Value")

UNITS = ("EACH", "EA")

SHIP_NODE_TYPES = ("SellerFulfilled", "WFSFulfilled", "3PLFulfilled")

SHIPPING_PROGRAMS = ("TWO_DAY", "ONE_DAY")

ORDER_TYPES = ("REGULAR", "REPLACEMENT", "PREORDER")

CANCEL_REASONS = (
    "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
    "SELLER_CANCEL_PRICING_ERROR",
    "SELLER_CANCEL_OUT_OF_STOCK",
    "SELLER_CANCEL_FRAUD_STOP_SHIPMENT",
    "SELLER_CANCEL_ADDRESS_NOT_SERVICEABLE",
)

REFUND_REASONS = (
    "BillingError",
    "TaxExemptCustomer",
    "ItemNotAsAdvertised",
    "IncorrectItemReceived",
    "CancelledYetShipped",
    "ItemNotReceivedByCustomer",
    "IncorrectShippingPrice",
    "DamagedItem",
    "DefectiveItem",
    "CustomerChangedMind",
    "CustomerReceivedItemLate",
    "Missing Parts / Instructions",
    "Finance -> Goodwill",
    "Finance -> Rollback",
    "Buyer canceled",
    "Customer returned item",
    "General adjustment",
    "Merchandise not received",
    "Quality -> Missing Parts / Instructions",
    "Shipping & Delivery -> Damaged",
    "Shipping & Delivery -> Shipping Price Discrepancy",
    "Others",
)

#: Taken in a ship request, but missing among the values that the answers are documented with.
CARRIERS_NOT_IN_ANSWERS = frozenset({"ShipGlobal", "Western Post"})

CARRIERS = frozenset(
    """UPS|USPS|FedEx|Airborne|OnTrac|DHL Ecommerce - US|DHL|LS|UDS|UPSMI|FDX|PILOT|ESTES|SAIA|FDS Express
    |Seko Worldwide|HIT Delivery|FEDEXSP|RL Carriers|Metropolitan Warehouse & Delivery|China Post|YunExpress
    |Yellow Freight Sys|AIT Worldwide Logistics|Chukou1|Sendle|Landmark Global|Sunyou|Yanwen|4PX|GLS|OSM Worldwide
    |FIRST MILE|AM Trucking|CEVA|India Post|SF Express|CNE|TForce Freight|AxleHire|LSO|Royal Mail|ABF Freight System
    |WanB|Roadrunner Freight|Meyer Distribution|AAA Cooper|Canada Post|Southeastern Freight Lines|Japan Post
    |Correos de Mexico|XPO Logistics|JD Logistics|YDH|JCEX|Flyt|Deutsche Post|Better Trucks|Asendia|SFC|UBI
    |ePost Global|YF Logistics|RXO|Estes Express|Shypmax|WIN.IT America|PITT OHIO|PostNord Sweden|Equick|Whistl
    |Tusou|Shiprocket|USPS First Class Mail|DTDC|PTS|ShipGlobal|Western Post""".replace("\n    ", "").split("|")
)
