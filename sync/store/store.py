"""One opened TIEOUT_HOME database with the stores that live in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sync.clock import Clock, ManualClock
from sync.mirror.mirror import Mirror
from sync.mirror.places import fill_places
from sync.ops.audit import Audit
from sync.ops.closes import Closes
from sync.ops.decisions import Decisions
from sync.ops.findings import Findings
from sync.outbox.operations import Outbox
from sync.store.database import Database
from sync.store.observed import ObservedClock, ObservedDatabase, Observer
from sync.store.past import PastDatabase

__all__ = ["Store"]


@dataclass(frozen=True, slots=True)
class Store:
    """The mirror (what vendors said) and ops (what people decided, what was sent) over one database."""

    database: Database
    clock: Clock
    mirror: Mirror
    audit: Audit
    decisions: Decisions
    findings: Findings
    outbox: Outbox
    closes: Closes

    @classmethod
    def open(cls, path: Path, clock: Clock) -> Store:
        """Open or create the database file.

        Raises:
            StoreError: see `Database.open`.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls._ready(Database.open(path), clock)

    @classmethod
    def in_memory(cls, clock: Clock) -> Store:
        """Return an empty store that lives in this process only."""
        return cls._ready(Database.in_memory(), clock)

    @classmethod
    def _ready(cls, database: Database, clock: Clock) -> Store:
        with database.transaction() as tx:
            fill_places(tx)
        return cls._over(database, clock)

    @classmethod
    def _over(cls, database: Database, clock: Clock) -> Store:
        audit = Audit(database, clock)
        return cls(
            database,
            clock,
            Mirror(database, clock),
            audit,
            Decisions(database, clock, audit),
            Findings(database, clock, audit),
            Outbox(database, clock, audit),
            Closes(database, clock, audit),
        )

    def as_of(self, moment: datetime) -> Store:
        """Return this store as it was known at a moment, clock included; nothing can be written through it.

        What was sent and what is open (outbox, findings) has no past: it reads as it is.
        """
        return Store._over(PastDatabase(self.database, self.mirror, moment), ManualClock(moment))

    def observed(self, observer: Observer) -> Store:
        """Return this store with everything that is read through it noted; nothing can be written through it."""
        return Store._over(ObservedDatabase(self.database, observer), ObservedClock(self.clock, observer))

    def close(self) -> None:
        """Release the file."""
        self.database.close()
