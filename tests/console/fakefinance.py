"""What the desk in memory answers about money: bridge, bank, closes, unknown line types, an explained payout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from console.blocks import Detail, Explained, ExplainedPart, Facts, Jump, Passage, Steps, WaterfallStep
from console.desk import Choice, Form, FormField
from console.views.rows import Value

NOW = datetime(2026, 11, 21, 14, 2, 31, tzinfo=UTC)
Record = Mapping[str, Value]


def bridge() -> list[Record]:
    def step(place: int, number: str, start: date, *amounts: str, bank: str | None = None) -> Record:
        names = ("opening", "activity", "payout", "closing", "break")
        return {
            "key": f"amazon.US/USD/{number}",
            "channel": "amazon.US",
            "currency": "USD",
            "settlement": number,
            "period_start": start,
            "period_end": start + timedelta(days=14),
            **dict(zip(names, map(Decimal, amounts), strict=True)),
            "bank": bank,
            "place": place,
        }

    return [
        step(0, "18723999001", date(2026, 10, 22), "150.00", "5210.40", "5060.40", "300.00", "0", bank="chase|0012"),
        step(1, "18837465521", date(2026, 11, 5), "300.00", "6906.98", "6892.48", "300.00", "-14.50"),
        {
            "key": "amazon.US/USD/deferred",
            "channel": "amazon.US",
            "currency": "USD",
            "settlement": "deferred",
            "activity": Decimal("812.33"),
            "bank": "31 events",
            "place": 2,
        },
    ]


def bank() -> list[Record]:
    def row(kind: str, key: str, day: date, amount: str, state: str, against: str | None, why: str | None) -> Record:
        return {
            "key": key,
            "kind": kind,
            "day": day,
            "amount": Decimal(amount),
            "currency": "USD",
            "status": state,
            "against": against,
            "why": why,
            "record": key,
            "text": "AMZN MKTP PAYMENTS",
        }

    payout = "amazon.US/18837465521"
    return [
        row("booking", "chase|0017", date(2026, 11, 23), "6892.48", "suggested", payout, "2 payouts have this amount"),
        row("booking", "chase|0015", date(2026, 11, 20), "-25.00", "open", None, None),
        row("payout", payout, date(2026, 11, 21), "6892.48", "suggested", "chase|0017", "2 payouts have this amount"),
        row("booking", "chase|0012", date(2026, 11, 7), "5060.40", "matched", "amazon.US/18723999001",
            "the booking names it"),
    ]  # fmt: skip


def closes() -> list[Record]:
    return [
        {"key": "2026-11", "month": "2026-11", "status": "open", "settlements": 2, "parts": "0/2"},
        {
            "key": "2026-10",
            "month": "2026-10",
            "status": "closed",
            "settlements": 3,
            "parts": "3/3",
            "version": 1,
            "closed_at": NOW - timedelta(days=12),
            "closed_by": "ann",
        },
    ]


def line_types() -> list[Record]:
    return [
        {
            "key": "amazon|other-transaction|other|FREE_REPLACEMENT",
            "vendor": "amazon",
            "line_type": "other-transaction / other / FREE_REPLACEMENT",
            "amount": "-14.50 USD",
            "lines": 3,
            "settlements": 1,
            "first_seen": NOW - timedelta(days=2),
            "proposed": "Reimbursements → reimbursements",
            "score": Decimal(88),
        }
    ]


def fees() -> list[Record]:
    def row(key: str, kind: str, name: str, fee: str, start: date, end: date | None, state: str, source: str) -> Record:
        channel = key.split("|")[1]
        values = (channel, kind, name, fee, start, end, state, source)
        names = ("channel", "kind", "name", "fee", "starts", "ends", "status", "source")
        return {"key": key, **dict(zip(names, values, strict=True))}

    april, january = date(2026, 4, 17), date(2026, 1, 15)
    row_name = "large standard 1.25-1.5 lb, price 10 to under 50.01"
    return [
        row("shipped|walmart.US|WFS", "table", "WFS", "3.45 - 17.15", date(2024, 1, 1), None, "confirmed", "Walmart"),
        row("shipped|amazon.US|FBA 2026-04-17", "table", "FBA 2026-04-17", "2.43 - 7.23", april, date(2026, 10, 14),
            "older", "US rate card of 2026-01-15 with the fuel surcharge of 2026-04-17"),
        row(f"decided:adopt|amazon.US|{row_name}", "row", row_name, "5.90", date(2026, 10, 15), None, "decided",
            "ann, 2026-11-20"),
        row("decided:package|*|B0C7-RED-M", "size", "B0C7-RED-M", "4 x 4 x 5 in, 12 oz", january, None, "decided",
            "ann, 2026-11-02"),
        row("referral|amazon.US|home_kitchen|2024-01-15", "referral", "home_kitchen", "15 %", january, None, "shipped",
            "Selling on Amazon fee schedule"),
    ]  # fmt: skip


def dimensions() -> list[Record]:
    def row(subject: str, department: str | None, location: str | None) -> Record:
        parts = dict(zip(("channel", "account_key", "fulfilment", "month"), subject.split("|"), strict=True))
        held = {"department": department, "location": location, "by": "ann", "decided_at": NOW - timedelta(days=3)}
        return {"key": subject, **parts, **held}

    return [
        row("amazon.US|*|channel|*", "Marketplaces", "FBA"),
        row("amazon|referral_fees|*|2026-11..", "Online", None),
    ]


def details() -> dict[str, Detail]:
    steps = (
        ("Opening", "300.00", "total"),
        ("Sales", "8833.05", "step"),
        ("Referral fees", "-1926.07", "step"),
        ("Payout", "-6892.48", "step"),
        ("Break", "-14.50", "gap"),
        ("Closing", "300.00", "total"),
    )
    waterfall = Steps("USD", tuple(WaterfallStep(n, Decimal(a), k) for n, a, k in steps))  # type: ignore[arg-type]
    beside = Facts("Payout beside the bank", (("payout", "6,892.48 USD"), ("bank", "not in the bank's statements")))
    suggested = Facts("Suggested", (("payout 2026-11-21", "6,892.48 USD"), ("because", "2 payouts have this amount")))
    ties = Facts("Report, ledger, payout, bank: !=~.", (("report's lines", "6,906.98 USD differs, 14.50 off"),))
    return {
        "bridge/*/waterfall": Detail("amazon.US USD · 18837465521", (waterfall, Passage("Break", "It does not foot."))),
        "bridge/*/bank": Detail("amazon.US USD · 18837465521", (beside,)),
        "bank/*/match": Detail("chase|0017", (suggested, Passage("", "a accepts it, m chooses other payouts."))),
        "close/*/open": Detail("2026-11: open", (Passage("Stands in the way", "2 reasons; F asks for a reason."),)),
        "close/*/drift": Detail("2026-10: closed", (Passage("Drift", "Everything is as it was closed."),)),
        "settlements/*/ties": Detail("amazon.US 18837465521", (ties,)),
        "fees/*/schedule": Detail(
            "amazon.US FBA 2026-04-17",
            (
                Facts("Table", (("state", "older"), ("source", "US rate card of 2026-01-15"))),
                Passage("Standing", "Shipped, and its publisher's days are over. I imports the current one."),
                Passage(
                    "Of one unit", "small standard   0-2 oz               3.32 + 3.5 %, price 10 to under 50.01", True
                ),
            ),
        ),
        "dimensions/*/rule": Detail(
            "amazon.US|*|channel|*", (Facts("They carry", (("department", "Marketplaces"), ("location", "FBA"))),)
        ),
        "line_types/*/proposal": Detail(
            "FREE_REPLACEMENT", (Facts("Proposed", (("because", "most like REVERSAL_REIMBURSEMENT (88 of 100)"),)),)
        ),
    }


def explained() -> dict[str, Explained]:
    """A payout of two categories that do not add to it, with one way down to the bytes of a line."""
    sales = ExplainedPart("Sales", Decimal("8200.00"), 12, "category:sales", "1 line type")
    fees = ExplainedPart("Referral fees", Decimal("-1293.02"), 12, None, "1 line type")
    line = ExplainedPart("113-7702233-1180 B0C7-RED-M", Decimal("8200.00"), None, "line:17", "line 17, byte 2,301",
                         Jump("orders", key="amazon.US/113-7702233-1180"))  # fmt: skip
    here = ExplainedPart("line 17 of settlement.txt", Decimal("8200.00"), None, None, "byte 2,301")
    file = Facts("In the file", (("line", "17"), ("byte", "2,301")))
    raw = Passage("As received", "18837465521\tOrder\tPrincipal\t8200.00", copied=True)
    title = "amazon.US 18837465521: payout"
    return {
        "settlements": Explained("settlement:1", title, "categories", "USD", Decimal("6892.48"), (sales, fees)),
        "category:sales": Explained("c", "18837465521: Sales", "lines", "USD", Decimal("8200.00"), (line,)),
        "line:17": Explained("line:17", "settlement.txt, line 17", "the line", "USD", Decimal("8200.00"), (here,),
                             (file, raw)),
    }  # fmt: skip


def effect() -> Detail:
    table = (
        "month    account                           before      after  difference\n"
        "2026-10* 6110 Referral fees               -100.00       0.00      100.00 USD\n"
        "2026-10* 6200 Advertising                    0.00    -100.00     -100.00 USD"
    )
    said = "1 settlement, 1 journal. 1 journal of them posted already (JE1001): posted ones stay as they are."
    return Detail("Before it is saved: what it restates", (Passage("line type", said), Passage("", table, True)))


def forms() -> dict[str, Form]:
    category = FormField("category", "Category", "advertising", (Choice("advertising", "Advertising"),))
    account = FormField("account_key", "Account", "advertising", (Choice("advertising", "6200 Advertising"),))
    fee_file = (
        FormField(
            "what", "What", "table", (Choice("table", "Fulfilment table"), Choice("dimensions", "Sizes of SKUs"))
        ),
        FormField("file", "File", hint="a CSV in UTF-8; ~ is your folder"),
        FormField("channel", "Channel", "amazon.US", (Choice("amazon.US", "amazon.US"), Choice("*", "all channels"))),
    )
    rule = (
        FormField("scope", "Channel", "amazon.US", (Choice("amazon.US", "amazon.US"),)),
        FormField("month", "Month", "*", hint="2026-11, 2026-11.. from then on, * for all"),
        FormField("department", "Department", "12", (Choice("", "none"), Choice("12", "Marketplaces")), required=False),
    )
    choices = (Choice("", "none: Tieout posts it"), Choice("DEP77", "DEP77 of 2026-11-21", "deposit, Chase: 6,892.48"))
    document = FormField("document", "Document", "", choices, required=False)
    statement = (FormField("file", "File"), FormField("account", "Account", "chase"))
    return {
        "account": Form("Where does it belong?", (category, account)),
        "place": Form("Where does it belong?", (category, account)),
        "import": Form("Import a bank statement", statement),
        "import-fees": Form("Import fees", fee_file),
        "map-dimensions": Form("Which lines carry which?", rule),
        "booked": Form("Which document books it already?", (document,)),
    }
