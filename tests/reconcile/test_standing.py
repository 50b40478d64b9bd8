"""A cycle that leaves out what cannot have changed finds what a cycle finds that runs everything."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from changes import Changes, company
from factories import NOW, READ_UNTIL, World, booked, customer, item, line, order

from reconcile import cycle, standing
from reconcile.controls import Evidence, Judgement, all_controls
from reconcile.cycle import CycleResult, run_cycle
from reconcile.fixes.derived import Derived
from sync.ops.findings import Finding

_SHOWN = [n for n in Finding.__dataclass_fields__ if n != "detail"]


OTHER = "113-7702233-1180009"
Change = Callable[[World], object]


def stood(cycle: CycleResult) -> set[str]:
    return {c.control for c in cycle.controls if c.unchanged}


def held(world: World) -> dict[str, tuple[Any, ...]]:
    """What the last cycles have left of each control: its findings with all that they say, and what waits."""
    with world.store.database.reading() as cursor:
        states = cursor.execute("SELECT control, waiting, waiting_for FROM control_states").fetchall()
        found: dict[str, dict[str, tuple[Any, ...]]] = {}
        rows = cursor.execute(
            f"SELECT {', '.join(_SHOWN)}, detail FROM discrepancies WHERE state <> 'resolved'"
        ).fetchall()
    for row in rows:
        found.setdefault(row[1], {})[row[0]] = row
    return {control: (found.get(control, {}), *waits) for control, *waits in states}


def true(world: World) -> dict[str, tuple[Any, ...]]:
    """What every control says when it is asked now, by a reader whom nobody watches."""
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        judged = {c.name: c.judge(evidence) for c in all_controls()}
    return {name: (_rows(j), j.waiting, j.waiting_for) for name, j in judged.items()}


def _rows(judged: Judgement) -> dict[str, tuple[Any, ...]]:
    return {
        f.discrepancy_id: (
            *(getattr(f, name) for name in _SHOWN),
            json.dumps(f.detail, sort_keys=True, default=str),
        )
        for f in judged.findings
    }


def check(seed: int, steps: int) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Make changes, a cycle after each few; return how often each control stood, ran, and looked at orders alone."""
    world = company()
    changes = Changes(world, Random(seed))
    stands: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    done: list[str] = []
    try:
        run_cycle(world.store)
        assert stood(run_cycle(world.store)) == {c.name for c in all_controls()}, "every control can be followed"
        for _ in range(steps):
            done += [changes.make() for _ in range(changes.rng.choice((1, 2, 2)))]
            done_now = run_cycle(world.store)
            stands.update(stood(done_now))
            runs.update({c.control for c in done_now.controls} - stood(done_now))
            parts.update({c.control for c in done_now.controls if c.orders is not None})
            now, then = true(world), held(world)
            wrong = {name: (then[name], now[name]) for name in now if then[name] != now[name]}
            assert not wrong, (seed, done, sorted(stood(done_now) & wrong.keys()), wrong)
    finally:
        world.store.close()
    return stands, runs, parts


@pytest.mark.parametrize(
    ("seed", "steps"),
    [
        (1, 6),
        # Enough for one change of every kind.
        pytest.param(2, 20, marks=pytest.mark.slow),
        *(pytest.param(n, 20, marks=[pytest.mark.slow, pytest.mark.deep]) for n in range(3, 12)),
    ],
)
@pytest.mark.timeout(900)
def test_whatever_happens_findings_and_what_waits_are_those_of_a_full_run(seed: int, steps: int) -> None:
    stands, runs, parts = check(seed, steps)
    assert (sum(stands.values()) > 50, sum(runs.values()) > 20, sum(parts.values()) > 0) == (True, True, True)


class Newcomer:
    """A control that somebody has just written: it declares nothing."""

    name = title = "newcomer"
    counts_money = False

    def __init__(self, ask: Callable[[Evidence], object]) -> None:
        self.ask, self.asked = ask, 0

    def judge(self, evidence: Evidence) -> Judgement:
        self.asked += 1
        self.ask(evidence)
        return Judgement([])

    def fix(self, evidence: Evidence, wanted: Mapping[tuple[str, str], str]) -> Derived:
        return Derived()


def rows(statement: str) -> Callable[[Evidence], object]:
    return lambda evidence: evidence.cursor.execute(statement).fetchall()


def times(world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Evidence], object], *between: Change) -> int:
    """How often a newcomer is asked in a first cycle and one after each change."""
    newcomer = Newcomer(ask)
    monkeypatch.setattr(cycle, "all_controls", lambda: [newcomer])
    run_cycle(world.store)
    for change in between:
        change(world)
        run_cycle(world.store)
    return newcomer.asked


def nothing(world: World) -> None:
    """Nothing happens."""


def later(world: World) -> None:
    world.clock.advance(3600)


def ordered(world: World) -> None:
    world.put(order(), line())


def read_on(world: World) -> None:
    world.cover("amazon.orders@US", since=READ_UNTIL, until=world.clock.now())


