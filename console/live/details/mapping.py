"""An unmapped SKU: candidates with evidence, the orders it blocks, what was decided before."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from console.desk import Block, Detail, Facts, Jump, Passage, Timeline, TimelineEntry
from console.present.amounts import money
from reconcile.mapping.skus import sku_subject
from reconcile.mapping.suggestions import suggest_items
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read"]

_ORDERS_SHOWN = 50


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: candidates, orders or history."""
    channel, _, sku = key.partition("|")
    if not sku:
        return None
    jumps: tuple[Jump, ...] = ()
    blocks: tuple[Block, ...]
    match tab:
        case "orders":
            passage, jumps = _orders(store, channel, sku)
            blocks = (passage,)
        case "history":
            blocks = (_history(store, channel, sku),)
        case _:
            blocks = _candidates(store, channel, sku)
    return Detail(f"{sku} ({channel})", blocks, jumps)


def _candidates(store: Store, channel: str, sku: str) -> tuple[Block, ...]:
    with store.database.reading() as cursor:
        title = cursor.execute(
            "SELECT any_value(title), any_value(product_id) FROM order_lines WHERE channel = $1 AND sku = $2",
            [channel, sku],
        ).fetchone()
        found = suggest_items(cursor, channel, sku, limit=6)
    sold = Facts(
        "Sold as", (("title", str((title and title[0]) or "—")), ("product id", str((title and title[1]) or "—")))
    )
    if not found:
        return (sold, Passage("Candidates", "No item of NetSuite is like it. m lets you choose any."))
    return (
        sold,
        *(
            Facts(
                f"{n}. {s.name}   score {s.score:.0f}",
                (("title", s.display_name or "—"), ("because", "; ".join(s.evidence))),
            )
            for n, s in enumerate(found, 1)
        ),
    )


def _orders(store: Store, channel: str, sku: str) -> tuple[Passage, tuple[Jump, ...]]:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            """
            SELECT d.subject, o.ordered_at, o.total, o.currency FROM discrepancies d
            JOIN orders o ON o.channel = d.channel AND o.order_id = d.subject
            WHERE d.control = 'order_missing' AND d.cause_id = $1 AND d.state <> 'resolved' ORDER BY o.ordered_at
            """,
            [f"sku|{channel}|{sku}"],
        ).fetchall()
    lines = [f"{order}  {at:%Y-%m-%d}  {money(total, currency)} {currency}" for order, at, total, currency in rows]
    more = [f"… and {len(lines) - _ORDERS_SHOWN} more"] if len(lines) > _ORDERS_SHOWN else []
    text = "\n".join([*lines[:_ORDERS_SHOWN], *more]) or "No order waits for it alone."
    jumps = tuple(Jump("orders", key=f"{channel}/{r[0]}") for r in rows[:9])
    return Passage(f"{len(rows)} orders wait for it", text, verbatim=True), jumps


def _mapped_to(value: Mapping[str, object]) -> str:
    rows = value.get("items")
    if not isinstance(rows, list):
        return f"item {value.get('item_id')}"
    return "set of " + ", ".join(f"{row.get('quantity', '1')} × item {row.get('item_id')}" for row in rows)


def _history(store: Store, channel: str, sku: str) -> Timeline:
    entries = []
    for d in store.decisions.history("sku", sku_subject(channel, sku)):
        what = "withdrawn" if d.withdrawn else _mapped_to(d.value)
        entries.append(
            TimelineEntry(d.decided_at.astimezone(UTC), "tieout", f"{d.decided_by}: {what} {d.reason}".strip())
        )
    return Timeline(tuple(entries))
