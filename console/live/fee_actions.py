"""Actions on fees: import tables and sizes, confirm, adopt what is charged, take back; each the work of one job."""

from __future__ import annotations

from pathlib import Path

from console.commands.fee_files import FEE_CONTROLS, decide_fees, dimension_values, fee_adoptions, table_values
from console.desk import ActionRequest
from console.live.actions import LiveActions
from console.live.fees import fee_subject
from console.live.jobs import Ended, Job
from console.present.times import counted
from reconcile.cycle import run_cycle
from reconcile.fees.schedule import FEE_SCHEDULE
from sync.errors import BadInput

__all__ = ["accept_fees", "adopt_charged", "import_fees", "withdraw_fees"]

#: Controls whose findings say what is charged.
_ADOPTED = ("fee_differs", "fee_changed")


def import_fees(actions: LiveActions, request: ActionRequest, job: Job) -> Ended:
    """Take a fulfilment table or sizes of SKUs from a file; a wrong row changes nothing."""
    answers = request.answers
    path = (Path.cwd() / Path(answers["file"].strip()).expanduser()).resolve()
    is_table, channel = answers["what"] == "table", answers["channel"]
    job.report(0, 2, f"reading {path.name}")
    job.cancel.raise_if_cancelled("the import")
    if is_table and channel == "*":
        raise BadInput("a table is of one channel", remedy="Choose the channel that charges by it")
    name = answers.get("name", "").strip() or "fulfilment"
    values = table_values(path, channel=channel, name=name) if is_table else dimension_values(path, channel=channel)
    job.report(1, 2, "judging the fees anew")
    fresh = decide_fees(actions.store, values, who=actions.who, reason=f"from {path.name}")
    if not fresh:
        return Ended(f"{path.name}: everything in it was known")
    actions.settled(FEE_SCHEDULE, fresh)
    if is_table:
        (value,) = values.values()
        rows = value["rows"]
        said = f"{counted(len(rows) if isinstance(rows, list) else 0, 'row')} of table {name} of {channel}"
    else:
        said = f"sizes of {counted(len(fresh), 'SKU')}"
    return Ended(f"{path.name}: {said}. u undoes it")


def accept_fees(actions: LiveActions, request: ActionRequest) -> Ended:
    """Confirm shipped tables: from now on what differs from them is claimed."""
    held = actions.store.decisions.current(FEE_SCHEDULE)
    for key in request.keys:
        if not key.startswith("shipped|"):
            raise BadInput("only a shipped table is confirmed", value=key, remedy="Choose a table that ships")
        if fee_subject(key) in held:
            raise BadInput("the table is confirmed already", value=key, remedy="D takes it back")
    decide_fees(actions.store, {fee_subject(key): {} for key in request.keys}, who=actions.who)
    actions.settled(FEE_SCHEDULE, [fee_subject(key) for key in request.keys])
    return Ended(f"{counted(len(request.keys), 'table')} confirmed, what differs is claimed. u undoes it")


def adopt_charged(actions: LiveActions, request: ActionRequest) -> Ended:
    """Adopt what is charged for the fees behind discrepancies: it is the schedule from its first day on."""
    chosen: dict[str, dict[str, object]] = {}
    for key in request.keys:
        control, _, rest = key.partition("|")
        if control not in _ADOPTED:
            raise BadInput("nothing is suggested for it", value=key, remedy="a adopts fulfilment fees; f plans a fix")
        channel, _, name = rest.partition("|")
        found = fee_adoptions(actions.store, channel, name)
        chosen |= {subject: dict(value) for subject, value in found.items()}
    fresh = decide_fees(actions.store, chosen, who=actions.who, reason="adopted as charged")
    actions.settled(FEE_SCHEDULE, fresh)
    return Ended(f"{counted(len(fresh), 'fee')} adopted as charged. u undoes it")


def withdraw_fees(actions: LiveActions, request: ActionRequest) -> Ended:
    """Take decisions on fees back: confirmations, tables, sizes, fees of SKUs."""
    held = actions.store.decisions.current(FEE_SCHEDULE)
    subjects = [fee_subject(key) for key in request.keys]
    for key, subject in zip(request.keys, subjects, strict=True):
        if subject not in held:
            raise BadInput("nobody decided anything here", value=key, remedy="What ships stays; I imports your own")
    for subject in subjects:
        actions.store.decisions.withdraw(FEE_SCHEDULE, subject, by=actions.who)
    actions.settled(FEE_SCHEDULE, subjects)
    run_cycle(actions.store, controls=FEE_CONTROLS)
    return Ended(f"{counted(len(subjects), 'decision')} taken back. u undoes it")
