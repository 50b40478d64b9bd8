"""SuiteQL over HTTP (SUITEQL §1)."""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.answers import base_address, collection
from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.fault_refusals import unexpected_error
from sync.sandbox.netsuite.inner_calls import Hung
from sync.sandbox.netsuite.json_text import load
from sync.sandbox.netsuite.paging import read_page
from sync.sandbox.netsuite.refusals import Refused
from sync.sandbox.netsuite.rendering import page_links
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.engine import QueryEngine, ResultPage
from sync.sandbox.netsuite.suiteql.refusal import unknown_identifier
from sync.sandbox.netsuite.tables import QueryTables

__all__ = ["QueryService"]

#: Settings that decide which columns there are and how their values are written.
_SHAPING = (
    "date_format",
    "one_world",
    "suite_tax",
    "header_subsidiary",
    "header_location",
    "transaction_total",
    "hidden_tables",
    "hidden_columns",
    "fetch_first",
    "query_limit_s",
)


class QueryService:
    """The handlers of `/services/rest/query/v1`."""

    def __init__(self, books: NetSuiteBooks, settings: AccountSettings) -> None:
        self._books, self._settings = books, settings
        self.tables = QueryTables(books)
        self._built_for = _shape(settings)
        self.engine = self._make_engine()

    def _make_engine(self) -> QueryEngine:
        books, settings = self._books, self._settings
        return QueryEngine(
            self.tables.connection,
            self.tables.catalog,
            date_format=settings.date_format,
            local_now=lambda: books.clock.now().astimezone(books.zone).replace(tzinfo=None),
            seed=books.seed,
            fetch_first=settings.fetch_first,
            limit_s=settings.query_limit_s,
        )

    async def suiteql(self, request: Request) -> Response:
        """POST /suiteql: one page of a query."""
        if "transient" not in request.headers.get("prefer", "").lower():
            text = "The required request header 'Prefer' is missing or its value is not 'transient'."
            raise Refused(400, "INVALID_HEADER", text, where={"o:errorHeader": "Prefer"})
        limit, offset = read_page(dict(request.query_params), self._settings)
        query, params = _read_query(await request.body())
        asked = offset
        if request.scope.get("page_repeated"):
            offset = max(offset - limit, 0)
        await _meet_faults(request.scope, query)
        self._follow_settings()
        if "late_rows" not in request.scope:
            self.tables.refresh()
        page = self._run(query, params, limit, offset, hide_column="bad_column" in request.scope)
        address = f"{base_address(request, 'query/v1')}/suiteql"
        more = asked + limit < page.total and not request.scope.get("has_more_false")
        body = {
            "links": page_links(address, request.query_params.multi_items(), limit, asked, page.total),
            "count": len(page.rows),
            "hasMore": more,
            "items": [{"links": [], **row} for row in page.rows],
            "offset": asked,
            "totalResults": page.total,
        }
        return collection(body)

    def _follow_settings(self) -> None:
        """Build the tables anew after a setting was changed that decides their columns or their texts."""
        wanted = _shape(self._settings)
        if wanted != self._built_for:
            self._built_for = wanted
            self.tables = QueryTables(self._books)
            self.engine = self._make_engine()

    def _run(self, query: str, params: list[str], limit: int, offset: int, *, hide_column: bool) -> ResultPage:
        try:
            return self.engine.run(query, params, limit=limit, offset=offset)
        except Refused as refused:
            if hide_column and re.search(r"Unknown identifier|was not found", refused.detail):
                raise unexpected_error() from None
            raise


def _shape(settings: AccountSettings) -> tuple[object, ...]:
    return tuple(getattr(settings, name) for name in _SHAPING)


async def _meet_faults(scope: Scope, query: str) -> None:
    """Meet the faults that depend on the words of a query."""
    if "no_subsidiaries" in scope and re.search(r"\bsubsidiary\b", query, re.IGNORECASE):
        raise unknown_identifier("subsidiary", [("transaction", "transaction")])
    hangs: Fault | None = scope.get("select_star_hangs")
    if hangs is not None and re.match(r"\s*SELECT\s+(\w+\.)?\*", query, re.IGNORECASE):
        await asyncio.sleep(hangs.seconds)
        raise Hung


def _read_query(raw: bytes) -> tuple[str, list[str]]:
    try:
        body = load(raw)
    except ValueError:
        raise Refused(400, "INVALID_REQUEST", "Invalid request body: it is not JSON.") from None
    query = body.get("q") if isinstance(body, dict) else None
    if not isinstance(query, str) or not query.strip():
        raise Refused(400, "INVALID_REQUEST", "Invalid request body: the property 'q' is missing.")
    params = body.get("params", []) if isinstance(body, dict) else []
    if not isinstance(params, list) or not all(isinstance(value, str) for value in params):
        raise Refused(400, "INVALID_REQUEST", "Invalid request body: 'params' must be a list of strings.")
    return query, params
