"""Orders, cash sales and invoices: new ones, and changes of an order."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import (
    Address,
    Amount,
    CurrencyCode,
    CustomerReference,
    Document,
    ExternalId,
    Factor,
    GoodsLine,
    Intent,
    NumericId,
    Source,
    SourceLine,
    only,
)

__all__ = [
    "BilledLine",
    "CashSaleIntent",
    "CloseLinesIntent",
    "InvoiceIntent",
    "LineTax",
    "OrderLineChange",
    "Sale",
    "SalesOrderIntent",
    "SalesOrderLine",
    "SalesOrderUpdateIntent",
]

SalesOrderLine = GoodsLine


class BilledLine(SourceLine):
    """A line of the order that is billed; `amount` is what is billed for it, its share of the price by default."""

    amount: Amount | None = None


Lines = tuple[GoodsLine, ...]


class SalesOrderIntent(Intent):
    """A sales order; `other_reference` is the channel's order number, `discount_amount` a positive number."""

    external_id: ExternalId
    other_reference: Annotated[str, Field(min_length=1, max_length=45)]
    customer: CustomerReference
    date: datetime.date
    subsidiary_id: NumericId | None = None
    location_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    currency: CurrencyCode | None = None
    memo: str | None = None
    status: Literal["pending_approval", "pending_fulfillment"] = "pending_fulfillment"
    sales_channel_id: NumericId | None = None
    payment_method_id: NumericId | None = None
    ship_complete: bool | None = None
    ship_method: NumericId | None = None
    ship_by: datetime.date | None = None
    address: Address | None = None
    lines: Annotated[Lines, Field(min_length=1)]
    shipping_cost: Amount | None = None
    discount_amount: Annotated[Amount, Field(ge=0)] | None = None
    discount_item_id: NumericId | None = None

    @model_validator(mode="after")
    def _discount_has_its_item(self) -> Self:
        if self.discount_amount and self.discount_item_id is None:
            raise ValueError("discount_amount needs discount_item_id")
        return self


class Sale(Document):
    """A billed sale, from an order (everything or the named lines) or standing alone (customer and lines)."""

    other_reference: Annotated[str, Field(min_length=1, max_length=45)] | None = None
    source: Annotated[Source, only("sales_order")] | None = None
    source_lines: tuple[BilledLine, ...] = ()
    customer: CustomerReference | None = None
    lines: Lines = ()
    sales_channel_id: NumericId | None = None
    ship_method: NumericId | None = None
    address: Address | None = None
    shipping_cost: Amount | None = None
    discount_amount: Annotated[Amount, Field(ge=0)] | None = None
    discount_item_id: NumericId | None = None

    @model_validator(mode="after")
    def _has_its_parts(self) -> Self:
        if self.source is not None and (self.lines or self.customer):
            raise ValueError("a document made from an order takes customer and lines from it: name source_lines")
        if self.source is None and (self.customer is None or not self.lines or self.source_lines):
            raise ValueError("a document of its own needs customer and lines, and has no source_lines")
        if self.discount_amount and self.discount_item_id is None:
            raise ValueError("discount_amount needs discount_item_id")
        return self


class CashSaleIntent(Sale):
    """A sale that is paid at once: into undeposited funds until the payout, or into `account_id`."""

    payment_method_id: NumericId | None = None
    to_undeposited_funds: bool | None = None
    account_id: NumericId | None = None

    @model_validator(mode="after")
    def _goes_to_one_place(self) -> Self:
        if self.to_undeposited_funds and self.account_id is not None:
            raise ValueError("money goes to undeposited funds or to account_id, not to both")
        return self


class InvoiceIntent(Sale):
    """An invoice; `account_id` is the receivables account."""

    due_date: datetime.date | None = None
    terms_id: NumericId | None = None
    account_id: NumericId | None = None


class OrderLineChange(Intent):
    """New values of one line of an order; what is not named keeps its value."""

    line_id: NumericId
    quantity: Annotated[Factor, Field(ge=0)] | None = None
    amount: Amount | None = None
    rate: Factor | None = None
    description: str | None = None
    location_id: NumericId | None = None


class LineTax(Intent):
    """The tax of one line as the channel charges it; `position` is the line's place when the order was written.

    `line_id` names a line that had no tax then: it is told where its tax stands.
    """

    position: Annotated[int, Field(ge=1)]
    basis: Amount
    amount: Amount
    line_id: NumericId | None = None


class SalesOrderUpdateIntent(Intent):
    """Changes of an order: fields of its header, lines by their id, or all lines anew (`replace_lines`).

    `taxes` are those of all lines that have any: they replace what the order has. `believed` are the values that the
    changed fields had, in the same words (`lines` by line id, `tax.1` for the tax of the first line).
    """

    id: NumericId
    other_reference: Annotated[str, Field(min_length=1, max_length=45)] | None = None
    memo: str | None = None
    ship_by: datetime.date | None = None
    ship_method: NumericId | None = None
    location_id: NumericId | None = None
    department_id: NumericId | None = None
    class_id: NumericId | None = None
    shipping_cost: Amount | None = None
    address: Address | None = None
    status: Literal["pending_approval", "pending_fulfillment"] | None = None
    lines: tuple[OrderLineChange, ...] = ()
    replace_lines: Lines = ()
    taxes: tuple[LineTax, ...] = ()
    believed: Mapping[str, object] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.lines and self.replace_lines:
            raise ValueError("lines are changed by id or all replaced, not both")
        if self.taxes and (self.lines or self.replace_lines):
            raise ValueError("taxes are changed where the lines stay as they are")
        if not self.model_dump(exclude_none=True, exclude={"id", "believed"}, exclude_defaults=True):
            raise ValueError("nothing is to be changed")
        return self


class CloseLinesIntent(Intent):
    """Lines that nobody will deliver, or refund, any more: all of them closes the order, or the authorization."""

    id: NumericId
    line_ids: Annotated[tuple[NumericId, ...], Field(min_length=1)]
    believed: Mapping[str, object] = Field(default_factory=dict)
