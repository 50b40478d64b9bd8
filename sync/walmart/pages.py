"""What the streams share: an answer's rows with its hidden errors found, its page for the archive, stored times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sync.errors import ContractBroken
from sync.streams import Document, Quarantined, RawPage
from sync.transport import Reply
from sync.walmart.errors import complaint_in

__all__ = [
    "account_of",
    "mapping_of",
    "member_of",
    "page_of",
    "refuse_hidden_errors",
    "rows_of",
    "sorted_out",
    "stored",
]


def account_of(channel: str) -> str:
    """Return `US` for `walmart.US`."""
    return channel.partition(".")[2]


def mapping_of(reply: Reply) -> Mapping[str, object]:
    """Return the answer's object.

    Raises:
        ContractBroken: it is none, or a good status hides errors.
    """
    body = reply.json()
    if not isinstance(body, Mapping):
        raise ContractBroken(reply.seen(detail="the answer is no object"))
    refuse_hidden_errors(reply, body)
    return body


def refuse_hidden_errors(reply: Reply, body: Mapping[str, object]) -> None:
    """Refuse an answer of status 200 that holds errors.

    Raises:
        ContractBroken: with the first of them.
    """
    listed = body.get("list")
    held: dict[str, object] = {n: body[n] for n in ("errors", "error") if body.get(n)}
    if isinstance(listed, Mapping) and listed.get("errors"):
        held["errors"] = listed["errors"]
    found = complaint_in(held) if held else None
    if found is None and body.get("status") == "ERROR":
        raise ContractBroken(reply.seen(code="ERROR", detail="errors in a good answer: status ERROR"))
    if found is not None:
        raise ContractBroken(reply.seen(code=found.code, detail=f"errors in a good answer: {found.detail}"))


def member_of(body: object, *path: str) -> object:
    """Return what lies at a path of names, None where some part is absent or null."""
    for name in path:
        body = body.get(name) if isinstance(body, Mapping) else None
    return body


def rows_of(reply: Reply, body: object, *path: str, what: str) -> list[object]:
    """Return the list at a path; one object stands for a list of one, null for none.

    Raises:
        ContractBroken: something else is there, or the path breaks off.
    """
    holder = member_of(body, *path[:-1])
    if not isinstance(holder, Mapping) or path[-1] not in holder:
        raise ContractBroken(reply.seen(detail=f"the answer holds no {what}"))
    rows = holder[path[-1]]
    if isinstance(rows, Mapping):
        return [rows]
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise ContractBroken(reply.seen(detail=f"the answer's {what} are no list"))
    return rows


def sorted_out(read: Sequence[Document | Quarantined]) -> tuple[list[Document], list[Quarantined]]:
    """Return documents and what could not be read, apart."""
    return [d for d in read if isinstance(d, Document)], [q for q in read if isinstance(q, Quarantined)]


def page_of(reply: Reply, content_type: str = "application/json") -> RawPage:
    """Return the answer's body for the archive."""
    return RawPage(reply.body, reply.headers.get("content-type", content_type), reply.call_id)


def stored(cursor: Mapping[str, object] | None, name: str = "until") -> datetime | None:
    """Return a time that a cursor holds."""
    text = cursor.get(name) if cursor else None
    return datetime.fromisoformat(text).astimezone(UTC) if isinstance(text, str) else None
