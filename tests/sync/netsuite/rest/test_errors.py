"""What NetSuite's refusals mean, replayed from the texts of the contract (§2.10)."""

from __future__ import annotations

import httpx
import pytest

from sync.clock import ManualClock
from sync.errors import ContractBroken, Credentials, InDoubt, Rejected, Throttled, Transient
from sync.netsuite.rest.error_rules import permission_hint
from sync.netsuite.rest.errors import (
    Problem,
    SubmittedBefore,
    classifier,
    field_of_path,
    read_envelope,
    refusal_inside,
    says_already_there,
)
from sync.transport import Reply

PREFIX = "Error while accessing a resource. "
SEARCH = "Invalid search query. Detailed unprocessed description follows. Search error occurred: "
WRONG_VALUE = "You have entered an Invalid Field Value 9999 for the following field: item"
PERIOD = PREFIX + "The transaction date you specified is not within the date range of your accounting period."
ADMINISTRATOR = "For security reasons, only an administrator is allowed to edit an administrator record"
NOT_THERE = "The record instance does not exist. Provide a valid record instance ID."
FORBIDDEN = "Permission Violation: You need the 'Sales Order' permission"


def reply(status: int, code: str, detail: str, **more: str) -> Reply:
    problem = {"detail": detail, "o:errorCode": code, **{f"o:{k}": v for k, v in more.items()}}
    answer = httpx.Response(status, json={"type": "t", "title": "T", "status": status, "o:errorDetails": [problem]})
    return Reply(status, {}, answer.content, vendor="netsuite", operation="upsert salesOrder")


@pytest.mark.proves("N01", "N02", "N04", "N10", "N12", "N13", "N24", "N25", "N26", "N29", "N33")
@pytest.mark.parametrize(
    ("status", "code", "detail", "error", "hint"),
    [
        (400, "INVALID_CONTENT", WRONG_VALUE, Rejected, "subsidiary"),
        (400, "USER_ERROR", PREFIX + "Please enter value(s) for: First Name, Last Name.", Rejected, "Fill"),
        (400, "USER_ERROR", PREFIX + "This entity already exists.", InDoubt, "read before"),
        (400, "USER_ERROR", PREFIX + "This record already exists", InDoubt, "read before"),
        (400, "USER_ERROR", PREFIX + "This record has been locked by a user defined workflow.", Rejected, "workflow"),
        (400, "USER_ERROR", "Your current role does not have permission to perform this action.", Rejected, "role"),
        (400, "USER_ERROR", ADMINISTRATOR, Rejected, "read over SuiteQL"),
        (400, "USER_ERROR", PERIOD, Rejected, "period"),
        (400, "USER_ERROR", PREFIX + "The amounts in a journal entry must balance.", Rejected, "differ"),
        (400, "USER_ERROR", "Some words that nobody has seen before.", Rejected, "not known"),
        (400, "INVALID_HEADER", "Prefer is missing", ContractBroken, ""),
        (400, "INVALID_REQUEST", "malformed", ContractBroken, ""),
        (400, "USER_ERROR", "Invalid url. Spaces are not allowed in the URL.", ContractBroken, ""),
        (400, "INVALID_PARAMETER", SEARCH + "Unknown identifier 'x'.", ContractBroken, ""),
        (400, "INVALID_PARAMETER", SEARCH + "Record 'customer' was not found.", Rejected, "role"),
        (401, "INVALID_LOGIN", "Invalid login attempt.", Credentials, "Login Audit Trail"),
        (401, "INVALID_LOGIN_ATTEMPT", "Invalid login attempt.", Credentials, "Login Audit Trail"),
        (403, "INSUFFICIENT_PERMISSION", FORBIDDEN, Rejected, "role"),
        (404, "NONEXISTENT_ID", NOT_THERE, Rejected, "not there"),
        (409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed", Rejected, "next cycle"),
        (429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.", Throttled, ""),
        (429, "USER_ERROR", "x", Throttled, ""),
        (400, "SSS_REQUEST_LIMIT_EXCEEDED", "x", Throttled, ""),
        (500, "UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: abc", Transient, ""),
        (502, "", "", Transient, ""),
        (408, "", "", Transient, ""),
        (301, "", "", ContractBroken, ""),
        (418, "", "", Rejected, "not known"),
    ],
)  # fmt: skip
def test_status_code_and_words_decide(status, code, detail, error, hint, clock: ManualClock):
    found = classifier(clock)(reply(status, code, detail))
    assert type(found) is error
    assert hint in str(found)
    assert detail in found.reply.detail


@pytest.mark.proves("N08")
def test_type_and_title_of_the_envelope_decide_nothing(clock: ManualClock):
    body = httpx.Response(400, json={"type": "https://x#section-15.5.1", "title": "Conflict", "o:errorDetails": [
        {"detail": "no", "o:errorCode": "USER_ERROR"}]}).content  # fmt: skip
    assert type(classifier(clock)(Reply(400, {}, body))) is Rejected


def test_the_path_of_a_line_is_shown(clock: ManualClock):
    found = classifier(clock)(reply(400, "INVALID_CONTENT", "Invalid Field Value 9", errorPath="item.items[0].item"))
    assert "(line 1, item: item.items[0].item)" in str(found)


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        (b"", []),
        (b"<html></html>", []),
        (b"[1]", []),
        (b'"text"', []),
        (b"[" * 5000, []),
        (b'{"o:errorDetails": ["x", null]}', []),
        (b'{"error": {"code": "SSS_LIMIT", "message": "m"}}', [Problem("SSS_LIMIT", "m", "")]),
        (b'{"error": "invalid_grant"}', [Problem("invalid_grant", "invalid_grant", "")]),
        (b'{"o:errorCode": "USER_ERROR", "o:errorDetails": [{"detail": "d"}]}', [Problem("USER_ERROR", "d", "")]),
    ],
)  # fmt: skip
def test_bodies_of_any_shape_are_read_without_a_crash(body, problems):
    assert read_envelope(body) == problems


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"", b"\xff\xfe"])
def test_a_body_that_is_no_envelope_is_classified_by_status_and_kept_for_people(body, clock: ManualClock):
    found = classifier(clock)(Reply(503, {}, body))
    assert type(found) is Transient
    assert found.reply.detail == body.decode("utf-8", errors="replace")


