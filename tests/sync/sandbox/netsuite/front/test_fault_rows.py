"""Rows of NetSuite's trouble list about limits, logins and writes: what comes over the wire when they strike."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest

from sync.sandbox.netsuite.front.fault_names import FAULTS, NETSUITE_FAULTS, PLACES, RULES, WORDS
from tests.sync.sandbox.netsuite.conftest import Served

from .struck import BROKEN, CUSTOMERS, ORDERS, RECORDS, order, refusal, signed, strike

# ---------------------------------------------------------------------- the table itself


def test_every_row_is_a_fault_or_a_rule() -> None:
    assert {f"N{number:02}" for number in range(1, 41)} == {*WORDS, *RULES}


def test_every_word_has_a_sentence_and_a_place() -> None:
    assert set(PLACES) == set(NETSUITE_FAULTS) <= set(FAULTS)
    assert set(WORDS.values()) <= set(NETSUITE_FAULTS)


def test_a_fault_without_an_aim_waits_for_the_call_it_is_about(host: Served) -> None:
    strike(host, "N22")
    assert host.http.get(CUSTOMERS).status_code == 200
    assert host.http.get(f"{RECORDS}/metadata-catalog/customer").json().get("properties") is None


# ---------------------------------------------------------------------- limits and logins


@pytest.mark.proves("N01")
def test_a_limit_that_falls_stays_down(host: Served) -> None:
    strike(host, "limit_falls", to="1")
    assert host.http.get(CUSTOMERS).status_code == 200
    host.company.settings.service_time_s = 0.1
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: host.http.get(CUSTOMERS).status_code, range(4)))
    assert 429 in statuses
    host.company.settings.service_time_s = 0.0
    limits = host.http.get("/services/rest/system/v1/governanceLimits").json()
    assert limits["accountConcurrencyLimit"] == 1


@pytest.mark.proves("N03")
def test_a_burst_may_be_told_401(host: Served) -> None:
    settings = host.company.settings
    settings.service_time_s, settings.overflow_as_401 = 0.1, True
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: host.http.get(CUSTOMERS).status_code, range(12)))
    assert set(statuses) == {200, 401}
    settings.service_time_s = 0.0
    assert host.http.get(CUSTOMERS).status_code == 200  # the token was never bad


@pytest.mark.proves("N03")
def test_the_401_of_a_burst_comes_late(host: Served) -> None:
    strike(host, "N03", seconds="0.05")
    began = time.monotonic()
    assert refusal(host.http.get(CUSTOMERS)) == (401, "INVALID_LOGIN")
    assert time.monotonic() - began >= 0.05


@pytest.mark.proves("N04")
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("N04", (400, "USER_ERROR")),
        ("permission_violation", (403, "INSUFFICIENT_PERMISSION")),
        ("no_permission_401", (401, "INVALID_LOGIN")),
    ],
)
def test_a_missing_permission_has_three_forms(host: Served, name: str, expected: tuple[int, str]) -> None:
    strike(host, name)
    assert refusal(host.http.get(CUSTOMERS)) == expected


@pytest.mark.proves("N05")
def test_a_lock_out_shuts_every_way_in_for_half_an_hour(host: Served) -> None:
    strike(host, "N05")
    assert host.http.get(CUSTOMERS).status_code == 401
    assert signed(host, CUSTOMERS).status_code == 401
    assert host.ask_token(host.assertion()).json() == {"error": "invalid_grant"}
    host.company.clock.advance(1799)
    assert (host.http.get(CUSTOMERS).status_code, signed(host, CUSTOMERS).status_code) == (401, 401)
    host.company.clock.advance(1)
    assert signed(host, CUSTOMERS).status_code == 200
    assert host.ask_token(host.assertion()).status_code == 200


@pytest.mark.proves("N06")
def test_a_clock_that_is_ahead_refuses_and_shows_it_in_its_date(host: Served) -> None:
    strike(host, "N06")
    answer = signed(host, CUSTOMERS)
    ahead = parsedate_to_datetime(answer.headers["date"]) - host.company.clock.now()
    assert (answer.status_code, host.app.state.desk.trail[-1]) == (401, "InvalidTimestamp")
    assert answer.headers.get_list("date") == [answer.headers["date"]]
    assert timedelta(seconds=598) < ahead <= timedelta(seconds=600)
    assert signed(host, CUSTOMERS).status_code == 200


@pytest.mark.proves("N06")
def test_an_assertion_from_an_hour_ago_has_expired_to_a_clock_that_is_ahead(host: Served) -> None:
    strike(host, "clock_skew", match="/token", seconds="3600")
    assert host.ask_token(host.assertion()).json() == {"error": "invalid_grant"}
    assert host.ask_token(host.assertion()).status_code == 200


@pytest.mark.proves("N06")
def test_a_nonce_may_count_as_used(host: Served) -> None:
    strike(host, "nonce_used")
    assert (signed(host, CUSTOMERS).status_code, host.app.state.desk.trail[-1]) == (401, "NonceUsed")
    assert signed(host, CUSTOMERS).status_code == 200


@pytest.mark.proves("N07")
def test_a_token_expires_in_the_middle(host: Served) -> None:
    strike(host, "N07")
    assert [host.http.get(CUSTOMERS).status_code for _ in range(2)] == [401, 401]
    host.sign_in()
    assert host.http.get(CUSTOMERS).status_code == 200


@pytest.mark.proves("N07")
def test_a_dropped_mapping_refuses_the_assertion_and_every_token(host: Served) -> None:
    strike(host, "mapping_dropped")
    answer = host.ask_token(host.assertion())
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_grant"})
    assert host.http.get(CUSTOMERS).status_code == 401


@pytest.mark.proves("N08")
def test_a_401_may_come_in_other_words(host: Served) -> None:
    strike(host, "N08")
    body = host.http.get(CUSTOMERS).json()
    assert body["type"] == "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2"
    assert body["title"] != "Unauthorized"
    assert (body["status"], body["o:errorDetails"][0]["o:errorCode"]) == (401, "INVALID_LOGIN_ATTEMPT")


# ---------------------------------------------------------------------- writes


@pytest.mark.proves("N09", "N10")
@pytest.mark.parametrize("name", ["N09", "lost_answer_500"])
def test_a_post_whose_answer_is_lost_has_landed_and_its_repeat_says_so(host: Served, name: str) -> None:
    strike(host, name, match="/salesOrder")
    if name == "lost_answer_500":
        assert refusal(host.http.post(ORDERS, json=order(host, name))) == (500, "UNEXPECTED_ERROR")
    else:
        with pytest.raises(BROKEN):
            host.http.post(ORDERS, json=order(host, name))
    assert host.rows("SELECT externalid FROM transaction WHERE externalid = ?", name) == [{"externalid": name}]
    again = host.http.post(ORDERS, json=order(host, name))
    assert again.json()["o:errorDetails"][0]["detail"].startswith(
        "Error while accessing a resource. This record already exists"
    )


@pytest.mark.proves("N09")
def test_a_transform_whose_answer_is_lost_has_landed(host: Served) -> None:
    source = host.company.books.create("salesOrder", host.company.order())
    strike(host, "lost_transform")
    with pytest.raises(BROKEN):
        host.http.post(f"{ORDERS}/{source}/!transform/invoice", json={"externalId": "LOST-INV"})
    assert host.company.books.find_external("invoice", "LOST-INV") is not None


@pytest.mark.proves("N10", "N24", "N25", "N26", "N36", "N39")
@pytest.mark.parametrize(
    ("name", "words", "path"),
    [
        ("N10", "This entity already exists.", ""),
        ("N24", "Invalid Field Value 9999 for the following field: location", "location"),
        ("N25", "not within the date range of your accounting period", ""),
        ("N26", "The amounts in a journal entry must balance.", ""),
        ("N36", "taxDetails", "taxDetails"),
        ("N39", "Invalid Field Value 9999 for the following field: item", "item.items[0].item"),
    ],
)
def test_a_write_is_refused_and_has_changed_nothing(host: Served, name: str, words: str, path: str) -> None:
    strike(host, name)
    detail = host.http.post(ORDERS, json=order(host, f"REF-{name}")).json()["o:errorDetails"][0]
    assert words in detail["detail"]
    assert detail.get("o:errorPath", "") == path
    assert host.company.books.find_external("salesOrder", f"REF-{name}") is None
    assert host.http.post(ORDERS, json=order(host, f"REF-{name}")).status_code == 204


@pytest.mark.proves("N31")
def test_an_over_receipt_is_refused_on_its_transform(host: Served) -> None:
    source = host.company.books.create("salesOrder", host.company.order())
    strike(host, "N31")
    answer = host.http.post(f"{ORDERS}/{source}/!transform/itemFulfillment", json={})
    assert refusal(answer) == (400, "USER_ERROR")
    assert host.company.books.followers(source) == []


@pytest.mark.proves("N30")
def test_a_deposited_sale_cannot_be_edited(host: Served) -> None:
    sale = host.company.books.find_external("cashSale", "CS-0")
    strike(host, "N30")
    answer = host.http.patch(f"{RECORDS}/cashSale/{sale}", json={"memo": "late"})
    assert "deposited" in answer.json()["o:errorDetails"][0]["detail"]
    assert host.company.books.get("cashSale", int(sale or 0)).text("memo") is None


@pytest.mark.proves("N11")
def test_a_repeated_patch_appends_to_a_sublist_without_a_key(host: Served) -> None:
    created = host.http.post(CUSTOMERS, json={"companyName": "Twice", "subsidiary": host.company.ref("us")})
    path = created.headers["location"].removeprefix(host.url)
    change = {"addressBook": {"items": [{"label": "Home", "addressBookAddress": {"addr1": "1 Road", "city": "Rome"}}]}}
    assert [host.http.patch(path, json=change).status_code for _ in range(2)] == [204, 204]
    assert host.http.get(f"{path}/addressBook").json()["totalResults"] == 2
    assert host.http.patch(path, json=change, params={"replace": "addressBook"}).status_code == 204
    assert host.http.get(f"{path}/addressBook").json()["totalResults"] == 1


@pytest.mark.proves("N32")
def test_a_script_changes_a_field_after_the_save(host: Served) -> None:
    strike(host, "N32")
    assert host.http.post(ORDERS, json=order(host, "SCRIPT") | {"memo": "ours"}).status_code == 204
    rows = host.rows("SELECT memo FROM transaction WHERE externalid = 'SCRIPT'")
    assert rows == [{"memo": "Checked by a script"}]


@pytest.mark.proves("N33")
def test_a_record_has_been_changed_meanwhile(host: Served) -> None:
    strike(host, "N33")
    assert refusal(host.http.patch(f"{RECORDS}/cashSale/1", json={})) == (409, "RCRD_HAS_BEEN_CHANGED")


@pytest.mark.proves("N38")
def test_a_deletion_shows_in_deletedrecord_only(host: Served) -> None:
    number = host.company.books.create("salesOrder", host.company.order(externalId="GONE"))
    strike(host, "N38", record="salesOrder", id=str(number))
    assert host.rows("SELECT id FROM transaction WHERE externalid = 'GONE'") == []
    gone = host.rows("SELECT recordid FROM deletedrecord WHERE recordid = ?", str(number))
    assert gone == [{"recordid": str(number)}]
