"""A closed month: what is frozen, what stands in its way, and how the books have moved away from it since."""

from __future__ import annotations

from reconcile.close.canonical import Content, content_of
from reconcile.close.drift import Drift, see_drift
from reconcile.close.freeze import Refused, close_month
from reconcile.close.month import month_of, see_month
from reconcile.close.obstacles import Obstacle, find_obstacles

__all__ = [
    "Content",
    "Drift",
    "Obstacle",
    "Refused",
    "close_month",
    "content_of",
    "find_obstacles",
    "month_of",
    "see_drift",
    "see_month",
]
