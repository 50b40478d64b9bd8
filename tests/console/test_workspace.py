"""One opened home: who may read it, one set of accounts, what a killed process left, pushes one at a time."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from console.logs import log_to_file
from console.workspace import Workspace
from sync.clock import ManualClock
from sync.errors import BadInput, Cancelled, StoreUnreadable
from sync.transport import CancelToken
from tests.console.homes import NOW, Home


def opened(home: Path) -> Workspace:
    return Workspace.open(home, ManualClock(NOW))


def test_a_home_that_cannot_be_made_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreUnreadable, match="set TIEOUT_HOME to another"):
        opened(tmp_path / "file" / "home")


def test_wrong_settings_leave_no_database_behind(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("nonsense = 1")
    with pytest.raises(BadInput):
        opened(tmp_path)
    assert not (tmp_path / "tieout.duckdb").exists()


def test_a_new_home_is_nobody_elses_business(tmp_path: Path) -> None:
    workspace = opened(tmp_path / "a" / "home")
    workspace.close()
    assert stat.S_IMODE((tmp_path / "a" / "home").stat().st_mode) == 0o700


def test_the_log_is_this_users_only(tmp_path: Path) -> None:
    import logging

    root = logging.getLogger()
    before = (root.handlers, root.level)
    try:
        path = log_to_file(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        logging.getLogger("some.library").warning("a library's warning")
        assert "a library's warning" in path.read_text()
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers, root.level = before


def test_a_run_that_a_killed_process_left_is_closed_at_the_next_start(pulled: Home) -> None:
    with pulled.workspace().store.database.transaction() as tx:
        tx.execute("INSERT INTO runs VALUES ('dead', 'pull', 'a', now(), NULL, 'running', '')")
    pulled.close()
    assert pulled.query("SELECT state FROM runs WHERE run_id = 'dead'") == [("failed",)]


def test_threads_share_one_set_of_accounts(pulled: Home) -> None:
    workspace = pulled.workspace()
    together, found = threading.Barrier(8), list[int]()

    def ask() -> None:
        together.wait(timeout=30)
        found.append(id(workspace.accounts))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_second_push_waits_for_the_first_and_can_be_cancelled_meanwhile(pulled: Home) -> None:
    workspace, cancel = pulled.workspace(), CancelToken()
    cancel.cancel()
    with workspace._push_lock, pytest.raises(Cancelled, match="the push was cancelled"):
        workspace.push(cancel=cancel)
    assert workspace.push().done == 0


def test_closing_writes_the_call_log_and_frees_the_file(pulled: Home) -> None:
    count = pulled.query("SELECT count(*) FROM calls")[0][0]
    pulled.run("suiteql", "SELECT id FROM subsidiary ORDER BY id")
    pulled.close()
    assert pulled.query("SELECT count(*) FROM calls")[0][0] > count
