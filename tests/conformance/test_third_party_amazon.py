"""A client that other people wrote, PyPI python-amazon-sp-api (MIT), against the Amazon sandbox over real HTTP.

It is installed at test time into a virtual environment of its own. It sends four spellings of the marketplace with
every GET and a Host header with its first digit cut off: a sandbox must take both.
"""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.amazon.app import amazon_apps
from sync.sandbox.clock import SandboxClock
from sync.sandbox.credentials import amazon_credentials
from sync.sandbox.faults import Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.world import World, build_world

pytestmark = pytest.mark.slow

VERSION = "python-amazon-sp-api==2.1.35"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
V2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

#: Points the client at the sandbox, does what the test says, prints `answer` as JSON.
FRAME = """
import json, sys
from types import SimpleNamespace
from sp_api.api import Orders, Reports, Sellers
from sp_api.auth import AccessTokenClient
from sp_api.base import SellingApiException
api, auth, client_id, secret, refresh = sys.argv[1:6]

class LocalLogin(AccessTokenClient):
    scheme, host = "http://", auth.removeprefix("http://")

market = SimpleNamespace(endpoint=api, marketplace_id="ATVPDKIKX0DER", region="us-east-1")
own = dict(lwa_app_id=client_id, lwa_client_secret=secret, refresh_token=refresh)
common = dict(marketplace=market, auth_token_client_class=LocalLogin, credentials=own)
{work}
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that holds the client; skips with the installer's words without one."""
    folder = tmp_path_factory.mktemp("third-party")
    python = folder / "bin" / "python"
    commands = ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "-q", VERSION])
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no words"])[-1]
            pytest.skip(f"{VERSION} cannot be installed here: {last}")
    return python


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=7, now=NOW, size=300)


@pytest.fixture
def addresses(world: World) -> Iterator[tuple[str, str]]:
    api, auth, _ = amazon_apps(world, SandboxClock(NOW), True, amazon_credentials(7), Faults())
    sockets = listen(("api", "auth"))
    stop = run({"api": (api, sockets["api"]), "auth": (auth, sockets["auth"])})
    yield address_of(sockets["api"]), address_of(sockets["auth"])
    stop()


def ask(python: Path, addresses: tuple[str, str], work: str, refresh_token: str | None = None) -> Any:
    """Run a few lines with the client and return what they leave in `answer`."""
    own = amazon_credentials(7)
    script = FRAME.replace("{work}", textwrap.dedent(work))
    secrets = [own["client_id"], own["client_secret"], refresh_token or own["refresh_token"]]
    command = [str(python), "-W", "ignore", "-c", script, *addresses, *secrets]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_refused_login_is_an_error_to_it(interpreter: Path, addresses: tuple[str, str]) -> None:
    work = """
        try:
            Sellers(**common).get_marketplace_participation()
            answer = None
        except Exception as error:
            answer = [type(error).__name__, str(error)]
    """
    kind, text = ask(interpreter, addresses, work, refresh_token="Atzr|wrong")
    assert kind == "AuthorizationError"
    assert "invalid" in text


def test_a_refused_report_and_an_unknown_order_are_errors_to_it(interpreter: Path, addresses: tuple[str, str]) -> None:
    work = f"""
        answer = []
        calls = [
            lambda: Reports(**common).create_report(reportType="{V2}", marketplaceIds=["ATVPDKIKX0DER"]),
            lambda: Orders(version="2026-01-01", **common).get_order("111-1111111-1111111"),
        ]
        for call in calls:
            try:
                call()
            except SellingApiException as error:
                answer.append([error.code, str(error.error)[:200]])
    """
    (first, report), (second, order) = ask(interpreter, addresses, work)
    assert (first, "1118" in report) == (400, True)
    assert (second, "NotFound" in order or "not found" in order) == (404, True)


def test_it_reads_orders_of_its_marketplace(interpreter: Path, addresses: tuple[str, str], world: World) -> None:
    work = """
        api = Orders(version="2026-01-01", **common)
        page = api.search_orders(createdAfter="2026-07-01T00:00:00Z", includedData=["BUYER", "PROCEEDS"])
        answer = [len(page.payload["orders"]), page.payload["orders"][0]["orderId"]]
    """
    assert ask(interpreter, addresses, work) == [100, world.orders("amazon.US")[0].order_id]


def test_it_downloads_a_settlement_whose_lines_add_up(
    interpreter: Path, addresses: tuple[str, str], world: World
) -> None:
    work = f"""
        api = Reports(**common)
        found = api.get_reports(reportTypes=["{V2}"], processingStatuses=["DONE"]).payload["reports"]
        answer = [[r["reportId"], api.get_report_document(r["reportDocumentId"], download=True, decrypt=True)
                   .payload["document"]] for r in found[:3]]
    """
    by_report = {s.report_id: s for s in world.settlements_of("amazon.US")}
    documents = ask(interpreter, addresses, work)
    assert len(documents) == 3
    for report_id, text in documents:
        rows = [line.split("\t") for line in text.splitlines()]
        amount, total = rows[0].index("amount"), rows[0].index("total-amount")
        cents = sum(round(float(row[amount]) * 100) for row in rows[2:])
        assert cents == round(float(rows[1][total]) * 100)
        assert rows[1][0] == by_report[report_id].settlement_id
