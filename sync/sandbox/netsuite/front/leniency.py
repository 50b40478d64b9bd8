"""`X-NetSuite-PropertyValueValidation: Warning | Ignore`: a write without the values that are refused (CONTRACT §2.2).

The contract names the modes and not what they do to a write; that a refused value is left out is assumed, after the
documented behaviour of the same modes for names.
"""

from __future__ import annotations

import re
from typing import cast

from starlette.types import ASGIApp, Scope

from sync.sandbox.netsuite.wire.inner_calls import Answer, ask
from sync.sandbox.netsuite.wire.json_text import dump, load

__all__ = ["HEADER", "is_lenient", "serve_leniently"]

HEADER = "x-netsuite-propertyvaluevalidation"
_STEP = re.compile(r"([A-Za-z0-9_]+)(?:\[(\d+)\])?\Z")


def is_lenient(mode: str, method: str) -> bool:
    """Say whether a write is to go on without its refused values."""
    return mode.lower() in ("warning", "ignore") and method in ("POST", "PATCH", "PUT")


async def serve_leniently(app: ASGIApp, scope: Scope, body: bytes, mode: str) -> Answer:
    """Return the answer to a write, tried again without each value that was refused.

    A refused write has changed nothing, so a second try is the first one. In mode Warning the answer names what was
    left out.
    """
    dropped: list[str] = []
    while True:
        answer = await ask(app, dict(scope), body)
        path = _refused_path(answer)
        shorter = _without(body, path) if path else None
        if path is None or shorter is None:
            break
        dropped.append(path)
        body = shorter
    if not dropped or mode.lower() != "warning":
        return answer
    words = "; ".join(f"Invalid value of property: {path}" for path in dropped).encode("latin-1", "replace")
    return Answer(answer.status, (*answer.headers, (b"x-netsuite-propertyvalidation", words)), answer.body)


def _refused_path(answer: Answer) -> str | None:
    """Return the path of the value that was refused, None for any other answer."""
    if answer.status != 400:
        return None
    document = load(answer.body)
    details = document.get("o:errorDetails") if isinstance(document, dict) else None
    first = details[0] if isinstance(details, list) and details else {}
    if first.get("o:errorCode") != "INVALID_CONTENT" or "Invalid Field Value" not in first.get("detail", ""):
        return None
    return first.get("o:errorPath")


def _without(body: bytes, path: str) -> bytes | None:
    """Return the body without the value at `item.items[0].location`, None where there is no such value."""
    document = load(body)
    place: object = document
    *outer, last = path.split(".")
    for step in outer:
        found = _STEP.match(step)
        if found is None or not isinstance(place, dict):
            return None
        place = place.get(found[1])
        if found[2] is not None:
            rows = cast("list[object]", place) if isinstance(place, list) else []
            place = rows[int(found[2])] if int(found[2]) < len(rows) else None
    if not isinstance(place, dict):
        return None
    names = [name for name in place if name.lower() == last.lower()]
    for name in names:
        del place[name]
    return dump(document).encode() if names else None
