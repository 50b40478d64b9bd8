"""`metadata-catalog/{record}` as OpenAPI 3.0: the calls that a record type takes, and its schema (CONTRACT §2.8)."""

from __future__ import annotations

from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.metadata import record_schema
from sync.sandbox.netsuite.record_types import RecordType
from sync.sandbox.netsuite.transforms import TARGETS

__all__ = ["record_openapi"]

_MEDIA = "application/vnd.oracle.resource+json; type="


def record_openapi(books: NetSuiteBooks, kind: RecordType, base: str) -> dict[str, object]:
    """Return the OpenAPI document of a record type; `base` is the record service's address."""
    schema = record_schema(books, kind)
    schema.pop("$schema")
    name = kind.name
    read_only = name == "accountingPeriod"
    one: dict[str, object] = {"get": _operation(f"Get {name}.", name, 200)}
    many: dict[str, object] = {"get": _operation(f"Get the list of {name}.", f"{name}Collection", 200, "collection")}
    if not read_only:
        one |= {"patch": _change(f"Update {name}.", name), "delete": _operation(f"Remove {name}.", None, 204)}
    if kind.creatable and not read_only:
        many["post"] = _change(f"Insert {name}.", name)
        one["put"] = _change(f"Insert or update {name}.", name)
    paths: dict[str, object] = {f"/{name}": many, f"/{name}/{{id}}": one | {"parameters": [_ID]}}
    for target in TARGETS.get(name, ()):
        call = {"post": _change(f"Transform to {target}.", target), "parameters": [_ID]}
        paths[f"/{name}/{{id}}/!transform/{target}"] = call
    items = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    listed = {"type": "object", "properties": {"items": items, "totalResults": {"type": "integer"}}}
    return {
        "openapi": "3.0.1",
        "info": {"title": "NetSuite REST Record API", "version": "v1"},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": {name: schema, f"{name}Collection": listed}},
    }


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _operation(summary: str, schema: str | None, status: int, kind: str = "singular") -> dict[str, object]:
    answer: dict[str, object] = {"description": "Done." if schema is None else "Retrieved."}
    if schema is not None:
        answer["content"] = {_MEDIA + kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"summary": summary, "responses": {str(status): answer}}


def _change(summary: str, schema: str) -> dict[str, object]:
    body = {"content": {_MEDIA + "singular": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
    return _operation(summary, None, 204) | {"requestBody": body}
