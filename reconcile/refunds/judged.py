"""Which orders' ways back can be judged: nothing is said beyond what the ERP was read, or before a control's start."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from reconcile.controls.horizon import Horizon, covered, go_live
from reconcile.controls.reach import reach_of

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["Waits", "erp_horizon", "unread_returns"]

#: Streams of goods that come back, by vendor and who fulfils.
_RETURNS = {("amazon", "seller"): "seller_returns"}


def erp_horizon(evidence: Evidence) -> Horizon:
    """Return how far the ERP's documents were read; asked for of every order, read once."""
    return evidence.once("erp horizon", lambda: covered(evidence))


def unread_returns(evidence: Evidence, channel: str, fulfilled_by: str, moment: datetime) -> str | None:
    """Return which returns have to be read before a refund of this moment can be called money without goods."""
    kind = _RETURNS.get((channel.partition(".")[0], fulfilled_by), "returns")
    until = reach_of(evidence, channel, kind).until
    if until is not None and until >= moment:
        return None
    vendor, _, account = channel.partition(".")
    said = f"last seen {until:%Y-%m-%d %H:%M} UTC" if until else "never read to the end yet"
    return f"{vendor}.{kind}@{account}, {said}"


@dataclass(slots=True)
class Waits:
    """Counts what cannot be judged yet, by reason."""

    evidence: Evidence
    control: str
    _reasons: dict[str, int] = field(default_factory=dict)

    def is_judged(self, channel: str, moments: Iterable[datetime]) -> bool:
        """Tell whether something of these moments is to be judged now; what waits for the ERP is counted."""
        held = list(moments)
        live_from = go_live(self.evidence, self.control, channel)
        if not held or (live_from is not None and max(held) < live_from):
            return False
        horizon = erp_horizon(self.evidence)
        if not horizon.reaches(max(held)):
            self.add(horizon.waits_for())
            return False
        return True

    def add(self, reason: str) -> None:
        """Count one more for a reason."""
        self._reasons[reason] = self._reasons.get(reason, 0) + 1

    @property
    def count(self) -> int:
        """Return how many wait."""
        return sum(self._reasons.values())

    @property
    def reasons(self) -> str | None:
        """Return whom they wait for, None for nobody."""
        return "; ".join(self._reasons) or None
