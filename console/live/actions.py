"""What the actions of the registry do, each as the work of one job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from console.commands.decisions import last_day
from console.commands.exports import export_view
from console.commands.options import day_of
from console.desk import ActionRequest, Jump, ViewRequest
from console.live.behind import of_discrepancies, of_settlements, offered_ids
from console.live.details.causes import of_cause
from console.live.forms import mark_of, sku_of
from console.live.jobs import Ended, Job
from console.live.row_keys import CAUSE
from console.live.views import open_view
from console.present.times import counted
from console.views.rows import Sort
from console.workspace import Workspace
from reconcile.cycle import run_cycle
from reconcile.mapping.sku_sets import set_of
from reconcile.mapping.skus import sku_subject
from reconcile.mapping.suggestions import suggest_items
from reconcile.offers import take_offers
from reconcile.plan import build_plan, stage
from sync.again import Again
from sync.errors import BadInput
from sync.outbox.drain import DrainProgress
from sync.store.store import Store

__all__ = ["LiveActions"]


@dataclass(frozen=True, slots=True)
class _Local:
    """What one action settled here, and `undo` takes back: decisions of a kind, or a mark on discrepancies."""

    kind: str
    subjects: tuple[str, ...]


class LiveActions:
    """Runs actions on one workspace; `who` is recorded with every decision and approval."""

    def __init__(self, workspace: Workspace, who: str) -> None:
        self._workspace, self._store, self._who = workspace, workspace.store, who
        #: What was settled in this session, newest last.
        self._settled: list[_Local] = []

    @property
    def can_undo(self) -> bool:
        """Return whether something was settled in this session."""
        return bool(self._settled)

    @property
    def store(self) -> Store:
        """Return what the actions work on."""
        return self._store

    @property
    def who(self) -> str:
        """Return under which name is decided."""
        return self._who

    def settled(self, kind: str, subjects: Sequence[str]) -> None:
        """Remember decisions of this session, which `undo` takes back one by one."""
        self._settled.append(_Local(kind, tuple(subjects)))

    def pull(self, request: ActionRequest, job: Job) -> Ended:
        """Pull everything and compare again."""
        return self._pull((), None, job)

    def pull_unread(self, job: Job) -> Ended:
        """Pull the streams that were never read, and compare again."""
        names = [n for n in self._workspace.accounts.stream_names() if self._store.mirror.cursor_of(n) is None]
        return self._pull(names, None, job) if names else Ended("everything has been read")

    def pull_again(self, request: ActionRequest, job: Job) -> Ended:
        """Read one stream once more and compare again."""
        stream = request.answers["stream"]
        ended = self._pull([stream], Again(day_of(request.answers.get("since"))), job)
        stopped = "; N goes on where it was" if job.cancel.is_cancelled else ""
        return replace(ended, note=f"{stream}: {ended.note}{stopped}")

    def _pull(self, names: Sequence[str], again: Again | None, job: Job) -> Ended:
        counts: dict[str, tuple[int, int | None]] = {}

        def show(stream: str, documents: int, expected: int | None) -> None:
            counts[stream] = (documents, expected)
            known = [e for _, e in counts.values()]
            total = None if None in known else sum(e for e in known if e is not None)
            waiting = self._workspace.accounts.waiting_for()
            job.report(sum(d for d, _ in counts.values()), total, waiting or stream, waiting=bool(waiting))

        pulled = self._workspace.pull(
            names, progress=lambda p: show(p.stream, p.documents, p.expected), cancel=job.cancel, again=again
        )
        run_cycle(self._store)
        changed = sum(s.changed for s in pulled.streams)
        if pulled.failed:
            first, *others = pulled.failed
            more = f"; and {counted(len(others), 'more stream')}, see Home" if others else ""
            raise BadInput(f"{first.stream}: {first.error}{more}", remedy="0 shows the calls; R pulls again")
        said = f"{counted(changed, 'record')} changed" if changed else "nothing has changed"
        if job.cancel.is_cancelled:
            said = f"stopped; what was read until then is kept ({said})"
        return Ended(said)

    def fix(self, request: ActionRequest, job: Job) -> Ended:
        """Plan and stage the fix of discrepancies, or the journals of settlements."""
        plan = build_plan(self._store, self._discrepancies(of_discrepancies(self._store, request)))
        if not plan.operations:
            # Goods and money of one return often share what stands in their way: once is enough.
            why = "; ".join(list(dict.fromkeys(f"{o.cause}. {o.remedy}" for o in plan.obstacles))[:2])
            raise BadInput(why or "nothing is to be written: the two sides agree", remedy="Nothing was staged")
        stage(self._store, plan, by=self._who)
        blocked = f", {len(plan.obstacles)} blocked" if plan.obstacles else ""
        return Ended(f"{counted(len(plan.operations), 'operation')} staged{blocked}. P reviews and pushes")

    def offer(self, request: ActionRequest, job: Job) -> Ended:
        """Take the decisions that are offered for what blocks these records."""
        ids = offered_ids(self._store, request)
        taken = take_offers(self._store, ids, by=self._who, reason=request.answers.get("reason", ""))
        for kind in dict.fromkeys(o.kind for o in taken.offers):
            self.settled(kind, [o.subject for o in taken.offers if o.kind == kind])
        said = taken.offers[0].words if len(taken.offers) == 1 else counted(len(taken.offers), "decision")
        return Ended(f"{said}; {counted(taken.released, 'discrepancy', 'discrepancies')} released. u undoes it")

    def _discrepancies(self, request: ActionRequest) -> list[str]:
        if request.section in ("discrepancies", "shipments"):
            return self._of_causes(request.keys)
        if request.section == "customers":
            return self._of_customers(request.keys)
        ids = of_settlements(self._store, request.keys, ("settlement_not_posted", "journal_not_reversed"))
        if not ids:
            raise BadInput("nothing of it is to be posted", remedy="The Breakdown tab says why")
        return ids

    def _of_customers(self, keys: Sequence[str]) -> list[str]:
        """Return what is known better of these customers, and the orders of these buyers."""
        with self._store.database.reading() as cursor:
            rows = cursor.execute(
                "SELECT discrepancy_id FROM discrepancies WHERE control = 'customer_differs' AND state <> 'resolved'"
                " AND subject IN (SELECT unnest($1::VARCHAR[])) UNION ALL"
                " SELECT 'order_missing|' || channel || '|' || unnest(CAST(detail->'order_ids' AS VARCHAR[]))"
                " FROM discrepancies WHERE control = 'customer_unclear' AND state <> 'resolved'"
                " AND subject IN (SELECT unnest($1::VARCHAR[])) ORDER BY 1",
                [list(keys)],
            ).fetchall()
        if not rows:
            raise BadInput("no channel knows anything of it that NetSuite lacks", remedy="Nothing was staged")
        return [str(r[0]) for r in rows]

    def _of_causes(self, keys: Sequence[str]) -> list[str]:
        """Return the named discrepancies; a cause stands for all of its open ones."""
        ids: list[str] = []
        for key in keys:
            is_cause = key.startswith(CAUSE)
            ids += [row[0] for row in of_cause(self._store, key, only_open=True)] if is_cause else [key]
        if not ids:
            raise BadInput("none of them can be fixed now", remedy="Open one: its Fix tab says what is missing")
        return ids

    def push(self, request: ActionRequest, job: Job) -> Ended:
        """Approve what is staged, send it, read it back, compare again."""
        outbox = self._store.outbox
        for plan_id in sorted({o.plan_id for o in outbox.operations(states=("planned",))}):
            outbox.approve(plan_id, by=self._who)
        return self._drain(job)

    def _drain(self, job: Job) -> Ended:
        job.report(0, None, "comparing once more before anything is sent")
        run_cycle(self._store)

        def show(p: DrainProgress) -> None:
            job.report(p.done, p.total, self._workspace.accounts.waiting_for() or p.note)
            job.changed("queue")

        drained = self._workspace.push(progress=show, cancel=job.cancel)
        job.report(drained.done, drained.done, "reading back what was written")
        job.changed("queue", at_once=True)
        self._workspace.pull_written(drained, cancel=job.cancel)
        run_cycle(self._store)
        counts = (
            ("pushed", drained.done),
            ("failed", drained.failed),
            ("held back", drained.held_back),
            ("later", drained.later),
            ("changed, review again", drained.review),
            ("no longer needed", drained.unneeded),
        )
        text = ", ".join(f"{count} {word}" for word, count in counts if count) or "nothing was due"
        if drained.stopped:
            raise BadInput("; ".join(drained.stopped.values()), remedy="Check the credentials, then r in the queue")
        return Ended(text, Jump("queue"))

    def retry(self, request: ActionRequest, job: Job) -> Ended:
        """Put failed operations back and send what is due."""
        for key in request.keys:
            self._store.outbox.requeue(key, by=self._who)
        return self._drain(job)

    def retry_alike(self, request: ActionRequest, job: Job) -> Ended:
        """Retry everything that failed with the same class of error as the named operation."""
        like = {self._store.outbox.operation(k).error_kind for k in request.keys}
        for operation in self._store.outbox.operations(states=("failed",)):
            if not like or operation.error_kind in like:
                self._store.outbox.requeue(operation.operation_id, by=self._who)
        return self._drain(job)

    def drop(self, request: ActionRequest, job: Job) -> Ended:
        """Take operations out of the queue."""
        for key in request.keys:
            self._store.outbox.drop(key, by=self._who, reason=request.answers.get("reason", ""))
        run_cycle(self._store)
        return Ended(f"{len(request.keys)} dropped")

    def waive(self, request: ActionRequest, job: Job) -> Ended:
        """Accept differences, with a reason."""
        request = of_discrepancies(self._store, request)
        until = self._day(request)
        if "reason" not in request.answers:
            return self._lift(request.keys)
        for key in request.keys:
            self._store.findings.mark(key, "waived", reason=request.answers["reason"], by=self._who, until=until)
        self._settled.append(_Local("mark", request.keys))
        return Ended(f"{counted(len(request.keys), 'discrepancy', 'discrepancies')} waived. u undoes it")

    def _lift(self, keys: Sequence[str]) -> Ended:
        marked = [key for key in keys if mark_of(self._store, key) is not None]
        for key in marked:
            self._store.findings.mark(key, "lifted", reason="", by=self._who)
        return Ended(f"{counted(len(marked), 'discrepancy counts', 'discrepancies count')} again")

    def snooze(self, request: ActionRequest, job: Job) -> Ended:
        """Put differences aside until a day."""
        request = of_discrepancies(self._store, request)
        until = self._day(request)
        if until is None:
            return self._lift(request.keys)
        for key in request.keys:
            self._store.findings.mark(key, "snoozed", reason="", by=self._who, until=until)
        self._settled.append(_Local("mark", request.keys))
        said = counted(len(request.keys), "discrepancy", "discrepancies")
        return Ended(f"{said} snoozed until {until:%Y-%m-%d}. u undoes it")

    def _day(self, request: ActionRequest) -> datetime | None:
        text = request.answers.get("until", "").strip()
        return last_day(text, self._store.clock.now()) if text else None

    def map(self, request: ActionRequest, job: Job) -> Ended:
        """Decide which item a SKU is; what it blocked is released by the next comparison, which runs at once."""
        pair = sku_of(self._store, request.section, request.keys[0])
        if pair is None:
            raise BadInput("no SKU blocks this record", remedy="The Why tab names what does")
        quantity = _positive(request.answers.get("quantity", "1"))
        with self._store.database.reading() as cursor:
            value = set_of(cursor, request.answers["item"], quantity, request.answers.get("also", ""))
        return self._map([(pair, value)])

    def accept(self, request: ActionRequest, job: Job) -> Ended:
        """Map SKUs to their best suggestion."""
        chosen = [
            (pair, _one(best)) for key in request.keys if (pair := _pair(key)) and (best := self._best(pair, 0.0))
        ]
        if not chosen:
            raise BadInput("there is no suggestion", remedy="m lets you choose the item")
        return self._map(chosen)

    def accept_all(self, request: ActionRequest, job: Job) -> Ended:
        """Map every SKU whose best suggestion scores enough."""
        least = float(_positive(request.answers.get("score", "90")))
        view = open_view(self._store, ViewRequest("mapping"))
        try:
            keys = view.keys(view.total)
        finally:
            view.close()
        chosen = [(pair, _one(best)) for key in keys if (pair := _pair(key)) and (best := self._best(pair, least))]
        if not chosen:
            raise BadInput(f"no suggestion scores {least:.0f}", remedy="Choose a lower score")
        return self._map(chosen)

    def _best(self, pair: tuple[str, str], least: float) -> str | None:
        with self._store.database.reading() as cursor:
            found = suggest_items(cursor, *pair, limit=1)
        return found[0].item_id if found and found[0].score >= least else None

    def _map(self, chosen: list[tuple[tuple[str, str], Mapping[str, Any]]]) -> Ended:
        for (channel, sku), value in chosen:
            self._store.decisions.decide("sku", sku_subject(channel, sku), value, by=self._who)
        self._settled.append(_Local("sku", tuple(sku_subject(*pair) for pair, _ in chosen)))
        before = self._blocked()
        run_cycle(self._store)
        released = max(before - self._blocked(), 0)
        said = f"{counted(len(chosen), 'SKU')} mapped, {counted(released, 'order')} released"
        return Ended(f"{said}. u undoes it")

    def _blocked(self) -> int:
        with self._store.database.reading() as cursor:
            row = cursor.execute(
                "SELECT count(*) FROM discrepancies WHERE state = 'blocked' AND control = 'order_missing'"
            ).fetchone()
        return int(row[0]) if row else 0

    def undo(self, request: ActionRequest, job: Job) -> Ended:
        """Take back what the last action of this session settled."""
        if not self._settled:
            raise BadInput("nothing was decided in this session", remedy="`tieout map undo` takes back older decisions")
        last = self._settled.pop()
        if last.kind == "mark":
            return self._lift(last.subjects)
        for subject in last.subjects:
            self._store.decisions.undo(last.kind, subject, by=self._who)
        run_cycle(self._store)
        names = ", ".join(subject.rpartition("|")[2] or subject for subject in last.subjects[:3])
        more = f" and {len(last.subjects) - 3} more" if len(last.subjects) > 3 else ""
        return Ended(f"{_KINDS.get(last.kind, last.kind)} {names}{more}: as before")

    def export(self, request: ActionRequest, job: Job) -> Ended:
        """Write the filtered list to a file."""
        name, _, direction = request.answers.get("sort", "").partition(" ")
        sort = Sort(name, direction == "desc") if name else None
        view = open_view(self._store, ViewRequest(request.answers["view"], request.answers.get("filter", ""), sort))
        target = (Path.cwd() / Path(request.answers["file"]).expanduser()).resolve()
        try:
            count = export_view(view, target)
        finally:
            view.close()
        return Ended(f"{counted(count, 'row')} written to {target}", sections=("log",))


_KINDS = {
    "sku": "SKU",
    "line_type": "line type",
    "bank_match": "match",
    "customer": "buyer",
    "posting_date": "posting day",
    "journal_reversal": "reversal of",
    "comparison": "comparison of",
    "return_closing": "end of return",
    "invoice_payment": "payment of",
}


def _pair(key: str) -> tuple[str, str] | None:
    channel, _, sku = key.partition("|")
    return (channel, sku) if sku else None


def _one(item_id: str) -> Mapping[str, Any]:
    return {"item_id": item_id, "quantity": "1"}


def _positive(text: str) -> str:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise BadInput("this is no number", value=text, remedy="Write a number such as 1 or 12") from None
    if not number.is_finite() or number <= 0:
        raise BadInput("the number must be above zero", value=text, remedy="Write a number such as 1 or 12")
    return format(number, "f")
