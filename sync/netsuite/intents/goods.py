"""Goods on the move: fulfilments, receipts, stock adjustments, and changes of an item."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import (
    Amount,
    Document,
    Factor,
    Intent,
    NumericId,
    OwnDocument,
    Source,
    SourceLine,
    only,
)

__all__ = [
    "AdjustmentLine",
    "FulfillmentIntent",
    "InventoryAdjustmentIntent",
    "ItemChanges",
    "ItemReceiptIntent",
    "ItemUpdateIntent",
    "Parcel",
    "ReceiptLine",
]


class Parcel(Intent):
    """One parcel of a fulfilment; `weight` in the account's unit."""

    tracking_number: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    weight: Annotated[Amount, Field(gt=0)] | None = None
    description: str | None = None


class FulfillmentIntent(OwnDocument):
    """Goods that left; only the named lines are taken, every other line of the order stays open."""

    source: Annotated[Source, only("sales_order", "transfer_order")]
    lines: Annotated[tuple[SourceLine, ...], Field(min_length=1)]
    location_id: NumericId | None = None
    status: Literal["picked", "packed", "shipped"] = "shipped"
    ship_method: NumericId | None = None
    shipping_cost: Amount | None = None
    shipped_on: datetime.date | None = None
    parcels: tuple[Parcel, ...] = ()


class ReceiptLine(SourceLine):
    """Goods that came in; `restock` False takes them in without putting them on the shelf."""

    restock: bool | None = None


class ItemReceiptIntent(OwnDocument):
    """Goods that came in; only the named lines are received.

    `when_over`: more than is left to receive is refused, or capped to what is left (the difference is shown).
    """

    source: Annotated[Source, only("return_authorization", "transfer_order", "purchase_order")]
    lines: Annotated[tuple[ReceiptLine, ...], Field(min_length=1)]
    location_id: NumericId | None = None
    when_over: Literal["refuse", "cap"] = "refuse"


class AdjustmentLine(Intent):
    """A change of stock of one item at one place: `quantity` is signed, `unit_cost` only for what is added."""

    item_id: NumericId
    location_id: NumericId
    quantity: Factor
    unit_cost: Annotated[Amount, Field(ge=0)] | None = None
    memo: str | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None

    @model_validator(mode="after")
    def _moves_something(self) -> Self:
        if not self.quantity:
            raise ValueError("an adjustment of nothing")
        return self


class InventoryAdjustmentIntent(Document):
    """A correction of stock against `account_id`."""

    account_id: NumericId
    lines: Annotated[tuple[AdjustmentLine, ...], Field(min_length=1)]


class ItemChanges(Intent):
    """Fields of an item that get a value; one that is not named keeps its own."""

    external_id: str | None = None
    display_name: Annotated[str, Field(min_length=1)] | None = None
    description: Annotated[str, Field(min_length=1)] | None = None
    upc: Annotated[str, Field(min_length=1)] | None = None
    manufacturer_number: Annotated[str, Field(min_length=1)] | None = None
    weight: Annotated[Amount, Field(ge=0)] | None = None
    inactive: bool | None = None


class ItemUpdateIntent(Intent):
    """New values of an item; `item_type` is the ERP's type code as the mirror has it (InvtPart, Kit …)."""

    id: NumericId
    item_type: str
    set: ItemChanges
    believed: Mapping[str, object] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.set.model_dump(exclude_none=True, exclude_defaults=True):
            raise ValueError("nothing is to be changed")
        return self
