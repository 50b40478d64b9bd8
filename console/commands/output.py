"""What a command says: JSON lines for programs, aligned text for people; data is never trusted as text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Context, Decimal

from console.present.text import cell
from reconcile.amounts import amount_text
from sync.money import minor_digits

__all__ = ["Output", "escaped", "plain"]

#: What a terminal acts on though JSON allows it raw: DEL and C1 controls, marks that turn or hide text, surrogates.
_ACTING = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]")
#: Wide enough for DECIMAL(38); the usual 28 digits would round.
_EXACT = Context(prec=100)
_LONGEST_LINE = 4096


def plain(value: object) -> object:
    """Return a JSON-able value: amounts as decimal strings without an exponent, times in ISO 8601 UTC."""
    if isinstance(value, Decimal):
        return format(_shortest(value), "f")
    if isinstance(value, datetime):
        # The database's session runs in UTC: a time without a zone is one of UTC.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in _of_currency(value).items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).hex()
    if value is None or isinstance(value, (str, bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    # What JSON has no word for: a UUID, a time of day, an interval, NaN.
    return str(value)


def escaped(text: str) -> str:
    """Return JSON or TOML text with what a terminal would act on written as `\\uXXXX`, which reads back the same."""
    return _ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _of_currency(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return a row that names its currency with amounts in its minor unit: 3000 JPY and not 3000.00."""
    currency = row.get("currency")
    if not isinstance(currency, str) or minor_digits(currency) >= 2:
        return row
    return {k: _in_units(v, currency) if isinstance(v, Decimal) else v for k, v in row.items()}


def _in_units(amount: Decimal, currency: str) -> Decimal:
    return Decimal(amount_text(amount, currency)) if amount.is_finite() else amount


def _shortest(value: Decimal) -> Decimal:
    """Drop zeros that the column's scale added, but keep two decimals as money is written."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or exponent >= -2:
        return value
    short = value.normalize(_EXACT)
    rest = short.as_tuple().exponent
    return short if isinstance(rest, int) and rest < -2 else value.quantize(Decimal("0.01"), context=_EXACT)


class Output:
    """Where one command writes; `as_json` is the command's `--json`."""

    def __init__(self, out: Callable[[str], None], err: Callable[[str], None], *, as_json: bool = False) -> None:
        self._out, self._err, self.as_json = out, err, as_json

    def record(self, values: Mapping[str, object]) -> None:
        """Write one JSON line."""
        self._out(escaped(json.dumps(plain(values), ensure_ascii=False)) + "\n")

    def text(self, line: str = "") -> None:
        """Write lines to standard output; what came from outside in them is made harmless."""
        self._out("".join(cell(part, _LONGEST_LINE) + "\n" for part in line.split("\n")))

    def document(self, text: str) -> None:
        """Write text that a program reads back (TOML); only what a terminal would act on is written as an escape."""
        self._out(escaped(text))

    def note(self, line: str) -> None:
        """Write one line to standard error: progress and remarks, never results."""
        self._err("".join(cell(part, _LONGEST_LINE) + "\n" for part in line.split("\n")))

    def table(self, rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, empty: str) -> int:
        """Write rows: as JSON lines, each as it comes, or aligned in the named columns; returns how many."""
        if self.as_json:
            written = 0
            for row in rows:
                self.record(row)
                written += 1
            return written
        held = [_of_currency(row) for row in rows]
        if not held:
            self.note(empty)
            return 0
        texts = [[_cell(row.get(c)) for c in columns] for row in held]
        numeric = [all(isinstance(r.get(c), (int, Decimal)) or r.get(c) is None for r in held) for c in columns]
        widths = [min(max(len(c), *(len(t[i]) for t in texts)), 60) for i, c in enumerate(columns)]
        self.text("  ".join(_fit(c, w, n) for c, w, n in zip(columns, widths, numeric, strict=True)).rstrip())
        for line in texts:
            self.text("  ".join(_fit(t, w, n) for t, w, n in zip(line, widths, numeric, strict=True)).rstrip())
        return len(held)

    def facts(self, values: Mapping[str, object]) -> None:
        """Write one record: a JSON line, or one `name  value` a line."""
        if self.as_json:
            self.record(values)
            return
        width = max((len(k) for k in values), default=0)
        for name, value in values.items():
            self.text(f"{name.ljust(width)}  {_cell(value)}")


def _cell(value: object) -> str:
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "yes" if value else "no"
    written = plain(value)
    return cell(written if isinstance(written, str) else json.dumps(written, ensure_ascii=False))


def _fit(text: str, width: int, right: bool) -> str:
    cut = text if len(text) <= width else text[: width - 1] + "…"
    return cut.rjust(width) if right else cut.ljust(width)
