"""What a person settles: SKUs, line types, accounts, whole setups; differences that are accepted."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from console.commands import dimensions, line_types, offers, what_if
from console.commands.deciding import decide_text, quoted
from console.commands.options import Json
from console.session import Session, session
from sync.errors import BadInput
from sync.ops.findings import Mark

__all__ = ["last_day", "register"]

Until = Annotated[str | None, Parameter(help="A day, 2026-12-31; default: for good.")]


def register(app: App) -> None:
    """Add the commands."""
    group = App(name="map", help="Decide what things are: SKUs, settlement line types, accounts, a company's setup.")
    group.command(map_sku, name="sku")
    group.command(suggest)
    group.command(map_line_type, name="line-type")
    line_types.register_in(group)
    what_if.register_in(group)
    dimensions.register_in(group)
    group.command(undo)
    group.command(import_decisions, name="import")
    group.command(export_decisions, name="export")
    app.command(group)
    app.command(waive)
    app.command(snooze)
    app.command(lift)
    offers.register(app)


def map_sku(
    channel: str,
    sku: str,
    item: str,
    *,
    quantity: Annotated[str, Parameter(help="Items in one sold unit, 12 for a case.")] = "1",
    also: Annotated[list[str] | None, Parameter(help="A further item of a set: NAME, or NAME=QUANTITY.")] = None,
    reason: str = "",
    json: Json = False,
) -> int:
    """Decide which NetSuite item a sold SKU is, or which items a set is made of; what it blocked is released.

    The price of a set is split by the number of its items; `map import` takes shares.

    Args:
        channel: Such as amazon.US, or * for all channels.
        sku: As the marketplace shows it.
        item: The item's name or internal id.
    """
    from reconcile.cycle import run_cycle
    from reconcile.mapping.setup import apply_decisions

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    rows = [_item_line(here, item, quantity), *(_further_item(here, text) for text in also or ())]
    members = ", ".join(f"{{ {', '.join(row)} }}" for row in rows)
    text = f"items = [{members}]" if also else "\n".join(rows[0])
    apply_decisions(store, f"[sku.{quoted(f'{channel}|{sku}')}]\n{text}", by=here.who, reason=reason)
    before = _open(here, "blocked")
    run_cycle(store)
    here.output.facts({"channel": channel, "sku": sku, "item": item, "released": before - _open(here, "blocked")})
    return 0


def _item_line(here: Session, item: str, quantity: str) -> list[str]:
    field = "item_id" if item.isdigit() and _is_item_id(here, item) else "item"
    return [f"{field} = {quoted(item)}", f"quantity = {quoted(quantity)}"]


def _further_item(here: Session, text: str) -> list[str]:
    """Return `TEA=2` as the fields of an item of a set."""
    name, _, quantity = text.partition("=")
    return _item_line(here, name.strip(), quantity.strip() or "1")


def _is_item_id(here: Session, text: str) -> bool:
    with here.workspace.store.database.reading() as cursor:
        return cursor.execute("SELECT 1 FROM items WHERE item_id = $1", [text]).fetchone() is not None


def _open(here: Session, state: str) -> int:
    with here.workspace.store.database.reading() as cursor:
        row = cursor.execute("SELECT count(*) FROM discrepancies WHERE state = $1", [state]).fetchone()
    return int(row[0]) if row else 0


def suggest(channel: str, sku: str, *, json: Json = False) -> int:
    """Show the items that a SKU may be, best first, with the evidence."""
    from reconcile.mapping.suggestions import suggest_items

    here = session()
    here.output.as_json = json
    with here.workspace.store.database.reading() as cursor:
        found = [asdict(s) for s in suggest_items(cursor, channel, sku)]
    here.output.table(found, ["item_id", "name", "score", "evidence"], empty="No item is like it.")
    return 0


def map_line_type(
    vendor: str,
    transaction_type: str,
    amount_type: str,
    description: str,
    *,
    category: Annotated[str, Parameter(help="Such as referral_fees; see `tieout settlement show`.")],
    account_key: Annotated[str, Parameter(help="Such as referral_fees; its account: `tieout map account`.")],
    json: Json = False,
) -> int:
    """Decide where a settlement line type belongs, from now on and for every settlement that is not posted."""
    from reconcile.mapping.accounts import line_type_subject

    subject = line_type_subject(vendor, transaction_type, amount_type, description)
    value = [f"category = {quoted(category)}", f"account_key = {quoted(account_key)}"]
    return decide_text("line_type", subject, value, as_json=json)


def undo(kind: str, subject: str, *, json: Json = False) -> int:
    """Return a decision to the version before it; the versions stay in the history.

    Args:
        kind: sku, line_type, account, routing …
        subject: As `tieout list decisions` shows it.
    """
    from reconcile.cycle import run_cycle

    here = session()
    here.output.as_json = json
    store = here.workspace.store
    version = store.decisions.undo(kind, subject, by=here.who)
    if version is None:
        raise BadInput(
            "nothing was decided about this", value=f"{kind} {subject}", remedy="See `tieout list decisions`"
        )
    run_cycle(store)
    held = None if version.withdrawn else dict(version.value)
    here.output.facts({"kind": kind, "subject": subject, "now": held})
    return 0


def import_decisions(file: str, *, json: Json = False) -> int:
    """Take decisions from a text file (TOML), names looked up in the mirror; wrong entries change nothing."""
    from reconcile.cycle import run_cycle
    from reconcile.mapping.setup import apply_decisions

    here = session()
    here.output.as_json = json
    path = here.path(file)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"the file cannot be read: {error}", remedy="Name another", file=str(path)) from None
    applied = apply_decisions(here.workspace.store, text, by=here.who, file=str(path))
    run_cycle(here.workspace.store)
    here.output.facts({"decided": applied.decided, "unchanged": applied.unchanged})
    return 0


def export_decisions() -> int:
    """Write every decision in force as text that `tieout map import` takes."""
    from reconcile.mapping.setup import export_decisions as export

    here = session()
    here.output.document(export(here.workspace.store))
    return 0


def waive(discrepancy: str, *, reason: str, until: Until = None) -> int:
    """Accept a difference, with a reason; it leaves the lists until the day."""
    return _mark(discrepancy, "waived", reason, until)


def snooze(discrepancy: str, *, until: Until = None) -> int:
    """Put a difference aside until a day."""
    return _mark(discrepancy, "snoozed", "", until)


def lift(discrepancy: str) -> int:
    """End a waiver or a snooze."""
    return _mark(discrepancy, "lifted", "", None)


def _mark(discrepancy: str, mark: Mark, reason: str, until: str | None) -> int:
    here = session()
    store = here.workspace.store
    with store.database.reading() as cursor:
        known = cursor.execute("SELECT 1 FROM discrepancies WHERE discrepancy_id = $1", [discrepancy]).fetchone()
    if known is None:
        raise BadInput("there is no such discrepancy", value=discrepancy, remedy="See `tieout list discrepancies`")
    if mark == "waived" and not reason.strip():
        raise BadInput("a waiver needs a reason", column="--reason", remedy="Say why the difference is accepted")
    end = None if until is None else last_day(until, store.clock.now())
    store.findings.mark(discrepancy, mark, reason=reason, until=end, by=here.who)
    here.output.note(f"{discrepancy} is {mark}")
    return 0


def last_day(text: str, now: datetime) -> datetime:
    """Return when a waiver or snooze ends: a day begins at midnight UTC, a time may carry its own offset.

    Raises:
        BadInput: it is no date, or it is over.
    """
    try:
        end = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput("this is no date", value=text, remedy="Write 2026-12-31") from None
    end = end.replace(tzinfo=UTC) if end.tzinfo is None else end.astimezone(UTC)
    if end <= now:
        raise BadInput("this day is over", value=text, remedy="Name one that is to come, such as 2026-12-31")
    return end
