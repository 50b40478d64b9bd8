"""The sections of the console. A screen knows widgets and the desk; it knows no SQL and no vendor."""

from __future__ import annotations
