"""Older settlements as the accountant posted them: one balanced journal per settlement and calendar month.

Each line goes to an account of the chart; the part's total goes to the channel's clearing account. Accounts are named
here by the accountant's own habit, written down independently of what the program under test ships.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.world.amazon_settlements import UNKNOWN_FEE
from sync.sandbox.world.erp_orders import Entry
from sync.sandbox.world.erp_setup import Company
from sync.sandbox.world.model import LedgerLine, Settlement, World
from sync.sandbox.world.scenario import Scenario

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["account_number", "book_number", "journal_entries", "month_parts"]

_CLEARING = {"amazon": "1150", "walmart": "1160"}
# (transaction type, amount type, description) with "*" for any; the first that fits is taken.
_AMAZON = """
Order|ItemPrice|Principal|4000
*|ItemPrice|Tax|2200
*|ItemPrice|ShippingTax|2200
*|ItemPrice|GiftWrapTax|2200
Order|ItemPrice|Shipping|4010
Order|ItemPrice|GiftWrap|4020
Refund|ItemPrice|*|4100
*|ItemWithheldTax|*|2200
*|Promotion|*|4200
*|ItemFees|FBAPerUnitFulfillmentFee|6120
*|ItemFees|RefundCommission|6111
*|ItemFees|*|6110
ServiceFee|Cost of Advertising|*|6200
FBAFees|FBA Inventory Storage Fee|*|6140
FBAFees|FBA Long Term Storage Fee|*|6140
FBAFees|FBA Removal Order: Disposal Fee|*|6135
*|FBA Inventory Reimbursement|*|4300
*|other-transaction|Subscription Fee|6300
*|other-transaction|Shipping label purchase for return|6150
*|other-transaction|Current Reserve Amount|1155
*|other-transaction|Previous Reserve Amount Balance|1155
*|other-transaction|Payable to Amazon|1150
*|other-transaction|Successful charge|1150
AmazonFees|*|*|9990
"""
_WALMART = """
Sale|Product Price|*|4000
Sale|Shipping|*|4010
*|Product tax|*|2200
*|Product tax withheld|*|2200
*|Shipping tax|*|2200
*|Shipping tax withheld|*|2200
Refund|Product Price|*|4100
Refund|Shipping|*|4100
*|Commission on Product|*|6110
*|Commission on Shipping|*|6110
*|*|WFS Fulfillment fee|6125
*|*|"WFS Return Shipping fee "|6155
*|*|WFS LostInventory|4300
*|*|WFS StorageFee|6140
*|*|WFS RC_InventoryDisposalFee|6135
*|*|Walmart Shipping Label Service Charge|6150
*|*|Walmart Product Advertising|6200
*|*|Dispute won|4310
"""


def _rules(text: str) -> list[tuple[str, ...]]:
    return [tuple(row.split("|")) for row in text.strip("\n").splitlines()]


_RULES = {"amazon": _rules(_AMAZON), "walmart": _rules(_WALMART)}


def account_number(channel: str, line: LedgerLine) -> str:
    """Return the account that the accountant books a settlement line to.

    Raises:
        LookupError: if there is none: that settlement cannot have been posted.
    """
    texts = (line.transaction_type, line.amount_type, line.description)
    for *wanted, number in _RULES[channel.split(".")[0]]:
        if all(want in ("*", text) for want, text in zip(wanted, texts, strict=True)):
            return number
    raise LookupError(f"{channel}: no account for {texts}")


def month_parts(settlement: Settlement) -> dict[tuple[int, int], list[LedgerLine]]:
    """Return the lines by (year, month) of their posted date, in order."""
    parts: dict[tuple[int, int], list[LedgerLine]] = defaultdict(list)
    for line in settlement.lines:
        parts[line.posted_at.year, line.posted_at.month].append(line)
    return dict(sorted(parts.items()))


def book_number(settlement: Settlement) -> str:
    """Return how the books call a settlement: Amazon's settlement id, or the last day of Walmart's period.

    Walmart numbers its reports by date alone (MMDDYYYY), which neither sorts nor survives a second seller account.
    """
    if settlement.channel.startswith("walmart"):
        return f"{settlement.end - timedelta(seconds=1):%Y%m%d}"
    return settlement.settlement_id


@dataclass(frozen=True, slots=True)
class _Posting:
    settlement: Settlement
    year: int
    month: int
    lines: list[LedgerLine]

    @property
    def external_id(self) -> str:
        prefix = "WMT" if self.settlement.channel.startswith("walmart") else "AMZ"
        return f"{prefix}-SETTLE-{book_number(self.settlement)}-{self.year:04d}{self.month:02d}"

    @property
    def day(self) -> date:
        """Return the journal's date: the month's last day, or the day the settlement closed."""
        end = (self.settlement.end - timedelta(seconds=1)).date()
        if (end.year, end.month) == (self.year, self.month):
            return end
        return date(self.year, self.month, calendar.monthrange(self.year, self.month)[1])


def journal_entries(world: World, books: NetSuiteBooks, company: Company, scenario: Scenario) -> Iterator[Entry]:
    """Yield when each journal was posted and how; the newest settlements of each channel stay unposted."""
    wrong = scenario.journal_differs
    for channel in world.channels():
        settlements = world.settlements_of(channel)
        keep = len(settlements) - scenario.unposted_settlements
        for settlement in settlements[keep:] if scenario.unposted_settlements else []:
            world.truth.note("unposted_settlements", f"{channel}/{book_number(settlement)}")
        for settlement in settlements:
            if any((x.transaction_type, x.amount_type, x.description) == UNKNOWN_FEE for x in settlement.lines):
                world.truth.note("unknown_fee_lines", f"{channel}/{settlement.settlement_id}")
        for index, settlement in enumerate(settlements[:keep]):
            spoil = wrong > 0 and index == keep - 1
            wrong -= int(spoil)
            for number, ((year, month), lines) in enumerate(month_parts(settlement).items()):
                posting = _Posting(settlement, year, month, lines)
                spoiled = spoil and number == 0
                if spoiled:
                    world.truth.note("journal_differs", posting.external_id)
                if _sums(posting, spoiled=spoiled):
                    yield _entry(books, company, posting, settlement.deposit_at, spoiled=spoiled)


def _entry(books: NetSuiteBooks, company: Company, posting: _Posting, at: datetime, *, spoiled: bool) -> Entry:
    body = _journal(company, posting, spoiled=spoiled)
    return at, lambda: books.create("journalEntry", body, at=at)


def _sums(posting: _Posting, *, spoiled: bool) -> dict[str, Decimal]:
    """Return the amounts by account that are not zero; a part that comes to nothing has no journal."""
    settlement, sums = posting.settlement, defaultdict[str, Decimal](Decimal)
    for line in posting.lines:
        sums[account_number(settlement.channel, line)] += line.amount
        sums[_CLEARING[settlement.channel.split(".")[0]]] -= line.amount
    if spoiled:
        # Someone put a bill of 25.00 on the wrong expense account.
        sums["6200"] += Decimal("25.00")
        sums["6900"] -= Decimal("25.00")
    return {number: amount for number, amount in sorted(sums.items()) if amount}


def _journal(company: Company, posting: _Posting, *, spoiled: bool) -> dict[str, object]:
    settlement = posting.settlement
    memo = f"{settlement.channel} settlement {book_number(settlement)}"
    lines = [
        {
            "account": {"id": str(company.accounts[number])},
            "credit" if amount > 0 else "debit": abs(amount),
            "memo": memo,
        }
        for number, amount in _sums(posting, spoiled=spoiled).items()
    ]
    return {
        "externalId": posting.external_id,
        "tranDate": posting.day.isoformat(),
        "subsidiary": {"id": str(company.subsidiary(settlement.channel))},
        "currency": {"id": str(company.currencies[settlement.currency])},
        "memo": f"{memo}, {posting.year:04d}-{posting.month:02d}",
        "line": {"items": lines},
    }
