"""What an answer of Amazon that is not 2xx means for us.

Shapes, by who answers: the API `{"errors": [{code, message, details}]}`; the gateway `{"message"}` or `{"Message"}`;
Login with Amazon `{"error", "error_description", "request_id"}`; S3 XML with `<Code>` and `<Message>`; anything in
front of them HTML or nothing. Every non-2xx is an error, whatever its body (as recorded exchanges show).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sync.errors import ContractBroken, Credentials, Rejected, Throttled, Transient, VendorError, VendorReply
from sync.transport import Reply
from sync.transport.exact_json import read_json

__all__ = ["Complaint", "classify", "complaint_of"]

_XML_CODE = re.compile(r"<Code>([^<]{1,200})</Code>")
_XML_MESSAGE = re.compile(r"<Message>([^<]{1,400})</Message>")
_TAGS = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says; all empty when it says nothing."""

    code: str | None = None
    detail: str = ""
    request_id: str | None = None


def complaint_of(body: bytes) -> Complaint:
    """Return code and text of an error body of any of the five shapes; never raises."""
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        return _from_text(body.decode("utf-8", errors="replace"))
    if not isinstance(document, dict):
        return Complaint(detail=str(document)[:400] if document else "")
    return _from_object(document)


def _from_object(document: dict[str, object]) -> Complaint:
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else errors
    if isinstance(first, dict):
        parts = [_text(first.get("message")), _text(first.get("details"))]
        return Complaint(_text(first.get("code")) or None, ". ".join(p for p in parts if p))
    if "error" in document:
        return Complaint(
            _text(document.get("error")) or None,
            _text(document.get("error_description")),
            _text(document.get("request_id")) or None,
        )
    return Complaint(detail=_text(document.get("message") or document.get("Message")))


def _from_text(text: str) -> Complaint:
    code, message = _XML_CODE.search(text), _XML_MESSAGE.search(text)
    if code:
        return Complaint(code[1], message[1] if message else "")
    plain = " ".join(_TAGS.sub(" ", text).split())
    return Complaint(detail=plain[:400])


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def classify(reply: Reply) -> VendorError:
    """Return the error that says what to do next about an answer that is not 2xx."""
    found = complaint_of(reply.body)
    request_id = reply.headers.get("x-amzn-requestid") or reply.headers.get("x-amz-rid") or found.request_id
    seen = reply.seen(code=found.code, detail=found.detail, request_id=request_id)
    match reply.status:
        case 429:
            return Throttled(seen)
        case 401 | 403:
            return _forbidden(reply, seen)
        case 400 | 404 | 409 | 422:
            return Rejected(seen)
        case 408 | 425 | 500 | 502 | 503 | 504:
            return Transient(seen)
        case status if status > 500:
            return Transient(seen)
        case _:
            return ContractBroken(seen, "Amazon does not document this answer for the operation")


def _forbidden(reply: Reply, seen: VendorReply) -> VendorError:
    if reply.status == 401 or seen.code is not None:
        return Credentials(
            seen,
            "Check that the authorisation is still valid, that the application has the role for this operation, and "
            "that the base URL is the one of the account's region",
        )
    # An answer from before the routing has no error envelope: the path is unknown at this endpoint.
    return Rejected(seen, "Check the base URL: this endpoint does not know the path, or refuses it for your region")
