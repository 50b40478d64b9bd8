"""Looks: themes and the layout sheet."""

from __future__ import annotations
