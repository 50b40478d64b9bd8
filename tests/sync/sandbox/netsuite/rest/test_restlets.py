"""RESTlets, the account's own services, certificates, and writes without their refused values."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from sync.sandbox.faults import Fault
from sync.sandbox.netsuite.settings import AccountSettings
from tests.sync.sandbox.netsuite.conftest import TOKEN_PATH, Served, found, serving

RESTLET = "/app/site/hosting/restlet.nl"
CUSTOMERS = "/services/rest/record/v1/customer"


@pytest.fixture(scope="module")
def host() -> Iterator[Served]:
    """One company for all tests here."""
    with serving(found(AccountSettings(service_time_s=0.0))) as running:
        yield running


@pytest.fixture(autouse=True)
def _signed_in(host: Served) -> None:
    host.sign_in()


def call(host: Served, method: str, script: str, **sent: Any) -> httpx.Response:
    """Call a script's first deployment."""
    params = {"script": script, "deploy": "1"} | sent.pop("params", {})
    return host.http.request(method, RESTLET, params=params, **sent)


# ---------------------------------------------------------------------- RESTlets


def test_a_restlet_refuses_strangers_in_its_own_words(host: Served) -> None:
    answer = httpx.get(host.url + RESTLET, params={"script": "1", "deploy": "1"})
    assert answer.status_code == 401
    assert answer.json() == {"error": {"code": "INVALID_LOGIN_ATTEMPT", "message": "Invalid login attempt."}}


@pytest.mark.parametrize(("scope", "rest", "restlet"), [("rest_webservices", 200, 401), ("restlets", 401, 200)])
def test_a_token_is_good_for_its_scope_only(host: Served, scope: str, rest: int, restlet: int) -> None:
    token = host.ask_token(host.assertion(scope=[scope])).json()["access_token"]
    host.http.headers["Authorization"] = f"Bearer {token}"
    assert [host.http.get(CUSTOMERS).status_code, call(host, "GET", "1").status_code] == [rest, restlet]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"deploy": "1"}, 400, "SSS_MISSING_REQD_ARGUMENT"),
        ({"script": "1"}, 400, "SSS_MISSING_REQD_ARGUMENT"),
        ({"script": "99", "deploy": "1"}, 404, "SSS_INVALID_SCRIPTLET_ID"),
        ({"script": "1", "deploy": "7"}, 404, "SSS_INVALID_SCRIPTLET_ID"),
    ],
)
def test_a_script_that_is_not_there_is_refused(host: Served, params: dict[str, str], status: int, code: str) -> None:
    answer = host.http.get(RESTLET, params=params)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_plain_text_is_refused_in_plain_text(host: Served) -> None:
    answer = call(host, "POST", "99", content="x", headers={"Content-Type": "text/plain"})
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == [
        "error code: SSS_INVALID_SCRIPTLET_ID",
        "error message: That Suitelet is invalid, disabled, or no longer exists.",
    ]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"record": "nothing", "id": "1"}, "INVALID_RCRD_TYPE"),
        ({"record": "customer", "id": "999999"}, "RCRD_DSNT_EXIST"),
        ({"record": "customer", "externalId": "NONE"}, "RCRD_DSNT_EXIST"),
        ({"record": "customer", "id": "x"}, "RCRD_DSNT_EXIST"),
    ],
)
def test_a_record_that_is_not_there_is_the_scripts_error(host: Served, sent: dict[str, str], code: str) -> None:
    assert call(host, "GET", "2", params=sent).json()["error"]["code"] == code
    assert call(host, "POST", "2", json=sent).json()["error"]["code"] == code


