"""Items and customers, read from SuiteQL rows."""

from __future__ import annotations

from sync.netsuite.decode import Row
from sync.records import Customer, Item

__all__ = ["read_customer", "read_item"]


def read_item(row: Row) -> Item:
    """Return the item of a row of `tables.ITEMS`."""
    return Item(
        item_id=row.need_text("id"),
        name=row.need_text("itemid"),
        display_name=row.text("displayname"),
        item_type=row.need_text("itemtype"),
        upc=row.text("upccode"),
        inactive=row.flag("isinactive"),
        updated_at=row.moment("lastmodifieddate"),
    )


def read_customer(row: Row) -> Customer:
    """Return the customer of a row of `tables.CUSTOMERS`."""
    return Customer(
        customer_id=row.need_text("id"),
        entity_id=row.need_text("entityid"),
        external_id=row.text("externalid"),
        company_name=row.text("companyname"),
        first_name=row.text("firstname"),
        last_name=row.text("lastname"),
        email=row.text("email"),
        phone=row.text("phone"),
        inactive=row.flag("isinactive"),
        updated_at=row.moment("lastmodifieddate"),
    )
