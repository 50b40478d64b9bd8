"""Who we are: signatures checked by other people's code, one token for all, and what happens when it is refused."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from urllib.parse import parse_qs, quote

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from oauthlib import oauth1
from pydantic import SecretStr

from sync.clock import ManualClock
from sync.errors import BadInput, ContractBroken, Credentials, Transient
from sync.netsuite import MachineLogin, NetSuiteAccount, TokenLogin
from sync.netsuite.login.auth import oauth1_signature
from sync.transport import encode_query


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> SecretStr:
    return SecretStr(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@pytest.fixture(scope="module")
def key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@pytest.fixture
def login(account: NetSuiteAccount, clock: ManualClock, key: ec.EllipticCurvePrivateKey) -> MachineLogin:
    numbers = iter(range(1000))
    return MachineLogin(
        account,
        client_id="client-1",
        certificate_id="cert-1",
        private_key=pem(key),
        clock=clock,
        algorithm="ES256",
        new_id=lambda: f"id-{next(numbers)}",
    )


class TokenService:
    """Issues tokens that live an hour on the test's clock, and serves a record to whoever has a good one."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock, self.issued, self.good = clock, 0, ""
        self.requests: list[httpx.Request] = []
        self.refusal: httpx.Response | None = None
        self.answer: dict[str, object] = {"expires_in": 3600, "token_type": "bearer"}
        self.records = 0

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/token"):
            self.requests.append(request)
            await asyncio.sleep(0)
            if self.refusal is not None:
                return self.refusal
            self.issued += 1
            self.good = f"seeded-token-{self.issued}"
            return httpx.Response(200, json={"access_token": self.good, **self.answer})
        for _ in range(3):
            await asyncio.sleep(0)  # so that several calls are under way with the same token
        if request.headers["authorization"] != f"Bearer {self.good}":
            return httpx.Response(401, json={"o:errorDetails": [{"detail": "no", "o:errorCode": "INVALID_LOGIN"}]})
        self.records += 1
        return httpx.Response(200, json={"id": "1"})


@pytest.mark.parametrize(
    ("account_id", "host", "realm"),
    [
        ("1234567", "1234567", "1234567"),
        ("1234567_SB1", "1234567-sb1", "1234567_SB1"),
        ("1234567-sb1", "1234567-sb1", "1234567_SB1"),
        ("tstdrv_12_34", "tstdrv-12-34", "TSTDRV_12_34"),
    ],
)
def test_host_and_realm_come_from_one_account_id(account_id, host, realm):
    account = NetSuiteAccount(account_id)
    assert account.public_url == f"https://{host}.suitetalk.api.netsuite.com/services/rest"
    assert account.realm == realm


@pytest.mark.parametrize("account_id", ["", "12/34", "a b", "x.evil.test", "_1", "1__2"])
def test_what_is_no_account_id_is_refused(account_id):
    with pytest.raises(BadInput, match="Company Information"):
        NetSuiteAccount(account_id)


def test_the_audience_is_the_public_address_even_when_another_is_called():
    account = NetSuiteAccount("1234567_SB1", base_url="http://127.0.0.1:9/services/rest/")
    assert account.token_url == "http://127.0.0.1:9/services/rest/auth/oauth2/v1/token"
    assert account.token_audience == (
        "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"
    )


@pytest.mark.parametrize(
    ("make", "algorithm", "why"),
    [
        (lambda: rsa.generate_private_key(65537, 1024), "PS256", "1024 bits"),
        (lambda: ec.generate_private_key(ec.SECP384R1()), "ES256", "does not fit"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "PS256", "does not fit"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "RS256", "does not fit"),
    ],
)
def test_a_key_that_netsuite_would_refuse_is_refused_before(account, clock, make, algorithm, why):
    with pytest.raises(BadInput, match=why):
        MachineLogin(
            account, client_id="c", certificate_id="k", private_key=pem(make()), clock=clock, algorithm=algorithm
        )


def test_a_text_that_is_no_key_is_refused_without_being_shown(account, clock):
    with pytest.raises(BadInput) as caught:
        MachineLogin(account, client_id="c", certificate_id="k", private_key=SecretStr("seeded-no-key"), clock=clock)
    assert "seeded-no-key" not in str(caught.value)


