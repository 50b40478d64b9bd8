"""What can be wrong with an answer that looks good: its shape, its text, its headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from starlette.responses import Response

from sync.sandbox.amazon.front.exact_json import exact_json
from sync.sandbox.faults import Fault

__all__ = ["spoil_headers", "spoil_text"]

_NEVER_SEEN = "NEVER_SEEN_BEFORE"
_ERRORS = {"errors": [{"code": "InternalFailure", "message": "We encountered an internal error.", "details": ""}]}
#: Fields that hold one of a list of words.
_WORD_FIELDS = (
    "fulfillmentStatus",
    "processingStatus",
    "transactionStatus",
    "OrderStatus",
    "currentStatus",
    "balanceType",
    "status",
)


def spoil_text(text: str, fault: Fault | None) -> str:
    """Return the body's text, changed as the fault says; unchanged where it is of another kind."""
    name = fault.name if fault else ""
    if name == "leading_newlines":
        return "\n\n  " + text + "\n"
    if name == "not_json":
        return text[: len(text) // 2]
    if name == "error_in_200":
        return json.dumps(_ERRORS)
    change = _CHANGES.get(name)
    return text if change is None else exact_json(change(json.loads(text, parse_float=Decimal)))


def spoil_headers(response: Response, fault: Fault | None) -> None:
    """Change the rate-limit header, or the case of all headers, as the fault says."""
    name = fault.name if fault else ""
    if name == "rate_header_garbage":
        response.headers["x-amzn-RateLimit-Limit"] = "string"
    elif name == "rate_header_missing":
        del response.headers["x-amzn-RateLimit-Limit"]
    elif name == "header_case":
        response.raw_headers = [(key.upper(), value) for key, value in response.raw_headers]


def _first(value: Any, fits: Callable[[Any], bool], instead: Callable[[Any], Any]) -> tuple[Any, bool]:
    """Replace the first part below `value` that fits, depth first; say whether there was one."""
    parts: list[tuple[Any, Any]]
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    else:
        return value, False
    for key, part in parts:
        if fits(part):
            value[key] = instead(part)
            return value, True
        _, found = _first(part, fits, instead)
        if found:
            return value, True
    return value, False


def _unknown_word(body: Any) -> Any:
    def has_word(part: Any) -> bool:
        return isinstance(part, dict) and any(isinstance(part.get(name), str) for name in _WORD_FIELDS)

    def renamed(part: Any) -> Any:
        name = next(n for n in _WORD_FIELDS if isinstance(part.get(n), str))
        return {**part, name: _NEVER_SEEN}

    return _first([body], has_word, renamed)[0][0]


def _with_new_field(body: Any) -> Any:
    if isinstance(body, dict):
        return {**{name: _with_new_field(part) for name, part in body.items()}, "fieldOfTomorrow": "new"}
    return [_with_new_field(part) for part in body] if isinstance(body, list) else body


def _null_object(body: Any) -> Any:
    return _first(body, lambda part: isinstance(part, dict), lambda _: None)[0]


def _single_element(body: Any) -> Any:
    return _first(body, lambda part: isinstance(part, list) and bool(part), lambda part: part[0])[0]


def _amounts_as_strings(body: Any) -> Any:
    if isinstance(body, dict):
        return {
            name: exact_json(part) if name == "currencyAmount" else _amounts_as_strings(part)
            for name, part in body.items()
        }
    return [_amounts_as_strings(part) for part in body] if isinstance(body, list) else body


def _yen(body: Any) -> Any:
    """Return the body in yen: as many yen as there were cents, so that sums stay sums."""
    if isinstance(body, dict):
        if set(body) == {"currencyCode", "currencyAmount"}:
            return {"currencyCode": "JPY", "currencyAmount": int(Decimal(body["currencyAmount"]).scaleb(2))}
        return {name: _yen(part) for name, part in body.items()}
    return [_yen(part) for part in body] if isinstance(body, list) else body


_CHANGES: dict[str, Callable[[Any], Any]] = {
    "unknown_enum": _unknown_word,
    "new_field": _with_new_field,
    "null_object": _null_object,
    "single_element": _single_element,
    "amounts_as_strings": _amounts_as_strings,
    "yen": _yen,
}
