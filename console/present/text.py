"""Any value as text that is safe on one line of a terminal."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from decimal import Decimal

from rich.cells import cell_len

__all__ = ["ABSENT", "NULL", "cell", "fit", "folded", "lines", "width"]

#: Does not exist on this side.
ABSENT = "—"
#: Exists and holds nothing.
NULL = "∅"

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NEWLINE = "\N{RETURN SYMBOL}"
_LONGEST = 4096
_MARKS_KEPT = 2


def cell(value: object, longest: int = 400) -> str:
    """Return the value on one line, without any character that a terminal would act on.

    Control characters become their pictures (ESC is `␛`), line ends `⏎`, characters that only steer (bidirectional
    marks, zero width, lone surrogates) `�`: they are shown, not dropped, because two keys that differ only by one of
    them do differ. Longer text than `longest` characters is cut with `…`; of a huge text only the start is looked at.
    """
    return _one_line(_words(value, longest), longest)


def _words(value: object, longest: int) -> str:
    if value is None:
        return NULL
    if isinstance(value, str):
        return value[: longest + 1]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return f"{len(value):,} bytes"
    if isinstance(value, Decimal):
        return (
            format(value, "f")[: longest + 1] if value.is_finite() and abs(value.adjusted()) < longest else str(value)
        )
    if isinstance(value, int):
        return str(value) if value.bit_length() < 1024 else f"{value.bit_length():,} bit number"
    return str(value)[: longest + 1]


def _one_line(text: str, longest: int) -> str:
    longest = min(longest, _LONGEST)
    was_cut = len(text) > longest
    text = text[:longest]
    if not (text.isascii() and text.isprintable()):
        text = "".join(_visible(text))
    return text + "…" if was_cut else text


def _visible(text: str) -> list[str]:
    out: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text.replace("\r\n", "\n")):
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > _MARKS_KEPT:
            continue
        out.append(_picture(character, category))
    return out


def _picture(character: str, category: str) -> str:
    code = ord(character)
    if character in "\n\r\v\f\u0085\u2028\u2029":
        return _NEWLINE
    if character == "\t" or category == "Zs":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    return _REPLACEMENT if category in ("Cc", "Cf", "Cs", "Cn", "Co") else character


def lines(text: str, most: int = 2000, longest: int = 400) -> list[str]:
    """Return running text (JSON, an HTTP exchange) as safe lines; what is left out is counted on the last one."""
    rows = text[: most * longest].splitlines() or [""]
    kept = [cell(row.expandtabs(4), longest) for row in rows[:most]]
    left_out = len(text) - most * longest
    if len(rows) > most:
        kept.append(f"… {len(rows) - most:,} more lines")
    elif left_out > 0:
        kept.append(f"… {left_out:,} more characters")
    return kept


def width(text: str) -> int:
    """Return how many terminal cells the text takes (CJK takes two)."""
    return cell_len(text)


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """Return the text in exactly `cells` cells: padded, or cut with `…`. `right` pads before the text."""
    if cells <= 0:
        return ""
    taken = width(text)
    if taken > cells:
        text = _cut(text, cells - 1) + "…"
        taken = width(text)
    padding = " " * (cells - taken)
    return padding + text if right else text + padding


def folded(text: str, cells: int, most: int) -> list[str]:
    """Return the text in at most `most` lines of `cells` cells, broken at spaces where it can; the last may be cut."""
    out: list[str] = []
    while len(out) < most - 1 and width(text) > cells:
        head = _cut(text, max(cells, 2))
        at = head.rfind(" ") + 1
        # A break far to the left would waste the line: a number or a URL is broken where the line ends.
        head = head[:at] if at * 2 > len(head) else head
        out.append(head.rstrip())
        text = text[len(head) :].lstrip(" ")
    return [*(fit(line, cells) for line in out), fit(text, cells)]


def _cut(text: str, cells: int) -> str:
    if text.isascii():
        return text[:cells]
    kept: list[str] = []
    left = cells
    for character in text:
        left -= width(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept)
