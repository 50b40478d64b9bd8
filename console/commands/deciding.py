"""One decision made on the command line: written as the text of a setup file, so that names are looked up alike."""

from __future__ import annotations

import json as jsonlib
from collections.abc import Mapping

from console.session import session

__all__ = ["decide_text", "quoted", "written"]


def decide_text(kind: str, subject: str, lines: list[str], *, as_json: bool) -> int:
    """Decide what `lines` (`name = value`) say of a subject, judge everything anew, and say what came of it."""
    from reconcile.cycle import run_cycle
    from reconcile.mapping.setup import apply_decisions

    here = session()
    here.output.as_json = as_json
    text = "\n".join([f"[{kind}.{quoted(subject)}]", *lines])
    applied = apply_decisions(here.workspace.store, text, by=here.who)
    run_cycle(here.workspace.store)
    here.output.facts({"kind": kind, "subject": subject, "decided": applied.decided, "unchanged": applied.unchanged})
    return 0


def written(value: Mapping[str, str | None]) -> list[str]:
    """Return the lines of what is given."""
    return [f"{name} = {quoted(said)}" for name, said in value.items() if said]


def quoted(text: str) -> str:
    """Return a text as TOML has it."""
    # JSON's escapes are TOML's, but for one control character.
    return jsonlib.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
