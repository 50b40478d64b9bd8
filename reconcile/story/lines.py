"""What became of each line of an order: ordered, shipped, cancelled, returned, refunded, and the ERP's side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

from reconcile.mapping.skus import resolve_skus
from reconcile.story.models import OrderFacts, ReturnFacts, Settled, StoryLine
from sync.mirror.places import at_versions
from sync.ops.decisions import Decision

__all__ = ["ReadLines", "read_lines", "story_lines"]

_LINES = """
    position, channel, order_id, tracking_number, carrier, line_id, sku, title, status, quantity, quantity_shipped,
    quantity_cancelled, cancel_requested, delivered_at, item_price,
    item_tax + shipping_tax + gift_tax - discount_tax, shipping_price, gift_price, discount
"""
#: Returns that will bring nothing back.
_OVER = frozenset({"cancelled", "completed"})
#: Units ordered, moved and billed in the ERP.
_Units = tuple[Decimal | None, Decimal | None, Decimal | None]
ErpLines = Mapping[str, _Units]
_NONE: _Units = (None, None, None)


@dataclass(frozen=True, slots=True)
class ReadLines:
    """An order's lines as they are mirrored, in their order."""

    rows: tuple[tuple[Any, ...], ...]

    @property
    def tracked(self) -> list[tuple[str, str | None]]:
        """Return (tracking numbers joined by ", ", carrier) of the lines that have any."""
        return sorted({row[0]: row[1] for row in self.rows if row[0]}.items())


def read_lines(cursor: duckdb.DuckDBPyConnection, order: OrderFacts) -> ReadLines:
    """Return the lines of an order."""
    rows = sorted(at_versions(cursor, _LINES, "order_lines", [order.version]), key=lambda r: r[0])
    return ReadLines(tuple(row[3:] for row in rows if row[1:3] == (order.channel, order.order_id)))


def story_lines(
    cursor: duckdb.DuckDBPyConnection,
    order: OrderFacts,
    lines: ReadLines,
    returns: Sequence[ReturnFacts],
    refunds: Sequence[Settled],
    erp: ErpLines,
    skus: Mapping[str, Decision],
) -> tuple[StoryLine, ...]:
    """Return the order's lines. A return or refund that names no line is put on the first line of its SKU."""
    rows = [row[2:] for row in lines.rows]
    first: dict[str, str] = {}
    for line_id, sku, *_ in rows:
        first.setdefault(sku, line_id)
    back, asked, given = _returned(returns, [row[0] for row in rows], first)
    paid_back: dict[str, Decimal] = {}
    for s in refunds:
        line = first.get(s.sku or "") or (rows[0][0] if len(rows) == 1 else None)
        if line is not None and s.currency == order.currency:
            paid_back[line] = paid_back.get(line, Decimal(0)) - s.amount
    items = _items(cursor, order.channel, [row[1] for row in rows], skus) if erp else {}
    found = []
    for line_id, sku, title, status, quantity, shipped, cancelled, cancel_requested, arrived, *charges in rows:
        price, tax, shipping, gift, discount = charges
        found.append(
            StoryLine(
                line_id,
                sku,
                title,
                status,
                quantity,
                shipped,
                cancelled,
                back.get(line_id, 0),
                asked.get(line_id, 0),
                price,
                tax,
                shipping,
                gift,
                discount,
                # What was settled is certain; what a return says is what will be.
                paid_back.get(line_id, given.get(line_id)),
                *_of_items(erp, items.get(sku, ((sku, Decimal(1)),))),
                cancel_requested,
                arrived,
            )
        )
    return tuple(found)


def _returned(
    returns: Sequence[ReturnFacts], known: Sequence[str], first: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, int], dict[str, Decimal]]:
    """Return units received, units still on their way, and money given back by returns, each by line."""
    back, asked, given = dict[str, int](), dict[str, int](), dict[str, Decimal]()
    for r in returns:
        for of_line, sku, units, received, refund in r.lines:
            line = of_line if of_line in known else first.get(sku)
            if line is None:
                continue
            back[line] = back.get(line, 0) + received
            if r.status not in _OVER and r.kind == "return":
                asked[line] = asked.get(line, 0) + max(units - received, 0)
            if refund is not None and r.status == "completed":
                given[line] = given.get(line, Decimal(0)) + refund
    return back, asked, given


def _items(
    cursor: duckdb.DuckDBPyConnection, channel: str, skus: Sequence[str], decisions: Mapping[str, Decision]
) -> dict[str, tuple[tuple[str, Decimal], ...]]:
    """Return the ERP's items of each SKU that is mapped, by name, with how many of each make one unit."""
    found = resolve_skus(cursor, [(channel, sku) for sku in skus], decisions)
    parts = {sku: found[channel, sku].parts for sku in skus}
    return {sku: tuple((m.item_name or sku, m.factor) for m in of_sku) for sku, of_sku in parts.items() if of_sku}


def _of_items(erp: Mapping[str, _Units], items: Sequence[tuple[str, Decimal]]) -> _Units:
    """Return what the ERP has of an item; of a set as many as the scarcest of its items makes."""
    held = [(erp.get(name.lower(), _NONE), factor) for name, factor in items]
    if len(held) == 1:
        return held[0][0]
    whole = [[Decimal(0) if n is None else n // factor for n in of_item] for of_item, factor in held]
    shown = [any(of_item[i] is not None for of_item, _ in held) for i in range(3)]
    sets = [min(counts) if is_shown else None for counts, is_shown in zip(zip(*whole, strict=True), shown, strict=True)]
    return (sets[0], sets[1], sets[2])
