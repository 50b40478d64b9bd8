"""Sales tax by state, and German VAT inside the price."""

from __future__ import annotations

from decimal import Decimal

from sync.money import round_to_minor

__all__ = ["net_and_vat", "us_tax"]

# Combined rates that are believable, in percent; states without sales tax are 0.
_STATE_PERCENT = {
    "TX": "8.25", "CA": "9.5", "NY": "8.875", "FL": "7", "IL": "10.25", "OH": "7.5", "GA": "8.9", "PA": "6",
    "WA": "10.25", "CO": "8.81", "AZ": "8.6", "TN": "9.25", "NC": "7.25", "MA": "6.25", "MN": "9.025",
    "NH": "0", "AK": "0", "OR": "0",
}  # fmt: skip
_VAT = Decimal("0.19")


def us_tax(amount: Decimal, state: str) -> Decimal:
    """Return the sales tax that the marketplace collects on `amount`, in cents half up.

    Raises:
        KeyError: if the state has no rate here.
    """
    return round_to_minor(amount * Decimal(_STATE_PERCENT[state]) / 100, "USD")


def net_and_vat(gross: Decimal) -> tuple[Decimal, Decimal]:
    """Split a German price into net and VAT (19 %); the two add to `gross` exactly."""
    vat = round_to_minor(gross * _VAT / (1 + _VAT), "EUR")
    return gross - vat, vat
