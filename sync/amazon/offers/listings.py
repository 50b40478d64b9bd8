"""`amazon.listings@…`: the seller's offers (listings 2021-08-01, searchListingsItems).

The search gives 20 listings a page and no more than 1,000 in all (public knowledge; the model does not say it), so the
first pull of a larger account takes the listings report (GET_MERCHANT_LISTINGS_ALL_DATA), which has no issues, product
types or statuses beyond what it shows; what changes afterwards comes by the search.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.amazon.login.seller import SellerId
from sync.amazon.marketplaces import Marketplace
from sync.amazon.offers.calls import search_listings_call
from sync.amazon.offers.listing_shapes import decode_listing
from sync.amazon.offers.listings_report import LISTINGS_REPORT
from sync.amazon.pages import Read, page_of, read_rows, rows_of, stored_time, token_of
from sync.amazon.reports.requested import RequestedReportStream
from sync.clock import Clock
from sync.errors import ContractBroken, Rejected
from sync.streams import Batch, Document, Window
from sync.transport import Reply, VendorClient

__all__ = ["ListingStream"]

#: Changes are indexed late.
_OVERLAP = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class ListingStream:
    """The listings of one Amazon marketplace; `most` is how many the search gives at most."""

    client: VendorClient
    marketplace: Marketplace
    clock: Clock
    seller: SellerId
    most: int = 1000
    depends_on: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Return `amazon.listings@US`."""
        return f"amazon.listings@{self.marketplace.country}"

    async def pull(self, cursor: Mapping[str, object] | None, until: datetime) -> AsyncIterator[Batch]:
        """Yield the listings changed since the last pull, all of them at first.

        Raises:
            BadInput: the seller id is not known.
            VendorError: a class of `sync.errors`.
        """
        report = cursor.get("listing_report") if cursor else None
        if isinstance(report, Mapping):
            async for batch in self._by_report(report, until):
                yield batch
            return
        since = stored_time(cursor, "at")
        too_many = False
        async for batch, total in self._by_search(cursor, since):
            if total > self.most and since is None:
                too_many = True
                break
            yield batch
        if too_many:
            async for batch in self._by_report({}, until):
                yield batch

    async def _by_search(
        self, cursor: Mapping[str, object] | None, since: datetime | None
    ) -> AsyncIterator[tuple[Batch, int]]:
        now, seller_id = self.clock.now(), await self.seller.value()
        token: str | None = None
        used: set[str] = set()
        may_restart = True
        while True:
            call = search_listings_call(
                seller_id,
                self.marketplace.marketplace_id,
                updated_from=since - _OVERLAP if since else None,
                token=token,
            )
            try:
                reply = await self.client.send(call)
            except Rejected:
                if token is None or not may_restart:
                    raise
                token, used, may_restart = None, set(), False
                continue
            read, total = self._read(reply)
            if token:
                used.add(token)
            if read.token in used:
                if not may_restart:
                    raise ContractBroken(reply.seen(detail="the same page comes again and again"))
                token, used, may_restart = None, set(), False
                continue
            raw = page_of(reply) if read.documents or read.quarantined else None
            token = read.token
            if token is None:
                done = {"at": now.isoformat()}
                covered = Window(since or now, now)
                yield Batch(raw, read.documents, done, read.quarantined, covered=covered, expected=total), total
                return
            yield Batch(raw, read.documents, dict(cursor or {}), read.quarantined, expected=total), total

    async def _by_report(self, report: Mapping[str, object], until: datetime) -> AsyncIterator[Batch]:
        """Read the listings report; its own cursor is kept beside ours until it is done."""
        asked_at = self.clock.now()
        inner = RequestedReportStream(self.client, self.marketplace, self.clock, asked_at, LISTINGS_REPORT)
        async for batch in inner.pull(report, until):
            # A report that is done is followed by searches of what changed since it was asked for.
            done = {"at": asked_at.isoformat()} if batch.covered else {"listing_report": dict(batch.cursor)}
            yield Batch(
                batch.page,
                batch.documents,
                done,
                batch.quarantined,
                covered=batch.covered,
                note=batch.note,
                report_id=batch.report_id,
            )

    def _read(self, reply: Reply) -> tuple[Read, int]:
        body = reply.json()
        total = body.get("numberOfResults") if isinstance(body, Mapping) else None
        read = read_rows(
            rows_of(reply, "items"),
            lambda row, ordinal: Document(*decode_listing(row, self.marketplace), ordinal),
            key="sku",
            token=token_of(reply, "pagination", "nextToken"),
        )
        return read, total if isinstance(total, int) else 0
