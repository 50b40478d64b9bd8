"""Several ids as one text that is taken apart again, whatever the ids hold: the keys of lists' rows and of links.

In all parts but the last the separator is written as `%2F` (or `%7C`), and `%` as `%25`; ids that hold neither, as
nearly all do, stand as they are. SQL does the same with `replace(replace(id, '%', '%25'), '/', '%2F')`.
"""

from __future__ import annotations

__all__ = ["joined", "parts_of"]


def joined(separator: str, *parts: str) -> str:
    """Return the parts as one text."""
    *heads, last = parts
    code = f"%{ord(separator):02X}"
    return separator.join([*(h.replace("%", "%25").replace(separator, code) for h in heads), last])


def parts_of(text: str, separator: str, count: int) -> tuple[str, ...]:
    """Return `count` parts of a joined text; those that it lacks are empty."""
    found = text.split(separator, count - 1)
    code, last = f"%{ord(separator):02X}", found[-1] if len(found) == count else ""
    heads = found[: count - 1]
    plain = [h.replace(code, separator).replace("%25", "%") for h in heads]
    return (*plain, *[""] * (count - 1 - len(plain)), last)
