"""What Amazon says of the account itself: its marketplaces (sellers v1), and tokens for personal data (tokens)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr

from sync.amazon.calls import account_call, participations_call
from sync.amazon.notification_calls import restricted_token_call
from sync.amazon.offers.listing_shapes import objects_of
from sync.amazon.pages import rows_of
from sync.errors import ContractBroken
from sync.transport import VendorClient

__all__ = ["Participation", "RestrictedToken", "SellerAccount", "participations", "restricted_token", "seller_account"]


@dataclass(frozen=True, slots=True)
class Participation:
    """One marketplace as the seller takes part in it."""

    marketplace_id: str
    country: str
    currency: str
    store_name: str
    is_participating: bool
    has_suspended_listings: bool


@dataclass(frozen=True, slots=True)
class SellerAccount:
    """The seller's account: what kind of business, which plan, and where it sells."""

    business_type: str
    selling_plan: str
    business_name: str | None
    participations: tuple[Participation, ...]


@dataclass(frozen=True, slots=True)
class RestrictedToken:
    """A token that opens personal data of the (method, path) pairs that it was asked for."""

    value: SecretStr
    good_for_s: int
    resources: tuple[tuple[str, str], ...]


async def participations(client: VendorClient) -> list[Participation]:
    """Return the marketplaces of the seller (getMarketplaceParticipations).

    Raises:
        VendorError: Amazon could not be asked; ContractBroken where the answer names no marketplaces.
    """
    return [_participation(row) for row in objects_of(rows_of(await client.send(participations_call()), "payload"))]


async def seller_account(client: VendorClient) -> SellerAccount:
    """Return the account (getAccount).

    Raises:
        VendorError: Amazon could not be asked; ContractBroken where the answer holds no account.
    """
    reply = await client.send(account_call())
    body = reply.json()
    held = body.get("payload") if isinstance(body, Mapping) else None
    if not isinstance(held, Mapping):
        raise ContractBroken(reply.seen(detail="the answer holds no account"))
    business = held.get("business")
    name = business.get("name") if isinstance(business, Mapping) else None
    return SellerAccount(
        str(held.get("businessType") or ""),
        str(held.get("sellingPlan") or ""),
        str(name) if name else None,
        tuple(_participation(row) for row in objects_of(held.get("marketplaceParticipationList"))),
    )


async def restricted_token(
    client: VendorClient, resources: Sequence[tuple[str, str, Sequence[str]]]
) -> RestrictedToken:
    """Return a token for (method, specific path, data elements); orders 2026-01-01 and settlements need none.

    Raises:
        BadInput: none or more than 50 resources.
        VendorError: Amazon refused (role) or could not be asked.
    """
    reply = await client.send(restricted_token_call(resources))
    body = reply.json()
    value = body.get("restrictedDataToken") if isinstance(body, Mapping) else None
    life_s = body.get("expiresIn") if isinstance(body, Mapping) else None
    if not isinstance(value, str) or not value or not isinstance(life_s, int) or life_s <= 0:
        raise ContractBroken(reply.seen(detail="the answer holds no restricted token with its life"))
    return RestrictedToken(SecretStr(value), life_s, tuple((method, path) for method, path, _ in resources))


def _participation(row: Mapping[str, object]) -> Participation:
    shop, part = row.get("marketplace"), row.get("participation")
    shop = shop if isinstance(shop, Mapping) else {}
    part = part if isinstance(part, Mapping) else {}
    return Participation(
        str(shop.get("id") or ""),
        str(shop.get("countryCode") or ""),
        str(shop.get("defaultCurrencyCode") or ""),
        str(row.get("storeName") or ""),
        part.get("isParticipating") is True,
        part.get("hasSuspendedListings") is True,
    )
