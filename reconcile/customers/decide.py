"""What a person says about who is who, checked before it is kept."""

from __future__ import annotations

from reconcile.customers.known import pair_subject
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["choose_customer", "is_customer", "say_not_same", "say_same"]


def say_same(store: Store, one: str, other: str, *, keep: str | None = None, by: str, reason: str = "") -> str:
    """Decide that two customers are one, `keep` (default: the first) being the one to merge into; returns the subject.

    Raises:
        BadInput: one of them is not there, or `keep` is neither.
    """
    _check(store, one, other)
    kept = keep or one
    if kept not in (one, other) or one == other:
        raise BadInput("the customer to keep is none of the two", value=kept, remedy=f"Keep {one} or {other}")
    subject = pair_subject(one, other)
    with store.database.transaction():
        if subject in store.decisions.current("not_same"):
            store.decisions.withdraw("not_same", subject, by=by, reason=reason)
        store.decisions.decide("same_customer", subject, {"keep": kept}, by=by, reason=reason)
    return subject


def say_not_same(store: Store, one: str, other: str, *, by: str, reason: str = "") -> str:
    """Decide that two customers, or a buyer (by external id) and a customer, are not one; returns the subject.

    Raises:
        BadInput: a customer is not there, or both are the same.
    """
    _check(store, *(key for key in (one, other) if is_customer(key)))
    if one == other or not (is_customer(one) or is_customer(other)):
        raise BadInput("these are not two records", value=f"{one} {other}", remedy="Name two customers by their ids")
    subject = pair_subject(one, other)
    with store.database.transaction():
        if subject in store.decisions.current("same_customer"):
            store.decisions.withdraw("same_customer", subject, by=by, reason=reason)
        buyer, _, customer_id = subject.partition("|")
        held = store.decisions.current("customer").get(buyer)
        if held is not None and held.value.get("customer_id") == customer_id:
            store.decisions.withdraw("customer", buyer, by=by, reason=reason)
        store.decisions.decide("not_same", subject, {}, by=by, reason=reason)
    return subject


def choose_customer(store: Store, buyer: str, customer_id: str, *, by: str, reason: str = "") -> str:
    """Decide which customer a buyer (by the external id that we would give him) is; returns the subject.

    Raises:
        BadInput: there is no such customer.
    """
    _check(store, customer_id)
    if is_customer(buyer) or "-CUST-" not in buyer:
        raise BadInput("this is no buyer", value=buyer, remedy="See `tieout list customers`: AMZ-CUST-… or WMT-CUST-…")
    subject = pair_subject(buyer, customer_id)
    with store.database.transaction():
        if subject in store.decisions.current("not_same"):
            store.decisions.withdraw("not_same", subject, by=by, reason=reason)
        store.decisions.decide("customer", buyer, {"customer_id": customer_id}, by=by, reason=reason)
    return buyer


def is_customer(key: str) -> bool:
    """Tell whether a key is a customer's id; a buyer's is our external id."""
    return key.isascii() and key.lstrip("-").isdigit()


def _check(store: Store, *ids: str) -> None:
    with store.database.reading() as cursor:
        rows = cursor.execute(
            "SELECT customer_id, inactive FROM customers WHERE customer_id IN (SELECT unnest($1::VARCHAR[]))",
            [list(ids)],
        ).fetchall()
    found = {str(number): inactive for number, inactive in rows}
    for one in ids:
        if found.get(one, True):
            why = "is inactive" if one in found else "is not there"
            raise BadInput(f"customer {one} {why}", value=one, remedy="See `tieout list customers`, or pull NetSuite")
