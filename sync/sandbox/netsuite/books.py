"""The company's records: made, changed and removed under NetSuite's own rules."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from sync.sandbox.netsuite import entries, fulfilments, lists, order_status, sales
from sync.sandbox.netsuite.chart import DefaultAccounts
from sync.sandbox.netsuite.merging import apply_body
from sync.sandbox.netsuite.record_fields import RECORD_TYPES, TAX_FIELDS, find_type
from sync.sandbox.netsuite.record_types import RecordType
from sync.sandbox.netsuite.refusals import Refused, invalid_value, missing_values, not_found, user_error
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.stored import Stored
from sync.sandbox.netsuite.values import ParsedBody, check_external_id, parse_body, unknown_name_text

__all__ = ["Changes", "Deleted", "NetSuiteBooks", "Now"]

_FIRST_ID = {"transaction": 1001, "entity": 101, "item": 201, "account": 301, "accountingperiod": 51}
#: What a reference named so may point to.
_GROUPS = {"item": ("item",), "transaction": ("transaction",)}


class Now(Protocol):
    """All that the books ask of a clock."""

    def now(self) -> datetime:
        """Return the current time, aware."""
        ...


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


class NetSuiteBooks:
    """One company's records, in memory; every method is quick and safe to call from any thread."""

    def __init__(self, clock: Now, settings: AccountSettings, seed: int) -> None:
        self.clock, self.settings, self.seed = clock, settings, seed
        self.lock = threading.RLock()
        self.zone = ZoneInfo(settings.time_zone)
        self.deleted: list[Deleted] = []
        self.default_accounts: DefaultAccounts | None = None
        self._random = random.Random(f"netsuite-ids-{seed}")
        self._spaces: dict[str, dict[int, Stored]] = defaultdict(dict)
        self._types: dict[str, dict[int, Stored]] = {name: {} for name in RECORD_TYPES}
        self._external: dict[tuple[str, str], int] = {}
        self.names: dict[tuple[str, str], int] = {}
        self._next_id = dict(_FIRST_ID)
        self._numbers: dict[str, int] = {}
        self._followers: dict[int, list[int]] = defaultdict(list)
        self._log: list[tuple[str, int]] = []
        self._line_key = 5000

    # ------------------------------------------------------------------ reading

    def get(self, record: str, internal_id: int) -> Stored:
        """Return a record.

        Raises:
            Refused: 404 when there is no such record type or record.
        """
        found = self._types[self._kind(record).table_name].get(internal_id)
        if found is None:
            raise not_found()
        return found

    def records(self, record: str) -> list[Stored]:
        """Return all records of a type, by internal id."""
        return [stored for _, stored in sorted(self._types[self._kind(record).table_name].items())]

    def find_external(self, record: str, external_id: str) -> int | None:
        """Return the internal id behind an external id, None where there is none."""
        return self._external.get((self._kind(record).table_name, external_id))

    def look(self, target: str, internal_id: object) -> Stored | None:
        """Return what a reference to `target` (a record type, `item` or `transaction`) points to, None for nothing."""
        if not isinstance(internal_id, int):
            return None
        kind = find_type(target)
        if kind is not None:
            return self._types[kind.table_name].get(internal_id)
        return self._spaces[target].get(internal_id) if target in _GROUPS else None

    def followers(self, transaction_id: int) -> list[Stored]:
        """Return the transactions made from a transaction (fulfilments, invoices, cash sales), oldest first."""
        return [self._spaces["transaction"][i] for i in self._followers.get(transaction_id, ())]

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
            now = (at or self.clock.now()).astimezone(UTC)
            parsed = self._parse(kind, body, unknown)
            stored = Stored(kind, 0, now, now)
            if kind.name in ("itemFulfillment", "invoice"):
                source = parsed.fields.get("createdFrom")
                if kind.name == "itemFulfillment" or (source is not None and "item" not in parsed.sublists):
                    fulfilments.start_from_order(self, stored, source, parsed)
            apply_body(stored, parsed, replace=frozenset())
            self._require(stored)
            self._complete(stored, late=at is not None)
            self._check_unique(stored)
            stored.id = self._take_id(kind.space, internal_id)
            self._keep(stored)
            return stored.id

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
        """Change a record; keyed sublists merge by `line`, others append, those named in `replace` are replaced.

        Raises:
            Refused: with NetSuite's status, code and words; then nothing has changed.
        """
        with self.lock:
            before = self.get(record, internal_id)
            parsed = self._parse(before.kind, body, unknown)
            if before.kind.type_code == "CashSale" and before.fields.get("status") == "C":
                raise user_error("This transaction has been deposited and cannot be edited.")
            changed = before.copy()
            changed.modified = (at or self.clock.now()).astimezone(UTC)
            apply_body(changed, parsed, replace=frozenset(name.lower() for name in replace))
            self._require(changed)
            self._complete(changed, late=at is not None)
            self._check_unique(changed)
            self._forget(before)
            self._keep(changed)

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
            Refused: 404, or 400 while other records depend on it or its period is closed.
        """
        with self.lock:
            stored = self.get(record, internal_id)
            if self._followers.get(internal_id) and stored.kind.is_transaction:
                raise user_error("This record cannot be deleted because it has dependent records.")
            if stored.kind.space in ("entity", "item") and self._is_used(stored):
                raise user_error("This record cannot be deleted because it has dependent records.")
            sales.check_period(self, stored, late=False)
            self._forget(stored)
            source = stored.ref("createdFrom")
            if source is not None and stored.kind.is_transaction:
                self._followers[source].remove(internal_id)
                self._refresh(source)
            now = self.clock.now().astimezone(UTC)
            self.deleted.append(Deleted(now, stored.kind.table_name, internal_id, stored.title))

    def transform(
        self,
        record: str,
        internal_id: int,
        target: str,
        body: Mapping[str, object],
        *,
        unknown: list[str] | None = None,
    ) -> int:
        """Make `target` from a record (salesOrder → itemFulfillment, invoice); return the new internal id.

        Raises:
            Refused: 404 for the source, 400 for a target that cannot be made from it.
        """
        with self.lock:
            source = self.get(record, internal_id)
            wanted = find_type(target)
            if source.kind.name != "salesOrder" or wanted is None or wanted.name not in ("itemFulfillment", "invoice"):
                raise Refused(400, "USER_ERROR", f"The transformation of {record} to {target} is not supported.")
            full = dict(body) | {"createdFrom": {"id": str(internal_id)}}
            return self.create(wanted.name, full, unknown=unknown)

    # ------------------------------------------------------------------ for the query tables

    def changes_since(self, log_place: int, deleted_place: int) -> Changes:
        """Return what changed since a place of an earlier answer (0, 0: everything)."""
        touched = set(self._log[log_place:])
        return Changes(touched, self.deleted[deleted_place:], len(self._log), len(self.deleted))

    def in_space(self, space: str, internal_id: int) -> Stored | None:
        """Return the record with that id among those that share ids (`transaction`, `item` …)."""
        return self._spaces[space].get(internal_id)

    # ------------------------------------------------------------------ numbers

    def next_number(self, kind: RecordType) -> str:
        """Return the next document number of a type, `SO1001`."""
        self._numbers[kind.name] = self._numbers.get(kind.name, 1000) + 1
        return f"{kind.number_prefix}{self._numbers[kind.name]}"

    def next_line_key(self) -> str:
        """Return the next line key, unique over all transactions."""
        self._line_key += 1
        return str(self._line_key)

    # ------------------------------------------------------------------ inside

    def _kind(self, record: str) -> RecordType:
        kind = find_type(record)
        if kind is None:
            raise Refused(404, "NOT_FOUND", f"Record type '{record}' does not exist.", where={"o:errorUrl": record})
        return kind

    def hidden_fields(self) -> frozenset[str]:
        """Return lower-case names of fields that this account does not have, by its features."""
        hidden = frozenset[str]() if self.settings.suite_tax else TAX_FIELDS
        return hidden if self.settings.one_world else hidden | {"subsidiary"}

    def unknown_names(self, record: str, body: Mapping[str, object]) -> list[str]:
        """Return the names in a body that the record does not have, with their paths."""
        kind = self._kind(record)
        return parse_body(
            kind, body, resolve=self._resolve, skipped=self.hidden_fields(), custom=self.settings.custom_fields
        ).unknown

    def _parse(self, kind: RecordType, body: Mapping[str, object], unknown: list[str] | None) -> ParsedBody:
        parsed = parse_body(
            kind, body, resolve=self._resolve, skipped=self.hidden_fields(), custom=self.settings.custom_fields
        )
        if parsed.unknown and unknown is None:
            name = parsed.unknown[0]
            raise Refused(400, "INVALID_CONTENT", unknown_name_text(name), where={"o:errorPath": name})
        if unknown is not None:
            unknown.extend(parsed.unknown)
        return parsed

    def _resolve(self, target: str, reference: Mapping[str, object], field: str, path: str) -> int | str:
        kind = find_type(target)
        if kind is None and target not in _GROUPS:  # a list that this sandbox does not keep: terms, payment methods
            sent = reference.get("id")
            if isinstance(sent, str | int):
                return str(sent)
            raise invalid_value(sent, field, path)
        if (external := reference.get("externalId")) is not None:
            found = self._find_by_external(target, str(external))
            if found is None:
                raise invalid_value(external, field, path)
            return found
        sent = reference.get("id")
        if isinstance(sent, str | int) and not isinstance(sent, bool) and str(sent).lstrip("-").isascii():
            text = str(sent)
            if text.isdigit() and self.look(target, int(text)) is not None:
                return int(text)
        raise invalid_value(sent, field, path)

    def _find_by_external(self, target: str, external: str) -> int | None:
        names = [k.table_name for k in RECORD_TYPES.values() if target in (k.table_name, k.name, k.space)]
        for name in names:
            if (found := self._external.get((name, external))) is not None:
                return found
        return None

    def _require(self, stored: Stored) -> None:
        hidden = self.hidden_fields()
        missing = [
            spec.label
            for lower, spec in stored.kind.fields.items()
            if spec.required and lower not in hidden and stored.fields.get(spec.name) is None
        ]
        if missing:
            raise missing_values(missing)
        for sublist in stored.kind.sublists.values():
            required = [s for s in sublist.fields.values() if s.required]
            for index, row in enumerate(stored.lines.get(sublist.name, ())):
                for spec in required:
                    if row.get(spec.name) is None:
                        text = f"Please enter value(s) for: {spec.label}."
                        raise user_error(text, f"{sublist.name}.items[{index}]")

    def _complete(self, stored: Stored, *, late: bool) -> None:
        if stored.kind.name in ("salesOrder", "cashSale", "invoice"):
            sales.complete(self, stored, late=late)
        elif stored.kind.name == "itemFulfillment":
            fulfilments.complete(self, stored, late=late)
        elif stored.kind.name == "journalEntry":
            entries.complete(self, stored, late=late)
        else:
            lists.complete(self, stored)

    def _check_unique(self, stored: Stored) -> None:
        external = stored.text("externalId")
        if external is not None:
            holder = self._external.get((stored.kind.table_name, external))
            if holder is not None and holder != stored.id:
                word = "entity" if stored.kind.family == "entity" else "record"
                raise user_error(f"This {word} already exists.")
        lists.check_name(self, stored)

    def _take_id(self, space: str, wanted: int | None) -> int:
        if wanted is not None:
            if wanted in self._spaces[space]:
                raise ValueError(f"internal id {wanted} of {space} is taken")
            self._next_id[space] = max(self._next_id.get(space, 1), wanted + 1)
            return wanted
        taken = self._next_id.get(space, 1)
        # Other users' records take ids too, so transactions are not numbered without gaps.
        self._next_id[space] = taken + (self._random.choice((1, 1, 1, 2, 4)) if space == "transaction" else 1)
        return taken

    def _keep(self, stored: Stored) -> None:
        self._spaces[stored.kind.space][stored.id] = stored
        self._types[stored.kind.table_name][stored.id] = stored
        external = stored.text("externalId")
        if external is not None:
            self._external[(stored.kind.table_name, external)] = stored.id
        lists.keep_name(self, stored)
        self._log.append((stored.kind.space, stored.id))
        source = stored.ref("createdFrom")
        if source is not None and stored.kind.is_transaction:
            if stored.id not in self._followers[source]:
                self._followers[source].append(stored.id)
            self._refresh(source)

    def _forget(self, stored: Stored) -> None:
        del self._spaces[stored.kind.space][stored.id]
        del self._types[stored.kind.table_name][stored.id]
        external = stored.text("externalId")
        if external is not None:
            self._external.pop((stored.kind.table_name, external), None)
        lists.forget_name(self, stored)
        self._log.append((stored.kind.space, stored.id))

    def _refresh(self, order_id: int) -> None:
        order = self._spaces["transaction"].get(order_id)
        if order is not None and order.kind.name == "salesOrder":
            order_status.refresh_order(self, order)
            self._log.append(("transaction", order_id))

    def _is_used(self, stored: Stored) -> bool:
        for transaction in self._spaces["transaction"].values():
            if stored.kind.space == "entity" and transaction.fields.get("entity") == stored.id:
                return True
            if any(row.get(stored.kind.space) == stored.id for rows in transaction.lines.values() for row in rows):
                return True
        return False
