"""One small company, and its REST host on real loopback HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import jwt
import pytest
from starlette.applications import Starlette

from sync.clock import ManualClock
from sync.sandbox import loopback
from sync.sandbox.faults import Faults
from sync.sandbox.netsuite.app import netsuite_app
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.netsuite.login.auth import make_credentials
from sync.sandbox.netsuite.settings import AccountSettings

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"


@dataclass
class Company:
    """The books of a small company, with the internal ids that tests refer to."""

    books: NetSuiteBooks
    clock: ManualClock
    settings: AccountSettings
    ids: dict[str, int] = field(default_factory=dict)

    def ref(self, name: str) -> dict[str, str]:
        """Return a reference to a record by its name here."""
        return {"id": str(self.ids[name])}

    def order(self, **changes: object) -> dict[str, Any]:
        """Return the body of a sales order of two lines: 2 × 10.00 and 5.55."""
        lines = [
            {"item": self.ref("widget"), "quantity": 2, "rate": Decimal("10.00")},
            {"item": self.ref("gadget"), "quantity": 1, "amount": Decimal("5.55")},
        ]
        body: dict[str, Any] = {
            "entity": self.ref("buyer"),
            "tranDate": "2026-11-18",
            "location": self.ref("main"),
            "item": {"items": lines},
        }
        return body | changes

    def journal(self, *lines: tuple[str, str, str], **changes: object) -> dict[str, Any]:
        """Return the body of a journal; a line is (account name, debit or credit, amount)."""
        items = [{"account": self.ref(account), side: Decimal(amount)} for account, side, amount in lines]
        body: dict[str, Any] = {
            "tranDate": "2026-11-18",
            "subsidiary": self.ref("us"),
            "line": {"items": items},
        }
        return body | changes


def _periods(books: NetSuiteBooks, first: int) -> None:
    for month in range(1, 13):
        end = (date(2026, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        body: dict[str, object] = {
            "periodName": f"{date(2026, month, 1):%b %Y}",
            "startDate": date(2026, month, 1).isoformat(),
            "endDate": end.isoformat(),
            "closed": month < first,
        }
        books.create("accountingPeriod", body)
    quarter = {"periodName": "Q4 2026", "startDate": "2026-10-01", "endDate": "2026-12-31", "isQuarter": True}
    books.create("accountingPeriod", quarter)


def found(settings: AccountSettings) -> Company:
    """Return a company with two currencies, two subsidiaries, a chart, items, a kit and one customer."""
    clock = ManualClock(NOW)
    books = NetSuiteBooks(clock, settings, seed=7)
    company = Company(books, clock, settings)
    ids = company.ids
    ids["usd"] = books.create(
        "currency", {"name": "US Dollar", "symbol": "USD", "exchangeRate": 1, "isBaseCurrency": True}
    )
    ids["eur"] = books.create("currency", {"name": "Euro", "symbol": "EUR", "exchangeRate": Decimal("1.1")})
    subsidiary: dict[str, object] = {}
    if settings.one_world:
        ids["us"] = books.create("subsidiary", {"name": "Acme Inc.", "currency": company.ref("usd")})
        subsidiary = {"subsidiary": company.ref("us")}
    accounts = [
        ("bank", "1000", "Bank", "Bank"),
        ("receivable", "1100", "Accounts Receivable", "AcctRec"),
        ("clearing", "1150", "Amazon clearing", "OthCurrAsset"),
        ("sales", "4000", "Sales", "Income"),
        ("fees", "6110", "Referral fees", "Expense"),
    ]
    for name, number, title, kind in accounts:
        body = {"acctNumber": number, "acctName": title, "acctType": {"id": kind}}
        ids[name] = books.create("account", body)
    ids["main"] = books.create("location", {"name": "Main"} | subsidiary)
    ids["widget"] = books.create(
        "inventoryItem", {"itemId": "WIDGET", "displayName": "Widget", "averageCost": Decimal("4.00")}
    )
    ids["gadget"] = books.create("inventoryItem", {"itemId": "GADGET", "basePrice": Decimal("7.25")})
    members = [{"item": company.ref("widget"), "quantity": 2}, {"item": company.ref("gadget"), "quantity": 1}]
    ids["kit"] = books.create("kitItem", {"itemId": "KIT", "member": {"items": members}})
    ids["buyer"] = books.create("customer", {"companyName": "Amazon US", "email": "ops@example.com"} | subsidiary)
    _periods(books, first=10)
    return company


@pytest.fixture
def company() -> Company:
    """The company in a OneWorld account with SuiteTax."""
    return found(AccountSettings(service_time_s=0.0))


@dataclass
class Served:
    """The company's REST host, running; `http` is a client with a good token."""

    company: Company
    url: str
    http: httpx.Client
    app: Starlette
    faults: Faults
    credentials: dict[str, Any]

    def query(self, text: str, *params: str, **page: int) -> httpx.Response:
        """Send a SuiteQL query."""
        return self.http.post(
            "/services/rest/query/v1/suiteql",
            params={name: str(value) for name, value in page.items()},
            json={"q": text, "params": list(params)},
            headers={"Prefer": "transient"},
        )

    def rows(self, text: str, *params: str) -> list[dict[str, str]]:
        """Return the rows of a query, without their empty links."""
        answer = self.query(text, *params)
        assert answer.status_code == 200, answer.text
        return [{k: v for k, v in item.items() if k != "links"} for item in answer.json()["items"]]

    def assertion(self, **changes: Any) -> str:
        """Return a client assertion as a good client signs it; a change of None leaves a claim out."""
        now = int(self.company.clock.now().timestamp())
        claims = {
            "iss": self.credentials["client_id"],
            "scope": ["rest_webservices"],
            "aud": self.credentials["token_audience"],
            "iat": now,
            "exp": now + 3540,
        }
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(
            claims,
            self.credentials["private_key"],
            algorithm="ES256",
            headers={"kid": self.credentials["certificate_id"]},
        )

    def sign_in(self) -> None:
        """Give the client a good token, for records and RESTlets."""
        answer = self.ask_token(self.assertion(scope=["rest_webservices", "restlets"]))
        self.http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def ask_token(self, assertion: str) -> httpx.Response:
        """Send an assertion to the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return httpx.post(self.url + TOKEN_PATH, data=form)


@pytest.fixture
def served(company: Company) -> Iterator[Served]:
    """The company's REST host on a free loopback port."""
    with serving(company) as running:
        yield running


