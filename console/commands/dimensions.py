"""Accounts and the departments, classes and locations that their lines carry, decided on the command line."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from console.commands.deciding import decide_text, written
from console.commands.options import Json
from console.session import session

__all__ = ["Department", "Fulfilment", "LineClass", "Place", "register_in"]

Department = Annotated[str | None, Parameter(help="Its name in NetSuite.")]
LineClass = Annotated[str | None, Parameter(name="--class", help="Its name in NetSuite.")]
Place = Annotated[str | None, Parameter(help="The location's name in NetSuite.")]
Fulfilment = Annotated[Literal["channel", "seller"] | None, Parameter(help="Of lines that it shipped; default: all.")]


def register_in(group: App) -> None:
    """Add the commands to those of `tieout map`."""
    group.command(map_account, name="account")
    group.command(map_dimensions, name="dimensions")


def map_account(
    channel: str,
    account_key: str,
    account: str,
    *,
    department: Department = None,
    line_class: LineClass = None,
    location: Place = None,
    json: Json = False,
) -> int:
    """Decide which NetSuite account an account key means in a channel; dimensions that are not named stay as they are.

    Args:
        channel: Such as amazon.US, amazon, or default.
        account_key: Such as sales, referral_fees, clearing, bank:chase, fx.
        account: The account's number or name in NetSuite.
    """
    from reconcile.mapping.accounts import DIMENSIONS

    subject = f"{channel}|{account_key}"
    said = {"department": department, "class": line_class, "location": location}
    held = session().workspace.store.decisions.current("account").get(subject)
    kept = {n: str(held.value[n]) for n in DIMENSIONS if held is not None and held.value.get(n)}
    kept = {n: v for n, v in kept.items() if not said.get(n.removesuffix("_id"))}
    return decide_text("account", subject, written({"account": account, **kept, **said}), as_json=json)


def map_dimensions(
    channel: str,
    *,
    account_key: Annotated[str, Parameter(help="Such as referral_fees; default: all accounts.")] = "*",
    fulfilment: Fulfilment = None,
    month: Annotated[str, Parameter(help="2026-11, or 2026-11.. from then on; default: all.")] = "*",
    department: Department = None,
    line_class: LineClass = None,
    location: Place = None,
    json: Json = False,
) -> int:
    """Decide department, class and location of some lines of a channel's documents; `tieout map undo` takes it back.

    Args:
        channel: Such as amazon.US, amazon, or default.
    """
    subject = f"{channel}|{account_key}|{fulfilment or '*'}|{month}"
    value = {"department": department, "class": line_class, "location": location}
    return decide_text("dimensions", subject, written(value), as_json=json)
