"""What a person typed, brought into the forms in which systems keep it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from sync.mirror.keys import strip_prefix

__all__ = ["DatedSku", "bare_spellings", "cleaned", "dated_sku", "order_within", "spellings"]

_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00ad"), "-")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f"), None)
#: Words that people put before a number; the number alone is kept somewhere.
_LABEL = re.compile(
    r"(?:(?:sales|purchase|customer|amazon|walmart|your)\s+)*"
    r"(?:order|so|po|rma|return|invoice|inv|credit(?:\s*memo)?|refund|payment|fulfil?lment|tracking|settlement|payout|"
    r"journal|lpn|bestellung|rechnung|sendung|retoure|auftrag)?"
    r"\s*(?:no|nr|number|nummer|id)?\s*[.:#№]*\s*",
    re.IGNORECASE,
)
_AMAZON = re.compile(r"(?<!\d)(\d{3})[\s-]*(\d{7})[\s-]*(\d{7})(?!\d)")
_VERSION = re.compile(r"-V(\d{1,5})(?=$|-R$)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class DatedSku:
    """A SKU and the day on which it was ordered, in the channel's calendar."""

    sku: str
    day: date


def cleaned(text: str) -> str:
    """Return the text with plain dashes, without signs that nobody sees, blanks single and none at the ends."""
    plain = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_UNSEEN)
    return " ".join(plain.split())


def spellings(text: str) -> tuple[str, ...]:
    """Return how an id may be kept, the likeliest first: `#so 7001` gives `#so 7001`, `SO7001`, `7001` and more.

    A text that is no id in any spelling (an address, a long sentence) gives itself only.
    """
    plain = cleaned(text)
    if not plain:
        return ()
    bare = plain.lstrip("#№ ").strip()
    found = [plain]
    unlabelled = _LABEL.sub("", bare, count=1)
    if amazon := _AMAZON.fullmatch(unlabelled):
        found.append("-".join(amazon.groups()))
    for form in (bare, bare.replace(" ", ""), unlabelled, unlabelled.replace(" ", "")):
        found += [form, _upper(form)]
    return tuple(dict.fromkeys(f for form in found if (f := form.strip("#:. "))))[:10]


def bare_spellings(text: str) -> tuple[str, ...]:
    """Return the spellings without our prefix, as channels keep their own numbers."""
    return tuple(dict.fromkeys(strip_prefix(form) for form in spellings(text)))


def order_within(text: str) -> str | None:
    """Return the one Amazon order number that stands somewhere in a text, None for none or several."""
    found = {"-".join(groups) for groups in _AMAZON.findall(cleaned(text))}
    return found.pop() if len(found) == 1 else None


def dated_sku(text: str) -> DatedSku | None:
    """Return the SKU and day of a text such as `ACM-MUG-16 2026-11-18`, None where it is none.

    Days are read as 2026-11-18, 18.11.2026 and 11/18/2026.
    """
    plain = cleaned(text)
    for pattern, order in ((_ISO, (0, 1, 2)), (_DOTTED, (2, 1, 0)), (_SLASHED, (2, 0, 1))):
        found = pattern.search(plain)
        if found is None:
            continue
        year, month, day = (int(found.groups()[place]) for place in order)
        sku = cleaned(plain[: found.start()] + " " + plain[found.end() :]).strip(" ,;")
        try:
            return DatedSku(sku, date(year, month, day)) if sku else None
        except ValueError:
            return None
    return None


def _upper(text: str) -> str:
    # Our own external ids end in a small v.
    return _VERSION.sub(r"-v\1", text.upper())
