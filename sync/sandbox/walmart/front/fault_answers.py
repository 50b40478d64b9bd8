"""Faults that need no operation: the gateway, the network and the CDN answer in their own way (contract §6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.refusals import ORDERS, RETURNS, Refused
from sync.sandbox.walmart.front.wire import Answer, epoch_ms

__all__ = ["FAULTS", "answer_of", "refusal_of", "replenish_form"]

#: What this app understands beside the generic names, with what happens. A name that begins with W is a row of the
#: contract's trouble list. Any may carry the option `envelope` = E1 … E7 for the shape of a refusal. One call can ask
#: for one by the header `X-Sandbox-Fault: W05;retry_after=no`.
FAULTS = {
    "W01": "401, and all tokens are dead (as expired_token)",
    "W02": "400 INVALID_TOKEN, and all tokens are dead",
    "W03": "the token call answers 400",
    "W04": "401 though the token is right; it stays valid (option status=403)",
    "W05": "429, replenish time in epoch ms (as throttle); option retry_after=no",
    "W05-s": "429, replenish time in epoch seconds",
    "W05-ms": "429, replenish time in epoch milliseconds",
    "W05-iso": "429, replenish time in ISO 8601",
    "W06": "the hour's 20 calls for status and download of on-request reports are spent: 429",
    "W07": "404 CONTENT_NOT_FOUND on a list of orders or items",
    "W08": "the first page again (as page_repeated)",
    "W09": "the last order of the page before is also the first of this one",
    "W10": "400 'fromDate or toDate is missing' on an order list without createdStartDate",
    "W11": "500 SYSTEM_ERROR, though the call took effect",
    "W12": "acknowledge is refused with 'higher status', though the order is taken in",
    "W13": "shipping is refused with 'is in SHIPPED status', though the units are on their way",
    "W14": "a shipping call of several lines is refused",
    "W15": "a shipping call is refused for its method code",
    "W16": "a shipping call is refused for its carrier",
    "W17": "the buyer has asked to cancel all lines of the order that is called",
    "W18": "Walmart has cancelled what is open in the order that is called",
    "W19": "400 INVALID_REQUEST without a reason",
    "W20": "503 with HTML of the CDN (as server_error_html)",
    "W21": "a feed that is sent now ends with DATA_ERROR for every second item",
    "W21-error": "a feed that is sent now ends as a whole with feedStatus ERROR",
    "W22": "a feed is taken, but its sender gets no answer (as lost_answer)",
    "W23": "a page of the inventory list leaves out its first SKU: a short page with a cursor",
    "W24": "a change of an order is refused because Walmart fulfils it (WFS)",
    "W25": "a returns list is refused as if one date of a pair were missing",
    "W26": "reconFileJson refuses every offset but the first",
    "W27": "reconFile answers 200 with an error in JSON",
    "W28": "purchase order numbers of the report are in scientific notation",
    "W29": "the report has an unknown amount type with a blank transaction type, and a new column",
    "W30": "the newest report date is not there yet",
    "W31": "commissions of the report are below the listed rate through an incentive",
    "W32": "every list of one object arrives as that object",
    "W33": "every phone of an order list is zeros",
    "W34": "somebody else has shipped one unit of each open line of several units of the order that is called",
    "W35": "the simulated order is a replacement (option kind=preorder)",
    "W36": "half of the ZIP",
    "W37": "the report's tax-withheld rows stand at its end, far from their sales",
    "W38": "order charges are per unit where the line has several",
    "W39": "a refund is refused because the line is not shipped",
    "schema_shape": "one order, one item and the price answer come in the shape of the schema, not of the examples",
    "unknown_enum": "orders carry a line status and a carrier that no document names",
    "null_object": "the first object inside the first list is null",
    "error_200": "status 200 with nothing but an error inside",
    "truncated_gzip": "the answer is gzip, cut after two thirds",
    "truncated_json": "half of the JSON",
    "wrong_charset": "the JSON holds a byte that is not UTF-8",
    "expired_url": "the address of a report file is past its time",
}

_HTML = (
    "<html><head><title>503 Service Unavailable</title></head>"
    "<body><h1>Service Unavailable</h1><p>Reference #18.2d7a1402</p></body></html>"
)


def answer_of(call: Call) -> Answer | None:
    """Return what something in front of the vendor's API answers, if such a fault is set."""
    if call.struck_by("server_error_html", "W20"):
        return Answer(503, _HTML.encode(), "text/html")
    if call.struck_by("empty_500"):
        return Answer(500, b"", None)
    return None


def refusal_of(call: Call, operation: str, account: Account) -> Refused | None:
    """Return the refusal that a fault asks for at the gateway, None for a fault that strikes elsewhere."""
    fault = call.fault
    if fault is None:
        return None
    match fault.name:
        case "expired_token" | "W01" if operation != "token":
            account.tokens.revoke_all()
            return Refused(401, "UNAUTHORIZED", "Unauthorized", "UNAUTHORIZED")
        case "W02" if operation != "token":
            account.tokens.revoke_all()
            return Refused(400, "INVALID_TOKEN", "Invalid token", "WM_SEC.ACCESS_TOKEN")
        case "W03" if operation == "token":
            return Refused(400, "INVALID_REQUEST_HEADER", "Client ID or Client Secret is not valid", "Authorization")
        case "W04" if operation != "token":
            if fault.options.get("status") == "403":
                return Refused(403, "FORBIDDEN", "Forbidden", "FORBIDDEN")
            return Refused(401, "UNAUTHORIZED", "Unauthorized", "UNAUTHORIZED")
        case "throttle" | "W05" | "W05-s" | "W05-ms" | "W05-iso":
            headers = {} if fault.options.get("retry_after") == "no" else {"Retry-After": "1"}
            text = "The number of calls is above the limit of this operation"
            return Refused(429, "REQUEST_THRESHOLD_VIOLATED", text, headers=headers)
        case "W06" if operation in ("reportRequestStatus", "downloadReport"):
            text = "The number of calls is above the limit of this operation"
            return Refused(429, "REQUEST_THRESHOLD_VIOLATED", text, headers={"Retry-After": "180"})
        case "W10" if operation == "getOrders" and "createdStartDate=" not in call.query:
            return Refused(400, "INVALID_REQUEST", "fromDate or toDate is missing", None, ORDERS)
        case "W25" if operation == "getReturns":
            text = "returnCreationStartDate and returnCreationEndDate must both be given"
            return Refused(400, "INVALID_REQUEST_PARAM", text, "returnCreationEndDate", RETURNS)
        case "W19":
            return Refused(400, "INVALID_REQUEST", "Request invalid.", None, ORDERS)
        case _:
            return None


def replenish_form(call: Call, now: datetime, wait_s: float) -> str:
    """Return the moment of the next token: epoch milliseconds, or as the fault W05-s or W05-iso wants it."""
    at = now.astimezone(UTC) + timedelta(seconds=wait_s)
    if call.struck_by("W05-s"):
        return str(epoch_ms(at + timedelta(milliseconds=999)) // 1000)
    if call.struck_by("W05-iso"):
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"
    return str(epoch_ms(at))
