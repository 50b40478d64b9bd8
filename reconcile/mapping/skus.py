"""Which ERP item a channel's SKU is: by decision, else by the item's exact name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import duckdb

from sync.ops.decisions import Decision

__all__ = ["Resolution", "resolve_skus", "sku_subject"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a SKU stands for, or why it stands for nothing.

    `factor`: items in one unit sold (a case of 12 sold as one SKU: 12). `problem` is None exactly when `item_id` is
    an item that can be sold.
    """

    channel: str
    sku: str
    item_id: str | None = None
    item_name: str | None = None
    factor: Decimal = Decimal(1)
    how: str = ""
    problem: str | None = None

    @property
    def cause_id(self) -> str:
        """Return the fingerprint that everything blocked by this SKU shares."""
        return f"sku|{self.channel}|{self.sku}"

    @property
    def cause(self) -> str:
        """Return the problem as a sentence about the SKU."""
        return f"item {self.sku} {self.problem}"


@dataclass(frozen=True, slots=True)
class _Item:
    item_id: str
    name: str
    inactive: bool


def sku_subject(channel: str, sku: str) -> str:
    """Return the subject of a decision of kind `sku`: `amazon.US|B0C7`; `*|B0C7` holds for all channels."""
    return f"{channel}|{sku}"


def resolve_skus(
    cursor: duckdb.DuckDBPyConnection, pairs: Iterable[tuple[str, str]], decisions: Mapping[str, Decision]
) -> dict[tuple[str, str], Resolution]:
    """Resolve (channel, SKU) pairs: decision of the channel, decision of all channels, exact item name.

    Names compare without regard to letter case, as the ERP itself does. A UPC is evidence for a person, never a match.
    """
    wanted = sorted(set(pairs))
    decided = {pair: _decision(pair, decisions) for pair in wanted}
    by_id = _items(cursor, "item_id", [str(d.value["item_id"]) for d in decided.values() if d is not None])
    by_name = _items(cursor, "lower(name)", [sku.lower() for _, sku in wanted])
    found: dict[tuple[str, str], Resolution] = {}
    for pair in wanted:
        held = decided[pair]
        if held is None:
            found[pair] = _by_name(pair, by_name.get(pair[1].lower(), []))
        else:
            found[pair] = _by_decision(pair, held, by_id.get(str(held.value["item_id"]), []))
    return found


def _decision(pair: tuple[str, str], decisions: Mapping[str, Decision]) -> Decision | None:
    channel, sku = pair
    return decisions.get(sku_subject(channel, sku)) or decisions.get(sku_subject("*", sku))


def _items(cursor: duckdb.DuckDBPyConnection, key: str, values: list[str]) -> dict[str, list[_Item]]:
    if not values:
        return {}
    rows = cursor.execute(
        f"SELECT {key}, item_id, name, inactive FROM items WHERE {key} IN (SELECT unnest($1)) ORDER BY item_id",  # noqa: S608 - our names
        [values],
    ).fetchall()
    found: dict[str, list[_Item]] = {}
    for value, item_id, name, inactive in rows:
        found.setdefault(value, []).append(_Item(item_id, name, inactive))
    return found


def _by_name(pair: tuple[str, str], named: list[_Item]) -> Resolution:
    active = [i for i in named if not i.inactive]
    if len(active) == 1:
        return Resolution(*pair, active[0].item_id, active[0].name, how="same name")
    if active:
        return Resolution(*pair, problem=f"names {len(active)} items: {', '.join(i.item_id for i in active)}")
    if named:
        return Resolution(*pair, problem=f"is inactive in NetSuite (item {named[0].item_id})")
    return Resolution(*pair, problem="is not mapped")


def _by_decision(pair: tuple[str, str], decision: Decision, known: list[_Item]) -> Resolution:
    item_id = str(decision.value["item_id"])
    if not known:
        return Resolution(*pair, problem=f"is mapped to item {item_id}, which NetSuite does not have")
    if known[0].inactive:
        return Resolution(*pair, problem=f"is mapped to {known[0].name}, which is inactive in NetSuite")
    factor = _factor(decision)
    if factor is None:
        return Resolution(*pair, problem=f"is mapped to {known[0].name} with a quantity that is no positive number")
    return Resolution(*pair, item_id, known[0].name, factor, how=f"decided by {decision.decided_by}")


def _factor(decision: Decision) -> Decimal | None:
    try:
        factor = Decimal(str(decision.value.get("quantity", "1")))
    except InvalidOperation:
        return None
    return factor if factor.is_finite() and factor > 0 else None
