"""Stock, links between documents, parcels and deletions: rows without an id of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync.netsuite.pull.changes import Origin, PageContent
from sync.netsuite.rest.client import QueryPage
from sync.netsuite.suiteql.columns import Columns
from sync.netsuite.suiteql.currencies import Currencies
from sync.netsuite.suiteql.decode import Row, Unreadable
from sync.netsuite.suiteql.line_rows import fetch_rows
from sync.netsuite.suiteql.paging import Key
from sync.netsuite.suiteql.tables import (
    DELETIONS,
    FULFILMENTS,
    LINKS,
    LINKS_WHOLE,
    PARCELS,
    STOCK,
    STOCK_WHOLE,
)
from sync.records import Deletion, DocumentLink, ErpParcel, ErpParcels, ItemStock
from sync.streams import Document, Quarantined

__all__ = [
    "DELETION_ORIGINS",
    "LINK_ORIGINS",
    "PARCEL_ORIGINS",
    "STOCK_ORIGINS",
    "ParcelReader",
    "read_deletion",
    "read_link",
    "read_stock",
]

_STOCK_KEYS = (Key("item", "l.item"), Key("location", "l.location"))
STOCK_ORIGINS = (
    Origin(STOCK, _STOCK_KEYS, "l.lastquantityavailablechange", "lastquantityavailablechange"),
    Origin(STOCK_WHOLE, _STOCK_KEYS),
)
# The tables have no date of change: that of the later document counts, and where accounts refuse the join all is read.
_LINK_KEYS = (
    Key("nextdoc", "l.nextdoc"),
    Key("previousdoc", "l.previousdoc"),
    Key("linktype", "NVL(l.linktype, '-')", is_number=False),
)
LINK_ORIGINS = (Origin(LINKS, _LINK_KEYS, "t.lastmodifieddate"), Origin(LINKS_WHOLE, _LINK_KEYS))
_PARCEL_KEYS = (Key("transaction", "m.transaction"), Key("number_id", "m.trackingnumber"))
# A package that was exchanged has no row any more: the fulfilments that changed are asked for all that they have now.
PARCEL_ORIGINS = (Origin(FULFILMENTS, (Key("id", "t.id"),), "t.lastmodifieddate", "lastmodifieddate"),)
DELETION_ORIGINS = (
    Origin(DELETIONS, (Key("recordid", "d.recordid"), Key("type", "d.type", is_number=False)), "d.deleteddate"),
)

#: Types of `deletedrecord` to the mirrored table, without case and spaces; transactions also by their type code.
_TRANSACTIONS = frozenset(
    """
    salesorder invoice cashsale cashrefund itemfulfillment itemreceipt returnauthorization creditmemo customerrefund
    customerpayment customerdeposit journalentry deposit inventoryadjustment transferorder vendorbill purchaseorder
    estimate salesord custinvc cashrfnd itemship itemrcpt rtnauth custcred custrfnd custpymt custdep journal invadjst
    trnfrord purchord
    """.split()
)
_CUSTOMERS = frozenset("customer lead prospect custjob".split())


def read_stock(row: Row) -> ItemStock:
    """Return the stock of a row of `tables.STOCK`."""
    return ItemStock(
        item_id=row.need_text("item"),
        location_id=row.need_text("location"),
        on_hand=row.decimal("quantityonhand"),
        available=row.decimal("quantityavailable"),
        updated_at=row.moment("lastquantityavailablechange"),
    )


def read_link(row: Row) -> DocumentLink:
    """Return the link of a row of `tables.LINKS`."""
    return DocumentLink(row.need_text("previousdoc"), row.need_text("nextdoc"), row.need_text("linktype"))


@dataclass(frozen=True)
class ParcelReader:
    """Reads pages of fulfilments and fetches every parcel that each of them has now."""

    columns: Columns
    currencies: Currencies
    rows: int = 1000

    async def prepare(self) -> None:
        """Find out once which columns of the parcels the account shows."""
        await self.columns.prepare(PARCELS)

    async def read(self, page: QueryPage) -> PageContent:
        """Return one set a fulfilment, an empty one for a fulfilment without parcels."""
        owners = [str(row["id"]) for row in page.items]
        found = await fetch_rows(self.columns, PARCELS, _PARCEL_KEYS, owners, rows=self.rows)
        documents, quarantined = [], []
        for ordinal, owner in enumerate(owners):
            try:
                numbers = [Row(v, self.currencies.zone).need_text("trackingnumber") for v in found.of[owner]]
            except Unreadable as problem:
                quarantined.append(Quarantined(owner, str(problem), ordinal))
                continue
            parcels = [ErpParcel(owner, number) for number in dict.fromkeys(numbers)]
            documents.append(Document(ErpParcels(owner, len(parcels)), parcels, ordinal))
        return PageContent(documents, quarantined, found.pages)


def read_deletion(row: Row) -> Deletion:
    """Return the deletion of a row of `tables.DELETIONS`; `entity` is empty for what is not mirrored."""
    kind = row.need_text("type")
    return Deletion(_entity(kind), row.need_text("recordid"), kind, row.need_moment("deleteddate"))


def _entity(kind: str) -> str:
    plain = re.sub(r"[^a-z]", "", kind.lower())
    if plain in _TRANSACTIONS:
        return "transactions"
    if plain in _CUSTOMERS:
        return "customers"
    return "items" if plain.endswith(("item", "itempart")) else ""
