"""Which ERP items a channel's SKU is: by decision, else by the item's exact name.

A kit or an assembly of the ERP is one item: the ERP moves its members. A set that the ERP does not know as one item is
mapped to its members: `{"items": [{"item_id": "501", "quantity": "1", "share": "60"}, …]}`; shares say how the price of
the set is split (all of them or none; none: by the number of items). Every part of money is cut from the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import duckdb

from sync.money import allocate
from sync.ops.decisions import Decision

__all__ = ["NO_MEMBER", "Member", "Resolution", "members_problem", "resolve_skus", "sku_subject"]


@dataclass(frozen=True, slots=True)
class Member:
    """One item of what a SKU stands for: `factor` items in one unit sold, `weight` its part of the price."""

    item_id: str
    item_name: str | None
    factor: Decimal
    weight: Decimal


#: What stands for a SKU that stands for nothing, where amounts are shown all the same.
NO_MEMBER = Member("", None, Decimal(1), Decimal(1))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a SKU stands for, or why it stands for nothing.

    `factor`: items in one unit sold (a case of 12 sold as one SKU: 12). `problem` is None exactly when the SKU stands
    for items that can be sold. A set of several items has no `item_id`; ask `parts`.
    """

    channel: str
    sku: str
    item_id: str | None = None
    item_name: str | None = None
    factor: Decimal = Decimal(1)
    how: str = ""
    problem: str | None = None
    #: The items of a set, more than one.
    members: tuple[Member, ...] = ()

    @property
    def parts(self) -> tuple[Member, ...]:
        """Return the items that the SKU stands for; none where it stands for nothing."""
        if self.problem is not None or (self.item_id is None and not self.members):
            return ()
        return self.members or (Member(self.item_id or "", self.item_name, self.factor, Decimal(1)),)

    @property
    def name(self) -> str | None:
        """Return what people call it: the item's name, or those of a set."""
        return " + ".join(m.item_name or m.item_id for m in self.members) if self.members else self.item_name

    def items(self, units: Decimal | int) -> dict[str, Decimal]:
        """Return how many of each item so many units sold are."""
        return {m.item_id: units * m.factor for m in self.parts}

    def split(self, amount: Decimal, currency: str) -> list[Decimal]:
        """Return an amount of the SKU by its items; they add to it exactly (largest remainder)."""
        parts = self.parts
        return [amount] if len(parts) <= 1 else allocate(amount, [m.weight for m in parts], currency)

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
    by_id = _items(cursor, "item_id", [i for d in decided.values() if d is not None for i in _ids(d)])
    by_name = _items(cursor, "lower(name)", [sku.lower() for _, sku in wanted])
    found: dict[tuple[str, str], Resolution] = {}
    for pair in wanted:
        held = decided[pair]
        if held is None:
            found[pair] = _by_name(pair, by_name.get(pair[1].lower(), []))
        elif "items" in held.value:
            found[pair] = _set_by_decision(pair, held, by_id)
        else:
            found[pair] = _by_decision(pair, held, by_id.get(str(held.value["item_id"]), []))
    return found


def members_problem(rows: object) -> str | None:
    """Return what is wrong with the items of a set as a decision names them, None where they can be used."""
    if not isinstance(rows, Sequence) or isinstance(rows, str) or len(rows) < 2:
        return "items is a list of two items or more; one item is item with its quantity"
    if not all(isinstance(row, Mapping) and row.get("item_id") for row in rows):
        return "each of items has an item (or item_id)"
    if extra := sorted({str(key) for row in rows for key in row} - {"item_id", "quantity", "share"}):
        return f"an item of a set has no field {', '.join(extra)}"
    if len({str(row["item_id"]) for row in rows}) < len(rows):
        return "items names an item twice: add its quantities up"
    if any(_positive(row.get("quantity", "1")) is None for row in rows):
        return "quantity is the number of items in one unit sold, above zero"
    shares = [row["share"] for row in rows if row.get("share") is not None]
    if shares and (len(shares) < len(rows) or any(_positive(s) is None for s in shares)):
        return "share is a number above zero, for all items or for none"
    return None


def _ids(decision: Decision) -> list[str]:
    rows = decision.value.get("items")
    if rows is None:
        return [str(decision.value["item_id"])]
    return [str(row["item_id"]) for row in rows] if members_problem(rows) is None else []


def _set_by_decision(pair: tuple[str, str], decision: Decision, known: Mapping[str, Sequence[_Item]]) -> Resolution:
    rows: Sequence[Mapping[str, Any]] = decision.value["items"]
    wrong = members_problem(rows)
    if wrong is not None:
        return Resolution(*pair, problem=f"is mapped to a set that cannot be used: {wrong}")
    members = []
    for row in rows:
        one = _by_decision(pair, replace(decision, value=row), list(known.get(str(row["item_id"]), [])))
        if one.problem is not None or one.item_id is None:
            return one
        weight = _positive(row["share"]) if row.get("share") is not None else one.factor
        members.append(Member(one.item_id, one.item_name, one.factor, weight or one.factor))
    return Resolution(*pair, how=f"decided by {decision.decided_by}", members=tuple(members))


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
    return _positive(decision.value.get("quantity", "1"))


def _positive(said: object) -> Decimal | None:
    try:
        number = Decimal(str(said))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > 0 else None
