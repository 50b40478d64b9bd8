"""What the rules of documents may ask of the books that they are rules of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from zoneinfo import ZoneInfo

from sync.sandbox.netsuite.fields.types import RecordType
from sync.sandbox.netsuite.records.chain import Chain
from sync.sandbox.netsuite.records.on_hand import Stock
from sync.sandbox.netsuite.records.shelves import Shelves
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.settings import AccountSettings

__all__ = ["Books", "DefaultAccounts"]


@dataclass(frozen=True, slots=True)
class DefaultAccounts:
    """Internal ids of the accounts that documents post to by default."""

    receivable: int
    undeposited: int
    income: int
    shipping: int
    discount: int
    tax: int
    cogs: int
    inventory: int
    orders: int


class Books(Protocol):
    """One company's records as a rule sees them: it looks, and fills the document in hand; the books save it."""

    settings: AccountSettings
    zone: ZoneInfo
    shelves: Shelves
    chain: Chain
    stock: Stock
    #: Looked up, or made, when first asked for: by `chart` alone.
    default_accounts: DefaultAccounts | None
    rare_accounts: dict[str, int]

    def get(self, record: str, internal_id: int) -> Stored:
        """Return a record; refuse with 404 where there is none."""
        ...

    def look(self, target: str, internal_id: object) -> Stored | None:
        """Return what a reference to `target` (a record type, `item` or `transaction`) points to, None for nothing."""
        ...

    def in_space(self, space: str, internal_id: int) -> Stored | None:
        """Return the record with that id among those that share ids."""
        ...

    def records(self, record: str) -> list[Stored]:
        """Return all records of a type, by internal id."""
        ...

    def everything(self) -> Iterator[Stored]:
        """Yield every record of the company, in no order."""
        ...

    def followers(self, transaction_id: int) -> list[Stored]:
        """Return the transactions made from a transaction, oldest first."""
        ...

    def next_number(self, kind: RecordType) -> str:
        """Return the next document number of a type."""
        ...

    def next_line_key(self) -> str:
        """Return the next line key, unique over all transactions."""
        ...

    def add_system_account(self, name: str, kind: str) -> int:
        """Make an account that NetSuite makes by itself; return its internal id."""
        ...
