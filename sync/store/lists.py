"""A long list of texts as one parameter.

DuckDB looks every element of a list parameter over in Python (20 µs each, and ten thousand buyers have a hundred
thousand fields); one JSON text it reads itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

__all__ = ["as_list", "listed"]


def listed(values: Iterable[str | None]) -> str:
    """Return the parameter that holds these texts."""
    return json.dumps(list(values))


def as_list(parameter: str) -> str:
    """Return the SQL of the list that a `listed` parameter holds."""
    return f"from_json({parameter}::VARCHAR, '[\"VARCHAR\"]')"
