"""One settlement in figures, as text or as one object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.session import Session

__all__ = ["write_summary"]


def write_summary(here: Session, summary: Mapping[str, Any], *, categories: bool) -> None:
    """Write what a settlement adds to, and the journals that post it; `categories`: its sums too where it is JSON."""
    if here.output.as_json:
        hidden = set() if categories else {"categories"}
        here.output.record({k: v for k, v in summary.items() if k not in hidden})
        return
    if summary["notes"]:
        here.output.note(f"read with {'; '.join(summary['notes'])}")
    state = "foots" if summary["footed"] else f"does not foot: {summary['residual']}"
    here.output.text(
        f"{summary['file']}: {summary['account']} {summary['settlement_id']}, {summary['lines']} lines,"
        f" {summary['total']} {summary['currency']}, {state}"
    )
    here.output.table(
        summary["categories"], ["category", "account", "lines", "amount"], empty="It has no amount lines."
    )
    here.output.table(
        summary["journals"], ["external_id", "period", "debits", "credits", "lines"], empty="No journal is needed."
    )
    if summary["unmapped_lines"]:
        here.output.note(
            f"{summary['unmapped_lines']} lines have no account yet; `tieout map line-type` gives them one"
        )
