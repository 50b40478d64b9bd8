"""What each desk action of the registry runs, and the title of its job."""

from __future__ import annotations

from collections.abc import Callable

from console.desk import ActionRequest
from console.live import customer_actions as customers
from console.live import finance_actions as finance
from console.live.actions import LiveActions
from console.live.fee_actions import import_fees
from console.live.jobs import Ended, Job

__all__ = ["ACTIONS", "TITLES"]

_Work = Callable[[LiveActions, ActionRequest, Job], Ended]

#: Action → (title of the job, what it does).
_WORK: dict[str, tuple[str, _Work]] = {
    "pull": ("pull", LiveActions.pull),
    "pull-again": ("pull", LiveActions.pull_again),
    "fix": ("plan", LiveActions.fix),
    "stage": ("plan", LiveActions.fix),
    "push": ("push", LiveActions.push),
    "retry": ("push", LiveActions.retry),
    "retry-alike": ("push", LiveActions.retry_alike),
    "drop": ("drop", LiveActions.drop),
    "waive": ("waive", LiveActions.waive),
    "snooze": ("snooze", LiveActions.snooze),
    "offer": ("decide", LiveActions.offer),
    "map": ("map", LiveActions.map),
    "accept": ("accept", finance.accept),
    "adopt": ("accept", finance.adopt),
    "accept-all": ("map", LiveActions.accept_all),
    "account": ("account", finance.place),
    "place": ("map", finance.place),
    "ledger": ("ledger", finance.ledger),
    "match": ("match", finance.match),
    "set-aside": ("set aside", finance.set_aside),
    "choose": ("choose", customers.choose),
    "not-same": ("set apart", customers.not_same),
    "booked": ("ledger", finance.booked),
    "import": ("import", finance.import_statement),
    "import-fees": ("import", import_fees),
    "map-dimensions": ("map", finance.map_dimensions),
    "withdraw": ("drop", finance.withdraw),
    "reverse": ("reverse", finance.reverse),
    "freeze": ("close", finance.freeze),
    "binder": ("binder", finance.binder),
    "undo": ("undo", LiveActions.undo),
    "export": ("export", LiveActions.export),
}
ACTIONS: dict[str, _Work] = {name: work for name, (_, work) in _WORK.items()}
TITLES: dict[str, str] = {name: title for name, (title, _) in _WORK.items()}
