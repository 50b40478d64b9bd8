"""What a settlement would post by the decisions in force, without being stored: read part by part, of any size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import duckdb

from reconcile.controls.control import Evidence
from reconcile.mapping.posting import channel_books
from reconcile.settlement import LineGroup, SettlementSummary, classify_groups, group_lines
from reconcile.settlement.groups import merge_groups
from reconcile.settlement.summary import summarise_classified
from sync.records import Settlement, SettlementLine
from sync.store.store import Store

__all__ = ["preview_groups", "preview_parts"]


def preview_parts(
    store: Store,
    cursor: duckdb.DuckDBPyConnection,
    parts: Iterable[Sequence[SettlementLine]],
    settlement: Callable[[], Settlement],
) -> SettlementSummary:
    """Return the figures of a settlement whose lines come in parts; writes nothing.

    `settlement` is asked after the last part: only then a reader of parts knows that the file foots. No more than one
    part is held at a time.
    """
    groups = merge_groups(group_lines(part) for part in parts)
    return preview_groups(store, cursor, groups, settlement())


def preview_groups(
    store: Store, cursor: duckdb.DuckDBPyConnection, groups: Sequence[LineGroup], known: Settlement
) -> SettlementSummary:
    """Return the figures of a settlement from the sums of its lines."""
    books = channel_books(Evidence(store, cursor, store.clock.now()), known.channel)
    classified = classify_groups(known.channel.partition(".")[0], groups, books.rules)
    return summarise_classified(known, classified, books.accounts, books.policy, books.dimensions)
