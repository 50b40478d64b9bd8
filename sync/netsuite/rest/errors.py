"""The errors of NetSuite's answers, by status, code and the words of the detail (contract §2.10).

`type` and `title` of the envelope change between releases and are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from sync.clock import Clock
from sync.errors import ContractBroken, Credentials, InDoubt, Rejected, Throttled, Transient, VendorError, VendorReply
from sync.netsuite.rest.error_rules import Means, permission_hint, rule_for
from sync.transport import Reply, read_json, retry_after_s

__all__ = [
    "Problem",
    "SubmittedBefore",
    "classifier",
    "clock_skew_s",
    "field_of_path",
    "read_envelope",
    "refusal_inside",
    "says_already_there",
    "was_changed_meanwhile",
]

_LONGEST_SKEW_S = 300
_JOB = re.compile(r"/async/v1/job/([A-Za-z0-9-]+)/?$")
_LINE = re.compile(r"^(\w+)(?:\.items)?\[(\d+)\](?:\.(.+))?$")


class SubmittedBefore(Rejected):
    """An asynchronous call with this key was handed over before; `job_id` is its first job, None if not named."""

    def __init__(self, reply: VendorReply, hint: str, job_id: str | None) -> None:
        super().__init__(reply, hint)
        self.job_id = job_id


def field_of_path(path: str) -> str:
    """Return an error path as a person reads it: `item.items[0].item` is "line 1, item" (fault 39)."""
    found = _LINE.match(path)
    if found is None:
        return path
    sublist, position, rest = found.groups()
    place = f"line {int(position) + 1}" if sublist in ("item", "line") else f"{sublist} line {int(position) + 1}"
    return f"{place}, {field_of_path(rest)}" if rest else place


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `o:errorDetails`; `where` is a field path (`item.items[0].item`), parameter or header."""

    code: str
    detail: str
    where: str

    def __str__(self) -> str:
        if not self.where:
            return self.detail
        readable = field_of_path(self.where)
        place = self.where if readable == self.where else f"{readable}: {self.where}"
        return f"{self.detail} ({place})"


def classifier(clock: Clock) -> Callable[[Reply], VendorError]:
    """Return the function that names the error of a NetSuite answer; `clock` is compared with the answer's date."""

    def classify(reply: Reply) -> VendorError:
        return _classified(reply, reply.status, clock)

    return classify


def refusal_inside(reply: Reply) -> VendorError | None:
    """Return the error that a 2xx answer holds in its body (a task's result), None where it holds none."""
    if not read_envelope(reply.body):
        return None
    document = read_json(reply.body)
    status = document.get("status") if isinstance(document, dict) else None
    return _classified(reply, status if isinstance(status, int) and status >= 400 else 400, None)


def _classified(reply: Reply, status: int, clock: Clock | None) -> VendorError:
    problems = read_envelope(reply.body)
    code = problems[0].code if problems else ""
    detail = "; ".join(str(p) for p in problems) or " ".join(reply.text().split())[:300]
    seen = reply.seen(code=code or None, detail=detail, request_id=reply.headers.get("x-n-operationid"))
    rule = rule_for(status, code, detail)
    if rule.means is Means.THROTTLED:
        # No Retry-After is documented; where one comes it is followed.
        return Throttled(seen, retry_after_s(reply.headers, clock.now()) if clock else None)
    hint = rule.hint
    if rule.means is Means.CREDENTIALS and clock is not None:
        hint += _skew(reply, clock)
    if rule.needs_permission and (named := permission_hint(reply.operation)):
        hint += f". {named}"
    if rule.means is Means.SUBMITTED_BEFORE:
        job = _JOB.search(reply.headers.get("location", ""))
        return SubmittedBefore(seen, hint, job[1] if job else None)
    return _error(rule.means, seen, hint)


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


def _error(means: Means, seen: VendorReply, hint: str) -> VendorError:
    match means:
        case Means.TRANSIENT:
            return Transient(seen, hint)
        case Means.IN_DOUBT:
            return InDoubt(seen, hint)
        case Means.CREDENTIALS:
            return Credentials(seen, hint)
        case Means.OUR_BUG:
            return ContractBroken(seen, hint)
        case _:
            return Rejected(seen, hint)


def was_changed_meanwhile(error: VendorError) -> bool:
    """Return whether somebody saved the record while we wrote it: read it again, then decide (fault 33)."""
    return isinstance(error, Rejected) and "HAS_BEEN_CHANGED" in (error.reply.code or "")


def clock_skew_s(reply: Reply, clock: Clock) -> int | None:
    """Return by how many seconds this machine's clock is ahead of NetSuite's, None where the answer has no date."""
    try:
        theirs = parsedate_to_datetime(reply.headers["date"])
    except (KeyError, ValueError):
        return None
    if theirs.tzinfo is None:
        return None
    return round((clock.now() - theirs).total_seconds())


def _skew(reply: Reply, clock: Clock) -> str:
    seconds = clock_skew_s(reply, clock)
    if seconds is None or abs(seconds) <= _LONGEST_SKEW_S:
        return ""
    return f". This machine's clock is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}: correct it first"
