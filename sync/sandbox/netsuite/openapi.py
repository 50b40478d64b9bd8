"""`metadata-catalog/{record}` as OpenAPI 3.0: the calls that a record type takes, and its schema (CONTRACT §2.8)."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.metadata import SHARED_SCHEMAS, record_schema
from sync.sandbox.netsuite.record_fields import find_type
from sync.sandbox.netsuite.record_types import RecordType
from sync.sandbox.netsuite.transforms import TARGETS

__all__ = ["record_openapi"]

_MEDIA = "application/vnd.oracle.resource+json; type="


def record_openapi(books: NetSuiteBooks, kind: RecordType, base: str) -> dict[str, object]:
    """Return the OpenAPI document of a record type; `base` is the record service's address."""
    name = kind.name
    targets = TARGETS.get(name, ())
    named = [kind, *filter(None, map(find_type, targets))]
    schemas = {one.name: _component(record_schema(books, one)) for one in named}
    schemas |= {shared: _component(schema) for shared, schema in SHARED_SCHEMAS.items()}
    read_only = name == "accountingPeriod"
    one: dict[str, object] = {"get": _operation(f"Get {name}.", name, 200)}
    many: dict[str, object] = {"get": _operation(f"Get the list of {name}.", f"{name}Collection", 200, "collection")}
    if not read_only:
        one |= {"patch": _change(f"Update {name}.", name), "delete": _operation(f"Remove {name}.", None, 204)}
    if kind.creatable and not read_only:
        many["post"] = _change(f"Insert {name}.", name)
        one["put"] = _change(f"Insert or update {name}.", name)
    paths: dict[str, object] = {f"/{name}": many, f"/{name}/{{id}}": one | {"parameters": [_ID]}}
    for target in targets:
        call = {"post": _change(f"Transform to {target}.", target), "parameters": [_ID]}
        paths[f"/{name}/{{id}}/!transform/{target}"] = call
    # A list tells of each record its id and its address, nothing else (CONTRACT §2.4).
    links = {"type": "array", "items": {"$ref": "#/components/schemas/nsLink"}}
    row = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "links": links}}
    items = {"type": "array", "items": row}
    listed = {"type": "object", "properties": {"items": items, "totalResults": {"type": "integer"}}}
    return {
        "openapi": "3.0.1",
        "info": {"title": "NetSuite REST Record API", "version": "v1"},
        "servers": [{"url": base}],
        "paths": paths,
        "components": {"schemas": schemas | {f"{name}Collection": listed}},
    }


def _component(schema: Mapping[str, object]) -> dict[str, object]:
    """Return a schema as a component: what the catalog names by its address is a component of the same document."""
    return {key: _local(value) for key, value in schema.items() if key != "$schema"}


def _local(value: object) -> object:
    if isinstance(value, dict):
        return {k: _here(str(v)) if k == "$ref" else _local(v) for k, v in value.items()}
    return [_local(one) for one in value] if isinstance(value, list) else value


def _here(address: str) -> str:
    return f"#/components/schemas/{address.rpartition('/')[2]}"


_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def _operation(summary: str, schema: str | None, status: int, kind: str = "singular") -> dict[str, object]:
    answer: dict[str, object] = {"description": "Done." if schema is None else "Retrieved."}
    if schema is not None:
        answer["content"] = {_MEDIA + kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"summary": summary, "responses": {str(status): answer}}


def _change(summary: str, schema: str) -> dict[str, object]:
    body = {"content": {_MEDIA + "singular": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}}
    return _operation(summary, None, 204) | {"requestBody": body}
