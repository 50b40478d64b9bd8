"""A figure taken apart level by level on the command line: the twin of `x` on the screens."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from console.present.amounts import money
from console.session import Session
from reconcile.amounts import amount_text

if TYPE_CHECKING:
    from sync.store.store import Store

__all__ = ["write_figure"]


def write_figure(here: Session, store: Store, what: str) -> bool:
    """Write the figure that `what` names and its parts, which add to it; False: it names no figure.

    `what` is a settlement (`amazon.US/18837465521`) or a key that an earlier answer gave for a part.
    """
    from console.live.explaining import explain_figure

    found = explain_figure(store, "explain", what)
    if found is None and "/" in what and ":" not in what:
        found = explain_figure(store, "settlements", what)
    if found is None:
        return False
    columns = ["part", "lines", "amount", "note", "key"]
    amounts = [p.amount and Decimal(amount_text(p.amount, found.currency)) for p in found.parts]
    rows = [
        {"part": p.label, "lines": p.lines, "amount": amount, "note": p.note, "key": p.key}
        for p, amount in zip(found.parts, amounts, strict=True)
    ]
    if here.output.as_json:
        head = {"figure": found.title, "level": found.level, "amount": found.amount, "currency": found.currency}
        here.output.record({**head, "sum_of_parts": found.total, "adds_up": found.adds_up, "parts": rows})
        return True
    amount = "—" if found.amount is None else money(found.amount, found.currency)
    here.output.text(f"{found.title}: {amount} {found.currency}")
    here.output.table(rows, columns, empty="It has no parts.")
    here.output.text(f"{len(rows)} {found.level} add to {money(found.total, found.currency)} {found.currency}")
    if found.amount is not None and not found.adds_up:
        here.output.note(f"{money(found.amount - found.total, found.currency)} {found.currency} is not in the parts")
    return True
