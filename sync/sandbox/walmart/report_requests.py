"""On-request reports (OpenAPI of on-request reports, 2026-09): ask, look, fetch the address, fetch the ZIP."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from urllib.parse import quote

from sync.sandbox.clock import SandboxClock
from sync.sandbox.walmart.account import Account, Call
from sync.sandbox.walmart.front.paging import whole
from sync.sandbox.walmart.front.refusals import REPORTS, Refused
from sync.sandbox.walmart.front.wire import OCTETS, Answer, json_answer, query_values
from sync.sandbox.walmart.orders.bodies import read_json
from sync.sandbox.walmart.report_contents import WRITTEN, report_csv
from sync.sandbox.walmart.settlements.file import zipped
from sync.sandbox.walmart.vocabulary import REPORT_TYPES

__all__ = [
    "ReportBook",
    "ReportRequest",
    "create_report",
    "download_address",
    "list_requests",
    "report_file",
    "request_status",
]

BEGINS_AFTER, READY_AFTER = timedelta(seconds=30), timedelta(minutes=5)
KEPT, URL_LIFE = timedelta(days=30), timedelta(minutes=10)
DEFAULT_LIMIT = 10
_VERSIONS = {"ITEM": 6, "ITEM_PERFORMANCE": 3}
_GRANULARITIES = ("DAILY", "WEEKLY", "MONTHLY", "QUARTERLY")
_STATUSES = ("RECEIVED", "INPROGRESS", "READY", "ERROR")


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """One report that was asked for; `start` and `end` bound its data where they were given."""

    request_id: str
    kind: str
    version: str
    asked_at: datetime
    payload: Mapping[str, object]
    start: datetime | None
    end: datetime | None

    def status(self, now: datetime) -> str:
        """Return RECEIVED, INPROGRESS, READY, or ERROR for a type that has no data here."""
        if now < self.asked_at + BEGINS_AFTER:
            return "RECEIVED"
        if now < self.asked_at + READY_AFTER:
            return "INPROGRESS"
        return "READY" if self.kind in WRITTEN else "ERROR"


class ReportBook:
    """All requests of the seller, and the key that signs the addresses of their files."""

    def __init__(self, clock: SandboxClock, seed: int) -> None:
        self._clock, self._requests = clock, dict[str, ReportRequest]()
        self._key = f"report files {seed}".encode()

    def add(
        self, kind: str, version: str, payload: Mapping[str, object], start: datetime | None, end: datetime | None
    ) -> ReportRequest:
        """Keep a request and return it with its id, a UUID."""
        text = sha256(f"{kind} {version} {len(self._requests)}".encode()).hexdigest()
        request_id = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
        made = ReportRequest(request_id, kind, version, self._clock.now(), payload, start, end)
        self._requests[request_id] = made
        return made

    def get(self, request_id: str) -> ReportRequest | None:
        """Return a request of the last 30 days."""
        found = self._requests.get(request_id)
        return found if found is not None and self._clock.now() - found.asked_at <= KEPT else None

    def newest_first(self) -> list[ReportRequest]:
        """Return the requests of the last 30 days."""
        now = self._clock.now()
        return [r for r in reversed(self._requests.values()) if now - r.asked_at <= KEPT]

    def sign(self, request_id: str, expires: str) -> str:
        """Return the signature of an address."""
        return hmac.new(self._key, f"{request_id} {expires}".encode(), sha256).hexdigest()


def create_report(account: Account, call: Call) -> Answer:
    """Answer `POST /v3/reports/reportRequests`: the request with its id. Refusals are problem+json."""
    values = query_values(call.query)
    kind, version = values.get("reportType", ""), values.get("reportVersion", "")
    if kind not in REPORT_TYPES:
        raise _bad("INVALID_REPORT_TYPE", f"The value '{kind[:40]}' is not a valid reportType.", "reportType")
    if version not in {f"v{n}" for n in range(1, _VERSIONS.get(kind, 1) + 1)}:
        text = f"The value '{version[:20]}' is not a valid reportVersion for {kind}."
        raise _bad("INVALID_REPORT_VERSION", text, "reportVersion")
    payload = read_json(call.body, REPORTS)
    start, end = _moment(payload, "dataStartTime"), _moment(payload, "dataEndTime")
    if start and end and start > end:
        raise _bad("INVALID_DATE_RANGE", "`dataStartTime` must be earlier than or equal to `dataEndTime`.", None)
    grain = payload.get("dateGranularity")
    if grain is not None and grain not in _GRANULARITIES:
        text = f"The value '{str(grain)[:20]}' is not a valid dateGranularity. Valid values are: {_GRANULARITIES}."
        raise _bad("INVALID_DATE_GRANULARITY", text, "dateGranularity")
    if (kind, version) == ("ITEM_PERFORMANCE", "v3") and not (start and end and grain):
        text = "The fields `dataStartTime`, `dataEndTime`, and `dateGranularity` are required."
        raise _bad("MISSING_REQUIRED_FIELD", text, None)
    made = account.reports.add(kind, version, payload, start, end)
    return json_answer(_write(made, account.clock.now()) | {"payload": _known(payload)})


def _known(payload: Mapping[str, object]) -> dict[str, object]:
    names = ("rowFilters", "excludeColumns", "dataStartTime", "dataEndTime")
    return {name: payload[name] for name in names if name in payload}


def _moment(payload: Mapping[str, object], name: str) -> datetime | None:
    text = payload.get(name)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise _bad("INVALID_DATE", f"`{name}` is not an ISO 8601 date and time.", name) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _write(made: ReportRequest, now: datetime) -> dict[str, object]:
    row: dict[str, object] = {
        "requestId": made.request_id,
        "requestStatus": made.status(now),
        "requestSubmissionDate": _stamp(made.asked_at),
        "reportType": made.kind,
        "reportVersion": made.version,
    }
    if made.status(now) == "READY":
        row["reportGenerationDate"] = _stamp(made.asked_at + READY_AFTER)
    return row


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def request_status(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/reports/reportRequests/{requestId}`."""
    made = _request(account, call.parameters["requestId"])
    return json_answer(_write(made, account.clock.now()) | {"payload": _known(made.payload)})


