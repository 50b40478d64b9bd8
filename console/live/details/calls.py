"""One HTTP attempt, redacted; the answer's bytes where they were archived."""

from __future__ import annotations

import re
from collections.abc import Mapping

from console.desk import Block, Detail, Facts, Passage
from console.live.text import pairs
from sync.outbox.handlers import Handler
from sync.store.store import Store

__all__ = ["read"]


def read(store: Store, handlers: Mapping[tuple[str, str], Handler], key: str, tab: str) -> Detail | None:
    """Return one tab: call, request or answer."""
    if not re.fullmatch("[0-9]{1,18}", key):
        return None
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT vendor, account, operation, method, path, status, started_at, elapsed_ms, attempt, request_id,"
            " error_kind, sent_bytes, received_bytes FROM calls WHERE call_id = $1",
            [int(key)],
        ).fetchone()
    if row is None:
        return None
    vendor, account, operation, method, path, status, at, ms, attempt, request_id, error, sent, received = row
    blocks: tuple[Block, ...]
    match tab:
        case "request":
            text = (
                f"{method} {path}\n\n{sent:,} bytes sent. Headers, tokens and bodies with personal data are not kept."
            )
            blocks = (Passage("Request", text, verbatim=True),)
        case "answer":
            outcome = f"HTTP {status}" if status else "no answer"
            blocks = (Passage("Answer", f"{outcome}\n\n{received:,} bytes received in {ms:,} ms.", verbatim=True),)
        case _:
            facts = pairs(
                vendor=vendor,
                account=account,
                operation=operation,
                at=at,
                took=f"{ms:,} ms",
                status=status,
                attempt=attempt,
                request_id=request_id,
                error=error,
            )
            blocks = (Facts("Call", facts),)
    return Detail(f"{vendor} {operation}", blocks)
