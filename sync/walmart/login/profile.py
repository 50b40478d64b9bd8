"""What Walmart says of the account: its state, its own feed limits, and what the token may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pydantic import Field, ValidationError

from sync.errors import ContractBroken
from sync.transport import Rate, VendorClient
from sync.walmart.account_calls import profile_call, token_detail_call
from sync.walmart.limits import own_rates
from sync.walmart.pages import mapping_of
from sync.walmart.wire_types import Filled, Many, Moment, Shape, why

__all__ = ["Profile", "TokenDetail", "adopt_profile", "read_profile", "read_token_detail"]


class _Window(Shape):
    value: Decimal
    unit_of_measurement: str = "SECOND"


class _Rate(Shape):
    count: Decimal
    replenish_time_window: _Window


class _Size(Shape):
    value: Decimal
    unit_of_measurement: str = "BYTES"


class _Throttle(Shape):
    type: str | None = None
    rate: _Rate | None = None
    file_size: _Size | None = None


class _FeedValue(Shape):
    feed_type: str
    throttle_configurations: Many[_Throttle] = Field(default_factory=list)


class _Configuration(Shape):
    status: str | None = None
    values: Many[_FeedValue] = Field(default_factory=list)


class _Named(Shape):
    configuration_name: str
    configuration: Filled[_Configuration] = _Configuration()


class _Partner(Shape):
    partner_id: str | None = None
    partner_display_name: str | None = None


class _Profile(Shape):
    partner: Filled[_Partner] = _Partner()
    configurations: Many[_Named] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Profile:
    """The seller as Walmart knows it; `status` is ACTIVE, SUSPENDED, TERMINATED …, None where it is not told."""

    partner_id: str | None
    name: str | None
    status: str | None
    #: Feed type → how often files of it may be handed in; `adopt_profile` keeps to them.
    feed_rates: Mapping[str, Rate]
    #: Feed type → the largest file in bytes.
    feed_sizes: Mapping[str, int]

    @property
    def is_active(self) -> bool:
        """Return whether the account may sell."""
        return self.status in {None, "ACTIVE", "ONBOARDING_ACTIVE"}


@dataclass(frozen=True, slots=True)
class TokenDetail:
    """What the token may do, by part of the API: full_access, view_only or no_access."""

    is_valid: bool
    expires_at: datetime | None
    scopes: Mapping[str, str]

    def refused(self, *, writes: bool) -> list[str]:
        """Return the parts that cannot be read, or with `writes` not be written."""
        enough = {"full_access"} if writes else {"full_access", "view_only"}
        return sorted(name for name, access in self.scopes.items() if access not in enough)


class _Detail(Shape):
    is_valid: bool
    expire_at: Moment | None = None
    scopes: Filled[dict[str, str]] = Field(default_factory=dict)


async def read_profile(client: VendorClient) -> Profile:
    """Return the seller's profile.

    Raises:
        ContractBroken: the answer cannot be read.
        VendorError: Walmart could not be asked.
    """
    reply = await client.send(profile_call())
    try:
        found = _Profile.model_validate(mapping_of(reply))
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"the profile cannot be read: {why(error)}")) from error
    held = {c.configuration_name.upper(): c.configuration for c in found.configurations}
    values = held["FEED"].values if "FEED" in held else []
    own = [(v.feed_type, t) for v in values for t in v.throttle_configurations if (t.type or "SELLER") == "SELLER"]
    return Profile(
        partner_id=found.partner.partner_id,
        name=found.partner.partner_display_name,
        status=held["ACCOUNT"].status if "ACCOUNT" in held else None,
        feed_rates={kind: r for kind, t in own if t.rate is not None and (r := _rate(t.rate)) is not None},
        feed_sizes={
            kind: int(t.file_size.value)
            for kind, t in own
            if t.file_size and t.file_size.unit_of_measurement == "BYTES"
        },
    )


async def adopt_profile(client: VendorClient) -> Profile:
    """Read the seller's profile, and keep to its feed limits from now on.

    Raises:
        ContractBroken: the answer cannot be read.
        VendorError: Walmart could not be asked.
    """
    profile = await read_profile(client)
    client.adopt_rates(own_rates(profile.feed_rates))
    return profile


def _rate(rate: _Rate) -> Rate | None:
    """Return the rate, None for a unit or numbers that make no sense."""
    seconds = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600}.get(rate.replenish_time_window.unit_of_measurement)
    window = rate.replenish_time_window.value * (seconds or 0)
    return Rate.window(int(rate.count), float(window)) if window > 0 and rate.count >= 1 else None


async def read_token_detail(client: VendorClient) -> TokenDetail:
    """Return what the token may do.

    Raises:
        ContractBroken: the answer cannot be read.
        VendorError: Walmart could not be asked.
    """
    reply = await client.send(token_detail_call())
    try:
        found = _Detail.model_validate(mapping_of(reply))
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"the token's detail cannot be read: {why(error)}")) from error
    return TokenDetail(found.is_valid, found.expire_at, dict(found.scopes))
