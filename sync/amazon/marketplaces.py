"""Amazon's marketplaces and regional endpoints, as data.

Sources: Amazon "Marketplace IDs" and "SP-API Endpoints"; the European rows and the US agree with recorded answers of
getMarketplaceParticipations. CA, MX, BR, TR, AE, SA, EG, ZA, IN, JP, AU and SG are from public knowledge: no recorded
answer of ours names them. Time zones are the ones in which Seller Central shows the shop's days (public knowledge).
"""

from __future__ import annotations

from dataclasses import dataclass

from sync.errors import BadInput

__all__ = [
    "ENDPOINTS",
    "LWA_TOKEN_URL",
    "MARKETPLACES",
    "Marketplace",
    "marketplace_by_domain",
    "marketplace_by_id",
    "marketplace_of",
]

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
    #: What reports call it (`sales-channel`, `marketplace-name`), in lower case.
    domain: str
    #: IANA name.
    zone: str
    #: Language of the shop's texts, as Amazon writes it.
    language: str

    @property
    def channel(self) -> str:
        """Return the channel's name, such as `amazon.DE`."""
        return f"amazon.{self.country}"

    @property
    def endpoint(self) -> str:
        """Return the production base URL that serves this marketplace."""
        return ENDPOINTS[self.region]


MARKETPLACES = (
    Marketplace("US", "ATVPDKIKX0DER", "USD", "NA", "amazon.com", "America/Los_Angeles", "en_US"),
    Marketplace("CA", "A2EUQ1WTGCTBG2", "CAD", "NA", "amazon.ca", "America/Los_Angeles", "en_CA"),
    Marketplace("MX", "A1AM78C64UM0Y8", "MXN", "NA", "amazon.com.mx", "America/Mexico_City", "es_MX"),
    Marketplace("BR", "A2Q3Y263D00KWC", "BRL", "NA", "amazon.com.br", "America/Sao_Paulo", "pt_BR"),
    Marketplace("GB", "A1F83G8C2ARO7P", "GBP", "EU", "amazon.co.uk", "Europe/London", "en_GB"),
    Marketplace("DE", "A1PA6795UKMFR9", "EUR", "EU", "amazon.de", "Europe/Berlin", "de_DE"),
    Marketplace("FR", "A13V1IB3VIYZZH", "EUR", "EU", "amazon.fr", "Europe/Paris", "fr_FR"),
    Marketplace("IT", "APJ6JRA9NG5V4", "EUR", "EU", "amazon.it", "Europe/Rome", "it_IT"),
    Marketplace("ES", "A1RKKUPIHCS9HS", "EUR", "EU", "amazon.es", "Europe/Madrid", "es_ES"),
    Marketplace("NL", "A1805IZSGTT6HS", "EUR", "EU", "amazon.nl", "Europe/Amsterdam", "nl_NL"),
    Marketplace("BE", "AMEN7PMS3EDWL", "EUR", "EU", "amazon.com.be", "Europe/Brussels", "fr_BE"),
    Marketplace("IE", "A28R8C7NBKEWEA", "EUR", "EU", "amazon.ie", "Europe/Dublin", "en_IE"),
    Marketplace("SE", "A2NODRKZP88ZB9", "SEK", "EU", "amazon.se", "Europe/Stockholm", "sv_SE"),
    Marketplace("PL", "A1C3SOZRARQ6R3", "PLN", "EU", "amazon.pl", "Europe/Warsaw", "pl_PL"),
    Marketplace("TR", "A33AVAJ2PDY3EV", "TRY", "EU", "amazon.com.tr", "Europe/Istanbul", "tr_TR"),
    Marketplace("AE", "A2VIGQ35RCS4UG", "AED", "EU", "amazon.ae", "Asia/Dubai", "en_AE"),
    Marketplace("SA", "A17E79C6D8DWNP", "SAR", "EU", "amazon.sa", "Asia/Riyadh", "ar_SA"),
    Marketplace("EG", "ARBP9OOSHTCHU", "EGP", "EU", "amazon.eg", "Africa/Cairo", "ar_EG"),
    Marketplace("ZA", "AE08WJ6YKNBMC", "ZAR", "EU", "amazon.co.za", "Africa/Johannesburg", "en_ZA"),
    Marketplace("IN", "A21TJRUUN4KGV", "INR", "EU", "amazon.in", "Asia/Kolkata", "en_IN"),
    Marketplace("JP", "A1VC38T7YXB528", "JPY", "FE", "amazon.co.jp", "Asia/Tokyo", "ja_JP"),
    Marketplace("AU", "A39IBJ37TRP1C6", "AUD", "FE", "amazon.com.au", "Australia/Sydney", "en_AU"),
    Marketplace("SG", "A19VAU5U5O7RUS", "SGD", "FE", "amazon.sg", "Asia/Singapore", "en_SG"),
)

_BY_COUNTRY = {m.country: m for m in MARKETPLACES}
_BY_ID = {m.marketplace_id: m for m in MARKETPLACES}
_BY_DOMAIN = {m.domain: m for m in MARKETPLACES}


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


def marketplace_by_domain(name: str) -> Marketplace | None:
    """Return the marketplace that a report calls `Amazon.de`, None for any other name (`Non-Amazon`, blank)."""
    return _BY_DOMAIN.get(name.strip().lower())
