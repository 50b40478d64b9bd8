"""What an action has to ask before it can run."""

from __future__ import annotations

from datetime import timedelta

from console.desk import ActionRequest, Choice, Form, FormField
from console.live.behind import of_discrepancies, offered_ids
from console.live.customer_forms import customer_form
from console.live.dimension_rules import dimension_form
from console.live.fees import fee_form
from console.live.finance_forms import finance_form
from console.live.row_keys import CAUSE
from reconcile.mapping.suggestions import suggest_items
from reconcile.offers import offers_of
from sync.mirror.rereads import offered_rereads, reread_of
from sync.store.marks import STREAMS
from sync.store.store import Store

__all__ = ["form_for", "mark_of", "sku_of"]

_MOST_ITEMS = 2000
_SHOWN_OFFERS = 4


def form_for(store: Store, request: ActionRequest) -> Form | None:
    """Return the questions of an action, None where there is none."""
    if request.action in ("waive", "snooze"):
        request = of_discrepancies(store, request)
    match request.action:
        case "waive" | "snooze" if all(mark_of(store, key) is not None for key in request.keys):
            # Once more lifts it.
            return None
        case "waive":
            return Form(
                _title(store, "Waive", request),
                (
                    FormField("reason", "Reason"),
                    FormField("until", "Until", required=False, hint="a day such as 2026-12-31; empty: for good"),
                ),
                "The difference stays known; until then nobody is asked to do anything about it.",
            )
        case "snooze":
            later = (store.clock.now() + timedelta(days=7)).date().isoformat()
            return Form(_title(store, "Snooze", request), (FormField("until", "Until", later),))
        case "offer":
            return _offer_form(store, request)
        case "pull-again":
            return _again_form(store)
        case "drop":
            explanation = "It is not sent. If the two sides still differ, the next cycle finds it again."
            return Form(_title(store, "Drop", request), (FormField("reason", "Reason"),), explanation)
        case "map":
            return _map_form(store, request)
        case "accept-all":
            return Form(
                "Accept suggestions",
                (FormField("score", "From score", "90", hint="0 to 100"),),
                "Each SKU whose best suggestion scores at least this is mapped to it.",
            )
        case "choose":
            return customer_form(store, request)
        case "account" | "place" | "ledger" | "match" | "import" | "freeze" | "binder" | "reverse":
            return finance_form(store, request)
        case "booked" if request.keys:
            return finance_form(store, request)
        case "import-fees":
            return fee_form(store, request)
        case "map-dimensions":
            return dimension_form(store, request)
        case "export":
            return Form("Export the list", (FormField("file", "File", f"{request.section}.csv", hint=".csv or .json"),))
        case _:
            return None


def _title(store: Store, verb: str, request: ActionRequest) -> str:
    if len(request.keys) != 1:
        return f"{verb} {len(request.keys)} records"
    table, name = _NAMED.get(request.section, ("discrepancies", "discrepancy_id, title"))
    with store.database.reading() as cursor:
        row = cursor.execute(
            f"SELECT title FROM (SELECT {name} FROM {table}) AS named(key, title) WHERE key = $1",  # noqa: S608 - our names
            [request.keys[0]],
        ).fetchone()
    return f"{verb}: {row[0] if row else request.keys[0]}"


def _offer_form(store: Store, request: ActionRequest) -> Form | None:
    found = offers_of(store, offered_ids(store, request))
    if not found:
        return None
    said = "; ".join(o.words for o in found[:_SHOWN_OFFERS])
    more = f"; and {len(found) - _SHOWN_OFFERS} more" if len(found) > _SHOWN_OFFERS else ""
    reason = FormField("reason", "Reason", required=False, hint=f"empty: {found[0].because}"[:120])
    return Form("Take the offer", (reason,), f"{said}{more}. It is a decision like any other: u undoes it.")


def _again_form(store: Store) -> Form | None:
    with store.database.reading() as cursor:
        offered = offered_rereads(cursor)
        names = [str(r[0]) for r in cursor.execute(STREAMS).fetchall()]
        unfinished = {name: held for name in names if (held := reread_of(cursor, name)) is not None}
    if not names:
        return None
    first = next(iter([*unfinished, *(o.stream for o in offered), *names]))
    held = unfinished.get(first)
    notes = {o.stream: f"{o.records:,} records lack {o.brings}" for o in offered} | dict.fromkeys(
        unfinished, "unfinished"
    )
    choices = tuple(Choice(name, name, notes.get(name, "")) for name in names)
    day = FormField(
        "since",
        "Since",
        f"{held.since:%Y-%m-%d}" if held is not None and held.since is not None else "",
        required=False,
        hint="a day (UTC); empty: where it was stopped, else from the first day",
    )
    said = "; ".join(f"{name}: {note}" for name, note in notes.items())
    explanation = "What is known already writes nothing; X stops it, and N goes on where it was."
    return Form(
        "Read a stream once more",
        (FormField("stream", "Stream", first, choices), day),
        f"{said}. {explanation}" if said else explanation,
    )


_NAMED = {"queue": ("operations", "operation_id, summary")}


def mark_of(store: Store, key: str) -> str | None:
    """Return how a person marked a discrepancy (waived, snoozed) where that holds now, else None."""
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT mark, until FROM discrepancy_marks WHERE discrepancy_id = $1 ORDER BY mark_id DESC LIMIT 1", [key]
        ).fetchone()
    if row is None or row[0] == "lifted" or (row[1] is not None and row[1] <= store.clock.now()):
        return None
    return str(row[0])


def sku_of(store: Store, section: str, key: str) -> tuple[str, str] | None:
    """Return (channel, SKU) of a row of Mapping, or of a discrepancy that a SKU blocks."""
    if section == "mapping":
        channel, _, sku = key.partition("|")
        return channel, sku
    if key.startswith(CAUSE):
        parts = key.removeprefix(CAUSE).split("|", 2)
        return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == "sku" else None
    with store.database.reading() as cursor:
        row = cursor.execute("SELECT cause_id FROM discrepancies WHERE discrepancy_id = $1", [key]).fetchone()
    parts = str(row[0]).split("|", 2) if row else []
    if len(parts) == 3 and parts[0] == "sku":
        return parts[1], parts[2]
    control, _, rest = key.partition("|")
    if control == "sku_unmapped":
        channel, _, sku = rest.partition("|")
        return channel, sku
    return None


def _map_form(store: Store, request: ActionRequest) -> Form | None:
    pair = sku_of(store, request.section, request.keys[0]) if request.keys else None
    if pair is None:
        return None
    channel, sku = pair
    with store.database.reading() as cursor:
        suggested = suggest_items(cursor, channel, sku, limit=8)
        others = cursor.execute(
            "SELECT item_id, name, display_name FROM items WHERE NOT inactive ORDER BY name LIMIT $1", [_MOST_ITEMS]
        ).fetchall()
    choices = [Choice(s.item_id, s.name, f"{s.score:.0f} · {', '.join(s.evidence)}") for s in suggested]
    known = {c.value for c in choices}
    choices += [Choice(i, name, display or "") for i, name, display in others if i not in known]
    return Form(
        f"Which item is {sku} of {channel}?",
        (
            FormField("item", "Item", choices[0].value if choices else "", tuple(choices)),
            FormField("quantity", "Items in one sold unit", "1", hint="12 for a case of twelve"),
            FormField("also", "Further items of a set", required=False, hint="TEA=2, LID: empty for one item"),
        ),
        "Every order that waits for this SKU is released at once.",
    )
