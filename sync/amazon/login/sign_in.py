"""Whether the account lets us in: one harmless call."""

from __future__ import annotations

from collections.abc import Mapping

from sync.amazon.calls import participations_call
from sync.errors import ContractBroken
from sync.transport import VendorClient

__all__ = ["sign_in"]


async def sign_in(client: VendorClient) -> str:
    """Return in words what the account may see (sellers v1, getMarketplaceParticipations).

    Raises:
        VendorError: Amazon refused or could not be asked.
    """
    reply = await client.send(participations_call())
    body = reply.json()
    found = body.get("payload") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise ContractBroken(reply.seen(detail="the answer holds no list of marketplaces"))
    return f"signed in, {len(found)} marketplaces"
