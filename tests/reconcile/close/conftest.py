"""October made once as a file; each test works on a copy of it, which costs a fifth of making it anew."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.clock import ManualClock
from sync.ops.closes import Close
from sync.store.store import Store
from tests.reconcile.close.month_world import OCTOBER, closed, october
from tests.reconcile.factories import NOW, World


@pytest.fixture(scope="session")
def october_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with October posted, and not closed."""
    path = tmp_path_factory.mktemp("october") / "posted.duckdb"
    october(path).store.close()
    return path


@pytest.fixture(scope="session")
def closed_file(october_file: Path) -> Path:
    """The same with October closed."""
    path = Path(shutil.copy(october_file, october_file.with_name("closed.duckdb")))
    world = opened(path)
    closed(world)
    world.store.close()
    return path


def opened(path: Path) -> World:
    world = World.__new__(World)
    world.clock = ManualClock(NOW)
    world.store = Store.open(path, world.clock)
    return world


@pytest.fixture
def posted(october_file: Path, tmp_path: Path) -> Iterator[World]:
    """October posted."""
    world = opened(Path(shutil.copy(october_file, tmp_path)))
    yield world
    world.store.close()


@pytest.fixture
def world(closed_file: Path, tmp_path: Path) -> Iterator[World]:
    """October posted and closed an hour ago."""
    made = opened(Path(shutil.copy(closed_file, tmp_path)))
    made.clock.advance(3600)
    yield made
    made.store.close()


@pytest.fixture
def close(world: World) -> Close:
    """The close of `world`."""
    held = world.store.closes.latest(OCTOBER)
    assert held is not None
    return held
