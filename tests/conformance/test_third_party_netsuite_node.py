"""A client that other people wrote, npm @brokenrubik/netsuite-sdk (ISC), against the NetSuite sandbox under Node.

It signs in with a client assertion (PS256) and is the strictest judge of jobs and batches. A preload of three lines
leads its https addresses to loopback: Node's fetch has no proxy.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.faults import Fault
from tests.conformance.installed import node_with
from tests.conformance.netsuite_host import Host, hosted, run_client

pytestmark = pytest.mark.slow

VERSION = "@brokenrubik/netsuite-sdk@0.6.0"
SHIM = """
const real = globalThis.fetch;
const local = (url) => String(url).replace(/^https:\\/\\/[^/]+\\.netsuite\\.com/, process.env.NETSUITE_BASE);
globalThis.fetch = (url, init) => real(local(url), init);
"""
FRAME = """
const { NetSuiteClient, NetSuiteError, NetSuiteIdempotencyError } = require("@brokenrubik/netsuite-sdk");
const given = JSON.parse(process.argv[1]);
const client = new NetSuiteClient({ ...given.login, maxRetries: 0 });
const quick = { pollInterval: 20, timeout: 20000 };
(async () => {
{work}
})().then((answer) => console.log(JSON.stringify(answer)), (error) => { console.error(error); process.exit(1); });
"""


@pytest.fixture(scope="module")
def modules() -> Path:
    """The folder of Node's modules with the client among them; skips with the installer's words without Node."""
    return node_with(VERSION) / "node_modules"


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("third-party-node") / "shim.cjs"
    place.write_text(SHIM, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def folder(modules: Path, shim: Path) -> tuple[Path, Path]:
    """The client's modules and what leads its addresses to loopback."""
    return modules, shim


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with hosted(tmp_path_factory.mktemp("authority"), rsa_bits=3072) as running:
        yield running


def ask(folder: tuple[Path, Path], host: Host, work: str, **changes: str) -> Any:
    """Run a few lines with the client and return what they return."""
    own = host.credentials
    login = {
        "accountId": "TIEOUT_SB1",
        "clientId": own["client_id"],
        "certificateId": own["certificate_id"],
        "privateKey": own["private_key"],
    }
    given = {"login": login | changes, "ids": host.company.ids}
    script = FRAME.replace("{work}", work)
    place = {"NETSUITE_BASE": host.url, "NODE_PATH": str(folder[0])}
    node = ["node", "--require", str(folder[1]), "-e"]
    return run_client(node, script, given, {**os.environ, **place})


