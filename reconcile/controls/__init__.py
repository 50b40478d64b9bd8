"""The controls: every module of this package that defines `CONTROL` is one."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from reconcile.controls.control import Control, Evidence, Judgement
from sync.errors import BadInput

__all__ = ["Control", "Evidence", "Judgement", "all_controls", "control_named"]


def all_controls() -> list[Control]:
    """Return every control, by name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return sorted((m.CONTROL for m in modules if hasattr(m, "CONTROL")), key=lambda c: str(c.name))


def control_named(name: str) -> Control:
    """Return one control.

    Raises:
        BadInput: there is none of that name.
    """
    known = {c.name: c for c in all_controls()}
    if name not in known:
        raise BadInput(f"there is no control {name}", remedy=f"Use one of {', '.join(sorted(known))}")
    return known[name]
