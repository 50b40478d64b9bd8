"""`story`: any id to the whole page, or only the text to send."""

from __future__ import annotations

import pytest

from tests.console.homes import Home


@pytest.fixture
def number(pulled: Home) -> str:
    """The newest shipped order of the German shop."""
    rows = pulled.query(
        "SELECT order_id FROM orders WHERE channel = 'amazon.DE' AND status = 'shipped' ORDER BY ordered_at DESC, 1"
    )
    return str(rows[0][0])


@pytest.mark.parametrize("argv", [["story", "x", "--answer", "friend"], ["story", "x", "--lang", "fr"]])
def test_unknown_answers_and_languages_are_refused(pulled: Home, argv: list[str]) -> None:
    assert pulled.run(*argv).code == 2


def test_the_customers_answer_alone_is_in_the_channels_language_or_the_asked_one(pulled: Home, number: str) -> None:
    spaced = number.replace("-", " ")
    said = pulled.run("story", spaced, "--answer", "customer")
    assert said.out.startswith(f"Guten Tag, vielen Dank für Ihre Nachricht zu Ihrer Bestellung {number} vom ")
    assert "Kind regards" in pulled.run("story", number, "--answer", "customer", "--lang", "en").out
    one = pulled.run("story", number, "--answer", "customer", "--json").one
    assert (one["subject"], one["language"]) == (number, "de")
    assert one["state"] in ("shipped", "due", "refund_given")


def test_the_internal_answer_names_the_systems(pulled: Home, number: str) -> None:
    assert pulled.run("story", number, "--answer", "internal").out.startswith(f"Order {number} (amazon.DE), ")


def test_the_whole_page_is_one_json_line_that_adds_up(pulled: Home, number: str) -> None:
    one = pulled.run("story", number, "--json").one
    assert one["kind"] == "order"
    assert {s["label"] for s in one["money"]["sums"]} >= {"Charged", "Settled"}
    assert all(s["adds_up"] for s in one["money"]["sums"])
    assert one["lines"][0]["ordered"] >= 1
    text = pulled.run("story", number).out
    assert "For the customer" in text
    assert "For colleagues" in text


def test_of_several_the_others_are_listed_newest_first(pulled: Home) -> None:
    (name,) = pulled.query(
        "SELECT buyer_name FROM orders WHERE regexp_full_match(buyer_name, '[A-Z][a-z]+ [A-Z][a-z]+')"
        " GROUP BY 1 HAVING count(*) > 2 ORDER BY 1 LIMIT 1"
    )[0]
    one = pulled.run("story", str(name), "--json").one
    ats = [c["at"] for c in one["others"]]
    assert ats
    assert ats == sorted(ats, reverse=True)
    assert {c["why"] for c in one["others"]} == {"buyer's name"}
