"""Sellers API v1: the marketplaces that the seller takes part in, and the account."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "account", "participations", "routes"]

PLANS: Plans = {"getMarketplaceParticipations": (0.016, 15.0), "getAccount": (0.016, 15.0)}

# id, country, name, currency, language, domain, whether the seller sells there
_ROWS = (
    ("ATVPDKIKX0DER", "US", "Amazon.com", "USD", "en_US", "www.amazon.com", True),
    ("A2EUQ1WTGCTBG2", "CA", "Amazon.ca", "CAD", "en_CA", "www.amazon.ca", False),
    ("A1AM78C64UM0Y8", "MX", "Amazon.com.mx", "MXN", "es_MX", "www.amazon.com.mx", False),
    ("A1PA6795UKMFR9", "DE", "Amazon.de", "EUR", "de_DE", "www.amazon.de", True),
    ("A1F83G8C2ARO7P", "GB", "Amazon.co.uk", "GBP", "en_GB", "www.amazon.co.uk", False),
    ("A13V1IB3VIYZZH", "FR", "Amazon.fr", "EUR", "fr_FR", "www.amazon.fr", False),
    ("APJ6JRA9NG5V4", "IT", "Amazon.it", "EUR", "it_IT", "www.amazon.it", False),
    ("A1RKKUPIHCS9HS", "ES", "Amazon.es", "EUR", "es_ES", "www.amazon.es", False),
    ("A1805IZSGTT6HS", "NL", "Amazon.nl", "EUR", "nl_NL", "www.amazon.nl", False),
    ("AMEN7PMS3EDWL", "BE", "Amazon.com.be", "EUR", "fr_BE", "www.amazon.com.be", False),
    ("A28R8C7NBKEWEA", "IE", "Amazon.ie", "EUR", "en_IE", "www.amazon.ie", False),
    ("A2NODRKZP88ZB9", "SE", "Amazon.se", "SEK", "sv_SE", "www.amazon.se", False),
    ("A1C3SOZRARQ6R3", "PL", "Amazon.pl", "PLN", "pl_PL", "www.amazon.pl", False),
)
_ADDRESS = {
    "addressLine1": "500 Foundry Street",
    "countryCode": "US",
    "stateOrProvinceCode": "OR",
    "city": "Portland",
    "postalCode": "97209",
}


def _participation_list() -> list[dict[str, Any]]:
    return [
        {
            "marketplace": {
                "id": marketplace_id,
                "countryCode": country,
                "name": name,
                "defaultCurrencyCode": currency,
                "defaultLanguageCode": language,
                "domainName": domain,
            },
            "storeName": "Acme Goods",
            "participation": {"isParticipating": sells, "hasSuspendedListings": False},
        }
        for marketplace_id, country, name, currency, language, domain, sells in _ROWS
    ]


def participations() -> dict[str, Any]:
    """Return the body of getMarketplaceParticipations: a list under `payload`."""
    return {"payload": _participation_list()}


def account() -> dict[str, Any]:
    """Return the body of getAccount: who the seller is and where it sells."""
    return {
        "payload": {
            "marketplaceParticipationList": _participation_list(),
            "businessType": "PRIVATE_LIMITED",
            "sellingPlan": "PROFESSIONAL",
            "business": {
                "name": "Acme Goods Inc.",
                "registeredBusinessAddress": _ADDRESS,
                "companyRegistrationNumber": "7712345",
                "companyTaxIdentificationNumber": "93-5550143",
            },
            "primaryContact": {"name": "Robin Vale", "address": _ADDRESS},
        }
    }


def routes(parts: Parts) -> list[Route]:
    """Return the routes of the Sellers API."""

    async def get_participations(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, participations()

    async def get_account(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, account()

    return [
        parts.op("/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations", get_participations),
        parts.op("/sellers/v1/account", "getAccount", get_account),
    ]
