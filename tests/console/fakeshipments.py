"""The drawer of a shipment of the desk in memory."""

from __future__ import annotations

from console.desk import Detail, Difference, Facts, FieldDiff, Jump, Passage

__all__ = ["shipment_details"]


def shipment_details() -> dict[str, Detail]:
    """Return both sides of a fulfilment that the channel knows in part, and its parcel."""
    order = Facts(
        "Order", (("status", "open (Unshipped)"), ("ship by", "2026-11-21 02:00"), ("sales orders", "SO1180"))
    )
    sides = Difference(
        "amazon.US",
        "NetSuite IF7100",
        (
            FieldDiff("ACM-MUG-16 (line 1) units", "0", "2"),
            FieldDiff("ACM-MUG-16 (line 1) tracking", None, "1Z999AA10123456780"),
            FieldDiff("ACM-LID-16 (line 2) units", "1", "1", equal=True),
        ),
    )
    parcel = Facts("Parcel 1 of amazon.US", (("carrier", "UPS"), ("units", "1 × ACM-LID-16")))
    jumps = (Jump("discrepancies", key="x"), Jump("orders", key="y"))
    fix = Passage("Fix", "Confirm 2 units of ACM-MUG-16 with UPS 1Z999AA10123456780.")
    title = "amazon.US 113-7702233-1180"
    return {
        "shipments/*/sides": Detail(title, (order, sides, parcel), jumps),
        "shipments/*/fix": Detail(title, (fix,), jumps),
    }
