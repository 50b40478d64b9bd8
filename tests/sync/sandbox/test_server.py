"""The whole sandbox: five addresses, credentials that only the owner reads, the admin's levers, the command."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from sync.sandbox.server import APPS, Running, Sandbox
from tests.ports import free_pair

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    with Sandbox(seed=7, now=NOW, size=300, directory=folder).start() as made:
        yield made


@pytest.fixture
def http(running: Running) -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=60) as client:
        yield client
        client.delete(f"{running.admin}/faults")
        client.post(f"{running.admin}/limits", json={"enabled": True})


def credentials(running: Running) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(running.credentials.read_text(encoding="utf-8"))
    return found


def amazon_token(running: Running, http: httpx.Client) -> str:
    own = credentials(running)["amazon"]
    form = {"grant_type": "refresh_token"} | {k: own[k] for k in ("client_id", "client_secret", "refresh_token")}
    return str(http.post(own["token_url"], data=form).json()["access_token"])


def test_a_taken_port_is_refused_and_nothing_stays_open() -> None:
    first, taken = free_pair()
    with taken, pytest.raises(OSError, match="in use"):
        Sandbox(now=NOW, size=100, port=first).start()
    with socket.socket() as free:
        free.bind(("127.0.0.1", first))


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("POST", "/faults", {"vendor": "ebay", "name": "slow"}, "vendor"),
        ("POST", "/faults", {"vendor": "amazon", "name": "slow", "kount": 2}, "kount"),
        ("POST", "/faults", {"vendor": "amazon", "name": "slow", "count": "two"}, "two"),
        ("POST", "/faults", [], "object"),
        ("POST", "/clock/advance", {"seconds": -1}, "forward"),
        ("POST", "/limits", {"enabled": "no"}, "true or false"),
        ("POST", "/orders", {"channel": "ebay.US"}, "channel"),
        ("GET", "/calls?after=x", None, "invalid literal"),
    ],
)
def test_a_lever_that_cannot_be_moved_says_why(
    running: Running, http: httpx.Client, method: str, path: str, body: Any, said: str
) -> None:
    answer = http.request(method, running.admin + path, json=body)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_credentials_are_complete_and_only_the_owner_reads_them(running: Running) -> None:
    assert stat.S_IMODE(os.stat(running.credentials).st_mode) == 0o600
    found = credentials(running)
    assert set(found["amazon"]) == {"client_id", "client_secret", "refresh_token", "seller_id", "token_url"}
    assert set(found["walmart"]) == {"client_id", "client_secret"}
    assert {"account_id", "token_url", "token_audience", "client_id", "certificate_id", "private_key", "tba"} <= set(
        found["netsuite"]
    )
    assert set(found["netsuite"]["tba"]) == {"consumer_key", "consumer_secret", "token_id", "token_secret"}


def test_amazon_answers_with_the_credentials_of_the_file(running: Running, http: httpx.Client) -> None:
    token = amazon_token(running, http)
    path = "/sellers/v1/marketplaceParticipations"
    assert http.get(running.amazon + path, headers={"x-amz-access-token": token}).status_code == 200
    assert http.get(running.amazon_auth + path, headers={"x-amz-access-token": token}).status_code == 404


def test_walmart_answers_with_the_credentials_of_the_file(running: Running, http: httpx.Client) -> None:
    own = credentials(running)["walmart"]
    headers = {"WM_SVC.NAME": "Walmart Marketplace", "WM_QOS.CORRELATION_ID": str(uuid.uuid4())}
    headers["Accept"] = "application/json"
    answer = http.post(
        f"{running.walmart}/v3/token",
        auth=(own["client_id"], own["client_secret"]),
        data={"grant_type": "client_credentials"},
        headers=headers,
    )
    headers["WM_SEC.ACCESS_TOKEN"] = answer.json()["access_token"]
    query = {"createdStartDate": "2026-11-01", "limit": "3"}
    orders = http.get(f"{running.walmart}/v3/orders", params=query, headers=headers).json()
    assert len(orders["list"]["elements"]["order"]) == 3


def test_netsuite_answers_with_the_credentials_of_the_file(running: Running, http: httpx.Client) -> None:
    own = credentials(running)["netsuite"]
    issued = int(running.clock.now().timestamp())
    claims = {"iss": own["client_id"], "scope": ["rest_webservices"], "aud": own["token_audience"]}
    claims |= {"iat": issued, "exp": issued + 3000}
    assertion = jwt.encode(claims, own["private_key"], algorithm="ES256", headers={"kid": own["certificate_id"]})
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    form = {"grant_type": "client_credentials", "client_assertion_type": kind, "client_assertion": assertion}
    token = http.post(own["token_url"], data=form).json()["access_token"]
    answer = http.post(
        f"{running.netsuite}/services/rest/query/v1/suiteql",
        headers={"Authorization": f"Bearer {token}", "Prefer": "transient"},
        json={"q": "SELECT COUNT(*) AS n FROM transaction WHERE type = 'Journal'"},
    )
    assert int(answer.json()["items"][0]["n"]) == len(running.books.records("journalEntry"))


def test_the_clock_moves_for_all_and_only_forward(running: Running, http: httpx.Client) -> None:
    before = datetime.fromisoformat(http.get(f"{running.admin}/health").json()["now"])
    after = http.post(f"{running.admin}/clock/advance", json={"seconds": 600}).json()["now"]
    assert (datetime.fromisoformat(after) - before).total_seconds() >= 600
    shown = http.get(f"{running.amazon}/").json()["timestamp"]
    assert datetime.fromisoformat(shown) >= datetime.fromisoformat(after).replace(microsecond=0)


def test_a_fault_strikes_and_is_listed_until_then(running: Running, http: httpx.Client) -> None:
    body = {"vendor": "amazon", "name": "empty_500", "match": "/sellers"}
    listed = http.post(f"{running.admin}/faults", json=body).json()["faults"]
    assert [(f["name"], f["count"]) for f in listed] == [("empty_500", 1)]
    assert http.get(f"{running.amazon}/sellers/v1/marketplaceParticipations").status_code == 500
    assert http.get(f"{running.admin}/faults").json() == {"faults": []}
    http.post(f"{running.admin}/faults", json=body)
    assert http.delete(f"{running.admin}/faults", params={"vendor": "amazon"}).json() == {"removed": 1}


def test_limits_can_be_switched_off_and_on(running: Running, http: httpx.Client) -> None:
    headers = {"x-amz-access-token": amazon_token(running, http)}
    url = f"{running.amazon}/reports/2021-06-30/reports/1"

    def statuses() -> set[int]:
        return {http.get(url, headers=headers).status_code for _ in range(40)}

    assert http.post(f"{running.admin}/limits", json={"enabled": False}).json() == {"enabled": False}
    assert statuses() == {404}
    http.post(f"{running.admin}/limits", json={"enabled": True})
    assert 429 in statuses()


def test_calls_are_logged_with_vendor_path_and_status_and_no_secret(running: Running, http: httpx.Client) -> None:
    http.delete(f"{running.admin}/calls")
    token = amazon_token(running, http)
    http.get(f"{running.amazon}/orders/2026-01-01/orders", headers={"x-amz-access-token": token})
    http.post(f"{running.admin}/faults", json={"vendor": "amazon", "name": "cut_connection"})
    with pytest.raises(httpx.TransportError):
        http.get(f"{running.amazon}/")
    log = http.get(f"{running.admin}/calls").text
    calls = json.loads(log)["calls"]
    assert [(c["vendor"], c["method"], c["path"], c["status"]) for c in calls] == [
        ("amazon_auth", "POST", "/auth/o2/token", 200),
        ("amazon", "GET", "/orders/2026-01-01/orders", 400),
        ("amazon", "GET", "/", None),
    ]
    assert token not in log
    assert credentials(running)["amazon"]["client_secret"] not in log
    newest = http.get(f"{running.admin}/calls", params={"after": calls[1]["number"]}).json()["calls"]
    assert newest == calls[2:]


def test_an_order_placed_by_the_admin_can_be_bought_from_the_vendor(running: Running, http: httpx.Client) -> None:
    placed = http.post(f"{running.admin}/orders", json={"channel": "amazon.US", "quantity": 2})
    assert placed.status_code == 201
    token = amazon_token(running, http)
    path = f"/orders/2026-01-01/orders/{placed.json()['order_id']}"
    query = {"includedData": "PROCEEDS"}
    shown = http.get(running.amazon + path, params=query, headers={"x-amz-access-token": token}).json()["order"]
    assert shown["proceeds"]["grandTotal"] == {"amount": placed.json()["total"], "currencyCode": "USD"}


def test_the_truth_can_be_asked(running: Running, http: httpx.Client) -> None:
    assert http.get(f"{running.admin}/truth").json() == running.world.truth.cases


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_prints_one_line_serves_and_ends_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    code = (
        "import pathlib, sys; from sync.sandbox.server import serve; "
        "serve(seed=3, size=100, directory=pathlib.Path(sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        printed = json.loads(process.stdout.readline())
        assert set(printed) == {*APPS, "credentials"}
        assert httpx.get(f"{printed['admin']}/health", trust_env=False).json()["status"] == "ok"
        process.send_signal(number)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""
    finally:
        process.kill()
        process.wait()
