"""The recon report operations and the payment statement (OpenAPI of payment reports, 2026-09)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256

from sync.sandbox.walmart.account import PARTNER_ID, Account, Call
from sync.sandbox.walmart.front.refusals import REPORTS, Refused
from sync.sandbox.walmart.front.wire import OCTETS, Answer, json_answer, query_values
from sync.sandbox.walmart.settlements.bent_recon import bend_rows
from sync.sandbox.walmart.settlements.file import COLUMNS, csv_lines, number_of_lines, recon_csv, recon_rows, zipped
from sync.sandbox.walmart.settlements.statement import write_statement
from sync.sandbox.walmart.settlements.v0 import recon_v0_csv
from sync.sandbox.world.model import Settlement

__all__ = ["available_recon_files", "payment_statement", "recon_file", "recon_file_json"]

MOST_RECORDS = 1000


def available_recon_files(account: Account, call: Call) -> Answer:
    """Answer `GET …/availableReconFiles`: report dates MMDDYYYY in no order, empty before the first period closes."""
    _version(call)
    dates = [s.settlement_id for s in account.ledger.reports()]
    if call.struck_by("W30"):
        dates = dates[:-1]
    return json_answer({"availableApReportDates": sorted(dates, key=lambda d: sha256(d.encode()).hexdigest())})


def recon_file(account: Account, call: Call) -> Answer:
    """Answer `GET …/reconFile`: a ZIP with one CSV; without reportVersion the legacy v0 layout."""
    version, settlement = _version(call), _settlement(account, call)
    if call.struck_by("W27"):
        return json_answer({"status": "ERROR", "message": "Report is not available"})
    name = f"{PARTNER_ID}_{settlement.end:%Y-%m-%dT%H:%M:%S}.000+0000"
    if version == "v0":
        data = recon_v0_csv(settlement, account.world)
    else:
        rows, columns = bend_rows(list(recon_rows(settlement, account.world)), call)
        data = recon_csv(rows, columns)
    body = zipped(data, f"{name}.csv", settlement.end)
    if call.struck_by("W36"):
        body = body[: len(body) // 2]
    return Answer(200, body, OCTETS, {"Content-Disposition": f'attachment; filename="{name}.zip"'})


@dataclass(frozen=True, slots=True)
class _Pages:
    """The rows of the report with the byte offset of each in the CSV."""

    rows: list[dict[str, str]]
    offsets: list[int]


def _pages(settlement: Settlement, account: Account) -> _Pages:
    rows = list(recon_rows(settlement, account.world))
    offsets, at = [], len(csv_lines([dict(zip(COLUMNS, COLUMNS, strict=True))])[0]) + len(number_of_lines(rows))
    for line in csv_lines(rows):
        offsets.append(at)
        at += len(line)
    return _Pages(rows, offsets)


def recon_file_json(account: Account, call: Call) -> Answer:
    """Answer `GET …/reconFileJson`: up to 1000 rows from a byte offset; nextOffset -1 at the end."""
    settlement, values = _settlement(account, call), _values(call)
    count = values.get("noOfRecords", "")
    if not count.isdecimal() or not 1 <= int(count) <= MOST_RECORDS:
        raise _bad("INVALID_REQUEST_PARAM", f"noOfRecords must be between 1 and {MOST_RECORDS}", "noOfRecords")
    offset = values.get("offset", "")
    pages = _pages(settlement, account)
    starts = {0: 0} | {at: index for index, at in enumerate(pages.offsets)}
    refused = call.struck_by("W26") and offset != "0"
    if not offset.isdecimal() or int(offset) not in starts or refused:
        raise _bad("INVALID_OFFSET", "offset is not the start of a record", "offset")
    first = starts[int(offset)]
    rows = pages.rows[first : first + int(count)]
    following = first + len(rows)
    return json_answer(
        {
            "reportData": rows,
            "nextOffset": pages.offsets[following] if following < len(pages.rows) else -1,
            "totalRecords": len(rows),
            "description": f"Number of Lines in file {len(pages.rows)}".ljust(40),
        }
    )


def payment_statement(account: Account, _call: Call) -> Answer:
    """Answer `GET /v3/report/payment/statement`: the running cycle."""
    return json_answer(write_statement(account.ledger.cycle(), PARTNER_ID, account.clock.now()))


def _values(call: Call) -> dict[str, str]:
    return query_values(call.query)


def _version(call: Call) -> str:
    version = _values(call).get("reportVersion", "v0")
    if version not in ("v0", "v1"):
        raise Refused(404, "INVALID_REPORT_VERSION", f"Report version {version[:20]} is not valid", None, REPORTS)
    return version


def _settlement(account: Account, call: Call) -> Settlement:
    wanted = _values(call).get("reportDate", "")
    if len(wanted) != 8 or not wanted.isdecimal():
        raise _bad("INVALID_REQUEST_PARAM", f"reportDate {json.dumps(wanted[:20])} is not MMDDYYYY", "reportDate")
    settlement = account.ledger.report(wanted)
    if settlement is None:
        raise Refused(404, "CONTENT_NOT_FOUND", f"No report for {wanted}", "reportDate", REPORTS)
    return settlement


def _bad(code: str, text: str, name: str) -> Refused:
    return Refused(400, code, text, name, REPORTS)
