"""What NetSuite's refusals mean: a table over status, error code and the words of the detail (contract §2.10).

`type` and `title` of the envelope change between releases and are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

from sync.clock import Clock
from sync.errors import ContractBroken, Credentials, InDoubt, Rejected, Throttled, Transient, VendorError, VendorReply
from sync.transport import Reply, read_json, retry_after_s

__all__ = ["Problem", "classifier", "read_envelope", "says_already_there"]

_LONGEST_SKEW_S = 300


class _Means(Enum):
    THROTTLED = Throttled
    TRANSIENT = Transient
    IN_DOUBT = InDoubt
    REJECTED = Rejected
    CREDENTIALS = Credentials
    OUR_BUG = ContractBroken


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `o:errorDetails`; `where` is a field path (`item.items[0].item`), parameter or header."""

    code: str
    detail: str
    where: str

    def __str__(self) -> str:
        return f"{self.detail} ({self.where})" if self.where else self.detail


@dataclass(frozen=True, slots=True)
class _Rule:
    means: _Means
    hint: str = ""
    status: frozenset[int] = frozenset()
    code: str = ""
    words: str = ""

    def fits(self, status: int, code: str, detail: str) -> bool:
        return (
            (not self.status or status in self.status)
            and (not self.code or re.fullmatch(self.code, code) is not None)
            and (not self.words or re.search(self.words, detail, re.IGNORECASE) is not None)
        )


def _on(*status: int) -> frozenset[int]:
    return frozenset(status)


_ROLE = (
    "The role of the integration lacks a permission or a feature is off; "
    "see Setup > Users/Roles > Manage Roles and Setup > Company > Enable Features"
)
# The first rule that fits decides. Order: limits, who we are, what the words say, then the bare status.
_RULES = (
    _Rule(_Means.THROTTLED, status=_on(429)),
    _Rule(_Means.THROTTLED, code="CONCURRENCY_LIMIT_EXCEEDED|SSS_REQUEST_LIMIT_EXCEEDED|WS_REQUEST_BLOCKED"),
    _Rule(
        _Means.CREDENTIALS,
        "The reason is only in Setup > Users/Roles > User Management > View Login Audit Trail; "
        "a role without the REST Web Services permission is refused in the same words",
        status=_on(401),
    ),
    _Rule(_Means.REJECTED, _ROLE, status=_on(403)),
    _Rule(_Means.REJECTED, _ROLE, words=r"role does not have permission|permission violation|only an administrator"),
    _Rule(_Means.REJECTED, _ROLE, status=_on(400), words=r"Invalid search type:|Record '[^']*' was not found"),
    _Rule(_Means.IN_DOUBT, "A record with this identity is there: it is read before anything is repeated",
          code="DUP_RCRD|DUP_ENTITY|DUP_ITEM"),
    _Rule(_Means.IN_DOUBT, "A record with this identity is there: it is read before anything is repeated",
          status=_on(400, 409), words=r"\balready exists"),
    _Rule(_Means.REJECTED, "It was changed in NetSuite meanwhile; the next cycle derives the change anew",
          code="RCRD_HAS_BEEN_CHANGED|RECORD_HAS_BEEN_CHANGED"),
    _Rule(_Means.REJECTED, "Open the accounting period, or give the document a date in an open one",
          words=r"accounting period|period is (closed|locked)"),
    _Rule(_Means.REJECTED, "Debits and credits differ", words=r"journal entry must balance"),
    _Rule(_Means.REJECTED, "A workflow in NetSuite locks the record", words=r"locked by a user defined workflow"),
    _Rule(_Means.REJECTED, "Check that item, location, department and class belong to the subsidiary and are active",
          words=r"Invalid Field Value"),
    _Rule(_Means.REJECTED, "Fill the named fields", words=r"Please enter value"),
    _Rule(_Means.REJECTED, "The record is not there (any more)", status=_on(404)),
    _Rule(_Means.OUR_BUG, code="INVALID_HEADER|INVALID_REQUEST|INVALID_URL"),
    _Rule(_Means.OUR_BUG, words=r"^Invalid url|Invalid search query"),
    _Rule(_Means.OUR_BUG, status=_on(405, 406, 411, 413, 414, 415)),
    _Rule(_Means.TRANSIENT, status=_on(408)),
)  # fmt: skip
_UNKNOWN = "This refusal is not known to us; NetSuite's own words are above"


