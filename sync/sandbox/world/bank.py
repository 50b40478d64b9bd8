"""The company's bank accounts: what the channels paid, what they took, and rent and wages between, as banks export it.

A transfer is booked on the banking day after it was made. A few of them are wrong in the ways that bookkeepers know, as
`data/demo_scenario.toml` counts them: not there at all, less a fee of the bank, two of them in one booking.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sync.sandbox.world.model import Payout, Settlement, World
from sync.sandbox.world.scenario import Scenario

__all__ = ["ACCOUNTS", "Account", "Bank"]

_SATURDAY = 5
_OPENING = {"USD": Decimal("48211.37"), "EUR": Decimal("19504.02")}
#: Monthly bookings that are nobody's payout: day of the month, text, lowest and highest amount.
_MONTHLY = {
    "USD": (
        (1, "RIDGELINE PROPERTIES LLC RENT", 4_200, 4_200),
        (15, "GUSTO DES:PAYROLL", 8_900, 9_800),
        (20, "CHECK 20{month:02d} CARTON & TAPE SUPPLY", 300, 900),
    ),
    "EUR": (
        (2, "Miete Lager Hoppegarten, Dauerauftrag", 1_850, 1_850),
        (25, "Verpackung Nord GmbH, Ueberweisung", 150, 600),
    ),
}
#: Transfers of so many days ago may be wrong: the bank has had its time, and they are still looked for.
_OLDEST, _YOUNGEST = timedelta(days=50), timedelta(days=12)
#: So far apart may two transfers be that one booking brings.
_NEAR = timedelta(days=8)
_FEE = Decimal("15.00")


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account: the name that the company gives it, and which channels pay into it."""

    name: str
    currency: str
    channels: tuple[str, ...]


ACCOUNTS = (
    Account("chase", "USD", ("amazon.US", "walmart.US")),
    Account("commerzbank", "EUR", ("amazon.DE",)),
)


@dataclass(frozen=True, slots=True)
class _Booking:
    day: date
    text: str
    amount: Decimal


class Bank:
    """The accounts of one world, as they stand at any moment."""

    def __init__(self, world: World, scenario: Scenario) -> None:
        self._world = world
        self._lost: set[str] = set()
        self._short: set[str] = set()
        #: The earlier transfer of two that were booked as one, by the later one.
        self._joined: dict[str, Payout] = {}
        self._break(scenario)

    def statement(self, name: str, now: datetime) -> str:
        """Return an account's bookings up to the day before `now`, as its bank exports them: CSV, newest first.

        Raises:
            KeyError: there is no such account.
        """
        account = next((a for a in ACCOUNTS if a.name == name), None)
        if account is None:
            raise KeyError(name)
        booked = sorted(
            (b for b in self._bookings(account, now) if b.day < now.date()), key=lambda b: (b.day, b.text, b.amount)
        )
        balance, rows = _OPENING[account.currency], []
        for booking in booked:
            balance += booking.amount
            rows.append((booking, balance))
        return (_american if account.currency == "USD" else _german)(rows[::-1])

    def _break(self, scenario: Scenario) -> None:
        now, taken = self._world.now, set[str]()

        def draw(channel: str, count: int) -> Iterator[Payout]:
            for payout in self._paid(channel, now):
                if count and payout.payout_id not in taken and _OLDEST > now - payout.paid_at > _YOUNGEST:
                    taken.add(payout.payout_id)
                    count -= 1
                    yield payout

        for later in draw("amazon.US", scenario.payouts_in_one):
            near = [p for p in self._paid("walmart.US", now) if timedelta() <= later.paid_at - p.paid_at < _NEAR]
            if near:
                taken.add(near[-1].payout_id)
                self._joined[later.payout_id] = near[-1]
                self._note("payouts_in_one", near[-1], later)
        for payout in draw("amazon.US", scenario.payout_not_in_bank):
            self._lost.add(payout.payout_id)
            self._note("payout_not_in_bank", payout)
        for payout in draw("amazon.DE", scenario.payout_short):
            self._short.add(payout.payout_id)
            self._note("payout_short", payout)

    def _note(self, case: str, *payouts: Payout) -> None:
        for payout in payouts:
            self._world.truth.note(case, f"{payout.channel}/{payout.settlement_id}")

    def _paid(self, channel: str, now: datetime) -> list[Payout]:
        return [p for p in self._world.payouts_of(channel, now) if p.state == "paid"]

    def _bookings(self, account: Account, now: datetime) -> Iterator[_Booking]:
        for channel in account.channels:
            yield from self._payouts(channel, now)
            yield from _charges(channel, self._world.closed_periods(channel, now))
        yield from self._monthly(account, now)

    def _payouts(self, channel: str, now: datetime) -> Iterator[_Booking]:
        in_one = {p.payout_id for p in self._joined.values()}
        for payout in self._paid(channel, now):
            if payout.payout_id in self._lost or payout.payout_id in in_one:
                continue
            day, text, amount = banking_day(payout.paid_at.date() + timedelta(days=1)), _text(payout), payout.amount
            if payout.payout_id in self._short:
                text, amount = f"{text} ABZGL. ENTGELT {_FEE}".replace(".00", ",00"), amount - _FEE
            if (other := self._joined.get(payout.payout_id)) is not None:
                text, amount = "PAYONEER INC WIRE IN, COLLECTED AMAZON.COM AND WALMART.COM", amount + other.amount
            yield _Booking(day, text, amount)

    def _monthly(self, account: Account, now: datetime) -> Iterator[_Booking]:
        first = min((s.start for s in self._world.settlements), default=now).date()
        month = first.replace(day=1)
        while month <= now.date():
            for place, (day, text, low, high) in enumerate(_MONTHLY[account.currency]):
                rng = random.Random(f"{self._world.seed}-{account.name}-{month}-{place}")
                booked = banking_day(month.replace(day=day))
                if booked >= first:
                    amount = Decimal(rng.randint(low * 100, high * 100)) / 100
                    yield _Booking(booked, text.format(month=month.month), -amount)
            month = (month + timedelta(days=32)).replace(day=1)


