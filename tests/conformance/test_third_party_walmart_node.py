"""Under Node: npm @whitebox-co/walmart-marketplace-api against the Walmart sandbox, and the Prism gate before it.

Both are installed at test time into a folder of their own; without Node, npm or the registry the tests are skipped.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.server import Running, Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CLIENT, PRISM = "@whitebox-co/walmart-marketplace-api@3.0.1", "@stoplight/prism-cli@5.14.2"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HEADERS = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": "1", "Accept": "application/json"}

FRAME = """
const api = require("@whitebox-co/walmart-marketplace-api");
const [base, id, secret, sku] = process.argv.slice(2);
const config = new api.Configuration({ basePath: base });
const authorization = "Basic " + Buffer.from(id + ":" + secret).toString("base64");
const common = { authorization, wMQOSCORRELATIONID: "1", wMSVCNAME: "x" };
(async () => {
  const login = await new api.AuthenticationApi(config).tokenAPI({ ...common, grantType: "client_credentials" });
  const known = { ...common, wMSECACCESSTOKEN: login.data.access_token };
  let answer;
{work}
  console.log(JSON.stringify(answer));
})().catch((error) => { console.error(error.message, error.response && error.response.data); process.exit(1); });
"""


def _installed(folder: Path, package: str) -> Path:
    """Return the folder with an npm package; skips with the reason where it cannot be had."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{package} needs Node and npm, which are not on this machine")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", package]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no words"])[-1]
        pytest.skip(f"{package} cannot be installed here: {last}")
    return folder


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _installed(tmp_path_factory.mktemp("client"), CLIENT)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(seed=7, now=NOW, size=600, limits=True, directory=folder).start() as running:
        yield running


def own_sku(running: Running) -> str:
    return next(x.sku for x in running.world.listings if x.channel == "walmart.US" and x.fulfilled_by == "seller")


def ask(client: Path, running: Running, work: str) -> Any:
    """Run a few lines with the client and return what they leave in `answer`."""
    known = json.loads(running.credentials.read_text())["walmart"]
    script = client / "ask.js"
    script.write_text(FRAME.replace("{work}", textwrap.dedent(work)))
    command = ["node", str(script), running.walmart, known["client_id"], known["client_secret"], own_sku(running)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_it_reads_and_acknowledges_orders(client: Path, running: Running) -> None:
    work = """
    const orders = new api.OrdersApi(config);
    const found = await orders.getAllReleasedOrders({ ...known, limit: "1" });
    const po = found.data.list.elements.order[0].purchaseOrderId;
    const taken = await orders.acknowledgeOrders({ ...known, purchaseOrderId: po });
    answer = taken.data.order.orderLines.orderLine[0].orderLineStatuses.orderLineStatus[0].status;
    """
    assert ask(client, running, work) == "Acknowledged"


def test_it_reads_stock_items_returns_and_feeds(client: Path, running: Running) -> None:
    work = """
    const stock = new api.InventoryApi(config);
    const one = await stock.getInventory({ ...known, sku });
    const all = await stock.getMultiNodeInventoryForAllSkuAndAllShipNodes({ ...known, limit: "3" });
    const items = await new api.ItemsApi(config).getAllItems({ ...known, limit: "4" });
    const back = await new api.ReturnsRefundsApi(config).getReturns({ ...known, limit: "5" });
    const feeds = await new api.FeedsApi(config).getAllFeedStatuses({ ...known });
    answer = [one.data.sku, all.data.elements.inventories.length, items.data.ItemResponse.length,
              back.data.meta.limit, feeds.data.totalResults];
    """
    assert ask(client, running, work) == [own_sku(running), 3, 4, 5, 0]


def test_it_sets_a_price(client: Path, running: Running) -> None:
    work = """
    const pricing = [{ currentPriceType: "BASE", currentPrice: { currency: "USD", amount: 13.25 } }];
    const prices = new api.PricesApi(config);
    const url = base + "/v3/price";
    const headers = { "WM_SEC.ACCESS_TOKEN": known.wMSECACCESSTOKEN, "WM_SVC.NAME": "x",
                      "WM_QOS.CORRELATION_ID": "1", "Content-Type": "application/json" };
    const reply = await prices.axios.put(url, { sku, pricing }, { headers });
    answer = reply.data.ItemPriceResponse.sku;
    """
    assert ask(client, running, work) == own_sku(running)


@pytest.fixture(scope="module")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _installed(tmp_path_factory.mktemp("prism"), PRISM)


def _gate(prism: Path, model: Path, upstream: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start `prism proxy --errors` before a server; return the process and its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["node", str(prism / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"), "proxy"]
    command += ["-p", str(port), "--errors", str(model), upstream]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"http://127.0.0.1:{port}"
        if process.poll() is not None:
            break
        time.sleep(0.25)
    _end(process)
    pytest.skip("the Prism proxy did not come up here")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=20)


@pytest.mark.shared
def test_the_prism_gate_passes_every_answer(prism: Path, running: Running, shared: Path) -> None:
    process, url = _gate(prism, shared / "vendors" / "walmart" / "models" / "walmart-us-merged.json", running.walmart)
    known = json.loads(running.credentials.read_text())["walmart"]
    basic = base64.b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
    sku, found = own_sku(running), dict[str, tuple[int, str | None, str]]()
    try:
        with httpx.Client(base_url=url, timeout=60, headers=HEADERS) as http:
            form, login = {"grant_type": "client_credentials"}, {"Authorization": f"Basic {basic}"}
            reply = http.post("/v3/token", data=form, headers=login)
            assert reply.status_code == 200, reply.text
            http.headers["WM_SEC.ACCESS_TOKEN"] = reply.json()["access_token"]
            po = running.world.orders("walmart.US")[-1].order_id
            for path in (
                "/v3/orders?limit=5&createdStartDate=2026-06-01",
                f"/v3/orders/{po}",
                "/v3/returns?limit=50",
                f"/v3/inventory?sku={sku}",
                f"/v3/inventories/{sku}",
                "/v3/inventories?limit=5",
                "/v3/wfs/inventory?limit=5",
                "/v3/items?limit=5",
                f"/v3/items/{sku}",
                "/v3/items/count",
                "/v3/feeds",
                f"/v3/promo/sku/{sku}",
                "/v3/report/payment/statement",
                "/v3/settings/partnerprofile",
                "/v3/webhooks/eventTypes",
            ):
                reply = http.get(path)
                found[path] = (reply.status_code, reply.headers.get("sl-violations"), reply.text[:600])
        assert {path: row for path, row in found.items() if row[:2] != (200, None)} == {}
    finally:
        _end(process)


@pytest.mark.shared
def test_the_prism_gate_flags_a_wrong_body(prism: Path, shared: Path) -> None:
    async def wrong(_request: Any) -> JSONResponse:
        return JSONResponse({"list": {"meta": {"totalCount": "31"}, "elements": {"order": [{"purchaseOrderId": 1}]}}})

    listening = listen(["wrong"])
    stop = run({"wrong": (Starlette(routes=[Route("/{rest:path}", wrong)]), listening["wrong"])})
    model = shared / "vendors" / "walmart" / "models" / "walmart-us-merged.json"
    process, url = _gate(prism, model, address_of(listening["wrong"]))
    try:
        reply = httpx.get(f"{url}/v3/orders", headers=HEADERS | {"WM_SEC.ACCESS_TOKEN": "x"}, timeout=60)
        assert reply.status_code == 500
        assert "violations" in reply.text.lower()
    finally:
        _end(process)
        stop()
