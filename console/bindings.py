"""Textual bindings out of the registry. Every binding carries its action's id, so keys can be remapped."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from console.action import Action
from console.actions import ACTIONS

__all__ = ["app_bindings", "section_bindings", "table_bindings"]


def app_bindings() -> list[BindingType]:
    """Return the bindings that hold on every screen."""
    return [_binding(a, f"do('{a.id}')") for a in ACTIONS if "app" in a.scope]


def section_bindings(*scopes: str) -> list[BindingType]:
    """Return a screen's bindings: those of its section and, if asked for, of `lists`."""
    return [_binding(a, f"app.do('{a.id}')") for a in ACTIONS if set(scopes) & set(a.scope)]


def table_bindings() -> list[BindingType]:
    """Return the bindings of a table's own movements."""
    return [_binding(a, a.id.replace("-", "_")) for a in ACTIONS if "table" in a.scope]


def _binding(action: Action, run: str) -> Binding:
    return Binding(action.keys, run, action.label, show=False, id=action.id)
