"""How values are written for people: pure functions from values to text. Knows no Textual."""

from __future__ import annotations
