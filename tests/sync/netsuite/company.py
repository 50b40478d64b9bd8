"""A small company in the stand-in for NetSuite, served over real HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from pydantic import SecretStr

from sync.clock import ManualClock
from sync.netsuite import MachineLogin, NetSuiteAccount, TokenLogin
from sync.sandbox.faults import Fault, Faults
from sync.sandbox.loopback import address_of, listen, run
from sync.sandbox.netsuite.app import netsuite_app
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.login.auth import make_credentials
from sync.sandbox.netsuite.settings import AccountSettings

LONG_AGO = datetime(2026, 1, 5, 9, tzinfo=UTC)


@dataclass
class Company:
    """The running stand-in: its books, faults, address and what logs in to it."""

    books: NetSuiteBooks
    settings: AccountSettings
    faults: Faults
    clock: ManualClock
    credentials: dict[str, object]
    url: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def account(self) -> NetSuiteAccount:
        return NetSuiteAccount(str(self.credentials["account_id"]), base_url=f"{self.url}/services/rest")

    def machine_login(self, scope: tuple[str, ...] = ("rest_webservices",)) -> MachineLogin:
        return MachineLogin(
            self.account,
            client_id=str(self.credentials["client_id"]),
            certificate_id=str(self.credentials["certificate_id"]),
            private_key=SecretStr(str(self.credentials["private_key"])),
            clock=self.clock,
            algorithm="ES256",
            scope=scope,
        )

    def token_login(self, *, token_secret: str | None = None) -> TokenLogin:
        tba = self.credentials["tba"]
        assert isinstance(tba, dict)
        return TokenLogin(
            self.account,
            consumer_key=tba["consumer_key"],
            consumer_secret=SecretStr(tba["consumer_secret"]),
            token_id=tba["token_id"],
            token_secret=SecretStr(token_secret or tba["token_secret"]),
            clock=self.clock,
        )

    def fault(self, name: str, *, count: int = 1, match: str = "", method: str = "", **options: str) -> None:
        self.faults.add(Fault("netsuite", name, count, match=match, method=method, options=options))

    def order(self, number: int, quantity: int = 2, price: str = "29.99", at: datetime | None = None) -> int:
        line = {
            "item": {"id": self.ids["SKU-A"]},
            "quantity": quantity,
            "rate": Decimal(price),
            "amount": Decimal(price) * quantity,
            "price": {"id": "-1"},
        }
        body = {
            "externalId": f"OLD-{number}",
            "otherRefNum": f"111-{number}",
            "entity": {"id": self.ids["customer"]},
            "subsidiary": {"id": self.ids["subsidiary"]},
            "location": {"id": self.ids["location"]},
            "tranDate": "2026-11-05",
            "item": {"items": [line]},
        }
        return self.books.create("salesOrder", body, at=at or datetime(2026, 11, 5, 12, tzinfo=UTC))


@contextmanager
def running_company(clock: ManualClock, **switches: object) -> Iterator[Company]:
    """Serve a company with one subsidiary, one item, some accounts and open periods."""
    settings = AccountSettings(service_time_s=0.0, **switches)
    books = NetSuiteBooks(clock, settings, seed=7)
    credentials = make_credentials(settings, seed=7)
    company = Company(books, settings, Faults(7), clock, credentials)
    _set_up(company)
    app = netsuite_app(books, clock, settings, credentials, company.faults)
    sockets = listen(["netsuite"])
    company.url = address_of(sockets["netsuite"])
    stop = run({"netsuite": (app, sockets["netsuite"])})
    try:
        yield company
    finally:
        stop()


def _set_up(company: Company) -> None:
    def create(known_as: str, record: str, /, **body: object) -> None:
        company.ids[known_as] = str(company.books.create(record, body, at=LONG_AGO))

    create("USD", "currency", name="US Dollar", symbol="USD", exchangeRate=Decimal(1), isBaseCurrency=True)
    create("EUR", "currency", name="Euro", symbol="EUR", exchangeRate=Decimal("1.09"), isBaseCurrency=False)
    usd = {"id": company.ids["USD"]}
    of_subsidiary: dict[str, object] = {}
    if company.settings.one_world:
        create("subsidiary", "subsidiary", name="Acme", legalName="Acme", currency=usd, country={"id": "US"})
        of_subsidiary = {"subsidiary": {"id": company.ids["subsidiary"]}}
    create("location", "location", name="Main", **of_subsidiary)
    for number, name, kind in (
        ("1150", "Amazon clearing", "OthCurrAsset"),
        ("4000", "Sales", "Income"),
        ("6110", "Referral fees", "Expense"),
    ):
        create(number, "account", acctNumber=number, acctName=name, acctType={"id": kind})
    for month, closed in ((10, True), (11, False), (12, False)):
        last = {10: 31, 11: 30, 12: 31}[month]
        marks = dict.fromkeys(("allLocked", "arLocked", "apLocked"), closed)
        create(
            f"period-{month}",
            "accountingPeriod",
            periodName=f"2026-{month}",
            startDate=f"2026-{month}-01",
            endDate=f"2026-{month}-{last}",
            closed=closed,
            isPosting=True,
            isQuarter=False,
            isYear=False,
            isAdjust=False,
            **marks,
        )
    create("SKU-A", "inventoryItem", itemId="SKU-A", displayName="Widget", upcCode="012345678905")
    create(
        "customer",
        "customer",
        entityId="Marketplace",
        companyName="Marketplace",
        isPerson=False,
        externalId="MKT-1",
        currency=usd,
        **of_subsidiary,
    )
