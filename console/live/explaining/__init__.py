"""Any figure taken apart, level by level: what `x` shows on every screen and `tieout explain` prints."""

from __future__ import annotations

from console.live.explaining.drill import explain_figure

__all__ = ["explain_figure"]
