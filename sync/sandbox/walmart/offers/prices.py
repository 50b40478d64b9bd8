"""Prices and promotions (OpenAPI of price and promotion management, 2026-09)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.refusals import PRICES, Refused
from sync.sandbox.walmart.front.wire import Answer, epoch_ms, json_answer, number, query_values
from sync.sandbox.walmart.offers.catalogue import Offer, Promotion
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.orders.book import CHANNEL

__all__ = ["apply_pricing", "get_promotions", "post_price", "price_of", "put_price"]

UPDATED = (
    "The price of the item has been updated. Allow up to five minutes for this change to be reflected on the "
    "Walmart.com."
)
_KINDS = ("BASE", "REDUCED", "CLEARANCE")
_DISPLAYS = ("CART", "CHECKOUT")
#: Above a million dollars Walmart takes no price (assumed).
_MOST = Decimal(1_000_000)


def put_price(account: Account, call: Call) -> Answer:
    """Answer `PUT /v3/price` (also `?promo=true`), wrapped as the vendor's example is."""
    body = read_json(call.body, PRICES)
    offer = _offer(account, body.get("sku"))
    if query_values(call.query).get("promo") == "true" and not any(_is_promotion(r) for r in _rows(body)):
        raise _bad("A promotion needs currentPriceType REDUCED or CLEARANCE", "currentPriceType")
    apply_pricing(account, offer, body, account.clock.now())
    answer = {"mart": "WALMART_US", "sku": offer.sku, "message": UPDATED}
    return json_answer(answer if call.struck_by("schema_shape") else {"ItemPriceResponse": answer})


