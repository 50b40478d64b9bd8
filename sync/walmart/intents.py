"""What may be asked of Walmart, in our words; checked before anything is rendered. Amounts are text, never floats."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sync.errors import Rejected, VendorReply
from sync.walmart.vocabulary import CANCEL_REASONS, METHODS, REFUND_REASONS, carrier_of
from sync.walmart.wire_types import why

__all__ = [
    "CancelOrder",
    "Parcel",
    "RefundAmount",
    "RefundLine",
    "RefundOrder",
    "RefundReturn",
    "RetireListing",
    "SetPrice",
    "SetStock",
    "ShipOrder",
    "SubmitListing",
    "checked",
    "refused_here",
]

Text = Annotated[str, Field(min_length=1, max_length=200)]
Sku = Annotated[str, Field(min_length=1, max_length=50)]


def _amount(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("the amount is no number") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError("the amount is not positive")
    if amount != amount.quantize(Decimal("0.01")):
        raise ValueError("the amount has more than two decimals")
    return text


def _amount_or_none(text: str) -> str:
    return text if text.strip("0.") == "" and text else _amount(text)


def _one_of(values: Mapping[str, str] | tuple[str, ...]) -> AfterValidator:
    def check(text: str) -> str:
        if text not in values:
            raise ValueError(f"{text!r} is not one of: {', '.join(values)}")
        return text

    return AfterValidator(check)


Amount = Annotated[str, AfterValidator(_amount)]
AmountOrNone = Annotated[str, AfterValidator(_amount_or_none)]
Method = Annotated[str, _one_of(METHODS)]
CancelReason = Annotated[str, _one_of(CANCEL_REASONS)]
RefundReason = Annotated[str, _one_of(REFUND_REASONS)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Intent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Annotated[str, Field(pattern=r"^walmart\.[A-Z]{2}$")] = "walmart.US"


class ParcelLine(_Part):
    """Units of one order line in a parcel."""

    line_id: Text
    quantity: Annotated[int, Field(ge=1)]


class Parcel(BaseModel):
    """One parcel with its own tracking number; a carrier that Walmart does not list needs `tracking_url`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier: Text
    method: Method = "Standard"
    tracking_number: Text
    tracking_url: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    shipped_at: AwareDatetime
    lines: Annotated[list[ParcelLine], Field(min_length=1)]

    @model_validator(mode="after")
    def _can_be_followed(self) -> Self:
        if carrier_of(self.carrier) is None and self.tracking_url is None:
            raise ValueError(
                f"Walmart does not list the carrier {self.carrier!r}: it needs a tracking_url, or a mapping"
            )
        return self


class ShipOrder(_Intent):
    """`shipment.confirm`: how the seller sent an order, or a part of it.

    `despite_cancel_request` ships although the buyer has asked to cancel; `corrects_tracking` changes the tracking of
    lines that have left (Walmart takes that for about four hours).
    """

    order_id: Text
    #: The ERP's document number.
    document_number: Annotated[str, Field(min_length=1, max_length=30)]
    parcels: Annotated[list[Parcel], Field(min_length=1)]
    despite_cancel_request: bool = False
    corrects_tracking: bool = False


class CancelLine(_Part):
    """Units of one line that the seller will not send, with the reason in our word."""

    line_id: Text
    quantity: Annotated[int, Field(ge=1)]
    reason: CancelReason


class CancelOrder(_Intent):
    """`order.cancel`."""

    order_id: Text
    lines: Annotated[list[CancelLine], Field(min_length=1)]


class RefundAmount(_Part):
    """Money that goes back, positive, of the goods or of the shipping."""

    of: Literal["item", "shipping"]
    amount: AmountOrNone
    tax: AmountOrNone = "0"


class RefundLine(_Part):
    """What goes back for one line: all of it (`amounts` None), or the amounts that are named."""

    line_id: Text
    reason: RefundReason
    amounts: Annotated[list[RefundAmount], Field(min_length=1)] | None = None


class RefundOrder(_Intent):
    """`order.refund`; `reference` tells this refund from another of the same lines."""

    order_id: Text
    reference: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,40}$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    lines: Annotated[list[RefundLine], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_mode(self) -> Self:
        if len({line.amounts is None for line in self.lines}) > 1:
            raise ValueError("one call refunds lines in full or in part, never both: make two of it")
        return self


class ReturnedLine(_Part):
    """Units of one line of a return that are paid back."""

    line_id: Text
    quantity: Annotated[int, Field(ge=1)]


class RefundReturn(_Intent):
    """`return.refund`: pays back what came back."""

    return_id: Text
    lines: Annotated[list[ReturnedLine], Field(min_length=1)]


class SetStock(_Intent):
    """`stock.set`: how many units the seller offers, at one place or at the default one."""

    sku: Sku
    quantity: Annotated[int, Field(ge=0, le=99_999_999, strict=True)]
    location_id: Text | None = None


class SetPrice(_Intent):
    """`price.set`: what a consumer pays before tax."""

    sku: Sku
    price: Amount
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"


class RetireListing(_Intent):
    """`listing.retire`: takes an item off sale (up to two days)."""

    sku: Sku


class SubmitListing(_Intent):
    """`listing.submit`: a new item, or a change of one; `attributes` by the names of Walmart's item specification."""

    sku: Sku
    #: create, or update what exists.
    mode: Literal["create", "update"]
    product_type: Text
    spec_version: Text = "5.0.20241118-04_39_24-api"
    attributes: Annotated[dict[str, Any], Field(min_length=1)]
    offer: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _exact(self) -> Self:
        if _has_float(self.attributes) or _has_float(self.offer):
            raise ValueError("an attribute holds a float, which has already lost digits")
        return self


def _has_float(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(_has_float(v) for v in value.values())
    return any(map(_has_float, value)) if isinstance(value, list) else isinstance(value, float)


Checked = TypeVar("Checked", bound=_Intent)


def checked(model: type[Checked], intent: Mapping[str, Any]) -> Checked:
    """Return the intent as its model.

    Raises:
        Rejected: a field is missing, unknown or wrong. Nothing has been sent.
    """
    try:
        return model.model_validate(dict(intent))
    except ValidationError as error:
        raise refused_here(model.__name__, why(error)) from error


def refused_here(operation: str, detail: str, hint: str = "", code: str | None = None) -> Rejected:
    """Return the refusal of something that was not sent because Walmart would refuse it."""
    seen = VendorReply("walmart", operation, code=code, detail=f"nothing was sent: {detail}")
    return Rejected(seen, hint or "Correct the record that it was derived from and plan it again")
