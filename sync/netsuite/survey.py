"""What one account is like: read once at set-up, shown to people, used to choose how we write.

Reads the metadata catalog (contract §2.8), probes SuiteQL for features, and asks the system services. Whatever the
role may not see is told in `notes`, and never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sync.clock import Clock
from sync.errors import ContractBroken, InDoubt, Rejected, Transient
from sync.netsuite.client import NetSuiteClient
from sync.netsuite.columns import Columns
from sync.netsuite.errors import clock_skew_s
from sync.netsuite.jobs import Jobs, idempotency_key
from sync.netsuite.tables import SHIPPING_ADDRESSES, TRANSACTIONS
from sync.netsuite.written_fields import WRITTEN_FIELDS
from sync.transport import Call, path_segment

__all__ = ["RecordSurvey", "Survey", "survey"]

#: The catalog sometimes leaves out `properties` (contract §2.8).
_TRIES = 3
_SCHEMA = "application/schema+json"
#: A batch is tried on a customer that nobody has.
_NOBODY = "TIEOUT-NO-SUCH-CUSTOMER"
_CUSTOM = ("custbody", "custcol", "custitem", "custentity", "custrecord")
_NOT_ALLOWED = (Rejected, ContractBroken, Transient)


@dataclass(frozen=True, slots=True)
class RecordSurvey:
    """One record type. `missing` are fields that we write and the account does not show; `custom` its own fields."""

    record: str
    #: "account" where the catalog was read, "bundled" where it stayed silent and our own list stands in.
    source: str
    fields: frozenset[str] = frozenset()
    custom: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """One account. A feature is None where the role may not find out."""

    records: Mapping[str, RecordSurvey] = field(default_factory=dict)
    one_world: bool | None = None
    suite_tax: bool | None = None
    multi_currency: bool | None = None
    multi_book: bool | None = None
    #: Such as MM/DD/YYYY; the connector never depends on it.
    date_format: str | None = None
    #: Whether batches of 100 are taken (2026.1 or later).
    takes_batches: bool = False
    concurrency_limit: int | None = None
    #: Seconds by which this machine's clock is ahead of NetSuite's.
    clock_ahead_s: int | None = None
    server_time: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def custom_fields(self) -> tuple[str, ...]:
        """Return every field of the account's own that a record we write has."""
        return tuple(sorted({name for record in self.records.values() for name in record.custom}))


async def survey(client: NetSuiteClient, clock: Clock, *, may_write: bool = True) -> Survey:
    """Return what the account is like.

    `may_write` False leaves out the one question that is a write: a batch that changes a customer whom nobody has.

    Raises:
        Credentials: the login is refused.
        VendorError: NetSuite cannot be reached.
    """
    look = _Look(client, clock)
    records = {name: await look.record(name) for name in WRITTEN_FIELDS}
    limit, ahead = await look.limits()
    await look.queried()
    return Survey(
        records=records,
        one_world=await look.has("SELECT s.id AS id FROM subsidiary s WHERE s.id = ?"),
        suite_tax=_has_suite_tax(records.get("salesOrder")),
        multi_currency=await look.has("SELECT c.id AS id FROM currency c WHERE c.id = ?"),
        multi_book=await look.more_than_one_book(),
        date_format=await look.date_format(),
        takes_batches=may_write and await look.takes_batches(),
        concurrency_limit=limit,
        clock_ahead_s=ahead,
        server_time=await look.server_time(),
        notes=tuple(look.notes),
    )


