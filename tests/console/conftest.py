"""Makes the in-memory desk and the driving helpers importable, and keeps cursors from blinking."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.console.homes import client, empty, pulled, pulled_folder, running  # noqa: F401 - fixtures

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def _steady_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor would make two equal screens differ."""
    from textual.widgets import Input

    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
