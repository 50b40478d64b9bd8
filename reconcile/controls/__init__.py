"""The controls: every module of this package, or of a subject's package in it, that defines `CONTROL` is one."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from reconcile.controls.control import Control, Evidence, Judgement, JudgesPart, OfOrders, Part
from sync.errors import BadInput

__all__ = ["Control", "Evidence", "Judgement", "JudgesPart", "OfOrders", "Part", "all_controls", "control_named"]


def all_controls() -> list[Control]:
    """Return every control, by name.

    Raises:
        ImportError: a module of them cannot be imported.
    """
    return list(_found())


@cache
def _found() -> tuple[Control, ...]:
    # Once a process: walking the folders takes longer than a cycle in which nothing has changed.
    found = pkgutil.walk_packages(__path__, f"{__name__}.", onerror=_refuse)
    modules = (import_module(each.name) for each in found if not each.ispkg)
    return tuple(sorted((m.CONTROL for m in modules if hasattr(m, "CONTROL")), key=lambda c: str(c.name)))


def _refuse(package: str) -> None:
    # Without it `walk_packages` leaves out a subject that cannot be imported, and its controls would be silent.
    raise ImportError(f"{package} cannot be imported", name=package)


def control_named(name: str) -> Control:
    """Return one control.

    Raises:
        BadInput: there is none of that name.
    """
    known = {c.name: c for c in all_controls()}
    if name not in known:
        raise BadInput(f"there is no control {name}", remedy=f"Use one of {', '.join(sorted(known))}")
    return known[name]
