"""No secret leaves secrets.toml: not on the screen, not into logs, the database, exports or errors."""

from __future__ import annotations

import re
from pathlib import Path

from sync.sandbox.faults import Fault
from sync.sandbox.server import Running
from tests.console.homes import Home


def secrets_of(home: Home) -> set[str]:
    """Return every value of the home's secrets that must not be seen, each also as a piece of a key's text."""
    text = (home.folder / "secrets.toml").read_text()
    values = re.findall(r'^(?:\w*secret|refresh_token|token_id|consumer_key|private_key) = "(.*)"$', text, re.MULTILINE)
    found = {piece for value in values for piece in value.split("\\n") if len(piece) > 7 and "-----" not in piece}
    assert len(found) > 6
    return found


def test_no_secret_is_seen_anywhere(client: Home, running: Running, tmp_path: Path) -> None:
    hidden = secrets_of(client)
    running.faults.add(Fault("amazon", "expired_token", 2))
    seen: list[str] = []
    try:
        for argv in (["pull", "amazon.orders", "walmart.orders", "netsuite.subsidiaries"], ["doctor"], ["reconcile"],
                     ["list", "calls"], ["list", "audit"], ["list", "runs"], ["map", "export"], ["sql", "FROM calls"],
                     ["suiteql", "SELECT nothing FROM nowhere"]):  # fmt: skip
            for extra in ([], ["--json"]) if argv != ["map", "export"] else ([],):
                done = client.run(*argv, *extra)
                seen.append(done.out + done.err)
    finally:
        running.faults.clear()
    process = client
    process.close()
    wrong = client.folder / "secrets.toml"
    text = wrong.read_text()
    wrong.write_text(re.sub(r'client_secret = "(.*)"', r'client_secret = "\1wrong"', text))
    refused = client.command("pull", "walmart", code=4)
    seen.append(refused.out + refused.err)
    wrong.write_text(text)
    files = [p for p in client.folder.rglob("*") if p.is_file() and p.name != "secrets.toml"]
    assert {"tieout.duckdb", "config.toml"} <= {p.name for p in files}
    held = b"".join(p.read_bytes() for p in files)
    shown = "".join(seen)
    leaked = [s[:6] + "…" for s in hidden if s in shown or s.encode() in held]
    assert leaked == []
    tokens = re.findall(r"(?:Atza\||Bearer |eyJ)[\w.|-]{12,}", shown + held.decode("latin-1"))
    assert tokens == []
