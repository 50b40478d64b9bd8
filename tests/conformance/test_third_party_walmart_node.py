"""Under Node: npm @whitebox-co/walmart-marketplace-api against the Walmart sandbox.

It is installed at test time into a folder of its own; without Node, npm or the registry the tests are skipped.
"""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.server import Running, Sandbox
from tests.conformance.installed import node_with

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

CLIENT = "@whitebox-co/walmart-marketplace-api@3.0.1"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

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


@pytest.fixture(scope="module")
def client() -> Path:
    return node_with(CLIENT)


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
    script = running.credentials.with_name("ask.js")
    script.write_text(FRAME.replace("{work}", textwrap.dedent(work)))
    place = {**os.environ, "NODE_PATH": str(client / "node_modules")}
    command = ["node", str(script), running.walmart, known["client_id"], known["client_secret"], own_sku(running)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=place)
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
