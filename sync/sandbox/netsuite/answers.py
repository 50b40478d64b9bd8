"""HTTP answers of the REST services: media types, envelopes, Location (CONTRACT §2.2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.json_text import dump
from sync.sandbox.netsuite.refusals import Refused
from sync.sandbox.netsuite.settings import AccountSettings

__all__ = ["base_address", "collection", "empty", "error", "singular"]

_MEDIA = "application/vnd.oracle.resource+json; type="


def base_address(request: Request, service: str = "record/v1") -> str:
    """Return the absolute address of a service, from the request's own scheme and host."""
    return f"{request.url.scheme}://{request.url.netloc}/services/rest/{service}"


def singular(body: object, status: int = 200) -> Response:
    """Return one resource."""
    return Response(dump(body), status, media_type=_MEDIA + "singular")


def collection(body: object) -> Response:
    """Return a collection."""
    return Response(dump(body), 200, media_type=_MEDIA + "collection")


def empty(status: int = 204, *, location: str | None = None, headers: dict[str, str] | None = None) -> Response:
    """Return an answer without body; `location` is where the record is."""
    made = dict(headers or {})
    if location is not None:
        made["Location"] = location
    return Response(None, status, headers=made)


def error(refused: Refused, settings: AccountSettings) -> Response:
    """Return NetSuite's error envelope."""
    body = refused.envelope(modern=settings.modern_type_urls)
    return Response(dump(body), refused.status, media_type=_MEDIA + "error")