def test_an_unknown_certificate_is_refused(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    try { await client.suiteql("SELECT id FROM currency"); return null; }
    catch (error) { return [error.name, error.status]; }
    """
    assert ask(folder, host, work, certificateId="somebody") == ["NetSuiteAuthError", 400]


@pytest.mark.proves("N27")
def test_a_batch_of_three_with_one_bad_record_has_two_successes(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    const subsidiary = { id: String(given.ids.us) };
    const items = [
      { companyName: "Batch one", externalId: "BATCH-1", subsidiary },
      { companyName: "Batch two", externalId: "BATCH-2", subsidiary: { id: "999" } },
      { companyName: "Batch three", externalId: "BATCH-3", subsidiary },
    ];
    const job = await client.batchCreate("customer", items, { parallel: true });
    const done = await job.wait(quick);
    const status = await job.status();
    const results = done.results.map((r) => [r.success, r.recordId ?? r.error.message]);
    return [status.progress, done.succeeded, done.failed, results];
    """
    progress, succeeded, failed, results = ask(folder, host, work)
    assert (progress, succeeded, failed) == ("succeeded", 2, 1)
    assert [success for success, _ in results] == [True, False, True]
    assert "Invalid Field Value 999" in results[1][1]
    books = host.company.books
    assert [str(books.find_external("customer", f"BATCH-{n}")) for n in (1, 3)] == [results[0][1], results[2][1]]
    assert books.find_external("customer", "BATCH-2") is None


@pytest.mark.proves("N28")
def test_a_key_that_was_used_leads_to_the_first_job(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    const item = { companyName: "Once", externalId: "ONCE", subsidiary: { id: String(given.ids.us) } };
    const key = { idempotencyKey: "0b5e6b3e-6a51-5d0a-9c3e-1f2a3b4c5d6e" };
    const first = await client.batchCreate("customer", [item], key);
    try { await client.batchCreate("customer", [item], key); return null; }
    catch (error) {
      const again = client.attachJob(error.jobId ?? error.location ?? first.id);
      const done = await again.wait(quick);
      return [error instanceof NetSuiteIdempotencyError, error.status, again.id === first.id, done.succeeded];
    }
    """
    assert ask(folder, host, work) == [True, 400, True, 1]


def test_it_updates_upserts_reads_and_deletes_in_batches(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    const subsidiary = { id: String(given.ids.us) };
    const put = await (await client.batchUpsert("customer", [
      { externalId: "UP-1", companyName: "Up one", subsidiary },
      { externalId: "UP-2", companyName: "Up two", subsidiary },
    ])).wait(quick);
    const ids = put.results.map((r) => r.recordId);
    const change = { id: ids[0], email: "one@example.com" };
    const patched = await (await client.batchUpdate("customer", [change])).wait(quick);
    const read = await (await client.batchGet("customer", ids)).wait(quick);
    const removed = await (await client.batchDelete("customer", ["eid:UP-2"])).wait(quick);
    const names = read.results[0].result.items.map((item) => item.companyName);
    return [put.succeeded, patched.succeeded, names, removed.succeeded];
    """
    assert ask(folder, host, work) == [2, 1, ["Up one", "Up two"], 1]
    books = host.company.books
    number = books.find_external("customer", "UP-1")
    assert number is not None
    assert books.get("customer", number).fields["email"] == "one@example.com"
    assert books.find_external("customer", "UP-2") is None


def test_it_reads_and_writes_single_records(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    const subsidiary = { id: String(given.ids.us) };
    const made = await client.createRecord("customer", { companyName: "Single", externalId: "SINGLE", subsidiary });
    const again = await client.upsertRecord("customer", "SINGLE", { companyName: "Single", comments: "x", subsidiary });
    await client.updateRecord("customer", made.id, { email: "single@example.com" });
    const shown = await client.getRecord("customer", made.id, { expandSubResources: true });
    const all = await client.listAllRecords("customer", { q: 'email IS "single@example.com"' });
    await client.deleteRecord("customer", made.id);
    let gone = null;
    try { await client.getRecord("customer", made.id); } catch (error) { gone = [error.name, error.status]; }
    return [made.id === again.id, shown.email, all.length, gone, again.propertyValidation ?? null];
    """
    same, email, listed, gone, _ = ask(folder, host, work)
    assert (same, email, listed, gone) == (True, "single@example.com", 1, ["NetSuiteNotFoundError", 404])


def test_it_reads_queries_metadata_and_restlets(folder: tuple[Path, Path], host: Host) -> None:
    work = """
    const rows = await client.suiteqlAll("SELECT id, symbol FROM currency ORDER BY id");
    const catalog = await client.getMetadata({ select: "customer,salesorder" });
    const echoed = await client.callRestlet({
      scriptId: "customscript_tieout_echo", deployId: "customdeploy1", method: "POST", body: { order: "113-1" },
    });
    let refused = null;
    try { await client.callRestlet({ scriptId: "99", deployId: "1", method: "GET" }); }
    catch (error) { refused = error.body ?? error.message; }
    const rest = client.hasValidToken("rest_webservices"), restlets = client.hasValidToken("restlets");
    return [rows.map((r) => r.symbol), catalog.items.length, echoed, JSON.stringify(refused), rest, restlets];
    """
    symbols, records, echoed, refused, rest, restlets = ask(folder, host, work)
    assert (symbols, records) == (["USD", "EUR"], 2)
    assert echoed == {"method": "POST", "arguments": {"order": "113-1"}}
    assert "SSS_INVALID_SCRIPTLET_ID" in refused
    assert (rest, restlets) == (True, True)


@pytest.mark.proves("N01")
def test_a_call_over_the_limit_is_its_rate_limit_error(folder: tuple[Path, Path], host: Host) -> None:
    host.faults.add(Fault("netsuite", "N01", match="/suiteql"))
    work = """
    try { await client.suiteql("SELECT id FROM currency"); return null; }
    catch (error) { return [error.name, error.status]; }
    """
    assert ask(folder, host, work) == ["NetSuiteRateLimitError", 429]