def banking_day(day: date) -> date:
    """Return the day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= _SATURDAY else day


def _text(payout: Payout) -> str:
    if payout.channel.startswith("walmart"):
        return "WALMART INC DES:MKTPLACE PAYMENT"
    if payout.currency == "EUR":
        return f"AMAZON PAYMENTS EUROPE SCA Gutschrift {payout.trace_id} AMAZON.DE"
    return f"AMAZON.COM SERVICES DES:MKTPL PMTS TRACE:{payout.trace_id}"


def _charges(channel: str, settlements: list[Settlement]) -> Iterator[_Booking]:
    """Give what a channel took by debit after a period that ended below zero."""
    for settlement in settlements:
        for line in settlement.lines:
            if line.description == "Successful charge":
                german = settlement.currency == "EUR"
                text = "AMAZON PAYMENTS EUROPE SCA Lastschrift" if german else "AMAZON.COM DES:SELLER BALANCE DEBIT"
                yield _Booking(banking_day(line.posted_at.date() + timedelta(days=1)), text, -line.amount)


def _american(rows: list[tuple[_Booking, Decimal]]) -> str:
    return _csv(
        ",",
        ["Details", "Posting Date", "Description", "Amount", "Type", "Balance"],
        rows,
        lambda b, balance: [
            "CREDIT" if b.amount > 0 else "DEBIT",
            f"{b.day:%m/%d/%Y}",
            b.text,
            f"{b.amount:.2f}",
            "ACH_CREDIT" if b.amount > 0 else "ACH_DEBIT",
            f"{balance:.2f}",
        ],
    )


def _german(rows: list[tuple[_Booking, Decimal]]) -> str:
    return _csv(
        ";",
        ["Buchungstag", "Buchungstext", "Betrag", "Währung", "Saldo"],
        rows,
        lambda b, balance: [f"{b.day:%d.%m.%Y}", b.text, _comma(b.amount), "EUR", _comma(balance)],
    )


def _csv(
    mark: str,
    head: list[str],
    rows: list[tuple[_Booking, Decimal]],
    cells: Callable[[_Booking, Decimal], list[str]],
) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=mark, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(cells(booking, balance) for booking, balance in rows)
    return written.getvalue()


def _comma(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