async def test_the_assertion_is_what_netsuite_checks(netsuite, login, clock, account, key):
    service = TokenService(clock)
    await netsuite(service, auth=login).get("customer", "1")
    form = {name: values[0] for name, values in parse_qs(service.requests[0].content.decode()).items()}
    assert form["grant_type"] == "client_credentials"
    assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assertion = form["client_assertion"]
    assert jwt.get_unverified_header(assertion) == {"alg": "ES256", "kid": "cert-1", "typ": "JWT"}
    claims = jwt.decode(
        assertion,
        key.public_key(),
        algorithms=["ES256"],
        audience=account.token_audience,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == "client-1"
    assert claims["scope"] == ["rest_webservices"]
    assert claims["iat"] == int(clock.now().timestamp())
    assert claims["exp"] - claims["iat"] == 3540


def test_an_rsa_key_signs_with_pss(account, clock):
    key = rsa.generate_private_key(65537, 2048)
    login = MachineLogin(account, client_id="c", certificate_id="k", private_key=pem(key), clock=clock)
    assertion = login._assertion()
    options = {"verify_exp": False, "verify_iat": False}
    jwt.decode(assertion, key.public_key(), algorithms=["PS256"], audience=account.token_audience, options=options)
    assert jwt.get_unverified_header(assertion)["alg"] == "PS256"


async def test_twenty_tasks_ask_for_one_token(netsuite, login, clock):
    service = TokenService(clock)
    client = netsuite(service, auth=login)
    await asyncio.gather(*(client.get("customer", "1") for _ in range(20)))
    assert (service.issued, service.records) == (1, 20)


@pytest.mark.proves("N07")
async def test_a_token_that_expires_mid_run_is_renewed_once_for_twenty_tasks(netsuite, login, clock, calls):
    service = TokenService(clock)
    client = netsuite(service, auth=login)
    await client.get("customer", "1")
    clock.advance(3600 - 59)
    await asyncio.gather(*(client.get("customer", "1") for _ in range(20)))
    assert (service.issued, service.records) == (2, 21)
    assert [r.error_kind for r in calls.records if r.error_kind] == []


@pytest.mark.proves("N07")
async def test_a_token_revoked_mid_run_is_renewed_once_for_twenty_tasks(netsuite, login, clock):
    service = TokenService(clock)
    client = netsuite(service, auth=login)
    await client.get("customer", "1")
    clock.advance(600)
    service.good = "another"
    await asyncio.gather(*(client.get("customer", "1") for _ in range(20)))
    assert service.issued == 2


async def test_a_fresh_token_that_is_refused_is_not_renewed_again_and_again(netsuite, login, clock, calls):
    service = TokenService(clock)

    async def refuse(request: httpx.Request) -> httpx.Response:
        answer = await service(request)
        return answer if request.url.path.endswith("/token") else httpx.Response(401)

    client = netsuite(refuse, auth=login)
    for _ in range(3):
        with pytest.raises(Credentials, match="Login Audit Trail"):
            await client.get("customer", "1")
    assert service.issued == 1
    assert [r.status for r in calls.records] == [200, 401, 401]


@pytest.mark.proves("N05", "N07")
async def test_a_refused_assertion_stops_after_two_tries_and_says_what_to_check(netsuite, login, clock):
    service = TokenService(clock)
    service.refusal = httpx.Response(400, json={"error": "invalid_grant", "assertion": "seeded-echo"})
    client = netsuite(service, auth=login)
    results = await asyncio.gather(*(client.get("customer", "1") for _ in range(20)), return_exceptions=True)
    assert len(service.requests) == 2
    assert all(isinstance(r, Credentials) for r in results)
    assert "invalid_grant" in str(results[0])
    assert "deletes that mapping" in str(results[0])
    assert "seeded-echo" not in repr([vars(r) for r in results])


@pytest.mark.proves("N34", "N37")
@pytest.mark.parametrize("status", [500, 502, 503])
async def test_a_token_service_that_is_down_is_a_passing_fault(netsuite, login, clock, status):
    service = TokenService(clock)
    service.refusal = httpx.Response(status, text="<html>")
    with pytest.raises(Transient):
        await netsuite(service, auth=login).get("customer", "1")
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    "answer",
    [
        {"token_type": "bearer"},
        {"expires_in": "soon", "token_type": "bearer"},
        {"expires_in": -1, "token_type": "bearer"},
        {"expires_in": 3600, "token_type": "mac"},
        {"expires_in": True, "token_type": "bearer"},
    ],
)
async def test_a_token_answer_of_another_shape_breaks_the_contract(netsuite, login, clock, answer):
    service = TokenService(clock)
    service.answer = answer
    with pytest.raises(ContractBroken) as caught:
        await netsuite(service, auth=login).get("customer", "1")
    assert "seeded-token" not in repr(vars(caught.value))