def test_only_a_refusal_that_says_so_counts_as_already_there(clock: ManualClock):
    classify = classifier(clock)
    assert says_already_there(classify(reply(400, "USER_ERROR", "This entity already exists.")))
    assert says_already_there(classify(reply(400, "DUP_RCRD", "x")))
    assert not says_already_there(classify(reply(500, "UNEXPECTED_ERROR", "already exists")))


def test_retry_after_is_followed_where_it_comes(clock: ManualClock):
    found = classifier(clock)(Reply(429, {"retry-after": "12"}, b""))
    assert isinstance(found, Throttled)
    assert found.wait_s == 12


@pytest.mark.proves("N39")
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("item.items[0].item", "line 1, item"),
        ("line.items[11].account", "line 12, account"),
        ("expense.items[2]", "expense line 3"),
        ("apply.items[0].doc", "apply line 1, doc"),
        ("memo", "memo"),
        ("item.items[1].inventoryDetail.items[0].quantity", "line 2, inventoryDetail line 1, quantity"),
        ("", ""),
    ],
)
def test_a_path_is_said_as_people_count(path, words):
    assert field_of_path(path) == words


@pytest.mark.proves("N04")
@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("upsert salesOrder", "Transactions > Sales Order"),
        ("transform salesOrder to itemFulfillment", "Transactions > Item Fulfillment"),
        ("batch customer", "Lists > Customers"),
        ("suiteql", "SuiteAnalytics Workbook"),
        ("get nothing", ""),
    ],
)
def test_a_refusal_names_the_permission_of_its_record(operation, name):
    assert name in permission_hint(operation)
    assert bool(permission_hint(operation)) is bool(name)


@pytest.mark.proves("N30", "N31")
@pytest.mark.parametrize(
    ("detail", "hint"),
    [
        ("This cash sale has been deposited and cannot be changed.", "cash refund instead"),
        ("Over Receipt is not allowed: the quantity exceeds the remaining quantity.", "correct the quantity"),
    ],
)
def test_refusals_of_business_rules_say_what_to_do(detail, hint, clock: ManualClock):
    assert hint in str(classifier(clock)(reply(400, "USER_ERROR", PREFIX + detail)))


@pytest.mark.proves("N28")
def test_a_known_key_carries_the_first_job(clock: ManualClock):
    answer = reply(400, "IDEMPOTENCY_ERROR", "used")
    found = classifier(clock)(Reply(400, {"location": "https://x/services/rest/async/v1/job/77"}, answer.body))
    assert isinstance(found, SubmittedBefore)
    assert found.job_id == "77"


@pytest.mark.parametrize("body", [b'{"error": null}', b'{"items": []}', b"", b"[]"])
def test_a_good_answer_holds_no_refusal(body):
    assert refusal_inside(Reply(200, {}, body)) is None
