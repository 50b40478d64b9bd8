"""Decided departments, classes and locations in the console: their list, one rule, what is asked."""

from __future__ import annotations

from collections.abc import Mapping

from console.blocks import Detail, Facts, Passage, Timeline, TimelineEntry
from console.desk import ActionRequest, Choice, Form, FormField
from console.live.text import pairs
from console.views.rows import Row
from reconcile.mapping.accounts import account_map
from reconcile.mapping.dimensions import FIELDS, dimension_names
from sync.errors import BadInput
from sync.ops.decisions import Decision
from sync.store.store import Store

__all__ = ["DIMENSIONS", "dimension_change", "dimension_form", "dimension_rows", "held_rules", "read_rule"]


#: Kind of the decisions.
DIMENSIONS = "dimensions"
_PARTS = ("scope", "account_key", "fulfilment", "month")
_KEPT = ("department", "class", "location")


def held_rules(store: Store) -> Mapping[str, Decision]:
    """Return the rules in force, by subject."""
    return store.decisions.current(DIMENSIONS)


def _names(store: Store, held: Mapping[str, Decision]) -> Mapping[str, str]:
    with store.database.reading() as cursor:
        return dimension_names(cursor, [str(d.value["entity_id"]) for d in held.values() if d.value.get("entity_id")])


def dimension_rows(store: Store) -> list[Row]:
    """Return the rules in force; the key is the decision's subject."""
    held = held_rules(store)
    names = _names(store, held)
    rows = []
    for subject, decision in held.items():
        said = {name: _said(names, name, decision.value.get(name)) for name in FIELDS}
        values = (*subject.split("|"), *(said[name] for name in FIELDS), decision.decided_by, decision.decided_at)
        rows.append(Row(subject, values))
    return rows


def _said(names: Mapping[str, str], name: str, value: object) -> str | None:
    return names.get(f"{name}:{value}", str(value)) if value else None


def read_rule(store: Store, key: str, tab: str) -> Detail | None:
    """Return one tab of a rule: what it says, or its history."""
    held = held_rules(store)
    decision = held.get(key)
    if decision is None:
        return None
    if tab == "history":
        entries = tuple(
            TimelineEntry(d.decided_at, "tieout", f"{d.decided_by}: {_short(d)} {d.reason}".strip())
            for d in store.decisions.history(DIMENSIONS, key)
        )
        return Detail(key, (Timeline(entries),))
    names = _names(store, held)
    lines = pairs(**{part: "all" if text == "*" else text for part, text in zip(_PARTS, key.split("|"), strict=True)})
    given = pairs(**{name.removesuffix("_id"): _said(names, name, decision.value.get(name)) for name in FIELDS})
    told = "m decides it anew, D takes it back; both show first what they restate."
    return Detail(key, (Facts("Lines", lines), Facts("They carry", given), Passage("", told)))


def _short(decision: Decision) -> str:
    if decision.withdrawn:
        return "taken back"
    return ", ".join(f"{name.removesuffix('_id')} {value}" for name, value in decision.value.items() if value)


def dimension_form(store: Store, request: ActionRequest) -> Form | None:
    """Return what deciding dimensions has to ask, filled with the rule under the cursor."""
    if request.action != "map-dimensions":
        return None
    subject = request.keys[0] if request.keys and request.keys[0] in held_rules(store) else "|*|*|*"
    scope, key, fulfilled, month = subject.split("|")
    with store.database.reading() as cursor:
        channels = [str(c) for (c,) in cursor.execute("SELECT DISTINCT channel FROM orders ORDER BY 1").fetchall()]
        keys = sorted(account_map(cursor, store.decisions.current("account")).keys())
        segments = cursor.execute(
            "SELECT kind, segment_id, name FROM segments WHERE NOT inactive"
            " UNION ALL SELECT 'location', location_id, name FROM locations WHERE NOT inactive ORDER BY 1, 3"
        ).fetchall()
    scopes = list(dict.fromkeys([*channels, *(c.partition(".")[0] for c in channels), "default", scope]))
    now = held_rules(store)[subject].value if subject in held_rules(store) else {}
    fields = [
        FormField("scope", "Channel", scope or scopes[0], tuple(Choice(s, s) for s in scopes if s)),
        FormField("account_key", "Account", key, (Choice("*", "all accounts"), *(Choice(k, k) for k in keys))),
        FormField(
            "fulfilment",
            "Fulfilment",
            fulfilled,
            (Choice("*", "both"), Choice("channel", "shipped by the channel"), Choice("seller", "shipped by us")),
        ),
        FormField("month", "Month", month, hint="2026-11, 2026-11.. from then on, * for all"),
    ]
    for kind in _KEPT:
        choices = tuple(Choice(str(i), str(name)) for k, i, name in segments if k == kind)
        if choices:
            held = str(now.get(f"{kind}_id") or "")
            fields.append(FormField(kind, kind.capitalize(), held, (Choice("", "none"), *choices), required=False))
    said = "The most telling rule holds: month, then fulfilment, then channel. What it restates is shown first."
    return Form("Which lines carry which department, class and location?", tuple(fields), said)


def dimension_change(request: ActionRequest) -> tuple[str, str, dict[str, str]]:
    """Return (kind, subject, value) of the decision that the answers make.

    Raises:
        BadInput: a part of the subject is missing.
    """
    parts = [request.answers.get(part, "").strip() or "*" for part in _PARTS]
    if parts[0] == "*":
        raise BadInput("no channel was chosen", remedy="Choose a channel, amazon, walmart or default")
    chosen = {f"{name}_id": request.answers.get(name, "") for name in _KEPT}
    return DIMENSIONS, "|".join(parts), {name: value for name, value in chosen.items() if value}
