"""What the screens are made of. Widgets know no screen, no desk and no SQL: they get values and post messages."""

from __future__ import annotations
