"""The faults that the Amazon sandbox knows, by row of the trouble list and by word.

A fault is set under its row ("A43") or its word ("blank_lines_first"). A fault without an aim strikes where its kind
can strike: one of a document waits for the next download, one of the login for the next token. Rows that need no
fault because the sandbox keeps the rule all the time are in `RULES`.
"""

from __future__ import annotations

__all__ = ["AMAZON_FAULTS", "FAULTS", "PLACES", "RULES", "WORDS"]

_DOCUMENT = ("/tortuga-prod-", "GET")
_ANY_DOCUMENT = ("/tortuga-", "GET")
_LOGIN = ("/auth/o2/token", "POST")
_FINANCES = ("/finances/", "GET")
_QUEUE = ("/queue/", "GET")
_FEEDS = ("/feeds/2021-06-30/feeds", "POST")
_LISTING = ("/listings/2021-08-01/items/", "PATCH")
_REPORTS = ("/reports/2021-06-30/reports", "GET")

#: row -> (word, where it strikes when it is not aimed, what happens)
_ROWS: dict[str, tuple[str, tuple[str, str], str]] = {
    "A01": ("server_error_html", ("", ""), "503 with HTML"),
    "A02": ("empty_500", ("", ""), "500 with an empty body"),
    "A03": ("forbidden_message", ("", ""), '403 {"message": "Forbidden"}, no envelope'),
    "A04": ("leading_newlines", ("", ""), "a good body between newlines and blanks"),
    "A05": ("header_case", ("", ""), "response headers in capital letters"),
    "A06": ("rate_header_missing", ("", ""), "success without x-amzn-RateLimit-Limit"),
    "A07": ("rate_header_garbage", ("", ""), "x-amzn-RateLimit-Limit is the word 'string'"),
    "A08": ("login_ends_older_tokens", _LOGIN, "a new access token ends every older one"),
    "A09": ("short_token", _LOGIN, "the access token says and keeps expires_in 60 (option `seconds`)"),
    "A10": ("login_refused", _LOGIN, "400 invalid_grant in the form of Login with Amazon"),
    "A11": ("expired_token", ("", ""), "403 Unauthorized, never 401, until the next login"),
    "A13": ("throttle", ("", ""), "429 QuotaExceeded without rate-limit header and Retry-After"),
    "A19": (
        "inventory_token_dead",
        ("/fba/inventory/v1/summaries", "GET"),
        "the nextToken is dead before its 30 seconds",
    ),
    "A20": ("empty_page", ("/finances/2024-06-19/transactions", "GET"), "an empty page with a nextToken that leads on"),
    "A22": ("expired_url", ("/documents/", "GET"), "an address that is dead when it is handed out"),
    "A23": ("nul_cells", _DOCUMENT, "empty cells hold two NUL bytes"),
    "A24": ("gzip_behind_identity", _DOCUMENT, "gzip bytes served as Content-Encoding: identity"),
    "A25": ("gzip_declared", _DOCUMENT, "gzip bytes served as Content-Encoding: gzip"),
    "A27": ("utf8_document", _DOCUMENT, "the document in UTF-8, and its charset says so"),
    "A28": ("byte_order_mark", _DOCUMENT, "the document in UTF-8 with a byte order mark"),
    "A30": ("report_cancelled", ("/reports/2021-06-30/reports", "POST"), "the report ends CANCELLED: no data"),
    "A32": ("report_twice", _REPORTS, "the first report of the page is listed twice"),
    "A34": ("feed_fatal", _FEEDS, "the feed ends FATAL, as legacy types always do"),
    "A35": ("upload_refused", ("/tortuga-catalog-", "PUT"), "403 as if the Content-Type were another one"),
    "A36": ("feed_message_invalid", _FEEDS, "the feed is DONE and its first message is invalid"),
    "A37": ("listing_invalid", _LISTING, "status INVALID with HTTP 200 and an issue; nothing is changed"),
    "A39": ("price_takes_quantity", _LISTING, "a patch of the price sets the quantity to 0 as well"),
    "A41": ("currency_on_some_lines", _DOCUMENT, "every third line carries the currency, the others are blank"),
    "A42": ("header_repeated", _DOCUMENT, "the header line appears again inside the file"),
    "A43": ("blank_lines_first", _DOCUMENT, "blank lines before the header"),
    "A44": ("shifted_columns", _DOCUMENT, "some lines have their amount columns one to the right"),
    "A45": ("other_columns", _DOCUMENT, "option `columns`: 23, 25 (V2), 33 or 36 (V1); 25 unless told"),
    "A46": ("quantity_only_lines", _DOCUMENT, "V1: each item begins with a line that has a quantity and no amount"),
    "A47": ("trailing_blanks", _DOCUMENT, "blanks after the last value and an empty line at the end"),
    "A48": ("decimal_comma", _DOCUMENT, "amounts with a decimal comma"),
    "A49": ("mixed_marks", _DOCUMENT, "every other amount with a decimal comma, the others with a point"),
    "A50": ("day_before_month", _DOCUMENT, "posted-date as DD/MM/YY beside an honest posted-date-time"),
    "A51": ("posted_date_empty", _DOCUMENT, "posted-date is empty on every line"),
    "A52": ("long_descriptions", _DOCUMENT, "an amount-type of 60 and a description of 140 characters"),
    "A53": ("equal_lines", _DOCUMENT, "a line is served as two equal halves"),
    "A54": ("quotes_in_text", _DOCUMENT, "an opening quote in a cell that never closes"),
    "A55": ("unknown_triple", _DOCUMENT, "an account line under three texts that nobody has seen"),
    "A56": ("old_fee_names", _DOCUMENT, "the storage fees under their names of before 2025"),
    "A57": ("sign_reversed", _DOCUMENT, "a commission of a refund with the other sign, and its counterpart"),
    "A58": ("two_amounts", _DOCUMENT, "V1: the advertising line has item-related-fee and other-fee (TaxAmount)"),
    "A59": ("reserve_not_carried", _DOCUMENT, "the previous reserve is 1.00 more than what was withheld"),
    "A60": ("charged_card", _DOCUMENT, "Payable to Amazon and Successful charge, which cancel out"),
    "A61": ("failed_transfer", _DOCUMENT, "the sentence of a transfer of funds that failed"),
    "A62": ("no_marketplace", _DOCUMENT, "no line has a marketplace-name"),
    "A63": ("non_amazon_order", _DOCUMENT, "the first order's marketplace-name is Non-Amazon"),
    "A64": ("shipment_as_order", _DOCUMENT, "FBAFees lines carry an FBA shipment id as order-id"),
    "A65": ("unknown_order", _DOCUMENT, "the first order's id is one that no mirror has"),
    "A67": ("parallel_settlements", _REPORTS, "settlements of further European marketplaces are listed"),
    "A70": ("amounts_as_strings", _FINANCES, "currencyAmount is a string"),
    "A71": ("yen", _FINANCES, "amounts in JPY, without decimals"),
    "A73": ("delivered_twice", _QUEUE, "every message is delivered twice"),
    "A74": ("out_of_order", _QUEUE, "the newest message comes first"),
}

