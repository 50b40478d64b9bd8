"""What Amazon expects to charge for a unit of each SKU in its warehouses (GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA).

The report has other columns in Europe than in America (SP-API "FBA Payments reports attributes" and reports that
sellers show). What was never in a warehouse was never measured: its sizes are blank, its fees `--`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sync.money import round_to_minor
from sync.sandbox.amazon.offers.listings_origin import BRAND
from sync.sandbox.amazon.offers.product_ids import fnsku_of
from sync.sandbox.amazon.reports.table import Span, table
from sync.sandbox.world.model import Listing, World
from sync.sandbox.world.sizes import measure_at, tier_of, unit_fee

__all__ = ["AMERICAN_COLUMNS", "EUROPEAN_COLUMNS", "FEE_PREVIEW", "is_too_soon", "write_fee_preview"]

FEE_PREVIEW = "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA"
_HEAD = "sku fnsku asin amazon-store product-name product-group brand fulfilled-by"
_SIZES = (
    "your-price sales-price longest-side median-side shortest-side length-and-girth unit-of-dimension "
    "item-package-weight unit-of-weight"
)
_FEES = "currency estimated-fee-total estimated-referral-fee-per-unit estimated-variable-closing-fee"
AMERICAN_COLUMNS = (
    f"{_HEAD} {_SIZES} product-size-tier {_FEES} estimated-order-handling-fee-per-order "
    "estimated-pick-pack-fee-per-unit estimated-weight-handling-fee-per-unit expected-fulfillment-fee-per-unit"
).split()
_ABROAD = tuple(f"expected-efn-fulfilment-fee-per-unit-{country}" for country in "uk de fr it es se".split())
EUROPEAN_COLUMNS = (
    f"{_HEAD} has-local-inventory {_SIZES} product-size-weight-band {_FEES} "
    f"expected-domestic-fulfilment-fee-per-unit {' '.join(_ABROAD)}"
).split()
_NOT_ESTIMATED = "--"
_REFERRAL = Decimal("0.15")
#: The report wants a span that begins at least so long before now, and is made once in so many hours.
_REACH, _PAUSE = timedelta(hours=72), timedelta(hours=4)
#: Of an inch and a pound.
_CM, _KG = Decimal("2.54"), Decimal("0.45359237")
_EVER = datetime.min.replace(tzinfo=UTC)


def is_too_soon(start: datetime, now: datetime, earlier: Sequence[datetime]) -> bool:
    """Say whether Amazon will not make the report: its span is too short, or it was made a short while ago."""
    return start > now - _REACH or any(now - made < _PAUSE for made in earlier)


def write_fee_preview(world: World, channels: Sequence[str], span: Span) -> bytes | None:
    """Return the report: one row a SKU in Amazon's warehouses, with what is known of it when the report is written."""
    is_european = any(channel != "amazon.US" for channel in channels)
    columns = EUROPEAN_COLUMNS if is_european else AMERICAN_COLUMNS
    return table(columns, (row for channel in channels for row in _rows(world, channel, span.now)))


def _rows(world: World, channel: str, now: datetime) -> Iterator[Mapping[str, object]]:
    known = {m.sku for m in world.movements(channel, _EVER, now)}
    for listing in world.listings:
        if listing.channel == channel and listing.fulfilled_by == "channel":
            price, currency = world.price_of(channel, listing.sku, now)
            yield {
                "sku": listing.sku,
                "fnsku": fnsku_of(listing),
                "asin": listing.asin,
                "amazon-store": channel.removeprefix("amazon."),
                "product-name": listing.title,
                "product-group": listing.product.category,
                "brand": BRAND,
                "fulfilled-by": "Amazon",
                "has-local-inventory": "Yes" if listing.sku in known else "No",
                "your-price": f"{price:.2f}",
                "sales-price": f"{price:.2f}",
                "currency": currency,
                **dict.fromkeys(_ABROAD, _NOT_ESTIMATED),
                **(_measured(listing, price, currency, now) if listing.sku in known else _UNMEASURED),
            }


_UNMEASURED = dict.fromkeys(
    (
        "estimated-fee-total",
        "estimated-referral-fee-per-unit",
        "estimated-variable-closing-fee",
        "estimated-order-handling-fee-per-order",
        "estimated-pick-pack-fee-per-unit",
        "estimated-weight-handling-fee-per-unit",
        "expected-fulfillment-fee-per-unit",
        "expected-domestic-fulfilment-fee-per-unit",
        "product-size-tier",
        "product-size-weight-band",
    ),
    _NOT_ESTIMATED,
)


def _measured(listing: Listing, price: Decimal, currency: str, now: datetime) -> Mapping[str, object]:
    measure = measure_at(listing.product, listing.channel, now, shown=True)
    fee = round_to_minor(unit_fee(measure), currency)
    referral = round_to_minor(price * _REFERRAL, currency)
    is_metric = listing.channel != "amazon.US"
    longest, median, shortest = (side * (_CM if is_metric else 1) for side in measure.sides)
    weight = f"{measure.pounds * _KG:.3f}" if is_metric else f"{measure.pounds:.2f}"
    tier = tier_of(measure).name
    return {
        "longest-side": f"{longest:.2f}",
        "median-side": f"{median:.2f}",
        "shortest-side": f"{shortest:.2f}",
        "length-and-girth": f"{longest + 2 * (median + shortest):.2f}",
        "unit-of-dimension": "centimeters" if is_metric else "inches",
        "item-package-weight": weight,
        "unit-of-weight": "kilograms" if is_metric else "pounds",
        "product-size-tier": tier,
        "product-size-weight-band": tier,
        "estimated-fee-total": f"{fee + referral:.2f}",
        "estimated-referral-fee-per-unit": f"{referral:.2f}",
        "estimated-variable-closing-fee": "0.00",
        "estimated-order-handling-fee-per-order": "0.00",
        "estimated-pick-pack-fee-per-unit": f"{fee:.2f}",
        "estimated-weight-handling-fee-per-unit": "0.00",
        "expected-fulfillment-fee-per-unit": f"{fee:.2f}",
        "expected-domestic-fulfilment-fee-per-unit": f"{fee:.2f}",
    }
