"""What the choice of a customer has to ask."""

from __future__ import annotations

from collections.abc import Sequence

from console.desk import ActionRequest, Choice, Form, FormField
from reconcile.customers.known import masks_emails
from reconcile.customers.people import SHOWN_NAME
from reconcile.customers.waiting import Candidates, candidates_of
from sync.store.store import Store

__all__ = ["customer_form", "masked"]

_MOST = 2000
_CUSTOMERS = f"""
SELECT c.customer_id, {SHOWN_NAME}, c.entity_id, c.email FROM customers c
WHERE NOT c.inactive AND (c.customer_id IN (SELECT unnest($1::VARCHAR[])) OR $2)
ORDER BY list_position($1::VARCHAR[], c.customer_id) NULLS LAST, 2, 1 LIMIT {_MOST}
"""  # noqa: S608 - our names


def customer_form(store: Store, request: ActionRequest) -> Form | None:
    """Return the question: which customer a buyer is, or which of two customers is kept."""
    if not request.keys:
        return None
    found = candidates_of(store, request.keys[0])
    return _buyer_form(store, found) if found.is_buyer else _pair_form(store, found)


def _buyer_form(store: Store, found: Candidates) -> Form:
    choices = _choices(store, found.ids, all_of_them=True)
    said = [str(line) for line in found.detail.get("evidence", ())]
    return Form(
        f"Which customer is {found.detail.get('name')}?",
        (FormField("customer", "Customer", choices[0].value if choices else "", choices),),
        "\n".join([*said[:6], "i: none of them, he becomes a new customer."]),
    )


def _pair_form(store: Store, found: Candidates) -> Form:
    choices = _choices(store, (found.key, *found.ids), all_of_them=not found.ids)
    others = tuple(c for c in choices if c.value != found.key)
    keep = found.keep.get(found.ids[0], found.key) if found.ids else found.key
    return Form(
        "Which of the customers is kept?",
        (
            FormField("customer", "Keep", keep, choices),
            FormField("other", "Merge", others[0].value if others else "", others, required=False),
        ),
        "Merge: the other one where this one is kept. A person merges them in NetSuite; it is found here when it is"
        " done. New orders go to the one that is kept at once.",
    )


def _choices(store: Store, first: Sequence[str], *, all_of_them: bool) -> tuple[Choice, ...]:
    mask = masks_emails(store)
    with store.database.reading() as cursor:
        rows = cursor.execute(_CUSTOMERS, [list(first), all_of_them]).fetchall()
    return tuple(
        Choice(number, f"{name} · {number}", f"{entity} {masked(email, hide=mask) or ''}".strip())
        for number, name, entity, email in rows
    )


def masked(email: str | None, *, hide: bool) -> str | None:
    """Return an e-mail address with all but its first letter and its domain hidden, where it is to be hidden."""
    if not email or not hide or "@" not in email:
        return email
    local, _, domain = email.partition("@")
    return f"{local[:1]}***@{domain}"
