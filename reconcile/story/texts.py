"""The sentences that customers are told: what ships as data, under what people decided.

Decisions of kind `answer`: subject `LANGUAGE|STATE` or `CHANNEL|LANGUAGE|STATE`, value {"text": "…"} with the words in
braces that `data/answers.toml` names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

from reconcile.amounts import amount_text
from sync.ops.decisions import Decision

__all__ = ["ANSWER", "LANGUAGES", "WORDS", "Texts", "check_answer", "sentence", "shipped_texts"]

#: Kind of the decisions.
ANSWER = "answer"
#: The words that a sentence may hold.
WORDS = frozenset(
    "order ordered_on ship_by shipped_on carrier tracking deliver_by delivered_on shipped_units ordered_units refund"
    " refund_on requested_on".split()
)
LANGUAGES = ("en", "de")


@dataclass(frozen=True, slots=True)
class Texts:
    """What ships: sentences by language and state, and how each language writes days and amounts."""

    answers: Mapping[str, Mapping[str, tuple[str, ...]]]
    forms: Mapping[str, Mapping[str, Any]]
    languages: Mapping[str, str]
    time_zones: Mapping[str, str]
    known_by_alternate: frozenset[str]
    reports_delivery: frozenset[str]

    def day(self, day: date, language: str) -> str:
        """Return a day as the language writes it: `November 18, 2026`."""
        form = self.forms[language]
        return str(form["date"]).format(day=day.day, month=form["months"][day.month - 1], year=day.year)

    def amount(self, amount: Decimal, currency: str, language: str) -> str:
        """Return an amount as the language writes it, with its currency: `1,234.50 USD`."""
        form = self.forms[language]
        whole, _, rest = amount_text(amount, currency).partition(".")
        grouped = f"{int(whole):,}".replace(",", str(form["group"]))
        said = f"{grouped}{form['point']}{rest}" if rest else grouped
        return str(form["amount"]).format(amount=said, currency=currency)


@cache
def shipped_texts() -> Texts:
    """Return what ships as data; it does not change while the program runs."""
    raw = tomllib.loads(files("data").joinpath("answers.toml").read_text(encoding="utf-8"))
    return Texts(
        {language: {state: _many(said) for state, said in raw[language]["answers"].items()} for language in LANGUAGES},
        {language: raw[language] for language in LANGUAGES},
        raw["languages"],
        raw["time_zones"],
        frozenset(raw["known_by_alternate"]),
        frozenset(raw["reports_delivery"]),
    )


def sentence(state: str, language: str, channel: str, words: Mapping[str, str], decided: Mapping[str, Decision]) -> str:
    """Return what is said of a state: a person's sentence for the channel, for all, else the shipped one.

    The first sentence of which every word is known is taken; one with a missing word is never said.
    """
    said: list[str] = []
    for subject in (f"{channel}|{language}|{state}", f"{language}|{state}"):
        if subject in decided:
            said += _many(decided[subject].value.get("text", ""))
    said += shipped_texts().answers[language].get(state, ())
    for template in said:
        if template and _words_of(template) <= set(words):
            return template.format_map(words)
    return ""


def check_answer(subject: str, value: Mapping[str, Any]) -> None:
    """Check a decision of kind `answer`.

    Raises:
        ValueError: the language, the state or a word is not known, or there is no text.
    """
    *channel, language, state = ("", *subject.split("|")) if subject.count("|") == 1 else subject.split("|")
    states = shipped_texts().answers["en"]
    if len(channel) != 1 or language not in LANGUAGES or state not in states:
        raise ValueError(
            f"the subject is language|state or channel|language|state; languages are {', '.join(LANGUAGES)}, states"
            f" {', '.join(sorted(states))}"
        )
    if set(value) != {"text"} or not all(isinstance(t, str) and t.strip() for t in _many(value["text"])):
        raise ValueError("this decision has one field: text")
    for template in _many(value["text"]):
        try:
            unknown = _words_of(template) - WORDS
        except ValueError as error:
            raise ValueError(f"the text's braces cannot be read: {error}") from error
        if unknown:
            raise ValueError(f"unknown words {', '.join(sorted(unknown))}; known are {', '.join(sorted(WORDS))}")


def _many(said: object) -> tuple[str, ...]:
    return tuple(said) if isinstance(said, (list, tuple)) else (str(said),)


def _words_of(template: str) -> set[str]:
    """Return the words in braces; raises ValueError for braces that do not close."""
    # A word with a form or conversion is none of ours: `{order!r}` is named whole, and known nowhere.
    return {
        f"{name}{f'!{how}' if how else ''}{f':{form}' if form else ''}"
        for _, name, form, how in Formatter().parse(template)
        if name is not None
    }
