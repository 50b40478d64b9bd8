"""The `q` filter of record lists: conditions on body fields, AND before OR (CONTRACT §2.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.fields.types import FieldSpec, Kind, RecordType
from sync.sandbox.netsuite.fields.values import Value
from sync.sandbox.netsuite.records.stored import Stored
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["parse_filter"]

Test = Callable[[Stored], bool]

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^\s\[\]"]+)')
_ANY = {"EMPTY", "EMPTY_NOT"}
_BOOLEAN = {"IS", "IS_NOT"}
_NUMBER = {"ANY_OF", "BETWEEN", "EQUAL", "GREATER", "GREATER_OR_EQUAL", "LESS", "LESS_OR_EQUAL", "WITHIN"}
_STRING = {"CONTAIN", "IS", "START_WITH", "ENDWITH"}
_DATE = {"AFTER", "BEFORE", "ON", "ON_OR_AFTER", "ON_OR_BEFORE"}
_LISTS = {"ANY_OF", "BETWEEN", "WITHIN"}


@dataclass(frozen=True, slots=True)
class _Reader:
    books: NetSuiteBooks
    kind: RecordType
    tokens: list[str]

    def refuse(self, text: str) -> Refused:
        return Refused(400, "INVALID_PARAMETER", f"Invalid query. {text}", where={"o:errorQueryParam": "q"})

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.tokens and self.tokens[0].upper() == "OR":
            self.tokens.pop(0)
            tests.append(self.all_of())
        return lambda stored: any(test(stored) for test in tests)

    def all_of(self) -> Test:
        tests = [self.condition()]
        while self.tokens and self.tokens[0].upper() == "AND":
            self.tokens.pop(0)
            tests.append(self.condition())
        return lambda stored: all(test(stored) for test in tests)

    def condition(self) -> Test:
        name = self._next("a field name")
        spec = FieldSpec("id", Kind.INTEGER) if name.lower() == "id" else self.kind.fields.get(name.lower())
        if spec is None or spec.kind is Kind.ADDRESS:
            raise self.refuse(f"Field '{name}' is not filterable.")
        operator = self._next("an operator").upper()
        bare = operator.removesuffix("_NOT") if operator not in _ANY and operator != "IS_NOT" else operator
        allowed = _operators(spec)
        if bare not in allowed | _ANY:
            raise self.refuse(f"Operator '{operator}' cannot be used with field '{name}'.")
        if bare in _ANY:
            return lambda stored: (_value(stored, spec) is None) == (bare == "EMPTY")
        words = _unpack(self._next("a value"), listed=bare in _LISTS)
        test = self._comparison(spec, bare, words)
        negated = operator != bare or operator == "IS_NOT"
        return lambda stored: test(_value(stored, spec)) is not negated

    def _comparison(self, spec: FieldSpec, operator: str, words: list[str]) -> Callable[[Value], bool]:
        if spec.kind in (Kind.DATE, Kind.MOMENT):
            return _compare_days(operator, self._day(words[0]), self.books)
        if spec.kind is Kind.BOOLEAN:
            wanted = words[0].lower() in ("true", "t")
            return lambda value: (value is True) == wanted
        if operator in _NUMBER:
            try:
                return _compare_numbers(operator, [Decimal(word) for word in words])
            except InvalidOperation:
                raise self.refuse(f"'{words[0]}' is not a number.") from None
        return _compare_texts(operator, words[0].casefold())

    def _day(self, word: str) -> date:
        settings = self.books.settings
        try:
            return datetime.strptime(word, settings.date_pattern).date()  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            shown = {"MM/DD/YYYY": "MM/dd/yy", "DD/MM/YYYY": "dd/MM/yy", "DD.MM.YYYY": "dd.MM.yy"}
            form = shown.get(settings.date_format, "yyyy-MM-dd")
            text = f'Parse of date/time "{word}" failed with date format "{form}" in time zone {settings.time_zone}'
            raise Refused(400, "INVALID_PARAMETER", text, where={"o:errorQueryParam": "q"}) from None

    def _next(self, what: str) -> str:
        if not self.tokens:
            raise self.refuse(f"Expected {what} at the end.")
        return self.tokens.pop(0)


def parse_filter(books: NetSuiteBooks, kind: RecordType, text: str) -> Test:
    """Return the test that a `q` stands for.

    Raises:
        Refused: 400 INVALID_PARAMETER for what cannot be read; dates must be in the account's own format.
    """
    tokens, position, stripped = list[str](), 0, text.strip()
    while position < len(stripped):
        match = _TOKEN.match(stripped, position)
        if match is None:
            break
        tokens.append(match[1])
        position = match.end()
    reader = _Reader(books, kind, tokens)
    if position < len(stripped) or not tokens:
        raise reader.refuse(f"Cannot read '{stripped[position : position + 40]}'.")
    test = reader.any_of()
    if reader.tokens:
        raise reader.refuse(f"Unexpected '{reader.tokens[0]}'.")
    return test


def _operators(spec: FieldSpec) -> set[str]:
    if spec.kind in (Kind.DATE, Kind.MOMENT):
        return _DATE
    if spec.kind is Kind.BOOLEAN:
        return _BOOLEAN
    if spec.kind is Kind.TEXT:
        return _STRING | {"IS_NOT"}
    return _NUMBER | ({"IS", "IS_NOT"} if spec.kind in (Kind.REFERENCE, Kind.ENUM) else set())


def _unpack(word: str, *, listed: bool) -> list[str]:
    if word.startswith("["):
        return [part.strip().strip('"') for part in word[1:-1].split(",")]
    if word.startswith('"'):
        word = re.sub(r"\\(.)", r"\1", word[1:-1])
    return [part.strip() for part in word.split(",")] if listed else [word]


def _value(stored: Stored, spec: FieldSpec) -> Value:
    if spec.name == "id":
        return stored.id
    if spec.name in ("createdDate", "dateCreated"):
        return stored.created
    if spec.name == "lastModifiedDate":
        return stored.modified
    return stored.fields.get(spec.name)


def _compare_numbers(operator: str, wanted: list[Decimal]) -> Callable[[Value], bool]:
    first, last = wanted[0], wanted[-1]

    def test(value: Value) -> bool:
        if value is None or isinstance(value, dict | date):
            return False
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return False
        return {
            "ANY_OF": number in wanted,
            "BETWEEN": first <= number <= last,
            "WITHIN": first <= number <= last,
            "EQUAL": number == first,
            "GREATER": number > first,
            "GREATER_OR_EQUAL": number >= first,
            "LESS": number < first,
            "LESS_OR_EQUAL": number <= first,
        }[operator]

    return test


def _compare_texts(operator: str, wanted: str) -> Callable[[Value], bool]:
    def test(value: Value) -> bool:
        text = "" if value is None else str(value).casefold()
        return {
            "CONTAIN": wanted in text,
            "IS": text == wanted,
            "IS_NOT": text == wanted,
            "START_WITH": text.startswith(wanted),
            "ENDWITH": text.endswith(wanted),
        }[operator]

    return test


def _compare_days(operator: str, wanted: date, books: NetSuiteBooks) -> Callable[[Value], bool]:
    def test(value: Value) -> bool:
        if not isinstance(value, date):
            return False
        day = value.astimezone(books.zone).date() if isinstance(value, datetime) else value
        return {
            "AFTER": day > wanted,
            "BEFORE": day < wanted,
            "ON": day == wanted,
            "ON_OR_AFTER": day >= wanted,
            "ON_OR_BEFORE": day <= wanted,
        }[operator]

    return test
