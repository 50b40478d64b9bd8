"""Amazon's error bodies: one envelope for the API, another form for Login with Amazon, XML for documents."""

from __future__ import annotations

import uuid
from datetime import datetime

from starlette.responses import JSONResponse, Response

__all__ = ["Refused", "bad_input", "bad_signature", "denied", "expired_url", "login_refused", "refusal", "too_many"]

_ERROR_TYPES = {403: "AccessDeniedException", 429: "TooManyRequestsException"}


class Refused(Exception):
    """A call that the API refuses: status, code and message of the `errors` envelope."""

    def __init__(self, status: int, code: str, message: str, details: str | None = None) -> None:
        self.status, self.code, self.message, self.details = status, code, message, details
        super().__init__(message)


def bad_input(message: str) -> Refused:
    """Return the refusal of a call whose parameters are wrong."""
    return Refused(400, "InvalidInput", message)


def refusal(refused: Refused, rate: float | None = None) -> Response:
    """Return the envelope; only 400 and 404 carry the rate-limit header, and nothing carries Retry-After."""
    error = {"code": refused.code, "message": refused.message}
    if refused.details is not None:
        error["details"] = refused.details
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    if refused.status in _ERROR_TYPES:
        headers["X-Amzn-Errortype"] = _ERROR_TYPES[refused.status]
    elif rate is not None and refused.status in (400, 404):
        headers["x-amzn-RateLimit-Limit"] = f"{rate:g}"
    return JSONResponse({"errors": [error]}, status_code=refused.status, headers=headers)


def denied(details: str = "") -> Refused:
    """Return the refusal of a missing, wrong or expired token: 403, never 401."""
    return Refused(403, "Unauthorized", "Access to requested resource is denied.", details)


def too_many() -> Refused:
    """Return the refusal of a call beyond the quota."""
    return Refused(429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "")


def login_refused(status: int, error: str, description: str, exception: str) -> Response:
    """Return an error in the form of Login with Amazon, which is not the API's envelope."""
    request_id = str(uuid.uuid4())
    body = {
        "error_index": uuid.uuid4().hex,
        "error_description": description,
        "error": error,
        "request_id": request_id,
    }
    headers = {
        "X-Amzn-Errortype": f"{exception}:http://internal.amazon.com/coral/com.amazon.oauth/",
        "x-amzn-RequestId": request_id,
    }
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/json;charset=UTF-8")


def expired_url(expires: datetime, now: datetime) -> Response:
    """Return S3's answer to a presigned address after its time."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>'
        "<Message>Request has expired</Message>"
        f"<X-Amz-Expires>300</X-Amz-Expires><Expires>{expires:%Y-%m-%dT%H:%M:%SZ}</Expires>"
        f"<ServerTime>{now:%Y-%m-%dT%H:%M:%SZ}</ServerTime>"
        f"<RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId><HostId>{uuid.uuid4().hex}</HostId></Error>"
    )
    return Response(text, status_code=403, media_type="application/xml")


def bad_signature() -> Response:
    """Return S3's answer to an altered address."""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>SignatureDoesNotMatch</Code>'
        "<Message>The request signature we calculated does not match the signature you provided.</Message>"
        f"<RequestId>{uuid.uuid4().hex[:16].upper()}</RequestId></Error>"
    )
    return Response(text, status_code=403, media_type="application/xml")
