"""Options that many commands share."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

__all__ = ["Json"]

Json = Annotated[bool, Parameter(name="--json", negative="", help="One JSON object a line; amounts are strings.")]