def list_requests(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/reports/reportRequests`: newest first, ten a page; the cursor is a page number."""
    values, now = query_values(call.query), account.clock.now()
    if values.get("reportType", "") not in REPORT_TYPES:
        raise _bad("INVALID_REPORT_TYPE", "reportType is missing or not valid.", "reportType")
    if values.get("requestStatus", "READY") not in _STATUSES:
        raise _bad("INVALID_REQUEST_STATUS", "requestStatus is not valid.", "requestStatus")
    found = [r for r in account.reports.newest_first() if _is_wanted(r, values, now)]
    limit = whole(values, "limit", DEFAULT_LIMIT, 1, 1000, REPORTS)
    page = whole(values, "page", 1, 1, 10_000, REPORTS)
    rows = found[(page - 1) * limit : page * limit]
    body: dict[str, object] = {
        "page": page,
        "totalCount": len(found),
        "limit": limit,
        "requests": [_write(r, now) | {"src": "API"} for r in rows],
    }
    if page * limit < len(found):
        kept = {n: v for n, v in values.items() if n not in ("page", "limit")} | {"page": page + 1, "limit": limit}
        query = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in kept.items())
        body["nextCursor"] = f"/v3/reports/reportRequests?{query}"
    return json_answer(body)


def _is_wanted(made: ReportRequest, values: Mapping[str, str], now: datetime) -> bool:
    start, end = _moment(values, "requestSubmissionStartDate"), _moment(values, "requestSubmissionEndDate")
    return (
        made.kind == values["reportType"]
        and values.get("reportVersion", made.version) == made.version
        and values.get("requestStatus", made.status(now)) == made.status(now)
        and values.get("src", "API") == "API"
        and (start is None or made.asked_at >= start)
        and (end is None or made.asked_at <= end)
    )


def download_address(account: Account, call: Call) -> Answer:
    """Answer `GET /v3/reports/downloadReport`: an address on another host, good for ten minutes."""
    request_id, now = query_values(call.query).get("requestId", ""), account.clock.now()
    made = _request(account, request_id)
    if made.status(now) != "READY":
        raise _bad("REPORT_NOT_READY", f"The report {request_id[:40]} is not ready.", "requestId")
    expires = _stamp(now + (URL_LIFE if not call.struck_by("expired_url") else -timedelta(seconds=1)))
    query = f"Expires={quote(expires, safe='')}&Signature={account.reports.sign(request_id, expires)}"
    # Another name for the same machine: a client that sends its own headers there is found out.
    url = f"http://localhost:{call.port}/report-files/{request_id}.zip?{query}"
    return json_answer(_write(made, now) | {"downloadURL": url, "downloadURLExpirationTime": expires})


def report_file(account: Account, call: Call) -> Answer:
    """Answer the address of a file: the ZIP; whoever brings Walmart's headers along is refused."""
    leaked = [name for name in call.headers if name.startswith("wm_") or name == "authorization"]
    if leaked:
        return _storage(400, "InvalidArgument", f"Only one auth mechanism allowed: {', '.join(sorted(leaked))}")
    values = query_values(call.query)
    request_id, expires = call.parameters["name"].removesuffix(".zip"), values.get("Expires", "")
    if not hmac.compare_digest(values.get("Signature", ""), account.reports.sign(request_id, expires)):
        return _storage(403, "SignatureDoesNotMatch", "The signature does not match.")
    if datetime.fromisoformat(expires) < account.clock.now():
        return _storage(403, "AccessDenied", "Request has expired")
    made = account.reports.get(request_id)
    if made is None:
        return _storage(404, "NoSuchKey", "The file does not exist.")
    data = zipped(report_csv(account, made.kind, made.start, made.end), f"{made.kind}.csv", made.asked_at)
    if call.struck_by("W36"):
        data = data[: len(data) // 2]
    name = f"{made.kind}_{made.asked_at:%Y%m%d%H%M%S}.zip"
    return Answer(200, data, OCTETS, {"Content-Disposition": f'attachment; filename="{name}"'})


def _storage(status: int, code: str, text: str) -> Answer:
    """Return a refusal in the words of a file store."""
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>'
    return Answer(status, xml.encode(), "application/xml")


def _request(account: Account, request_id: str) -> ReportRequest:
    made = account.reports.get(request_id)
    if made is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"No report request {request_id[:40]}", "requestId", REPORTS)
    return made


def _bad(code: str, text: str, name: str | None) -> Refused:
    return Refused(400, code, text, name, REPORTS)
