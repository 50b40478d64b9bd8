"""No secret of secrets.toml, and no token that it buys, is written or said anywhere."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import logging
import re
import tomllib
import traceback
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import zstandard
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from console.cli import run_in
from console.logs import log_to_file
from reconcile.plan import build_plan, stage
from sync.errors import VendorError
from sync.sandbox.server import Running
from tests.chaos.company import Company, company, still_sandbox
from tests.chaos.recorder import Exchange, record

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: Names of an account rather than its keys.
_PUBLIC = {"client_id", "seller_id", "certificate_id", "consumer_key", "token_id"}
_SECRET_HEADERS = ("authorization", "x-amz-access-token", "wm_sec.access_token")
COMMANDS = (
    ("pull", "--json"),
    ("reconcile", "--json"),
    ("list", "discrepancies", "--json"),
    ("list", "queue", "--json"),
    ("list", "orders"),
    ("map", "export"),
    ("doctor",),
    ("sql", "SELECT * FROM calls"),
    ("suiteql", "SELECT id FROM subsidiary ORDER BY id"),
    ("suiteql", "SELECT nothing FROM nowhere"),
)


@pytest.fixture(scope="module")
def exchanges() -> Iterator[list[Exchange]]:
    with pytest.MonkeyPatch.context() as patch:
        yield record(patch)


@pytest.fixture(scope="module")
def running(exchanges: list[Exchange], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with still_sandbox(150, tmp_path_factory.mktemp("sandbox")) as running:
        yield running


class Said:
    """Everything that one home's work has put anywhere."""

    def __init__(self, here: Company) -> None:
        self.here, self.texts, self._log = here, list[str](), io.StringIO()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Keep what is printed and logged, down to DEBUG, meanwhile."""
        log_to_file(self.here.workspace.home)
        root = logging.getLogger()
        handler = logging.StreamHandler(self._log)
        before = root.level
        root.addHandler(handler)
        root.setLevel(logging.DEBUG)
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                yield
        finally:
            root.setLevel(before)
            root.handlers = []
            self.texts += [out.getvalue(), err.getvalue(), self._log.getvalue()]

    def run(self, *argv: str) -> int:
        """Run a command on the open home, keeping what it writes."""
        workspace = self.here.workspace
        said = self.texts.append
        return run_in(lambda: workspace, workspace.home, argv, workspace.home, said, said)

    def everything(self) -> str:
        """Return all texts, all rows of the database with its archived pages, and the bytes of every other file."""
        tables = self.here.rows("SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE'")
        found = [*self.texts]
        for (table,) in tables:
            found += [str(row) for row in self.here.rows(f"SELECT * FROM {table}")]
        pages = self.here.rows("SELECT body FROM pages")
        found += [zstandard.ZstdDecompressor().decompress(body).decode("latin-1") for (body,) in pages]
        with self.here.workspace.store.database.transaction() as tx:
            tx.execute("SELECT 1")
        for path in sorted(self.here.workspace.home.rglob("*")):
            if path.is_file() and path.name != "secrets.toml":
                found.append(path.read_bytes().decode("latin-1"))
        return "\n".join(found)


def secrets_of(home: Path) -> list[str]:
    """Return the values of secrets.toml that must stay there; a key's text line by line."""
    held = tomllib.loads((home / "secrets.toml").read_text(encoding="utf-8"))
    tables = [*held.values(), held["netsuite"].get("tba", {})]
    values = [v for t in tables for k, v in t.items() if k not in _PUBLIC and isinstance(v, str)]
    lines = [line for value in values for line in value.splitlines() if not line.startswith("-----")]
    basic = f"{held['walmart']['client_id']}:{held['walmart']['client_secret']}"
    return [line for line in lines if len(line) > 8] + [base64.b64encode(basic.encode()).decode()]


def tokens_of(exchanges: list[Exchange]) -> set[str]:
    """Return the tokens and signatures that went over the wire."""
    found = {e.headers[h].rpartition(" ")[2] for e in exchanges for h in _SECRET_HEADERS if h in e.headers}
    for e in exchanges:
        found |= set(re.findall(r'"(?:access|refresh)_token":\s*"([^"]+)"', e.answer.decode("latin-1")))
        found |= set(re.findall(r"client_assertion=([^&]+)", e.body.decode("latin-1")))
        found |= set(re.findall(r"[?&](?:X-Amz-)?[Ss]ignature=([^&]+)", f"?{e.query}"))
    return found


def leaks(secrets: list[str], text: str) -> list[str]:
    """Return the first characters of each secret that the text holds, plain or as an address or JSON writes it."""
    return [s[:6] for s in secrets if any(form in text for form in {s, quote(s, safe=""), json.dumps(s)[1:-1]})]


def test_work_that_succeeds_leaves_no_secret_behind(
    running: Running, exchanges: list[Exchange], tmp_path: Path
) -> None:
    with company(running, tmp_path / "home") as here:
        said = Said(here)
        with said.listening():
            for argv in COMMANDS[:2]:
                said.run(*argv)
            here.decide()
            open_ones = here.rows(
                "SELECT min(discrepancy_id) FROM discrepancies WHERE state = 'open' AND control <> 'sku_unmapped'"
                " GROUP BY control"
            )
            plan = stage(here.workspace.store, build_plan(here.workspace.store, [r[0] for r in open_ones]), by="ann")
            here.fault("netsuite", "lost_answer", match="/record/", method="PUT")
            assert said.run("push", plan, "--json") in (0, 1)
            for argv in COMMANDS[2:]:
                said.run(*argv)
        secrets, tokens = secrets_of(here.workspace.home), tokens_of(exchanges)
        text = said.everything()

        # The search finds what is there: a public name of the account, and what was pushed.
        assert "externalid" in text.lower()
        assert len(secrets) > 5
        assert len(tokens) > 3
        assert leaks([*secrets, *tokens], text) == []
    assert leaks([*secrets, *tokens], (tmp_path / "home" / "tieout.duckdb").read_bytes().decode("latin-1")) == []


def with_wrong_secrets(home: Path) -> None:
    """Replace every secret by a marker, and the private key by one that NetSuite does not know."""
    path = home / "secrets.toml"
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    held["amazon"] |= {"client_secret": "marker/one+&=secret", "refresh_token": "Atzr|marker-two-secret"}
    held["walmart"] |= {"client_secret": 'marker"three\\secret'}
    held["netsuite"] |= {"private_key": key.decode()}
    held["netsuite"].pop("tba", None)
    lines = [f"[{t}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in values.items()) for t, values in held.items()]
    path.write_text("\n".join(lines), encoding="utf-8")


def test_refused_logins_say_no_secret(running: Running, exchanges: list[Exchange], tmp_path: Path) -> None:
    with company(running, tmp_path / "home") as here:
        with_wrong_secrets(here.workspace.home)
        said = Said(here)
        with said.listening():
            assert said.run("pull") == 4
            assert said.run("doctor") == 4
            said.run("suiteql", "SELECT id FROM subsidiary ORDER BY id")
            with pytest.raises(VendorError) as caught:
                here.in_netsuite("SELECT id FROM subsidiary ORDER BY id")
            said.texts += [repr(caught.value), "".join(traceback.format_exception(caught.value))]
            said.texts += [repr(here.workspace.accounts), repr(here.workspace.settings)]
        secrets = secrets_of(here.workspace.home)
        text = said.everything()

        assert "marker/one+&=secret" in secrets
        assert "credentials" in text
        assert leaks([*secrets, *tokens_of(exchanges)], text) == []
