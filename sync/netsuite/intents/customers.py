"""Customers: one to create, one to change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sync.netsuite.intents.fields import Address, CurrencyCode, ExternalId, Intent, NumericId

__all__ = ["CustomerChanges", "CustomerIntent", "CustomerUpdateIntent"]


class CustomerIntent(Intent):
    """A customer to create: a person with first and last name, or a company."""

    external_id: ExternalId
    kind: Literal["person", "company"]
    #: The customer's name in lists; None leaves it to NetSuite, which refuses a second one of the same name.
    entity_id: Annotated[str, Field(min_length=1, max_length=83)] | None = None
    first_name: str | None = None
    last_name: str | None = None
    company_name: str | None = None
    email: str | None = None
    phone: str | None = None
    subsidiary_id: NumericId | None = None
    currency: CurrencyCode | None = None
    address: Address | None = None

    @model_validator(mode="after")
    def _has_its_names(self) -> Self:
        if self.kind == "person" and not (self.first_name and self.last_name):
            raise ValueError("a person needs first_name and last_name")
        if self.kind == "company" and not self.company_name:
            raise ValueError("a company needs company_name")
        return self


class CustomerChanges(Intent):
    """Fields of a customer that get a value; one that is not named keeps its own, none can be emptied."""

    external_id: ExternalId | None = None
    first_name: Annotated[str, Field(min_length=1)] | None = None
    last_name: Annotated[str, Field(min_length=1)] | None = None
    company_name: Annotated[str, Field(min_length=1)] | None = None
    email: Annotated[str, Field(min_length=3)] | None = None
    phone: Annotated[str, Field(min_length=3)] | None = None
    inactive: bool | None = None


class CustomerUpdateIntent(Intent):
    """New values of a customer; `believed` are the values that it had when the change was derived.

    `add_address` is one more address of the customer's address book; those that are there stay, and so do the defaults.
    """

    id: NumericId
    set: CustomerChanges = Field(default_factory=CustomerChanges)
    add_address: Address | None = None
    believed: Mapping[str, object] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.set.model_dump(exclude_none=True) and self.add_address is None:
            raise ValueError("nothing is to be changed")
        return self
