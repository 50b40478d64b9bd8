"""Walmart's fixed words: what requests may say (OpenAPI documents, 2026-09)."""

from __future__ import annotations

__all__ = [
    "CANCEL_REASONS",
    "CARRIERS",
    "CARRIERS_NOT_IN_ANSWERS",
    "EXCEPTION_CATEGORIES",
    "LINE_STATUSES",
    "METHOD_CODES",
    "ORDER_TYPES",
    "REFUND_REASONS",
    "REPORT_TYPES",
    "RETURN_REASONS",
    "SHIPPING_PROGRAMS",
    "SHIP_NODE_TYPES",
    "SIMULATED_RETURN_REASONS",
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

REPORT_TYPES = frozenset(
    """ITEM|INVENTORY|CANCELLATION|DELIVERY_DEFECT|ITEM_PERFORMANCE|PROMO|RETURN_OVERRIDES|CPA|SHIPPING_CONFIGURATION
    |SHIPPING_PROGRAM|FITMENT_MISSING_ATTR|FITMENT_ACES_COVERAGE|BUYBOX|ASSORTMENT_RECOMMENDATIONS|LAGTIME
    |API_traffic_report|SEARCH_INSIGHTS_PERF_REPORT|SEARCH_INSIGHTS_SQR_REPORT|INVENTORY_RECOMMENDATIONS
    |SEM_PERFORMANCE|SEM_SEARCH_TERMS|INVENTORY_RECON|SETTLEMENT|WFS_ORDERS|WFS_CUSTOMER_RETURNS|CONTENT_QUALITY
    |LISTING_QUALITY""".replace("\n    ", "").split("|")
)

#: Why a buyer returns something (GET /v3/returns), and what the simulation calls the same.
RETURN_REASONS = frozenset(
    """ARRIVED_LATE|BOUGHT_ANOTHER_SIZE_OR_COLOR|BOUGHT_SOMEWHERE_ELSE|COLOR_NOT_EXPECTED|DAMAGED|DEFECTIVE
    |DEVICE/PART(S)_DO_NOT_WORK|DID_NOT_LIKE_FABRIC|DIFFICULT_TO_SETUP/NOT_COMPATIBLE|DUPLICATE_ITEM|INCORRECT_ITEM
    |ITEM_MISSING|LOST_AFTER_DELIVERY|LOST_IN_TRANSIT|LOWER_PRICE|NOT_AS_DESCRIBED|NO_LONGER_WANTED|OTHER
    |OUT_OF_STOCK|PACKAGING_OR_ITEMBOX_IS_DAMAGED|RETURN_TO_SENDER|SHIPPING_BOX_DAMAGED|TRIED_TO_CANCEL
    |WRONG_SIZE/POOR_FIT""".replace("\n    ", "").split("|")
)
SIMULATED_RETURN_REASONS = (
    "DEFECTIVE",
    "WRONG_ITEM",
    "BUYER_CHANGED_MIND",
    "SELLER_WRONG_ITEM_SHIPPED",
    "CANCEL_ORDER",
    "MISSING_PARTS",
    "ARRIVED_DAMAGED",
    "NOT_AS_DESCRIBED",
    "ITEM_NOT_WORKING",
    "ORDERED_WRONG_ITEM",
)
EXCEPTION_CATEGORIES = ("HAZMAT", "OTHER", "FREIGHT")
