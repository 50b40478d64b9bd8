"""Read JSON values of a request body into exact ones, with NetSuite's refusals for what does not fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation

from sync.sandbox.netsuite.fields.enums import COUNTRIES, ENUMS
from sync.sandbox.netsuite.fields.served import ADDRESS_FIELDS
from sync.sandbox.netsuite.fields.types import FieldSpec, Kind, RecordType, SublistSpec
from sync.sandbox.netsuite.wire.refusals import Refused, invalid_value

__all__ = ["ParsedBody", "Resolve", "Value", "check_external_id", "parse_body", "unknown_name_text"]

#: A stored value: references are internal ids (int where the target is kept here, else text).
Value = str | int | bool | Decimal | date | datetime | dict[str, str] | None

#: (target, reference as sent, field, path) → internal id.
Resolve = Callable[[str, Mapping[str, object], str, str], int | str]

_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]{1,255}\Z")


@dataclass(slots=True)
class ParsedBody:
    """A body in the words of the field table; a sublist that was sent as null is an empty list in `emptied`."""

    fields: dict[str, Value] = field(default_factory=dict)
    sublists: dict[str, list[dict[str, Value]]] = field(default_factory=dict)
    emptied: set[str] = field(default_factory=set)
    #: Names that the record does not have, with the path where they stood.
    unknown: list[str] = field(default_factory=list)


def check_external_id(text: str) -> str:
    """Return the external id, or refuse characters that break `eid:` addressing (letters, digits, `_`, `-` only)."""
    if not _EXTERNAL_ID.match(text):
        raise invalid_value(text, "externalId", "externalId")
    return text


def parse_body(
    kind: RecordType, body: Mapping[str, object], *, resolve: Resolve, skipped: frozenset[str], custom: tuple[str, ...]
) -> ParsedBody:
    """Read a request body; `skipped` names fields this account does not have, `custom` its custom fields.

    Raises:
        Refused: for a value of the wrong kind, an unknown option or a reference to nothing.
    """
    parsed = ParsedBody()
    for name, value in body.items():
        lower = name.lower()
        if lower in skipped:
            parsed.unknown.append(name)
        elif lower in kind.sublists:
            if not kind.sublists[lower].computed:
                _parse_sublist(parsed, kind.sublists[lower], value, _Reading(resolve, skipped, custom))
        elif lower in kind.fields:
            spec = kind.fields[lower]
            if not spec.computed:
                parsed.fields[spec.name] = _read(spec, value, spec.name, resolve)
        elif lower in custom:
            parsed.fields[lower] = _read(FieldSpec(lower, Kind.TEXT), value, lower, resolve)
        elif lower not in ("id", "links", "refname"):
            parsed.unknown.append(name)
    external = parsed.fields.get("externalId")
    if isinstance(external, str):
        check_external_id(external)
    return parsed


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the account knows while a body is read."""

    resolve: Resolve
    skipped: frozenset[str]
    custom: tuple[str, ...]


def _parse_sublist(parsed: ParsedBody, spec: SublistSpec, value: object, reading: _Reading) -> None:
    if value is None:
        parsed.emptied.add(spec.name)
        return
    items = next((v for k, v in value.items() if k.lower() == "items"), None) if isinstance(value, Mapping) else None
    if not isinstance(items, list):
        raise invalid_value(str(value)[:60], spec.name, spec.name)
    rows = parsed.sublists.setdefault(spec.name, [])
    for index, item in enumerate(items):
        path = f"{spec.name}.items[{index}]"
        if not isinstance(item, Mapping):
            raise invalid_value(str(item)[:60], spec.name, path)
        rows.append(_parse_line(parsed, spec, item, path, reading))


def _parse_line(
    parsed: ParsedBody, spec: SublistSpec, item: Mapping[str, object], path: str, reading: _Reading
) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for name, value in item.items():
        lower = name.lower()
        column = spec.fields.get(lower)
        if lower in reading.skipped:
            parsed.unknown.append(f"{path}.{name}")
        elif column is not None:
            if not column.computed:
                row[column.name] = _read(column, value, f"{path}.{column.name}", reading.resolve)
        elif lower in reading.custom:
            row[lower] = _read(FieldSpec(lower, Kind.TEXT), value, f"{path}.{name}", reading.resolve)
        elif name.lower() not in ("links", "id", "refname"):
            parsed.unknown.append(f"{path}.{name}")
    return row


def _read(spec: FieldSpec, value: object, path: str, resolve: Resolve) -> Value:
    if value is None:
        return None
    read = _READERS.get(spec.kind)
    if read is not None:
        return read(spec, value, path)
    if not isinstance(value, Mapping):
        raise invalid_value(value, spec.name, path)
    return resolve(spec.target, value, spec.name, path)


def _text(spec: FieldSpec, value: object, path: str) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise invalid_value(value, spec.name, path)
    return str(value) or None  # an empty text is no text, as in Oracle


def _number(spec: FieldSpec, value: object, path: str) -> Decimal:
    if isinstance(value, float):
        raise TypeError(f"{path} is a float and may have lost cents; give a Decimal or text")
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise invalid_value(value, spec.name, path)
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise invalid_value(value, spec.name, path) from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise invalid_value(value, spec.name, path)
    return number


def _integer(spec: FieldSpec, value: object, path: str) -> int:
    number = _number(spec, value, path)
    if number != number.to_integral_value():
        raise invalid_value(value, spec.name, path)
    return int(number)


def _boolean(spec: FieldSpec, value: object, path: str) -> bool:
    if isinstance(value, bool):
        return value
    raise invalid_value(value, spec.name, path)


def _date(spec: FieldSpec, value: object, path: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise invalid_value(value, spec.name, path) from None


def _moment(spec: FieldSpec, value: object, path: str) -> datetime:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise invalid_value(value, spec.name, path) from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _enum(spec: FieldSpec, value: object, path: str) -> str:
    chosen = value.get("id") if isinstance(value, Mapping) else value
    options = ENUMS.get(spec.target)
    if not isinstance(chosen, str | int) or isinstance(chosen, bool):
        raise invalid_value(chosen, spec.name, path)
    if options is not None and str(chosen) not in options:
        raise invalid_value(chosen, spec.name, path)
    return str(chosen)


def _address(spec: FieldSpec, value: object, path: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise invalid_value(value, spec.name, path)
    found: dict[str, str] = {}
    for name, part in value.items():
        column = ADDRESS_FIELDS.get(name.lower())
        if column is None:
            raise Refused(400, "INVALID_CONTENT", unknown_name_text(name), where={"o:errorPath": f"{path}.{name}"})
        text = part.get("id") if isinstance(part, Mapping) else part
        if column.name == "country" and text not in (None, "") and text not in COUNTRIES:
            raise invalid_value(text, "country", f"{path}.{name}")
        if text not in (None, ""):
            found[column.name] = str(text)
    return found


def unknown_name_text(name: str) -> str:
    """Return the words for a name that the record does not have (the wording is assumed, no source quotes it)."""
    return f"Error while accessing resource: Unknown field name '{name}' in the request body."


_READERS: Mapping[Kind, Callable[[FieldSpec, object, str], Value]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.MOMENT: _moment,
    Kind.ENUM: _enum,
    Kind.ADDRESS: _address,
}
