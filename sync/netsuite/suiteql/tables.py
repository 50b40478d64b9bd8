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
    "ADDRESSES",
    "CLASSES",
    "CURRENCIES",
    "CUSTOMERS",
    "DELETIONS",
    "DEPARTMENTS",
    "FULFILMENTS",
    "ITEMS",
    "LINES",
    "LINKS",
    "LINKS_WHOLE",
    "LOCATIONS",
    "MEMBERS",
    "PARCELS",
    "PERIODS",
    "SHIPPING_ADDRESSES",
    "STOCK",
    "STOCK_WHOLE",
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
    #: A further table that the rows are joined with, for their date of change.
    join: str = ""

    def select(self, without: Collection[str] = ()) -> str:
        """Return `SELECT … FROM …` without the columns that this account does not have."""
        listed = ", ".join(f"{c.sql} AS {c.name}" for c in self.columns if c.name not in without)
        joined = f" {self.join}" if self.join else ""
        return f"SELECT {listed} FROM {self.name} {self.alias}{joined}"  # noqa: S608 - constants of this module only


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
    "externalid companyname firstname lastname email phone isinactive defaultshippingaddress defaultbillingaddress",
    _moment("c", "lastmodifieddate", optional=True),
)
ACCOUNTS = _table(
    "account", "a", "id accttype", "acctnumber fullname accountsearchdisplayname isinactive currency sspecacct"
)
SUBSIDIARIES = _table("subsidiary", "s", "id name", "currency country isinactive")
LOCATIONS = _table("location", "l", "id name", "subsidiary isinactive")
CURRENCIES = _table("currency", "c", "id", "name symbol exchangerate isbasecurrency")
DEPARTMENTS = _table("department", "d", "id name", "fullname isinactive")
CLASSES = _table("classification", "k", "id name", "fullname isinactive")
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
    "recordtype tranid status entity externalid otherrefnum currency exchangerate foreigntotal postingperiod memo "
    # In no list of the contract, seen in public code.
    "shippingaddress shipmethod",
    _day("t", "trandate"),
    _day("t", "shipdate", optional=True),
    _moment("t", "createddate", optional=True),
    _moment("t", "lastmodifieddate"),
)
LINES = _table(
    "transactionline",
    "tl",
    "transaction id",
    "linesequencenumber mainline taxline item quantity rate netamount foreignamount expenseaccount "
    "entity department class location subsidiary memo createdfrom iscogs kitmemberof quantityshiprecv quantitybilled "
    "isclosed",
)
ACCOUNTING_LINES = _table(
    "transactionaccountingline", "tal", "transaction transactionline account", "debit credit accountingbook posting"
)
#: Members of kits and assemblies; the table is in no list of the contract (assumed), where it is absent the record
#: service is asked.
MEMBERS = _table("itemmember", "m", "parentitem linenumber item quantity")
ADDRESSES = _table(
    "entityaddress", "ea", "nkey", "recordowner addressee addr1 addr2 city state dropdownstate zip country addrphone"
)
#: A transaction's own address, found by its `shippingaddress` (contract §3.1). It is asked for alone: joined with
#: transactions it has made queries run out of time in public reports.
SHIPPING_ADDRESSES = _table(
    "transactionshippingaddress", "sa", "nkey", "addressee addr1 addr2 city state dropdownstate zip country addrphone"
)
STOCK = _table(
    "inventoryitemlocations",
    "l",
    "item location",
    "quantityavailable quantityonhand",
    _moment("l", "lastquantityavailablechange", optional=True),
)
#: Where the first table is not shown; it has no date of change and is read whole.
STOCK_WHOLE = _table("aggregateitemlocation", "l", "item location", "quantityavailable quantityonhand")
_LINK = (
    Column("previousdoc", "l.previousdoc"),
    Column("nextdoc", "l.nextdoc"),
    Column("linktype", "NVL(l.linktype, '-')"),
)
LINKS = Table("nexttransactionlink", "l", _LINK, "INNER JOIN transaction t ON t.id = l.nextdoc")
LINKS_WHOLE = Table("nexttransactionlink", "l", _LINK)
_PARCEL = (
    Column("transaction", "m.transaction"),
    Column("number_id", "m.trackingnumber"),
    Column("trackingnumber", "n.trackingnumber"),
)
_NUMBERS = "INNER JOIN trackingnumber n ON n.id = m.trackingnumber"
PARCELS = Table("trackingnumbermap", "m", _PARCEL, _NUMBERS)
#: Which fulfilments have changed: all that their parcels need to know.
FULFILMENTS = _table("transaction", "t", "id", "", _moment("t", "lastmodifieddate"))
DELETIONS = _table("deletedrecord", "d", "recordid type", "", _moment("d", "deleteddate"))
