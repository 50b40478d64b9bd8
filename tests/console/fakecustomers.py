"""What the desk in memory answers about customers: a buyer who waits, two that are one, one of whom more is known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from console.blocks import Detail, Facts, Passage
from console.desk import Choice, Form, FormField
from console.views.rows import Value

BUYER = "AMZ-CUST-10c9e1b28821f5f5b256"


def customers() -> list[Mapping[str, Value]]:
    def row(key: str, state: str, name: str, orders: int, value: str | None, **more: Value) -> Mapping[str, Value]:
        money = {"value": Decimal(value) if value else None, "currency": "USD"}
        return {"key": key, "status": state, "name": name, "orders": orders, **money, **more}

    home = "12 Oak Street, 97201, Portland"
    return [
        row(BUYER, "choose", "Bob Doe", 2, "63.96", email="x1@marketplace.amazon.com", address=home,
            score=Decimal(84), candidate="901, 902", evidence="84 %: address same +11, name nickname +7"),
        row("901", "duplicate", "Robert Doe", 14, "812.40", email="bob@example.com", phone="503-555-0101",
            address=home, score=Decimal(99), candidate="902", evidence="name same +12, phone same +13"),
        row("902", "duplicate", "Robert Doe", 0, None, phone="+1 503 555 0101", address=home,
            score=Decimal(99), candidate="901", evidence="name same +12, phone same +13"),
        row("917", "enrich", "Zoë Müller-Lüdenscheidt", 3, "120.00", address="Hauptstr. 5, 10115, Berlin",
            evidence="amazon.DE knows phone of customer CUST917"),
        row("930", "known", "漢字 太郎", 1, "9.99"),
    ]  # fmt: skip


def details() -> dict[str, Detail]:
    evidence = Facts(
        "1. CUST902 · 902   score 99 %, +27.1 bits",
        (
            ("name", "same +12.3   Robert Doe | Robert Doe"),
            ("email", "not on both sides   bob@example.com | —"),
            ("phone", "same +12.8   15035550101 | 15035550101"),
            ("address", "same +11.0   12 oak st, 97201 | 12 oak st, 97201"),
        ),
    )
    keys = Passage("Keys", "a takes the first, m chooses, i says that none of them is the same.")
    bought = Facts("Over all channels", (("orders", "14"), ("bought less refunds", "812.40 USD")))
    return {
        "customers/*/candidates": Detail("Customer 901: CUST901", (keys, evidence)),
        "customers/*/history": Detail("Customer 901: CUST901", (bought,)),
        "customers/*/record": Detail("Customer 901: CUST901", (Facts("Customer", (("record", "CUST901"),)),)),
    }


def forms() -> dict[str, Form]:
    choices = (Choice("901", "Robert Doe · 901", "CUST901"), Choice("902", "Robert Doe · 902", "CUST902"))
    return {"choose": Form("Which customer is Bob Doe?", (FormField("customer", "Customer", "901", choices),))}
