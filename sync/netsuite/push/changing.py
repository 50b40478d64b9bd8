"""The handler of changes: compare what was believed, PATCH the named fields, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from sync.errors import BadInput, Rejected, VendorReply
from sync.netsuite.bodies import Body, Context
from sync.netsuite.compare import Difference, compare_fields, compare_taken
from sync.netsuite.intents import Intent, read_intent
from sync.netsuite.push.reading import Desk
from sync.netsuite.rest.client import Written
from sync.netsuite.rest.errors import was_changed_meanwhile
from sync.outbox.handlers import Found, Rendered, Sent

__all__ = ["Change", "ChangeHandler"]

M = TypeVar("M", bound=Intent)
_MOST_REBASES = 3


class Reads(Protocol):
    """Reads a record in our words."""

    async def __call__(self, target_id: str, /) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Change(Generic[M]):
    """One kind of change of a record that is there."""

    kind: str
    model: type[M]
    record: Callable[[M], str]
    body: Callable[[M, Context], Body]
    #: The values that the record has afterwards, in the words of `read`; lines by their id.
    wanted: Callable[[M], Mapping[str, Any]]
    #: Sublists that the body replaces as a whole.
    replaces: Callable[[M], Sequence[str]]


@dataclass(frozen=True)
class ChangeHandler(Generic[M]):
    """One kind of operation that changes a record; see `sync.outbox.handlers.Handler`.

    `look` finds the target only where it already is as wanted. A record that is neither as wanted nor as it was
    believed to be was changed by somebody else: that is refused, never overwritten.
    """

    of: Change[M]
    desk: Desk
    context: Context
    read: Reads

    @property
    def kind(self) -> str:
        """Return the kind, such as `sales_order.update`."""
        return self.of.kind

    def render(self, intent: Mapping[str, Any]) -> Rendered:
        """Return the request as it will be sent.

        Raises:
            BadInput: the intent cannot be written.
        """
        checked = read_intent(self.of.model, intent)
        body = self.of.body(checked, replace(self.context, currency=self.desk.shown_currency))
        replaced = ",".join(self.of.replaces(checked))
        path = f"/record/v1/{self.of.record(checked)}/{_id(intent)}"
        return Rendered("PATCH", f"{path}?replace={replaced}" if replaced else path, body)

    async def look(self, intent: Mapping[str, Any]) -> Found | None:
        """Return the target if it is as wanted, None if it is still as it was believed to be.

        Raises:
            Rejected: it is neither: somebody changed it meanwhile.
        """
        try:
            record = await self.read(_id(intent))
            differs = self.compare(intent, record)
        except BadInput as problem:
            raise Rejected(VendorReply("netsuite", self.kind, detail=f"nothing was sent: {problem}")) from None
        if not differs:
            return Found(_id(intent), record)
        believed = intent.get("believed") or {}
        if moved := [*_differences(believed, record), *_filled(believed, record)]:
            told = ", ".join(f"{d['field']} is {d['now']}, not {d['sent']}" for d in moved[:5])
            raise Rejected(
                VendorReply("netsuite", self.kind, detail=f"nothing was sent: {told}"),
                "It was changed in NetSuite meanwhile; the next cycle derives the change anew",
            )
        return None

    async def send(self, intent: Mapping[str, Any]) -> Sent:
        """Write once; a save of somebody else in between is read and, where it does not touch us, written over.

        Raises:
            InDoubt: the answer was lost.
            Rejected: refused, by NetSuite or before anything was sent.
        """
        try:
            checked = read_intent(self.of.model, intent)
            await self.desk.currencies.load()
            body = self.of.body(checked, replace(self.context, currency=self.desk.currency))
            record = self.of.record(checked)
        except BadInput as problem:
            raise Rejected(VendorReply("netsuite", self.kind, detail=f"nothing was sent: {problem}")) from None
        for _ in range(_MOST_REBASES - 1):
            try:
                return await self._patch(checked, record, _id(intent), body)
            except Rejected as refused:
                if not was_changed_meanwhile(refused):
                    raise
            if await self.look(intent) is not None:
                return Sent(_id(intent))
        return await self._patch(checked, record, _id(intent), body)

    async def read_back(self, target_id: str) -> Mapping[str, Any]:
        """Return the target as NetSuite now has it."""
        return await self.read(target_id)

    def compare(self, intent: Mapping[str, Any], record: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """Return the fields that are not as wanted: `{"field", "sent", "now"}` each."""
        return _differences(self.of.wanted(read_intent(self.of.model, intent)), record)

    async def _patch(self, checked: M, record: str, target_id: str, body: Body) -> Sent:
        written: Written = await self.desk.client.patch(record, target_id, body, replace=self.of.replaces(checked))
        return Sent(target_id, written.reply.status, written.reply.call_id)


def _lines_differ(lines: Mapping[str, Mapping[str, Any]], record: Mapping[str, Any]) -> list[Difference]:
    """Return what differs in lines that are named by their id."""
    there = {str(line.get("line_id")): line for line in record.get("lines", ())}
    found: list[Difference] = []
    for line_id, fields in lines.items():
        if line_id not in there:
            found.append({"field": f"lines.{line_id}", "sent": "a line", "now": None})
            continue
        found += compare_fields(fields, there[line_id], list(fields), f"lines.{line_id}.")
    return found


def _filled(believed: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return the fields that were believed to be empty and have a value now."""
    return [
        {"field": name, "sent": "empty", "now": str(record[name])}
        for name, value in believed.items()
        if value is None and record.get(name) not in (None, "")
    ]


def _address_differs(wanted: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    """Return that no address of the record is the wanted one; capitals and blanks do not count.

    NetSuite spells regions and countries its own way: street, city and postal code say which address it is.
    """
    place = [name for name in ("address1", "address2", "city", "postal_code") if wanted.get(name)]
    book = record.get("addresses", ())
    there = [a for a in book if all(_said(a.get(name)) == _said(wanted[name]) for name in place)]
    return [] if there else [{"field": "address", "sent": ", ".join(str(v) for v in wanted.values()), "now": None}]


def _said(value: object) -> str:
    return " ".join(str(value or "").casefold().split())


def _differences(values: Mapping[str, Any], record: Mapping[str, Any]) -> list[Difference]:
    fields = [name for name in values if name not in ("lines", "all_lines", "address_added")]
    found = [*compare_fields(values, record, fields), *_lines_differ(values.get("lines") or {}, record)]
    # A tax that is not shown is not there: it is no field that the account hides from reading.
    unseen = [name for name in fields if name.startswith("tax.") and values[name] is not None and name not in record]
    found += [{"field": name, "sent": str(values[name]), "now": None} for name in unseen]
    if "address_added" in values:
        found += _address_differs(values["address_added"], record)
    return found + compare_taken(values["all_lines"], record, "lines") if "all_lines" in values else found


def _id(intent: Mapping[str, Any]) -> str:
    return str(intent["id"])
