"""The breakdown trees of finances 2024-06-19: their leaves, by path, which must add to the amount above them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sync.amazon.pages import Unreadable, amount_of

__all__ = ["Leaf", "leaves_of"]

_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Leaf:
    """One amount without parts; `category` is its path, `Sales/ProductCharges/Principal`."""

    category: str
    amount: Decimal
    currency: str


def leaves_of(breakdowns: object, above: str = "") -> list[Leaf]:
    """Return the leaves of a list of breakdowns (null: none), in their order.

    Raises:
        Unreadable: a node without amount, or a tree deeper than any that makes sense.
    """
    return list(_walk(breakdowns, above, 0))


def _walk(breakdowns: object, above: str, depth: int) -> Iterator[Leaf]:
    nodes = [breakdowns] if isinstance(breakdowns, Mapping) else breakdowns
    if nodes is None:
        return
    if not isinstance(nodes, list) or depth > _DEEPEST:
        raise Unreadable("the breakdowns are no list of amounts")
    for node in nodes:
        if not isinstance(node, Mapping):
            raise Unreadable("a breakdown is not an object")
        name = str(node.get("breakdownType") or "?")
        path = f"{above}/{name}" if above else name
        if node.get("breakdowns"):
            yield from _walk(node["breakdowns"], path, depth + 1)
        else:
            amount, currency = amount_of(node.get("breakdownAmount"), path)
            yield Leaf(path, amount, currency)
