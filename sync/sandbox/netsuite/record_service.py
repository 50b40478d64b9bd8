"""The record service: lists, reading, writing, upsert, transforms (CONTRACT §2.1 to §2.5)."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.answers import base_address, collection, empty, singular
from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.filters import parse_filter
from sync.sandbox.netsuite.json_text import load
from sync.sandbox.netsuite.metadata import SCHEMA_TYPE, SHARED_SCHEMAS, SWAGGER_TYPE, catalog_list, record_schema
from sync.sandbox.netsuite.openapi import record_openapi
from sync.sandbox.netsuite.paging import read_page
from sync.sandbox.netsuite.record_fields import find_type
from sync.sandbox.netsuite.record_types import Kind, RecordType, SublistSpec
from sync.sandbox.netsuite.refusals import Refused, not_found
from sync.sandbox.netsuite.rendering import key_text, page_links, rows_shown, show_record, show_sublist
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.stored import Line, Stored
from sync.sandbox.netsuite.values import unknown_name_text

__all__ = ["RecordService"]


class RecordService:
    """The handlers of `/services/rest/record/v1`, over one company's books."""

    def __init__(self, books: NetSuiteBooks, settings: AccountSettings) -> None:
        self._books, self._settings = books, settings

    # ------------------------------------------------------------------ reading

    async def list_records(self, request: Request) -> Response:
        """GET /{record}: id and links only, unless expandRecords."""
        kind, query = self._kind(request), dict(request.query_params)
        limit, offset = read_page(query, self._settings)
        found = self._books.records(kind.name)
        if query.get("ids"):
            wanted = [self._identify(kind, part) for part in query["ids"].split(",")]
            found = [stored for stored in found if stored.id in wanted]
        if query.get("q"):
            test = parse_filter(self._books, kind, query["q"])
            found = [stored for stored in found if test(stored)]
        base = base_address(request)
        asked, expand = offset, query.get("expandRecords") == "true"
        if request.scope.get("page_repeated"):
            offset = max(offset - limit, 0)
        items = [self._item(stored, base, expand) for stored in found[offset : offset + limit]]
        links = page_links(f"{base}/{kind.name}", request.query_params.multi_items(), limit, asked, len(found))
        more = asked + limit < len(found) and not request.scope.get("has_more_false")
        body = {
            "links": links,
            "count": len(items),
            "hasMore": more,
            "items": items,
            "offset": asked,
            "totalResults": len(found),
        }
        return collection(body)

    def _item(self, stored: Stored, base: str, expand: bool) -> dict[str, object]:
        if expand:
            return show_record(self._books, stored, base)
        href = f"{base}/{stored.kind.name}/{stored.id}"
        return {"links": [{"rel": "self", "href": href}], "id": str(stored.id)}

    async def read(self, request: Request) -> Response:
        """GET /{record}/{id}: opens the record as if to edit it."""
        stored, query = self._stored(request), request.query_params
        expand, fields = query.get("expandSubResources") == "true", query.get("fields")
        if expand and fields:
            text = "The parameters expandSubResources and fields cannot be used together."
            raise Refused(400, "INVALID_PARAMETER", text, where={"o:errorQueryParam": "fields"})
        simple = query.get("simpleEnumFormat") == "true"
        shown = show_record(self._books, stored, base_address(request), expand=expand, simple_enums=simple)
        if fields:
            wanted = {name.strip().lower() for name in fields.split(",")}
            for name in wanted - set(stored.kind.fields):
                text = f"Invalid field name '{name}'."
                raise Refused(400, "INVALID_PARAMETER", text, where={"o:errorQueryParam": "fields"})
            shown = {k: v for k, v in shown.items() if k in ("links", "id") or k.lower() in wanted}
        return singular(shown)

    async def read_sublist(self, request: Request) -> Response:
        """GET /{record}/{id}/{sublist}, an address included."""
        stored, name = self._stored(request), request.path_params["sublist"].lower()
        base = base_address(request)
        sublist = stored.kind.sublists.get(name)
        if sublist is not None and name not in self._books.hidden_fields():
            return collection(show_sublist(self._books, stored, sublist, base))
        spec = stored.kind.fields.get(name)
        value = stored.fields.get(spec.name) if spec else None
        if spec is None or not isinstance(value, dict):
            raise not_found(request.url.path)
        href = f"{base}/{stored.kind.name}/{stored.id}/{spec.name}"
        return singular({"links": [{"rel": "self", "href": href}], **value})

    async def read_line(self, request: Request) -> Response:
        """GET /{record}/{id}/{sublist}/{key}."""
        stored, sublist, index, _ = self._line(request)
        shown = show_sublist(self._books, stored, sublist, base_address(request))["items"]
        return singular(shown[index] if isinstance(shown, list) else shown)

    def _line(self, request: Request) -> tuple[Stored, SublistSpec, int, Line]:
        """Return the row that an address means: record, sublist, place and content.

        Raises:
            Refused: 404 where there is none.
        """
        stored, wanted = self._stored(request), request.path_params["line"].lower()
        sublist = stored.kind.sublists.get(request.path_params["sublist"].lower())
        if sublist is None or sublist.name.lower() in self._books.hidden_fields():
            raise not_found(request.url.path)
        for index, row in enumerate(rows_shown(self._books, stored, sublist)):
            if key_text(sublist, row, index + 1).lower() == wanted:
                return stored, sublist, index, row
        raise not_found(request.url.path)

    # ------------------------------------------------------------------ writing

    async def create(self, request: Request) -> Response:
        """POST /{record}."""
        kind, body = self._kind(request), await self._body(request)
        self._refuse_uncreatable(kind)
        unknown: list[str] = []
        with self._books.lock:
            self._check_names(request, kind, body)
            made = self._books.create(kind.name, body, unknown=unknown)
        return self._written(request, kind, made, unknown)

    async def update(self, request: Request) -> Response:
        """PATCH /{record}/{id}."""
        stored, body = self._stored(request), await self._body(request)
        self._refuse_unwritable(stored.kind)
        unknown: list[str] = []
        replace = [name.strip() for name in request.query_params.get("replace", "").split(",") if name.strip()]
        self._check_names(request, stored.kind, body)
        if request.query_params.get("replaceSelectedFields") == "true":
            replace += [name for name in body if name.lower() in stored.kind.sublists]
        self._books.update(stored.kind.name, stored.id, body, replace=replace, unknown=unknown)
        return self._written(request, stored.kind, stored.id, unknown)

    async def update_line(self, request: Request) -> Response:
        """PATCH /{record}/{id}/{sublist}/{key}: one row of a keyed sublist."""
        stored, sublist, _, row = self._line(request)
        self._refuse_unwritable(stored.kind)
        if not sublist.key or sublist.computed:
            raise Refused(405, "METHOD_NOT_ALLOWED", f"The rows of '{sublist.name}' have no key to change them by.")
        keys: dict[str, object] = {}
        for name in sublist.key:
            value, spec = row.get(name), sublist.fields[name.lower()]
            keys[name] = {"id": str(value)} if spec.kind in (Kind.REFERENCE, Kind.ENUM) else value
        sent = {k: v for k, v in (await self._body(request)).items() if k.lower() not in {n.lower() for n in keys}}
        body: dict[str, object] = {sublist.name: {"items": [sent | keys]}}
        self._check_names(request, stored.kind, body)
        unknown: list[str] = []
        self._books.update(stored.kind.name, stored.id, body, unknown=unknown)
        return self._written(request, stored.kind, stored.id, unknown)

    async def upsert(self, request: Request) -> Response:
        """PUT /{record}/eid:{externalId}."""
        kind, body = self._kind(request), await self._body(request)
        self._refuse_unwritable(kind)
        key = request.path_params["id"]
        if not key.lower().startswith("eid:"):
            raise Refused(405, "METHOD_NOT_ALLOWED", "PUT needs an external id: /{record}/eid:{externalId}.")
        known = self._books.find_external(kind.name, key[4:])
        if known is None:
            self._refuse_uncreatable(kind)
        else:
            self._books.open_record(kind.name, known)
        unknown: list[str] = []
        self._check_names(request, kind, body)
        made, _ = self._books.upsert(kind.name, key[4:], body, unknown=unknown)
        status = self._settings.upsert_status
        answer = self._written(request, kind, made, unknown)
        if status in (200, 201):
            shown = singular(show_record(self._books, self._books.get(kind.name, made), base_address(request)), status)
            shown.headers["Location"] = answer.headers["Location"]
            return shown
        return answer

    async def delete(self, request: Request) -> Response:
        """DELETE /{record}/{id}: 204 without Location."""
        stored = self._stored(request)
        self._refuse_unwritable(stored.kind)
        self._books.delete(stored.kind.name, stored.id)
        return empty()

    async def transform(self, request: Request) -> Response:
        """POST /{record}/{id}/!transform/{target}."""
        stored, body = self._stored(request), await self._body(request, optional=True)
        target = find_type(request.path_params["target"])
        unknown: list[str] = []
        if target is not None:
            self._check_names(request, target, body)
        made = self._books.transform(stored.kind.name, stored.id, request.path_params["target"], body, unknown=unknown)
        return self._written(request, target or stored.kind, made, unknown)

    # ------------------------------------------------------------------ metadata

    async def catalog(self, request: Request) -> Response:
        """GET /metadata-catalog."""
        selected = frozenset(n.strip().lower() for n in request.query_params.get("select", "").split(",") if n.strip())
        return collection(catalog_list(base_address(request), selected))

    async def schema(self, request: Request) -> Response:
        """GET /metadata-catalog/{record}."""
        if shared := SHARED_SCHEMAS.get(request.path_params["record"]):
            answer = singular(dict(shared))
            answer.headers["Content-Type"] = SCHEMA_TYPE
            return answer
        kind = self._kind(request)
        if SWAGGER_TYPE in request.headers.get("accept", ""):
            answer = singular(record_openapi(self._books, kind, base_address(request)))
            answer.headers["Content-Type"] = SWAGGER_TYPE
            return answer
        answer = singular(record_schema(self._books, kind))
        answer.headers["Content-Type"] = SCHEMA_TYPE
        return answer

    # ------------------------------------------------------------------ inside

    def _kind(self, request: Request) -> RecordType:
        name = request.path_params["record"]
        kind = find_type(name)
        if kind is None or (kind.name == "subsidiary" and not self._settings.one_world):
            raise Refused(
                404, "NOT_FOUND", f"Record type '{name}' does not exist.", where={"o:errorUrl": request.url.path}
            )
        return kind

    def _identify(self, kind: RecordType, key: str) -> int | None:
        if key.lower().startswith("eid:"):
            return self._books.find_external(kind.name, key[4:])
        return int(key) if key.isascii() and key.isdigit() else None

    def _stored(self, request: Request) -> Stored:
        kind = self._kind(request)
        found = self._identify(kind, request.path_params["id"])
        if found is None:
            raise not_found(request.url.path)
        try:
            return self._books.open_record(kind.name, found)
        except Refused as refused:
            raise (not_found(request.url.path) if refused.status == 404 else refused) from None

    async def _body(self, request: Request, *, optional: bool = False) -> Mapping[str, object]:
        raw = await request.body()
        if optional and not raw.strip():
            return {}
        try:
            body = load(raw)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "INVALID_REQUEST", "Invalid request body: it must be a JSON object.")
        return body

    def _check_names(self, request: Request, kind: RecordType, body: Mapping[str, object]) -> None:
        """Refuse a name that the record does not have, if the caller asked for that."""
        if request.headers.get("x-netsuite-propertynamevalidation", "Warning").lower() != "error":
            return
        unknown = self._books.unknown_names(kind.name, body)
        if unknown:
            where = {"o:errorPath": unknown[0]}
            raise Refused(400, "INVALID_CONTENT", unknown_name_text(unknown[0]), where=where)

    def _refuse_uncreatable(self, kind: RecordType) -> None:
        if not kind.creatable:
            text = f"Record type '{kind.name}' cannot be created directly."
            raise Refused(400, "USER_ERROR", f"Error while accessing a resource. {text}")

    def _refuse_unwritable(self, kind: RecordType) -> None:
        if kind.name == "accountingPeriod":
            raise Refused(400, "USER_ERROR", "Error while accessing a resource. accountingPeriod is read only.")

    def _written(self, request: Request, kind: RecordType, made: int, unknown: list[str]) -> Response:
        headers: dict[str, str] = {}
        if unknown and request.headers.get("x-netsuite-propertynamevalidation", "Warning").lower() == "warning":
            headers["X-NetSuite-PropertyValidation"] = "; ".join(f"Unknown property: {name}" for name in unknown)
        return empty(location=f"{base_address(request)}/{kind.name}/{made}", headers=headers)
