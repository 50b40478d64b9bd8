"""Whether the account lets us in: one harmless call."""

from __future__ import annotations

from collections.abc import Mapping

from sync.errors import ContractBroken
from sync.transport import VendorClient
from sync.walmart.calls import recon_dates_call
from sync.walmart.login.profile import adopt_profile, read_token_detail

__all__ = ["sign_in"]


async def sign_in(client: VendorClient) -> str:
    """Return in words what the account is and may see: its status, parts of the API closed to it, reports.

    Raises:
        VendorError: Walmart refused or could not be asked.
    """
    reply = await client.send(recon_dates_call())
    body = reply.json()
    found = body.get("availableApReportDates") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise ContractBroken(reply.seen(detail="the answer holds no list of report days"))
    profile, token = await adopt_profile(client), await read_token_detail(client)
    closed = token.refused(writes=False)
    parts = [f"signed in, account {profile.status or 'of unknown status'}", f"{len(found)} reconciliation reports"]
    return ", ".join([*parts, *([f"no access to {', '.join(closed)}"] if closed else [])])
