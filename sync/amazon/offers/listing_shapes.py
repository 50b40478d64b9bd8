"""One listing as Amazon tells it (listings 2021-08-01 Item), as a record and its issues."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sync.amazon.marketplaces import Marketplace
from sync.amazon.pages import Unreadable, amount_of, time_of
from sync.records import Listing, ListingIssue

__all__ = ["SELLER_STOCK", "decode_listing", "issues_of", "objects_of", "own_price", "own_quantity"]

#: Fulfilment channel code of stock that the seller ships himself; others (AMAZON_NA …) are Amazon's warehouses.
SELLER_STOCK = "DEFAULT"
_GTIN = "externally_assigned_product_identifier"


def decode_listing(raw: Mapping[str, object], asked: Marketplace) -> tuple[Listing, tuple[ListingIssue, ...]]:
    """Return the listing in the marketplace that was asked for, with the issues that concern it.

    A status is `active` when buyable, `inactive` when only discoverable or suppressed, `incomplete` when there is no
    offer and no shop page.

    Raises:
        Unreadable: no SKU, or a price or time that is none.
    """
    sku = raw.get("sku")
    if not isinstance(sku, str) or not sku:
        raise Unreadable("the listing has no sku")
    summary = _of_shop(raw.get("summaries"), asked)
    issues = issues_of(raw.get("issues"), asked.channel, sku, asked.marketplace_id)
    states = summary.get("status")
    words = [str(s) for s in states] if isinstance(states, list) else [str(states)] if states else []
    price = own_price(raw, asked)
    record = Listing(
        channel=asked.channel,
        sku=sku,
        product_id=str(summary["asin"]) if summary.get("asin") else None,
        gtin=_gtin(raw.get("attributes")),
        title=str(summary["itemName"]) if summary.get("itemName") else None,
        product_type=str(summary["productType"]) if summary.get("productType") else None,
        status=_status(words, summary),
        vendor_status=", ".join(words),
        fulfilled_by="seller" if _is_sellers(raw) else "channel",
        currency=price[1] if price else None,
        price=price[0] if price else None,
        quantity=own_quantity(raw),
        created_at=time_of(summary["createdDate"], "createdDate") if summary.get("createdDate") else None,
        updated_at=time_of(summary["lastUpdatedDate"], "lastUpdatedDate") if summary.get("lastUpdatedDate") else None,
    )
    return record, issues


def own_price(raw: Mapping[str, object], asked: Marketplace) -> tuple[Decimal, str] | None:
    """Return the seller's price for consumers: of the offers, else of the attributes; None where there is none.

    Raises:
        Unreadable: a price that is none.
    """
    for offer in objects_of(raw.get("offers")):
        if offer.get("marketplaceId") == asked.marketplace_id and offer.get("offerType", "B2C") == "B2C":
            return amount_of(offer.get("price"), "offers.price")
    attributes = raw.get("attributes")
    offers = attributes.get("purchasable_offer") if isinstance(attributes, Mapping) else None
    for offer in objects_of(offers):
        if offer.get("marketplace_id", asked.marketplace_id) != asked.marketplace_id:
            continue
        if offer.get("audience", "ALL") != "ALL":
            continue
        for price in objects_of(offer.get("our_price")):
            for step in objects_of(price.get("schedule")):
                money = {
                    "amount": step.get("value_with_tax"),
                    "currencyCode": offer.get("currency") or asked.currency,
                }
                return amount_of(money, "purchasable_offer")
    return None


def own_quantity(raw: Mapping[str, object]) -> int | None:
    """Return the units that the seller himself offers, None where he offers none of his own."""
    for entry in objects_of(raw.get("fulfillmentAvailability")):
        if entry.get("fulfillmentChannelCode") == SELLER_STOCK:
            found = entry.get("quantity")
            return found if isinstance(found, int) and not isinstance(found, bool) else None
    return None


def issues_of(held: object, channel: str, sku: str, marketplace_id: str = "") -> tuple[ListingIssue, ...]:
    """Return Amazon's complaints in our words, those of other marketplaces left out."""
    found: list[ListingIssue] = []
    for issue in objects_of(held):
        shops = issue.get("marketplaceIds")
        if marketplace_id and isinstance(shops, list) and shops and marketplace_id not in shops:
            continue
        names = issue.get("attributeNames") or issue.get("attributeName")
        attributes = [str(n) for n in names] if isinstance(names, list) else [str(names)] if names else []
        severity = str(issue.get("severity") or "").lower()
        found.append(
            ListingIssue(
                channel=channel,
                sku=sku,
                position=len(found) + 1,
                code=str(issue.get("code") or ""),
                severity=severity if severity in {"error", "warning", "info"} else "error",
                message=str(issue.get("message") or ""),
                attributes=", ".join(attributes) or None,
            )
        )
    return tuple(found)


def objects_of(held: object) -> list[Mapping[str, object]]:
    """Return the objects of a list; one object is a list of one, null an empty list."""
    many = [held] if isinstance(held, Mapping) else held if isinstance(held, list) else []
    return [entry for entry in many if isinstance(entry, Mapping)]


def _of_shop(held: object, asked: Marketplace) -> Mapping[str, object]:
    summaries = objects_of(held)
    return next((s for s in summaries if s.get("marketplaceId", asked.marketplace_id) == asked.marketplace_id), {})


def _status(words: list[str], summary: Mapping[str, object]) -> str:
    if not summary:
        return "incomplete"
    if "BUYABLE" in words:
        return "active"
    return "inactive" if not set(words) - {"DISCOVERABLE"} else "unknown"


def _is_sellers(raw: Mapping[str, object]) -> bool:
    codes = {str(e.get("fulfillmentChannelCode")) for e in objects_of(raw.get("fulfillmentAvailability"))}
    return not codes or SELLER_STOCK in codes


def _gtin(attributes: object) -> str | None:
    held = attributes.get(_GTIN) if isinstance(attributes, Mapping) else None
    return next((str(e["value"]) for e in objects_of(held) if e.get("value")), None)
