"""The tables that SuiteQL sees: columns with their kinds, what is hidden and why, and what BUILTIN.DF shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sync.sandbox.netsuite.settings import AccountSettings

__all__ = ["SQL_TYPES", "Catalog", "account_catalog"]

#: Kind of a column → DuckDB type. Money and quantities are exact; rates of exchange need eight decimals.
SQL_TYPES = {
    "int": "BIGINT",
    "num": "DECIMAL(18,4)",
    "rate": "DECIMAL(20,8)",
    "str": "VARCHAR",
    "date": "DATE",
    "ts": "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a role may query.

    `tables` maps table → column → kind. `hidden` maps (table, column) to NOT_EXPOSED or REMOVED. `displays` maps
    (table, column) to the (table, column) whose text BUILTIN.DF shows.
    """

    tables: Mapping[str, Mapping[str, str]]
    hidden: Mapping[tuple[str, str], str] = field(default_factory=dict)
    displays: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    #: Tables that exist and that this role or account may not search.
    hidden_tables: frozenset[str] = frozenset()


_STOCK = """
    item:int location:int quantityonhand:num quantityavailable:num quantitycommitted:num quantitybackordered:num
    averagecostmli:num lastquantityavailablechange:ts"""
_ADDRESS = """
    nkey:int addressee:str attention:str addr1:str addr2:str addr3:str city:str state:str dropdownstate:str zip:str
    country:str addrphone:str addrtext:str override:str recordowner:int lastmodifieddate:ts"""
# `shipdate` and `shipmethod` of the header are in no list of the contract: public code selects both, some of it with
# companies in mind that do not show them. An address's `nkey` is the header's `shippingaddress` (contract §3.1); that
# its columns are those of `entityaddress` is assumed.
_LINE_LINK = "previousdoc:int previousline:int nextdoc:int nextline:int linktype:str"
_TABLES = {
    "transaction": """
        id:int tranid:str type:str recordtype:str status:str trandate:date postingperiod:int entity:int externalid:str
        otherrefnum:str currency:int exchangerate:rate foreigntotal:num createddate:ts lastmodifieddate:ts
        closedate:date duedate:date memo:str posting:str voided:str email:str shippingaddress:int billingaddress:int
        foreignamountpaid:num foreignamountunpaid:num transactionnumber:str isreversal:str reversaldate:date
        shipdate:date shipmethod:int""",
    "transactionline": """
        transaction:int id:int uniquekey:int linesequencenumber:int mainline:str taxline:str iscogs:str item:int
        quantity:num rate:num netamount:num foreignamount:num debitforeignamount:num creditforeignamount:num
        expenseaccount:int entity:int department:int class:int location:int subsidiary:int createdfrom:int
        kitmemberof:int kitcomponent:str assemblycomponent:str quantityshiprecv:num quantitybilled:num isclosed:str
        memo:str linelastmodifieddate:ts""",
    "transactionaccountingline": """
        transaction:int transactionline:int account:int debit:num credit:num amount:num netamount:num accountingbook:int
        posting:str exchangerate:rate""",
    "item": """
        id:int itemid:str fullname:str displayname:str description:str itemtype:str averagecost:num
        isinactive:str weight:num weightunit:str createddate:ts lastmodifieddate:ts upccode:str mpn:str externalid:str
        incomeaccount:int assetaccount:int cost:num lastpurchaseprice:num subsidiary:int location:int department:int
        class:int""",
    "inventoryitemlocations": _STOCK,
    "aggregateitemlocation": f"{_STOCK} reorderpoint:num",
    "entityaddress": _ADDRESS,
    "transactionshippingaddress": _ADDRESS,
    "transactionbillingaddress": _ADDRESS,
    "trackingnumber": "id:int trackingnumber:str",
    "trackingnumbermap": "transaction:int trackingnumber:int",
    "transactionshipment": "id:int doc:int shippingmethod:int destinationaddress:int weight:num",
    "customfield": "internalid:int scriptid:str name:str fieldtype:str fieldvaluetype:str isinactive:str",
    "customer": """
        id:int entityid:str externalid:str companyname:str firstname:str lastname:str isperson:str email:str phone:str
        isinactive:str currency:int comments:str receivablesaccount:int datecreated:ts lastmodifieddate:ts
        defaultshippingaddress:int defaultbillingaddress:int""",
    "customersubsidiaryrelationship": "id:int entity:int subsidiary:int isprimarysub:str",
    "account": """
        id:int acctnumber:str fullname:str accountsearchdisplayname:str accountsearchdisplaynamecopy:str
        displaynamewithhierarchy:str accttype:str sspecacct:str description:str currency:int parent:int eliminate:str
        isinactive:str externalid:str lastmodifieddate:ts""",
    "subsidiary": """
        id:int name:str fullname:str legalname:str currency:int country:str parent:int iselimination:str isinactive:str
        externalid:str lastmodifieddate:ts""",
    "location": """
        id:int name:str fullname:str subsidiary:int parent:int locationtype:str makeinventoryavailable:str usebins:str
        isinactive:str externalid:str lastmodifieddate:ts""",
    "accountingperiod": """
        id:int periodname:str startdate:date enddate:date parent:int closed:str alllocked:str arlocked:str aplocked:str
        allownonglchanges:str isquarter:str isyear:str isadjust:str isposting:str isinactive:str closedondate:ts
        lastmodifieddate:ts""",
    "currency": """
        id:int name:str symbol:str exchangerate:rate isbasecurrency:str currencyprecision:int isinactive:str
        externalid:str lastmodifieddate:ts""",
    "department": """
        id:int name:str fullname:str parent:int subsidiary:int isinactive:str externalid:str lastmodifieddate:ts""",
    "classification": """
        id:int name:str fullname:str parent:int subsidiary:int isinactive:str externalid:str lastmodifieddate:ts""",
    "nexttransactionlink": "previousdoc:int nextdoc:int linktype:str",
    "nexttransactionlinelink": _LINE_LINK,
    "previoustransactionlinelink": _LINE_LINK,
    "deletedrecord": "deleteddate:ts type:str recordid:int name:str context:str",
    "dual": "dummy:str",
}

