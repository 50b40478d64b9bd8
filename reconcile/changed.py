"""What has changed in the mirror since a reader looked: the versions that are new, and those that they replaced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from sync.mirror.entities import ENTITIES, Entity
from sync.store.marks import Marks, Seen

__all__ = ["ENTITY_OF", "FEW", "Changed", "find_changed"]

#: So many changed records of one kind: looking at everything is no dearer.
FEW = 2_000
#: The kind of record of a table, of its lines', and of their histories.
ENTITY_OF: Mapping[str, Entity] = {
    f"{table}{suffix}": entity
    for entity in ENTITIES
    for table in (entity.table, *((entity.lines.table,) if entity.lines else ()))
    for suffix in ("", "_versions")
}
_BY_TABLE = {entity.table: entity for entity in ENTITIES}
_MOVED = """
WITH moved AS MATERIALIZED (
    SELECT DISTINCT {key} FROM {table}_versions WHERE version > {last} {gone}
)
SELECT version, true AS is_old FROM (
    SELECT {key}, version FROM {table}_versions SEMI JOIN moved USING ({key}) WHERE version <= {last}
    QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY version DESC) = 1
)
UNION ALL SELECT version, false FROM {table} SEMI JOIN moved USING ({key})
"""
_GONE = "UNION SELECT record_id FROM deletions_versions WHERE entity = '{table}' AND version > {deleted}"


@dataclass(frozen=True, slots=True)
class Changed:
    """The versions of the changed records of one kind: those that stand now, and those that a reader had seen.

    A record that is new has no old one, one that was deleted no new one.
    """

    entity: Entity
    old: tuple[int, ...]
    new: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Return both."""
        return (*self.old, *self.new)


def find_changed(cursor: duckdb.DuckDBPyConnection, seen: Mapping[str, Seen], now: Marks) -> list[Changed] | None:
    """Return what has changed of each kind (by table) since it was `seen`; None where it is much, or cannot be told.

    It can be told where the records that did not change, with the old versions of those that did, are as many as were
    seen and have the same sum: nothing was taken away unnoticed.
    """
    found = []
    for table, before in seen.items():
        entity = _BY_TABLE[table]
        gone = _GONE.format(table=table, deleted=before.deleted) if entity.deletable else ""
        rows = cursor.execute(
            _MOVED.format(table=table, key=", ".join(entity.key), last=before.last, gone=gone)
        ).fetchall()
        old, new = (tuple(sorted(v for v, is_old in rows if is_old == wanted)) for wanted in (True, False))
        after = Seen.of(now.fixed[f"table:{table}"])
        if (before.count - len(old), before.total - sum(old)) != (after.count - len(new), after.total - sum(new)):
            return None
        if len(old) + len(new) > 2 * FEW:
            return None
        found.append(Changed(entity, old, new))
    return found
