"""Where the records stand: by internal id, by type and by external id, with a log of what was touched."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sync.sandbox.netsuite.fields.served import RECORD_TYPES, find_type
from sync.sandbox.netsuite.fields.types import RecordType
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import Refused, not_found

__all__ = ["GROUPS", "Changes", "Deleted", "Shelves"]

_FIRST_ID = {"transaction": 1001, "entity": 101, "item": 201, "account": 301, "accountingperiod": 51}
#: What a reference named so may point to.
GROUPS = ("item", "transaction")


@dataclass(frozen=True, slots=True)
class Deleted:
    """One row of SuiteQL's `deletedrecord`."""

    at: datetime
    type: str
    record_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since a place in the books' log: (space, id) of records, deletions, and the place reached."""

    touched: set[tuple[str, int]]
    deleted: list[Deleted]
    log_place: int
    deleted_place: int


def _types() -> dict[str, dict[int, Stored]]:
    return {name: {} for name in RECORD_TYPES}


@dataclass(slots=True)
class Shelves:
    """All records of one company; nothing here knows NetSuite's rules."""

    seed: int
    deleted: list[Deleted] = field(default_factory=list)
    #: Names that may be given once: (space, name) → internal id.
    names: dict[tuple[str, str], int] = field(default_factory=dict)
    spaces: dict[str, dict[int, Stored]] = field(default_factory=lambda: defaultdict(dict))
    types: dict[str, dict[int, Stored]] = field(default_factory=_types)
    external: dict[tuple[str, str], int] = field(default_factory=dict)
    log: list[tuple[str, int]] = field(default_factory=list)
    _random: random.Random = field(init=False)
    _next_id: dict[str, int] = field(default_factory=lambda: dict(_FIRST_ID))
    _numbers: dict[str, int] = field(default_factory=dict)
    _line_key: int = 5000

    def __post_init__(self) -> None:
        self._random = random.Random(f"netsuite-ids-{self.seed}")

    def kind(self, record: str) -> RecordType:
        """Return a record type by its name.

        Raises:
            Refused: 404 when there is none.
        """
        kind = find_type(record)
        if kind is None:
            raise Refused(404, "NOT_FOUND", f"Record type '{record}' does not exist.", where={"o:errorUrl": record})
        return kind

    def get(self, record: str, internal_id: int) -> Stored:
        """Return a record, or refuse with 404."""
        found = self.types[self.kind(record).table_name].get(internal_id)
        if found is None:
            raise not_found()
        return found

    def look(self, target: str, internal_id: object) -> Stored | None:
        """Return what a reference to `target` (a record type, `item` or `transaction`) points to, None for nothing."""
        if not isinstance(internal_id, int):
            return None
        kind = find_type(target)
        if kind is not None:
            return self.types[kind.table_name].get(internal_id)
        return self.spaces[target].get(internal_id) if target in GROUPS else None

    def find_external(self, target: str, external: str) -> int | None:
        """Return the internal id behind an external id, for a record type or a group of types."""
        names = [k.table_name for k in RECORD_TYPES.values() if target.lower() in (k.table_name, k.space)]
        return next((found for name in names if (found := self.external.get((name, external))) is not None), None)

    def keep(self, stored: Stored) -> None:
        """Put a record in its place."""
        self.spaces[stored.kind.space][stored.id] = stored
        self.types[stored.kind.table_name][stored.id] = stored
        external = stored.text("externalId")
        if external is not None:
            self.external[(stored.kind.table_name, external)] = stored.id
        self.touch(stored)

    def forget(self, stored: Stored) -> None:
        """Take a record from its place."""
        del self.spaces[stored.kind.space][stored.id]
        del self.types[stored.kind.table_name][stored.id]
        external = stored.text("externalId")
        if external is not None:
            self.external.pop((stored.kind.table_name, external), None)
        self.touch(stored)

    def touch(self, stored: Stored) -> None:
        """Note that the record's rows are to be read anew."""
        self.log.append((stored.kind.space, stored.id))

    def take_id(self, space: str, wanted: int | None) -> int:
        """Return the next internal id, or the wanted one.

        Raises:
            ValueError: if the wanted one is taken.
        """
        if wanted is not None:
            if wanted in self.spaces[space]:
                raise ValueError(f"internal id {wanted} of {space} is taken")
            self._next_id[space] = max(self._next_id.get(space, 1), wanted + 1)
            return wanted
        taken = self._next_id.get(space, 1)
        # Other users' records take ids too, so transactions are not numbered without gaps.
        self._next_id[space] = taken + (self._random.choice((1, 1, 1, 2, 4)) if space == "transaction" else 1)
        return taken

    def next_number(self, kind: RecordType) -> str:
        """Return the next document number of a type, `SO1001`."""
        self._numbers[kind.name] = self._numbers.get(kind.name, 1000) + 1
        return f"{kind.number_prefix}{self._numbers[kind.name]}"

    def next_line_key(self) -> str:
        """Return the next line key, unique over all transactions."""
        self._line_key += 1
        return str(self._line_key)
