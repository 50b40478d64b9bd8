"""A close as a folder that somebody else can take apart and prove again, without a database."""

from __future__ import annotations

from reconcile.binder.verify import Check, Difference, verify_binder
from reconcile.binder.write import write_binder

__all__ = ["Check", "Difference", "verify_binder", "write_binder"]
