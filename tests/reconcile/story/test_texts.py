"""Sentences for customers: what ships, and what a decision may say."""

from __future__ import annotations

from datetime import date

import pytest
from factories import NOW, World, usd

from reconcile.mapping.setup import apply_decisions, export_decisions
from reconcile.story.texts import LANGUAGES, WORDS, check_answer, sentence, shipped_texts
from sync.errors import BadInput
from sync.ops.decisions import Decision


def decided(text: object) -> dict[str, Decision]:
    return {"en|shipped": Decision(1, "answer", "en|shipped", {"text": text}, NOW, NOW, "ann", "")}


@pytest.mark.parametrize(
    ("subject", "value"),
    [
        ("shipped", {"text": "x"}),
        ("fr|shipped", {"text": "x"}),
        ("en|sent", {"text": "x"}),
        ("a|b|en|shipped", {"text": "x"}),
        ("en|shipped", {}),
        ("en|shipped", {"text": " "}),
        ("en|shipped", {"text": "x", "more": "y"}),
        ("en|shipped", {"text": "{buyer}"}),
        ("en|shipped", {"text": "{order.__class__}"}),
        ("en|shipped", {"text": "{order!r}"}),
        ("en|shipped", {"text": "{order:{ship_by}}"}),
        ("en|shipped", {"text": "{order"}),
        ("en|shipped", {"text": "{}"}),
    ],
)
def test_a_decision_that_cannot_be_said_is_refused(subject: str, value: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"."):
        check_answer(subject, value)


def test_every_language_speaks_of_every_state_with_known_words() -> None:
    texts = shipped_texts().answers
    assert {language: set(states) for language, states in texts.items()} == {key: set(texts["en"]) for key in LANGUAGES}
    for language, states in texts.items():
        for state, said in states.items():
            check_answer(f"{language}|{state}", {"text": list(said)})
            # Whatever is not known, something can be said.
            assert sentence(state, language, "amazon.US", dict.fromkeys(WORDS, "x"), {})


def test_a_sentence_with_an_unknown_word_is_never_said() -> None:
    words = {"order": "113-1", "tracking": "1Z9"}
    assert sentence("shipped", "en", "amazon.US", words, {}) == "Your order was shipped; its tracking number is 1Z9."
    assert sentence("shipped", "en", "amazon.US", {}, {}) == "Your order was shipped."
    assert sentence("return_requested", "en", "amazon.US", {}, {}) == ""


def test_a_persons_sentence_stands_above_and_gives_way_where_a_word_is_missing() -> None:
    words = {"tracking": "1Z9"}
    assert sentence("shipped", "en", "amazon.US", words, decided("On its way: {tracking}")) == "On its way: 1Z9"
    assert sentence("shipped", "en", "amazon.US", {}, decided("On its way: {tracking}")) == "Your order was shipped."
    assert sentence("shipped", "en", "amazon.US", words, decided("{order.__class__}")).startswith("Your order")


@pytest.mark.parametrize(
    ("language", "day", "amount"),
    [("en", "March 5, 2026", "1,234.50 USD"), ("de", "5. März 2026", "1.234,50 USD")],
)
def test_days_and_amounts_are_written_as_the_language_does(language: str, day: str, amount: str) -> None:
    texts = shipped_texts()
    assert texts.day(date(2026, 3, 5), language) == day
    assert texts.amount(usd("1234.5"), "USD", language) == amount
    assert texts.amount(usd("1234"), "JPY", "en") == "1,234 JPY"


def test_sentences_travel_as_text_files(world: World) -> None:
    text = '[answer."amazon.DE|de|shipped"]\ntext = "Unterwegs: {tracking}"\n'
    assert apply_decisions(world.store, text, by="ann").decided == 1
    assert text.strip() in export_decisions(world.store)
    with pytest.raises(BadInput, match="unknown words buyer"):
        apply_decisions(world.store, '[answer."en|shipped"]\ntext = "{buyer}"\n', by="ann")
