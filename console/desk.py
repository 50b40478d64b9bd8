"""What the screens may ask of the program: facts, lists, details, jobs. Knows neither Textual nor DuckDB.

The console's workspace implements `Desk`; screens never see SQL, files or vendors. Every value that comes out of a
desk may hold text that buyers or vendors wrote: it is data, and the screens show it as such.

Threads: `standing`, `now`, `start`, `cancel`, `subscribe` return at once and are called on the interface's thread.
`home`, `open_view`, `detail`, `explain`, `form`, `effect`, `plan`, `find` may read for a while and are called in
worker threads, several at a time. Listeners are called from any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from console.blocks import (
    Amount,
    Block,
    Detail,
    Difference,
    Explained,
    ExplainedPart,
    Facts,
    FieldDiff,
    Jump,
    Passage,
    Steps,
    Timeline,
    TimelineEntry,
    WaterfallStep,
)
from console.views.rows import RowView, Sort

__all__ = [
    "ActionRequest",
    "Amount",
    "Block",
    "Choice",
    "DataChanged",
    "Desk",
    "DeskEvent",
    "Detail",
    "Difference",
    "Explained",
    "ExplainedPart",
    "Facts",
    "Feed",
    "FieldDiff",
    "FilterProblem",
    "Form",
    "FormField",
    "Found",
    "HomeFacts",
    "JobEvent",
    "JobState",
    "Jump",
    "Need",
    "Passage",
    "PlanGroup",
    "PlanSheet",
    "PlannedWrite",
    "Standing",
    "Steps",
    "Tick",
    "Timeline",
    "TimelineEntry",
    "ViewRequest",
    "WaterfallStep",
]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the user is; shown at all times."""

    #: `sandbox` or `production`
    environment: Literal["sandbox", "production"]
    company: str
    read_only: bool
    #: When the newest data was read from a vendor; None: never.
    as_of: datetime | None
    #: Operations that wait for a person's approval.
    staged: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """One line of "What needs you"."""

    count: int
    noun: str
    note: str = ""
    aside: str = ""
    jump: Jump | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """How one stream is doing. `points` are the counts of the last 14 days, oldest first."""

    name: str
    #: ok: up to date; late; failed; never: not pulled yet
    state: Literal["ok", "late", "failed", "never"]
    last_run: datetime | None
    lag_s: float | None
    today: int
    points: tuple[int, ...] = ()
    #: What is left of the vendor's limit, 0 to 1; None where the vendor does not say.
    budget: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """One step of the first-run checklist."""

    text: str
    done: bool


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything that Home shows; `today` are ready-made words (name, value)."""

    needs: tuple[Need, ...]
    feeds: tuple[Feed, ...]
    today: tuple[tuple[str, str], ...] = ()
    checklist: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """Which list: its name in `console.views.definitions.VIEWS`, narrowed and ordered.

    `scope` holds what the list needs, such as `{"settlement": "amazon.US/18837465521"}`.
    """

    view: str
    filter: str = ""
    sort: Sort | None = None
    scope: Mapping[str, str] = field(default_factory=dict)
    as_of: datetime | None = None


class FilterProblem(ValueError):
    """A filter that cannot be understood: the sentence, and where in the text it is (0 is the first character)."""

    def __init__(self, text: str, position: int, length: int = 1) -> None:
        self.text, self.position, self.length = text, position, length
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be picked; `note` is the evidence for it."""

    value: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form; with `choices` an answer is picked, else typed."""

    name: str
    label: str
    value: str = ""
    choices: tuple[Choice, ...] = ()
    required: bool = True
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What an action must know before it can run."""

    title: str
    fields: tuple[FormField, ...]
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """Run one action of `console.actions` on records. `answers` are the form's fields."""

    action: str
    section: str
    keys: tuple[str, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)


JobState = Literal["queued", "running", "waiting", "done", "failed", "cancelled"]


