"""HTTP answers of the REST services: media types, envelopes, Location (CONTRACT §2.2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.json_text import dump
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["RESTLET_HOST_PATHS", "base_address", "collection", "empty", "error", "refusal_of", "singular"]

#: Paths of the RESTlet host, which refuses in its own form.
RESTLET_HOST_PATHS = ("/app/site/hosting/restlet.nl", "/rest/tokeninfo")
#: REST code → the RESTlet host's (status, code, message); any other refusal keeps its own words there.
_RESTLET_WORDS = {
    "INVALID_LOGIN": (401, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt."),
    "CONCURRENCY_LIMIT_EXCEEDED": (400, "SSS_REQUEST_LIMIT_EXCEEDED", "Request limit exceeded."),
}
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


def refusal_of(request: Request, refused: Refused, settings: AccountSettings) -> Response:
    """Return a refusal in the form of the host that the request's path belongs to.

    A RESTlet answers `{"error": {"code", "message"}}`, or two lines of text where plain text was sent (CONTRACT §2.10,
    shape assumed).
    """
    if request.url.path not in RESTLET_HOST_PATHS:
        return error(refused, settings)
    status, code, text = _RESTLET_WORDS.get(refused.code, (refused.status, refused.code, refused.detail))
    if request.headers.get("content-type", "").lower().startswith("text/plain"):
        return Response(f"error code: {code}\nerror message: {text}", status, media_type="text/plain")
    return Response(dump({"error": {"code": code, "message": text}}), status, media_type="application/json")
