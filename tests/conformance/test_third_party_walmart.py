"""A client that other people wrote, PyPI python-walmart, against the Walmart sandbox over real HTTP.

It is installed at test time into a virtual environment of its own (it states no licence: nothing of it is in the
project).
"""

from __future__ import annotations

import json
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

VERSION = "python-walmart==0.1.8"
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

#: Points the client at the sandbox, does what the test says, prints `answer` as JSON.
FRAME = """
import json, sys
from datetime import datetime
import requests
import walmart
base, client_id, secret = sys.argv[1:4]

class Local(walmart.Walmart):
    def authenticate(self):
        self.base_url = base + "/v3"
        self.logins = getattr(self, "logins", 0) + 1
        super().authenticate()

client = Local(client_id, secret)
{work}
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def interpreter() -> Path:
    """The interpreter of an environment that holds the client; skips with the installer's words without one."""
    return python_with(VERSION)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(seed=7, now=NOW, size=600, limits=True, directory=folder).start() as running:
        yield running


def ask(python: Path, running: Running, work: str, *more: str) -> Any:
    """Run a few lines with the client and return what they leave in `answer`."""
    known = json.loads(running.credentials.read_text())["walmart"]
    script = FRAME.replace("{work}", textwrap.dedent(work))
    command = [str(python), "-W", "ignore", "-c", script, running.walmart, known["client_id"], known["client_secret"]]
    command += more
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_orders_are_an_empty_list_to_it(interpreter: Path, running: Running) -> None:
    answer = ask(interpreter, running, 'answer = client.orders.all(sku="NOTHING")')
    assert answer["list"]["elements"]["order"] == []


def test_it_renews_a_token_that_was_refused_with_400(interpreter: Path, running: Running) -> None:
    options = {"envelope": "E2"}
    running.faults.add(Fault("walmart", "W02", match="/v3/orders", options=options))
    answer = ask(
        interpreter, running, "answer = [len(client.orders.all(limit=2)['list']['elements']['order']), client.logins]"
    )
    assert answer == [2, 2]


def test_wrong_credentials_stop_it(interpreter: Path, running: Running) -> None:
    work = """
    try:
        Local(client_id, "wrong")
        answer = "logged in"
    except requests.HTTPError as refused:
        answer = refused.response.status_code
    """
    assert ask(interpreter, running, work) == 400


def test_it_reads_orders_and_one_order(interpreter: Path, running: Running) -> None:
    work = """
    orders = client.orders.all(createdStartDate="2026-09-01", limit=200)["list"]["elements"]["order"]
    one = client.orders.get(orders[0]["purchaseOrderId"])["order"]
    answer = [[o["purchaseOrderId"] for o in orders], one]
    """
    numbers, one = ask(interpreter, running, work)
    known = [
        o.order_id
        for o in running.world.orders("walmart.US")
        if o.fulfilled_by == "seller" and o.ordered_at >= datetime(2026, 9, 1, tzinfo=UTC)
    ]
    assert numbers == known[:200]
    assert one["purchaseOrderId"] == numbers[0]


def test_what_it_sends_as_a_form_is_refused_and_says_why(interpreter: Path, running: Running) -> None:
    work = """
    po = client.send_request("GET", client.orders.url + "/released")["list"]["elements"]["order"][0]["purchaseOrderId"]
    line = dict(line_number="1", quantity=1, carrier="UPS", tracking_number="1Z9", carrier_service="Standard",
                tracking_url="https://www.ups.com", ship_time=datetime(2026, 11, 20, 8))
    answer = []
    for headers in ({}, {"Content-Type": "application/json"}):
        client.session.headers.update(headers)
        try:
            order = client.orders.create_shipment(po, [line])["order"]
            answer.append(order["orderLines"]["orderLine"][0]["orderLineStatuses"]["orderLineStatus"][-1]["status"])
        except requests.HTTPError as refused:
            answer.append(refused.response.status_code)
    """
    assert ask(interpreter, running, work) == [415, "Shipped"]


def test_it_reads_stock_items_and_the_dates_of_reports(interpreter: Path, running: Running) -> None:
    work = """
    items = client.items.all(limit=3)["ItemResponse"]
    stock = client.inventory.all(sku=sys.argv[4])
    url = client.base_url + "/report/reconreport/availableReconFiles"
    dates = client.send_request("GET", url, params={"reportVersion": "v1"})["availableApReportDates"]
    answer = [[i["sku"] for i in items], stock["quantity"]["amount"], sorted(dates)]
    """
    world = running.world
    listed = [x for x in world.listings if x.channel == "walmart.US"]
    own = next(x.sku for x in listed if x.fulfilled_by == "seller")
    skus, amount, dates = ask(interpreter, running, work, own)
    assert skus == [x.sku for x in listed[:3]]
    assert amount == world.listed("walmart.US", own, None, running.clock.now())
    assert dates == sorted(s.settlement_id for s in world.settlements_of("walmart.US", running.clock.now()))


def test_its_xml_for_stock_is_refused_with_415(interpreter: Path, running: Running) -> None:
    work = """
    try:
        client.inventory.update_inventory("ANY", 5)
        answer = "taken"
    except requests.HTTPError as refused:
        answer = refused.response.status_code
    """
    assert ask(interpreter, running, work) == 415


def test_it_sends_a_feed_and_reads_its_result(interpreter: Path, running: Running) -> None:
    work = """
    client.session.headers["Content-Type"] = "application/json"
    body = {"InventoryHeader": {"version": "1.4"},
            "Inventory": [{"sku": "NOTHING", "quantity": {"unit": "EACH", "amount": 5}}]}
    url = client.base_url + "/feeds"
    feed = client.send_request("POST", url, params={"feedType": "inventory"}, body=json.dumps(body))["feedId"]
    answer = [client.feed.get_status(feed), client.feed.all()["totalResults"]]
    """
    status, total = ask(interpreter, running, work)
    assert (status["feedStatus"], status["itemsReceived"], status["limit"], total) == ("RECEIVED", 1, 50, 1)