@pytest.mark.parametrize(
    ("ask", "change"),
    [
        (rows("SELECT * FROM orders"), ordered),
        (rows("SELECT * FROM order_lines"), ordered),
        (lambda e: e.at, later),
        (lambda e: e.store.clock.now(), later),
        (lambda e: e.has_come(NOW + timedelta(minutes=60)), later),
        (rows("SELECT now()"), nothing),
        (rows("SELECT * FROM key_places"), nothing),
        (lambda e: e.until("amazon.orders@US").value, read_on),
        (lambda e: e.until("amazon.orders@US").reaches(NOW), read_on),
        (lambda e: e.store.mirror.covered_until("amazon.orders@US", e.cursor), read_on),
        (lambda e: e.decisions("sku"), lambda w: w.decide("sku", "amazon.US|X", item_id="501")),
        (lambda e: e.store.decisions.current("sku"), lambda w: w.decide("policy", "x", days=3)),
        (lambda e: e.once("few", lambda: rows("FROM items")(e)), lambda w: w.put(item("9", "NINE"))),
        (lambda e: e.streams(), lambda w: w.cover("amazon.ledger@US")),
        (rows("FROM transactions"), lambda w: w.put_all(*booked())),
    ],
)  # fmt: skip
def test_a_control_that_declares_nothing_runs_whenever_what_it_read_has_changed(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Evidence], object], change: Change
) -> None:
    assert times(world, monkeypatch, ask, change) == 2


@pytest.mark.parametrize(
    ("ask", "change"),
    [
        (rows("SELECT * FROM items"), ordered),
        (lambda e: e.has_come(NOW + timedelta(minutes=61)), later),
        (lambda e: e.is_after(NOW - timedelta(minutes=1)), later),
        (lambda e: e.until("amazon.orders@US").reaches(READ_UNTIL), read_on),
        (lambda e: e.decisions("sku"), lambda w: w.decide("policy", "x", days=3)),
    ],
)
def test_it_does_not_run_where_something_else_has(
    world: World, monkeypatch: pytest.MonkeyPatch, ask: Callable[[Evidence], object], change: Change
) -> None:
    assert times(world, monkeypatch, ask, nothing, change) == 1


def test_another_program_and_a_full_cycle_run_everything(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run_cycle(world.store)
    assert stood(run_cycle(world.store)) == {c.name for c in all_controls()}
    assert stood(run_cycle(world.store, full=True)) == set()
    monkeypatch.setattr(standing, "program_digest", lambda: "another")
    assert stood(run_cycle(world.store)) == set()


def test_an_order_that_changes_alone_is_looked_at_alone(world: World) -> None:
    world.put(order(), line()).put(order(OTHER), line(OTHER))
    run_cycle(world.store)
    world.put(order(OTHER, status="cancelled", updated_at=NOW - timedelta(hours=1)), line(OTHER, status="cancelled"))
    by_name = {c.control: c for c in run_cycle(world.store).controls}
    missing = by_name["order_missing"]
    assert (missing.orders, missing.open, missing.resolved) == (1, 1, 1)
    assert by_name["settlement_chain"].unchanged


def test_a_buyers_next_order_is_added_to_what_is_asked_about_him(world: World) -> None:
    for number in ("901", "902"):
        world.put(customer(number, phone="+1 503-555-0101"))
    world.put(order(), line())
    run_cycle(world.store)
    assert [f["detail"].count(OTHER) for f in world.findings("customer_unclear")] == [0]
    for status, named, minutes in (("open", 1, 20), ("cancelled", 0, 6)):
        changed = order(OTHER, status=status, updated_at=NOW - timedelta(minutes=minutes), ship_postal_code="97201")
        world.put(changed, line(OTHER, status=status))
        looked_at = {c.control: c.orders for c in run_cycle(world.store).controls}
        assert looked_at["customer_unclear"] == 1
        assert [f["detail"].count(OTHER) for f in world.findings("customer_unclear")] == [named]
        assert held(world)["customer_unclear"] == true(world)["customer_unclear"]


def test_what_waits_for_a_stream_is_judged_when_it_was_read_and_what_does_not_is_let_stand(world: World) -> None:
    def missing() -> tuple[int, int, bool]:
        found = next(c for c in run_cycle(world.store, controls=["order_missing"]).controls)
        return found.open, found.waiting, found.unchanged

    world.put(order(ordered_at=NOW - timedelta(minutes=1)), line())
    assert missing() == (0, 1, False)
    assert missing() == (0, 1, True)
    read_on(world)
    world.cover("netsuite.transactions", since=READ_UNTIL, until=NOW)
    assert missing() == (1, 0, False)
    later(world)
    world.cover("amazon.orders@US", "netsuite.transactions", since=NOW, until=world.clock.now())
    assert missing() == (1, 0, True)


def test_controls_take_nothing_from_outside_of_what_is_observed() -> None:
    outside = {"environ", "getenv", "time_ns", "utcnow", "today"}
    root = Path(standing.__file__).parent
    found = []
    for path in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and (
                node.attr in outside or ast.unparse(node) in ("datetime.now", "time.time", "random.random")
            ):
                found.append(f"{path.relative_to(root)}:{node.lineno} {ast.unparse(node)}")
    assert found == []
