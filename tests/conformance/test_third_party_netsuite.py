"""A client that other people wrote, PyPI netsuite (MIT), unmodified, through CONNECT and TLS on NetSuite's host names.

It signs with token-based authentication, drops response headers, and asks for the collection's own content types.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync.sandbox.faults import Fault
from tests.conformance.installed import python_with
from tests.conformance.netsuite_host import Host, hosted, run_client

pytestmark = pytest.mark.slow

VERSION = "netsuite==0.12.0"

#: Signs in, does what the test says inside a coroutine, prints `answer` as JSON.
FRAME = """
import asyncio, json, sys
from netsuite import Config, NetSuite, TokenAuth
from netsuite.exceptions import NetsuiteAPIRequestError, NetsuiteAPIResponseParsingError
given = json.loads(sys.argv[1])
auth = TokenAuth(**given["tba"])

async def work(rest, restlet):
{work}
    return answer

ns = NetSuite(Config(account=given["account"], auth=auth))
print(json.dumps(asyncio.run(work(ns.rest_api, ns.restlet))))
"""


@pytest.fixture(scope="module")
def interpreter() -> Path:
    """The interpreter of an environment that holds the client."""
    return python_with(VERSION, needed=True)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with hosted(tmp_path_factory.mktemp("authority")) as running:
        yield running


def ask(python: Path, host: Host, work: str, **changes: str) -> Any:
    """Run a few lines with the client and return what they leave in `answer`."""
    script = FRAME.replace("{work}", textwrap.indent(textwrap.dedent(work), "    "))
    given = {"tba": dict(host.credentials["tba"]) | changes, "account": "TIEOUT_SB1", "ids": host.company.ids}
    return run_client([str(python), "-W", "ignore", "-c"], script, given, {**os.environ, **host.through_proxy()})


def test_a_wrong_secret_is_an_error_to_it(interpreter: Path, host: Host) -> None:
    work = """
    try:
        await rest.get("/record/v1/customer")
        answer = None
    except NetsuiteAPIRequestError as error:
        answer = [error.status_code, error.response_text]
    """
    status, text = ask(interpreter, host, work, token_secret="wrong")
    assert (status, "INVALID_LOGIN" in text) == (401, True)
    assert host.app.state.desk.trail[-1] == "InvalidSignature"


@pytest.mark.proves("N01")
def test_an_absent_record_a_bad_query_and_a_call_over_the_limit_are_errors_to_it(interpreter: Path, host: Host) -> None:
    host.faults.add(Fault("netsuite", "N01", match="/record/v1/currency"))
    work = """
    answer = []
    calls = [
        lambda: rest.get("/record/v1/customer/999999"),
        lambda: rest.suiteql("SELECT id FROM nothing", limit=5),
        lambda: rest.get("/record/v1/currency"),
    ]
    for call in calls:
        try:
            await call()
        except NetsuiteAPIRequestError as error:
            answer.append([error.status_code, error.response_text])
    """
    (absent, there), (bad, query), (over, limit) = ask(interpreter, host, work)
    assert (absent, bad, over) == (404, 400, 429)
    assert "NONEXISTENT_ID" in there
    assert "Invalid search type: nothing." in query
    assert "CONCURRENCY_LIMIT_EXCEEDED" in limit


def test_it_makes_changes_and_removes_a_customer(interpreter: Path, host: Host) -> None:
    work = """
    body = {"companyName": "Müller & Söhne", "subsidiary": {"id": str(given["ids"]["us"])}, "externalId": "MUE-1"}
    made = await rest.post("/record/v1/customer", json=body)
    found = await rest.get("/record/v1/customer", params={"q": 'externalId IS "MUE-1"'})
    own = found["items"][0]["id"]
    await rest.patch(f"/record/v1/customer/{own}", json={"email": "mueller@example.com"})
    shown = await rest.get(f"/record/v1/customer/{own}")
    removed = await rest.delete(f"/record/v1/customer/{own}")
    left = await rest.get("/record/v1/customer", params={"q": 'externalId IS "MUE-1"'})
    answer = [made, found["items"][0]["links"][0]["href"], shown["companyName"], shown["email"], left["totalResults"]]
    """
    made, link, name, email, left = ask(interpreter, host, work)
    assert made is None
    assert link.startswith("https://tieout-sb1.suitetalk.api.netsuite.com/services/rest/record/v1/customer/")
    assert (name, email, left) == ("Müller & Söhne", "mueller@example.com", 0)


def test_it_pages_through_a_query_and_reads_schemas(interpreter: Path, host: Host) -> None:
    work = """
    first = await rest.suiteql("SELECT id, symbol FROM currency ORDER BY id", limit=1, offset=0)
    second = await rest.suiteql("SELECT id, symbol FROM currency ORDER BY id", limit=1, offset=1)
    schema = await rest.jsonschema("salesOrder")
    openapi = await rest.openapi("customer")
    answer = [first["items"][0]["symbol"], first["hasMore"], second["items"][0]["symbol"], second["hasMore"],
              sorted(schema["properties"])[:1] != [], bool(openapi)]
    """
    assert ask(interpreter, host, work) == ["USD", True, "EUR", False, True, True]


def test_it_calls_a_restlet_on_the_other_host(interpreter: Path, host: Host) -> None:
    work = """
    echoed = await restlet.post(1, deploy=1, json={"order": "113-1", "amount": 12.5})
    currency = await restlet.get(2, deploy=1, params={"record": "currency", "id": str(given["ids"]["usd"])})
    try:
        await restlet.get(99, deploy=1)
        refused = None
    except NetsuiteAPIRequestError as error:
        refused = error.response_text
    answer = [echoed, currency["symbol"], refused]
    """
    echoed, symbol, refused = ask(interpreter, host, work)
    assert echoed == {"method": "POST", "arguments": {"order": "113-1", "amount": 12.5}}
    assert symbol == "USD"
    assert "SSS_INVALID_SCRIPTLET_ID" in refused
