"""The reconciliation report as JSON (reconFileJson), put together again to the CSV that the reader takes.

Only a fallback for a refused ZIP: users saw it cut after 1,000 rows with every further offset refused. The report's
own sum decides whether all of it came.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import date

from sync.errors import BadInput, ContractBroken, VendorError
from sync.transport import VendorClient
from sync.walmart.calls import recon_rows_call
from sync.walmart.pages import mapping_of, rows_of

__all__ = ["recon_csv", "recon_rows"]

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
        writer.writerow(["" if (v := cells.get(name.lower())) is None else str(v) for name in names])
    return text.getvalue().encode()
