"""The same handlers in batches of up to 100, for accounts on 2026.1 or later (contract §2.7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sync.errors import BadInput, InDoubt, Rejected, VendorError
from sync.netsuite.bodies import Body
from sync.netsuite.intents import Intent, read_intent
from sync.netsuite.push.handler import WriteHandler
from sync.netsuite.rest.client import Written
from sync.netsuite.rest.errors import says_already_there
from sync.netsuite.rest.jobs import MOST_ITEMS, Jobs, idempotency_key
from sync.outbox.handlers import Found, Sent

__all__ = ["BatchWriteHandler"]

M = TypeVar("M", bound=Intent)


@dataclass(frozen=True)
class BatchWriteHandler(WriteHandler[M]):
    """A kind that is written by PUT with our external id; see `sync.outbox.handlers.BatchHandler`."""

    #: Whether NetSuite may work on the records of a batch side by side.
    parallel: bool = False

    @property
    def most(self) -> int:
        """Return how many records one batch takes."""
        return MOST_ITEMS

    async def look_many(self, intents: Sequence[Mapping[str, Any]]) -> list[Found | None]:
        """Return for each what `look` would, with one query for the ids and one for what stands behind them."""
        numbers = await self.reading.by_external_ids([str(i["external_id"]) for i in intents])
        ids: list[str | None] = [numbers.get(str(i["external_id"])) for i in intents]
        if self.of.reference is not None:
            name, column = self.of.reference
            open_ = [str(i[name]) for i, n in zip(intents, ids, strict=True) if n is None and i.get(name)]
            others = await self.reading.by_reference(column, open_)
            ids = [n or others.get(str(i.get(name))) for i, n in zip(intents, ids, strict=True)]
        wanted = list(dict.fromkeys(n for n in ids if n is not None))
        records = dict(zip(wanted, await self.reading.read_back_many(wanted), strict=True))
        return [None if n is None else _found(n, records[n]) for n in ids]

    async def send_many(self, intents: Sequence[Mapping[str, Any]]) -> list[Sent | VendorError]:
        """Write them as one batch; return one outcome for each, in order.

        What cannot be written at all, or is made from another document, does not go into the batch: the one is
        refused, the other is sent alone.

        Raises:
            InDoubt: the batch may have been taken; the same intents find its job again.
        """
        await self.reading.prepare()
        outcomes: dict[int, Sent | VendorError] = {}
        bodies: dict[int, Body] = {}
        for position, intent in enumerate(intents):
            try:
                checked = read_intent(self.of.model, intent)
                if self.of.source(checked) is None:
                    bodies[position] = self.body(checked)
                else:
                    outcomes[position] = await self._alone(intent)
            except BadInput as problem:
                outcomes[position] = self.refusal(str(problem))
        outcomes |= await self._together(intents, bodies)
        return [outcomes[position] for position in range(len(intents))]

    async def read_back_many(self, target_ids: Sequence[str]) -> list[Mapping[str, Any] | VendorError]:
        """Return for each what `read_back` would return or raise, in order."""
        return await self.reading.read_back_many(target_ids)

    async def _alone(self, intent: Mapping[str, Any]) -> Sent | VendorError:
        try:
            return await self.send(intent)
        except VendorError as error:
            return error

    async def _together(
        self, intents: Sequence[Mapping[str, Any]], bodies: Mapping[int, Body]
    ) -> dict[int, Sent | VendorError]:
        if not bodies:
            return {}
        items = list(bodies.values())
        external_ids = [str(intents[position]["external_id"]) for position in bodies]
        key = idempotency_key(self.kind, external_ids, items)
        jobs = Jobs(self.desk.client)
        job = await jobs.submit(self.of.record, "PUT", items, key=key, parallel=self.parallel)
        results = await jobs.outcomes(job, len(items))
        found: dict[int, Sent | VendorError] = {}
        for position, result in zip(bodies, results, strict=True):
            if job.is_repeat and isinstance(result, VendorError) and not isinstance(result, InDoubt):
                # The first job's refusal is old: what was wrong then may have been put right since.
                found[position] = await self._alone(intents[position])
            else:
                found[position] = await self._outcome(intents[position], result)
        return found

    async def _outcome(self, intent: Mapping[str, Any], result: object) -> Sent | VendorError:
        match result:
            case Written():
                return Sent(result.target_id, result.reply.status, result.reply.call_id)
            case InDoubt() if says_already_there(result) and await self.look(intent) is None:
                return Rejected(result.reply, "Another record has this name; link it or rename one of them")
            case VendorError():
                return result
            case _:
                return self.refusal("the batch answered for a record without naming it")


def _found(target_id: str, record: Mapping[str, Any] | VendorError) -> Found:
    if isinstance(record, VendorError):
        raise record
    return Found(target_id, record)