def test_a_body_that_is_no_json_is_refused(host: Served) -> None:
    answer = call(host, "POST", "1", content="{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "SYNTAX_ERROR")


@pytest.mark.proves("N02")
def test_the_restlet_form_of_the_limit_is_400(host: Served) -> None:
    host.faults.add(Fault("netsuite", "N02"))
    assert host.http.get(CUSTOMERS).status_code == 200  # the fault waits for a RESTlet
    answer = call(host, "GET", "1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "SSS_REQUEST_LIMIT_EXCEEDED")


@pytest.mark.proves("N01", "N02")
def test_rest_and_restlets_share_the_slots(host: Served) -> None:
    settings, gate = host.company.settings, host.app.state.gate
    settings.service_time_s, gate.most = 0.15, 0
    with ThreadPoolExecutor(16) as pool:
        jobs = [pool.submit(host.http.get, CUSTOMERS) for _ in range(8)]
        scripts = [pool.submit(call, host, "GET", "1") for _ in range(8)]
    settings.service_time_s = 0.0
    statuses = [j.result().status_code for j in jobs], [s.result().status_code for s in scripts]
    assert gate.most == 5
    assert statuses[0].count(200) + statuses[1].count(200) < 16
    assert set(statuses[0]) <= {200, 429}
    assert set(statuses[1]) <= {200, 400}


@pytest.mark.parametrize("script", ["1", "customscript_tieout_echo"])
def test_the_echo_answers_with_what_it_was_sent(host: Served, script: str) -> None:
    got = {m: call(host, m, script, params={"order": "113-1"}).json() for m in ("GET", "DELETE")}
    sent = {m: call(host, m, script, json={"order": "113-1", "amount": 12.5}).json() for m in ("POST", "PUT")}
    assert got == {m: {"method": m, "arguments": {"order": "113-1"}} for m in got}
    assert sent == {m: {"method": m, "arguments": {"order": "113-1", "amount": 12.5}} for m in sent}


def test_the_lookup_answers_with_the_record(host: Served) -> None:
    number = host.company.ids["buyer"]
    shown = call(host, "GET", "2", params={"record": "customer", "id": str(number)}).json()
    assert (shown["id"], shown["companyName"]) == (str(number), "Amazon US")


# ---------------------------------------------------------------------- the account's own services


def test_the_account_tells_its_limit_its_time_and_who_the_token_is(host: Served) -> None:
    limits = host.http.get("/services/rest/system/v1/governanceLimits").json()
    time = host.http.get("/services/rest/system/v1/serverTime").json()
    who = host.http.get("/rest/tokeninfo").json()
    assert (limits["accountConcurrencyLimit"], limits["integrationLimitType"]) == (5, "accountLimit")
    assert time["serverTime"] == f"{host.company.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert (who["companyId"], who["roleName"]) == ("TIEOUT_SB1", "Administrator")


def certificate(host: Served, key: CertificateIssuerPrivateKeyTypes, days: int = 365) -> str:
    """Return a self-signed certificate."""
    now = host.company.clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tieout")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def shelf(host: Served) -> str:
    """Return the address of the integration's certificates."""
    return f"/services/rest/auth/oauth2/v1/clients/{host.credentials['client_id']}/certificates"


def test_a_certificate_that_netsuite_would_not_take_is_refused(host: Served) -> None:
    short = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    bad = [
        "no certificate",
        certificate(host, short),
        certificate(host, ec.generate_private_key(ec.SECP256K1())),
        certificate(host, dsa.generate_private_key(1024)),
        certificate(host, ec.generate_private_key(ec.SECP256R1()), days=800),
    ]
    answers = [host.http.post(shelf(host), json={"fileContent": pem}) for pem in bad]
    assert [(a.status_code, a.json()["o:errorDetails"][0]["o:errorPath"]) for a in answers] == [
        (400, "fileContent")
    ] * 5
    assert host.http.post(shelf(host), content="{").status_code == 400
    assert host.http.get(shelf(host).replace(host.credentials["client_id"], "x")).status_code == 404


def test_a_new_certificate_signs_at_once_and_until_it_ends(host: Served) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    made = host.http.post(shelf(host), json={"fileContent": certificate(host, key), "role": 3, "entity": 4}).json()
    held = host.http.get(shelf(host)).json()["items"]
    assert [item["certificateId"] for item in held] == [host.credentials["certificate_id"], made["certificateId"]]
    claims = jwt.decode(host.assertion(), options={"verify_signature": False})
    headers = {"kid": made["certificateId"]}
    assert host.ask_token(jwt.encode(claims, key, algorithm="ES384", headers=headers)).status_code == 200
    host.company.clock.advance(366 * 86400)
    claims |= {"iat": claims["iat"] + 366 * 86400, "exp": claims["exp"] + 366 * 86400}
    late = host.ask_token(jwt.encode(claims, key, algorithm="ES384", headers=headers))
    assert (late.status_code, late.json()) == (400, {"error": "invalid_grant"})


@pytest.mark.proves("N07")
def test_a_refresh_of_the_account_drops_every_mapping_for_good() -> None:
    with serving(found(AccountSettings(service_time_s=0.0))) as host:
        host.faults.add(Fault("netsuite", "mapping_dropped", options={"for_good": "yes"}))
        refused = [host.ask_token(host.assertion()) for _ in range(2)]
        assert [(r.status_code, r.json()) for r in refused] == [(400, {"error": "invalid_grant"})] * 2
        assert host.http.get(CUSTOMERS).status_code == 401


# ---------------------------------------------------------------------- leniency


def bad_customer(host: Served, name: str) -> dict[str, Any]:
    """Return a customer with a currency that does not exist."""
    return {"companyName": name, "externalId": name, "subsidiary": host.company.ref("us"), "currency": {"id": "999"}}


def test_a_wrong_value_is_an_error_unless_told_otherwise(host: Served) -> None:
    for headers in ({}, {"X-NetSuite-PropertyValueValidation": "Error"}):
        answer = host.http.post(CUSTOMERS, json=bad_customer(host, "STRICT"), headers=headers)
        assert answer.json()["o:errorDetails"][0]["o:errorPath"] == "currency"
    assert host.company.books.find_external("customer", "STRICT") is None


@pytest.mark.parametrize(("mode", "warned"), [("Warning", True), ("Ignore", False)])
def test_a_wrong_value_is_left_out_when_told_so(host: Served, mode: str, warned: bool) -> None:
    headers = {"X-NetSuite-PropertyValueValidation": mode}
    answer = host.http.post(CUSTOMERS, json=bad_customer(host, f"LAX-{mode}"), headers=headers)
    assert answer.status_code == 204
    assert ("currency" in answer.headers.get("x-netsuite-propertyvalidation", "")) is warned
    number = host.company.books.find_external("customer", f"LAX-{mode}")
    assert number is not None
    assert host.company.books.get("customer", number).fields["currency"] == host.company.ids["usd"]


def test_a_wrong_value_inside_a_line_is_left_out_of_that_line(host: Served) -> None:
    order = host.company.order(externalId="LAX-LINE")
    body = {**order, "item": {"items": [dict(order["item"]["items"][1], amount=5, department={"id": "999"})]}}
    headers = {"X-NetSuite-PropertyValueValidation": "Warning"}
    answer = host.http.post("/services/rest/record/v1/salesOrder", json=body, headers=headers)
    assert (answer.status_code, answer.headers["x-netsuite-propertyvalidation"]) == (
        204,
        "Invalid value of property: item.items[0].department",
    )


def test_a_value_that_must_be_there_cannot_be_left_out(host: Served) -> None:
    body = bad_customer(host, "LAX-NONE") | {"subsidiary": {"id": "999"}}
    answer = host.http.post(CUSTOMERS, json=body, headers={"X-NetSuite-PropertyValueValidation": "Ignore"})
    assert "Please enter value(s) for: Subsidiary." in answer.json()["o:errorDetails"][0]["detail"]


def test_the_token_service_takes_posts_only(host: Served) -> None:
    assert httpx.get(host.url + TOKEN_PATH).status_code == 405
