"""One record as the books keep it."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sync.sandbox.netsuite.fields.types import RecordType
from sync.sandbox.netsuite.fields.values import Value

__all__ = ["Line", "Move", "Stored"]

#: One row of a sublist. Keys that start with `_` are the books' own and never leave them.
Line = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Move:
    """Goods that a document brings into stock (positive) or takes out of it (negative).

    `value` is in the subsidiary's base currency, with the sign of the quantity.
    """

    line: int
    item: int
    location: int | None
    quantity: Decimal
    value: Decimal


@dataclass(slots=True)
class Stored:
    """A record: body fields and sublists in REST names, references as internal ids."""

    kind: RecordType = field(repr=False)
    id: int
    created: datetime
    modified: datetime
    fields: dict[str, Value] = field(default_factory=dict)
    lines: dict[str, list[Line]] = field(default_factory=dict)
    #: What the document did to the stock, at the cost of the day it was saved.
    moves: list[Move] = field(default_factory=list)

    def copy(self) -> Stored:
        """Return an independent copy to change and validate before it takes this one's place."""
        fields, lines = deepcopy(self.fields), deepcopy(self.lines)
        return Stored(self.kind, self.id, self.created, self.modified, fields, lines, [*self.moves])

    def rows(self, sublist: str) -> list[Line]:
        """Return the rows of a sublist (a new, attached list where there was none)."""
        return self.lines.setdefault(sublist, [])

    def text(self, name: str) -> str | None:
        """Return a text field."""
        value = self.fields.get(name)
        return None if value is None else str(value)

    def number(self, name: str) -> Decimal:
        """Return a number field, zero where there is none."""
        value = self.fields.get(name)
        return value if isinstance(value, Decimal) else Decimal(0)

    def ref(self, name: str) -> int | None:
        """Return the internal id that a reference field holds."""
        value = self.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """Return a date field."""
        value = self.fields.get(name)
        return value if isinstance(value, date) else None

    @property
    def party(self) -> int | None:
        """Return the customer: documents of sale say `entity`, payments `customer`."""
        entity = self.ref("entity")
        return entity if entity is not None else self.ref("customer")

    @property
    def title(self) -> str:
        """Return the text that references to this record show."""
        return self.text(self.kind.title) or str(self.id)
