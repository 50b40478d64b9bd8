"""The company's records: made, changed and removed under NetSuite's own rules."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sync.sandbox.netsuite.books import lists, rules, transforms
from sync.sandbox.netsuite.books.refreshing import refresh
from sync.sandbox.netsuite.fields.served import TAX_FIELDS
from sync.sandbox.netsuite.fields.types import RecordType
from sync.sandbox.netsuite.fields.values import ParsedBody, check_external_id, parse_body, unknown_name_text
from sync.sandbox.netsuite.goods import stock
from sync.sandbox.netsuite.ledger import periods
from sync.sandbox.netsuite.records.access import DefaultAccounts
from sync.sandbox.netsuite.records.chain import Chain
from sync.sandbox.netsuite.records.merging import apply_body
from sync.sandbox.netsuite.records.on_hand import Stock
from sync.sandbox.netsuite.records.references import require, resolve
from sync.sandbox.netsuite.records.shelves import Changes, Deleted, Shelves
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.refusals import Refused, user_error

__all__ = ["Changes", "Deleted", "Meanwhile", "NetSuiteBooks", "Now", "OnSave"]

#: What a script of the company does with a record that was just saved: returns a body of changes, or None.
OnSave = Callable[["NetSuiteBooks", Stored], Mapping[str, object] | None]
#: What another user does between the opening of a record and its saving.
Meanwhile = Callable[["NetSuiteBooks", Stored], None]


class Now(Protocol):
    """All that the books ask of a clock."""

    def now(self) -> datetime:
        """Return the current time, aware."""
        ...


class NetSuiteBooks:
    """One company's records, in memory; every method is quick and safe to call from any thread.

    `locked` and `administrators` hold (record type in lower case, internal id) of records that refuse to be opened;
    `on_save` and `meanwhile` are the company's scripts and its other users. SuiteQL reads past all of them.
    """

    def __init__(self, clock: Now, settings: AccountSettings, seed: int) -> None:
        self.clock, self.settings, self.seed = clock, settings, seed
        self.lock = threading.RLock()
        self.zone = ZoneInfo(settings.time_zone)
        self.shelves, self.chain, self.stock = Shelves(seed), Chain(), Stock()
        self.default_accounts: DefaultAccounts | None = None
        self.rare_accounts: dict[str, int] = {}
        self.locked: set[tuple[str, int]] = set()
        self.administrators: set[tuple[str, int]] = set()
        self.on_save: OnSave | None = None
        self.meanwhile: Meanwhile | None = None

    # ------------------------------------------------------------------ reading

    def get(self, record: str, internal_id: int) -> Stored:
        """Return a record.

        Raises:
            Refused: 404 when there is no such record type or record.
        """
        return self.shelves.get(record, internal_id)

    def open_record(self, record: str, internal_id: int) -> Stored:
        """Return a record as REST opens it, which is to edit it: a locked one refuses (faults 12 and 13).

        Raises:
            Refused: 404 as `get`, 400 for a record that a workflow locks or that is an administrator's.
        """
        stored = self.get(record, internal_id)
        key = (stored.kind.table_name, internal_id)
        if key in self.locked:
            raise user_error("This record has been locked by a user defined workflow.")
        if key in self.administrators:
            text = "For security reasons, only an administrator is allowed to edit an administrator record"
            raise Refused(400, "USER_ERROR", text)
        return stored

    def records(self, record: str) -> list[Stored]:
        """Return all records of a type, by internal id."""
        return [stored for _, stored in sorted(self.shelves.types[self._kind(record).table_name].items())]

    def everything(self) -> Iterator[Stored]:
        """Yield every record of the company, in no order."""
        for shelf in self.shelves.types.values():
            yield from shelf.values()

    def find_external(self, record: str, external_id: str) -> int | None:
        """Return the internal id behind an external id, None where there is none."""
        return self.shelves.external.get((self._kind(record).table_name, external_id))

    def look(self, target: str, internal_id: object) -> Stored | None:
        """Return what a reference to `target` (a record type, `item` or `transaction`) points to, None for nothing."""
        return self.shelves.look(target, internal_id)

    def in_space(self, space: str, internal_id: int) -> Stored | None:
        """Return the record with that id among those that share ids (`transaction`, `item` …)."""
        return self.shelves.spaces[space].get(internal_id)

    def followers(self, transaction_id: int) -> list[Stored]:
        """Return the transactions made from a transaction (fulfilments, bills, returns), oldest first."""
        made = self.chain.followers.get(transaction_id, ())
        return [self.shelves.spaces["transaction"][i] for i in made]

    # ------------------------------------------------------------------ writing

    def create(
        self,
        record: str,
        body: Mapping[str, object],
        *,
        internal_id: int | None = None,
        at: datetime | None = None,
        unknown: list[str] | None = None,
    ) -> int:
        """Make a record and return its internal id.

        `at` is when it was keyed (default: now); a record keyed in the past met its period open, so the check for a
        closed period is left out. Names that the record does not have are refused, or collected in `unknown`.
        Numbers are Decimal, int or text, never float.

        Raises:
            Refused: with NetSuite's status, code and words.
            ValueError: if `internal_id` is taken.
        """
        with self.lock:
            kind = self._kind(record)
            parsed = self._parse(kind, body, unknown)
            source = self._implied_source(kind, parsed)
            return self._make(kind, parsed, source, internal_id=internal_id, at=at)

    def _implied_source(self, kind: RecordType, parsed: ParsedBody) -> Stored | None:
        """Return the document that a new one is to be filled from: the one it names, unless it brings its own lines."""
        source = self.look("transaction", parsed.fields.get("createdFrom"))
        if not kind.creatable and source is None and kind.is_transaction:
            text = f"Record type '{kind.name}' cannot be created directly; transform a sales order."
            raise Refused(400, "USER_ERROR", text)
        takes = kind.creatable and kind.name not in ("customerPayment", "customerRefund", "salesOrder")
        own = "item" in parsed.sublists
        return None if source is None or (takes and own) else source

    def _make(
        self,
        kind: RecordType,
        parsed: ParsedBody,
        source: Stored | None,
        *,
        internal_id: int | None = None,
        at: datetime | None = None,
        scripted: bool = True,
    ) -> int:
        now = (at or self.clock.now()).astimezone(UTC)
        stored = Stored(kind, 0, now, now)
        if source is not None:
            transforms.start_from(self, stored, source, parsed)
        apply_body(stored, parsed, replace=frozenset())
        require(stored, self.hidden_fields())
        rules.complete(self, stored, None, late=at is not None)
        rules.check_unique(self, stored)
        stored.id = self.shelves.take_id(kind.space, internal_id)
        self._keep(stored, set())
        if scripted:
            self._run_script(stored)
        return stored.id

    def add_system_account(self, name: str, kind: str) -> int:
        """Make an account that NetSuite makes by itself, past the company's scripts; return its internal id."""
        account = self._kind("account")
        body = {"acctName": name, "acctType": {"id": kind}}
        return self._make(account, self._parse(account, body, None), None, scripted=False)

    def update(
        self,
        record: str,
        internal_id: int,
        body: Mapping[str, object],
        *,
        replace: Sequence[str] = (),
        at: datetime | None = None,
        unknown: list[str] | None = None,
    ) -> None:
        """Change a record; keyed sublists merge by their key, others append, those named in `replace` are replaced.

        Raises:
            Refused: with NetSuite's status, code and words; then nothing has changed.
        """
        with self.lock:
            before = self.get(record, internal_id)
            parsed = self._parse(before.kind, body, unknown)
            rules.check_editable(self, before)
            state = before.copy()
            if self.meanwhile is not None:
                self.meanwhile(self, before)
                now = self.shelves.types[before.kind.table_name].get(internal_id)
                if now != state:
                    raise Refused(409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed.")
            changed = self._change(before, parsed, replace, at)
            self._run_script(changed)

    def _change(self, before: Stored, parsed: ParsedBody, replace: Sequence[str], at: datetime | None) -> Stored:
        changed = before.copy()
        changed.modified = (at or self.clock.now()).astimezone(UTC)
        apply_body(changed, parsed, replace=frozenset(name.lower() for name in replace))
        require(changed, self.hidden_fields())
        plain = periods.takes_plain_changes(self, before)
        rules.complete(self, changed, before, late=at is not None or plain)
        if plain and at is None:
            rules.check_ledger_kept(self, before, changed)
        rules.check_unique(self, changed)
        tied = self._forget(before)
        self._keep(changed, tied)
        return changed

    def _run_script(self, stored: Stored) -> None:
        """Let the company's script change what was just saved; its own changes do not start it again."""
        script = self.on_save
        if script is None:
            return
        self.on_save = None
        try:
            wanted = script(self, stored)
            if wanted:
                self._change(stored, self._parse(stored.kind, wanted, None), (), None)
        finally:
            self.on_save = script

    def upsert(
        self, record: str, external_id: str, body: Mapping[str, object], *, unknown: list[str] | None = None
    ) -> tuple[int, bool]:
        """Create or update by external id; return the internal id and whether it was created."""
        check_external_id(external_id)
        with self.lock:
            full = {k: v for k, v in body.items() if k.lower() != "externalid"} | {"externalId": external_id}
            known = self.find_external(record, external_id)
            if known is None:
                return self.create(record, full, unknown=unknown), True
            sublists = self._kind(record).sublists
            # A PUT states the whole record: the sublists it names are replaced, not appended to.
            self.update(record, known, full, replace=[k for k in body if k.lower() in sublists], unknown=unknown)
            return known, False

    def delete(self, record: str, internal_id: int) -> None:
        """Remove a record and note it in `deletedrecord`.

        Raises:
            Refused: 404, or 400 while other records depend on it, it is deposited or its period is closed.
        """
        with self.lock:
            stored = self.get(record, internal_id)
            rules.check_removable(self, stored)
            rules.check_editable(self, stored)
            periods.check_period(self, stored, late=False)
            now = self.clock.now().astimezone(UTC)
            tied = self._forget(stored)
            stock.note_demand(self, stored)
            refresh(self, tied, now)
            self.shelves.deleted.append(Deleted(now, stored.kind.table_name, internal_id, stored.title))

    def transform(
        self,
        record: str,
        internal_id: int,
        target: str,
        body: Mapping[str, object],
        *,
        at: datetime | None = None,
        unknown: list[str] | None = None,
    ) -> int:
        """Make `target` from a record, with what the body says laid over it; return the new internal id.

        `at` is when it was keyed, as in `create`.

        Raises:
            Refused: 404 for the source, 400 for a target that cannot be made from it.
        """
        with self.lock:
            source = self.get(record, internal_id)
            wanted = transforms.target_of(source, target)
            own = {k: v for k, v in body.items() if k.lower() != "createdfrom"}
            return self._make(wanted, self._parse(wanted, own, unknown), source, at=at)

    # ------------------------------------------------------------------ for the query tables

    @property
    def deleted(self) -> list[Deleted]:
        """Return what was removed, oldest first."""
        return self.shelves.deleted

    def changes_since(self, log_place: int, deleted_place: int) -> Changes:
        """Return what changed since a place of an earlier answer (0, 0: everything)."""
        log, deleted = self.shelves.log, self.shelves.deleted
        return Changes(set(log[log_place:]), deleted[deleted_place:], len(log), len(deleted))

    # ------------------------------------------------------------------ numbers and names

    def next_number(self, kind: RecordType) -> str:
        """Return the next document number of a type, `SO1001`."""
        return self.shelves.next_number(kind)

    def next_line_key(self) -> str:
        """Return the next line key, unique over all transactions."""
        return self.shelves.next_line_key()

    def hidden_fields(self) -> frozenset[str]:
        """Return lower-case names of fields that this account does not have, by its features."""
        hidden = frozenset[str]() if self.settings.suite_tax else TAX_FIELDS
        return hidden if self.settings.one_world else hidden | {"subsidiary"}

    def unknown_names(self, record: str, body: Mapping[str, object]) -> list[str]:
        """Return the names in a body that the record does not have, with their paths."""
        return self._read(self._kind(record), body).unknown

    # ------------------------------------------------------------------ inside

    def _kind(self, record: str) -> RecordType:
        return self.shelves.kind(record)

    def _read(self, kind: RecordType, body: Mapping[str, object]) -> ParsedBody:
        def find(target: str, reference: Mapping[str, object], field: str, path: str) -> int | str:
            return resolve(self.shelves, target, reference, field, path)

        return parse_body(kind, body, resolve=find, skipped=self.hidden_fields(), custom=self.settings.custom_fields)

    def _parse(self, kind: RecordType, body: Mapping[str, object], unknown: list[str] | None) -> ParsedBody:
        parsed = self._read(kind, body)
        if parsed.unknown and unknown is None:
            name = parsed.unknown[0]
            raise Refused(400, "INVALID_CONTENT", unknown_name_text(name), where={"o:errorPath": name})
        if unknown is not None:
            unknown.extend(parsed.unknown)
        return parsed

    def _keep(self, stored: Stored, tied: set[int]) -> None:
        """Put a record in its place, and let the documents that it hangs on, and hung on, feel it."""
        self.shelves.keep(stored)
        lists.keep_name(self, stored)
        if stored.kind.is_transaction:
            stock.apply_moves(self, stored, stored.modified)
            stock.note_demand(self, stored)
            refresh(self, tied | self.chain.tie(stored), stored.modified)

    def _forget(self, stored: Stored) -> set[int]:
        """Take a record from its place, and return the documents that it hung on."""
        self.shelves.forget(stored)
        lists.forget_name(self, stored)
        if not stored.kind.is_transaction:
            return set()
        stock.apply_moves(self, stored, stored.modified, back=True)
        return self.chain.untie(stored)
