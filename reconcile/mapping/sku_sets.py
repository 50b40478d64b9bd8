"""A set of items as a person writes it: `TEA=2, LID` beside the first item."""

from __future__ import annotations

from typing import Any

import duckdb

from reconcile.mapping.skus import members_problem
from sync.errors import BadInput

__all__ = ["set_of"]


def set_of(cursor: duckdb.DuckDBPyConnection, item_id: str, quantity: str, further: str) -> dict[str, Any]:
    """Return the decision's value for an item with further ones, each NAME or NAME=QUANTITY, parted by commas.

    Without further items it is that of the item alone. The price is split by the number of items.

    Raises:
        BadInput: a further item is none of the ERP's or several, or its quantity is no number above zero.
    """
    rows = [{"item_id": item_id, "quantity": quantity}]
    for text in filter(None, (part.strip() for part in further.split(","))):
        name, _, count = text.partition("=")
        rows.append({"item_id": _item_named(cursor, name.strip()), "quantity": count.strip() or "1"})
    if len(rows) == 1:
        return dict(rows[0])
    if wrong := members_problem(rows):
        raise BadInput(wrong, value=further, remedy="Write NAME or NAME=QUANTITY, parted by commas: TEA=2, LID")
    return {"items": rows}


def _item_named(cursor: duckdb.DuckDBPyConnection, text: str) -> str:
    """Return the id of the item with this name or id."""
    found = cursor.execute(
        "SELECT item_id FROM items WHERE NOT inactive AND (lower(name) = lower($1) OR item_id = $1) ORDER BY item_id",
        [text],
    ).fetchall()
    if len(found) != 1:
        raise BadInput(
            "no item of NetSuite has this name" if not found else f"{len(found)} items of NetSuite have this name",
            value=text,
            remedy="Write its name or its internal id as NetSuite shows it",
        )
    return str(found[0][0])
