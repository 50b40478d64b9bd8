"""What one kind of operation is: all that differs between documents, as data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sync.netsuite.bodies import Body, Context, SourceRow
from sync.netsuite.compare import Difference
from sync.netsuite.intents import Intent, Source, SourceLine
from sync.netsuite.suiteql.tables import CUSTOMERS, TRANSACTIONS, Table
from sync.records import Transaction, TransactionLine

__all__ = ["SOURCE_RECORDS", "Kind", "Words", "taken_field"]

M = TypeVar("M", bound=Intent)

#: Header, lines, and the columns that are missing of both, to our words.
Words = Callable[
    [Transaction, Collection[TransactionLine], Collection[str], Collection[str]],
    dict[str, Any],
]
Compare = Callable[[Mapping[str, Any], Mapping[str, Any]], list[Difference]]

#: Our word for a source document to the record service's name (contract §2.5).
SOURCE_RECORDS = {
    "sales_order": "salesOrder",
    "invoice": "invoice",
    "cash_sale": "cashSale",
    "return_authorization": "returnAuthorization",
    "transfer_order": "transferOrder",
    "purchase_order": "purchaseOrder",
}
#: Which column of a source's lines counts what was taken before, by target and source (contract §4).
_TAKEN = {
    ("itemFulfillment", "sales_order"): "quantityFulfilled",
    ("itemFulfillment", "transfer_order"): "quantityFulfilled",
    ("itemReceipt", "return_authorization"): "quantityReceived",
    ("itemReceipt", "transfer_order"): "quantityReceived",
    ("itemReceipt", "purchase_order"): "quantityReceived",
    ("invoice", "sales_order"): "quantityBilled",
    ("cashSale", "sales_order"): "quantityBilled",
    ("creditMemo", "return_authorization"): "quantityBilled",
    ("cashRefund", "return_authorization"): "quantityBilled",
}


def taken_field(record: str, source_kind: str) -> str:
    """Return the column of the source's lines that counts what was taken, empty where nothing counts it."""
    return _TAKEN.get((record, source_kind), "")


def _no_source(intent: Intent) -> Source | None:
    return None


def _no_lines(intent: Intent) -> Sequence[SourceLine]:
    return ()


@dataclass(frozen=True)
class Kind(Generic[M]):
    """One kind of write of a new record: by PUT with our external id, or by a transform of `source`."""

    kind: str
    record: str
    #: Type code of a transaction, empty for a customer.
    type_code: str
    model: type[M]
    body: Callable[[M, Context, Sequence[SourceRow] | None], Body]
    compare: Compare
    #: None for the customer, which has words of its own.
    words: Words | None = None
    #: The document that this one is made from, None when it stands alone.
    source: Callable[[M], Source | None] = _no_source
    #: The lines of the source that are named; none takes everything over.
    named: Callable[[M], Sequence[SourceLine]] = _no_lines
    #: Name of the intent's field that also identifies the document, with its column.
    reference: tuple[str, str] | None = None

    @property
    def table(self) -> Table:
        """Return the SuiteQL table of the record."""
        return TRANSACTIONS if self.type_code else CUSTOMERS
