"""Walmart's fixed words and our own for the same things (OpenAPI documents of 2026-09, "Order Management").

A carrier that is not in the list goes out as free text, and then with an address where the parcel can be followed.
"""

from __future__ import annotations

__all__ = ["CANCEL_REASONS", "CARRIERS", "METHODS", "REFUND_REASONS", "carrier_of"]

#: How a parcel travels.
METHODS = ("Standard", "Express", "OneDay", "Freight", "WhiteGlove", "Value")

#: The 78 carriers of the ship request.
CARRIERS = (
    "UPS",
    "USPS",
    "FedEx",
    "Airborne",
    "OnTrac",
    "DHL Ecommerce - US",
    "DHL",
    "LS",
    "UDS",
    "UPSMI",
    "FDX",
    "PILOT",
    "ESTES",
    "SAIA",
    "FDS Express",
    "Seko Worldwide",
    "HIT Delivery",
    "FEDEXSP",
    "RL Carriers",
    "Metropolitan Warehouse & Delivery",
    "China Post",
    "YunExpress",
    "Yellow Freight Sys",
    "AIT Worldwide Logistics",
    "Chukou1",
    "Sendle",
    "Landmark Global",
    "Sunyou",
    "Yanwen",
    "4PX",
    "GLS",
    "OSM Worldwide",
    "FIRST MILE",
    "AM Trucking",
    "CEVA",
    "India Post",
    "SF Express",
    "CNE",
    "TForce Freight",
    "AxleHire",
    "LSO",
    "Royal Mail",
    "ABF Freight System",
    "WanB",
    "Roadrunner Freight",
    "Meyer Distribution",
    "AAA Cooper",
    "Canada Post",
    "Southeastern Freight Lines",
    "Japan Post",
    "Correos de Mexico",
    "XPO Logistics",
    "JD Logistics",
    "YDH",
    "JCEX",
    "Flyt",
    "Deutsche Post",
    "Better Trucks",
    "Asendia",
    "SFC",
    "UBI",
    "ePost Global",
    "YF Logistics",
    "RXO",
    "Estes Express",
    "Shypmax",
    "WIN.IT America",
    "PITT OHIO",
    "PostNord Sweden",
    "Equick",
    "Whistl",
    "Tusou",
    "Shiprocket",
    "USPS First Class Mail",
    "DTDC",
    "PTS",
    "ShipGlobal",
    "Western Post",
)

_BY_NAME = {name.casefold(): name for name in CARRIERS} | {
    "lasership": "LS",
    "united delivery service": "UDS",
    "ups mail innovations": "UPSMI",
    "fedex smartpost": "FEDEXSP",
    "fed_ex": "FedEx",
}

#: Our word for why a seller cancels → Walmart's.
CANCEL_REASONS = {
    "buyer_asked": "CUSTOMER_REQUESTED_SELLER_TO_CANCEL",
    "wrong_price": "SELLER_CANCEL_PRICING_ERROR",
    "out_of_stock": "SELLER_CANCEL_OUT_OF_STOCK",
    "fraud": "SELLER_CANCEL_FRAUD_STOP_SHIPMENT",
    "bad_address": "SELLER_CANCEL_ADDRESS_NOT_SERVICEABLE",
}

#: The 22 reasons of a refund.
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


def carrier_of(name: str) -> str | None:
    """Return Walmart's name of a carrier however it is written, None for one that it does not list."""
    return _BY_NAME.get(name.strip().casefold())
