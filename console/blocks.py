"""What details are made of: facts, passages, comparisons, timelines, breakdowns, explained figures, links.

Plain values that the desk gives and the widgets draw; they hold text that buyers or vendors wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

__all__ = [
    "Amount",
    "Block",
    "Detail",
    "Difference",
    "Explained",
    "ExplainedPart",
    "Facts",
    "FieldDiff",
    "Jump",
    "Passage",
    "Steps",
    "Timeline",
    "TimelineEntry",
    "WaterfallStep",
]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount with its currency; the sign is the seller's: positive is money coming in."""

    value: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Jump:
    """A way to another place: a section with a filter, or one record of it; `label` is what people call it.

    Records that have no section of their own (`documents`, `returns`) open over the present screen.
    """

    section: str
    filter: str = ""
    key: str | None = None
    label: str = ""

    @property
    def words(self) -> str:
        """Return what the way is called on screen."""
        return self.label or f"{self.section} {self.key or self.filter}".strip()


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One compared field, already written out for people; None: does not exist on that side."""

    name: str
    left: str | None
    right: str | None
    #: Why a small difference is accepted or not: `0.02 > tolerance 0.01`.
    note: str = ""
    #: Set where the two texts differ but the control takes them as equal, or the reverse.
    equal: bool | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field-by-field comparison with the names of its two sides: channel and ERP, or there now and will be sent."""

    left: str
    right: str
    fields: tuple[FieldDiff, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names with values."""

    title: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """Running text. `verbatim` text (JSON, HTTP) is not wrapped.

    A `copied` one is what `y` copies of the record, an `internal` one what `Y` copies for colleagues.
    """

    title: str
    text: str
    verbatim: bool = False
    copied: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One thing that happened to a record."""

    at: datetime
    system: str
    text: str
    jump: Jump | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """Everything known, in time order."""

    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One step of a breakdown. kind total: counts from zero; step: adds to the running total; gap: unexplained."""

    label: str
    amount: Decimal
    kind: Literal["total", "step", "gap"] = "step"


@dataclass(frozen=True, slots=True)
class Steps:
    """A breakdown in one currency, from the first total to the last."""

    currency: str
    steps: tuple[WaterfallStep, ...]


Block = Difference | Facts | Passage | Timeline | Steps


@dataclass(frozen=True, slots=True)
class Detail:
    """What the drawer or a full page shows of one record under one tab."""

    title: str
    blocks: tuple[Block, ...]
    jumps: tuple[Jump, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedPart:
    """One part of an explained figure; `key` leads one level down, None: it is the last level.

    `note` says where it is kept or why it is so, `jump` leads to its record.
    """

    label: str
    amount: Decimal | None
    lines: int | None = None
    key: str | None = None
    note: str = ""
    jump: Jump | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """One figure and what it is made of: the parts add to `amount`, or `adds_up` is False and shown.

    `amount` None: a step of the way that is no sum (a line's way to journal and bank); its parts stand side by side.
    `level` names what the parts are; `copied` is what `y` copies of the whole.
    """

    key: str
    title: str
    level: str
    currency: str
    amount: Decimal | None
    parts: tuple[ExplainedPart, ...]
    blocks: tuple[Block, ...] = ()

    @property
    def total(self) -> Decimal:
        """Return the sum of the parts."""
        return sum((part.amount for part in self.parts if part.amount is not None), Decimal(0))

    @property
    def adds_up(self) -> bool:
        """Return whether the parts add to the figure exactly."""
        return self.amount is None or self.total == self.amount
