"""The faults that the NetSuite sandbox knows, by row of the trouble list and by word (CONTRACT §7).

A fault is set under its row ("N09") or its word ("lost_answer"); a row of several forms stands for its first word.
A fault without an aim strikes where its kind can strike. Rows that need no fault, because the sandbox keeps the rule
all the time or by a setting of the account, are in `RULES`.
"""

from __future__ import annotations

__all__ = ["FAULTS", "NETSUITE_FAULTS", "PLACES", "RULES", "WORDS"]

_ANY = ("", "")
_RECORD = "/services/rest/record/v1"
_QUERY = ("/query/v1/suiteql", "POST")
_RESTLET = ("/app/site/hosting/restlet.nl", "")
_TRANSFORM = ("!transform", "POST")
_RECORDS = (_RECORD + "/", "")
_WRITES = (_RECORD + "/", "POST")
_LOGIN = ("/auth/oauth2/v1/token", "POST")
_READS = (_RECORD + "/", "GET")

#: row -> (word, where it strikes when it is not aimed, what happens); the first word of a row is its main form
_ROWS: tuple[tuple[str, str, tuple[str, str], str], ...] = (
    ("N01", "throttle", _ANY, "429 CONCURRENCY_LIMIT_EXCEEDED without Retry-After"),
    ("N01", "limit_falls", _ANY, "from this call on the account allows 1 call at once (option `to`)"),
    ("N02", "restlet_limit", _RESTLET, "400 SSS_REQUEST_LIMIT_EXCEEDED"),
    ("N03", "burst_401", _ANY, "401 INVALID_LOGIN for a call over the limit (option `seconds`: so late)"),
    ("N04", "no_permission", _ANY, "400 USER_ERROR: the role does not have permission"),
    ("N04", "permission_violation", _ANY, "403 INSUFFICIENT_PERMISSION"),
    ("N04", "no_permission_401", _ANY, "401 INVALID_LOGIN for a permission that the role lacks"),
    ("N05", "locked_out", _ANY, "the login is locked for 30 minutes of the account's clock"),
    ("N06", "clock_skew", _ANY, "the account's clock is 600 s ahead for this call, its Date too (option `seconds`)"),
    ("N06", "nonce_used", _ANY, "401: the nonce counts as used"),
    ("N07", "expired_token", _ANY, "401, and the token is good for nothing any more"),
    ("N07", "mapping_dropped", _LOGIN, "400 invalid_grant: the certificate's mapping is gone (option `for_good`)"),
    ("N08", "type_variant", _ANY, "401 with the other `type` address, another title and INVALID_LOGIN_ATTEMPT"),
    ("N09", "lost_answer", _ANY, "takes effect, then the connection is cut without an answer"),
    ("N09", "lost_answer_500", _ANY, "takes effect, then 500 UNEXPECTED_ERROR"),
    ("N09", "lost_transform", _TRANSFORM, "a transform takes effect, then the connection is cut"),
    ("N10", "already_exists", _WRITES, '400 USER_ERROR "This entity already exists."'),
    (
        "N12",
        "locked_record",
        _ANY,
        "400 USER_ERROR: locked by a workflow (options `record`, `id`: from now on, that one only)",
    ),
    (
        "N13",
        "administrator_record",
        _READS,
        "400 USER_ERROR: only an administrator may edit it (options `record`, `id` as before)",
    ),
    ("N14", "late_rows", _QUERY, "rows that changed since the query before are not seen yet"),
    ("N15", "date_format", _ANY, "from this call on the account writes DD.MM.YYYY (option `format`)"),
    ("N17", "shuffled_page", _QUERY, "rows of a page out of order, one twice and one missing"),
    ("N17", "page_repeated", _ANY, "the page before is served again"),
    ("N18", "has_more_false", _ANY, "hasMore is false while rows follow"),
    ("N19", "row_cap", _ANY, "from this call on paging reaches 2000 rows only (option `rows`)"),
    ("N21", "bad_column", _QUERY, "an unknown column is 500 UNEXPECTED_ERROR and not named"),
    ("N21", "unexpected_error", _ANY, "500 UNEXPECTED_ERROR"),
    ("N22", "no_properties", (_RECORD + "/metadata-catalog/", "GET"), "a schema without `properties`"),
    ("N23", "no_subsidiaries", _QUERY, "a query that names subsidiary meets an account outside OneWorld"),
    ("N24", "dimension_mismatch", _WRITES, "400 INVALID_CONTENT: the location does not fit"),
    ("N25", "closed_period", _WRITES, "400 USER_ERROR: the date is outside the accounting period"),
    ("N26", "unbalanced_journal", _WRITES, "400 USER_ERROR: the amounts in a journal entry must balance"),
    ("N27", "tasks_fail", _ANY, "the job succeeds, its task 1 fails (option `tasks`: `1,3`)"),
    ("N28", "key_taken", _ANY, "the job is taken in, and the answer is IDEMPOTENCY_ERROR with its Location"),
    ("N29", "spaces_in_url", _ANY, '400 "Invalid url. Spaces are not allowed in the URL."'),
    ("N30", "deposited", _RECORDS, "400 USER_ERROR: the cash sale has been deposited"),
    ("N31", "over_receipt", _TRANSFORM, "400 USER_ERROR: more is received than was sent"),
    ("N32", "script_on_save", _WRITES, "a script writes memo after the save (options `field`, `value`)"),
    ("N33", "record_changed", _ANY, "409 RCRD_HAS_BEEN_CHANGED"),
    ("N34", "server_error_html", _ANY, "503 with an HTML page (option `status`: 502, 503, 504)"),
    ("N34", "empty_500", _ANY, "500 without a body"),
    ("N36", "legacy_tax", _WRITES, "400 INVALID_CONTENT: the account has no taxDetails"),
    ("N37", "login_outage", _LOGIN, "503 with an HTML page from the token service"),
    ("N37", "metadata_outage", (_RECORD + "/metadata-catalog", "GET"), "503 with an HTML page from the metadata"),
    ("N38", "record_deleted", _ANY, "somebody deletes a record before this call (options `record`, `id`)"),
    ("N39", "line_error", _WRITES, "400 INVALID_CONTENT with the path item.items[0].item"),
    ("N40", "select_star_hangs", _QUERY, "SELECT * hangs and is cut (option `seconds`)"),
)

