"""The mirror and the decisions as they stood at a moment, for whatever can be read now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from reconcile.controls.control import Evidence
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["evidence_at", "store_at"]


def store_at(store: Store, at: datetime | None = None) -> Store:
    """Return the store as it was known at `at`, itself for now.

    Raises:
        BadInput: the moment lies in the future.
    """
    if at is None:
        return store
    _refuse_future(store, at)
    return store.as_of(at)


@contextmanager
def evidence_at(store: Store, at: datetime | None = None) -> Iterator[Evidence]:
    """Give what a control may look at: now, or everything as it was known at `at`.

    Raises:
        BadInput: the moment lies in the future.
    """
    now = store.clock.now()
    if at is not None:
        _refuse_future(store, at)
    with store.database.reading() as cursor:
        if at is not None:
            store.mirror.as_of(cursor, at)
        yield Evidence(store, cursor, at or now)


def _refuse_future(store: Store, at: datetime) -> None:
    if at > store.clock.now():
        raise BadInput("this moment has not come yet", value=at.isoformat(), remedy="Name one up to now")
