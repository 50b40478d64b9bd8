"""Values of records as text for details; nothing here trusts what it shows."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal

__all__ = ["body_text", "pairs", "shown"]


def shown(value: object) -> str | None:
    """Return a value for people, None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:,.2f}" if value == value.quantize(Decimal("0.01")) else f"{value:,f}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, (list, tuple)) and all(isinstance(one, (str, int)) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def pairs(**values: object) -> tuple[tuple[str, str], ...]:
    """Return named values for a block of facts; underscores in names become blanks."""
    return tuple((name.replace("_", " "), shown(value) or "—") for name, value in values.items())


def body_text(body: object) -> str:
    """Return a request body or record as indented JSON."""
    return json.dumps(body, ensure_ascii=False, indent=2, default=str)
