"""Whether the account lets us in: one harmless call."""

from __future__ import annotations

from collections.abc import Mapping

from sync.errors import ContractBroken
from sync.transport import VendorClient
from sync.walmart.calls import recon_dates_call

__all__ = ["sign_in"]


async def sign_in(client: VendorClient) -> str:
    """Return in words what the account may see (available reconciliation reports).

    Raises:
        VendorError: Walmart refused or could not be asked.
    """
    reply = await client.send(recon_dates_call())
    body = reply.json()
    found = body.get("availableApReportDates") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise ContractBroken(reply.seen(detail="the answer holds no list of report days"))
    return f"signed in, {len(found)} reconciliation reports"
