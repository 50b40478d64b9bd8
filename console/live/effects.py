"""What a change of mapping would restate, shown before it is saved."""

from __future__ import annotations

from console.blocks import Block, Detail, Passage
from console.desk import ActionRequest
from console.live.dimension_rules import DIMENSIONS, dimension_change
from console.live.row_keys import split_type_key
from console.present.amounts import money
from console.present.text import cell, fit
from console.present.times import counted
from reconcile.mapping.accounts import account_subject, line_type_subject, settlement_rules
from reconcile.what_if import Effect, what_if
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["change_of", "effect_of", "effect_text"]

_ACCOUNT = 25


def change_of(store: Store, request: ActionRequest, key: str) -> tuple[str, str, dict[str, str]]:
    """Return (kind, subject, value) of the decision that an action on a line type would make.

    Raises:
        BadInput: the key names no line type.
    """
    vendor, channel, kind = _type_of(key)
    if request.action == "ledger":
        placed = settlement_rules(store.decisions.current("line_type")).place(vendor, *kind)
        scope = request.answers.get("scope") or channel or vendor
        subject = account_subject(scope, placed.account_key)
        said = {f"{name}_id": request.answers.get(name, "") for name in ("department", "class", "location")}
        chosen = {name: value for name, value in said.items() if value}
        return "account", subject, {"account_id": request.answers.get("account", ""), **chosen}
    value = {name: request.answers.get(name, "") for name in ("category", "account_key")}
    return "line_type", line_type_subject(vendor, *kind), value


def _type_of(key: str) -> tuple[str, str, tuple[str, str, str]]:
    """Return vendor, channel (empty: of all) and type of a row of a settlement's or of the unknown line types."""
    found = split_type_key(key)
    if found is None:
        raise BadInput("this is no line type", value=key, remedy="Choose a line of the table")
    vendor, settlement, kind = found
    return vendor, settlement.partition("/")[0], kind


def effect_of(store: Store, request: ActionRequest) -> Detail | None:
    """Return what the action would restate in past settlements; None: the action restates nothing."""
    title = "Before it is saved: what it restates"
    if request.action == "map-dimensions":
        return Detail(title, tuple(_blocks(what_if(store, *dimension_change(request)))))
    if request.action == "withdraw" and request.answers.get("list") == DIMENSIONS:
        effects = [what_if(store, DIMENSIONS, key, None) for key in request.keys]
        return Detail(title, tuple(block for effect in effects for block in _blocks(effect)))
    if request.action not in ("account", "place", "ledger") or not request.keys:
        return None
    blocks: list[Block] = []
    for key in request.keys:
        kind, subject, value = change_of(store, request, key)
        blocks += _blocks(what_if(store, kind, subject, value))
    return Detail(title, tuple(blocks))


def _blocks(effect: Effect) -> list[Block]:
    name = f"{effect.kind.replace('_', ' ')} {effect.subject} → {' / '.join(effect.value.values())}"
    if not effect.rows:
        freed = [part for part in effect.parts if part.blocked_before and not part.blocked_after]
        text = f"It frees {counted(len(freed), 'journal')}." if freed else "It changes no journal of any settlement."
        return [Passage(name, text)]
    posted = effect.posted_parts
    said = f"{counted(effect.settlements, 'settlement')}, {counted(len(effect.parts), 'journal')}"
    warning = (
        f"{counted(len(posted), 'journal')} of them posted already ({', '.join(p.posted_as or '' for p in posted[:6])}"
        f"{' …' if len(posted) > 6 else ''}): posted ones stay as they are, * marks their months."
        if posted
        else "None of them is posted yet."
    )
    return [Passage(name, f"{said}. {warning}"), Passage("", effect_text(effect), verbatim=True)]


def effect_text(effect: Effect) -> str:
    """Return the effect as an aligned table: month, account, before, after, difference; `*`: part of it is posted."""
    lines = [f"{'month':7}  {'account':{_ACCOUNT}} {'before':>12} {'after':>12} {'difference':>12}"]
    for row in effect.rows:
        amounts = [money(a, row.currency) for a in (row.before, row.after, row.difference)]
        figures = " ".join(f"{text:>12}" for text in amounts)
        mark = "*" if row.posted else " "
        lines.append(f"{row.month:7}{mark} {fit(cell(row.account), _ACCOUNT)} {figures} {row.currency}")
    for currency in dict.fromkeys(row.currency for row in effect.rows):
        total = money(effect.balance(currency), currency)
        lines.append(f"{'':7}  {fit('all accounts', _ACCOUNT)} {'':>12} {'':>12} {total:>12} {currency}")
    return "\n".join(lines)
