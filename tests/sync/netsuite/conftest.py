"""A NetSuite of a few tables in memory, keys, and a client of it over a real HTTP client without a network."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from sync.clock import ManualClock
from sync.netsuite import NetSuiteAccount, NetSuiteClient, connect
from sync.transport import CancelToken, MemoryCallLog, RetrySettings

from .company import Company, running_company
from .town import Town, visiting

SUITEQL = "/query/v1/suiteql"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))


@pytest.fixture
def calls() -> MemoryCallLog:
    return MemoryCallLog()


@pytest.fixture
def account() -> NetSuiteAccount:
    return NetSuiteAccount("1234567_SB1")


@pytest.fixture
def netsuite(account: NetSuiteAccount, clock: ManualClock, calls: MemoryCallLog) -> Callable[..., NetSuiteClient]:
    """Return a factory of clients that talk to a Python function."""

    def make(vendor: Callable[[httpx.Request], httpx.Response], *, auth: httpx.Auth | None = None) -> NetSuiteClient:
        return connect(
            account,
            auth or httpx.Auth(),
            calls=calls,
            clock=clock,
            cancel=CancelToken(),
            retry=RetrySettings(tries=3),
            rng=random.Random(3),
            wire=httpx.MockTransport(vendor),
        )

    return make


def envelope(status: int, code: str, detail: str, **more: str) -> httpx.Response:
    """Return a refusal in the record service's shape (contract §2.10)."""
    problem = {"detail": detail, "o:errorCode": code, **{f"o:{k}": v for k, v in more.items()}}
    body = {"type": "about:blank", "title": "x", "status": status, "o:errorDetails": [problem]}
    return httpx.Response(status, json=body)


class Tables:
    """Answers the queries of the connector from rows in memory; hides columns and cuts pages as told.

    It understands no SQL beyond what these tests need: the table, the select list, `id > ?`, IN, and the order of ids.
    """

    def __init__(self, **tables: list[dict[str, str]]) -> None:
        self.tables = tables
        self.hidden: dict[str, int] = {}
        self.queries: list[tuple[str, list[str]]] = []
        self.fail: list[httpx.Response | Exception] = []
        self.has_more = lambda page_is_last: not page_is_last

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert request.url.path.endswith(SUITEQL)
        assert request.headers["prefer"] == "transient"
        body = json.loads(request.content)
        query, params = body["q"], body["params"]
        self.queries.append((query, params))
        if self.fail:
            problem = self.fail.pop(0)
            if isinstance(problem, Exception):
                raise problem
            return problem
        return self._answer(query, params, int(request.url.params["limit"]))

    def _answer(self, query: str, params: list[str], limit: int) -> httpx.Response:
        select, rest = re.match(r"SELECT (.*?) FROM (.*)", query).groups()
        table = rest.split()[0]
        if table not in self.tables:
            return self._refusal(f"Invalid search type: {table}.")
        names = re.findall(r" AS (\w+)", select)
        for name in [*names, *re.findall(r"\.(\w+) >= TO_TIMESTAMP", rest)]:
            if (status := self.hidden.get(f"{table}.{name}")) == 500:
                return envelope(500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: m1")
            if status == 400:
                return self._refusal(f"Search error occurred: Unknown identifier '{name}'.")
        rows = self._rows(table, rest, params)
        page = [{"links": [], **{k: v for k, v in row.items() if k in names}} for row in rows[:limit]]
        is_last = len(rows) <= limit
        answer = {
            "links": [],
            "count": len(page),
            "hasMore": self.has_more(is_last),
            "items": page,
            "offset": 0,
            "totalResults": len(rows),
        }
        return httpx.Response(200, json=answer)

    def _rows(self, table: str, rest: str, params: list[str]) -> list[Mapping[str, str]]:
        rows: list[Mapping[str, Any]] = self.tables[table]
        values = list(params)
        if "TO_TIMESTAMP" in rest:
            since = values.pop(0)
            rows = [r for r in rows if r["lastmodifieddate"] >= since]
        if table == "transactionshippingaddress" and " IN (" in rest:
            *asked, _, _, after = values
            wanted = [r for r in rows if r["nkey"] in asked and int(r["nkey"]) > int(after)]
            return sorted(wanted, key=lambda r: int(r["nkey"]))
        if " IN (" in rest:
            key = "id" if table == "transactionline" else "transactionline"
            *values, _, after, line = values
            if "accountingbook = ?" in rest:
                book = values.pop(0)
                rows = [r for r in rows if r["accountingbook"] == book]
            wanted = [r for r in rows if r["transaction"] in values]
            rows = [r for r in wanted if (int(r["transaction"]), int(r[key])) > (int(after), int(line))]
            return sorted(rows, key=lambda r: (int(r["transaction"]), int(r[key])))
        for column in re.findall(r"\w+\.(\w+) = \?", rest):
            wanted_value = values.pop(0)
            rows = [r for r in rows if r.get(column) == wanted_value]
        if ".id > ?" in rest:
            rows = [r for r in rows if int(r["id"]) > int(values[-1])]
        return sorted(rows, key=lambda r: int(r.get("id", 0)))

    @staticmethod
    def _refusal(reason: str) -> httpx.Response:
        return envelope(
            400,
            "INVALID_PARAMETER",
            f"Invalid search query. Detailed unprocessed description follows. {reason}",
            errorQueryParam="q",
        )


@pytest.fixture(scope="module")
def shared_company() -> Iterator[Company]:
    """One running stand-in for a whole module; each test makes records of its own in it."""
    with running_company(ManualClock(datetime(2026, 11, 20, 9, 0, tzinfo=UTC))) as running:
        yield running


@pytest.fixture
async def town(shared_company: Company) -> AsyncIterator[Town]:
    """A client of the module's company, with the handlers of everything that can be written."""
    async with visiting(shared_company) as opened:
        yield opened
