"""Profile, login, reports on request and notifications: what is asked, and what a wrong answer comes to."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import httpx
import pytest
from pydantic import SecretStr

from sync.clock import ManualClock
from sync.errors import BadInput, ContractBroken, Rejected, Transient
from sync.transport import Rate, Waiting
from sync.walmart import ReportRequests, Subscriptions, WalmartLogin, parse_event, read_profile, read_token_detail
from sync.walmart.limits import RATES, feed_operation, own_rates, rate_policy
from sync.walmart.login.profile import adopt_profile
from sync.walmart.push.feeds import Feeds
from sync.walmart.report_requests import read_table

from .scripted import NOW as SCRIPTED_NOW
from .scripted import answered, client_over, query_of
from .seller import Connected

STATUS = "/v3/reports/reportRequests"


def zipped(*files: tuple[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files:
            archive.writestr(name, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"PK\x03\x04broken", "ZIP cannot be read"),
        (zipped(("a.csv", "A\n1\n"))[:-30], "ZIP cannot be read"),
        (zipped(("a.csv", "A\n"), ("b.csv", "B\n")), "holds 2 files"),
        (b'{"status": "ERROR"}', "answer of the API"),
        (b"A,B\n1,2,3\n", "3 columns"),
        (b'A,B\n"1,2\n', "CSV is broken"),
        (b"\x1f\x8bxx", "gzip"),
    ],
    ids=["empty", "no ZIP", "half a ZIP", "two files", "an error", "columns", "quotes", "gzip"],
)
def test_what_is_no_report_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        read_table(data, file="report")


def test_a_report_is_read_by_its_header_zipped_or_not() -> None:
    text = '\ufeffSKU,New Column\r\n"A, 1", x \r\n\r\nB\r\n'
    expected = [{"SKU": "A, 1", "New Column": "x"}, {"SKU": "B", "New Column": ""}]

    assert read_table(text.encode(), file="r") == read_table(zipped(("r.csv", text)), file="r") == expected


@pytest.mark.proves("W06")
async def test_a_report_is_polled_slowly_and_fetched_without_a_header_of_walmarts(connected: Connected) -> None:
    reports = ReportRequests(connected.client)
    asked = await reports.ask("ITEM")
    begun = connected.clock.now()

    await reports.ready(asked.request_id)
    rows = read_table(await reports.fetch(asked.request_id), file="ITEM")

    assert rows[0]["SKU"]
    polls = connected.asked("getReportStatus")
    assert set(polls) == {200}
    assert len(polls) <= 1 + (connected.clock.now() - begun) / timedelta(minutes=3)


@pytest.mark.proves("W06")
async def test_a_spent_budget_of_polls_costs_time_and_nothing_else(connected: Connected) -> None:
    reports = ReportRequests(connected.client)
    asked = await reports.ask("INVENTORY")
    connected.fault("W06", match="reportRequests/")

    assert (await reports.ready(asked.request_id)).is_ready


async def test_an_address_that_has_expired_is_asked_for_again(connected: Connected) -> None:
    reports = ReportRequests(connected.client)
    asked = await reports.ask("ITEM")
    await reports.ready(asked.request_id)
    connected.fault("expired_url")

    assert read_table(await reports.fetch(asked.request_id), file="ITEM")


async def test_a_request_whose_answer_is_lost_is_found_and_not_made_twice(connected: Connected) -> None:
    reports = ReportRequests(connected.client)
    before = await reports.asked("ITEM")
    connected.fault("lost_answer", match="reportRequests", method="POST")

    found = await reports.ask("ITEM")

    assert {r.request_id for r in await reports.asked("ITEM")} == {r.request_id for r in before} | {found.request_id}


@pytest.mark.parametrize(
    ("state", "error", "why"), [("ERROR", Rejected, "ended as ERROR"), ("INPROGRESS", Transient, "is still INPROGRESS")]
)
async def test_a_report_that_never_comes_is_said(state: str, error: type[Exception], why: str) -> None:
    clock = ManualClock(SCRIPTED_NOW)
    client = client_over(lambda _: answered({"requestId": "R", "requestStatus": state}), clock)

    with pytest.raises(error, match=why):
        await ReportRequests(client).ready("R")


async def test_the_profile_tells_state_and_own_limits(connected: Connected) -> None:
    profile = await read_profile(connected.client)

    assert profile.status == "ACTIVE"
    assert profile.is_active
    assert profile.feed_rates["price"].burst > 0


async def test_lower_limits_of_the_profile_hold_at_once_and_higher_ones_once_the_bucket_was_full() -> None:
    values = [
        {
            "feedType": kind,
            "throttleConfigurations": [
                {
                    "type": "SELLER",
                    "rate": {
                        "count": count,
                        "replenishTimeWindow": {"value": "3600", "unitOfMeasurement": unit},
                    },
                    "fileSize": {"value": 26214400, "unitOfMeasurement": "BYTES"},
                }
            ],
        }
        for kind, count, unit in (("inventory", 6, "SECOND"), ("price", 999, "SECOND"), ("promo", 6, "FORTNIGHT"))
    ]
    body = {"configurations": [{"configurationName": "FEED", "configuration": {"values": values}}]}

    policy, clock = rate_policy(), ManualClock(SCRIPTED_NOW)
    waiting = Waiting(clock)
    await policy.acquire(feed_operation("price"), waiting)

    profile = await adopt_profile(client_over(lambda _: answered(body), clock, policy=policy))

    assert set(profile.feed_rates) == {"inventory", "price"}
    assert policy.rate_of(feed_operation("inventory")) == Rate.window(6, 3600)
    assert policy.rate_of(feed_operation("price")) == RATES[feed_operation("price")]
    clock.advance(3600)
    await policy.acquire(feed_operation("price"), waiting)
    assert policy.rate_of(feed_operation("price")) == Rate.window(999, 3600)
    assert policy.rate_of(feed_operation("PRICE_AND_PROMOTION")) == Rate.window(999, 3600)
    assert policy.rate_of(feed_operation("promo")) == RATES[feed_operation("promo")]


async def test_a_file_goes_out_under_the_published_limits_where_the_profile_cannot_be_read() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return answered({"feedId": f"F{len(asked)}"}) if request.url.path == "/v3/feeds" else answered([1])

    clock = ManualClock(SCRIPTED_NOW)
    feeds = Feeds(client_over(answer, clock), clock)

    assert (await feeds.hand_in("price", {"Price": []}, 1))[0] == "F2"
    assert (await feeds.hand_in("price", {"Price": []}, 1))[0] == "F3"
    assert [p.rpartition("/")[2] for p in asked] == ["partnerprofile", "feeds", "feeds"]


def test_feed_types_that_share_a_bucket_keep_to_the_tighter_limit() -> None:
    told = {"PRICE_AND_PROMOTION": Rate.window(4, 3600), "price": Rate.window(8, 3600)}

    assert own_rates(told) == {feed_operation("price"): Rate.window(4, 3600)}


async def test_the_token_says_what_it_may_do(connected: Connected) -> None:
    detail = await read_token_detail(connected.client)

    assert detail.is_valid
    assert "orders" not in detail.refused(writes=True)
    assert "content" in detail.refused(writes=False)
    with pytest.raises(ContractBroken):
        await read_token_detail(client_over(lambda _: answered({"scopes": 1})))


async def test_subscriptions_come_change_and_go(connected: Connected) -> None:
    hooks = Subscriptions(connected.client)
    kinds = await hooks.event_types()
    kind = next(k for k in kinds if k.event_type == "PO_CREATED")

    (made,) = await hooks.create(kind, "https://seller.example/hook", login=("u", SecretStr("p")))
    assert made.subscription_id is not None
    assert [s.event_type for s in await hooks.all()] == ["PO_CREATED"]
    assert (await hooks.switch(made.subscription_id, is_active=False)).status == "INACTIVE"
    moved = await hooks.move(made.subscription_id, "https://seller.example/other")
    assert moved.event_url == "https://seller.example/other"
    assert await hooks.test(kind, "https://seller.example/hook")
    await hooks.delete(made.subscription_id)
    assert await hooks.all() == []


async def test_both_names_of_the_list_of_subscriptions_are_read() -> None:
    one = {"eventType": "PO_CREATED", "subscriptionId": "1"}
    for body in ({"events": [one]}, {"event": [one]}, {"event": one}):
        found = await Subscriptions(client_over(lambda _, body=body: answered(body))).all()  # type: ignore[misc]
        assert [s.subscription_id for s in found] == ["1"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"source": {"eventTime": "x"}}'])
def test_what_is_no_notification_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match="the notification"):
        parse_event(body)


def test_a_notification_leads_to_what_must_be_pulled_and_a_new_kind_to_nothing() -> None:
    event = parse_event(
        b'{"source": {"eventType": "PO_LINE_AUTOCANCELLED", "eventTime": "2026-11-20T09:00:00.000Z", "eventId": "e"},'
        b' "payload": {"purchaseOrderId": "1"}}'
    )
    other = parse_event(b'{"source": {"eventType": "SOMETHING_NEW"}}')

    assert (event.streams, event.event_id, event.payload["purchaseOrderId"]) == (("walmart.orders",), "e", "1")
    assert event.is_known
    assert (other.streams, other.is_known) == ((), False)


async def test_the_market_is_a_pair_of_headers_on_every_call() -> None:
    clock = ManualClock(SCRIPTED_NOW)
    login = WalmartLogin(
        client_id="c", client_secret=SecretStr("s"), clock=clock, base_url="http://walmart.test", market=("ca", "3.1")
    )
    sent: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return answered({"access_token": "t", "expires_in": 900})

    async with httpx.AsyncClient(transport=httpx.MockTransport(handle), auth=login) as http:
        await http.get("http://walmart.test/v3/items?a=1")

    assert [(r.headers["WM_MARKET"], r.headers["WM_GLOBAL_VERSION"]) for r in sent] == [("ca", "3.1")] * 2
    assert query_of(sent[-1]) == {"a": "1"}
