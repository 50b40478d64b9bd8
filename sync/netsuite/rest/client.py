"""NetSuite's operations: the REST record service and SuiteQL, over the transport."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sync.errors import BadInput, ContractBroken, InDoubt
from sync.transport import Call, Reply, VendorClient, path_segment

__all__ = [
    "MOST_ROWS",
    "NetSuiteClient",
    "QueryPage",
    "Written",
    "check_external_id",
    "collection",
    "grown_id",
    "last_of_link",
    "q_text",
    "written_id",
]

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


def q_text(field: str, value: str) -> str:
    """Return the condition that a text field has this value, for `list_ids`.

    Raises:
        BadInput: if the value has a quote or a backslash, for which no escape is documented.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", field) or re.search(r'["\\\x00-\x1f]', value):
        raise BadInput("this value cannot be searched for", remedy="Search for another field", value=value)
    return f'{field} IS "{value}"'


class NetSuiteClient:
    """One NetSuite account.

    Writes are sent as not safe: an answer that is lost leaves them in doubt, and nothing is repeated blindly. All
    methods raise the error tree of `sync.errors`.
    """

    def __init__(self, transport: VendorClient) -> None:
        self.transport = transport

    async def get(
        self, record: str, record_id: str, *, expand: bool = False, fields: Sequence[str] = ()
    ) -> dict[str, object]:
        """Return a record, with its sublists (`expand`) or only some body fields.

        NetSuite opens it in edit mode and may refuse locked ones: prefer `suiteql`.

        Raises:
            ValueError: `expand` and `fields` together, which NetSuite refuses (contract §2.3).
        """
        if expand and fields:
            raise ValueError("expand and fields exclude each other")
        query = [("expandSubResources", "true")] if expand else []
        query += [("fields", ",".join(fields))] if fields else []
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

    async def delete(self, record: str, record_id: str) -> Reply:
        """Delete a record; Rejected with status 404 where it is gone already."""
        path = _path(record, record_id)
        return await self.transport.send(Call(f"delete {record}", "DELETE", path, safe=False))

    async def sublist(self, record: str, record_id: str, name: str) -> list[dict[str, object]]:
        """Return all lines of a sublist (`item` of a salesOrder), read as a resource of its own (contract §2.1).

        `record_id` may be `eid:` and an external id. Lines that come as links only are read one by one.

        Raises:
            ContractBroken: the answer is no collection.
        """
        path = f"{_address(record, record_id)}/{path_segment(name)}"
        lines: list[dict[str, object]] = []
        while True:
            query = [("offset", str(len(lines))), ("limit", str(MOST_ROWS))] if lines else []
            page = collection(await self.transport.send(Call(f"get {record} {name}", "GET", path, query=query)))
            for entry in page.items:
                lines.append(await self._line(record, path, entry))
            if page.is_last:
                return lines

    async def _line(self, record: str, path: str, entry: Mapping[str, object]) -> dict[str, object]:
        if set(entry) != {"links"}:
            return dict(entry)
        key = last_of_link(entry)
        return _object(await self.transport.send(Call(f"get {record} line", "GET", f"{path}/{path_segment(key)}")))

    async def patch_line(
        self, record: str, record_id: str, sublist: str, key: Mapping[str, str], body: Mapping[str, object]
    ) -> Reply:
        """Change one keyed line of a sublist: `price` by currencypage, pricelevel and quantity (contract §2.1)."""
        named = ",".join(f"{path_segment(k)}={path_segment(v)}" for k, v in key.items())
        path = f"{_address(record, record_id)}/{path_segment(sublist)}/{named}"
        call = Call(f"patch {record} {sublist}", "PATCH", path, json=body, headers=_STRICT, safe=False)
        return await self.transport.send(call)

    async def list_ids(self, record: str, condition: str = "", *, limit: int = MOST_ROWS) -> AsyncIterator[list[str]]:
        """Yield the ids of records page by page, where `condition` is one of `q_text` (contract §2.4).

        For records that SuiteQL does not show; dates in `q` depend on the account's format and are not offered.
        """
        offset = 0
        while True:
            query = [("q", condition)] if condition else []
            query += [("limit", str(limit)), ("offset", str(offset))]
            page = collection(await self.transport.send(Call(f"list {record}", "GET", _path(record), query=query)))
            yield [str(entry["id"]) for entry in page.items]
            offset += len(page.items)
            if page.is_last:
                return
            if offset % limit:
                raise ContractBroken(page.reply.seen(detail=f"a page of {len(page.items)} rows in the middle"))

    async def patch(
        self, record: str, record_id: str, body: Mapping[str, object], *, replace: Sequence[str] = ()
    ) -> Written:
        """Change fields; sublists in `replace` are replaced, others without line keys grow with every repeat.

        A sublist in `replace` is brought to the body's lines: repeating the call doubles nothing (fault 11).
        """
        query = [("replace", ",".join(replace))] if replace else []
        return await self._write("patch", record, "PATCH", _path(record, record_id), body, query)

    async def transform(self, source: str, source_id: str, target: str, body: Mapping[str, object]) -> Written:
        """Make `target` from a record (salesOrder to itemFulfillment); put an `externalId` into `body`."""
        path = f"{_address(source, source_id)}/!transform/{path_segment(target)}"
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
        return Written(written_id(reply), reply)


def _path(record: str, record_id: str | None = None) -> str:
    tail = "" if record_id is None else f"/{path_segment(record_id)}"
    return f"{_RECORD}/{path_segment(record)}{tail}"


def _address(record: str, record_id: str) -> str:
    """Return the path of a record by its id, or by `eid:` and its external id."""
    if record_id.startswith("eid:"):
        return f"{_path(record)}/eid:{check_external_id(record_id[4:])}"
    return _path(record, record_id)


def last_of_link(entry: Mapping[str, object]) -> str:
    """Return the last part of an entry's own link, empty where it has none."""
    links = entry.get("links")
    first = links[0] if isinstance(links, list) and links and isinstance(links[0], dict) else {}
    return str(first.get("href", "")).rstrip("/").rpartition("/")[2]


def _object(reply: Reply) -> dict[str, object]:
    document = reply.json()
    if not isinstance(document, dict):
        raise ContractBroken(reply.seen(detail="the answer is no JSON object"))
    return document


def written_id(reply: Reply) -> str:
    """Read the id of what was written: in Location (204), or in the body where an account answers 200 or 201."""
    found = _LOCATION.search(reply.headers.get("location", ""))
    if found:
        return found[1]
    if reply.body:
        document = _object(reply)
        if isinstance(number := document.get("id"), str | int):
            return str(number)
    raise InDoubt(reply.seen(detail="the write was accepted, but its answer names no record"))


def collection(reply: Reply) -> QueryPage:
    """Return one page of a collection of the record service; one without counts is whole (a short sublist).

    Raises:
        ContractBroken: the answer has no `items`.
    """
    document = _object(reply)
    items = document.get("items")
    if not isinstance(items, list) or not all(isinstance(entry, dict) for entry in items):
        raise ContractBroken(reply.seen(detail="the answer has no list in `items`"))
    total, offset = document.get("totalResults", len(items)), document.get("offset", 0)
    if not isinstance(total, int) or not isinstance(offset, int):
        raise ContractBroken(reply.seen(detail="the counts of the answer are no numbers"))
    page = QueryPage(cast("list[dict[str, object]]", items), total, offset, reply)
    if not page.items and not page.is_last:
        raise ContractBroken(reply.seen(detail=f"an empty page where {total - offset} entries are still announced"))
    return page


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
