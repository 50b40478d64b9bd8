"""The decision table, and what a Retry-After header may say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sync.errors import (
    ContractBroken,
    Credentials,
    InDoubt,
    Rejected,
    Throttled,
    Transient,
    VendorError,
    VendorReply,
)
from sync.transport.retry import RetrySettings, Verdict, back_off_s, decide, retry_after_s

SEEN = VendorReply("acme", "op", status=500)
SETTINGS = RetrySettings(tries=3, first_wait_s=2, longest_wait_s=10)


@pytest.mark.parametrize(
    ("error", "safe", "was_sent", "failures", "verdict"),
    [
        (Throttled(SEEN), True, True, 0, Verdict.WAIT_FOR_LIMIT),
        (Throttled(SEEN), False, True, 99, Verdict.WAIT_FOR_LIMIT),
        (Transient(SEEN), True, True, 1, Verdict.REPEAT),
        (Transient(SEEN), True, True, 2, Verdict.REPEAT),
        (Transient(SEEN), True, True, 3, Verdict.RAISE),
        (Transient(SEEN), False, False, 1, Verdict.REPEAT),
        (Transient(SEEN), False, False, 3, Verdict.RAISE),
        (Transient(SEEN), False, True, 1, Verdict.IN_DOUBT),
        (InDoubt(SEEN), True, True, 0, Verdict.RAISE),
        (Rejected(SEEN), True, True, 0, Verdict.RAISE),
        (Credentials(SEEN), True, True, 0, Verdict.RAISE),
        (ContractBroken(SEEN), True, True, 0, Verdict.RAISE),
        (VendorError(SEEN), True, True, 0, Verdict.RAISE),
    ],
)
def test_an_error_class_decides_what_happens_to_its_call(error, safe, was_sent, failures, verdict):
    decision = decide(error, safe=safe, was_sent=was_sent, failures=failures, draw=0.5, settings=SETTINGS)
    assert decision.verdict is verdict


@pytest.mark.parametrize(("failures", "ceiling"), [(1, 2), (2, 4), (3, 8), (4, 10), (5000, 10)])
def test_waits_double_up_to_the_longest_and_are_spread(failures, ceiling):
    assert back_off_s(failures, 0.0, 2, 10) == ceiling / 2
    assert ceiling / 2 < back_off_s(failures, 0.999, 2, 10) < ceiling


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("0", 0.0),
        ("7", 7.0),
        (" 2.5 ", 2.5),
        ("Fri, 20 Nov 2026 09:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 08:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_anything_else_is_no_advice(value, seconds):
    headers = {} if value is None else {"retry-after": value}
    assert retry_after_s(headers, datetime(2026, 11, 20, 9, 0, tzinfo=UTC)) == seconds
