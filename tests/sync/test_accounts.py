"""Accounts: which streams a name selects, and what a missing login stops."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from sync.accounts import Accounts
from sync.amazon import ALL_KINDS
from sync.clock import ManualClock
from sync.errors import BadInput, TieoutError, VendorError
from sync.settings import PullSettings, Secrets, Settings
from sync.transport import MemoryCallLog

MARKER = "marker-secret-4711"
CHANNELS = {
    "amazon.US": {"vendor": "amazon", "marketplace": "US", "currency": "USD", "first_day": "2026-01-01"},
    "amazon.DE": {"vendor": "amazon", "marketplace": "DE", "currency": "EUR", "first_day": "2026-02-01"},
    "walmart.US": {"vendor": "walmart", "marketplace": "US", "currency": "USD", "first_day": "2026-01-01"},
}
AMAZON = {"client_id": "a", "client_secret": MARKER, "refresh_token": MARKER}
WALMART = {"client_id": "w", "client_secret": MARKER}


def accounts(channels: Sequence[str] = tuple(CHANNELS), erp: bool = False, **secrets: Any) -> Accounts:
    values: dict[str, Any] = {"channels": {c: CHANNELS[c] for c in channels}}
    if erp:
        values["erp"] = {"account_id": "1234567_SB1", "first_day": "2026-01-01"}
    clock = ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
    return Accounts(Settings.model_validate(values), Secrets.model_validate(secrets), MemoryCallLog(), clock)


def test_nothing_configured_says_what_to_do() -> None:
    with pytest.raises(BadInput, match="no account is configured"):
        accounts(()).streams()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ebay", "no account of this vendor is configured .found 'ebay'.. Configured: amazon, walmart"),
        ("netsuite.items", "no account of this vendor is configured"),
        ("amazon.nonsense", "there is no such stream .found 'amazon.nonsense'.. Known here: amazon.orders@US"),
        ("amazon.FR", "there is no such stream"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(name: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        accounts(amazon=AMAZON, walmart=WALMART).streams([name])


async def test_a_missing_login_stops_its_vendor_only_and_says_so_when_pulled() -> None:
    held = accounts(erp=True, amazon=AMAZON)
    streams = {s.name: s for s in held.streams()}
    assert {"amazon.orders@US", "amazon.orders@DE", "walmart", "netsuite"} <= set(streams)
    with pytest.raises(BadInput, match=r"Write client_id and client_secret under \[walmart\] in secrets.toml"):
        streams["walmart"].pull(None, datetime.now(UTC))
    with pytest.raises(BadInput, match=r"\[netsuite\]"):
        held.streams(["netsuite"])
    await held.close()


def test_an_account_without_a_login_pushes_nothing_and_hinders_no_other() -> None:
    found = set(accounts(erp=True, amazon=AMAZON, walmart=WALMART).handlers())
    assert {owner for owner, _ in found} == {"amazon.US", "amazon.DE", "walmart.US"}
    assert ("walmart.US", "order.acknowledge") in found
    assert {kind for owner, kind in found if owner == "amazon.DE"} == {
        "shipment.confirm", "stock.set", "price.set", "listing.put", "listing.delete",
    }  # fmt: skip


async def test_a_key_that_is_none_is_refused_without_being_shown() -> None:
    held = accounts((), erp=True, netsuite={"client_id": "n", "certificate_id": "c", "private_key": MARKER})
    with pytest.raises(TieoutError) as caught:
        await _first_batch(held)
    assert MARKER not in str(caught.value)
    await held.close()


async def _first_batch(held: Accounts) -> object:
    stream = held.streams()[0]
    return await anext(aiter(stream.pull(None, datetime.now(UTC))))


@pytest.mark.parametrize(
    ("names", "streams"),
    [
        (["amazon.orders"], ["amazon.orders@US", "amazon.orders@DE"]),
        (["amazon.DE"], [f"amazon.{kind}@DE" for kind in ALL_KINDS]),
        (["amazon.orders@US", "walmart.settlements"], ["amazon.orders@US", "walmart.settlements@US"]),
        (["walmart.settlements", "walmart.orders@US"], ["walmart.orders@US", "walmart.settlements@US"]),
    ],
)
async def test_names_select_streams(names: list[str], streams: list[str]) -> None:
    held = accounts(amazon=AMAZON, walmart=WALMART)
    assert [s.name for s in held.streams(names)] == streams
    assert "netsuite" not in {owner for owner, _ in held.handlers()}
    assert held.waiting_for() is None
    await held.close()


async def test_a_pull_without_names_reads_the_kinds_that_the_settings_list() -> None:
    held = accounts(amazon=AMAZON, walmart=WALMART)
    chosen = held.settings.model_copy(update={"pull": PullSettings(kinds=["orders", "walmart.returns"])})
    held = Accounts(chosen, held.secrets, held.calls, held.clock)
    orders = {"amazon.orders@US", "amazon.orders@DE", "walmart.orders@US"}
    assert {s.name for s in held.streams()} == {*orders, "walmart.returns@US"}
    assert [s.name for s in held.streams(["walmart.settlements"])] == ["walmart.settlements@US"]
    await held.close()


async def test_a_vendor_without_a_login_is_named_whatever_kinds_are_listed() -> None:
    held = accounts(amazon=AMAZON)
    chosen = held.settings.model_copy(update={"pull": PullSettings(kinds=["orders"])})
    held = Accounts(chosen, held.secrets, held.calls, held.clock)
    assert "walmart" in {s.name for s in held.streams()}
    await held.close()


class _Hears(BaseHTTPRequestHandler):
    """Gives a token to anybody and refuses the rest; keeps the headers of each call."""

    heard: ClassVar[list[dict[str, str]]] = []

    def do_POST(self) -> None:
        self._answer(200, b'{"access_token": "t", "token_type": "Bearer", "expires_in": 900}')

    def do_GET(self) -> None:
        self._answer(404, b'{"error": [{"code": "URI_NOT_FOUND"}]}')

    def _answer(self, status: int, body: bytes) -> None:
        self.heard.append({k.upper(): v for k, v in self.headers.items()})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


async def test_a_walmart_account_outside_the_us_sends_its_market() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Hears) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        abroad: dict[str, Any] = {**CHANNELS["walmart.US"], "marketplace": "CA", "currency": "CAD"}
        abroad |= {"market_headers": ["ca", "3.1"], "base_url": f"http://127.0.0.1:{server.server_port}"}
        settings = Settings.model_validate({"channels": {"walmart.CA": abroad}})
        clock = ManualClock(datetime(2026, 11, 20, 9, tzinfo=UTC))
        held = Accounts(settings, Secrets.model_validate({"walmart": WALMART}), MemoryCallLog(), clock)
        with pytest.raises(VendorError):
            await held.sign_in("walmart.CA")
        await held.close()
        server.shutdown()
    assert {(h.get("WM_MARKET"), h.get("WM_GLOBAL_VERSION")) for h in _Hears.heard} == {("ca", "3.1")}


def test_after_a_push_only_the_pulled_streams_that_show_the_written_accounts_are_read() -> None:
    held = accounts(amazon=AMAZON, walmart=WALMART)
    shown = held.streams_of_written([("amazon", "amazon.DE"), ("walmart", "walmart.US")])
    assert shown == ["amazon.orders@DE", "walmart.orders@US", "walmart.returns@US"]
    held.settings = held.settings.model_copy(update={"pull": PullSettings(kinds=["orders"])})
    assert held.streams_of_written([("walmart", "walmart.US")]) == ["walmart.orders@US"]


def test_without_a_login_or_a_write_nothing_is_read_again() -> None:
    held = accounts(erp=True, walmart=WALMART)
    assert held.streams_of_written([]) == []
    assert held.streams_of_written([("netsuite", "walmart.US"), ("amazon", "amazon.US")]) == []
