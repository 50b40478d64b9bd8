"""NetSuite's operations: the REST record service and SuiteQL, over the transport."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sync.errors import BadInput, ContractBroken, InDoubt
from sync.transport import Call, Reply, VendorClient, path_segment

__all__ = ["MOST_ROWS", "NetSuiteClient", "QueryPage", "Written", "check_external_id", "grown_id"]

#: Rows a page (contract §3; older accounts allow 3000).
MOST_ROWS = 1000
_RECORD = "/record/v1"
_SUITEQL = "/query/v1/suiteql"
_LOCATION = re.compile(r"/record/v1/[A-Za-z0-9_]+/([0-9]+)/?$")
# Misspelt fields are dropped with a 204 unless this is asked for (contract §2.2).
_STRICT = {"X-NetSuite-PropertyNameValidation": "Error"}


@dataclass(frozen=True, slots=True)
class QueryPage:
    """One page of a SuiteQL answer. `total` counts the rows of the whole answer, `offset` those before this page."""

    items: Sequence[Mapping[str, object]]
    total: int
    offset: int
    reply: Reply

    @property
    def is_last(self) -> bool:
        """Return whether no row follows; `hasMore` has been seen to say so too early, the counts decide."""
        return self.offset + len(self.items) >= self.total


@dataclass(frozen=True, slots=True)
class Written:
    """What a write returned: the internal id, from the Location header or the body."""

    target_id: str
    reply: Reply


def check_external_id(external_id: str) -> str:
    """Return the id if it may stand behind `eid:` (contract §2.1).

    Raises:
        BadInput: if it has other characters than letters, digits, `_` and `-`.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", external_id):
        raise BadInput(
            "an external id of NetSuite has letters, digits, _ and - only",
            remedy="Choose another prefix for this channel's documents",
            value=external_id,
        )
    return external_id


class NetSuiteClient:
    """One NetSuite account.

    Writes are sent as not safe: an answer that is lost leaves them in doubt, and nothing is repeated blindly. All
    methods raise the error tree of `sync.errors`.
    """

    def __init__(self, transport: VendorClient) -> None:
        self.transport = transport

    async def get(self, record: str, record_id: str, *, expand: bool = False) -> dict[str, object]:
        """Return a record. NetSuite opens it in edit mode and may refuse locked ones: prefer `suiteql`."""
        query = [("expandSubResources", "true")] if expand else []
        call = Call(f"get {record}", "GET", _path(record, record_id), query=query)
        return _object(await self.transport.send(call))

    async def get_by_external_id(self, record: str, external_id: str) -> dict[str, object]:
        """Return the record with this external id; Rejected with status 404 where there is none."""
        path = f"{_path(record)}/eid:{check_external_id(external_id)}"
        return _object(await self.transport.send(Call(f"get {record}", "GET", path)))

    async def create(self, record: str, body: Mapping[str, object]) -> Written:
        """Create a record; put an `externalId` into `body`, or a lost answer cannot be looked up."""
        return await self._write("create", record, "POST", _path(record), body)

    async def upsert(self, record: str, external_id: str, body: Mapping[str, object]) -> Written:
        """Create the record with this external id, or bring it to `body`."""
        path = f"{_path(record)}/eid:{check_external_id(external_id)}"
        return await self._write("upsert", record, "PUT", path, body)

    async def patch(
        self, record: str, record_id: str, body: Mapping[str, object], *, replace: Sequence[str] = ()
    ) -> Written:
        """Change fields; sublists in `replace` are replaced, others without line keys grow with every repeat."""
        query = [("replace", ",".join(replace))] if replace else []
        return await self._write("patch", record, "PATCH", _path(record, record_id), body, query)

    async def transform(self, source: str, source_id: str, target: str, body: Mapping[str, object]) -> Written:
        """Make `target` from a record (salesOrder to itemFulfillment); put an `externalId` into `body`."""
        path = f"{_path(source, source_id)}/!transform/{path_segment(target)}"
        return await self._write(f"transform {source} to", target, "POST", path, body)

    async def suiteql(
        self,
        query: str,
        params: Sequence[str] = (),
        *,
        limit: int = MOST_ROWS,
        offset: int = 0,
        tries: int | None = None,
    ) -> QueryPage:
        """Run one query and return one page; `params` fill its `?` in order, data never stands in the text.

        Raises:
            ValueError: if limit and offset are not what NetSuite takes (offset a multiple of limit).
            ContractBroken: if the answer is not a page, or its counts contradict each other.
        """
        if not 1 <= limit <= MOST_ROWS or offset % limit:
            raise ValueError(f"limit {limit} and offset {offset} are not a page of at most {MOST_ROWS} rows")
        call = Call(
            "suiteql",
            "POST",
            _SUITEQL,
            query=[("limit", str(limit)), ("offset", str(offset))],
            json={"q": query, "params": list(params)},
            headers={"Prefer": "transient"},
            safe=True,
            tries=tries,
        )
        return _page(await self.transport.send(call), offset)

    async def keyset(
        self, query: str, params: Sequence[str], *, after: int = 0, limit: int = MOST_ROWS
    ) -> AsyncIterator[QueryPage]:
        """Yield the pages of a query that ends in `… id > ? ORDER BY … id`; the last parameter is the last id seen.

        There is no bound on the number of rows (an offset ends at 100,000), and a row that is written meanwhile moves
        no other row to another page.

        Raises:
            ContractBroken: if the ids do not grow from row to row.
        """
        last = after
        while True:
            page = await self.suiteql(query, [*params, str(last)], limit=limit)
            for row in page.items:
                last = grown_id(page, row, last)
            yield page
            if page.is_last:
                return

    async def _write(
        self,
        verb: str,
        record: str,
        method: str,
        path: str,
        body: Mapping[str, object],
        query: Sequence[tuple[str, str]] = (),
    ) -> Written:
        call = Call(f"{verb} {record}", method, path, query=query, json=body, headers=_STRICT, safe=False)
        reply = await self.transport.send(call)
        return Written(_written_id(reply), reply)