class _Look:
    def __init__(self, client: NetSuiteClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self.notes: list[str] = []

    async def record(self, name: str) -> RecordSurvey:
        """Return one record's fields; asks three times before it believes that there is nothing to see."""
        written = WRITTEN_FIELDS[name]
        for _ in range(_TRIES):
            try:
                names = await self._names(name)
            except (Rejected, ContractBroken) as refused:
                self.notes.append(f"the fields of {name} cannot be read: {refused.reply.detail[:120]}")
                break
            if names:
                known = {n.lower() for n in names}
                custom = tuple(sorted(n for n in known if n.startswith(_CUSTOM)))
                missing = tuple(f for f in written if f.lower() not in known)
                return RecordSurvey(name, "account", frozenset(names), custom, missing)
        else:
            self.notes.append(f"the catalog shows no fields of {name}; our own list is used")
        return RecordSurvey(name, "bundled", frozenset(written))

    async def has(self, query: str) -> bool | None:
        """Return whether a table is there, None where the account cannot be asked now."""
        try:
            await self._client.suiteql(query, ["0"], limit=1, tries=2)
        except (Rejected, ContractBroken):
            return False
        except Transient as lost:
            self.notes.append(f"a probe failed: {lost.reply.detail[:120]}")
            return None
        return True

    async def queried(self) -> None:
        """Note what of transactions cannot be queried: pulls go on without it, and what it says is not compared."""
        columns = Columns(self._client)
        for table in (TRANSACTIONS, SHIPPING_ADDRESSES):
            try:
                await columns.prepare(table)
            except _NOT_ALLOWED as refused:
                self.notes.append(f"{table.name} cannot be queried: {refused.reply.detail[:120]}")
            else:
                self.notes += [note] if (note := columns.note(table)) else []

    async def more_than_one_book(self) -> bool | None:
        """Return whether the ledger is kept in several books."""
        try:
            page = await self._client.suiteql("SELECT b.id AS id FROM accountingbook b ORDER BY b.id", limit=2, tries=2)
        except _NOT_ALLOWED:
            return None
        return page.total > 1

    async def date_format(self) -> str | None:
        """Return the account's date format, from a day whose parts cannot be mixed up."""
        query = "SELECT TO_DATE('2026-12-31', 'YYYY-MM-DD') AS day FROM dual"
        try:
            page = await self._client.suiteql(query, limit=1, tries=2)
        except _NOT_ALLOWED as refused:
            self.notes.append(f"the date format cannot be found out: {refused.reply.detail[:120]}")
            return None
        text = str(page.items[0].get("day", "")) if page.items else ""
        return text.replace("2026", "YYYY").replace("12", "MM").replace("31", "DD") or None

    async def takes_batches(self) -> bool:
        """Return whether a batch is accepted: a change of a customer that does not exist, so that nothing happens."""
        items = [{"externalId": _NOBODY}]
        key = idempotency_key("survey", [_NOBODY], items)
        try:
            await Jobs(self._client).submit("customer", "PATCH", items, key=key)
        except _NOT_ALLOWED:
            return False
        except InDoubt as unclear:
            self.notes.append(f"it could not be found out whether batches are taken: {unclear.reply.detail[:120]}")
            return False
        return True

    async def limits(self) -> tuple[int | None, int | None]:
        """Return how many calls the account takes at once, and the clock's difference from the answer's date."""
        try:
            reply = await self._client.transport.send(Call("limits", "GET", "/system/v1/governanceLimits"))
        except (Rejected, ContractBroken):
            self.notes.append("the role may not see the account's concurrency limit (an administrator may)")
            return None, None
        document = reply.json()
        shown = document if isinstance(document, dict) else {}
        own = shown.get("integrationConcurrencyLimit") or shown.get("accountConcurrencyLimit")
        return (own if isinstance(own, int) else None), clock_skew_s(reply, self._clock)

    async def server_time(self) -> datetime | None:
        """Return NetSuite's own time, None where the service is not there."""
        try:
            reply = await self._client.transport.send(Call("server time", "GET", "/system/v1/serverTime"))
        except (Rejected, ContractBroken):
            return None
        document = reply.json()
        # The name of the field is in no source: the first text that is a time counts (assumed).
        for value in document.values() if isinstance(document, dict) else ():
            if (moment := _moment(value)) is not None:
                return moment
        return None

    async def _names(self, record: str) -> set[str]:
        call = Call("metadata", "GET", f"/record/v1/metadata-catalog/{path_segment(record)}", accept=_SCHEMA)
        document = (await self._client.transport.send(call)).json()
        found: set[str] = set()
        _collect(document, found)
        return found


def _collect(node: object, found: set[str]) -> None:
    """Gather the property names of a schema, those of its sublists as well."""
    if not isinstance(node, Mapping):
        return
    properties = node.get("properties")
    if isinstance(properties, Mapping):
        found |= {str(name) for name in properties}
        for value in properties.values():
            _collect(value, found)
    _collect(node.get("items"), found)


def _has_suite_tax(orders: RecordSurvey | None) -> bool | None:
    if orders is None or orders.source != "account":
        return None
    return "taxdetailsoverride" in {name.lower() for name in orders.fields}


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
