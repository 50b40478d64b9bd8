"""What the drawer and the full page show of one record, a module a section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from console.desk import Detail
from console.live.closes import read_close
from console.live.details import (
    bank,
    bridge,
    calls,
    causes,
    customers,
    discrepancies,
    documents,
    line_types,
    mapping,
    orders,
    queue,
    returns,
    settlements,
    shipments,
)
from console.live.dimension_rules import read_rule
from console.live.fees import read_fee
from console.live.row_keys import CAUSE
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read_detail"]

_READERS = {
    "discrepancies": discrepancies.read,
    "causes": causes.read,
    "queue": queue.read,
    "mapping": mapping.read,
    "orders": orders.read,
    "shipments": shipments.read,
    "documents": documents.read_document,
    "returns": returns.read,
    "log": calls.read,
}
#: What needs no handlers, and may be read as it was known at a moment.
_AT_A_MOMENT: dict[str, Callable[[Store, str, str, datetime | None], Detail | None]] = {
    "settlements": settlements.read,
    "settlement": settlements.read_type,
    "bridge": bridge.read,
    "bank": bank.read,
    "customers": lambda store, key, tab, _: customers.read(store, key, tab),
    "line_types": lambda store, key, tab, _: line_types.read(store, key, tab),
    "fees": lambda store, key, tab, _: read_fee(store, key, tab),
    "dimensions": lambda store, key, tab, _: read_rule(store, key, tab),
    "close": lambda store, key, tab, _: read_close(store, key, tab),
}


def read_detail(
    store: Store,
    handlers: Mapping[tuple[str, str], Handler],
    section: str,
    key: str,
    tab: str,
    as_of: datetime | None = None,
) -> Detail | None:
    """Return one tab of one record's detail, None where the record is gone; `as_of`: as it was known then."""
    if section == "discrepancies" and not key.startswith(CAUSE):
        return discrepancies.read_at(store, handlers, key, tab, as_of)
    at_a_moment = _AT_A_MOMENT.get(section)
    if at_a_moment is not None:
        return at_a_moment(store, key, tab, as_of)
    reader = _READERS.get(section)
    return None if reader is None else reader(store, handlers, key, tab)
