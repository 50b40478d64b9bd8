"""The filter line: `status:open channel:amazon diff:>5 -kind:fee 113-77`, compiled to SQL with parameters.

A word without a field is looked for in the list's search columns. `field:value` compares with one column: text by its
start (`=value` whole), several values with commas mean any of them, numbers and dates take `>`, `>=`, `<`, `<=` and
`a..b`, ages take durations (`age:>2d` is older than two days). A leading `-` turns a condition round; quotes keep
blanks and colons. Nothing that was typed ever becomes part of the SQL text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from console.desk import FilterProblem
from console.views.rows import Column

__all__ = ["Compiled", "Term", "compile_filter", "terms"]

_TERM = re.compile(r'(?P<no>-)?(?:(?P<field>[A-Za-z_]+):)?(?P<value>(?:"[^"]*"|[^\s"])*)')
_COMPARISON = re.compile(r"(>=|<=|>|<)?(.*)", re.DOTALL)
_DURATION = re.compile(r"(\d{1,6})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Term:
    """One condition as typed; `position` counts characters from 0."""

    field: str | None
    value: str
    negated: bool
    position: int
    length: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition over a list's columns, `TRUE` for none, and its named parameters."""

    where: str = "TRUE"
    parameters: dict[str, object] = field(default_factory=dict)


def terms(text: str) -> Iterator[Term]:
    """Yield the conditions of a filter line in order.

    Raises:
        FilterProblem: a quote is not closed, a value is missing, or the line is too long.
    """
    if len(text) > _LONGEST:
        raise FilterProblem(f"a filter has at most {_LONGEST} characters", _LONGEST)
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        found = _TERM.match(text, position)
        if found is None or found.end() == position:
            raise FilterProblem("this quote is not closed", position)
        if found.end() < len(text) and text[found.end()] == '"':
            raise FilterProblem("this quote is not closed", found.end())
        value = found["value"].replace('"', "")
        if not value and '"' not in found["value"]:
            raise FilterProblem("a value is missing here", position, found.end() - position)
        yield Term(found["field"], value, found["no"] is not None, position, found.end() - position)
        position = found.end()


def compile_filter(text: str, columns: Sequence[Column], search: Sequence[str], now: datetime) -> Compiled:
    """Compile a filter line for a list with these columns; `search` names the columns that plain words look in.

    Raises:
        FilterProblem: with the sentence and the place.
    """
    known = {column.name: column for column in columns}
    binder = _Binder()
    conditions: list[str] = []
    for term in terms(text):
        if term.field is None:
            condition = _search(term, search, binder)
        else:
            column = known.get(term.field.lower())
            if column is None:
                raise FilterProblem(_no_such_field(term.field, known), term.position, term.length)
            condition = _compare(term, column, now, binder)
        conditions.append(f"NOT COALESCE(({condition}), FALSE)" if term.negated else f"({condition})")
    return Compiled(" AND ".join(conditions) or "TRUE", binder.parameters)


class _Binder:
    def __init__(self) -> None:
        self.parameters: dict[str, object] = {}

    def __call__(self, value: object) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _search(term: Term, search: Sequence[str], binder: _Binder) -> str:
    word = binder(term.value.lower())
    return " OR ".join(f"contains(lower(CAST({_quoted(name)} AS VARCHAR)), {word})" for name in search) or "FALSE"


def _compare(term: Term, column: Column, now: datetime, binder: _Binder) -> str:
    name = _quoted(column.name)
    choices = [part for part in term.value.split(",") if part] or [term.value]
    if column.kind in ("text", "sign"):
        return " OR ".join(_text(name, choice, binder) for choice in choices)
    return " OR ".join(_ordered(name, choice, column, term, now, binder) for choice in choices)


def _text(name: str, value: str, binder: _Binder) -> str:
    if value in ("-", "—"):
        return f"{name} IS NULL"
    if value.startswith("="):
        return f"lower({name}) = {binder(value[1:].lower())}"
    return f"starts_with(lower({name}), {binder(value.lower())})"


def _ordered(name: str, value: str, column: Column, term: Term, now: datetime, binder: _Binder) -> str:
    if value in ("-", "—"):
        return f"{name} IS NULL"
    if ".." in value:
        low, high = value.split("..", 1)
        return f"{name} BETWEEN {binder(_operand(low, column, term))} AND {binder(_operand(high, column, term))}"
    found = _COMPARISON.fullmatch(value)
    sign, rest = (found[1] or "=", found[2]) if found else ("=", value)
    if column.kind in ("age", "time") and (duration := _DURATION.fullmatch(rest)):
        moment = now - timedelta(seconds=int(duration[1]) * _SECONDS[duration[2]])
        return f"{name} {_turned(sign)} {binder(moment)}"
    operand = _operand(rest, column, term)
    if sign == "=" and column.kind in ("age", "time"):
        return f"CAST({name} AS DATE) = CAST({binder(operand)} AS DATE)"
    return f"{name} {sign} {binder(operand)}"


def _turned(sign: str) -> str:
    return {">": "<", ">=": "<=", "<": ">", "<=": ">="}.get(sign, "<=")


def _operand(text: str, column: Column, term: Term) -> object:
    try:
        if column.kind == "date":
            return date.fromisoformat(text)
        if column.kind in ("age", "time"):
            moment = datetime.fromisoformat(text)
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
        number = Decimal(text)
        if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
            raise InvalidOperation
    except (ValueError, InvalidOperation):
        wanted = {"date": "a date such as 2026-11-20", "age": "an age such as >2d", "time": "a time such as <3h"}
        wanted_here = wanted.get(column.kind, "a number such as >5")
        raise FilterProblem(f"{column.name} wants {wanted_here}", term.position, term.length) from None
    return number


def _no_such_field(name: str, known: dict[str, Column]) -> str:
    return f"no field {name} here; there is {', '.join(sorted(known))} (quote the word to look for it)"
