"""A client that other people wrote, PyPI mcp-walmart-ads (MIT, httpx), against the Walmart sandbox over real HTTP.

It needs Python 3.13 and is installed at test time into a virtual environment of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox
from tests.conformance.installed import python_with

pytestmark = pytest.mark.slow

VERSION = "mcp-walmart-ads==0.5.1"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

FRAME = """
import asyncio, json, sys
import mcp_walmart_ads.platforms as platforms
from mcp_walmart_ads.auth import TokenManager
from mcp_walmart_ads.client import execute_request
from mcp_walmart_ads.config import Advertiser, Credential, OAuth2Env
base, client_id, secret = sys.argv[1:4]
platforms._BY_ID["walmart:marketplace"].base_urls.update(production=base, sandbox=base)
seller = Advertiser(1)
credential = Credential(client_id, secret, (seller,))
cfg = OAuth2Env("walmart:marketplace", "us", "production", (credential,), {1: credential}, {1: seller})
tokens = TokenManager()

async def call(method, path, **options):
    reply = await execute_request(cfg=cfg, api="walmart:marketplace:order-management", method=method, path=path,
                                  advertiser_id=1, tokens=tokens, **options)
    return [reply.status_code, reply.body]

async def main():
{work}
    print(json.dumps(answer))

asyncio.run(main())
"""


def _python() -> str | None:
    """Return an interpreter of version 3.13: on the path, or among those of pyenv."""
    known = [shutil.which("python3.13"), *map(str, Path.home().glob(".pyenv/versions/3.13*/bin/python"))]
    for found in filter(None, known):
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=False)
        if said.returncode == 0 and "3.13" in said.stdout:
            return found
    return None


@pytest.fixture(scope="module")
def interpreter() -> Path:
    """The interpreter of an environment that holds the client; skips with the reason without one."""
    start = _python()
    if start is None:
        pytest.skip(f"{VERSION} needs Python 3.13, which is not on this machine")
    return python_with(VERSION, start=start)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(seed=7, now=NOW, size=600, limits=True, directory=folder).start() as running:
        yield running


def ask(python: Path, running: Running, work: str) -> Any:
    """Run a few lines with the client and return what they leave in `answer`."""
    known = json.loads(running.credentials.read_text())["walmart"]
    script = FRAME.replace("{work}", textwrap.indent(textwrap.dedent(work), "    "))
    command = [str(python), "-W", "ignore", "-c", script, running.walmart, known["client_id"], known["client_secret"]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.proves("W01")
def test_it_renews_a_token_that_was_refused_with_401(interpreter: Path, running: Running) -> None:
    running.faults.add(Fault("walmart", "W01", match="/v3/orders"))
    status, body = ask(interpreter, running, 'answer = await call("GET", "/v3/orders", params={"limit": "2"})')
    assert (status, len(body["list"]["elements"]["order"])) == (200, 2)


def test_it_reads_all_families(interpreter: Path, running: Running) -> None:
    work = """
    paths = ["/v3/orders?limit=1", "/v3/returns?limit=5", "/v3/inventories?limit=5", "/v3/items?limit=5", "/v3/feeds",
             "/v3/wfs/inventory", "/v3/report/reconreport/availableReconFiles?reportVersion=v1",
             "/v3/report/payment/statement", "/v3/settings/partnerprofile", "/v3/webhooks/eventTypes"]
    answer = [(await call("GET", path))[0] for path in paths]
    """
    assert ask(interpreter, running, work) == [200] * 10


def test_it_sets_a_price_and_a_quantity(interpreter: Path, running: Running) -> None:
    listed = [x for x in running.world.listings if x.channel == "walmart.US" and x.fulfilled_by == "seller"]
    work = f"""
    sku = {listed[0].sku!r}
    price = {{"currentPriceType": "BASE", "currentPrice": {{"currency": "USD", "amount": 11.5}}}}
    quantity = {{"unit": "EACH", "amount": 12}}
    answer = [await call("PUT", "/v3/price", body={{"sku": sku, "pricing": [price]}}),
              await call("PUT", "/v3/inventory", params={{"sku": sku}}, body={{"sku": sku, "quantity": quantity}})]
    """
    (price_status, price), (stock_status, stock) = ask(interpreter, running, work)
    assert (price_status, price["ItemPriceResponse"]["sku"]) == (200, listed[0].sku)
    assert (stock_status, stock["quantity"]["amount"]) == (200, 12)
    now = running.clock.now()
    assert str(running.world.price_of("walmart.US", listed[0].sku, now)[0]) == "11.5"


def test_it_uploads_a_feed_as_a_file(interpreter: Path, running: Running, tmp_path: Path) -> None:
    body = {"InventoryHeader": {"version": "1.4"}, "Inventory": []}
    (tmp_path / "stock.json").write_text(json.dumps(body))
    work = f"""
    path = {str(tmp_path / "stock.json")!r}
    feed = await call("POST", "/v3/feeds", params={{"feedType": "inventory"}}, file_path=path)
    answer = [feed[0], (await call("GET", "/v3/feeds", params={{"feedId": feed[1]["feedId"]}}))[1]]
    """
    status, listed = ask(interpreter, running, work)
    assert (status, [f["fileName"] for f in listed["results"]["feed"]]) == (200, ["stock.json"])
