"""A client that other people wrote, PyPI airbyte-source-netsuite: check and discover through CONNECT and TLS.

It lists with `q` and dates in the account's format, opens every record by its link, and reads schemas. Its read sends
prepared requests, which take no authority from the environment, so there its base address is replaced.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.installed import python_with
from tests.conformance.netsuite_host import Host, hosted

pytestmark = pytest.mark.slow

VERSION = "airbyte-source-netsuite==0.1.29"
LOCAL = """
import sys
from airbyte_cdk.entrypoint import launch
from source_netsuite import SourceNetsuite
SourceNetsuite.base_url = lambda self, config: sys.argv[1]
launch(SourceNetsuite(), sys.argv[2:])
"""


@pytest.fixture(scope="module")
def program() -> Path:
    """The folder of the installed program; skips with the installer's words without one."""
    return python_with(VERSION).parent


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with hosted(tmp_path_factory.mktemp("authority")) as running:
        running.company.books.create("salesOrder", running.company.order(externalId="AMZ-1"))
        yield running


def call(program: Path, host: Host, folder: Path, *command: str, token_secret: str = "") -> list[dict[str, Any]]:
    """Run the program and return the messages it prints."""
    tba = host.credentials["tba"]
    config = {
        "realm": "TIEOUT_SB1",
        "consumer_key": tba["consumer_key"],
        "consumer_secret": tba["consumer_secret"],
        "token_key": tba["token_id"],
        "token_secret": token_secret or tba["token_secret"],
        "object_types": ["customer", "salesorder"],
        "start_datetime": "2026-11-01T00:00:00Z",
        "window_in_days": 400,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    start = [str(program / "source-netsuite")]
    if command[0] == "read":
        start = [str(program / "python"), "-c", LOCAL, host.url]
    done = subprocess.run(
        [*start, *command, "--config", str(folder / "config.json")],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={**os.environ, **host.through_proxy()},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stderr[-2000:]
    return lines


def of_kind(messages: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Return the messages of a kind."""
    return [message for message in messages if message["type"] == kind]


def test_its_check_fails_with_a_wrong_secret_and_passes_with_the_right_one(
    program: Path, host: Host, tmp_path: Path
) -> None:
    wrong = of_kind(call(program, host, tmp_path, "check", token_secret="wrong"), "CONNECTION_STATUS")
    right = of_kind(call(program, host, tmp_path, "check"), "CONNECTION_STATUS")
    assert [m["connectionStatus"]["status"] for m in (*wrong, *right)] == ["FAILED", "SUCCEEDED"]


def test_it_discovers_and_reads_every_record(program: Path, host: Host, tmp_path: Path) -> None:
    streams = of_kind(call(program, host, tmp_path, "discover"), "CATALOG")[0]["catalog"]["streams"]
    assert sorted(stream["name"] for stream in streams) == ["customer", "salesorder"]
    configured = [
        {"stream": stream, "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"} for stream in streams
    ]
    (tmp_path / "catalog.json").write_text(json.dumps({"streams": configured}), encoding="utf-8")
    messages = call(program, host, tmp_path, "read", "--catalog", str(tmp_path / "catalog.json"))
    read = {(m["record"]["stream"], m["record"]["data"].get("id")) for m in of_kind(messages, "RECORD")}
    books = host.company.books
    stored = {("customer", str(r.id)) for r in books.records("customer")}
    stored |= {("salesorder", str(r.id)) for r in books.records("salesOrder")}
    assert read == stored
    assert len(stored) == 2
