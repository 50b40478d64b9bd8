"""A desk in memory for widget and screen tests: rows, details, a plan, jobs that the test drives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import fakecustomers as people
import fakefinance as finance
import fakelists as lists
from fakelists import NOW, ago
from fakereturns import returned, returned_details
from fakeshipments import shipment_details

from console.desk import (
    ActionRequest,
    Amount,
    DeskEvent,
    Detail,
    Difference,
    Explained,
    Facts,
    Feed,
    FieldDiff,
    FilterProblem,
    Form,
    FormField,
    Found,
    HomeFacts,
    Jump,
    Need,
    Passage,
    PlanGroup,
    PlannedWrite,
    PlanSheet,
    Standing,
    Steps,
    Tick,
    Timeline,
    TimelineEntry,
    ViewRequest,
    WaterfallStep,
)
from console.views.definitions import VIEWS
from console.views.filter import compile_filter
from console.views.rows import MemoryView, Row, RowView, Value

#: Text that has killed, blanked or hijacked terminal applications.
HOSTILE = (
    "[/foo]",
    "A-1 [link=http://x]y[/link]",
    "Shirt [M] blue",
    '{"a":[true,false]}',
    "x [sys:LOCK=SAFE] y",
    "[@click=app.bell]hi[/]",
    "esc\x1b[31mred\x1b]0;title\x07 nul\x00 new\nline",
    "rtl \u202egnirts \u200bzero 漢字漢字 \ud800",
)


def rows_of(view: str, records: Sequence[Mapping[str, Value]]) -> list[Row]:
    """Return rows with the view's columns; what a record lacks is None."""
    columns = VIEWS[view].columns
    return [Row(str(record["key"]), tuple(record.get(c.name) for c in columns)) for record in records]


