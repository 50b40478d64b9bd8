"""RESTlets: two scripts that a company might have deployed, and the two forms of their errors (CONTRACT §1.1, §2.10).

Script 1 (`customscript_tieout_echo`) answers with what it was sent, script 2 (`customscript_tieout_lookup`) with one
record. Errors come as `{"error": {"code", "message"}}`, or as two lines of text to a caller who sent plain text.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.fields.served import find_type
from sync.sandbox.netsuite.rest.rendering import show_record
from sync.sandbox.netsuite.wire.answers import base_address
from sync.sandbox.netsuite.wire.json_text import dump, load
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["RestletService"]

_SCRIPTS = {"1": "echo", "customscript_tieout_echo": "echo", "2": "lookup", "customscript_tieout_lookup": "lookup"}
_DEPLOYMENTS = ("1", "customdeploy1")
#: What a script may be sent and may return, in characters.
_LONGEST = 10 * 1024 * 1024
_ABSENT = "That record does not exist."


class RestletService:
    """The handler of `/app/site/hosting/restlet.nl`."""

    def __init__(self, books: NetSuiteBooks) -> None:
        self._books = books

    async def call(self, request: Request) -> Response:
        """GET, POST, PUT, DELETE ?script&deploy."""
        script = self._script(request)
        arguments = await self._arguments(request)
        if script == "echo":
            return self._answer(request, {"method": request.method, "arguments": arguments})
        return self._answer(request, self._look_up(request, arguments))

    def _script(self, request: Request) -> str:
        query = request.query_params
        for name in ("script", "deploy"):
            if not query.get(name):
                raise Refused(400, "SSS_MISSING_REQD_ARGUMENT", f"Missing a required argument: {name}")
        script = _SCRIPTS.get(query["script"])
        if script is None or query["deploy"] not in _DEPLOYMENTS:
            text = "That Suitelet is invalid, disabled, or no longer exists."
            raise Refused(404, "SSS_INVALID_SCRIPTLET_ID", text)
        return script

    async def _arguments(self, request: Request) -> object:
        """Return the parameters of a GET or DELETE, the body of a POST or PUT."""
        if request.method in ("GET", "DELETE"):
            return {k: v for k, v in request.query_params.items() if k not in ("script", "deploy")}
        raw = await request.body()
        if len(raw) > _LONGEST:
            raise Refused(400, "SSS_FILE_CONTENT_SIZE_EXCEEDED", "The body is longer than 10 MB.")
        if _is_text(request):
            return raw.decode("utf-8", "replace")
        try:
            return load(raw)
        except ValueError:
            raise Refused(400, "SYNTAX_ERROR", "The request body is not JSON.") from None

    def _look_up(self, request: Request, arguments: object) -> object:
        """Return the record that {"record", "id" or "externalId"} names."""
        named = arguments if isinstance(arguments, Mapping) else {}
        kind = find_type(str(named.get("record", "")))
        if kind is None:
            raise Refused(400, "INVALID_RCRD_TYPE", "The record type is invalid.")
        if "externalId" in named:
            number = self._books.find_external(kind.name, str(named["externalId"]))
        else:
            text = str(named.get("id", ""))
            number = int(text) if text.isascii() and text.isdigit() else None
        if number is None:
            raise Refused(400, "RCRD_DSNT_EXIST", _ABSENT)
        try:
            stored = self._books.get(kind.name, number)
        except Refused:
            raise Refused(400, "RCRD_DSNT_EXIST", _ABSENT) from None
        return show_record(self._books, stored, base_address(request), expand=True)

    def _answer(self, request: Request, value: object) -> Response:
        kind = "text/plain" if _is_text(request) else "application/json"
        return Response(dump(value), media_type=kind)


def _is_text(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("text/plain")
