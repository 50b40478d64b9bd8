"""Sellers API v1: the marketplaces that the seller takes part in."""

from __future__ import annotations

from typing import Any

__all__ = ["participations"]

# id, country, name, currency, language, domain, whether the seller sells there
_ROWS = (
    ("ATVPDKIKX0DER", "US", "Amazon.com", "USD", "en_US", "www.amazon.com", True),
    ("A1PA6795UKMFR9", "DE", "Amazon.de", "EUR", "de_DE", "www.amazon.de", True),
    ("A1RKKUPIHCS9HS", "ES", "Amazon.es", "EUR", "es_ES", "www.amazon.es", False),
)


def participations() -> dict[str, Any]:
    """Return the body of getMarketplaceParticipations: a list under `payload`."""
    return {
        "payload": [
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
    }