def post_price(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/price`: one item in the words of a feed, processed at once."""
    body, now = read_json(call.body, PRICES), account.clock.now()
    if not isinstance(body.get("MPItemFeedHeader"), dict):
        raise _bad("MPItemFeedHeader is missing or not an object", "MPItemFeedHeader")
    holder = body.get("MPItem")
    rows = holder if isinstance(holder, list) else [holder]
    prices = [row.get("Price") for row in rows if isinstance(row, dict)]
    if not prices or len(prices) != len(rows) or not all(isinstance(price, dict) for price in prices):
        raise _bad("MPItem needs a Price", "Price")
    details: list[dict[str, object]] = []
    for index, price in enumerate(prices):
        details.append(_posted(account, index, price if isinstance(price, dict) else {}, now))
    failed = sum(1 for row in details if row["ingestionStatus"] != "SUCCESS")
    return json_answer(
        {
            "feedStatus": "PROCESSED",
            "feedSubmissionDate": epoch_ms(now),
            "itemsReceived": len(details),
            "itemsSucceeded": len(details) - failed,
            "itemsFailed": failed,
            "itemsProcessing": 0,
            "itemsDetails": {"itemIngestionStatus": details},
        }
    )


def _posted(account: Account, index: int, price: Mapping[str, object], now: datetime) -> dict[str, object]:
    row: dict[str, object] = {"martId": 0, "sku": str(price.get("sku", "")), "index": index}
    try:
        offer = _offer(account, price.get("sku"))
        account.world.set_price(
            CHANNEL, offer.sku, price_of({"currency": "USD", "amount": price.get("price")}), "USD", now
        )
    except Refused as refused:
        error = {
            "type": "DATA_ERROR",
            "code": "ERR_PDI_0001",
            "field": refused.field,
            "description": refused.description,
        }
        return row | {"ingestionStatus": "DATA_ERROR", "ingestionErrors": {"ingestionError": [error]}}
    return row | {"ingestionStatus": "SUCCESS"}


def apply_pricing(account: Account, offer: Offer, body: Mapping[str, object], now: datetime) -> None:
    """Set the prices that a call or a feed's item names: all of them or, when one is refused, none.

    Raises:
        Refused: 400 that names the field.
    """
    rows = [(row, price_of(row.get("currentPrice"))) for row in _rows(body)]
    kept = [] if str(body.get("replaceAll", "")).lower() == "true" else list(offer.promotions)
    base: Decimal | None = None
    for row, amount in rows:
        kind = row.get("currentPriceType", "BASE")
        if kind not in _KINDS:
            raise _bad("currentPriceType is not valid", "currentPriceType")
        if not _is_promotion(row):
            base = amount
            continue
        promotion = _promotion(offer, row, str(kind), amount, now)
        kept = [p for p in kept if p.promo_id != promotion.promo_id]
        if row.get("processMode", "UPSERT") != "DELETE":
            kept.append(promotion)
    offer.promotions = kept
    if base is not None:
        account.world.set_price(CHANNEL, offer.sku, base, "USD", now)


def _promotion(offer: Offer, row: Mapping[str, object], kind: str, amount: Decimal, now: datetime) -> Promotion:
    if row.get("processMode") not in (None, "UPSERT", "DELETE"):
        raise _bad("processMode is not valid", "processMode")
    starts, ends = _moment(row, "effectiveDate", now), _moment(row, "expirationDate", None)
    if ends <= starts:
        raise _bad("expirationDate must be after effectiveDate", "expirationDate")
    display = row.get("priceDisplayCodes", "CART")
    if display not in _DISPLAYS:
        raise _bad("priceDisplayCodes is not valid", "priceDisplayCodes")
    comparison = row.get("comparisonPrice")
    given = row.get("promoId")
    digest = sha256(f"{offer.sku} {starts.isoformat()} {ends.isoformat()}".encode()).hexdigest()
    own = f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
    return Promotion(
        promo_id=given if isinstance(given, str) and given else own,
        kind=kind,
        price=amount,
        comparison=None if comparison is None else price_of(comparison),
        starts_at=starts,
        ends_at=ends,
        display=str(display),
    )


def _moment(row: Mapping[str, object], name: str, default: datetime | None) -> datetime:
    text = row.get(name)
    if text is None and default is not None:
        return default
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise _bad(f"{name} must be an ISO date and time", name) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_promotion(row: Mapping[str, object]) -> bool:
    """Say whether a price is for a time only: a price without an end is the item's price."""
    return row.get("currentPriceType") in ("REDUCED", "CLEARANCE") and row.get("expirationDate") is not None


def price_of(value: object) -> Decimal:
    """Return the amount of `{"currency": "USD", "amount": 10.00}`.

    Raises:
        Refused: 400 for another currency, more than two decimals, zero or less.
    """
    if not isinstance(value, dict):
        raise _bad("currentPrice is missing or not an object", "currentPrice")
    amount = value.get("amount")
    if value.get("currency") != "USD":
        raise _bad("currency is not valid", "currency")
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise _bad("amount must be a number", "amount")
    exact = Decimal(amount)
    if not 0 < exact <= _MOST:
        raise _bad("amount must be above zero and at most 1000000", "amount")
    if exact != round(exact, 2):
        raise _bad("amount has more than 2 decimals", "amount")
    return exact


def get_promotions(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/promo/sku/{sku}`: promotions whose time is not over."""
    offer, now = _offer(account, call.parameters["sku"], 404), account.clock.now()
    rows = [_write(p) for p in offer.promotions if p.ends_at > now]
    return json_answer(
        {
            "status": "OK",
            "header": {"headerAttributes": None},
            "payload": {
                "itemIdentifier": {"sku": offer.sku},
                "pricingList": {"pricing": rows, "replaceAll": False},
                "maxSalesRetailPrice": None,
                "minAdvtPrice": None,
                "rebate": None,
            },
        }
    )


def _write(promotion: Promotion) -> dict[str, object]:
    comparison = promotion.comparison or promotion.price
    return {
        "currentPrice": {"value": {"currency": "USD", "amount": number(promotion.price)}},
        "currentPriceType": promotion.kind,
        "comparisonPrice": {"value": {"currency": "USD", "amount": number(comparison)}},
        "comparisonPriceType": "BASE",
        "savingsAmount": number(comparison - promotion.price),
        "priceDisplayCodes": {
            "isRollback": False,
            "isStrikethrough": True,
            "isReducedPrice": promotion.kind == "REDUCED",
            "isClearance": promotion.kind == "CLEARANCE",
            "hidePriceForSOI": None,
            "isEligibleForAssociateDiscount": None,
            "submapType": None,
        },
        "effectiveDate": epoch_ms(promotion.starts_at),
        "expirationDate": epoch_ms(promotion.ends_at),
        "promoId": promotion.promo_id,
        "processMode": None,
    }


def _rows(body: Mapping[str, object]) -> list[Mapping[str, object]]:
    rows = body.get("pricing")
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise _bad("pricing must be a list of at least one object", "pricing")
    return rows


def _offer(account: Account, sku: object, status: int = 400) -> Offer:
    offer = account.catalogue.get(sku) if isinstance(sku, str) else None
    if offer is None:
        code = "CONTENT_NOT_FOUND" if status == 404 else "INVALID_REQUEST_CONTENT"
        raise Refused(status, code, f"No item {str(sku)[:60]}", "sku", PRICES)
    return offer


def _bad(text: str, name: str) -> Refused:
    return Refused(400, "INVALID_REQUEST_CONTENT", text, name, PRICES)
