"""A company with settlements of October 2026, as Amazon's own files, and the ERP's journals of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.close import Content, Refused, close_month, content_of, see_month
from reconcile.seen_at import evidence_at
from reconcile.settlement import load_accounts
from sync.amazon.settlements.file import read_settlement
from sync.ops.closes import Close
from sync.records import Account, BankLine
from sync.store.store import Store
from sync.streams import Batch, Document, RawPage
from tests.reconcile.factories import NOW, World, journal_entry, period, ready_world, transaction_line, usd

OCTOBER = "2026-10"
SALE, FEE = "Order|ItemPrice|Principal", "Order|ItemFees|Commission"
FIRST = ("2026-10-05 " + SALE + " 100.00", "2026-10-06 " + FEE + " -15.00")
SECOND = ("2026-10-20 " + SALE + " 50.00", "2026-11-01 " + SALE + " 20.00", "2026-11-01 " + FEE + " -3.00")
_COLUMNS = (
    "settlement-id settlement-start-date settlement-end-date deposit-date total-amount currency transaction-type "
    "order-id merchant-order-id adjustment-id shipment-id marketplace-name amount-type amount-description amount "
    "fulfillment-id posted-date posted-date-time order-item-code merchant-order-item-id merchant-adjustment-item-id "
    "sku quantity-purchased promotion-id"
).split()


def settlement_file(number: str, rows: Sequence[str], *, start: str, end: str) -> bytes:
    """A V2 file that foots, out of rows such as `2026-10-05 Order|ItemPrice|Principal 25.00`."""
    cells = [_row(number, row) for row in rows]
    total = sum((Decimal(c["amount"]) for c in cells), Decimal(0))
    head = {
        "settlement-id": number,
        "settlement-start-date": f"{start} 00:00:00 UTC",
        "settlement-end-date": f"{end} 00:00:00 UTC",
        "deposit-date": f"{end} 00:00:00 UTC",
        "total-amount": str(total),
        "currency": "USD",
    }
    lines = ["\t".join(_COLUMNS), *("\t".join(c.get(n, "") for n in _COLUMNS) for c in (head, *cells))]
    return ("\n".join(lines) + "\n").encode()


def _row(number: str, row: str) -> dict[str, str]:
    day, rest = row.split(" ", 1)
    kind, amount = rest.rsplit(" ", 1)
    transaction_type, amount_type, description = kind.split("|")
    return {
        "settlement-id": number,
        "transaction-type": transaction_type,
        "order-id": "111-1111111-1111111" if transaction_type in ("Order", "Refund") else "",
        "marketplace-name": "Amazon.com",
        "amount-type": amount_type,
        "amount-description": description,
        "amount": amount,
        "posted-date": day,
        "posted-date-time": f"{day} 12:00:00 UTC",
    }


def settle(
    world: World, number: str, rows: Sequence[str], *, start: str = "2026-10-01", end: str = "2026-10-15"
) -> World:
    """Put a settlement into the mirror as the stream of reports would."""
    data = settlement_file(number, rows, start=start, end=end)
    parsed = read_settlement(data, channel="amazon.US", document_name=f"{number}.txt")
    batch = Batch(RawPage(data, "text/plain; charset=utf-8"), [Document(parsed.settlement, parsed.lines)], {})
    world.store.mirror.commit("amazon.settlements@US", batch, "run")
    return world


def company(path: Path | None = None) -> World:
    """A company in order with every account of the defaults and open periods; with a path, in a file there."""
    if path is None:
        world = ready_world()
    else:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "in_memory", lambda clock: Store.open(path, clock))
            world = ready_world()
    numbers = {a.number: a for scope in load_accounts().scopes.values() for a in scope.values()}
    documents = [Document(Account(f"id-{n}", n, a.name, "Other", False)) for n, a in sorted(numbers.items())]
    return world.put_all(*documents, *(Document(period(m)) for m in (9, 10, 11, 12)))


def october(path: Path | None = None, *, posted: bool = True) -> World:
    """Two settlements, the second reaching into November, each part posted as it should be."""
    world = settle(company(path), "700", FIRST)
    settle(world, "701", SECOND, start="2026-10-15", end="2026-11-03")
    return post(world) if posted else world


def post(world: World) -> World:
    """Post October's journals in the ERP as they are derived now."""
    for number, journal in enumerate(seen(world)["journals"], 1):
        transaction_id = str(8000 + number)
        lines = [
            transaction_line(
                transaction_id,
                line_id=str(n),
                position=n,
                account_id=line["account"]["account_id"],
                debit=Decimal(line["debit"]) or None,
                credit=Decimal(line["credit"]) or None,
            )
            for n, line in enumerate(journal["lines"], 1)
        ]
        head = journal_entry(journal["external_id"], transaction_id, number=f"JE{transaction_id}", total=usd("0"))
        world.put(head, *lines)
    return world


def book(world: World, line_id: str, amount: str, day: str) -> World:
    """Put a booking of Amazon's on the bank statement."""
    booked = date.fromisoformat(day)
    return world.put(
        BankLine(
            "Main", line_id, booked, booked, usd(amount), "USD", "AMAZON", f"AMAZON {line_id}", None, "0" * 64, "x", 1
        )
    )


def seen(world: World) -> Content:
    with evidence_at(world.store) as evidence:
        return see_month(evidence, OCTOBER)


def closed(world: World, anyway: str = "", as_of: datetime | None = None) -> Close:
    """Close October, which must be possible, and let an hour pass."""
    done = close_month(world.store, OCTOBER, by="ann", anyway=anyway, as_of=as_of)
    assert not isinstance(done, Refused), done.obstacles
    world.clock.advance(3600)
    return done


def content(close: Close) -> Content:
    return content_of(close.content)


__all__ = [
    "FEE", "FIRST", "NOW", "OCTOBER", "SALE", "SECOND", "book", "closed", "company", "content", "october",
    "post", "seen", "settle", "settlement_file",
]  # fmt: skip
