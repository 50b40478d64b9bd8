"""Normal forms in SQL: what is one spelling of the same, and what is nothing at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile.customers.buyer import names_agree, normal_name, own_email, visible
from reconcile.customers.forms import define_forms
from reconcile.customers.match import ASCII_NAME


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        define_forms(made)
        yield made


def form(cursor: duckdb.DuckDBPyConnection, macro: str, *values: str | None) -> object:
    marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    row = cursor.execute(f"SELECT tieout_{macro}({marks})", list(values)).fetchone()
    return row[0] if row else None


@pytest.mark.parametrize(
    ("phone", "country", "form_of_it"),
    [
        ("0000000000", "US", None),
        ("5555555555", "US", None),
        ("1234567890", "US", None),
        ("12345", "US", None),
        ("", "US", None),
        ("call me", "DE", None),
        ("+1 (503) 555-0101 ext. 12", "US", "15035550101"),
        ("503.555.0101", None, "15035550101"),
        ("1-503-555-0101", "US", "15035550101"),
        ("030 1234567", "DE", "49301234567"),
        ("0049 30 1234567", "DE", "49301234567"),
        ("0044 20 7946 0000", "US", "442079460000"),
        ("020 7946 0000", "GB", "442079460000"),
    ],
)
def test_phones_by_country(
    cursor: duckdb.DuckDBPyConnection, phone: str, country: str | None, form_of_it: str | None
) -> None:
    assert form(cursor, "phone", phone, country) == form_of_it


@pytest.mark.parametrize(
    ("name", "form_of_it"),
    [
        ("\x00\x1b\u202e\u200b", ""),
        ("x" * 5000, "x" * 160),
        ("Ja\u200bne\tDOE", "jane doe"),
        ("Dr. Seán O'Brien", "sean obrien"),
        ("Doe, Jane", "jane doe"),
        ("Acme, Inc.", "acme inc"),
        ("Doe, Jr.", "doe jr"),
        ("Müller-Lüdenscheidt Groß", "muller ludenscheidt gross"),
        ("Jаne Dοe", "jane doe"),  # Cyrillic and Greek look-alikes
        ("Ｊａｎｅ Ｄｏｅ", "jane doe"),
        ("漢字 太郎", "漢字 太郎"),
    ],
)
def test_names(cursor: duckdb.DuckDBPyConnection, name: str, form_of_it: str) -> None:
    assert form(cursor, "name", name) == form_of_it


def test_two_scripts_in_one_name_are_noticed_and_one_script_is_not(cursor: duckdb.DuckDBPyConnection) -> None:
    assert [form(cursor, "mixed", name) for name in ("Jаne", "Анна Петрова", "Jane Doe", "漢字 Taro")] == [
        True, False, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("12 N. Oak Street", "Apt. 4"), ("12 north OAK st #4", None)),
        (("Hauptstraße 5", None), ("Hauptstr. 5", "")),
        (("P.O. Box 12", None), ("PO BOX 12", None)),
    ],
)
def test_streets(
    cursor: duckdb.DuckDBPyConnection, left: tuple[str, str | None], right: tuple[str, str | None]
) -> None:
    assert form(cursor, "street", *left) == form(cursor, "street", *right)
    assert form(cursor, "street", None, " ") is None


@pytest.mark.parametrize(
    "email", ["", "jane", "j***@gmail.com", "x@marketplace.amazon.de", "a@relay.walmart.com", "a@b", "é@example.com"]
)
def test_what_is_no_address_of_a_person_is_none_in_both_languages(
    cursor: duckdb.DuckDBPyConnection, email: str
) -> None:
    assert form(cursor, "email", email) is None
    assert own_email(email) is None


@pytest.mark.parametrize("email", ["Jane@Example.com ", "o'neil.j+shop@mail.example.co.uk"])
def test_an_address_is_the_same_in_both_languages(cursor: duckdb.DuckDBPyConnection, email: str) -> None:
    assert form(cursor, "email", email) == own_email(email) == email.strip().lower()


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("Jane Doe", "John Doe", False),
        ("Jane Doe", "Bob Stone", False),
        ("Bob Doe", "Robert Doe", True),
        ("J Doe", "Jane Doe", True),
        ("J Doe", "Mary Doe", False),
        ("Doe Jane", "Jane Doe", True),
        ("Doe", "Jane Doe", True),
        ("Jane Doe", "Jane Stone", True),  # married
        ("Katherine Doe", "Kathrine Doe", True),
        ("", "Jane Doe", True),
    ],
)
def test_names_of_one_person_agree_and_those_of_a_household_do_not(left: str, right: str, agree: bool) -> None:
    assert names_agree(left, right) is agree
    assert names_agree(right, left) is agree


def test_what_is_sent_to_the_erp_is_visible_text() -> None:
    assert visible("\x00Ja\u202ene\n\x1b[31mDoe ") == "Jane [31mDoe"


_TEXTS = st.text(st.sampled_from("abcXYZ019 _-.,'`\t\n\x07éßЖ—\u200b"), max_size=30)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS)
def test_a_text_that_needs_little_has_the_form_that_it_has_where_everything_is_done(
    cursor: duckdb.DuckDBPyConnection, text: str
) -> None:
    # An accent that stands alone is left out, and makes the text one that everything is done to.
    assert form(cursor, "plain", text) == form(cursor, "plain", text + "´")
    assert form(cursor, "mixed", text) == form(cursor, "mixed", text + "´")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=_TEXTS)
def test_earlier_orders_are_chosen_by_the_very_name_that_is_compared(
    cursor: duckdb.DuckDBPyConnection, text: str
) -> None:
    plain = text.encode("ascii", "ignore").decode()
    row = cursor.execute(f"SELECT {ASCII_NAME.format('$1')}", [plain]).fetchone()
    assert row == (normal_name(plain),)
    assert normal_name(plain) == " ".join(re.findall(r"\w+", plain.casefold()))
