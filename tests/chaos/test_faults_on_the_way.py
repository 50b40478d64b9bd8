"""Whatever goes wrong between us and a vendor, the mirror ends as if nothing had."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.engine import Pulled
from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from tests.chaos.company import VENDORS, Company, company, contents, mirror_tables, still_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SIZE = 250
#: What strikes together in one pull; `slow` is no fault here, for nobody waits.
STORMS = (
    ("throttle",),
    ("expired_token", "page_repeated"),
    ("lost_answer", "cut_connection"),
    ("server_error_html", "empty_500"),
)
#: What the first kinds of records fill.
FILLED = (
    "orders", "order_lines", "settlements", "settlement_lines", "items", "customers", "accounts", "subsidiaries",
    "locations", "periods", "transactions", "transaction_lines",
)  # fmt: skip
#: How many calls of each vendor are struck; else three, fewer than the tries that a call has.
STRIKES = {"throttle": 4, "expired_token": 1, "lost_answer": 2, "cut_connection": 2, "server_error_html": 2,
           "empty_500": 2}  # fmt: skip


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with still_sandbox(SIZE, tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(running: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[Any, ...]]]:
    """What the mirror holds after a pull on which nothing went wrong."""
    with company(running, tmp_path_factory.mktemp("undisturbed")) as here:
        assert states(here.workspace.pull()) == {"done"}
        found = contents(here, mirror_tables())
    assert all(found[table] for table in FILLED)
    return found


@pytest.fixture
def here(running: Running, tmp_path: Path) -> Iterator[Company]:
    with company(running, tmp_path / "home") as opened:
        yield opened
    running.faults.clear()


def states(pulled: Pulled) -> set[str]:
    return {f"{o.stream}: {o.error}" if o.error else o.state for o in pulled.streams}


@pytest.mark.parametrize("faults", STORMS, ids=" and ".join)
def test_what_goes_wrong_in_mid_run_changes_nothing_in_the_mirror(
    here: Company,
    undisturbed: dict[str, list[tuple[Any, ...]]],
    faults: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = dict.fromkeys(VENDORS, 0)
    take = here.running.faults.take

    def strike_in_mid_run(vendor: str, method: str, path: str) -> Fault | None:
        """Let the calls after a vendor's second one fail; logins do not count."""
        if "token" not in path:
            calls[vendor] += 1
            if calls[vendor] == 3:
                if "expired_token" in faults:
                    # A login that is refused as soon as it was made would not be a token that has expired.
                    here.clock.at = here.running.clock.now()
                for fault in faults:
                    here.fault(vendor, fault, count=STRIKES.get(fault, 3))
        return take(vendor, method, path)

    monkeypatch.setattr(here.running.faults, "take", strike_in_mid_run)
    pulled = here.workspace.pull()

    assert states(pulled) == {"done"}
    assert min(calls.values()) > 3
    assert here.running.faults.active() == []
    assert contents(here, mirror_tables()) == undisturbed