def _path(record: str, record_id: str | None = None) -> str:
    tail = "" if record_id is None else f"/{path_segment(record_id)}"
    return f"{_RECORD}/{path_segment(record)}{tail}"


def _object(reply: Reply) -> dict[str, object]:
    document = reply.json()
    if not isinstance(document, dict):
        raise ContractBroken(reply.seen(detail="the answer is no JSON object"))
    return document


def _written_id(reply: Reply) -> str:
    """Read the id of what was written: in Location (204), or in the body where an account answers 200 or 201."""
    found = _LOCATION.search(reply.headers.get("location", ""))
    if found:
        return found[1]
    if reply.body:
        document = _object(reply)
        if isinstance(number := document.get("id"), str | int):
            return str(number)
    raise InDoubt(reply.seen(detail="the write was accepted, but its answer names no record"))


def _page(reply: Reply, offset: int) -> QueryPage:
    document = _object(reply)
    items, total, has_more = document.get("items"), document.get("totalResults"), document.get("hasMore")
    if not isinstance(items, list) or not all(isinstance(row, dict) for row in items):
        raise ContractBroken(reply.seen(detail="the answer has no rows in `items`"))
    if not isinstance(total, int):
        raise ContractBroken(reply.seen(detail="the answer has no `totalResults`"))
    page = QueryPage(cast("list[dict[str, object]]", items), total, offset, reply)
    if not page.items and (has_more or not page.is_last):
        raise ContractBroken(reply.seen(detail=f"an empty page where {total - offset} rows are still announced"))
    if has_more and page.is_last:
        raise ContractBroken(reply.seen(detail=f"more rows are announced than the {total} that there are in all"))
    return page


def grown_id(page: QueryPage, row: Mapping[str, object], last: int, column: str = "id") -> int:
    """Return the row's id, which must be greater than `last`.

    Raises:
        ContractBroken: if it is not: a page that is not in order repeats and misses rows.
    """
    number = row.get(column)
    if not isinstance(number, str) or not number.removeprefix("-").isdecimal() or int(number) <= last:
        raise ContractBroken(page.reply.seen(detail=f"row {column} {number!r} after {last}: not in order"))
    return int(number)
