"""On-request reports: ask, wait, fetch from another host, read. What they hold is left to who asks.

Walmart lets 20 polls and 20 downloads an hour through, and very few requests; so a report is polled every few minutes,
and one that was asked for is remembered by its id and never asked for twice. The file's address is presigned: it is
fetched without any of Walmart's headers. The file is a ZIP with one CSV, or the CSV itself.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from sync.errors import BadInput, ContractBroken, InDoubt, Rejected, Transient
from sync.settlements import decode, refuse_packed
from sync.transport import Reply, VendorClient
from sync.walmart.account_calls import (
    create_report_call,
    report_download_call,
    report_file_call,
    report_status_call,
    reports_call,
)
from sync.walmart.calls import wire_time
from sync.walmart.pages import mapping_of, member_of, rows_of
from sync.walmart.wire_types import Moment, Shape, why

__all__ = ["ReportRequest", "ReportRequests", "read_table"]

#: 20 polls an hour are one every three minutes.
_POLL_S = 200.0
_MOST_POLLS = 60
_LARGEST = 2 * 1024**3
_BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
_AGAIN = "Ask for the report again"


class ReportRequest(Shape):
    """A report that was asked for: RECEIVED, SUBMITTED, INPROGRESS, READY or ERROR."""

    request_id: str
    request_status: str
    report_type: str | None = None
    request_submission_date: Moment | str | None = None

    @property
    def is_ready(self) -> bool:
        """Return whether it can be fetched."""
        return self.request_status.upper() == "READY"

    @property
    def has_failed(self) -> bool:
        """Return whether it will never be ready."""
        return self.request_status.upper() == "ERROR"


@dataclass(frozen=True, slots=True)
class ReportRequests:
    """The on-request reports of one account."""

    client: VendorClient

    async def ask(
        self, report_type: str, *, start: datetime | None = None, end: datetime | None = None, version: str = "v1"
    ) -> ReportRequest:
        """Ask for a report; after a lost answer the list of requests is looked at.

        Raises:
            InDoubt: no answer, and the list does not show it.
            VendorError: it was refused.
        """
        known = {r.request_id for r in await self.asked(report_type)}
        # Nothing is filtered; an empty object is taken too, but is none that the documents describe.
        body: dict[str, object] = {"rowFilters": []}
        if start is not None:
            body["dataStartTime"] = wire_time(start)
        if end is not None:
            body["dataEndTime"] = wire_time(end)
        try:
            reply = await self.client.send(create_report_call(report_type, body, version))
        except InDoubt:
            new = [r for r in await self.asked(report_type) if r.request_id not in known]
            if len(new) != 1:
                raise
            return new[0]
        return _request(reply, mapping_of(reply))

    async def asked(self, report_type: str) -> list[ReportRequest]:
        """Return the requests of one type of the last 30 days.

        Raises:
            VendorError: Walmart could not be asked.
        """
        try:
            reply = await self.client.send(reports_call(report_type))
        except Rejected as error:
            if error.reply.status == 404:
                return []
            raise
        return [_request(reply, row) for row in rows_of(reply, mapping_of(reply), "requests", what="report requests")]

    async def status(self, request_id: str) -> ReportRequest:
        """Return how far a report is.

        Raises:
            VendorError: Walmart could not be asked.
        """
        reply = await self.client.send(report_status_call(request_id))
        return _request(reply, mapping_of(reply))

    async def ready(self, request_id: str) -> ReportRequest:
        """Wait, visibly and cancellably, until a report can be fetched.

        Raises:
            Rejected: it ended as ERROR.
            Transient: it is not ready after hours; a later pull goes on with the same id.
            VendorError: Walmart could not be asked.
        """
        for _ in range(_MOST_POLLS):
            reply = await self.client.send(report_status_call(request_id))
            found = _request(reply, mapping_of(reply))
            if found.is_ready:
                return found
            if found.has_failed:
                raise Rejected(reply.seen(code="ERROR", detail=f"report {request_id} ended as ERROR"), _AGAIN)
            await self.client.pause(_POLL_S, f"works on report {found.report_type or request_id}")
        raise Transient(reply.seen(detail=f"report {request_id} is still {found.request_status}"), wait_s=_POLL_S)

    async def fetch(self, request_id: str) -> bytes:
        """Return the file of a report that is ready; an address that has expired is asked for once more.

        Raises:
            VendorError: the address or the file cannot be had.
        """
        for may_repeat in (True, False):
            reply = await self.client.send(report_download_call(request_id))
            address = member_of(mapping_of(reply), "downloadURL")
            if not isinstance(address, str) or not address:
                raise ContractBroken(reply.seen(detail=f"the answer holds no address of report {request_id}"))
            try:
                return (await self.client.send(report_file_call(address))).body
            except Rejected:
                if not may_repeat:
                    raise
            except ValueError as error:
                raise ContractBroken(reply.seen(detail=f"an address that cannot be fetched: {error}")) from error
        raise AssertionError("the loop returns or raises")


def _request(reply: Reply, raw: object) -> ReportRequest:
    try:
        return ReportRequest.model_validate(raw)
    except ValidationError as error:
        raise ContractBroken(reply.seen(detail=f"the report request cannot be read: {why(error)}")) from error


def read_table(data: bytes, *, file: str) -> list[Mapping[str, str]]:
    """Return the rows of a report, a CSV or a ZIP with one: header name → text, blank for what a row lacks.

    Raises:
        BadInput: no ZIP with one CSV, no text, or a row wider than its header.
    """
    if data[:2] == b"PK":
        data = _unpacked(data, file)
    refuse_packed(data, file=file)
    if data.lstrip(b"\xef\xbb\xbf \r\n")[:1] in (b"{", b"<"):
        raise BadInput("this is an answer of the API, not a report", remedy=_AGAIN, file=file)
    text, _ = decode(data, file=file)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as broken:
        problem = f"the CSV is broken: {broken}"
        raise BadInput(problem, remedy=_AGAIN, file=file, line=reader.line_num) from broken
    names = [name.strip() for name in rows[0][1]]
    for line, row in rows[1:]:
        if any(cell.strip() for cell in row[len(names) :]):
            problem = f"the line has {len(row)} columns, the header {len(names)}"
            raise BadInput(problem, remedy=_AGAIN, file=file, line=line)
    return [{n: (row[i].strip() if i < len(row) else "") for i, n in enumerate(names) if n} for _, row in rows[1:]]


def _unpacked(data: bytes, file: str) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
            if len(inside) != 1 or inside[0].file_size > _LARGEST:
                raise BadInput(f"the ZIP holds {len(inside)} files, not one CSV", remedy=_AGAIN, file=file)
            return archive.read(inside[0])
    except _BROKEN_ZIP as broken:
        raise BadInput(f"the ZIP cannot be read: {broken}", remedy=_AGAIN, file=file) from broken