@contextmanager
def serving(company: Company) -> Iterator[Served]:
    """Serve a company on a free loopback port."""
    credentials = make_credentials(company.settings, seed=7)
    faults = Faults(7)
    app = netsuite_app(company.books, company.clock, company.settings, credentials, faults)
    sockets = loopback.listen(["netsuite"])
    stop = loopback.run({"netsuite": (app, sockets["netsuite"])})
    url = loopback.address_of(sockets["netsuite"])
    with httpx.Client(base_url=url, timeout=20) as http:
        running = Served(company, url, http, app, faults, credentials)
        running.sign_in()
        yield running
    stop()


@pytest.fixture(scope="module")
def shared_host() -> Iterator[Served]:
    """One company for all tests of a module, with four cash sales."""
    with serving(found(AccountSettings(service_time_s=0.0, job_wait_s=1, job_item_s=1))) as running:
        for number in range(4):
            running.company.books.create("cashSale", running.company.order(externalId=f"CS-{number}"))
        yield running


@pytest.fixture
def host(shared_host: Served) -> Iterator[Served]:
    """The company as it was: signed in, its settings restored, no fault left."""
    before = dataclasses.asdict(shared_host.company.settings)
    shared_host.sign_in()
    yield shared_host
    for name, value in before.items():
        setattr(shared_host.company.settings, name, value)
    assert shared_host.faults.clear() == 0
    assert shared_host.company.books.locked == set()
