"""What the NetSuite account is like, from the command line."""

from __future__ import annotations

from sync.sandbox.server import Running
from tests.console.homes import Home


def test_without_an_account_it_says_what_to_write(empty: Home) -> None:
    done = empty.run("survey")
    assert (done.code, done.out) == (2, "")
    assert "no NetSuite account is configured" in done.err


def test_the_sandboxs_account_has_what_we_write(client: Home) -> None:
    done = client.run("survey", "--json")
    facts, *records = done.rows
    assert done.code == 0, records
    assert facts["one_world"] is True
    assert facts["takes_batches"] is True
    assert {"salesOrder", "journalEntry", "customer"} <= {r["record"] for r in records}


def test_where_writing_is_off_nothing_is_tried_that_writes(client: Home, running: Running) -> None:
    config = client.folder / "config.toml"
    config.write_text(config.read_text() + "\n[safety]\nwrite = false\n")
    running.calls.clear()
    facts, *_ = client.run("survey", "--json").rows
    assert facts["takes_batches"] is False
    made = {c["method"] for c in running.calls.calls("netsuite") if "/record/" in c["path"]}
    assert made <= {"GET"}
