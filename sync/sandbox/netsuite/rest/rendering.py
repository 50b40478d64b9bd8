"""Records as the record service shows them: camelCase, references and enums as objects, links (CONTRACT §2.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.fields.enums import ENUMS, STATUS_NAMES
from sync.sandbox.netsuite.fields.types import FieldSpec, Kind, SublistSpec
from sync.sandbox.netsuite.fields.values import Value
from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.records.stored import Line, Stored
from sync.sandbox.netsuite.selling.settling import balance

__all__ = ["Shown", "key_text", "page_links", "rows_shown", "show_record", "show_sublist"]

Shown = dict[str, object]


def show_record(
    books: NetSuiteBooks, stored: Stored, base: str, *, expand: bool = False, simple_enums: bool = False
) -> Shown:
    """Return a record's JSON; `base` is the record service's address (`http://host/services/rest/record/v1`).

    `expand` shows sublists and addresses in full, `simple_enums` shows enums as their id alone.
    """
    own = f"{base}/{stored.kind.name}/{stored.id}"
    hidden = books.hidden_fields()
    shown: Shown = {"links": [{"rel": "self", "href": own}], "id": str(stored.id)}
    for lower, spec in stored.kind.fields.items():
        if lower in hidden:
            continue
        value = stored.fields.get(spec.name)
        if spec.name in ("createdDate", "dateCreated"):
            value = stored.created
        elif spec.name == "lastModifiedDate":
            value = stored.modified
        elif spec.name == "balance":
            value = balance(books, stored)
        if value is not None:
            shown[spec.name] = _show(books, stored, spec, value, base, own, expand, simple_enums)
    shown |= {name: value for name, value in stored.fields.items() if name.startswith("cust")}
    for lower, sublist in stored.kind.sublists.items():
        if lower not in hidden:
            shown[sublist.name] = (
                show_sublist(books, stored, sublist, base, simple_enums=simple_enums)
                if expand
                else {"links": [{"rel": "self", "href": f"{own}/{sublist.name}"}]}
            )
    return shown


def show_sublist(
    books: NetSuiteBooks, stored: Stored, sublist: SublistSpec, base: str, *, simple_enums: bool = False
) -> Shown:
    """Return a sublist as a collection with all its rows."""
    own = f"{base}/{stored.kind.name}/{stored.id}/{sublist.name}"
    items: list[Shown] = []
    for index, row in enumerate(rows_shown(books, stored, sublist), start=1):
        place = f"{own}/{key_text(sublist, row, index)}"
        shown: Shown = {"links": [{"rel": "self", "href": place}]}
        shown |= _show_row(books, stored, sublist, row, base, place, simple_enums)
        items.append(shown)
    links = [{"rel": "self", "href": own}]
    return {
        "links": links,
        "items": items,
        "count": len(items),
        "hasMore": False,
        "offset": 0,
        "totalResults": len(items),
    }


def rows_shown(books: NetSuiteBooks, stored: Stored, sublist: SublistSpec) -> list[Line]:
    """Return a sublist's rows, with what NetSuite reckons when it shows them: stock by place and by order line."""
    if sublist.name == "locations":
        return stock.places_of(books, stored)
    rows = stored.lines.get(sublist.name, [])
    if sublist.name == "item" and stored.kind.name in ("salesOrder", "transferOrder"):
        return [row | books.stock.of_line(stored, row) for row in rows]
    return rows


def key_text(sublist: SublistSpec, row: Line, index: int) -> str:
    """Return how a row is addressed: its key, several as `currencypage=1,pricelevel=1,quantity=10`, else its place."""
    parts = {name: row.get(name) for name in sublist.key}
    if not parts or all(value is None for value in parts.values()):
        return str(index)
    if len(parts) == 1:
        return str(next(iter(parts.values())))
    return ",".join(f"{name.lower()}={value}" for name, value in parts.items())


def _show_row(
    books: NetSuiteBooks, stored: Stored, sublist: SublistSpec, row: Line, base: str, place: str, simple_enums: bool
) -> Shown:
    shown: Shown = {}
    for name, value in row.items():
        spec = sublist.fields.get(name.lower())
        if spec is not None and value is not None:
            shown[spec.name] = _show(books, stored, spec, value, base, place, True, simple_enums)
        elif name.startswith("cust"):
            shown[name] = value
    return shown


def _show(
    books: NetSuiteBooks,
    stored: Stored,
    spec: FieldSpec,
    value: Value,
    base: str,
    own: str,
    expand: bool,
    simple_enums: bool,
) -> object:
    if spec.kind is Kind.REFERENCE:
        return _reference(books, spec, value, base)
    if spec.kind is Kind.ENUM:
        return str(value) if simple_enums else _enum(stored, spec, str(value))
    if spec.kind is Kind.ADDRESS and isinstance(value, Mapping):
        link = {"links": [{"rel": "self", "href": f"{own}/{spec.name}"}]}
        return link | dict(value) if expand else link
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _reference(books: NetSuiteBooks, spec: FieldSpec, value: Value, base: str) -> Shown:
    target = books.look(spec.target, value)
    if target is None:
        return {"links": [], "id": str(value)}
    href = f"{base}/{target.kind.name}/{target.id}"
    return {"links": [{"rel": "self", "href": href}], "id": str(target.id), "refName": target.title}


def _enum(stored: Stored, spec: FieldSpec, value: str) -> Shown:
    names = STATUS_NAMES.get(stored.kind.type_code, {}) if spec.name == "status" else ENUMS.get(spec.target, {})
    return {"id": value, "refName": names.get(value, value)}


def page_links(address: str, query: Sequence[tuple[str, str]], limit: int, offset: int, total: int) -> list[Shown]:
    """Return self, and first, prev, next and last where they apply, as absolute addresses."""
    kept = [(name, value) for name, value in query if name not in ("limit", "offset")]

    def link(rel: str, at: int) -> Shown:
        return {"rel": rel, "href": f"{address}?{urlencode([*kept, ('limit', limit), ('offset', at)])}"}

    last = max(total - 1, 0) // limit * limit
    links = [link("self", offset)]
    if offset > 0:
        links += [link("first", 0), link("prev", max(offset - limit, 0))]
    if offset + limit < total:
        links += [link("next", offset + limit), link("last", last)]
    return links
