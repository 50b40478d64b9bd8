"""How each record type is stored: its table, its key, its lines, its join keys and its clock."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sync import records
from sync.mirror.keys import join_key, reference_key

__all__ = ["ENTITIES", "LINES", "Entity", "LineEntity", "entity_of", "fields_of"]

_SCALE_FRACTION = {"exchange_rate": 8, "rate": 6}


@dataclass(frozen=True, slots=True)
class LineEntity:
    """The child table of an entity."""

    table: str
    record: type
    keys: Mapping[str, Callable[[Any], int | None]]


@dataclass(frozen=True, slots=True)
class Entity:
    """One mirrored kind of record.

    `key` are the columns that identify it; `clock` names the field with the vendor's time of change (None: our
    time decides); `keys` computes the extra BIGINT columns.
    """

    table: str
    record: type
    key: tuple[str, ...]
    clock: str | None
    keys: Mapping[str, Callable[[Any], int | None]]
    lines: LineEntity | None = None


def _key_of(field: str) -> Callable[[Any], int | None]:
    def compute(record: Any) -> int | None:
        value = getattr(record, field)
        return None if value is None else join_key(value)

    return compute


def _reference_of(field: str) -> Callable[[Any], int | None]:
    return lambda record: reference_key(getattr(record, field))


_ORDER_KEY = {"order_key": _key_of("order_id")}

ENTITIES: tuple[Entity, ...] = (
    Entity(
        "orders",
        records.Order,
        ("channel", "order_id"),
        "updated_at",
        {"order_key": _key_of("order_id"), "alternate_key": _key_of("alternate_id")},
        LineEntity("order_lines", records.OrderLine, _ORDER_KEY),
    ),
    Entity(
        "settlements",
        records.Settlement,
        ("channel", "settlement_id"),
        None,
        {},
        LineEntity("settlement_lines", records.SettlementLine, _ORDER_KEY),
    ),
    Entity("items", records.Item, ("item_id",), "updated_at", {}),
    Entity("customers", records.Customer, ("customer_id",), "updated_at", {}),
    Entity("accounts", records.Account, ("account_id",), None, {}),
    Entity("subsidiaries", records.Subsidiary, ("subsidiary_id",), None, {}),
    Entity("locations", records.Location, ("location_id",), None, {}),
    Entity("periods", records.Period, ("period_id",), None, {}),
    Entity(
        "transactions",
        records.Transaction,
        ("transaction_id",),
        "updated_at",
        {
            "external_key": _reference_of("external_id"),
            "other_key": _reference_of("other_reference"),
            "number_key": _reference_of("number"),
        },
        LineEntity("transaction_lines", records.TransactionLine, {}),
    ),
)

LINES: tuple[LineEntity, ...] = tuple(e.lines for e in ENTITIES if e.lines)
_BY_RECORD = {e.record: e for e in ENTITIES}


def entity_of(record: object) -> Entity:
    """Return how this record is stored."""
    return _BY_RECORD[type(record)]


@dataclass(frozen=True, slots=True)
class FieldType:
    """A field's storage type, the same in Arrow and SQL."""

    name: str
    python: type
    nullable: bool
    scale: int = 4

    @property
    def sql(self) -> str:
        """Return the SQL type of the column."""
        if self.python is Decimal:
            return f"DECIMAL(18,{self.scale})"
        if self.name == "byte_offset":
            return "BIGINT"
        return {str: "VARCHAR", int: "INTEGER", bool: "BOOLEAN", datetime: "TIMESTAMPTZ", date: "DATE"}[self.python]


def fields_of(record: type) -> list[FieldType]:
    """Return the typed columns of a record class, in order."""
    hints = typing.get_type_hints(record)
    found: list[FieldType] = []
    for field in dataclasses.fields(record):
        hint = hints[field.name]
        options = [a for a in typing.get_args(hint) if a is not type(None)]
        python = options[0] if options else hint
        found.append(FieldType(field.name, python, bool(options), _SCALE_FRACTION.get(field.name, 4)))
    return found
