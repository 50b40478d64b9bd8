"""Acme Goods' company file: currencies, subsidiaries, locations, chart of accounts, periods, items, customers."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sync.sandbox.world.broken_open import UNKNOWN_CARRIER
from sync.sandbox.world.catalog import NO_ITEM_NUMBERS
from sync.sandbox.world.life import CARRIERS
from sync.sandbox.world.model import World

if TYPE_CHECKING:
    from sync.sandbox.netsuite.books.company import NetSuiteBooks

__all__ = ["Company", "set_up"]

#: number, name, type
_CHART = """
1000|Operating account USD|Bank
1005|Operating account EUR|Bank
1100|Accounts receivable|AcctRec
1150|Amazon clearing|OthCurrAsset
1155|Amazon reserve|OthCurrAsset
1160|Walmart clearing|OthCurrAsset
1165|Walmart reserve|OthCurrAsset
1190|Undeposited funds|OthCurrAsset
1200|Inventory asset|OthCurrAsset
2000|Accounts payable|AcctPay
2200|Sales tax payable|OthCurrLiab
2250|Income tax withheld|OthCurrLiab
2400|Marketplace loan|OthCurrLiab
2450|Due to Amazon|OthCurrLiab
3000|Opening balance equity|Equity
3200|Retained earnings|Equity
4000|Sales|Income
4010|Shipping income|Income
4020|Gift wrap income|Income
4030|Restocking income|Income
4040|Liquidation income|Income
4100|Sales refunds|Income
4200|Promotions and discounts|Income
4210|Marketplace funded savings|Income
4300|Inventory reimbursements|Income
4310|Other marketplace reimbursements|Income
5000|Cost of goods sold|COGS
5100|Inventory adjustments|COGS
6110|Referral fees|Expense
6111|Refund administration fees|Expense
6112|Digital services fees|Expense
6120|FBA fulfilment fees|Expense
6125|WFS fulfilment fees|Expense
6130|Inbound transport and placement|Expense
6135|Removal and disposal fees|Expense
6140|Storage fees|Expense
6150|Shipping labels|Expense
6155|Return shipping and processing|Expense
6200|Advertising|Expense
6210|Deals, coupons and reviews|Expense
6300|Selling plan subscription|Expense
6900|Other marketplace fees|Expense
7000|Rent|Expense
7100|Wages|Expense
8000|Exchange gain or loss|OthExpense
9990|Suspense|OthCurrAsset
1170|Deferred marketplace proceeds|OthCurrAsset
"""
_LOCATIONS = (
    ("Main", "US"),
    ("East", "US"),
    ("Amazon FBA US", "US"),
    ("Amazon FBA DE", "DE"),
    ("Walmart WFS", "US"),
)
#: channel -> name of the customer that marketplace sales are booked to
_MARKETPLACE_CUSTOMERS = {
    "amazon.US": ("Amazon.com Marketplace", "MKT-AMAZON-US"),
    "amazon.DE": ("Amazon.de Marketplace", "MKT-AMAZON-DE"),
    "walmart.US": ("Walmart Marketplace", "MKT-WALMART-US"),
}


@dataclass(slots=True)
class Company:
    """Internal ids of what the documents refer to."""

    currencies: dict[str, int] = field(default_factory=dict)
    #: By country: US, DE.
    subsidiaries: dict[str, int] = field(default_factory=dict)
    locations: dict[str, int] = field(default_factory=dict)
    #: By account number.
    accounts: dict[str, int] = field(default_factory=dict)
    #: By product number; products without an item are absent.
    items: dict[str, int] = field(default_factory=dict)
    #: By channel.
    marketplaces: dict[str, int] = field(default_factory=dict)
    #: Ways of shipping, by the carrier's name of the service.
    ship_methods: dict[str, int] = field(default_factory=dict)

    def subsidiary(self, channel: str) -> int:
        """Return the subsidiary that sells on a channel."""
        return self.subsidiaries["DE" if channel == "amazon.DE" else "US"]

    def location(self, channel: str, fulfilled_by: str, order_id: str) -> int:
        """Return where an order ships from: the channel's warehouse, or one of the two own ones in the US.

        The German company has no location but Amazon's.
        """
        if fulfilled_by == "channel" or channel == "amazon.DE":
            name = {"amazon.US": "Amazon FBA US", "amazon.DE": "Amazon FBA DE", "walmart.US": "Walmart WFS"}[channel]
            return self.locations[name]
        return self.locations["East" if order_id[-1] in "13" else "Main"]


def set_up(world: World, books: NetSuiteBooks) -> Company:
    """Enter the company's lists, more than a year before the world's `now`, and return their internal ids."""
    at = datetime(world.now.year - 2, 3, 1, 9, tzinfo=UTC)
    company = Company()
    _money(books, company, at)
    _periods(books, world.now, at)
    _items(world, books, company, at)
    for channel, (name, external_id) in _MARKETPLACE_CUSTOMERS.items():
        body: dict[str, object] = {
            "entityId": name,
            "companyName": name,
            "isPerson": False,
            "externalId": external_id,
            "subsidiary": {"id": str(company.subsidiary(channel))},
            "currency": {"id": str(company.currencies["EUR" if channel == "amazon.DE" else "USD"])},
        }
        company.marketplaces[channel] = books.create("customer", body, at=at)
    return company


def _money(books: NetSuiteBooks, company: Company, at: datetime) -> None:
    for symbol, name, rate in (("USD", "US Dollar", "1"), ("EUR", "Euro", "1.09")):
        body = {"name": name, "symbol": symbol, "exchangeRate": Decimal(rate), "isBaseCurrency": symbol == "USD"}
        company.currencies[symbol] = books.create("currency", body, at=at)
    for country, name, symbol in (("US", "Acme Goods Inc.", "USD"), ("DE", "Acme Goods GmbH", "EUR")):
        subsidiary: dict[str, object] = {
            "name": name,
            "legalName": name,
            "currency": {"id": str(company.currencies[symbol])},
            "country": {"id": country},
        }
        if country == "DE":
            subsidiary["parent"] = {"id": str(company.subsidiaries["US"])}
        company.subsidiaries[country] = books.create("subsidiary", subsidiary, at=at)
    for name, country in _LOCATIONS:
        location = {"name": name, "subsidiary": {"id": str(company.subsidiaries[country])}}
        company.locations[name] = books.create("location", location, at=at)
    for row in _CHART.strip().splitlines():
        number, name, kind = row.split("|")
        account = {"acctNumber": number, "acctName": name, "acctType": {"id": kind}}
        company.accounts[number] = books.create("account", account, at=at)


def _periods(books: NetSuiteBooks, now: datetime, at: datetime) -> None:
    """Enter years, quarters and months from last January to this December; months before the last one are closed."""
    first_open = (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)
    for year in (now.year - 1, now.year, now.year + 1):
        if year == now.year + 1 and now.month < 11:
            continue
        year_id = _period(books, f"FY {year}", date(year, 1, 1), date(year, 12, 31), first_open, at, isYear=True)
        for quarter in range(4):
            start = date(year, quarter * 3 + 1, 1)
            name = f"Q{quarter + 1} {year}"
            quarter_id = _period(
                books, name, start, _month_end(year, quarter * 3 + 3), first_open, at, isQuarter=True, parent=year_id
            )
            for month in range(start.month, start.month + 3):
                begin = date(year, month, 1)
                title = f"{begin:%b} {year}"
                _period(books, title, begin, _month_end(year, month), first_open, at, isPosting=True, parent=quarter_id)


def _period(
    books: NetSuiteBooks,
    name: str,
    start: date,
    end: date,
    first_open: date,
    at: datetime,
    *,
    parent: int | None = None,
    **marks: bool,
) -> int:
    closed = end < first_open
    body: dict[str, object] = {
        "periodName": name,
        "startDate": start.isoformat(),
        "endDate": end.isoformat(),
        "closed": closed,
        "allLocked": closed,
        "arLocked": closed,
        "apLocked": closed,
        "isQuarter": False,
        "isYear": False,
        "isAdjust": False,
        **marks,
    }
    if parent is not None:
        body["parent"] = {"id": str(parent)}
    return books.create("accountingPeriod", body, at=at)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _items(world: World, books: NetSuiteBooks, company: Company, at: datetime) -> None:
    for product in world.products:
        if product.number in NO_ITEM_NUMBERS or product.is_bundle:
            continue
        body: dict[str, object] = {
            "itemId": product.number,
            "displayName": product.title,
            "upcCode": product.upc,
            "basePrice": product.price_usd,
            "cost": (product.price_usd * Decimal("0.38")).quantize(Decimal("0.01")),
            "weight": product.weight_lb,
        }
        company.items[product.number] = books.create("inventoryItem", body, at=at)
    for name, title, price in (("GIFT-WRAP", "Gift wrap", "3.99"), ("MISC", "Sale without an item", "0.00")):
        extra: dict[str, object] = {"itemId": name, "displayName": title, "basePrice": Decimal(price)}
        company.items[name] = books.create("inventoryItem", extra, at=at)
    goodwill: dict[str, object] = {"itemId": "GOODWILL", "displayName": "Goodwill"}
    company.items["GOODWILL"] = books.create("otherChargeSaleItem", goodwill, at=at)
    # Nobody packs gift wrap into a parcel of its own: it is billed, not shipped.
    books.update("inventoryItem", company.items["GIFT-WRAP"], {"isFulfillable": False}, at=at)
    services = [service for carriers in CARRIERS.values() for _, service, _ in carriers]
    for service in [*services, UNKNOWN_CARRIER[1]]:
        company.ship_methods[service] = books.create("shipItem", {"itemId": service, "displayName": service}, at=at)
    for product in world.products:
        if product.is_bundle:
            members = [{"item": {"id": str(company.items[n])}, "quantity": 1} for n in ("ACM-KET-17-BLK", "ACM-FRP-03")]
            kit: dict[str, object] = {
                "itemId": product.number,
                "displayName": product.title,
                "upcCode": product.upc,
                "basePrice": product.price_usd,
                "member": {"items": members},
            }
            company.items[product.number] = books.create("kitItem", kit, at=at)