_DISPLAYS = {
    ("transaction", "entity"): ("customer", "entityid"),
    ("transaction", "currency"): ("currency", "name"),
    ("transaction", "postingperiod"): ("accountingperiod", "periodname"),
    ("transaction", "subsidiary"): ("subsidiary", "name"),
    ("transactionline", "item"): ("item", "itemid"),
    ("transactionline", "location"): ("location", "name"),
    ("transactionline", "subsidiary"): ("subsidiary", "name"),
    ("transactionline", "department"): ("department", "name"),
    ("transactionline", "class"): ("classification", "name"),
    ("transactionline", "entity"): ("customer", "entityid"),
    ("transactionline", "expenseaccount"): ("account", "accountsearchdisplayname"),
    ("transactionline", "createdfrom"): ("transaction", "tranid"),
    ("transactionline", "transaction"): ("transaction", "tranid"),
    ("transactionaccountingline", "account"): ("account", "accountsearchdisplayname"),
    ("transactionaccountingline", "transaction"): ("transaction", "tranid"),
    ("customer", "currency"): ("currency", "name"),
    ("account", "currency"): ("currency", "name"),
    ("account", "parent"): ("account", "accountsearchdisplayname"),
    ("subsidiary", "currency"): ("currency", "name"),
    ("subsidiary", "parent"): ("subsidiary", "name"),
    ("location", "subsidiary"): ("subsidiary", "name"),
    ("location", "parent"): ("location", "name"),
    ("accountingperiod", "parent"): ("accountingperiod", "periodname"),
    ("inventoryitemlocations", "item"): ("item", "itemid"),
    ("inventoryitemlocations", "location"): ("location", "name"),
    ("aggregateitemlocation", "item"): ("item", "itemid"),
    ("aggregateitemlocation", "location"): ("location", "name"),
    ("nexttransactionlink", "previousdoc"): ("transaction", "tranid"),
    ("nexttransactionlink", "nextdoc"): ("transaction", "tranid"),
    ("trackingnumbermap", "trackingnumber"): ("trackingnumber", "trackingnumber"),
    ("item", "location"): ("location", "name"),
    ("item", "incomeaccount"): ("account", "accountsearchdisplayname"),
    ("item", "assetaccount"): ("account", "accountsearchdisplayname"),
}

#: Known to NetSuite, not for queries over REST.
_NOT_EXPOSED = {("transactionline", "itemtype"), ("customer", "balance"), ("transaction", "balance")}


def _columns(text: str) -> dict[str, str]:
    return dict(entry.split(":", 1) for entry in text.split())


def account_catalog(settings: AccountSettings) -> Catalog:
    """Return the catalog of an account: its features decide which tables and columns there are."""
    tables = {name: _columns(text) for name, text in _TABLES.items()}
    hidden = dict.fromkeys(_NOT_EXPOSED, "NOT_EXPOSED")
    for column in settings.custom_fields:
        owner = {"custbody": "transaction", "custcol_": "transactionline", "custitem": "item"}.get(column[:8])
        if owner:
            tables[owner][column] = "str"
    if settings.transaction_total:
        tables["transaction"]["total"] = "num"
    if settings.one_world:
        _place(tables, hidden, "subsidiary", settings.header_subsidiary)
    else:
        for name in ("subsidiary", "customersubsidiaryrelationship"):
            del tables[name]
        for columns in tables.values():
            columns.pop("subsidiary", None)
    _place(tables, hidden, "location", settings.header_location)
    for name in settings.hidden_columns:
        table, _, column = name.partition(".")
        del tables[table][column]
        hidden[(table, column)] = "NOT_EXPOSED"
    unseen = {*settings.hidden_tables, *(_TABLES.keys() - tables.keys())}
    kept = {name: columns for name, columns in tables.items() if name not in unseen}
    return Catalog(kept, hidden, _DISPLAYS, frozenset(unseen))


def _place(tables: dict[str, dict[str, str]], hidden: dict[tuple[str, str], str], column: str, state: str) -> None:
    if state == "present":
        tables["transaction"][column] = "int"
    elif state in ("not_exposed", "removed"):
        hidden[("transaction", column)] = state.upper()
    elif state != "absent":
        raise ValueError(f"transaction.{column} is present, not_exposed, removed or absent, not {state!r}")
