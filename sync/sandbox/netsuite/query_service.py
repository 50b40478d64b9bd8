"""SuiteQL over HTTP, and the system service (SUITEQL §1, CONTRACT §2.9)."""

from __future__ import annotations

from datetime import UTC

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.answers import base_address, collection, singular
from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.json_text import load
from sync.sandbox.netsuite.paging import read_page
from sync.sandbox.netsuite.refusals import Refused
from sync.sandbox.netsuite.rendering import page_links
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.suiteql.engine import QueryEngine
from sync.sandbox.netsuite.tables import QueryTables

__all__ = ["QueryService"]


class QueryService:
    """The handlers of `/services/rest/query/v1` and `/services/rest/system/v1`."""

    def __init__(self, books: NetSuiteBooks, settings: AccountSettings) -> None:
        self._books, self._settings = books, settings
        self.tables = QueryTables(books)
        self.engine = QueryEngine(
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
        self.tables.refresh()
        page = self.engine.run(query, params, limit=limit, offset=offset)
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

    async def governance_limits(self, request: Request) -> Response:
        """GET /governanceLimits: how many calls at once the account may make."""
        del request
        limit = self._settings.concurrency_limit
        body = {
            "accountConcurrencyLimit": limit,
            "accountUnallocatedConcurrencyLimit": limit,
            "integrationLimitType": "accountLimit",
        }
        return singular(body)

    async def server_time(self, request: Request) -> Response:
        """GET /serverTime."""
        del request
        return singular({"serverTime": self._books.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})


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
