"""How far an order is in the channel and its document in the ERP, and which of these agree: tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Stage", "Standing", "Verdict", "standing_of", "verdict_of"]

#: open: nothing has moved; moving: a part has; moved: everything has; done: billed or paid; closed: by a person or
#: because every line is; cancelled: never to be delivered.
Stage = Literal["open", "moving", "moved", "done", "closed", "cancelled", "unknown"]
#: agree: nothing is to be done; close: the document is to be closed as far as nothing has moved; take_back: what was
#: delivered or paid for is to be taken back by a person; cancel: the channel still waits for what the ERP has given
#: up; lost: the channel has sold what the ERP says is cancelled.
Verdict = Literal["agree", "close", "take_back", "cancel", "lost"]


@dataclass(frozen=True, slots=True)
class Standing:
    """One status of a document: the ERP's words and the stage that it means."""

    word: str
    stage: Stage


#: Type code and status letter of a document (contract of the ERP, §3.2).
_STANDINGS = {
    ("SalesOrd", "A"): Standing("Pending Approval", "open"),
    ("SalesOrd", "B"): Standing("Pending Fulfillment", "open"),
    ("SalesOrd", "C"): Standing("Cancelled", "cancelled"),
    ("SalesOrd", "D"): Standing("Partially Fulfilled", "moving"),
    ("SalesOrd", "E"): Standing("Pending Billing/Partially Fulfilled", "moving"),
    ("SalesOrd", "F"): Standing("Pending Billing", "moved"),
    ("SalesOrd", "G"): Standing("Billed", "done"),
    ("SalesOrd", "H"): Standing("Closed", "closed"),
    ("CashSale", "A"): Standing("Unapproved", "done"),
    ("CashSale", "B"): Standing("Not Deposited", "done"),
    ("CashSale", "C"): Standing("Deposited", "done"),
    ("CustInvc", "A"): Standing("Open", "done"),
    ("CustInvc", "B"): Standing("Paid In Full", "done"),
}
_WHEN_CANCELLED: dict[Stage, Verdict] = {
    "open": "close",
    "moving": "close",
    "moved": "take_back",
    "done": "take_back",
    "closed": "agree",
    "cancelled": "agree",
}
_WHEN_WAITING: dict[Stage, Verdict] = {"closed": "cancel", "cancelled": "cancel"}
_WHEN_SHIPPED: dict[Stage, Verdict] = {"cancelled": "lost"}
_VERDICTS: dict[str, dict[Stage, Verdict]] = {
    "cancelled": _WHEN_CANCELLED,
    "open": _WHEN_WAITING,
    "partly_shipped": _WHEN_WAITING,
    "shipped": _WHEN_SHIPPED,
    "delivered": _WHEN_SHIPPED,
}


def standing_of(transaction_type: str, status: str | None) -> Standing:
    """Return what a document's status letter means; a letter that is new to us is of stage unknown."""
    known = _STANDINGS.get((transaction_type, status or ""))
    if known is None and transaction_type in ("CashSale", "CustInvc") and not status:
        return Standing("posted", "done")  # accounts that do not show the status of what has posted
    return known or Standing(f"status {status or 'none'}", "unknown")


def verdict_of(order_status: str, stage: Stage) -> Verdict:
    """Return what an order's status and its document's stage ask for together; agree where they ask for nothing."""
    return _VERDICTS.get(order_status, {}).get(stage, "agree")
