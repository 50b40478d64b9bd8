"""The reconciliation report as JSON (reconFileJson), put together again to the CSV that the reader takes.

Only a fallback for a refused ZIP: users saw it cut after 1,000 rows with every further offset refused. The report's
own sum decides whether all of it came.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import NoReturn

from sync.errors import BadInput, ContractBroken, VendorError
from sync.settlements import DOWNLOAD_AGAIN
from sync.transport import VendorClient
from sync.walmart.calls import recon_rows_call
from sync.walmart.pages import mapping_of, rows_of

__all__ = ["is_json", "recon_csv", "recon_csv_of", "recon_rows"]

#: Columns that the reader asks for; JSON leaves out what is blank in a whole report.
_COLUMNS = (
    "Period Start Date",
    "Period End Date",
    "Total Payable",
    "Currency",
    "Transaction Key",
    "Transaction Posted Timestamp",
    "Transaction Type",
    "Transaction Description",
    "Customer Order #",
    "Customer Order line #",
    "Purchase Order #",
    "Purchase Order line #",
    "Amount",
    "Amount Type",
    "Ship Qty",
    "Partner Item Id",
    "Fulfillment Type",
)
_STATED = re.compile(r"number of lines in file\s*:?\s*([0-9]+)", re.IGNORECASE)
_MOST_PAGES = 20_000
#: No amount and no number of a report comes near; written out, a larger power of ten would fill the memory.
_MOST_DIGITS = 40
_NUMBERS = {"amount", "total payable", "ship qty"}
_BEFORE_JSON = b"\xef\xbb\xbf \t\r\n"


async def recon_rows(client: VendorClient, day: date) -> tuple[list[Mapping[str, object]], int | None]:
    """Return all rows of a day's report and the number of lines that Walmart states.

    Raises:
        BadInput: the offsets run in a circle, or a later part is refused: the report is not whole.
        VendorError: the first part cannot be fetched.
    """
    rows: list[Mapping[str, object]] = []
    stated: int | None = None
    offset = 0
    for _ in range(_MOST_PAGES):
        try:
            reply = await client.send(recon_rows_call(day, offset))
            body = mapping_of(reply)
            found = rows_of(reply, body, "reportData", what="rows")
        except VendorError as error:
            if offset == 0:
                raise
            problem = f"the report's rows break off after {len(rows)}: {error}"
            raise BadInput(problem, remedy="The ZIP is asked for again next time") from error
        if bad := [row for row in found if not isinstance(row, Mapping)]:
            raise ContractBroken(reply.seen(detail=f"a row of the report is no object: {bad[0]!r}"))
        rows += [row for row in found if isinstance(row, Mapping)]
        match = _STATED.search(str(body.get("description") or ""))
        stated = int(match[1]) if match else stated
        after = body.get("nextOffset")
        if after == -1 or after is None:
            return rows, stated
        if not isinstance(after, int) or after <= offset:
            raise BadInput(f"the next offset {after!r} does not lead on from {offset}", remedy="Ask for the ZIP again")
        offset = after
    raise BadInput(f"more than {_MOST_PAGES} parts", remedy="Ask for the ZIP again")


def recon_csv(rows: list[Mapping[str, object]], stated: int | None) -> bytes:
    """Return the rows as the CSV of the report, with every column that some row has."""
    names = dict.fromkeys(_COLUMNS)
    known = {name.lower() for name in names}
    for row in rows:
        names |= dict.fromkeys(str(name) for name in row if str(name).lower() not in known)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(names)
    if stated is not None:
        text.write(f"Number of Lines in file {stated}\r\n")
    for row in rows:
        cells = {str(k).lower(): v for k, v in row.items()}
        writer.writerow([_text(name, cells.get(name.lower())) for name in names])
    # A lone surrogate is no character of any text.
    return text.getvalue().encode("utf-8", "replace")


def _text(column: str, value: object) -> str:
    if value is None:
        return ""
    is_number = isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS
    if is_number and column.lower() in _NUMBERS:
        # 1e2 is a hundred, in JSON as for a person. An order's number in this form is a spoiled one and stays so.
        return format(value, "f")
    return str(value)


def is_json(data: bytes) -> bool:
    """Tell whether bytes are the JSON form of a report; no other settlement file begins so."""
    return data[:4096].lstrip(_BEFORE_JSON).startswith(b"{")


def recon_csv_of(data: bytes, *, file: str) -> bytes:
    """Return the CSV of a saved answer of reconFileJson; bytes that are no JSON come back as they are.

    Raises:
        BadInput: the answer is cut, is of something else, or holds a part of the report only.
    """
    if not is_json(data):
        return data
    body = _parsed(data, file)
    rows = body.get("reportData")
    if not isinstance(rows, list) or not rows:
        raise BadInput("this JSON holds no rows of a report (reportData)", remedy=DOWNLOAD_AGAIN, file=file)
    for number, row in enumerate(rows, 1):
        if not isinstance(row, dict) or any(isinstance(value, (dict, list, bool)) for value in row.values()):
            raise BadInput(f"row {number} of the report is no row of cells", remedy=DOWNLOAD_AGAIN, file=file)
    if body.get("nextOffset") not in (None, -1):
        raise BadInput(
            f"this is a part of a report: more rows follow at {str(body['nextOffset'])[:40]}",
            remedy="Give the ZIP, or the rows of all parts in one reportData",
            file=file,
        )
    match = _STATED.search(str(body.get("description") or ""))
    return recon_csv(rows, int(match[1]) if match else None)


def _parsed(data: bytes, file: str) -> dict[str, object]:
    def refuse(word: str) -> NoReturn:
        raise ValueError(f"{word} is no number")

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        held = {name.lower(): value for name, value in pairs}
        if len(held) < len(pairs):
            raise ValueError("a name occurs twice in one row")
        return dict(pairs)

    try:
        body = json.loads(data.decode("utf-8-sig"), parse_float=Decimal, parse_constant=refuse, object_pairs_hook=once)
    except RecursionError:
        raise BadInput("the JSON is nested too deeply", remedy=DOWNLOAD_AGAIN, file=file) from None
    except (ValueError, ArithmeticError) as error:
        why = " ".join(str(error).split())[:200]
        raise BadInput(f"the JSON cannot be read: {why}", remedy=DOWNLOAD_AGAIN, file=file) from None
    if not isinstance(body, dict):
        raise BadInput("the JSON is no answer of Walmart", remedy=DOWNLOAD_AGAIN, file=file)
    return body
