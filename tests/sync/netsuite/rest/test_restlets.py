"""Scripts of the customer's account: their limits, their refusals in three forms, answers held against a model."""

from __future__ import annotations

import random

import httpx
import pytest
from pydantic import BaseModel

from sync.clock import ManualClock
from sync.errors import ContractBroken, InDoubt, Rejected, Throttled, Transient
from sync.netsuite import NetSuiteAccount, Restlet, connect, connect_restlets
from sync.netsuite.rest.errors import classifier
from sync.transport import ConcurrencyGate, MemoryCallLog, Reply, RetrySettings
from tests.sync.netsuite.company import Company

SCRIPT = Restlet("customscript_tieout_echo", "customdeploy_tieout_echo")


class Counted(BaseModel):
    count: int


def client_of(clock: ManualClock, answer, gate: ConcurrencyGate | None = None):
    return connect_restlets(
        NetSuiteAccount("1234567_SB1"), httpx.Auth(), calls=MemoryCallLog(), clock=clock,
        gate=gate or ConcurrencyGate(4), retry=RetrySettings(tries=3), rng=random.Random(3),
        wire=httpx.MockTransport(answer),
    )  # fmt: skip


@pytest.mark.proves("N02")
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"error": {"code": "SSS_REQUEST_LIMIT_EXCEEDED", "message": "too many"}}),
        httpx.Response(400, text="error code: SSS_REQUEST_LIMIT_EXCEEDED\nerror message: too many"),
        httpx.Response(429, json={"o:errorDetails": [{"detail": "x", "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}]}),
    ],
)
async def test_too_many_calls_in_any_words_slow_the_gate_down_and_lose_nothing(clock, answer):
    assert type(classifier(clock)(Reply(answer.status_code, {}, answer.content))) is Throttled
    answers = [answer, answer, httpx.Response(200, json={"count": 3})]
    gate = ConcurrencyGate(4)
    client = client_of(clock, lambda r: answers.pop(0), gate)
    assert await client.read(SCRIPT, Counted) == Counted(count=3)
    assert gate.limit < 4
    assert sum(clock.slept) > 0


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(400, json={"error": {"code": "UNEXPECTED", "message": "no such order"}}), Rejected, "no such"),
        (httpx.Response(400, text="plain words of a script"), Rejected, "plain words"),
        (httpx.Response(200, json={"error": {"code": "MY_CODE", "message": "refused"}}), Rejected, "refused"),
        (httpx.Response(200, text="<html>"), ContractBroken, "not JSON"),
        (httpx.Response(200, json={"count": "many"}), ContractBroken, "count"),
        (httpx.Response(200, json=[1]), ContractBroken, "the answer"),
        (httpx.Response(503, text="<html>"), Transient, "503"),
    ],
)
async def test_a_script_may_answer_anything(clock, answer, error, words):
    with pytest.raises(error, match=words):
        await client_of(clock, lambda r: answer).read(SCRIPT, Counted)


async def test_a_write_whose_answer_is_lost_is_in_doubt_unless_it_is_safe(clock):
    answers = [httpx.Response(502), httpx.Response(502), httpx.Response(200, json={"count": 1})]
    client = client_of(clock, lambda r: answers.pop(0))
    with pytest.raises(InDoubt):
        await client.call(SCRIPT, "POST", Counted, {"a": 1})
    assert await client.call(SCRIPT, "PUT", Counted, {"a": 1}, safe=True) == Counted(count=1)


async def test_scripts_have_a_host_of_their_own(clock):
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, json={"count": 1})

    await client_of(clock, answer).read(SCRIPT, Counted, {"order": "113 1"})
    assert seen == [
        "https://1234567-sb1.restlets.api.netsuite.com/app/site/hosting/restlet.nl"
        "?script=customscript_tieout_echo&deploy=customdeploy_tieout_echo&order=113%201"
    ]


@pytest.mark.proves("N02")
async def test_a_script_is_called_over_real_http_and_shares_the_gate(shared_company: Company):
    class Echo(BaseModel, extra="allow"):
        pass

    login = shared_company.machine_login(scope=("rest_webservices", "restlets"))
    gate, calls = ConcurrencyGate(4), MemoryCallLog()
    common = {"calls": calls, "clock": shared_company.clock, "gate": gate, "rng": random.Random(2)}
    scripts = connect_restlets(shared_company.account, login, **common)
    records = connect(shared_company.account, login, **common)
    shared_company.fault("restlet_limit")
    try:
        answer = await scripts.call(Restlet("1", "1"), "POST", Echo, {"order": "113-1"}, safe=True)
        assert "113-1" in answer.model_dump_json()
        assert gate.limit < 4, "the records' client goes slower as well"
        assert (await records.suiteql("SELECT i.id AS id FROM item i ORDER BY i.id")).items
    finally:
        shared_company.faults.clear()
        await scripts.transport.aclose()
        await records.transport.aclose()
