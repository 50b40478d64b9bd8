"""A cycle that leaves out what cannot have changed finds what a cycle finds that runs everything."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import Any

import pytest
from changes import Changes, company
from factories import World

from reconcile.controls import Evidence, Judgement, all_controls
from reconcile.cycle import CycleResult, run_cycle
from sync.ops.findings import Finding

_SHOWN = [n for n in Finding.__dataclass_fields__ if n != "detail"]


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


def check(seed: int, steps: int) -> tuple[Counter[str], Counter[str]]:
    """Make changes, a cycle after each few; return how often each control stood, and ran."""
    world = company()
    changes = Changes(world, Random(seed))
    stands: Counter[str] = Counter()
    runs: Counter[str] = Counter()
    done: list[str] = []
    try:
        run_cycle(world.store)
        for _ in range(steps):
            done += [changes.make() for _ in range(changes.rng.choice((1, 1, 2)))]
            cycle = run_cycle(world.store)
            stands.update(stood(cycle))
            runs.update({c.control for c in cycle.controls} - stood(cycle))
            now, then = true(world), held(world)
            wrong = {name: (then[name], now[name]) for name in now if then[name] != now[name]}
            assert not wrong, (seed, done, sorted(stood(cycle) & wrong.keys()), wrong)
    finally:
        world.store.close()
    return stands, runs


@pytest.mark.parametrize("seed", [1])
def test_whatever_happens_findings_and_what_waits_are_those_of_a_full_run(seed: int) -> None:
    stands, runs = check(seed, 14)
    assert sum(stands.values()) > 100
    assert sum(runs.values()) > 50
