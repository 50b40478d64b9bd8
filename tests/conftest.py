"""Fixtures that every test may use: the clean environment, the vendors' reference folder."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sync.store import database

if TYPE_CHECKING:
    from tests.conformance.gate import Gate

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--deep", action="store_true", help="run also the further seeds of what is drawn at random")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only `--deep` asks for; put the files with slow tests first.

    Workers take one file after the other: what takes long must not be what one of them is left alone with at the end.
    """
    if not config.getoption("deep"):
        left_out = [item for item in items if item.get_closest_marker("deep")]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if not item.get_closest_marker("deep")]
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """Leave out of every collection what stays for the whole run: modules, tests and what they were read from."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 10)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep a developer's own settings, proxies and home out of the tests."""
    for name in [n for n in os.environ if n.startswith(("TIEOUT_", "TEXTUAL_")) or n.lower().endswith("_proxy")]:
        if name not in ("TIEOUT_SHARED", "TIEOUT_GATE", "TEXTUAL_SNAPSHOT_TEMPDIR"):
            monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.setenv("TIEOUT_HOME", str(tmp_path_factory.mktemp("home")))


@pytest.fixture(scope="session", autouse=True)
def _one_core_a_worker() -> Iterator[None]:
    """Let a database of a test take the core that its worker has; its threads would only take turns with the other's.

    Processes that tests start are left as they are.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(database._CONFIG, "threads", 1)
        yield


def shared_folder() -> Path | None:
    """Return the folder with the vendors' contracts and real files, or None on a machine without it."""
    folder = Path(os.environ.get("TIEOUT_SHARED", REPOSITORY.parent / "shared"))
    return folder if (folder / "vendors").is_dir() else None


@pytest.fixture
def shared() -> Path:
    """The vendors' reference folder; the test is skipped where it is absent."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the vendors' reference folder is not on this machine (set TIEOUT_SHARED)")
    return folder


@pytest.fixture(scope="session")
def _gate() -> Iterator[Gate | None]:
    folder = shared_folder()
    if folder is None or os.environ.get("TIEOUT_GATE") == "off":
        yield None
        return
    from tests.conformance.gate import Gate

    with pytest.MonkeyPatch.context() as patch:
        gate = Gate(folder)
        gate.stand(patch)
        yield gate


@pytest.fixture(autouse=True)
def _judged_by_the_models(_gate: Gate | None) -> Iterator[None]:
    """Fail a test in which a sandbox or a connector said what the vendors' models do not allow."""
    yield
    broken = _gate.verdict() if _gate else []
    assert not broken, "\n".join(broken)
