"""The worker keeps on while vendors fail, owns the database, passes commands on, and stops when asked."""

from __future__ import annotations

import json
import signal
import subprocess

import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from tests.console.homes import Home, Hurried


@pytest.mark.parametrize("argv", [["--every", "0"], ["--rounds", "0"]])
def test_a_worker_without_time_or_rounds_is_refused(empty: Home, argv: list[str]) -> None:
    done = empty.run("work", *argv)
    assert (done.code, done.out) == (2, "")
    assert "at least one second and one round" in done.err


@pytest.mark.slow
def test_a_failing_vendor_is_written_and_the_next_round_goes_on(client: Home, running: Running) -> None:
    client.clock = hurried = Hurried()
    running.faults.add(Fault("walmart", "server_error_html", count=1000))
    try:
        failed = client.run("work", "--rounds", "1", "--every", "1", "--json")
    finally:
        running.faults.clear()
    assert failed.code == 4
    assert {f["stream"] for f in failed.one["failed"]} == {
        f"walmart.{kind}@US" for kind in ("orders", "returns", "settlements", "shipments")
    }
    assert hurried.waited > 0, "what failed was tried again before it was given up"
    again = client.run("work", "--rounds", "1", "--every", "1", "--json")
    assert (again.code, again.one["failed"]) == (0, [])


def test_a_round_pushes_only_what_was_approved(pulled: Home) -> None:
    done = pulled.run("work", "--rounds", "1", "--every", "1", "--json")
    assert done.code == 0
    assert done.one["pushed"] == 0
    assert pulled.query("SELECT count(*) FROM operations") == [(0,)]


@pytest.mark.slow
def test_commands_pass_through_the_worker_and_sigterm_ends_it(client: Home) -> None:
    with client.start("work", "--every", "600", "--json", stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        first = json.loads(worker.stdout.readline())
        assert first["changed"] > 0
        # Were it not passed on, the database would be in use.
        listed = client.command("list", "orders", "--json", "--limit", "3")
        assert len(listed.rows) == 3
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=30) == 0
