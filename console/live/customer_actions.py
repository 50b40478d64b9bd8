"""Actions of the section Customers: say who a buyer is, that two customers are one, or that they are not."""

from __future__ import annotations

from console.desk import ActionRequest
from console.live.actions import LiveActions
from console.live.jobs import Ended, Job
from console.present.times import counted
from reconcile.customers.decide import choose_customer, say_not_same, say_same
from reconcile.customers.waiting import Candidates, candidates_of
from reconcile.cycle import run_cycle
from sync.errors import BadInput

__all__ = ["CUSTOMER_CONTROLS", "accept_candidates", "choose", "not_same"]

CUSTOMER_CONTROLS = ["customer_differs", "customer_duplicate", "customer_unclear"]


def accept_candidates(actions: LiveActions, request: ActionRequest) -> Ended:
    """Take the best candidate of each record: the buyer is that customer, the two customers are one."""
    for key in request.keys:
        found = _candidates(actions, key)
        if found.is_buyer:
            _chosen(actions, key, found.ids[0])
        else:
            _same(actions, key, found.ids[0], found.keep[found.ids[0]])
    run_cycle(actions.store, controls=CUSTOMER_CONTROLS)
    return Ended(f"{counted(len(request.keys), 'record')} decided. u undoes the last one")


def choose(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Decide which customer a buyer is, or which of two customers is kept."""
    key, chosen = request.keys[0], request.answers["customer"].strip()
    found = candidates_of(actions.store, key)
    if found.is_buyer:
        _chosen(actions, key, chosen)
        said = f"{found.detail.get('name')} is customer {chosen}: {counted(int(found.detail['orders']), 'order')} free"
    else:
        other = request.answers.get("other", "").strip() or (found.ids[0] if found.ids else "")
        if chosen == key and not other:
            raise BadInput("there is no other customer to merge into it", remedy="Choose the one that is the same")
        _same(actions, key, other if chosen == key else chosen, chosen)
        said = f"{key} and {other if chosen == key else chosen} are one, {chosen} is kept: merge them in NetSuite"
    run_cycle(actions.store, controls=CUSTOMER_CONTROLS)
    return Ended(f"{said}. u undoes it")


def not_same(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Say that none of the candidates of these records is the same person."""
    for key in request.keys:
        subjects = [
            say_not_same(actions.store, key, candidate, by=actions.who) for candidate in _candidates(actions, key).ids
        ]
        actions.settled("not_same", subjects)
    run_cycle(actions.store, controls=CUSTOMER_CONTROLS)
    return Ended(f"{counted(len(request.keys), 'record')} set apart for good. u undoes the last one")


def _candidates(actions: LiveActions, key: str) -> Candidates:
    found = candidates_of(actions.store, key)
    if not found.ids:
        raise BadInput("it has no candidate", value=key, remedy="m chooses any customer")
    return found


def _chosen(actions: LiveActions, buyer: str, customer_id: str) -> None:
    actions.settled("customer", [choose_customer(actions.store, buyer, customer_id, by=actions.who)])


def _same(actions: LiveActions, one: str, other: str, keep: str) -> None:
    actions.settled("same_customer", [say_same(actions.store, one, other, keep=keep, by=actions.who)])
