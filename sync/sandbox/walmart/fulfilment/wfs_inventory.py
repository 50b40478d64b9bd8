"""What Walmart holds for the seller (WFS): the legacy and the new reading of the same stock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.refusals import INVENTORY, Refused
from sync.sandbox.walmart.front.wire import Answer, json_answer, query_values
from sync.sandbox.walmart.offers.catalogue import Offer
from sync.sandbox.walmart.orders.book import CHANNEL
from sync.sandbox.world.stock import Stock

__all__ = ["wfs_inventory", "wfs_inventory_legacy"]

DEFAULT_LIMIT, MOST = 10, 300


def wfs_inventory_legacy(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/fulfillment/inventory`: units to sell and on hand, by SKU."""
    values, now = query_values(call.query), account.clock.now()
    since, until = _moment(values, "fromModifiedDate"), _moment(values, "toModifiedDate")
    offers = [x for x in _wfs_offers(account) if values.get("sku") in (None, "", x.sku)]
    found: list[dict[str, object]] = []
    stocks, moved = _stocks(account, now), _moved_at(account, now)
    for offer in offers:
        stock, changed = stocks.get(offer.sku, _nothing(offer)), moved.get(offer.sku, account.world.now)
        if (since and changed < since) or (until and changed > until):
            continue
        node = {
            "modifiedDate": f"{changed:%Y-%m-%d %H:%M:%S}",
            "availToSellQty": stock.fulfillable,
            "onHandQty": stock.fulfillable + stock.reserved,
            "shipNodeType": "WFSFulfilled",
        }
        found.append({"sku": offer.sku, "shipNodes": [node]})
    return _page(found, values)


def wfs_inventory(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/wfs/inventory`: item, units by state, and nothing forecast (insights stay empty)."""
    values, now = query_values(call.query), account.clock.now()
    if values.get("customerFavorite", "false") not in ("true", "false"):
        raise _bad("customerFavorite must be true or false", "customerFavorite")
    offers = [
        x
        for x in _wfs_offers(account)
        if values.get("sku") in (None, "", x.sku)
        and values.get("gtin") in (None, "", x.listing.gtin)
        and values.get("customerFavorite") != "true"
    ]
    stocks = _stocks(account, now)
    return _page([_row(offer, stocks.get(offer.sku, _nothing(offer)), now) for offer in offers], values)


def _row(offer: Offer, stock: Stock, now: datetime) -> dict[str, object]:
    status = "In stock" if stock.fulfillable else "Out of stock"
    on_hand = stock.fulfillable + stock.reserved + stock.unfulfillable + stock.researching
    return {
        "itemInformation": {
            "itemName": offer.listing.title,
            "gtin": offer.listing.gtin or "",
            "sku": offer.sku,
            "itemID": offer.item_id,
            "offerID": f"{offer.wpid}{offer.item_id}",
            "brand": "Acme Goods",
            "itemCondition": offer.condition,
        },
        "inventoryData": {
            "publishingStatus": offer.published(now).title(),
            "itemLifecycle": offer.lifecycle(now).title(),
            "stockStatus": status,
            "availableUnits": stock.fulfillable,
            "reservedUnits": stock.reserved,
            "inboundUnits": stock.inbound,
            "unavailableUnits": {
                "inventoryReviewUnits": stock.unfulfillable,
                "inventoryMovementUnits": stock.researching,
            },
            "onhandUnits": on_hand,
            "inventoryAge": {
                "0To90days": on_hand,
                "91To180days": 0,
                "181To270days": 0,
                "271To365days": 0,
                "365PlusDays": 0,
            },
        },
        "inventoryInsights": {"customerFavorite": False},
    }


def _wfs_offers(account: Account) -> list[Offer]:
    return [offer for offer in account.catalogue if offer.by_walmart]


def _nothing(offer: Offer) -> Stock:
    return Stock(CHANNEL, offer.sku, "WFS", 0, 0, 0, 0, 0)


def _stocks(account: Account, now: datetime) -> dict[str, Stock]:
    """Return each SKU's stock over all of Walmart's fulfilment centres."""
    found: dict[str, Stock] = {}
    for row in account.world.stock_at(CHANNEL, now):
        known = found.get(row.sku, Stock(CHANNEL, row.sku, "WFS", 0, 0, 0, 0, 0))
        found[row.sku] = replace(
            known,
            fulfillable=known.fulfillable + row.fulfillable,
            reserved=known.reserved + row.reserved,
            inbound=known.inbound + row.inbound,
            unfulfillable=known.unfulfillable + row.unfulfillable,
            researching=known.researching + row.researching,
        )
    return found


def _moved_at(account: Account, now: datetime) -> dict[str, datetime]:
    """Return when each SKU's stock moved last; a SKU that never moved is absent."""
    rows = account.world.movements(CHANNEL, datetime.min.replace(tzinfo=now.tzinfo), now)
    # Oldest first: the last one stays.
    return {row.sku: row.at for row in rows}


def _moment(values: dict[str, str], name: str) -> datetime | None:
    text = values.get(name)
    if not text:
        return None
    try:
        return datetime.strptime(text + "+0000", "%Y-%m-%d %H:%M:%S%z")
    except ValueError:
        raise _bad(f"{name} must be YYYY-MM-DD HH:mm:ss", name) from None


def _page(rows: list[dict[str, object]], values: dict[str, str]) -> Answer:
    limit = whole(values, "limit", DEFAULT_LIMIT, 1, MOST, INVENTORY)
    offset = whole(values, "offset", 0, 0, 1_000_000, INVENTORY)
    headers = {"totalCount": len(rows), "limit": limit, "offset": offset}
    return json_answer({"headers": headers, "payload": {"inventory": rows[offset : offset + limit]}})


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_PARAM", text, name, INVENTORY)
