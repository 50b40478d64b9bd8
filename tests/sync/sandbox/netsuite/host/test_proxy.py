"""NetSuite's host names on loopback: CONNECT and TLS, and plain HTTP on the same port."""

from __future__ import annotations

import json
import socket
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import oauthlib.oauth1
import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.host.proxy import Proxy, start_proxy
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.server import Sandbox
from tests.sync.sandbox.netsuite.conftest import NOW, Served, found, serving

REST = "https://tieout-sb1.suitetalk.api.netsuite.com"
RESTLETS = "https://tieout-sb1.restlets.api.netsuite.com"
CUSTOMERS = "/services/rest/record/v1/customer"


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    with serving(found(AccountSettings(service_time_s=0.0))) as running:
        yield running


@pytest.fixture(scope="module")
def front(host: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The front before the company's port."""
    proxy = start_proxy(int(host.url.rpartition(":")[2]), tmp_path_factory.mktemp("authority"))
    yield proxy
    proxy.stop()
    proxy.stop()


@pytest.fixture
def client(host: Served, front: Proxy) -> Iterator[httpx.Client]:
    """A client that trusts the authority and goes through the front."""
    trust = ssl.create_default_context(cafile=str(front.authority))
    with httpx.Client(proxy=front.address, verify=trust, timeout=20) as http:
        http.headers["Authorization"] = host.http.headers["Authorization"]
        yield http


def test_a_host_that_is_not_netsuites_is_refused(client: httpx.Client) -> None:
    with pytest.raises(httpx.ProxyError, match="403"):
        client.get("https://example.com/")


def test_a_client_that_does_not_trust_the_authority_is_told_nothing(front: Proxy) -> None:
    with httpx.Client(proxy=front.address) as http, pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY"):
        http.get(REST + CUSTOMERS)


@pytest.mark.parametrize(
    "sent",
    [
        b"CONNECT localhost:443 HTTP/1.1",  # cut off
        b"CONNECT localhost:443 HTTP/1.1\r\n\r\nthis is no handshake",
        b"POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort",
        b"x" * 70_000,
        b"",
    ],
)
def test_what_is_no_request_ends_its_own_connection_only(front: Proxy, client: httpx.Client, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", int(front.address.rpartition(":")[2])), timeout=60) as plain:
        plain.sendall(sent)
        plain.shutdown(socket.SHUT_WR)
        try:
            while plain.recv(4096):
                continue
        except ConnectionResetError:
            assert sent  # a hard close is an end too
    assert client.get(REST + CUSTOMERS).status_code == 200


def test_a_cut_connection_is_cut_behind_the_front_too(host: Served, client: httpx.Client) -> None:
    host.faults.add(Fault("netsuite", "cut_connection"))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        client.get(REST + CUSTOMERS)
    assert client.get(REST + CUSTOMERS).status_code == 200


def test_links_carry_the_name_that_the_client_used(client: httpx.Client) -> None:
    listed = client.get(REST + CUSTOMERS).json()
    assert listed["items"][0]["links"][0]["href"].startswith(f"{REST}{CUSTOMERS}/")


def test_a_signature_over_the_public_address_is_good(host: Served, client: httpx.Client) -> None:
    tba, url = host.credentials["tba"], f"{REST}{CUSTOMERS}?limit=1"
    signer = oauthlib.oauth1.Client(
        client_key=tba["consumer_key"],
        client_secret=tba["consumer_secret"],
        resource_owner_key=tba["token_id"],
        resource_owner_secret=tba["token_secret"],
        signature_method=oauthlib.oauth1.SIGNATURE_HMAC_SHA256,
        realm="TIEOUT_SB1",
        timestamp=str(int(host.company.clock.now().timestamp())),
    )
    _, headers, _ = signer.sign(url, "GET")
    assert client.get(url, headers=dict(headers)).status_code == 200


def test_bodies_of_known_and_unknown_length_pass_on_one_connection(host: Served, client: httpx.Client) -> None:
    texts = ["short", "ü" * 40_000]
    for text in texts:
        query = {"script": "1", "deploy": "1"}
        whole = client.post(f"{RESTLETS}/app/site/hosting/restlet.nl", params=query, json={"text": text})
        raw = f'{{"text": "{text}"}}'.encode()
        parts = (raw[i : i + 30_000] for i in range(0, len(raw), 30_000))
        headers = {"Content-Type": "application/json"}
        chunked = client.post(f"{RESTLETS}/app/site/hosting/restlet.nl", params=query, content=parts, headers=headers)
        assert [a.json()["arguments"] for a in (whole, chunked)] == [{"text": text}] * 2


def test_plain_http_is_served_on_the_same_port(host: Served, front: Proxy) -> None:
    answer = httpx.get(front.address + CUSTOMERS, headers={"Authorization": host.http.headers["Authorization"]})
    assert answer.json()["items"][0]["links"][0]["href"].startswith(f"{front.address}{CUSTOMERS}/")


def test_the_authority_is_all_that_is_left_on_disk(front: Proxy) -> None:
    files = list(front.authority.parent.iterdir())
    assert files == [front.authority]
    assert b"PRIVATE" not in front.authority.read_bytes()
    assert stat.S_ISREG(Path(front.authority).stat().st_mode)


def test_the_whole_sandbox_starts_a_front_when_asked_and_says_where(tmp_path: Path) -> None:
    with Sandbox(seed=7, now=NOW, size=100, directory=tmp_path).start() as running:
        before = json.loads(running.credentials.read_text(encoding="utf-8"))["netsuite"]
        front = running.netsuite_proxy()
        after = json.loads(running.credentials.read_text(encoding="utf-8"))["netsuite"]
        trust = ssl.create_default_context(cafile=after["authority"])
        with httpx.Client(proxy=after["proxy"], verify=trust) as http:
            assert http.get(REST + CUSTOMERS).status_code == 401
        assert running.netsuite_proxy() is front
        assert stat.S_IMODE(running.credentials.stat().st_mode) == 0o600
    assert after == before | {"proxy": front.address, "authority": str(front.authority)}
    with pytest.raises(httpx.ConnectError):
        httpx.get(front.address)