#: Words of no single row, for bad input of every kind.
_FURTHER: dict[str, tuple[tuple[str, str], str]] = {
    "slow": (_ANY, "the answer waits (option `seconds`)"),
    "cut_connection": (_ANY, "cut before anything happens"),
    "new_field": (_QUERY, "every row has a column that was not asked for"),
    "unknown_status": (_QUERY, "the first status of the page is a letter that nobody knows"),
    "null_row": (_QUERY, "the first row is null"),
    "single_element": (_QUERY, "items is its single element, not a list"),
    "error_in_200": (_ANY, "200 with an error envelope"),
    "not_json": (_ANY, "200 with half of the JSON"),
    "wrong_charset": (_ANY, "Latin-1 bytes under a charset of UTF-8"),
    "truncated_gzip": (_ANY, "half of the gzip bytes that Content-Encoding announces"),
}

#: Rows that hold all the time, or by a setting of the account (named in brackets).
RULES = {
    "N01": "the gate allows five calls at once over REST and RESTlets together [concurrency_limit]",
    "N03": "a call over the limit is told 401 [overflow_as_401]",
    "N05": "five failed signatures lock the login for 30 minutes",
    "N06": "a nonce is good once, a timestamp five minutes",
    "N08": "the address in `type` [modern_type_urls]",
    "N11": "a repeated PATCH appends to sublists without a key",
    "N15": "dates in q and in raw values follow the account [date_format]",
    "N16": "NULL columns are left out, every value is text, checkboxes are T and F",
    "N17": "rows without ORDER BY are shuffled for each request",
    "N19": "paging ends at 100,000 rows [rows_reachable]",
    "N20": "ROWNUM cuts before ORDER BY",
    "N23": "outside OneWorld there is no subsidiary [one_world]",
    "N24": "a reference that does not fit is refused with its path",
    "N25": "a date in a closed period is refused",
    "N26": "a journal that does not balance is refused",
    "N28": "a key that was used before answers IDEMPOTENCY_ERROR with the first job's Location",
    "N29": "external ids have letters, digits, _ and -; an address with a blank is refused",
    "N35": "orderLine numbers have gaps; lines that a transform does not name are taken in full",
    "N36": "outside SuiteTax the tax fields do not exist [suite_tax]",
    "N38": "deletions are rows of deletedrecord",
    "N40": "a query that runs too long is stopped [query_limit_s]",
}

#: Row or word -> what happens.
FAULTS: dict[str, str] = {}
#: Row -> its main word.
WORDS: dict[str, str] = {}
for _row, _word, _, _text in _ROWS:
    WORDS.setdefault(_row, _word)
    FAULTS[_row] = f"{FAULTS[_row]}; or {_text}" if _row in FAULTS else _text
    FAULTS[_word] = _text
FAULTS |= {word: text for word, (_, text) in _FURTHER.items()}
#: Word -> (part of the path, method) of a fault that was not aimed.
PLACES: dict[str, tuple[str, str]] = {word: place for _, word, place, _ in _ROWS}
PLACES |= {word: place for word, (place, _) in _FURTHER.items()}
#: Every word.
NETSUITE_FAULTS = tuple(PLACES)