def classifier(clock: Clock) -> Callable[[Reply], VendorError]:
    """Return the function that names the error of a NetSuite answer; `clock` is compared with the answer's date."""

    def classify(reply: Reply) -> VendorError:
        problems = read_envelope(reply.body)
        code = problems[0].code if problems else ""
        detail = "; ".join(str(p) for p in problems) or " ".join(reply.text().split())[:300]
        seen = reply.seen(code=code or None, detail=detail, request_id=reply.headers.get("x-n-operationid"))
        rule = next((r for r in _RULES if r.fits(reply.status, code, detail)), None) or _by_status(reply.status)
        if rule.means is _Means.THROTTLED:
            # No Retry-After is documented; where one comes it is followed.
            return Throttled(seen, retry_after_s(reply.headers, clock.now()))
        hint = rule.hint + (_skew(reply, clock) if rule.means is _Means.CREDENTIALS else "")
        return _error(rule.means, seen, hint)

    return classify


def read_envelope(body: bytes) -> list[Problem]:
    """Return the problems named by an error body, empty when it has none of the known shapes."""
    try:
        document = read_json(body)
    except (ValueError, RecursionError):
        return []
    if not isinstance(document, dict):
        return []
    details = document.get("o:errorDetails")
    if isinstance(details, list):
        return [_problem(entry, document) for entry in details if isinstance(entry, dict)]
    error = document.get("error")
    if isinstance(error, dict):  # a RESTlet's shape
        return [Problem(str(error.get("code", "")), str(error.get("message", "")), "")]
    if isinstance(error, str):  # the token service's shape
        return [Problem(error, str(document.get("error_description", error)), "")]
    return []


def says_already_there(error: VendorError) -> bool:
    """Return whether NetSuite refused a new record because one with that name or identity exists."""
    return isinstance(error, InDoubt) and bool(
        re.search(r"\balready exists", error.reply.detail, re.IGNORECASE) or (error.reply.code or "").startswith("DUP_")
    )


def _problem(entry: dict[str, object], document: dict[str, object]) -> Problem:
    code = entry.get("o:errorCode") or document.get("o:errorCode") or ""
    places = (entry.get(k) for k in ("o:errorPath", "o:errorQueryParam", "o:errorHeader", "o:errorUrl"))
    return Problem(str(code), str(entry.get("detail", "")), next((str(p) for p in places if p), ""))


def _by_status(status: int) -> _Rule:
    if status >= 500:
        return _Rule(_Means.TRANSIENT)
    if status < 400:
        return _Rule(_Means.OUR_BUG, "NetSuite answered with a redirect")
    return _Rule(_Means.REJECTED, _UNKNOWN)


def _error(means: _Means, seen: VendorReply, hint: str) -> VendorError:
    match means:
        case _Means.TRANSIENT:
            return Transient(seen, hint)
        case _Means.IN_DOUBT:
            return InDoubt(seen, hint)
        case _Means.CREDENTIALS:
            return Credentials(seen, hint)
        case _Means.OUR_BUG:
            return ContractBroken(seen, hint)
        case _:
            return Rejected(seen, hint)


def _skew(reply: Reply, clock: Clock) -> str:
    try:
        theirs = parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError):
        return ""
    if theirs.tzinfo is None:
        return ""
    seconds = round((clock.now() - theirs).total_seconds())
    if abs(seconds) <= _LONGEST_SKEW_S:
        return ""
    return f". This machine's clock is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}: correct it first"
