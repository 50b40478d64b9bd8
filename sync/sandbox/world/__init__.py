"""One seeded world behind the three vendors: products, orders, settlements and the company's books."""

from __future__ import annotations

from sync.sandbox.world.build import build_world
from sync.sandbox.world.model import World

__all__ = ["World", "build_world"]
