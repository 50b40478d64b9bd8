"""Whether the records that a routing names can be used: found and active, as far as the mirror knows them."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from reconcile.mapping.routing import Routing

__all__ = ["RoutedProblem", "routing_problem"]

#: Field of a routing → (what it is in words, table, id, name).
_RECORDS = {
    "subsidiary_id": ("subsidiary", "subsidiaries", "subsidiary_id", "name"),
    "location_id": ("location", "locations", "location_id", "name"),
    "channel_location_id": ("location", "locations", "location_id", "name"),
    "customer_id": ("customer", "customers", "customer_id", "entity_id"),
    "shipping_item_id": ("item", "items", "item_id", "name"),
    "discount_item_id": ("item", "items", "item_id", "name"),
    "gift_wrap_item_id": ("item", "items", "item_id", "name"),
    "tax_item_id": ("item", "items", "item_id", "name"),
    "cash_account_id": ("account", "accounts", "account_id", "name"),
}


@dataclass(frozen=True, slots=True)
class RoutedProblem:
    """One field of a routing whose record cannot be used."""

    field: str
    problem: str


def routing_problem(cursor: duckdb.DuckDBPyConnection, routing: Routing) -> RoutedProblem | None:
    """Return the first record of a routing that is inactive, or that the ERP does not have.

    Of a list that was never read nothing is said.
    """
    for field, (word, table, key, name) in _RECORDS.items():
        value = getattr(routing, field)
        if value is None:
            continue
        rows = cursor.execute(
            f"SELECT {name}, inactive FROM {table} WHERE {key} = $1",  # noqa: S608 - our names
            [value],
        ).fetchall()
        if rows and rows[0][1]:
            return RoutedProblem(field, f"the {word} {rows[0][0]} is inactive in NetSuite")
        if not rows and cursor.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone():  # noqa: S608 - our names
            return RoutedProblem(field, f"NetSuite has no {word} {value}")
    return None
