"""Bodies of customers."""

from __future__ import annotations

from sync.netsuite.bodies.fields import Body, Context, address, present, ref
from sync.netsuite.intents import CustomerIntent, CustomerUpdateIntent

__all__ = ["customer_body", "customer_changes_body"]


def customer_body(intent: CustomerIntent, context: Context) -> Body:
    """Return the body of a customer (contract §4)."""
    is_person = intent.kind == "person"
    body = present(
        {
            "externalId": intent.external_id,
            "entityId": intent.entity_id,
            "isPerson": is_person,
            "firstName": intent.first_name if is_person else None,
            "lastName": intent.last_name if is_person else None,
            "companyName": intent.company_name,
            "email": intent.email,
            "phone": intent.phone,
            "subsidiary": ref(intent.subsidiary_id),
            "currency": context.currency(intent.currency),
        }
    )
    if intent.address is not None:
        entry = {"defaultShipping": True, "defaultBilling": True, "addressBookAddress": address(intent.address)}
        body["addressBook"] = {"items": [entry]}
    return body


def customer_changes_body(intent: CustomerUpdateIntent, context: Context) -> Body:
    """Return the changed fields only: a field that is not in the body keeps its value (contract §2.3).

    The address book is a sublist without keys: what a body names is appended.
    """
    changes = intent.set
    added = None
    if intent.add_address is not None:
        added = {"items": [{"defaultShipping": False, "defaultBilling": False,
                            "addressBookAddress": address(intent.add_address)}]}  # fmt: skip
    return present(
        {
            "externalId": changes.external_id,
            "firstName": changes.first_name,
            "lastName": changes.last_name,
            "companyName": changes.company_name,
            "email": changes.email,
            "phone": changes.phone,
            "isInactive": changes.inactive,
            "addressBook": added,
        }
    )
