"""The live desk: jobs that fail are shown and the console stays; actions change what the screens then read."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from console.desk import ActionRequest, DataChanged, DeskEvent, JobEvent, ViewRequest
from console.live.desk import LiveDesk
from console.live.jobs import Ended, Job, Jobs
from console.live.text import shown
from sync.errors import BadInput, Cancelled
from tests.console.homes import Home


class Listener:
    """Collects events; `wait` returns the one that ends a job."""

    def __init__(self) -> None:
        self.events: list[DeskEvent] = []
        self._over = threading.Condition()

    def __call__(self, event: DeskEvent) -> None:
        with self._over:
            self.events.append(event)
            self._over.notify_all()

    def wait(self, job_id: str) -> JobEvent:
        def ended() -> JobEvent | None:
            found = [e for e in self.events if isinstance(e, JobEvent) and e.job_id == job_id and e.over]
            # What changed is told after the end: only then is the job's thread done with it.
            return found[0] if found and isinstance(self.events[-1], DataChanged) else None

        with self._over:
            assert self._over.wait_for(ended, timeout=60)
            found = ended()
        assert found is not None
        return found


@pytest.fixture
def desk(pulled: Home) -> Iterator[LiveDesk]:
    made = LiveDesk(pulled.workspace(), "ann", first_run=True)
    yield made
    made.close(10)


@pytest.fixture
def do(desk: LiveDesk) -> Callable[..., JobEvent]:
    """Run an action to its end."""

    def run(action: str, section: str, *keys: str, **answers: str) -> JobEvent:
        listener = Listener()
        end = desk.subscribe(listener)
        try:
            return listener.wait(desk.start(ActionRequest(action, section, keys, answers)))
        finally:
            end()

    return run


@pytest.mark.parametrize(
    ("error", "state", "note"),
    [
        (BadInput("it is cut", remedy="Again"), "failed", "it is cut. Again"),
        (RuntimeError("lost"), "failed", "RuntimeError: lost"),
        (Cancelled("the pull"), "cancelled", "the pull was cancelled; what was finished before is kept"),
    ],
)
def test_a_job_that_breaks_is_told_and_the_next_one_runs(error: Exception, state: str, note: str) -> None:
    jobs, listener = Jobs(), Listener()
    jobs.subscribe(listener)

    def broken(job: Job) -> Ended:
        raise error

    event = listener.wait(jobs.start("pull", broken))
    assert (event.state, event.note) == (state, note)
    assert jobs.running == ()
    assert listener.wait(jobs.start("pull", lambda job: Ended("fine"))).note == "fine"


def test_closing_cancels_what_runs() -> None:
    jobs, started = Jobs(), threading.Event()
    seen: list[bool] = []

    def work(job: Job) -> Ended:
        started.set()
        while not job.cancel.is_cancelled:
            threading.Event().wait(0.01)
        seen.append(True)
        return Ended("stopped")

    jobs.start("pull", work)
    assert started.wait(30)
    assert jobs.running == ("pull",)
    jobs.cancel("no such job")
    jobs.close(30)
    assert seen == [True]


def test_actions_that_cannot_be_say_why(desk: LiveDesk, do: Callable[..., JobEvent], tmp_path: Path) -> None:
    assert desk.refusal(ActionRequest("undo", "mapping")) == "nothing was decided in this session"
    some = desk.open_view(ViewRequest("discrepancies"))
    key = some.page(0, 1)[0].key
    some.close()
    for event, said in (
        (do("fix", "discrepancies", "nonsense"), "nonsense"),
        (do("fix", "settlements", "amazon.US/1"), "nothing of it is to be posted"),
        (do("waive", "discrepancies", key, reason="x", until="soon"), "this is no date"),
        (do("snooze", "discrepancies", key, until="2020-01-01"), "this day is over"),
        (do("map", "mapping", "amazon.US|X", item="1", quantity="none"), "this is no number"),
        (do("accept-all", "mapping", score="101"), "no suggestion scores"),
        (do("undo", "mapping"), "nothing was decided in this session"),
        (do("export", "orders", view="orders", file=str(tmp_path / "x.pdf")), "ending says no format"),
        (do("retry", "queue", "P1-1"), "P1-1"),
    ):
        assert event.state == "failed", event
        assert said in event.note, event


def test_a_filter_or_list_that_is_none_is_refused(desk: LiveDesk) -> None:
    with pytest.raises(BadInput, match="there is no such list"):
        desk.open_view(ViewRequest("nonsense"))
    with pytest.raises(BadInput, match="there is no such settlement"):
        desk.open_view(ViewRequest("settlement_types", scope={"settlement": "amazon.US/1"}))


@pytest.mark.parametrize(
    "section", ["discrepancies", "queue", "settlements", "settlement", "mapping", "orders", "log", "x"]
)
@pytest.mark.parametrize("key", ["", "nonsense", "a/b", "a|b", "²", "99999999"])
def test_a_record_that_is_gone_is_none_or_empty_never_an_error(desk: LiveDesk, section: str, key: str) -> None:
    detail = desk.detail(section, key, "")
    assert detail is None or (section == "mapping" and detail.blocks)


def test_every_tab_of_a_real_record_of_every_section_can_be_read(desk: LiveDesk) -> None:
    tabs = (
        "",
        "diff",
        "why",
        "fix",
        "history",
        "raw",
        "lines",
        "journal",
        "orders",
        "body",
        "attempts",
        "request",
        "answer",
    )
    for section, name in (
        ("discrepancies", "discrepancies"),
        ("settlements", "settlements"),
        ("mapping", "mapping"),
        ("orders", "orders"),
        ("log", "calls"),
    ):
        view = desk.open_view(ViewRequest(name))
        keys = [row.key for row in view.page(0, 3)]
        view.close()
        assert keys, section
        for key in keys:
            for tab in tabs:
                detail = desk.detail(section, key, tab)
                assert detail is not None, (section, key, tab)
                assert detail.blocks


def test_home_counts_what_needs_a_person_and_every_stream(desk: LiveDesk) -> None:
    home = desk.home()
    assert home.needs[0].count == sum(1 for _ in _keys(desk, "discrepancies"))
    assert {"amazon.orders@US", "walmart.orders@US"} <= {f.name for f in home.feeds}
    assert {f.state for f in home.feeds} <= {"ok", "late"}
    # The company's own SKUs came with its setup; everything after that is still to be done.
    assert [t.done for t in home.checklist][1:] == [False] * 3
    assert desk.standing().environment == "sandbox"


def _keys(desk: LiveDesk, name: str) -> list[str]:
    view = desk.open_view(ViewRequest(name))
    try:
        return list(view.keys(view.total))
    finally:
        view.close()


def test_mapping_releases_and_undo_takes_it_back(desk: LiveDesk, do: Callable[..., JobEvent]) -> None:
    unmapped = _keys(desk, "mapping")
    key = unmapped[0]
    blocked = _keys(desk, "discrepancies")
    done = do("accept", "mapping", key)
    assert done.state == "done"
    assert "1 SKU mapped" in done.note
    assert key not in _keys(desk, "mapping")
    assert do("undo", "mapping").state == "done"
    assert sorted(_keys(desk, "mapping")) == sorted(unmapped)
    assert sorted(_keys(desk, "discrepancies")) == sorted(blocked)


def test_a_sku_can_be_mapped_to_a_set_and_what_is_wrong_with_it_is_said(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    key = _keys(desk, "mapping")[0]
    (first, _), (second, name) = pulled.query("SELECT item_id, name FROM items WHERE NOT inactive ORDER BY 1 LIMIT 2")
    for further, why in (
        ("NO-SUCH-ITEM", "no item of NetSuite has this name"),
        (f"{name}=none", "above zero"),
        (first, "names an item twice"),
    ):
        refused = do("map", "mapping", key, item=first, also=further)
        assert refused.state == "failed"
        assert why in refused.note
        assert key in _keys(desk, "mapping"), "nothing was decided"
    done = do("map", "mapping", key, item=first, quantity="1", also=f" {name.lower()} = 2 ")
    assert done.state == "done", done
    ((value,),) = pulled.query("SELECT value FROM current_decisions WHERE kind = 'sku' AND subject = $1", [key])
    rows = [{"item_id": first, "quantity": "1"}, {"item_id": second, "quantity": "2"}]
    assert json.loads(value) == {"items": rows}
    assert do("undo", "mapping").state == "done"
    assert key in _keys(desk, "mapping")


def test_staging_shows_the_plan_with_the_exact_request(
    desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home
) -> None:
    assert desk.plan() is None
    ((key, *_), *_) = pulled.query(
        "SELECT discrepancy_id FROM discrepancies WHERE control = 'order_missing' AND state = 'open' ORDER BY 1"
    )
    staged = do("fix", "discrepancies", key)
    assert staged.state == "done", staged
    sheet = desk.plan()
    assert sheet is not None
    bodies = [w.body for g in sheet.groups for w in g.operations]
    assert all("HTTP" not in b and ("PUT" in b or "POST" in b or "PATCH" in b) for b in bodies)
    assert desk.standing().staged == len(bodies)
    (first, *_) = _keys(desk, "queue")
    assert do("drop", "queue", first, reason="no").state == "done"


def test_a_waiver_is_recorded_under_the_users_name(desk: LiveDesk, do: Callable[..., JobEvent], pulled: Home) -> None:
    key = _keys(desk, "discrepancies")[0]
    assert do("waive", "discrepancies", key, reason="gift", until="").state == "done"
    assert pulled.query("SELECT discrepancy_id, mark, reason, marked_by FROM discrepancy_marks") == [
        (key, "waived", "gift", "ann")
    ]


def test_a_list_is_exported_as_it_is_shown(desk: LiveDesk, do: Callable[..., JobEvent], tmp_path: Path) -> None:
    target = tmp_path / "orders.csv"
    event = do("export", "orders", view="orders", filter="channel:walmart.US", sort="total desc", file=str(target))
    assert event.state == "done", event
    rows = target.read_text().splitlines()
    assert len(rows) > 10
    assert all("walmart.US" in row for row in rows[1:])


def test_values_for_people() -> None:
    assert [shown(v) for v in (None, "", True, 0)] == [None, None, "yes", "0"]
