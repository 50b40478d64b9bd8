"""One binder of October; who changes it takes a copy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile.binder import write_binder
from sync.ops.closes import Close
from tests.reconcile.close.month_world import book, closed, october
from tests.reconcile.factories import World


@pytest.fixture(scope="session")
def closed_world() -> Iterator[tuple[World, Close]]:
    """October posted, paid by the bank and closed; nobody changes it."""
    world = book(october(), "b1", "85.00", "2026-10-16")
    world.decide("line_type", "amazon|Order|Odd|=1+1", category="other", account_key="other")
    yield world, closed(world)
    world.store.close()


@pytest.fixture(scope="session")
def written(closed_world: tuple[World, Close], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its binder; nobody changes it."""
    folder = tmp_path_factory.mktemp("binders") / "2026-10"
    write_binder(closed_world[0].store, closed_world[1], folder)
    return folder


@pytest.fixture
def binder(written: Path, tmp_path: Path) -> Path:
    """A copy of the binder."""
    return Path(shutil.copytree(written, tmp_path / "binder"))
