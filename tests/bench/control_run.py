"""A full run of all controls, first and once more, one after a pull without news, and those after one thing changed.

Each is measured against one bare full outer join of the same tables.
"""

from __future__ import annotations

import shutil
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from reconcile.cycle import CycleResult, run_cycle
from sync.clock import ManualClock
from sync.mirror.entities import ENTITIES
from sync.records import Order, OrderLine, Settlement, SettlementLine, Transaction, TransactionLine
from sync.store.store import Store
from sync.streams import Batch, Document, Window
from tests.bench.company import NOW, STREAMS, database, names_of
from tests.bench.figures import Figure, median_s, once_s

__all__ = ["figures"]

_CHANGES = ("one order has changed", "one document of the ERP has changed", "a settlement of 90 lines has come")
_BATCH = 90
_JOIN = """
SELECT count(*), count(o.order_id), count(t.external_id), count(l.order_id), sum(l.amount)
FROM orders o FULL OUTER JOIN transactions t ON t.external_key = o.order_key
FULL OUTER JOIN settlement_lines l ON l.order_key = coalesce(o.order_key, t.external_key)
"""


def figures(folder: Path, orders: int) -> list[Figure]:
    """Return the times of a first cycle (everything is found) and of later ones, in which little or nothing moved."""
    path = folder / "controls.duckdb"
    shutil.copy(database(folder, orders), path)
    clock = ManualClock(NOW)
    store = Store.open(path, clock)
    try:
        with store.database.reading() as cursor:
            join = median_s(lambda: cursor.execute(_JOIN).fetchall())
        full = once_s(lambda: run_cycle(store))
        # Once more: what settlements add up to is kept, and of the findings nothing is new.
        anew = once_s(lambda: run_cycle(store, full=True))
        again = [_again(store, clock) for _ in range(3)]
        changed = [[_again(store, clock, change(store, n)) for n in range(3)] for change in (_order, _document, _batch)]
    finally:
        store.close()
        path.unlink()
    size = f"{orders:,} orders, {3 * orders:,} settlement lines"
    return [
        Figure(f"full control run, {size}", full, "s", join, "full outer join", 3.0),
        Figure("everything judged anew", anew, "s", join, "full outer join", 3.0),
        Figure("after a pull without news", sorted(again)[1], "s", join, "full outer join", 3.0),
        *(
            Figure(f"after {what}", sorted(times)[1], "s", join, "full outer join", 3.0)
            for what, times in zip(_CHANGES, changed, strict=True)
        ),
    ]


def _again(store: Store, clock: ManualClock, *changes: tuple[str, Document]) -> float:
    """Return how long a cycle takes ten minutes later, when streams were read on and brought these documents."""
    since, until = clock.now(), clock.now() + timedelta(minutes=10)
    clock.advance(600)
    for name in STREAMS:
        store.mirror.commit(name, Batch(None, [], {}, covered=Window(since, until)), f"{until:%H%M%S}")
    for stream, document in changes:
        store.mirror.commit(stream, Batch(None, [document], {}), "changed")
    cycles: list[CycleResult] = []
    taken = once_s(lambda: cycles.append(run_cycle(store)))
    ran = [c.control for c in cycles[0].controls if not c.unchanged]
    assert changes or not ran, f"nothing had changed, and these ran: {ran}"
    assert cycles[0].is_quiet or any(isinstance(d.record, Settlement) for _, d in changes)
    return taken


def _order(store: Store, number: int) -> tuple[str, Document]:
    """Return another version of an order, as the marketplace sends it when nothing has changed that concerns us."""
    head, lines = _read(store, Order, OrderLine, "order_id = $1", [names_of(number)["order id"]])
    later = head["updated_at"] + timedelta(minutes=1 + number)
    return STREAMS[0], Document(Order(**head | {"updated_at": later}), tuple(OrderLine(**line) for line in lines))


def _document(store: Store, number: int) -> tuple[str, Document]:
    """Return another version of a sales order of the ERP, as it comes when nothing has changed that concerns us."""
    head, lines = _read(store, Transaction, TransactionLine, "transaction_id = $1", [str(100 + number)])
    changed = Transaction(**head | {"updated_at": head["updated_at"] + timedelta(minutes=1 + number)})
    return "netsuite.transactions", Document(changed, tuple(TransactionLine(**line) for line in lines))


def _batch(store: Store, number: int) -> tuple[str, Document]:
    """Return a settlement with the lines of a few orders, whose payment came in two parts."""
    first = f"settlement_id = '20000000000' AND channel = 'amazon.US' AND ordinal <= {_BATCH}"
    head, lines = _read(
        store, Settlement, SettlementLine, first, [], head="settlement_id = '20000000000' AND channel = 'amazon.US'"
    )
    name = f"2100000000{number}"
    total = sum((line["amount"] for line in lines), Decimal(0))
    values = {"settlement_id": name, "document_hash": name, "total": total, "line_count": len(lines)}
    return STREAMS[3], Document(
        Settlement(**head | values), tuple(SettlementLine(**line | {"settlement_id": name}) for line in lines)
    )


def _read(
    store: Store, record: type[Any], line: type[Any], where: str, asked: list[str], head: str | None = None
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a record of the mirror and its lines by their fields."""
    entity = next(e for e in ENTITIES if e.record is record)
    assert entity.lines is not None
    with store.database.reading() as cursor:
        row = cursor.execute(f"SELECT {_columns(record)} FROM {entity.table} WHERE {head or where}", asked).fetchone()
        lines = cursor.execute(f"SELECT {_columns(line)} FROM {entity.lines.table} WHERE {where}", asked).fetchall()
    assert row is not None
    names = [f.name for f in fields(line)]
    return dict(zip((f.name for f in fields(record)), row, strict=True)), [
        dict(zip(names, values, strict=True)) for values in lines
    ]


def _columns(record: type[Any]) -> str:
    return ", ".join(f.name for f in fields(record))
