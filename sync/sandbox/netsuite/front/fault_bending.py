"""Good answers bent on the way out: what a program must meet without crashing or skipping silently."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping

from sync.sandbox.netsuite.front.fault_refusals import unexpected_error
from sync.sandbox.netsuite.wire.inner_calls import Answer
from sync.sandbox.netsuite.wire.json_text import dump, load

__all__ = ["BENDINGS", "bend"]

Document = dict[str, object]


def _rows(document: Document) -> list[object]:
    items = document.get("items")
    return items if isinstance(items, list) else []


def _shuffled(document: Document) -> Document:
    """Turn the page around; its first row comes a second time in place of its last."""
    rows = _rows(document)
    turned = list(reversed(rows))
    return document | {"items": [*turned[1:], turned[-1]] if len(rows) > 1 else turned}


def _new_field(document: Document) -> Document:
    return document | {"items": [{**r, "custcolumn_new": "1"} if isinstance(r, dict) else r for r in _rows(document)]}


def _unknown_status(document: Document) -> Document:
    rows = [dict(row) if isinstance(row, dict) else {} for row in _rows(document)]
    for row in rows:
        if "status" in row:
            row["status"] = "Z"
            break
    return document | {"items": rows}


def _null_row(document: Document) -> Document:
    return document | {"items": [None, *_rows(document)[1:]]}


def _single_element(document: Document) -> Document:
    rows = _rows(document)
    return document | {"items": rows[0] if rows else None}


def _no_properties(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "properties"}


#: Word → what happens to the answer's document.
_DOCUMENTS: Mapping[str, Callable[[Document], Document]] = {
    "shuffled_page": _shuffled,
    "new_field": _new_field,
    "unknown_status": _unknown_status,
    "null_row": _null_row,
    "single_element": _single_element,
    "no_properties": _no_properties,
}
#: Words that bend the bytes.
_BYTES = ("error_in_200", "not_json", "wrong_charset", "truncated_gzip")
#: Every word that bends an answer.
BENDINGS = (*_DOCUMENTS, *_BYTES)


def bend(name: str, answer: Answer) -> Answer:
    """Return the answer as the fault leaves it; an answer without a JSON object stays as it is."""
    if name == "error_in_200":
        return Answer(200, answer.headers, dump(unexpected_error().envelope(modern=True)).encode())
    if name == "not_json":
        return Answer(answer.status, answer.headers, answer.body[: len(answer.body) // 2])
    if name == "wrong_charset":
        # Every NetSuite text may hold an umlaut; where this one holds none it gets one, or nothing would be wrong.
        text = answer.body.decode().replace('"count"', '"z\xe4hler":1,"count"', 1)
        return Answer(answer.status, answer.headers, text.encode("latin-1", "replace"))
    if name == "truncated_gzip":
        packed = gzip.compress(answer.body, mtime=0)
        return Answer(
            answer.status, (*answer.headers, (b"content-encoding", b"gzip")), packed[: max(len(packed) // 2, 12)]
        )
    try:
        document = load(answer.body)
    except ValueError:
        return answer
    if not isinstance(document, dict):
        return answer
    return Answer(answer.status, answer.headers, dump(_DOCUMENTS[name](document)).encode())