@pytest.mark.parametrize(
    "answer", [{"expires_in": "3600", "token_type": "Bearer"}, {"expires_in": 3600, "token_type": "bearer"}]
)
async def test_expiry_may_be_a_number_or_text_and_the_type_in_any_case(netsuite, login, clock, answer):
    service = TokenService(clock)
    service.answer = answer
    assert await netsuite(service, auth=login).get("customer", "1") == {"id": "1"}


@pytest.mark.proves("N06")
async def test_a_clock_that_is_off_is_named_where_a_login_is_refused(netsuite, account, clock):
    date = (clock.now() - timedelta(minutes=11)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    client = netsuite(lambda _: httpx.Response(401, headers={"date": date}), auth=token_login(account, clock))
    with pytest.raises(Credentials, match="clock is 660 s ahead"):
        await client.get("customer", "1")


def token_login(account: NetSuiteAccount, clock: ManualClock) -> TokenLogin:
    numbers = iter(range(1000))
    return TokenLogin(
        account,
        consumer_key="ck",
        consumer_secret=SecretStr("seeded&consumer=secret"),
        token_id="ti",
        token_secret=SecretStr("seeded/token+secret"),
        clock=clock,
        nonce=lambda: f"nonce-{next(numbers):020}",
    )


SEGMENT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(pairs=st.lists(st.tuples(SEGMENT, SEGMENT), max_size=6), port=st.sampled_from(["", ":443", ":8443"]))
def test_our_signature_is_that_of_oauthlib(pairs, port):
    url = f"https://1234567.SuiteTalk.api.netsuite.com{port}/services/rest/x?{encode_query(pairs)}"
    oauthlib_client = oauth1.Client(
        "ck",
        client_secret="c&s",
        resource_owner_key="ti",
        resource_owner_secret="t/s",
        signature_method=oauth1.SIGNATURE_HMAC_SHA256,
        realm="1234567",
        nonce="n" * 20,
        timestamp="1763629200",
    )
    _, headers, _ = oauthlib_client.sign(url, "POST")  # with a JSON body it would add oauth_body_hash
    theirs = dict(part.strip().split("=", 1) for part in headers["Authorization"].removeprefix("OAuth ").split(","))
    parameters = {
        "oauth_consumer_key": "ck",
        "oauth_token": "ti",
        "oauth_nonce": "n" * 20,
        "oauth_timestamp": "1763629200",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
    }
    ours = oauth1_signature("POST", url, parameters, SecretStr("c&s"), SecretStr("t/s"))
    assert f'"{quote(ours, safe="")}"' == theirs["oauth_signature"]


@pytest.mark.proves("N06")
async def test_each_attempt_is_signed_anew_with_the_realm_first(netsuite, account, clock):
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(503 if len(seen) == 1 else 200, json={"id": "1"})

    await netsuite(answer, auth=token_login(account, clock)).get("customer", "1")
    first, second = seen
    assert first.startswith('OAuth realm="1234567_SB1", oauth_consumer_key="ck", oauth_token="ti", oauth_nonce=')
    assert 'oauth_signature_method="HMAC-SHA256"' in first
    assert first != second
    assert "seeded" not in first + json.dumps(seen)
