"""Messages between workers, the app and the screens. They carry results that nobody changes afterwards.

Textual stamps sender and time onto a message, so the dataclasses cannot be frozen; what they hold is.
"""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from console.desk import (
    ActionRequest,
    DeskEvent,
    Detail,
    Explained,
    Form,
    Found,
    HomeFacts,
    JobEvent,
    PlanSheet,
    ViewRequest,
)
from console.views.rows import Row, RowView

__all__ = [
    "DeskReported",
    "DetailRead",
    "EffectRead",
    "ExplainRead",
    "FormRead",
    "HomeRead",
    "KeysRead",
    "PlanRead",
    "RecordRead",
    "RecordsFound",
    "ViewOpened",
    "ViewRefused",
    "WorkFailed",
]


@dataclass
class DeskReported(Message):
    """The desk said something; came from any thread."""

    event: DeskEvent

    def can_replace(self, message: Message) -> bool:
        """A newer report of a running job replaces an older one that nobody has handled yet."""
        if not isinstance(message, DeskReported):
            return False
        older, newer = message.event, self.event
        if not isinstance(older, JobEvent) or not isinstance(newer, JobEvent):
            return False
        return older.job_id == newer.job_id and not older.over


@dataclass
class HomeRead(Message):
    """What Home shows was read."""

    facts: HomeFacts


@dataclass
class ViewOpened(Message):
    """A list was built; whoever takes the message closes the view.

    `position` is where the record stands that the cursor was on, None where it is gone.
    """

    request: ViewRequest
    view: RowView
    first_page: list[Row]
    position: int | None


@dataclass
class ViewRefused(Message):
    """A list was not built because its filter cannot be understood."""

    request: ViewRequest
    text: str
    position: int


@dataclass
class DetailRead(Message):
    """One tab of a record's detail was read; None: the record is gone. `page`: it wants the whole screen."""

    key: str
    tab: str
    detail: Detail | None
    page: bool = False


@dataclass
class RecordRead(Message):
    """A record without a section of its own was read; None: it is gone."""

    detail: Detail | None


@dataclass
class ExplainRead(Message):
    """A level of an explained figure was read; None: it cannot be taken apart."""

    explained: Explained | None


@dataclass
class EffectRead(Message):
    """What an action would restate was read; None: nothing, so it can start."""

    request: ActionRequest
    effect: Detail | None


@dataclass
class KeysRead(Message):
    """The keys of all records of a list were read."""

    keys: tuple[str, ...]


@dataclass
class FormRead(Message):
    """What an action asks first; None: nothing, so it can start."""

    request: ActionRequest
    form: Form | None


@dataclass
class PlanRead(Message):
    """The staged plan was read."""

    plan: PlanSheet | None


@dataclass
class RecordsFound(Message):
    """Records that match what was typed."""

    text: str
    found: tuple[Found, ...]


@dataclass
class WorkFailed(Message):
    """Something that ran in a worker ended in an error."""

    name: str
    error: BaseException
