"""What an account is like, found out by asking it."""

from __future__ import annotations

import random

import httpx
import pytest

from sync.clock import ManualClock
from sync.netsuite import connect, survey
from sync.transport import MemoryCallLog

from .company import running_company
from .conftest import Tables, envelope


@pytest.mark.proves("N22")
async def test_a_catalog_that_stays_silent_is_asked_three_times_and_our_own_list_is_used(netsuite, clock):
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "metadata-catalog" in request.url.path:
            asked.append(request.url.path.rpartition("/")[2])
            return httpx.Response(200, json={"type": "object", "title": "x"})
        if request.url.path.endswith("/suiteql"):
            return Tables(subsidiary=[], currency=[], customer=[])(request)
        return envelope(403, "INSUFFICIENT_PERMISSION", "Permission Violation")

    found = await survey(netsuite(answer), clock)
    assert asked.count("salesOrder") == 3
    orders = found.records["salesOrder"]
    assert (orders.source, orders.missing) == ("bundled", ())
    assert "otherRefNum" in orders.fields
    assert (found.suite_tax, found.takes_batches, found.concurrency_limit) == (None, False, None)
    assert any("our own list is used" in note for note in found.notes)
    assert any("concurrency limit" in note for note in found.notes)
    assert any("transactionshippingaddress cannot be queried" in note for note in found.notes)


async def survey_of(clock: ManualClock, **switches: object):
    with running_company(clock, **switches) as company:
        client = connect(company.account, company.machine_login(), calls=MemoryCallLog(), clock=clock,
                         rng=random.Random(5))  # fmt: skip
        company.fault("no_properties", count=2)
        before = len(company.books.records("customer"))
        try:
            found = await survey(client, clock)
            assert len(company.books.records("customer")) == before, "a survey writes nothing"
            return found
        finally:
            await client.transport.aclose()


@pytest.mark.proves("N22", "N15")
async def test_a_modern_account_is_found_out_over_real_http(clock):
    found = await survey_of(clock, date_format="DD.MM.YYYY")
    assert (found.one_world, found.suite_tax, found.multi_currency, found.takes_batches) == (True, True, True, True)
    assert (found.date_format, found.concurrency_limit) == ("DD.MM.YYYY", 5)
    assert {r.source for r in found.records.values()} == {"account"}
    assert {name: r.missing for name, r in found.records.items() if r.missing} == {}
    assert "custbody_settlement_id" in found.custom_fields
    assert found.server_time is not None


@pytest.mark.proves("N23", "N36")
async def test_an_older_account_without_features_is_found_out_over_real_http(clock):
    hidden = ("transaction.shipdate", "transaction.shipmethod", "transactionshippingaddress.addrphone")
    found = await survey_of(clock, one_world=False, suite_tax=False, release="2025.2", hidden_columns=hidden)
    assert "this account does not show shipdate, shipmethod of transaction" in found.notes
    assert "this account does not show addrphone of transactionshippingaddress" in found.notes
    assert (found.one_world, found.suite_tax, found.takes_batches) == (False, False, False)
    assert "subsidiary" in found.records["salesOrder"].missing
