"""Mirrored orders and their lines as records: of now, or as they were at a version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from sync.records import Order, OrderLine
from sync.store.lists import as_list, listed

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Key", "read_every_version", "read_lines", "read_lines_at", "read_orders", "read_orders_at"]

#: (channel, order id)
Key = tuple[str, str]

_ORDER = [f.name for f in fields(Order)]
_LINE = [f.name for f in fields(OrderLine)]


def read_orders(evidence: Evidence, keys: Sequence[Key]) -> dict[Key, Order]:
    """Return the mirrored orders of these (channel, order id)."""
    rows = evidence.cursor.execute(
        f"SELECT {', '.join(_ORDER)} FROM orders WHERE order_id IN (SELECT unnest({as_list('$1')}))",  # noqa: S608
        [listed(k[1] for k in keys)],
    ).fetchall()
    found = (Order(*row) for row in rows)
    wanted = set(keys)
    return {(o.channel, o.order_id): o for o in found if (o.channel, o.order_id) in wanted}


def read_lines(evidence: Evidence, keys: Sequence[Key]) -> dict[Key, list[OrderLine]]:
    """Return the lines of these orders by their position."""
    rows = evidence.cursor.execute(
        f"SELECT {', '.join(_LINE)} FROM order_lines WHERE order_id IN (SELECT unnest({as_list('$1')}))"  # noqa: S608
        " ORDER BY channel, order_id, position",
        [listed(k[1] for k in keys)],
    ).fetchall()
    found: dict[Key, list[OrderLine]] = {}
    for row in rows:
        line = OrderLine(*row)
        found.setdefault((line.channel, line.order_id), []).append(line)
    return found


def read_every_version(evidence: Evidence, keys: Sequence[Key]) -> list[Order]:
    """Return these orders as they were at each version that was seen."""
    rows = evidence.cursor.execute(
        f"SELECT {', '.join(_ORDER)} FROM orders_versions WHERE order_id IN (SELECT unnest({as_list('$1')}))",  # noqa: S608
        [listed(k[1] for k in keys)],
    ).fetchall()
    wanted = set(keys)
    return [order for order in (Order(*row) for row in rows) if (order.channel, order.order_id) in wanted]


def read_orders_at(evidence: Evidence, versions: Sequence[tuple[Key, int]]) -> dict[Key, Order]:
    """Return orders as they were at the named versions."""
    rows = evidence.cursor.execute(
        f"SELECT {', '.join(_ORDER)}, version FROM orders_versions"  # noqa: S608 - our names
        " WHERE order_id IN (SELECT unnest($1::VARCHAR[]))",
        [[k[1] for k, _ in versions]],
    ).fetchall()
    wanted = dict(versions)
    found = [(Order(*row[:-1]), row[-1]) for row in rows]
    return {(o.channel, o.order_id): o for o, v in found if wanted.get((o.channel, o.order_id)) == v}


def read_lines_at(evidence: Evidence, versions: Sequence[tuple[Key, int]]) -> dict[Key, list[OrderLine]]:
    """Return the lines of orders as they were at the named versions, by their position."""
    rows = evidence.cursor.execute(
        f"SELECT {', '.join(_LINE)}, version FROM order_lines_versions"  # noqa: S608 - our names
        " WHERE order_id IN (SELECT unnest($1::VARCHAR[])) ORDER BY channel, order_id, position",
        [[k[1] for k, _ in versions]],
    ).fetchall()
    wanted = dict(versions)
    found: dict[Key, list[OrderLine]] = {}
    for *values, version in rows:
        line = OrderLine(*values)
        key = (line.channel, line.order_id)
        if wanted.get(key) == version:
            found.setdefault(key, []).append(line)
    return found
