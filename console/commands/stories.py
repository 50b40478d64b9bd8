"""Where is my order: everything known about one order, from any number that anyone has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from console.commands.options import Json
from console.commands.output import Output
from console.session import session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.story.models import Story, StoryMoney

__all__ = ["register", "story"]

Which = Annotated[
    Literal["customer", "internal"] | None,
    Parameter(name="--answer", help="Only the text to send: to the customer, or to colleagues."),
]
Language = Annotated[
    Literal["en", "de"] | None,
    Parameter(name="--lang", help="Language of the customer's answer: default the channel's."),
]


def register(app: App) -> None:
    """Add the command."""
    app.command(story)


def story(identifier: str, *, answer: Which = None, lang: Language = None, json: Json = False) -> int:
    """Tell an order's story: where it is, what happened in every system, the money, what is wrong, who is next.

    Args:
        identifier: Any number that anyone has: of the order, a PO, any NetSuite document, a parcel, a return or RMA, a
            settlement, payout or journal; an e-mail address, a phone number, a name (with a postal code), a SKU and a
            day ("ACM-MUG-16 2026-11-18").
    """
    from reconcile.story import find_story

    here = session()
    here.output.as_json = json
    found = find_story(here.workspace.store, identifier, language=lang)
    if found is None:
        raise BadInput("nothing is known by this", value=identifier, remedy="Try the marketplace's order number")
    if json:
        here.output.record(_answer(found, answer) if answer else _record(found))
    elif answer:
        here.output.text(found.customer_answer or found.answer if answer == "customer" else found.answer)
    else:
        _write(here.output, found)
    if found.others:
        here.output.note(f"{len(found.others)} others fit as well; this is the newest")
    return 1 if found.wrong else 0


def _answer(found: Story, which: str) -> dict[str, object]:
    if which == "internal":
        return {"subject": found.subject, "answer": found.answer}
    said = {"state": found.answer_state, "language": found.language, "answer": found.customer_answer}
    return {"subject": found.subject, **said}


def _record(found: Story) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(found) | {"where": dict(found.where), "money": _money(found.money)}


def _money(money: StoryMoney) -> dict[str, Any]:
    from dataclasses import asdict

    sums = [{**asdict(s), "parts": dict(s.parts), "adds_up": s.adds_up} for s in money.sums]
    return asdict(money) | {"sums": sums}


def _write(output: Output, found: Story) -> None:
    output.facts({"what": f"{found.kind} {found.channel} {found.subject} ({found.why})", **dict(found.where)})
    if found.lines:
        output.text()
        output.table(
            [_line(line) for line in found.lines],
            ["sku", "ordered", "shipped", "cancelled", "returned", "refunded", "erp", "status"],
            empty="",
        )
    output.text()
    output.table(
        [
            {"at": e.at, "system": e.system, "text": e.text, "amount": e.amount, "currency": e.currency}
            for e in found.events
        ],
        ["at", "system", "text", "amount", "currency"],
        empty="Nothing happened yet.",
    )
    output.text()
    for total in found.money.sums:
        parts = ", ".join(f"{name} {_plain(amount)}" for name, amount in total.parts)
        note = f"  ({total.note})" if total.note else ""
        broken = "" if total.adds_up else "  ! does not add up"
        output.text(
            f"{total.label}: {_plain(total.amount)} {total.currency}{f' = {parts}' if parts else ''}{note}{broken}"
        )
    if found.kind == "order" and found.money.held is None:
        output.text("Still held: not known, the marketplace's ledger has no event of the order")
    output.text()
    for turn in found.turns:
        by = f", by {_plain(turn.by)}" if turn.by else ""
        output.text(f"next  {turn.who}: {turn.what}{by}")
    for open_one in found.wrong:
        output.text(f"! {open_one.title}: {open_one.cause} ({open_one.state}). {open_one.who}")
    if found.customer_answer:
        output.text(f"\nFor the customer ({found.answer_state}):\n{found.customer_answer}")
    output.text(f"\nFor colleagues:\n{found.answer}")
    if found.others:
        output.text("\nIt may also be:")
        others = [{"what": c.label, "channel": c.channel, "at": c.at, "why": c.why} for c in found.others]
        output.table(others, ["at", "channel", "what", "why"], empty="")


def _line(line: Any) -> Mapping[str, object]:
    erp = "not in NetSuite"
    if line.erp_ordered is not None:
        moved = "" if line.erp_moved is None else f", {_plain(line.erp_moved)} moved"
        billed = "" if line.erp_billed is None else f", {_plain(line.erp_billed)} billed"
        erp = f"{_plain(line.erp_ordered)} ordered{moved}{billed}"
    names = ("sku", "ordered", "shipped", "cancelled", "returned", "refunded", "status")
    return {name: getattr(line, name) for name in names} | {"erp": erp}


def _plain(value: object) -> str:
    from console.commands.output import plain

    return str(plain(value))
