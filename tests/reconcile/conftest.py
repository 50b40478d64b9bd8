"""Fixtures of reconcile's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from factories import World, ready_world


@pytest.fixture
def world() -> Iterator[World]:
    """A company in order, without orders."""
    made = ready_world()
    yield made
    made.store.close()
