"""What commands write: nothing that a terminal acts on, every digit, valid JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest

from console.commands.output import Output, escaped, plain

#: Terminal escapes, C1 controls, marks that turn or hide text, a lone surrogate.
HOSTILE = "a\x1b[2J\x9b31m\x07\x00\x7f\r\u202eevil\u2066\u200b\ufeff\u2028\udc80z"
ACTING = set("\x1b\x9b\x07\x00\x7f\r\u202e\u2066\u200b\ufeff\u2028\udc80")


def written(as_json: bool) -> tuple[Output, list[str], list[str]]:
    out, err = list[str](), list[str]()
    return Output(out.append, err.append, as_json=as_json), out, err


def test_json_holds_hostile_text_as_escapes_and_gives_it_back() -> None:
    output, out, _ = written(as_json=True)
    output.record({HOSTILE: HOSTILE, "list": [HOSTILE, {"deep": HOSTILE}]})
    (line,) = out
    assert not ACTING & set(line)
    assert line.count("\n") == 1
    assert json.loads(line) == {HOSTILE: HOSTILE, "list": [HOSTILE, {"deep": HOSTILE}]}


def test_no_way_of_writing_lets_hostile_text_through() -> None:
    output, out, err = written(as_json=False)
    output.text(HOSTILE)
    output.note(HOSTILE)
    output.facts({"name": HOSTILE})
    output.table([{"name": HOSTILE, "more": [HOSTILE]}], ["name", "more"], empty="none")
    output.document(f'x = "{escaped(HOSTILE[6:7])}"\n')
    text = "".join(out + err)
    assert not ACTING & set(text)
    assert "evil" in text


def test_what_is_not_hostile_is_left_as_it_is() -> None:
    output, out, _ = written(as_json=True)
    output.record({"name": "Zoë Łukasz 東京 🙂"})
    assert out == ['{"name": "Zoë Łukasz 東京 🙂"}\n']


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("12345678901234567890123456789012.3456", "12345678901234567890123456789012.3456"),
        ("1234567890123456789012345678901234.5000", "1234567890123456789012345678901234.50"),
        ("-0.0100", "-0.01"),
        ("1E+3", "1000"),
        ("5", "5"),
        ("289.8200", "289.82"),
        ("0.0001", "0.0001"),
        ("NaN", "NaN"),
    ],
)
def test_amounts_keep_every_digit_and_have_no_exponent(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize(
    ("currency", "amount", "text"),
    [
        ("JPY", "3000.0000", "3000"),
        ("JPY", "0.5000", "0.5"),
        ("USD", "3000.0000", "3000.00"),
        ("KWD", "1.2340", "1.234"),
    ],
)
def test_a_row_that_names_its_currency_has_amounts_in_its_minor_unit(currency: str, amount: str, text: str) -> None:
    assert plain({"currency": currency, "total": Decimal(amount)}) == {"currency": currency, "total": text}


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    assert plain(datetime(2026, 11, 1, 12, tzinfo=timezone(timedelta(hours=2)))) == "2026-11-01T10:00:00Z"
    assert plain(datetime(2026, 11, 1, 12)) == "2026-11-01T12:00:00Z"  # noqa: DTZ001 - that is what is asked
    assert plain(datetime(2026, 11, 1, tzinfo=UTC).date()) == "2026-11-01"


def test_what_json_has_no_word_for_is_text() -> None:
    number = UUID("12345678-1234-5678-1234-567812345678")
    values = {"a": b"\x00\xff", "b": timedelta(hours=1), "c": number, "d": float("nan"), "e": None, "f": True, "g": 1.5}
    assert json.loads(json.dumps(plain(values), allow_nan=False)) == {
        "a": "00ff", "b": "1:00:00", "c": str(number), "d": "nan", "e": None, "f": True, "g": 1.5,
    }  # fmt: skip


def test_an_empty_list_says_so_on_standard_error_only() -> None:
    output, out, err = written(as_json=False)
    assert output.table([], ["a"], empty="Nothing.") == 0
    assert (out, err) == ([], ["Nothing.\n"])
