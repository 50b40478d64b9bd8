"""Right answers that arrive bent: what a client must read, refuse or quarantine, but never take for good data."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from sync.sandbox.walmart.account import Call
from sync.sandbox.walmart.front.wire import Answer, to_json

__all__ = ["bend"]

_JSON = "application/json"


def bend(answer: Answer, call: Call) -> Answer:
    """Return the answer as the fault of this call changes it; only an answer of 2xx is changed."""
    if call.fault is None or not 200 <= answer.status < 300:
        return answer
    match call.fault.name:
        case "truncated_gzip":
            whole = gzip.compress(answer.body, mtime=0)
            headers = answer.headers | {"content-encoding": "gzip"}
            return replace(answer, body=whole[: len(whole) * 2 // 3], headers=headers)
        case "truncated_json" if answer.content_type == _JSON:
            return replace(answer, body=answer.body[: len(answer.body) // 2])
        case "wrong_charset" if answer.content_type == _JSON:
            text = answer.body.decode().replace(":", ":\xa0", 1)
            return replace(answer, body=text.encode("cp1252", "replace"))
        case "error_200" if answer.content_type == _JSON:
            body = {"errors": [{"code": "SYSTEM_ERROR", "description": "System error", "severity": "ERROR"}]}
            return replace(answer, body=to_json(body).encode())
        case "W32" if answer.content_type == _JSON:
            return _rewritten(answer, _single_as_object)
        case "null_object" if answer.content_type == _JSON:
            return _rewritten(answer, _first_object_null)
        case _:
            return answer


def _rewritten(answer: Answer, change: Callable[[object], object]) -> Answer:
    value = json.loads(answer.body, parse_float=Decimal)
    return replace(answer, body=to_json(change(value)).encode())


def _single_as_object(value: object) -> object:
    """Return the document with every list of one object as that object, as XML-born servers write it."""
    if isinstance(value, dict):
        return {name: _single_as_object(member) for name, member in value.items()}
    if isinstance(value, list):
        members = [_single_as_object(member) for member in value]
        return members[0] if len(members) == 1 and isinstance(members[0], dict) else members
    return value


def _first_object_null(value: object) -> object:
    """Return the document with the first object inside a list's first element as null."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        first = dict(value[0])
        for name, member in first.items():
            if isinstance(member, dict):
                return [first | {name: None}, *value[1:]]
        return value
    if isinstance(value, dict):
        for name, member in value.items():
            changed = _first_object_null(member)
            if changed is not member:
                return value | {name: changed}
    return value
