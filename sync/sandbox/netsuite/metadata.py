"""`metadata-catalog`: the list of record types and a JSON schema of each, from this account's own field tables."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.netsuite.books import NetSuiteBooks
from sync.sandbox.netsuite.enums import ENUMS
from sync.sandbox.netsuite.record_fields import ADDRESS_FIELDS, RECORD_TYPES
from sync.sandbox.netsuite.record_types import FieldSpec, Kind, RecordType

__all__ = ["SCHEMA_TYPE", "SHARED_SCHEMAS", "SWAGGER_TYPE", "catalog_list", "record_schema"]

SCHEMA_TYPE = "application/schema+json"
SWAGGER_TYPE = "application/swagger+json"
_LINK = "/services/rest/record/v1/metadata-catalog/nsLink"
#: Types of the catalog that are no records: every record's schema refers to them by their address.
SHARED_SCHEMAS: Mapping[str, Mapping[str, object]] = {
    "nsLink": {
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
        "type": "object",
        "title": "NetSuite Link",
        "properties": {
            "rel": {"title": "Relation", "type": "string", "readOnly": True},
            "href": {"title": "Hypertext Reference", "type": "string", "format": "uri", "readOnly": True},
        },
    }
}
_OWNERS = {"transaction": "custbody", "entity": "custentity", "item": "custitem"}


def catalog_list(base: str, selected: frozenset[str]) -> dict[str, object]:
    """Return the catalog of record types; `selected` (lower case) narrows it, empty means all."""
    items: list[object] = []
    for lower, kind in sorted(RECORD_TYPES.items()):
        if selected and lower not in selected:
            continue
        href = f"{base}/metadata-catalog/{kind.name}"
        links: list[object] = [{"rel": "canonical", "href": href}]
        links += [{"rel": "alternate", "href": href, "mediaType": media} for media in (SWAGGER_TYPE, SCHEMA_TYPE)]
        items.append({"name": kind.name, "links": links})
    return {"items": items, "links": [{"rel": "self", "href": f"{base}/metadata-catalog"}]}


def record_schema(books: NetSuiteBooks, kind: RecordType) -> dict[str, object]:
    """Return the draft-06 schema of a record type as this account has it, with its custom fields."""
    hidden = books.hidden_fields()
    properties: dict[str, object] = {
        "links": {"title": "Links", "type": "array", "readOnly": True, "items": {"$ref": _LINK}},
        "id": {"title": "Internal ID", "type": "string", "nullable": True},
    }
    for lower, spec in kind.fields.items():
        if lower not in hidden:
            properties[spec.name] = _property(spec)
    owner = _OWNERS.get(kind.family)
    for name in books.settings.custom_fields:
        if owner and name.startswith(owner):
            properties[name] = _text(name.upper()) | {"x-ns-custom-field": True}
    for lower, sublist in kind.sublists.items():
        if lower not in hidden:
            properties[sublist.name] = _collection(sublist.name, sublist.fields)
    schema: dict[str, object] = {
        "$schema": "http://json-schema.org/draft-06/hyper-schema#",
        "type": "object",
        "title": kind.name,
        "properties": properties,
        "x-ns-filterable": [spec.name for spec in kind.fields.values() if spec.kind is not Kind.ADDRESS],
    }
    required = [s.name for lower, s in kind.fields.items() if s.required and lower not in hidden]
    return schema | ({"required": required} if required else {})


def _text(title: str) -> dict[str, object]:
    return {"title": title, "type": "string", "nullable": True}


def _property(spec: FieldSpec) -> dict[str, object]:
    title: dict[str, object] = {"title": spec.label or spec.name, "nullable": not spec.required}
    if spec.computed:
        title["readOnly"] = True
    match spec.kind:
        case Kind.NUMBER:
            return title | {"type": "number", "format": "double"}
        case Kind.INTEGER:
            return title | {"type": "integer", "format": "int64"}
        case Kind.BOOLEAN:
            return title | {"type": "boolean"}
        case Kind.DATE:
            return title | {"type": "string", "format": "date"}
        case Kind.MOMENT:
            return title | {"type": "string", "format": "date-time"}
        case Kind.REFERENCE:
            return title | {"type": "object", "properties": _named(_text("Internal identifier"))}
        case Kind.ENUM:
            options = {"enum": sorted(ENUMS[spec.target])} if spec.target in ENUMS else {}
            return title | {"type": "object", "properties": _named(_text("Internal identifier") | options)}
        case Kind.ADDRESS:
            return title | {"type": "object", "properties": {s.name: _property(s) for s in ADDRESS_FIELDS.values()}}
        case Kind.TEXT:
            return title | {"type": "string"}


def _named(identifier: dict[str, object]) -> dict[str, object]:
    return {
        "id": identifier,
        "refName": _text("Reference Name"),
        "externalId": _text("External identifier"),
        "links": {"type": "array", "readOnly": True, "items": {"$ref": _LINK}},
    }


def _collection(name: str, fields: Mapping[str, FieldSpec]) -> dict[str, object]:
    row = {"type": "object", "properties": {spec.name: _property(spec) for spec in fields.values()}}
    properties = {
        "items": {"type": "array", "items": row},
        "count": {"type": "integer"},
        "hasMore": {"type": "boolean"},
        "offset": {"type": "integer"},
        "totalResults": {"type": "integer"},
        "links": {"type": "array", "readOnly": True, "items": {"$ref": _LINK}},
    }
    return {"title": name, "type": "object", "properties": properties}
