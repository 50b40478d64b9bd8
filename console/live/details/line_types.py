"""A line type without an account: what is at stake, what it is most like, what is proposed and why."""

from __future__ import annotations

from console.blocks import Block, Detail, Facts, Jump
from console.live.text import pairs
from console.present.amounts import totals
from reconcile.line_types import unmapped_line_types
from reconcile.settlement import category
from sync.store.store import Store

__all__ = ["read"]


def read(store: Store, key: str, tab: str) -> Detail | None:
    """Return the proposal, or the settlements concerned."""
    found = next((t for t in unmapped_line_types(store) if t.subject == key), None)
    if found is None:
        return None
    jumps = tuple(Jump("settlements", key=s) for s in found.settlements[:9])
    if tab == "settlements":
        return Detail(found.name, (Facts("Stops", tuple((s, "") for s in found.settlements)),), jumps)
    proposed = (
        f"{category(found.proposed_category).label}, account {found.proposed_account_key}"
        if (found.proposed_category)
        else None
    )
    blocks: list[Block] = [
        Facts(
            "At stake",
            pairs(
                amount=totals((value, currency) for currency, value in found.amounts),
                lines=f"{found.lines:,}",
                settlements=len(found.settlements),
                first_posted=str(found.first_posted),
                first_seen=f"{found.first_seen:%Y-%m-%d %H:%M} UTC",
            ),
        ),
        Facts("Proposed", pairs(place=proposed, because=found.reason)),
    ]
    blocks += [
        Facts(f"{n}. {near.name}", pairs(like=f"{near.score} of 100", place=f"{near.category} → {near.account_key}"))
        for n, near in enumerate(found.nearest, 1)
    ]
    return Detail(found.name, tuple(blocks), jumps)
