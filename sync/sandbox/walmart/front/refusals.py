"""Error bodies: the vendor has seven shapes for the same facts (contract §1.5, E1 to E7)."""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape

from sync.sandbox.walmart.front.wire import Answer, to_json

__all__ = [
    "ENVELOPES",
    "FEEDS",
    "GATEWAY",
    "INVENTORY",
    "ITEMS",
    "ORDERS",
    "PRICES",
    "REPORTS",
    "RETURNS",
    "WEBHOOKS",
    "Refused",
    "refuse",
]

GATEWAY, ORDERS, REPORTS = "GMP_GATEWAY_API", "GMP_ORDER_API", "GMP_REPORT_API"
ITEMS, INVENTORY, PRICES = "GMP_ITEM_QUERY_API", "GMP_INVENTORY_API", "GMP_PRICE_API"
RETURNS, FEEDS, WEBHOOKS = "GMP_RETURNS_API", "GMP_RECEIVER_API", "GMP_NOTIFICATION_API"

#: E1 {"errors":{"error":[…]}}, E2 {"error":[…]}, E3 {"errors":[…]}, E4 the bare object, E5 problem+json,
#: E6 status 200 with the errors inside, E7 the CDN's HTML (406: no body at all).
ENVELOPES = ("E1", "E2", "E3", "E4", "E5", "E6", "E7")

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
            body = _problem(refused, instance)
        case "E6":
            return Answer(200, to_json(_inside(facts, instance)).encode(), media, headers)
        case "E7":
            return _from_the_cdn(refused, headers)
        case _:
            body = {"errors": {"error": [facts]}}
    return Answer(refused.status, to_json(body).encode(), media, headers)


def _problem(refused: Refused, instance: str) -> dict[str, object]:
    """Return problem details (RFC 9457); the report operations also carry their old code."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": refused.code,
        "status": refused.status,
        "detail": refused.description,
        "instance": instance,
    }
    if refused.service == REPORTS:
        kind = refused.code.lower().replace("_", "-")
        body |= {"type": f"https://marketplace.walmart.com/errors/{kind}", "code": "REPORTS-400-001"}
    return body


def _inside(facts: dict[str, object], path: str) -> dict[str, object]:
    """Return a body of status 200 that holds the error where the called operation has a place for it."""
    if "/downloadReport" in path or "/reconreport/" in path:
        return {"status": "ERROR", "message": facts["description"]}
    if path.startswith("/v3/orders"):
        return {"list": {"errors": [facts]}}
    if path.startswith("/v3/inventories/"):
        return {"sku": path.rpartition("/")[2], "nodes": [{"errors": [facts]}]}
    return {"errors": [facts]}


def _from_the_cdn(refused: Refused, headers: dict[str, str]) -> Answer:
    if refused.status == 406:
        return Answer(406, b"", None, headers)
    words = escape(refused.code.replace("_", " ").title())
    text = f"<html><head><title>{refused.status} {words}</title></head><body><h1>{words}</h1></body></html>"
    return Answer(refused.status, text.encode(), "text/html", headers)


def _xml(refused: Refused) -> bytes:
    facts = _facts(refused)
    words = "".join(
        f"<{k}>{escape(str(facts[k] or ''))}</{k}>"
        for k in ("code", "field", "description", "info", "severity", "category")
    )
    text = f"<errors><error>{words}<causes></causes><errorIdentifiers></errorIdentifiers></error></errors>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode()
