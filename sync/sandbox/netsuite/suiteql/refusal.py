"""Why SuiteQL refuses a query: the reasons of SUITEQL §3, inside NetSuite's envelope."""

from __future__ import annotations

from collections.abc import Sequence

from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = [
    "hidden_column",
    "hidden_table",
    "refuse",
    "syntax_error",
    "unknown_identifier",
    "unknown_table",
    "unsupported",
]


def refuse(reason: str) -> Refused:
    """Return the refusal of a query for a reason."""
    detail = f"Invalid search query. Detailed unprocessed description follows. {reason}"
    return Refused(400, "INVALID_PARAMETER", detail, where={"o:errorQueryParam": "q"})


def unsupported() -> Refused:
    """Return the refusal of what the search cannot do (NetSuite does not say what that is)."""
    return refuse("Search error occurred: Invalid or unsupported search.")


def syntax_error(query: str, token: str, line: int, column: int) -> Refused:
    """Return the refusal of a query that does not parse; line and column count from 1."""
    place = f"{token}({line},{column}, token code:0)"
    return refuse(f"Failed to parse SQL [{query}]: syntax error, state:0(10102) near: {place}")


def unknown_table(name: str) -> Refused:
    """Return the refusal of a table that does not exist."""
    return refuse(f"Invalid search type: {name}.")


def hidden_table(name: str) -> Refused:
    """Return the refusal of a table that the role or a feature of the account hides."""
    return refuse(f"Search error occurred: Record '{name}' was not found.")


def unknown_identifier(name: str, sources: Sequence[tuple[str, str]]) -> Refused:
    """Return the refusal of a column that no source of the query has; `sources` are (alias, record)."""
    known = ", ".join(f"{alias}={record}" for alias, record in sources)
    return refuse(f"Search error occurred: Unknown identifier '{name}'. Available identifiers are: {{{known}}}.")


def hidden_column(column: str, record: str, why: str) -> Refused:
    """Return the refusal of a column that exists but cannot be queried (NOT_EXPOSED or REMOVED)."""
    text = {
        "NOT_EXPOSED": "NOT_EXPOSED - Not available for channel SEARCH.",
        "REMOVED": "REMOVED - Field is removed.",
    }[why]
    return refuse(f"Search error occurred: Field '{column}' for record '{record}' was not found. Reason: {text}")