@dataclass
class FakeDesk:
    """Answers from memory. A filter keeps rows whose texts contain its words (the language has its own tests)."""

    standing_now: Standing = field(
        default_factory=lambda: Standing("sandbox", "Acme Goods", False, NOW - timedelta(minutes=2), 0)
    )
    facts: HomeFacts = field(default_factory=lambda: HomeFacts((), ()))
    records: dict[str, list[Row]] = field(default_factory=dict)
    details: dict[str, Detail] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    explained: dict[str, Explained] = field(default_factory=dict)
    effects: dict[str, Detail] = field(default_factory=dict)
    previewed: list[ActionRequest] = field(default_factory=list)
    moments: list[datetime | None] = field(default_factory=list)
    staged_plan: PlanSheet | None = None
    refusals: dict[str, str] = field(default_factory=dict)
    broken: Exception | None = None
    started: list[ActionRequest] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    requests: list[ViewRequest] = field(default_factory=list)
    open_views: int = 0
    closed: bool = False
    _listeners: list[Callable[[DeskEvent], None]] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW

    def standing(self) -> Standing:
        return self.standing_now

    def home(self) -> HomeFacts:
        if self.broken is not None:
            raise self.broken
        return self.facts

    def open_view(self, request: ViewRequest) -> RowView:
        self.requests.append(request)
        if self.broken is not None:
            raise self.broken
        definition = VIEWS[request.view]
        compile_filter(request.filter, definition.columns, definition.search, NOW)
        rows = self.records.get(request.view, [])
        words = [w.split(":")[-1].lower() for w in request.filter.split() if not w.startswith("-")]
        kept = [r for r in rows if all(_matches(r, word) for word in words)]
        if request.sort is not None:
            index = [c.name for c in definition.columns].index(request.sort.column)
            kept.sort(key=lambda r: str(r.values[index]), reverse=request.sort.descending)
        return _Counted(self, definition.columns, kept, of_all=len(rows))

    def explain(self, section: str, key: str, as_of: datetime | None = None) -> Explained | None:
        self.moments.append(as_of)
        return self.explained.get(key) or self.explained.get(section)

    def effect(self, request: ActionRequest) -> Detail | None:
        self.previewed.append(request)
        return self.effects.get(request.action)

    def detail(self, section: str, key: str, tab: str, as_of: datetime | None = None) -> Detail | None:
        self.moments.append(as_of)
        return self.details.get(f"{section}/{key}/{tab}") or self.details.get(f"{section}/*/{tab}")

    def form(self, request: ActionRequest) -> Form | None:
        return self.forms.get(request.action)

    def plan(self) -> PlanSheet | None:
        return self.staged_plan

    def find(self, text: str, limit: int) -> list[Found]:
        found = [
            Found(f"order: {row.key}", Jump("orders", text, row.key))
            for row in self.records.get("orders", [])
            if text in row.key
        ]
        return found[:limit]

    def refusal(self, request: ActionRequest) -> str | None:
        return self.refusals.get(request.action)

    def start(self, request: ActionRequest) -> str:
        self.started.append(request)
        return f"job-{len(self.started)}"

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def subscribe(self, listener: Callable[[DeskEvent], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def say(self, event: DeskEvent) -> None:
        """Report an event to whoever listens."""
        for listener in self._listeners:
            listener(event)

    def close(self, wait_s: float) -> None:
        self.closed = True


class _Counted(MemoryView):
    """A memory view that counts itself, so that a test sees views left open."""

    def __init__(self, desk: FakeDesk, columns: Sequence[object], rows: Sequence[Row], of_all: int) -> None:
        super().__init__(columns, rows, of_all=of_all)  # type: ignore[arg-type]
        self._desk = desk
        desk.open_views += 1

    def close(self) -> None:
        super().close()
        self._desk.open_views -= 1


def _matches(row: Row, word: str) -> bool:
    choices = [part.removeprefix("=") for part in word.split(",")]
    texts = [str(value).lower() for value in row.values] + [row.key.lower()]
    return any(choice in text for choice in choices for text in texts)


def typical() -> FakeDesk:
    """A company on an ordinary day."""
    desk = FakeDesk(
        standing_now=Standing("sandbox", "Acme Goods", False, NOW, 3),
        facts=_home(),
        staged_plan=plan(3),
    )
    desk.records = {
        "discrepancies": rows_of("discrepancies", lists.discrepancies()),
        "queue": rows_of("queue", lists.queue()),
        "settlements": rows_of("settlements", lists.settlements()),
        "settlement_types": rows_of("settlement_types", lists.types()),
        "bridge": rows_of("bridge", finance.bridge()),
        "bank": rows_of("bank", finance.bank()),
        "closes": rows_of("closes", finance.closes()),
        "line_types": rows_of("line_types", finance.line_types()),
        "mapping": rows_of("mapping", lists.mapping()),
        "orders": rows_of("orders", lists.orders()),
        "shipments": rows_of("shipments", lists.shipments()),
        "customers": rows_of("customers", people.customers()),
        "returns": rows_of("returns", returned(NOW)),
        "calls": rows_of("calls", lists.calls()),
    }
    desk.details = _details() | finance.details() | people.details() | returned_details() | shipment_details()
    desk.explained = finance.explained()
    desk.effects = {"account": finance.effect(), "place": finance.effect()}
    waive = Form("Ignore 1 discrepancy", (FormField("reason", "Reason"), FormField("until", "Until")))
    desk.forms = finance.forms() | people.forms() | {"waive": waive}
    return desk


def _home() -> HomeFacts:
    points = (200, 210, 190, 205, 260, 270, 300, 280, 400, 460, 300, 290, 280, 410)
    return HomeFacts(
        needs=(
            Need(
                214, "discrepancies", "31 new since yesterday", "worst: missing in NetSuite 12", Jump("discrepancies")
            ),
            Need(19, "failed pushes", "7 will retry · 12 need you", "oldest 2d 4h", Jump("queue", "status:failed")),
            Need(6, "unmapped SKUs", "blocking 41 orders worth 3,912.40", "", Jump("mapping")),
            Need(1, "settlement", "18837465521 gap 14.50", "due Mon 23 Nov", Jump("settlements")),
        ),
        feeds=(
            Feed("amazon.orders@US", "ok", ago(minutes=2), 60, 4210, points, 0.72),
            Feed("walmart.orders@US", "ok", ago(minutes=4), 180, 1077, points, 0.91),
            Feed("netsuite.push", "late", ago(minutes=1), 720, 388, points, None, "HTTP 429, next try in 40 s"),
            Feed("netsuite.items", "never", None, None, 0),
        ),
        today=(("matched", "98.6 %"), ("orders", "4,987"), ("net", "61,204.10 USD"), ("unexplained", "14.50 USD")),
        checklist=(Tick("open a discrepancy: 2, enter", True), Tick("plan its fix: f", False)),
    )


def _details() -> dict[str, Detail]:
    difference = Difference(
        "Amazon",
        "NetSuite",
        (
            FieldDiff("order", "113-7702233-1180", None),
            FieldDiff("total", "129.00", "129.02", "0.02 > tolerance 0.01"),
            FieldDiff("line 1", "B0C7-RED-M ×2", None),
            FieldDiff("ship-to", "CUST-991", "CUST-991"),
        ),
    )
    story = Timeline(
        (
            TimelineEntry(ago(days=2), "amazon", "ordered, 2 lines, 129.00 USD"),
            TimelineEntry(ago(hours=3), "netsuite", "push failed: INVALID_KEY_OR_REF item B0C7-RED-M"),
        )
    )
    breakdown = Detail("Amazon 18837465521  5–19 Nov 2026  USD  deposit 21 Nov   ? gap 14.50", (waterfall_steps(),))
    why = Facts("Why", (("control", "order missing in NetSuite"), ("seen", "3 times")))
    return {
        "discrepancies/*/diff": Detail("113-7702233-1180", (difference, why), (Jump("orders", "", "x"),)),
        "discrepancies/*/why": Detail("113-7702233-1180", (why,)),
        "discrepancies/*/raw": Detail("113-7702233-1180", (Passage("", '{"a":[true,false]}', True),)),
        "orders/*/story": Detail("order", (story,)),
        "queue/*/error": Detail("AMZ-113-7702233-1180", (Passage("Error", "The item is not mapped."),)),
        "settlements/*/breakdown": breakdown,
        "settlement/*/lines": Detail("Lines", (Facts("", (("order", "113-1"),)),)),
        "settlements/*/journal": Detail("Journal", (Facts("", (("debit", "14,239.80"),)),)),
        "mapping/*/candidates": Detail("SKU-NEW-77", (Facts("ITEM-1881", (("score", "94 %"),)),)),
        "log/*/call": Detail("GET /orders", (Facts("", (("status", "200"),)),)),
    }


def waterfall_steps() -> Steps:
    """A settlement of ten steps with a gap."""
    steps = (
        ("Product sales", "12840.50", "total"),
        ("Shipping credits", "412.20", "step"),
        ("Tax collected", "987.10", "step"),
        ("Promo rebates", "-351.90", "step"),
        ("Referral fees", "-1926.07", "step"),
        ("FBA fulfilment", "-2314.55", "step"),
        ("Advertising", "-880.00", "step"),
        ("Refunds", "-673.20", "step"),
        ("Marketplace tax", "-987.10", "step"),
        ("Reserve held", "-200.00", "step"),
        ("Unexplained", "-14.50", "gap"),
        ("Payout", "6892.48", "total"),
    )
    return Steps("USD", tuple(WaterfallStep(n, Decimal(a), k) for n, a, k in steps))  # type: ignore[arg-type]


def plan(count: int, each: str = "129.00") -> PlanSheet:
    """A plan of `count` sales orders."""
    fields = (FieldDiff("total", None, each), FieldDiff("memo", "x", "x"))
    operations = tuple(
        PlannedWrite(
            f"op-{n}",
            f"AMZ-113-7702233-{n}",
            "create salesOrder",
            f"113-7702233-{n}",
            fields,
            Amount(Decimal(each), "USD"),
            "Nov 2026",
            '{"otherRefNum": "113"}',
        )
        for n in range(count)
    )
    total = Amount(Decimal(each) * count, "USD")
    return PlanSheet("plan-1", (PlanGroup("NetSuite", operations, count * 2, 12.0),), (total,), ("Nov 2026",))


def hostile() -> FakeDesk:
    """The ordinary day with every text replaced by the worst that a buyer or seller can write."""
    desk = typical()
    for view, rows in desk.records.items():
        desk.records[view] = [
            Row(
                row.key,
                tuple(
                    HOSTILE[(n + i) % len(HOSTILE)] if isinstance(value, str) else value
                    for i, value in enumerate(row.values)
                ),
            )
            for n, row in enumerate(rows)
        ]
    text = "\n".join(HOSTILE)
    pairs = tuple((bad, bad) for bad in HOSTILE)
    fields = tuple(FieldDiff(bad, bad, None, bad) for bad in HOSTILE)
    blocks = (
        Difference(HOSTILE[0], HOSTILE[1], fields),
        Facts(HOSTILE[2], pairs),
        Passage(HOSTILE[3], text),
        Passage(HOSTILE[5], text, verbatim=True),
        Timeline(tuple(TimelineEntry(NOW, bad, bad) for bad in HOSTILE)),
        Steps("USD", tuple(WaterfallStep(bad, Decimal("1.00")) for bad in HOSTILE)),
    )
    desk.details = dict.fromkeys(desk.details, Detail(HOSTILE[5], blocks, (Jump("orders", HOSTILE[0], HOSTILE[5]),)))
    desk.facts = HomeFacts(
        tuple(Need(1, bad, bad, bad, Jump("orders", bad)) for bad in HOSTILE),
        tuple(Feed(bad, "failed", NOW, 1, 1, (1, 2), 0.5, bad) for bad in HOSTILE),
        pairs,
        tuple(Tick(bad, False) for bad in HOSTILE),
    )
    desk.standing_now = Standing("production", HOSTILE[5], False, NOW, 2)
    return desk


__all__ = ["HOSTILE", "NOW", "FakeDesk", "FilterProblem", "hostile", "plan", "rows_of", "typical", "waterfall_steps"]
