"""Settlement line types without a rule: the list with its proposals, and accepting one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cyclopts import App

from console.commands.options import Json
from console.session import session
from sync.store.store import Store

__all__ = ["LINE_TYPE_COLUMNS", "line_type_rows", "register_in"]

LINE_TYPE_COLUMNS: Sequence[str] = (
    "name",
    "lines",
    "amount",
    "first_seen",
    "settlements",
    "proposed_category",
    "proposed_account_key",
    "reason",
    "subject",
)


def register_in(group: App) -> None:
    """Add `accept-line-type` to the commands of `tieout map`."""
    group.command(accept_line_type, name="accept-line-type")


def line_type_rows(store: Store, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the unknown line types as the list shows them, most lines first."""
    from reconcile.amounts import amount_text
    from reconcile.line_types import unmapped_line_types

    return [
        {
            "id": found.subject,
            "name": found.name,
            "vendor": found.vendor,
            "transaction_type": found.transaction_type,
            "amount_type": found.amount_type,
            "amount_description": found.amount_description,
            "lines": found.lines,
            "amount": [f"{amount_text(amount, currency)} {currency}" for currency, amount in found.amounts],
            "first_posted": found.first_posted,
            "first_seen": found.first_seen,
            "settlements": list(found.settlements),
            "nearest": [
                {"type": n.name, "category": n.category, "account_key": n.account_key, "score": n.score}
                for n in found.nearest
            ],
            "proposed_category": found.proposed_category,
            "proposed_account_key": found.proposed_account_key,
            "reason": found.reason,
            "subject": found.subject,
        }
        for found in unmapped_line_types(store)[:limit]
    ]


def accept_line_type(subject: str, *, json: Json = False) -> int:
    """Accept the proposed category and account key of an unknown settlement line type.

    Args:
        subject: As `tieout list line-types` shows it; `tieout map undo line_type SUBJECT` takes it back.
    """
    from reconcile.cycle import run_cycle
    from reconcile.line_types import accept_proposal

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    decision = accept_proposal(store, subject, here.who)
    run_cycle(store)
    here.output.facts({"kind": "line_type", "subject": subject, **decision.value, "reason": decision.reason})
    return 0
