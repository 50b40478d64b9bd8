"""The handler of new records: looks by external id, writes by PUT or transform, reads back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from sync.errors import BadInput, InDoubt, Rejected, VendorReply
from sync.netsuite.bodies import Body, Context, LineProblem, SourceRow, read_rows
from sync.netsuite.intents import Intent, Source, read_intent
from sync.netsuite.push.kinds import SOURCE_RECORDS, Kind, taken_field
from sync.netsuite.push.reading import Desk, Reading
from sync.netsuite.rest.client import Written, check_external_id
from sync.netsuite.rest.errors import says_already_there, was_changed_meanwhile
from sync.outbox.handlers import Found, Rendered, Sent

__all__ = ["WriteHandler"]

M = TypeVar("M", bound=Intent)
#: How often a write is tried anew when somebody else saves the source meanwhile (contract §7, fault 33).
_MOST_REBASES = 3


@dataclass(frozen=True)
class WriteHandler(Generic[M]):
    """One kind of operation that makes a record; see `sync.outbox.handlers.Handler`."""

    of: Kind[M]
    desk: Desk
    context: Context

    @property
    def kind(self) -> str:
        """Return the kind, such as `sales_order.create`."""
        return self.of.kind

    @cached_property
    def reading(self) -> Reading:
        """Return what reads records of this kind."""
        return Reading(self.desk, self.of.record, self.of.table, self.of.type_code, self.of.words)

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request as it will be sent; before the first contact with NetSuite a currency is its code.

        A transform is shown with the named lines; the lines that stay are added once the source has been read.

        Raises:
            BadInput: the intent cannot be written.
        """
        checked = read_intent(self.of.model, intent)
        body = self.of.body(checked, replace(self.context, currency=self.desk.shown_currency), None)
        source = self.of.source(checked)
        if source is not None:
            record = SOURCE_RECORDS[source.kind]
            return Rendered("POST", f"/record/v1/{record}/{source.address}/!transform/{self.of.record}", body)
        return Rendered("PUT", f"/record/v1/{self.of.record}/eid:{_external_id(intent)}", body)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the target by its external id, else by its reference (a cancelled document is not one)."""
        try:
            external_id = _external_id(intent)
        except BadInput as problem:
            raise self.refusal(str(problem)) from None
        number = (await self.reading.by_external_ids([external_id])).get(external_id)
        if number is None and self.of.reference is not None and intent.get(self.of.reference[0]):
            name, column = self.of.reference
            value = str(intent[name])
            number = (await self.reading.by_reference(column, [value])).get(value)
        return await self.reading.found(number)

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Write once.

        Raises:
            InDoubt: the answer was lost.
            Rejected: refused, by NetSuite or before anything was sent (its text says why); also when NetSuite says
                "already exists" of a record that is not the target.
        """
        await self.reading.prepare()
        try:
            written = await self._write(intent)
        except (BadInput, LineProblem) as problem:
            raise self.refusal(str(problem)) from None
        except InDoubt as error:
            refused = error
        else:
            return Sent(written.target_id, written.reply.status, written.reply.call_id)
        if says_already_there(refused) and await self.look(intent) is None:
            raise Rejected(refused.reply, "Another record has this name; link it or rename one of them")
        raise refused

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the target as NetSuite now has it; columns that the account hides are left out."""
        return await self.reading.read_back(target_id)

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the fields that differ: `{"field", "sent", "now"}` each."""
        return self.of.compare(intent, record)

    def body(self, checked: M, rows: Sequence[SourceRow] | None = None) -> Body:
        """Return the body with the account's own ids.

        Raises:
            BadInput: the account lacks the currency, or takes no tax over REST.
            LineProblem: a named line of the source is not there.
        """
        return self.of.body(checked, replace(self.context, currency=self.desk.currency), rows)

    def refusal(self, why: str) -> Rejected:
        """Return the error of what was not sent at all."""
        return Rejected(VendorReply("netsuite", self.kind, detail=f"nothing was sent: {why}"))

    async def _write(self, intent: Mapping[str, Any]) -> Written:
        checked = read_intent(self.of.model, intent)
        source = self.of.source(checked)
        if source is None:
            return await self.desk.client.upsert(self.of.record, _external_id(intent), self.body(checked))
        for attempt in range(1, _MOST_REBASES + 1):
            # Read anew for each try: what is left of a line may have changed with the save in between.
            body = self.body(checked, await self._rows(checked, source))
            try:
                record = SOURCE_RECORDS[source.kind]
                return await self.desk.client.transform(record, source.address, self.of.record, body)
            except Rejected as refused:
                if attempt == _MOST_REBASES or not was_changed_meanwhile(refused):
                    raise
        raise AssertionError("the last try returns or raises")

    async def _rows(self, checked: M, source: Source) -> list[SourceRow] | None:
        if not self.of.named(checked):
            return None
        sublist = await self.desk.client.sublist(SOURCE_RECORDS[source.kind], source.address, "item")
        return read_rows(sublist, taken_field(self.of.record, source.kind))


def _external_id(intent: Mapping[str, Any]) -> str:
    return check_external_id(str(intent["external_id"]))
