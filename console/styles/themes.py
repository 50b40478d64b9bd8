"""The only place with colours in numbers."""

from __future__ import annotations

from textual.theme import Theme

__all__ = ["DEFAULT_THEME", "THEMES"]

DEFAULT_THEME = "ledger-dark"

THEMES = (
    Theme(
        name="ledger-dark",
        primary="#7aa2c9",
        secondary="#8f9fb3",
        accent="#d9b36c",
        warning="#e0a458",
        error="#e07a6a",
        success="#86b37e",
        foreground="#d6dbe1",
        background="#14181d",
        surface="#1a1f26",
        panel="#27303a",
        dark=True,
    ),
    Theme(
        name="ledger-light",
        primary="#27567f",
        secondary="#54657a",
        accent="#7a5310",
        warning="#8a5200",
        error="#a1281a",
        success="#2d6a2b",
        foreground="#1c2430",
        background="#f7f5f0",
        surface="#efece4",
        panel="#dedacf",
        dark=False,
    ),
    Theme(
        name="ledger-contrast",
        primary="#9fd0ff",
        secondary="#ffffff",
        accent="#ffe14d",
        warning="#ffb000",
        error="#ff6b5e",
        success="#6dff8a",
        foreground="#ffffff",
        background="#000000",
        surface="#000000",
        panel="#2b2b2b",
        dark=True,
    ),
)
