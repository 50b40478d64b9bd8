"""A payout that the bank confirms and the books do not have yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconcile.bank.match import Expected
from reconcile.bank.payout_share import Share
from reconcile.controls.posting_stops import Stop
from reconcile.mapping.posting import ChannelBooks
from reconcile.settlement.payout_entry import Cleared, PayoutLeg

__all__ = ["UnpostedPayout"]


@dataclass(frozen=True, slots=True)
class UnpostedPayout:
    """One payout; `due` are the journals that the ERP lacks, under the names of the versions that are due."""

    payout: Expected
    settlement_id: str
    books: ChannelBooks
    name: str
    share: Share
    day: date
    home: str
    #: The bank's money in the books' currency at the ERP's rate of the mirror; None where it is not known.
    bank_rate: Decimal | None
    cleared: tuple[Cleared, ...]
    legs: tuple[PayoutLeg, ...]
    due: tuple[PayoutLeg, ...]
    stop: Stop | None
