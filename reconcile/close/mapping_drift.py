"""Which decisions on a month's mapping changed after its close: which, by whom, when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reconcile.close.canonical import Content
from reconcile.settlement.classify import ANY, folded
from sync.ops.decisions import Decisions

__all__ = ["MappingChange", "changed_mapping"]

_KINDS = ("account", "dimensions", "line_type", "policy", "posting_date", "routing")


@dataclass(frozen=True, slots=True)
class MappingChange:
    """One decision that is another now; `at` is ISO 8601 UTC."""

    channel: str
    subject: str
    problem: str
    by: str
    at: str


def changed_mapping(decisions: Decisions, then: Content, now: Content) -> Iterator[MappingChange]:
    """Yield the changed decisions that the month's lines or journals depend on, and changed rules of the program."""
    before, after = (_held(c) for c in (then, now))
    for key in sorted({*before, *after}):
        kind, subject = key
        old, new = before.get(key), after.get(key)
        if (old or {}).get("decision_id") == (new or {}).get("decision_id") or not _concerns(kind, subject, then, now):
            continue
        history = decisions.history(kind, subject)
        by, at = (new["decided_by"], new["decided_at"]) if new else ("", "")
        if new is None and history:
            by, at = history[-1].decided_by, history[-1].decided_at.isoformat()
        said = f"decided {_value(new)}" if new else "withdrawn"
        was = f"; it was {_value(old)}" if old else ""
        yield MappingChange("", f"{kind}|{subject}", f"{kind} {subject} was {said} by {by}{was}", str(by), str(at))
    if _shipped(then) != _shipped(now):
        problem = "the rules or accounts that ship with the program are others"
        yield MappingChange("", "shipped rules", problem, "the program", "")


def _held(content: Content) -> dict[tuple[str, str], Content]:
    return {(str(d["kind"]), str(d["subject"])): d for d in content["decisions"] if d["kind"] in _KINDS}


def _concerns(kind: str, subject: str, *contents: Content) -> bool:
    groups = [(s["channel"], g) for c in contents for s in c["settlements"] for g in s["groups"]]
    match kind:
        case "line_type":
            vendor, *names = subject.split("|", 3)
            return any(
                channel.startswith(f"{vendor}.")
                and all(
                    name == ANY or folded(name) == folded(str(g[column]))
                    for name, column in zip(
                        names, ("transaction_type", "amount_type", "amount_description"), strict=False
                    )
                )
                for channel, g in groups
            )
        case "account":
            scope, _, key = subject.partition("|")
            used = {g["account_key"] for _, g in groups}
            keys = {str(a["key"]) for c in contents for a in c["books"]["accounts"]}
            # Keys that no line has by itself (clearing and the like) are used by journals as a whole.
            fits = any(scope in ("default", channel, channel.partition(".")[0]) for channel, _ in groups)
            return fits and (key in used or key not in keys or key == "clearing")
        case "dimensions":
            scope, key, _, _ = subject.split("|")
            used = {g["account_key"] for c, g in groups if scope in ("default", c, c.partition(".")[0])}
            return bool(used) and (key in ("*", "clearing") or key in used)
        case "posting_date":
            return any(j["external_id"] == subject for c in contents for j in c["journals"])
        case "routing":
            return any(channel == subject for channel, _ in groups)
        case _:
            return subject.partition("|")[0] == "settlements"


def _value(decision: Content | None) -> str:
    value = decision["value"] if decision else {}
    return ", ".join(f"{k} {v}" for k, v in sorted(value.items()))


def _shipped(content: Content) -> list[Content]:
    """Return the rules without those that were decided."""
    decided = sum(d["kind"] == "line_type" for d in content["decisions"])
    rules: list[Content] = content["books"]["rules"]
    return rules[: len(rules) - decided]
