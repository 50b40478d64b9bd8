"""What the drawer and the full page show of one record, a module a section."""

from __future__ import annotations

from collections.abc import Mapping

from console.desk import Detail
from console.live.details import calls, causes, discrepancies, mapping, orders, queue, settlements
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read_detail"]

_READERS = {
    "discrepancies": discrepancies.read,
    "causes": causes.read,
    "queue": queue.read,
    "settlements": settlements.read,
    "settlement": settlements.read_type,
    "mapping": mapping.read,
    "orders": orders.read,
    "log": calls.read,
}


def read_detail(
    store: Store, handlers: Mapping[tuple[str, str], Handler], section: str, key: str, tab: str
) -> Detail | None:
    """Return one tab of one record's detail, None where the record is gone."""
    reader = _READERS.get(section)
    return None if reader is None else reader(store, handlers, key, tab)
