"""Error bodies: the vendor has five shapes for the same facts (contract §1.5, E1 to E5)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from sync.sandbox.walmart.wire import Answer, to_json

__all__ = ["ENVELOPES", "GATEWAY", "ORDERS", "REPORTS", "Refused", "refuse"]

GATEWAY, ORDERS, REPORTS = "GMP_GATEWAY_API", "GMP_ORDER_API", "GMP_REPORT_API"

#: E1 {"errors":{"error":[…]}}, E2 {"error":[…]}, E3 {"errors":[…]}, E4 the bare object, E5 problem+json.
ENVELOPES = ("E1", "E2", "E3", "E4", "E5")

_INFO = {
    400: "Request invalid.",
    401: "Unauthorized token or incorrect authorization header.",
    403: "Access to this resource is forbidden.",
    404: "Requested content not found.",
    405: "The method is not allowed for this resource.",
    406: "The Accept header names no type that this resource has.",
    415: "The Content-Type of the body is not supported.",
    429: "The number of calls has exceeded the limit.",
    500: "System error.",
}


@dataclass(slots=True)
class Refused(Exception):
    """A call that is not served: HTTP status, the code before the dot, the words of the vendor."""

    status: int
    code: str
    description: str
    field: str | None = None
    service: str = GATEWAY
    #: Extra headers such as Retry-After.
    headers: dict[str, str] | None = None

    @property
    def full_code(self) -> str:
        """Return code and service, as they stand in a body: UNAUTHORIZED.GMP_GATEWAY_API."""
        return f"{self.code}.{self.service}"


def _facts(refused: Refused) -> dict[str, object]:
    return {
        "code": refused.full_code,
        "field": refused.field,
        "description": refused.description,
        "info": _INFO.get(refused.status, "Request not served."),
        "severity": "ERROR",
        "category": "SYSTEM" if refused.status >= 500 else "DATA",
        "causes": [],
        "errorIdentifiers": {"entry": []},
    }


def refuse(refused: Refused, envelope: str = "E1", *, instance: str = "", xml: bool = False) -> Answer:
    """Return the answer for a refusal in one of the envelopes; `xml` wins over the envelope."""
    headers = dict(refused.headers or {})
    if xml:
        return Answer(refused.status, _xml(refused), "application/xml", headers)
    facts = _facts(refused)
    body: object
    media = "application/json"
    match envelope:
        case "E2":
            body = {"error": [facts]}
        case "E3":
            body = {"errors": [{k: facts[k] for k in ("code", "description", "info", "severity", "category")}]}
        case "E4":
            body = facts
        case "E5":
            media = "application/problem+json"
            body = {
                "type": "about:blank",
                "title": refused.code,
                "status": refused.status,
                "detail": refused.description,
                "instance": instance,
            }
        case _:
            body = {"errors": {"error": [facts]}}
    return Answer(refused.status, to_json(body).encode(), media, headers)


def _xml(refused: Refused) -> bytes:
    facts = _facts(refused)
    words = "".join(
        f"<{k}>{escape(str(facts[k] or ''))}</{k}>"
        for k in ("code", "field", "description", "info", "severity", "category")
    )
    text = f"<errors><error>{words}<causes></causes><errorIdentifiers></errorIdentifiers></error></errors>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
