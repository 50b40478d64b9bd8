"""Amazon's marketplaces and regional endpoints, as data.

Sources: Amazon "Marketplace IDs" and "SP-API Endpoints"; the European rows and the US agree with recorded answers of
getMarketplaceParticipations.
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.errors import BadInput

__all__ = ["ENDPOINTS", "LWA_TOKEN_URL", "MARKETPLACES", "Marketplace", "marketplace_by_id", "marketplace_of"]

#: Login with Amazon, the same for all regions.
LWA_TOKEN_URL = "https://api.amazon.com/auth/o2/token"

#: Base URL of the Selling Partner API by region.
ENDPOINTS = {
    "NA": "https://sellingpartnerapi-na.amazon.com",
    "EU": "https://sellingpartnerapi-eu.amazon.com",
    "FE": "https://sellingpartnerapi-fe.amazon.com",
}


@dataclass(frozen=True, slots=True)
class Marketplace:
    """One Amazon shop. `country` is also the account's name: `amazon.DE`, `amazon.orders@DE`."""

    country: str
    marketplace_id: str
    #: ISO 4217.
    currency: str
    #: NA, EU or FE: which endpoint serves it.
    region: str

    @property
    def channel(self) -> str:
        """Return the channel's name, such as `amazon.DE`."""
        return f"amazon.{self.country}"

    @property
    def endpoint(self) -> str:
        """Return the production base URL that serves this marketplace."""
        return ENDPOINTS[self.region]


MARKETPLACES = (
    Marketplace("US", "ATVPDKIKX0DER", "USD", "NA"),
    Marketplace("CA", "A2EUQ1WTGCTBG2", "CAD", "NA"),
    Marketplace("MX", "A1AM78C64UM0Y8", "MXN", "NA"),
    Marketplace("BR", "A2Q3Y263D00KWC", "BRL", "NA"),
    Marketplace("GB", "A1F83G8C2ARO7P", "GBP", "EU"),
    Marketplace("DE", "A1PA6795UKMFR9", "EUR", "EU"),
    Marketplace("FR", "A13V1IB3VIYZZH", "EUR", "EU"),
    Marketplace("IT", "APJ6JRA9NG5V4", "EUR", "EU"),
    Marketplace("ES", "A1RKKUPIHCS9HS", "EUR", "EU"),
    Marketplace("NL", "A1805IZSGTT6HS", "EUR", "EU"),
    Marketplace("BE", "AMEN7PMS3EDWL", "EUR", "EU"),
    Marketplace("IE", "A28R8C7NBKEWEA", "EUR", "EU"),
    Marketplace("SE", "A2NODRKZP88ZB9", "SEK", "EU"),
    Marketplace("PL", "A1C3SOZRARQ6R3", "PLN", "EU"),
    Marketplace("TR", "A33AVAJ2PDY3EV", "TRY", "EU"),
    Marketplace("AE", "A2VIGQ35RCS4UG", "AED", "EU"),
    Marketplace("SA", "A17E79C6D8DWNP", "SAR", "EU"),
    Marketplace("EG", "ARBP9OOSHTCHU", "EGP", "EU"),
    Marketplace("ZA", "AE08WJ6YKNBMC", "ZAR", "EU"),
    Marketplace("IN", "A21TJRUUN4KGV", "INR", "EU"),
    Marketplace("JP", "A1VC38T7YXB528", "JPY", "FE"),
    Marketplace("AU", "A39IBJ37TRP1C6", "AUD", "FE"),
    Marketplace("SG", "A19VAU5U5O7RUS", "SGD", "FE"),
)

_BY_COUNTRY = {m.country: m for m in MARKETPLACES}
_BY_ID = {m.marketplace_id: m for m in MARKETPLACES}


def marketplace_of(country: str) -> Marketplace:
    """Return the marketplace of a country code, such as `DE`; `UK` means GB.

    Raises:
        BadInput: if there is no such marketplace.
    """
    found = _BY_COUNTRY.get("GB" if country.upper() == "UK" else country.upper())
    if found is None:
        known = ", ".join(sorted(_BY_COUNTRY))
        raise BadInput("there is no Amazon marketplace for this country", value=country, remedy=f"Use one of {known}.")
    return found


def marketplace_by_id(marketplace_id: str) -> Marketplace | None:
    """Return the marketplace with Amazon's id, None for one that is not in the table."""
    return _BY_ID.get(marketplace_id)
