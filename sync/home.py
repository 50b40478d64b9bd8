"""Where all local state lies."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["home_folder"]


def home_folder() -> Path:
    """Return the folder with all local state: `TIEOUT_HOME`, else `~/.local/share/tieout`."""
    named = os.environ.get("TIEOUT_HOME")
    return Path(named).expanduser() if named else Path.home() / ".local" / "share" / "tieout"