#: Faults of no single row, for bad input of every kind.
_FURTHER: dict[str, tuple[tuple[str, str], str]] = {
    "page_repeated": (("", ""), "the page before is served again"),
    "slow": (("", ""), "the answer waits (option `seconds`)"),
    "lost_answer": (("", ""), "takes effect, then the connection is cut"),
    "cut_connection": (("", ""), "cut before anything happens"),
    "truncated_document": (_ANY_DOCUMENT, "half of the document's bytes"),
    "truncated_gzip": (_ANY_DOCUMENT, "half of the document's gzip bytes"),
    "wrong_charset": (_DOCUMENT, "the document in UTF-16 while its charset says Cp1252"),
    "new_column": (_DOCUMENT, "a further column at the end of the document"),
    "unknown_enum": (("", ""), "the first status word of the body is NEVER_SEEN_BEFORE"),
    "new_field": (("", ""), "every object of the body has a field that no model knows"),
    "null_object": (("", ""), "the first object inside the body is null"),
    "single_element": (("", ""), "the first list of the body is its single element"),
    "error_in_200": (("", ""), "200 whose body is an errors envelope"),
    "not_json": (("", ""), "200 with half of the JSON"),
    "report_fatal": (("/reports/2021-06-30/reports", "POST"), "the report ends FATAL"),
}

#: Rows that hold all the time and need no fault.
RULES = {
    "A12": "a restricted data token opens only the resources that it was made for",
    "A14": "searchOrders allows 0.0056 calls a second",
    "A15": "getReportDocument allows one call in 60 seconds",
    "A16": "a bucket gives its burst at once, then its rate",
    "A17": "each operation has its own bucket",
    "A18": "a reports nextToken beside another parameter is 400",
    "A21": "an orders token older than 24 hours is 400",
    "A26": "documents are Cp1252",
    "A29": "createReport of a settlement is 400 with 1118",
    "A31": "reports are gone after 90 days",
    "A33": "a notification names the document id that the poll names",
    "A38": "a SKU is one percent-encoded segment: a bare slash, a stray percent sign, a form's plus miss it",
    "A40": "line 2 of a settlement is its summary",
    "A66": "refunds settle when they happen, often after their sale",
    "A68": "facilitator tax offsets the tax of its line",
    "A69": "finances amounts are JSON numbers, digit by digit",
    "A72": "each notification type has its own case",
}

#: Row or word -> what happens.
FAULTS: dict[str, str] = {row: text for row, (_, _, text) in _ROWS.items()}
FAULTS |= {word: text for word, (_, text) in _FURTHER.items()}
#: Row -> word.
WORDS: dict[str, str] = {row: word for row, (word, _, _) in _ROWS.items()}
#: Word -> (part of the path, method) of a fault that was not aimed.
PLACES: dict[str, tuple[str, str]] = {word: place for word, place, _ in _ROWS.values()}
PLACES |= {word: place for word, (place, _) in _FURTHER.items()}
#: Every word.
AMAZON_FAULTS = tuple(PLACES)
