"""What is read of each SuiteQL table: a select list written here, never from data (contract §3.1).

Dates and times always go through TO_CHAR: as they are they come in the account's own format. Optional columns are
absent in some accounts (feature off, not exposed, removed); `columns.py` finds out which.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

__all__ = [
    "ACCOUNTING_LINES",
    "ACCOUNTS",
    "CURRENCIES",
    "CUSTOMERS",
    "ITEMS",
    "LINES",
    "LOCATIONS",
    "PERIODS",
    "SUBSIDIARIES",
    "TRANSACTIONS",
    "Column",
    "Table",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One expression of a select list and the name it is read by."""

    name: str
    sql: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One SuiteQL table with its alias and columns; `columns[0]` identifies the row."""

    name: str
    alias: str
    columns: tuple[Column, ...]

    def select(self, without: Collection[str] = ()) -> str:
        """Return `SELECT … FROM …` without the columns that this account does not have."""
        listed = ", ".join(f"{c.sql} AS {c.name}" for c in self.columns if c.name not in without)
        return f"SELECT {listed} FROM {self.name} {self.alias}"  # noqa: S608 - constants of this module only


def _table(name: str, alias: str, needed: str, optional: str = "", *more: Column) -> Table:
    columns = [Column(c, f"{alias}.{c}") for c in needed.split()]
    columns += [Column(c, f"{alias}.{c}", optional=True) for c in optional.split()]
    return Table(name, alias, (*columns, *more))


def _day(alias: str, name: str, *, optional: bool = False) -> Column:
    return Column(name, f"TO_CHAR({alias}.{name}, 'YYYY-MM-DD')", optional)


def _moment(alias: str, name: str, *, optional: bool = False) -> Column:
    return Column(name, f"TO_CHAR({alias}.{name}, 'YYYY-MM-DD HH24:MI:SS')", optional)


ITEMS = _table(
    "item",
    "i",
    "id itemid itemtype",
    "displayname upccode isinactive",
    _moment("i", "lastmodifieddate", optional=True),
)
CUSTOMERS = _table(
    "customer",
    "c",
    "id entityid",
    "externalid companyname firstname lastname email phone isinactive",
    _moment("c", "lastmodifieddate", optional=True),
)
ACCOUNTS = _table("account", "a", "id accttype", "acctnumber fullname accountsearchdisplayname isinactive")
SUBSIDIARIES = _table("subsidiary", "s", "id name", "currency country isinactive")
LOCATIONS = _table("location", "l", "id name", "subsidiary isinactive")
CURRENCIES = _table("currency", "c", "id", "name symbol")
PERIODS = _table(
    "accountingperiod",
    "p",
    "id periodname closed",
    "alllocked isquarter isyear isadjust",
    _day("p", "startdate"),
    _day("p", "enddate"),
)
TRANSACTIONS = _table(
    "transaction",
    "t",
    "id type",
    "recordtype tranid status entity externalid otherrefnum currency exchangerate foreigntotal postingperiod memo",
    _day("t", "trandate"),
    _moment("t", "createddate", optional=True),
    _moment("t", "lastmodifieddate"),
)
LINES = _table(
    "transactionline",
    "tl",
    "transaction id",
    "linesequencenumber mainline taxline item quantity rate netamount foreignamount expenseaccount "
    "entity department class location subsidiary memo createdfrom iscogs kitmemberof",
)
ACCOUNTING_LINES = _table(
    "transactionaccountingline", "tal", "transaction transactionline account", "debit credit accountingbook posting"
)
