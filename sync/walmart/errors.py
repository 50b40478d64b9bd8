"""What an answer of Walmart that is not 2xx means for us.

Shapes (Walmart OpenAPI documents and users' reports): `{"errors": {"error": [...]}}`, `{"error": [...]}`,
`{"errors": [...]}`, the error object itself, problem+json `{title, detail, status}`, errors inside a 200, HTML or
nothing. The suffix of a code names the service (`.GMP_ORDER_API`); only the part before the dot says what happened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sync.errors import ContractBroken, Credentials, Rejected, Throttled, Transient, VendorError
from sync.transport import Reply, read_json

__all__ = [
    "Complaint",
    "classify",
    "complaint_in",
    "complaint_of",
    "is_already_further",
    "is_broken_walk",
    "is_gone_already",
    "is_no_rows",
    "is_too_many",
]

_TAGS = re.compile(r"<[^>]*>")
_THROTTLED = {"REQUEST_THRESHOLD_VIOLATED", "RATE_LIMIT_EXCEEDED"}
_PASSING = {
    "SYSTEM_ERROR",
    "INVALID_SYSTEM_STATE",
    "INTERNAL_SERVER_ERROR",
    "DOWNSTREAM_SYSTEM_TIME_OUT",
    "RESOURCE_IS_LOCKED",
}
_LOGIN = {"INVALID_TOKEN", "UNAUTHORIZED", "FORBIDDEN"}
_NO_ROWS = {"CONTENT_NOT_FOUND", "NOT_FOUND"}
#: What Walmart says of good requests while it is ill: no field, no reason.
_NO_REASON = {"", "request invalid", "invalid request", "invalid_request"}
_TOO_MANY = re.compile(r"\b[12]0,?000\b")
_CHECK = "Check client id and client secret of this Walmart account, and that its key may use this API"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says; all empty when it says nothing. `code` is without its service suffix."""

    code: str | None = None
    detail: str = ""
    category: str = ""


def complaint_of(body: bytes) -> Complaint:
    """Return code and text of an error body of any shape; never raises."""
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        plain = " ".join(_TAGS.sub(" ", body.decode("utf-8", errors="replace")).split())
        return Complaint(detail=plain[:400])
    return complaint_in(document) or Complaint(detail=str(document)[:400] if document else "")


def complaint_in(document: object) -> Complaint | None:
    """Return the first error that a parsed body holds, None when it holds none (also used on 200 answers)."""
    if isinstance(document, list):
        return next((found for row in document if (found := complaint_in(row))), None)
    if not isinstance(document, Mapping):
        return None
    for name in ("errors", "error"):
        if document.get(name):
            inner = document[name]
            return complaint_in(inner) or Complaint(detail=str(inner)[:400])
    text = document.get("description") or document.get("info") or document.get("detail") or document.get("message")
    code = document.get("code") or document.get("title")
    if not code and not text:
        return None
    field = document.get("field")
    where = f" ({field})" if isinstance(field, str) and field else ""
    return Complaint(
        str(code).partition(".")[0] if code else None,
        f"{text or ''}{where}".strip(),
        str(document.get("category") or ""),
    )


def classify(reply: Reply) -> VendorError:
    """Return the error that says what to do next about an answer that is not 2xx."""
    found = complaint_of(reply.body)
    request_id = reply.headers.get("wm_qos.correlation_id")
    seen = reply.seen(code=found.code, detail=found.detail, request_id=request_id)
    status, code = reply.status, found.code or ""
    if status == 429 or code in _THROTTLED:
        return Throttled(seen)
    if status in {401, 403} or code in _LOGIN:
        return Credentials(seen, _CHECK)
    if status in {408, 423} or status >= 500:
        return Transient(seen)
    if status == 400 and (code in _PASSING or found.category == "SYSTEM" or _is_without_reason(found)):
        # During outages Walmart answers good requests with 400: it blames its own system in the category, or nothing.
        return Transient(seen)
    if status in {400, 404, 409, 422}:
        return Rejected(seen)
    return ContractBroken(seen, "Walmart does not document this answer for the operation")


def _is_without_reason(found: Complaint) -> bool:
    return found.code == "INVALID_REQUEST" and found.detail.strip().rstrip(".").lower() in _NO_REASON


def is_no_rows(error: VendorError) -> bool:
    """Return whether the refusal of a list means that it is empty (404 CONTENT_NOT_FOUND on orders)."""
    return isinstance(error, Rejected) and error.reply.status == 404 and (error.reply.code or "") in _NO_ROWS


def is_too_many(error: VendorError) -> bool:
    """Return whether a list was refused because its window holds more orders than one query may return."""
    return isinstance(error, Rejected) and error.reply.status == 400 and bool(_TOO_MANY.search(error.reply.detail))


def is_broken_walk(error: VendorError) -> bool:
    """Return whether a paged reading must start again: its cursor was used twice, out of order, or is too old."""
    if not isinstance(error, Rejected):
        return False
    return error.reply.status == 404 or (error.reply.status == 400 and "cursor" in error.reply.detail.lower())


def is_gone_already(error: VendorError) -> bool:
    """Return whether a shipment was refused because the units have left, by this call or another."""
    if not isinstance(error, Rejected):
        return False
    said = error.reply.detail.lower()
    return "overshipped" in said or "in shipped status" in said or "enough quantity to ship" in said


def is_already_further(error: VendorError) -> bool:
    """Return whether an acknowledgement was refused because the order is acknowledged or further already."""
    return isinstance(error, Rejected) and "higher status" in error.reply.detail.lower()
