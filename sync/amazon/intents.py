"""What may be asked of Amazon, in our words; checked before anything is rendered. Amounts are text, never floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from sync.amazon.marketplaces import Marketplace, marketplace_of
from sync.amazon.pages import refused_why
from sync.errors import BadInput, Rejected, VendorReply
from sync.money import minor_digits

__all__ = [
    "DeleteListing",
    "Parcel",
    "ParcelLine",
    "PutListing",
    "SetPrice",
    "SetStock",
    "ShipOrder",
    "Target",
    "checked",
]

Text = Annotated[str, Field(min_length=1, max_length=200)]


def _known_channel(channel: str) -> str:
    vendor, _, country = channel.partition(".")
    if vendor != "amazon" or not country:
        raise ValueError("the channel is not one of Amazon")
    marketplace_of(country)
    return channel


def _exact(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("the amount is no number") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError("the amount is not positive")
    return text


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    channel: Annotated[str, AfterValidator(_known_channel)]

    @property
    def marketplace(self) -> Marketplace:
        """Return the marketplace of the channel."""
        return marketplace_of(self.channel.partition(".")[2])


class ParcelLine(BaseModel):
    """Units of one order line in a parcel."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    line_id: Text
    quantity: Annotated[int, Field(ge=1)]


class Parcel(BaseModel):
    """One parcel with its own tracking number; `reference` tells the parcels of an order apart and is kept on edits."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]
    #: Amazon's code of the carrier; `Other` asks for `carrier`.
    carrier_code: Text
    carrier: Text | None = None
    method: Text | None = None
    tracking_number: Text
    shipped_at: AwareDatetime
    lines: Annotated[list[ParcelLine], Field(min_length=1)]


class ShipOrder(_Intent):
    """`shipment.confirm`: how the seller sent an order, or a part of it, in one parcel or several."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    order_id: Text
    parcels: Annotated[list[Parcel], Field(min_length=1)]


class Target(_Intent):
    """An offer of the seller; the SKU may hold any character."""

    sku: Annotated[str, Field(min_length=1, max_length=40)]
    #: Where it is known; PRODUCT stands for any.
    product_type: Text = "PRODUCT"


class SetStock(Target):
    """`stock.set`: how many units the seller offers."""

    quantity: Annotated[int, Field(ge=0, le=99_999_999)]


class SetPrice(Target):
    """`price.set`: what a consumer pays, tax as the marketplace shows it."""

    price: Annotated[str, AfterValidator(_exact)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    @property
    def amount(self) -> Decimal:
        """Return the price as a number."""
        return Decimal(self.price)


class PutListing(Target):
    """`listing.put`: a whole listing; `attributes` by the names of the product type's definition."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    requirements: Literal["LISTING", "LISTING_PRODUCT_ONLY", "LISTING_OFFER_ONLY"] = "LISTING"
    attributes: Annotated[dict[str, Any], Field(min_length=1)]


class DeleteListing(Target):
    """`listing.delete`: takes an offer away."""


Checked = TypeVar("Checked", bound=_Intent)


def checked(model: type[Checked], intent: Mapping[str, Any]) -> Checked:
    """Return the intent as its model.

    Raises:
        Rejected: a field is missing, unknown or wrong, a number is a float, or a price is finer than the currency's
            smallest coin. Nothing has been sent.
    """
    try:
        found = model.model_validate(dict(intent))
    except ValidationError as error:
        raise _refusal(model, refused_why(error)) from error
    except BadInput as error:
        raise _refusal(model, str(error)) from error
    if isinstance(found, SetPrice):
        coin = Decimal(1).scaleb(-minor_digits(found.currency))
        if found.amount != found.amount.quantize(coin):
            raise _refusal(model, f"the price {found.price} is finer than {coin} {found.currency}")
        if found.currency != found.marketplace.currency:
            raise _refusal(model, f"{found.channel} sells in {found.marketplace.currency}, not in {found.currency}")
    if isinstance(found, PutListing) and _has_float(found.attributes):
        raise _refusal(model, "an attribute holds a float, which has already lost digits")
    return found


def _refusal(model: type[_Intent], why: str) -> Rejected:
    seen = VendorReply("amazon", model.__name__, detail=f"nothing was sent: {why}")
    return Rejected(seen, "Correct the record that it was derived from and plan it again")


def _has_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_float(v) for v in value.values())
    return any(map(_has_float, value)) if isinstance(value, list) else isinstance(value, float)
