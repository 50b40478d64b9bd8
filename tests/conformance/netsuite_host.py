"""A small company on NetSuite's own host names, for clients that other people wrote: real time, CONNECT and TLS."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.netsuite.app import netsuite_app
from sync.sandbox.netsuite.host.proxy import Proxy, start_proxy
from sync.sandbox.netsuite.login.auth import make_credentials
from sync.sandbox.netsuite.settings import AccountSettings
from tests.sync.sandbox.netsuite.conftest import Company, found

__all__ = ["Host", "hosted", "run_client"]


@dataclass(frozen=True, slots=True)
class Host:
    """The company's hosts, running."""

    company: Company
    url: str
    proxy: Proxy
    app: Starlette
    faults: Faults
    credentials: Mapping[str, Any]

    def through_proxy(self) -> dict[str, str]:
        """Return the environment that leads an unmodified client here."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return {"HTTPS_PROXY": self.proxy.address} | dict.fromkeys(names, str(self.proxy.authority))


@contextmanager
def hosted(folder: Path, *, rsa_bits: int = 0) -> Iterator[Host]:
    """Serve a company whose clock is the machine's: those clients sign with their own time."""
    company = found(AccountSettings(service_time_s=0.0, job_wait_s=0.05, job_item_s=0.01))
    clock = SandboxClock(datetime.now(UTC))
    company.books.clock = clock
    credentials = make_credentials(company.settings, seed=7, rsa_bits=rsa_bits)
    faults = Faults(7)
    app = netsuite_app(company.books, clock, company.settings, credentials, faults)
    sockets = listen(["netsuite"])
    stop = run({"netsuite": (app, sockets["netsuite"])})
    proxy = start_proxy(sockets["netsuite"].getsockname()[1], folder)
    yield Host(company, address_of(sockets["netsuite"]), proxy, app, faults, credentials)
    proxy.stop()
    stop()


def run_client(command: Sequence[str], work: str, arguments: object, environment: Mapping[str, str]) -> Any:
    """Run a client's interpreter on a script with its arguments as JSON; return the JSON of the last line it prints."""
    done = subprocess.run(
        [*command, work, json.dumps(arguments)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.strip().splitlines()[-1])
