"""Oracle's format models for dates and numbers, as DuckDB expressions."""

from __future__ import annotations

import re

from sqlglot import exp

from sync.sandbox.netsuite.suiteql.refusal import unsupported

__all__ = ["date_pattern", "number_text"]

#: Longest first, so that HH24 is not read as HH.
_DATE_PARTS = [
    ("YYYY", "%Y"),
    ("HH24", "%H"),
    ("HH12", "%I"),
    ("DDD", "%j"),
    ("MON", "%b"),
    ("RR", "%y"),
    ("YY", "%y"),
    ("MM", "%m"),
    ("DD", "%d"),
    ("HH", "%I"),
    ("MI", "%M"),
    ("SS", "%S"),
    ("DY", "%a"),
    ("AM", "%p"),
    ("PM", "%p"),
    ("IW", "%V"),
]
_NUMBER = re.compile(r"(FM)?([90,]+)(?:\.([90]+))?\Z", re.IGNORECASE)


def date_pattern(model: str) -> str:
    """Return the strftime pattern of an Oracle date format model.

    Raises:
        Refused: for an element that is not supported.
    """
    pattern, rest = "", model
    while rest:
        for part, code in _DATE_PARTS:
            if rest.upper().startswith(part):
                pattern, rest = pattern + code, rest[len(part) :]
                break
        else:
            if rest[0] == '"' and '"' in rest[1:]:
                text, rest = rest[1:].split('"', 1)
                pattern += text.replace("%", "%%")
            elif not rest[0].isalnum():
                pattern, rest = pattern + rest[0].replace("%", "%%"), rest[1:]
            else:
                raise unsupported()
    return pattern


def number_text(value: exp.Expr, model: str) -> exp.Expr:
    """Return an expression that writes a number by a model such as `FM999990.00`.

    Raises:
        Refused: for an element that is not supported.
    """
    match = _NUMBER.match(model)
    if match is None:
        raise unsupported()
    bare, whole, decimals = bool(match[1]), match[2], len(match[3] or "")
    rounded = exp.cast(value, exp.DataType.build(f"DECIMAL(38,{decimals})", dialect="duckdb"))
    return exp.Anonymous(
        this="ns_number",
        expressions=[
            exp.cast(rounded, "VARCHAR"),
            exp.Boolean(this="," in whole),
            exp.Boolean(this="0" in whole),
            exp.Literal.number(0 if bare else len(whole) + (decimals + 1 if decimals else 0) + 1),
        ],
    )