@dataclass(frozen=True, slots=True)
class JobEvent:
    """How far a job is. `note` says what is waited for, or the sentence to show when it is over."""

    job_id: str
    title: str
    state: JobState
    done: int = 0
    total: int | None = None
    note: str = ""
    #: What the user can do about a failure.
    remedy: str = ""
    #: Where to look at the result.
    jump: Jump | None = None

    @property
    def over(self) -> bool:
        """Return whether nothing more will be reported of this job."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class DataChanged:
    """Lists of these sections show old data; `()` means all."""

    sections: tuple[str, ...] = ()


DeskEvent = JobEvent | DataChanged


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """One staged operation as it will be sent."""

    operation_id: str
    #: Deterministic identity at the target, such as `AMZ-113-7702233-1180`.
    identity: str
    #: `create salesOrder`, `confirm shipment`
    verb: str
    target: str
    #: left: what is there now; right: what will be sent.
    fields: tuple[FieldDiff, ...] = ()
    amount: Amount | None = None
    period: str = ""
    #: The exact body.
    body: str = ""
    #: Operation ids that must succeed first.
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanGroup:
    """The staged operations of one system."""

    system: str
    operations: tuple[PlannedWrite, ...]
    calls: int
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PlanSheet:
    """What would leave this machine if the plan were approved now."""

    plan_id: str
    groups: tuple[PlanGroup, ...]
    #: One total per currency: the sum of the absolute amounts.
    totals: tuple[Amount, ...] = ()
    periods: tuple[str, ...] = ()
    #: Why it may not be pushed now (read-only, closed period); empty: it may.
    blocked: str = ""

    @property
    def count(self) -> int:
        """Return the number of operations."""
        return sum(len(group.operations) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Found:
    """One record that matches what was typed into the palette."""

    label: str
    jump: Jump


class Desk(Protocol):
    """What screens may ask."""

    def now(self) -> datetime:
        """Return the current time, aware, UTC (ages on screen are counted from it)."""
        ...

    def standing(self) -> Standing:
        """Return where the user is, from memory."""
        ...

    def home(self) -> HomeFacts:
        """Return what Home shows."""
        ...

    def open_view(self, request: ViewRequest) -> RowView:
        """Build a list; the caller closes it.

        Raises:
            FilterProblem: the filter cannot be understood.
            TieoutError: the list cannot be read.
        """
        ...

    def detail(self, section: str, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
        """Return one tab of one record's detail; None: the record is gone. `as_of`: as it was known then."""
        ...

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        """Return what a figure is made of: of a record of a section, or a part's key of section `explain`.

        None: nothing of it can be taken apart. `as_of`: as it was known then.
        """
        ...

    def effect(self, request: ActionRequest) -> Detail | None:
        """Return what the action with these answers would restate, before it runs; None: it restates nothing past."""
        ...

    def form(self, request: ActionRequest) -> Form | None:
        """Return what the action has to ask first; None: nothing."""
        ...

    def plan(self) -> PlanSheet | None:
        """Return the staged plan; None: nothing is staged."""
        ...

    def find(self, text: str, limit: int) -> list[Found]:
        """Return records whose id contains the text, best first."""
        ...

    def refusal(self, request: ActionRequest) -> str | None:
        """Return why the action cannot run now, in a few words without a full stop; None: it can. From memory."""
        ...

    def start(self, request: ActionRequest) -> str:
        """Run the action in the engine; returns the job's id. Progress and end arrive as `JobEvent`."""
        ...

    def cancel(self, job_id: str) -> None:
        """Ask the job to stop; what is finished stays. Unknown and finished jobs are ignored."""
        ...

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> Callable[[], None]:
        """Call `listener` with every event from now on; returns the function that ends it."""
        ...

    def close(self, wait_s: float) -> None:
        """Cancel every job, interrupt every read, wait at most `wait_s` seconds for them, close what is open.

        Called in a worker thread, once, while the screen is taken down.
        """
        ...
