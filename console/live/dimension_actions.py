"""Actions on departments, classes and locations: decide a rule, take it back; each the work of one job."""

from __future__ import annotations

from console.desk import ActionRequest
from console.live.actions import LiveActions
from console.live.dimension_rules import DIMENSIONS, dimension_change, held_rules
from console.live.jobs import Ended
from console.present.times import counted
from reconcile.cycle import run_cycle
from reconcile.what_if import checked_value
from sync.errors import BadInput

__all__ = ["map_dimensions", "withdraw_rules"]


def map_dimensions(actions: LiveActions, request: ActionRequest) -> Ended:
    """Decide which lines carry which dimensions."""
    kind, subject, value = dimension_change(request)
    before = held_rules(actions.store).get(subject)
    with actions.store.database.reading() as cursor:
        checked = checked_value(cursor, kind, subject, value, before)
    if before is not None and dict(before.value) == dict(checked):
        return Ended("it was decided so already")
    actions.store.decisions.decide(kind, subject, checked, by=actions.who)
    actions.settled(kind, [subject])
    run_cycle(actions.store)
    return Ended(f"{subject} decided. u undoes it")


def withdraw_rules(actions: LiveActions, request: ActionRequest) -> Ended:
    """Take rules back."""
    held = held_rules(actions.store)
    for key in request.keys:
        if key not in held:
            raise BadInput("there is no such rule", value=key, remedy="It was taken back already")
    for key in request.keys:
        actions.store.decisions.withdraw(DIMENSIONS, key, by=actions.who)
    actions.settled(DIMENSIONS, request.keys)
    run_cycle(actions.store)
    return Ended(f"{counted(len(request.keys), 'rule')} taken back. u undoes it")
