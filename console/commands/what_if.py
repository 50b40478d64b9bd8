"""What a change of mapping would restate in past settlements, before it is decided."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from console.commands.dimensions import Department, Fulfilment, LineClass, Place
from console.commands.options import AsOf, Json, moment_of
from console.session import session
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.what_if import Effect

__all__ = ["register_in"]


def register_in(group: App) -> None:
    """Add `what-if` to the commands of `tieout map`."""
    group.command(show_effect, name="what-if")


def show_effect(
    kind: Literal["account", "dimensions", "line-type"],
    *names: str,
    account: Annotated[str | None, Parameter(help="For account: number or name in NetSuite.")] = None,
    category: Annotated[str | None, Parameter(help="For line-type: such as referral_fees.")] = None,
    account_key: Annotated[str | None, Parameter(help="For line-type: such as referral_fees.")] = None,
    department: Department = None,
    line_class: LineClass = None,
    location: Place = None,
    fulfilment: Fulfilment = None,
    month: Annotated[str, Parameter(help="For dimensions: 2026-11, or 2026-11.. from then on.")] = "*",
    as_of: AsOf = None,
    json: Json = False,
) -> int:
    """Show what a mapping would change, per account and month; nothing is saved. Exit code 1 if posted months differ.

    Args:
        kind: account, dimensions or line-type.
        names: For account: scope and account key (amazon.US referral_fees); for dimensions: scope, and account key
            where only one is meant; for line-type: vendor, transaction type, amount type and description.
    """
    from reconcile.what_if import what_if

    here = session()
    here.output.as_json = json
    said = {"department": department, "class": line_class, "location": location}
    given = {name: value for name, value in said.items() if value}
    subject = "|".join(names)
    if kind == "dimensions" and given and len(names) in (1, 2):
        value, subject = given, "|".join((names[0], names[1] if names[1:] else "*", fulfilment or "*", month))
    else:
        value = _value(kind, names, account, category, account_key) | (given if kind == "account" else {})
    effect = what_if(here.workspace.store, kind.replace("-", "_"), subject, value, at=moment_of(as_of))
    rows = [{**asdict(row), "difference": row.difference, "posted": row.posted} for row in effect.rows]
    columns = ["month", "account", "currency", "before", "after", "difference", "posted"]
    here.output.table(rows, columns, empty="It changes no journal of any settlement.")
    if rows and not json:
        for line in _summary(effect):
            here.output.text(line)
    return 1 if effect.posted_parts else 0


def _value(
    kind: str, names: tuple[str, ...], account: str | None, category: str | None, account_key: str | None
) -> dict[str, str]:
    if kind == "account" and account and len(names) == 2:
        return {"number" if account.isdigit() else "account": account}
    if kind == "line-type" and category and account_key and len(names) == 4:
        return {"category": category, "account_key": account_key}
    raise BadInput(
        "the change is not complete",
        value=" ".join((kind, *names)),
        remedy="account SCOPE KEY --account NUMBER, dimensions SCOPE --department NAME, or"
        " line-type VENDOR TYPE AMOUNT-TYPE DESCRIPTION --category"
        " CATEGORY --account-key KEY",
    )


def _summary(effect: Effect) -> list[str]:
    said = [f"{effect.settlements} settlements, {len(effect.parts)} journals; all differences add to zero"]
    if posted := effect.posted_parts:
        numbers = ", ".join(part.posted_as or "" for part in posted)
        said.append(f"{len(posted)} of the journals are posted and stay as they are: {numbers}")
    return said
