"""What NetSuite's refusals mean, as data: the first rule that fits status, code and words decides (contract §2.10)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from sync.errors import ContractBroken, Credentials, InDoubt, Rejected, Throttled, Transient

__all__ = ["Means", "Rule", "permission_hint", "rule_for"]


class Means(Enum):
    THROTTLED = Throttled
    TRANSIENT = Transient
    IN_DOUBT = InDoubt
    REJECTED = Rejected
    CREDENTIALS = Credentials
    OUR_BUG = ContractBroken
    #: The idempotency key was used before: the first job says what became of it.
    SUBMITTED_BEFORE = "submitted before"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: what an answer with this status, code (regex, whole) and words (regex, anywhere) means."""

    means: Means
    hint: str = ""
    status: frozenset[int] = frozenset()
    code: str = ""
    words: str = ""

    #: The hint names the permission of the record that was called.
    needs_permission: bool = False

    def fits(self, status: int, code: str, detail: str) -> bool:
        """Return whether the rule speaks of this answer."""
        return (
            (not self.status or status in self.status)
            and (not self.code or re.fullmatch(self.code, code) is not None)
            and (not self.words or re.search(self.words, detail, re.IGNORECASE) is not None)
        )


def _on(*status: int) -> frozenset[int]:
    return frozenset(status)


_ROLE = (
    "The role of the integration lacks a permission or a feature is off; "
    "see Setup > Users/Roles > Manage Roles and Setup > Company > Enable Features"
)
# The first rule that fits decides. Order: limits, who we are, what the words say, then the bare status.
_RULES = (
    Rule(Means.THROTTLED, status=_on(429)),
    # A script may answer in plain text: then the code is one of its words.
    Rule(Means.THROTTLED, words=r"SSS_REQUEST_LIMIT_EXCEEDED|concurrent request limit exceeded"),
    Rule(Means.THROTTLED, code="CONCURRENCY_LIMIT_EXCEEDED|SSS_REQUEST_LIMIT_EXCEEDED|WS_REQUEST_BLOCKED"),
    Rule(
        Means.CREDENTIALS,
        "The reason is only in Setup > Users/Roles > User Management > View Login Audit Trail; "
        "a role without the REST Web Services permission is refused in the same words",
        status=_on(401),
    ),
    Rule(
        Means.CREDENTIALS,
        "The reason is only in Setup > Users/Roles > User Management > View Login Audit Trail",
        code=r"INVALID_LOGIN\w*",
    ),
    Rule(
        Means.SUBMITTED_BEFORE,
        "This very batch was handed over before: its first job says what became of it",
        code="IDEMPOTENCY_ERROR",
    ),
    Rule(Means.REJECTED, _ROLE, status=_on(403), needs_permission=True),
    Rule(
        Means.REJECTED,
        "Only an administrator may open this record; it is read over SuiteQL instead",
        words="only an administrator",
    ),
    Rule(Means.REJECTED, _ROLE, needs_permission=True, words=r"role does not have permission|permission violation"),
    Rule(Means.REJECTED, _ROLE, status=_on(400), needs_permission=True,
          words=r"Invalid search type:|Record '[^']*' was not found"),
    Rule(Means.IN_DOUBT, "A record with this identity is there: it is read before anything is repeated",
          code="DUP_RCRD|DUP_ENTITY|DUP_ITEM"),
    Rule(Means.IN_DOUBT, "A record with this identity is there: it is read before anything is repeated",
          status=_on(400, 409), words=r"\balready exists"),
    Rule(Means.REJECTED, "It was changed in NetSuite meanwhile; the next cycle derives the change anew",
          code="RCRD_HAS_BEEN_CHANGED|RECORD_HAS_BEEN_CHANGED"),
    Rule(Means.REJECTED, "Open the accounting period, or give the document a date in an open one",
          words=r"accounting period|period is (closed|locked)"),
    Rule(Means.REJECTED, "A cash sale that is in a deposit is not changed: make a cash refund instead",
          words=r"\bdeposited\b|is part of a deposit"),
    Rule(Means.REJECTED, "More is to be taken than is left on the source document: correct the quantity",
          words=r"over.?(receipt|receive|fulfill)|exceeds? the (quantity )?(remaining|ordered)|remaining quantity"),
    Rule(Means.REJECTED, "Debits and credits differ", words=r"journal entry must balance"),
    Rule(Means.REJECTED, "A workflow in NetSuite locks the record", words=r"locked by a user defined workflow"),
    Rule(Means.REJECTED, "NetSuite does not take the address: correct it on the channel, or book the order by hand",
          words=r"invalid\b.*\b(country|state|province|zip|postal|shipping ?address|addr[0-9])"),
    Rule(Means.REJECTED, "Check that item, location, department and class belong to the subsidiary and are active",
          words=r"Invalid Field Value"),
    Rule(Means.REJECTED, "Fill the named fields", words=r"Please enter value"),
    Rule(Means.REJECTED, "The record is not there (any more)", status=_on(404)),
    Rule(Means.OUR_BUG, code="INVALID_HEADER|INVALID_REQUEST|INVALID_URL"),
    Rule(Means.OUR_BUG, words=r"^Invalid url|Invalid search query"),
    Rule(Means.OUR_BUG, status=_on(405, 406, 411, 413, 414, 415)),
    Rule(Means.TRANSIENT, status=_on(408)),
)  # fmt: skip
_UNKNOWN = "This refusal is not known to us; NetSuite's own words are above"

#: Record of the REST service to the name of the permission that its writes need (Oracle's permission list).
_PERMISSIONS = {
    "salesorder": "Transactions > Sales Order",
    "cashsale": "Transactions > Cash Sale",
    "cashrefund": "Transactions > Cash Sale Refund",
    "invoice": "Transactions > Invoice",
    "itemfulfillment": "Transactions > Item Fulfillment",
    "itemreceipt": "Transactions > Item Receipt",
    "returnauthorization": "Transactions > Return Authorization",
    "creditmemo": "Transactions > Credit Memo",
    "customerrefund": "Transactions > Customer Refund",
    "customerpayment": "Transactions > Customer Payment",
    "journalentry": "Transactions > Make Journal Entry",
    "deposit": "Transactions > Deposit",
    "inventoryadjustment": "Transactions > Adjust Inventory",
    "customer": "Lists > Customers",
    "inventoryitem": "Lists > Items",
    "kititem": "Lists > Items",
    "assemblyitem": "Lists > Items",
    "accountingperiod": "Setup > Manage Accounting Periods",
    "deletedrecord": "Setup > Deleted Records",
    "suiteql": "Reports > SuiteAnalytics Workbook, and the list or transaction that is read",
    "metadata": "Setup > REST Web Services",
}


def permission_hint(operation: str) -> str:
    """Return which permission an operation such as `upsert salesOrder` most probably lacks, empty if not known."""
    words = operation.lower().split()
    name = next((_PERMISSIONS[word] for word in reversed(words) if word in _PERMISSIONS), "")
    return f"Most probably missing: {name} (level Create or Edit for writes)" if name else ""


def rule_for(status: int, code: str, detail: str) -> Rule:
    """Return the rule that decides; what fits none is for a person, with NetSuite's own words kept."""
    found = next((rule for rule in _RULES if rule.fits(status, code, detail)), None)
    if found is not None:
        return found
    if status >= 500:
        return Rule(Means.TRANSIENT)
    if status < 400:
        return Rule(Means.OUR_BUG, "NetSuite answered with a redirect")
    return Rule(Means.REJECTED, _UNKNOWN)
