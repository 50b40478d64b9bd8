"""What goes wrong at the vendors, numbered: Amazon A01-A74, Walmart W01-W39, NetSuite N01-N40."""

from __future__ import annotations

__all__ = ["ROWS"]

_AMAZON = """
503 with HTML
empty 500
403 with {"message"} instead of the error envelope
leading newlines in a body
header names in any case
no rate-limit header
a rate-limit header that is no number
two refreshes of the token race
expires_in is not what one thinks
the login's own error form
a wrong token is 403, not 401
a restricted data token used as an access token
429 without any hint how long
orders at one call in three minutes
report documents at one call a minute
a burst, then a crawl
buckets of operations mixed up
a reports nextToken sent with other parameters
an inventory token older than 30 seconds
an empty page with a token
an orders token older than 24 hours
a presigned address older than five minutes
NUL bytes in cells
gzip behind Content-Encoding: identity
decompressing twice
umlauts in Cp1252
reports in UTF-8
a byte order mark
requesting a settlement report is refused
CANCELLED means no data
reports are gone after 90 days
a report is seen twice
one document id from a notification and from polling
a legacy feed ends FATAL
the upload's Content-Type differs
an accepted feed with invalid messages
INVALID with status 200
a SKU with / % blanks and +
a price patch replaces the quantity
the summary line is summed
a blank currency
the header is repeated
blank lines before the header
amount columns are shifted
23, 24, 33 or 36 columns
lines with a quantity only
blanks after the last value
a decimal comma
decimal marks mixed in one file
DD/MM against MM/DD
an empty posted-date
long descriptions
equal lines are real money
quotes inside text
an unknown triple
old and new names of fees
signs reversed
a V1 advertising line with two amounts
a reserve carried over
Payable to Amazon and Successful charge
the sentence of a failed transfer
no marketplace-name
orders from outside Amazon
an order-id that is an FBA shipment
an order in no mirror
a refund in another settlement than its sale
several EU settlements at once
facilitator tax that nets to zero
finances amounts as JSON numbers
amounts as text
yen without decimals
PascalCase and camelCase notifications
a notification delivered twice
notifications out of order
"""
_WALMART = """
the token expires in the middle of a run: 401
an expired token as 400 INVALID_TOKEN
the token call answers 400 for bad credentials
401 or 403 with a valid token
429, with the time to wait in seconds, milliseconds or ISO, with or without Retry-After
report status and download at 20 an hour
404 means no orders or no items
a cursor must go back byte for byte; the same page again
the same order on two pages
400 without a start date
acknowledge answers 500 and took effect
acknowledge of what is further already
shipping what is shipped
a shipment of several lines fails as a whole
a method code that is not supported
a carrier outside the list, or without its URL; a time in the wrong unit
shipping what the buyer asked to cancel
a line cancelled by itself after the order was pushed
a general refusal during an outage
HTML from the CDN
a feed that was taken fails, or items of it
a feed was taken though its answer was lost
the stock list leaves a SKU out; a short page with a cursor
WFS orders need a call of their own and are not ours to ship
a window of returns with one date
the JSON report ends at 1,000 rows
an error in place of the report's ZIP
report lines of unknown orders, without SKU, with another case, with numbers spoilt by a spreadsheet
a blank type, an unknown amount type, a new column
cancelled orders never appear and reports lag two weeks
a commission below the rate through an incentive
an object for a list of one, explicit nulls
a phone of zeros and a relay e-mail
several states inside one line
replacement and preorder orders
half a report marked done
tax and tax withheld must both be summed
several units in one line and what an amount is of
a refund of WFS or of what is not shipped
"""
_NETSUITE = """
429 without Retry-After; the limit falls
a RESTlet's own form of the limit
401 in a burst
a missing permission as 401 or 400
locked out after five bad logins
a nonce used twice, a clock that is off
the token expires; the mapping is gone
other type URLs and codes for the same refusal
it was written and the answer was lost
already exists on a repeat
a repeated PATCH appends lines
a record locked by a workflow cannot be read
an administrator's record cannot be read
rows near midnight are lost
four date formats
no NULL keys, everything text, T and F
paging without order
hasMore ends too early
more than 100,000 rows
ROWNUM before ORDER BY
a bad column is 400 or 500
metadata without properties
no subsidiaries outside OneWorld
location, subsidiary and department do not fit
a closed or locked period
a journal unbalanced by rounding
a job that succeeded with failed tasks
an idempotency key used again
spaces in a URL, a pipe in an id
a deposited cash sale cannot be edited
more received than ordered
a script changes what was saved
changed by somebody else meanwhile
an outage of minutes
lines left out of a transform, line numbers with gaps
SuiteTax or legacy tax
every call needs the one retry policy
deletions are not seen
errors in a line of a sublist
a query that runs into the time-out
"""


def _numbered(letter: str, text: str) -> dict[str, str]:
    return {f"{letter}{number:02d}": line for number, line in enumerate(text.strip().splitlines(), 1)}


#: Row → what goes wrong, in the order of the vendors' contracts.
ROWS: dict[str, str] = _numbered("A", _AMAZON) | _numbered("W", _WALMART) | _numbered("N", _NETSUITE)
