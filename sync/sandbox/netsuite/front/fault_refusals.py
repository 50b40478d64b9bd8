"""Faults that are a refusal in NetSuite's own envelope, before any service has seen the call (CONTRACT §7, §2.10)."""

from __future__ import annotations

from collections.abc import Mapping

from sync.sandbox.netsuite.front.gate import too_many_calls
from sync.sandbox.netsuite.login.auth import invalid_login
from sync.sandbox.netsuite.wire.refusals import Refused, invalid_value, user_error

__all__ = ["REFUSALS", "bad_login_variant", "spaces_in_url", "unexpected_error"]

_ERROR_ID = "lq3k2v9x1a7b8c4d5e6f"


def unexpected_error() -> Refused:
    """Return the 500 that names nothing but an error id."""
    return Refused(500, "UNEXPECTED_ERROR", f"An unexpected error occurred. Error ID: {_ERROR_ID}")


def spaces_in_url() -> Refused:
    """Return the refusal of an address with a blank (its code is assumed)."""
    return Refused(400, "INVALID_REQUEST", "Invalid url. Spaces are not allowed in the URL.")


def bad_login_variant() -> Refused:
    """Return a 401 as other releases and hosts word it."""
    refused = invalid_login()
    return Refused(401, "INVALID_LOGIN_ATTEMPT", refused.detail, title="Invalid Login Attempt")


def _permission() -> Refused:
    return Refused(400, "USER_ERROR", "Your current role does not have permission to perform this action.")


def _violation() -> Refused:
    text = "Permission Violation: The subrecord you are trying to access is restricted."
    return Refused(403, "INSUFFICIENT_PERMISSION", text)


def _administrator() -> Refused:
    text = "For security reasons, only an administrator is allowed to edit an administrator record"
    return Refused(400, "USER_ERROR", text)


def _no_tax_details() -> Refused:
    text = "Error while accessing a resource. Unknown reference or field 'taxDetails'."
    return Refused(400, "INVALID_CONTENT", text, where={"o:errorPath": "taxDetails"})


def _period() -> Refused:
    return user_error("The transaction date you specified is not within the date range of your accounting period.")


#: Word → the refusal. The words of `over_receipt`, `deposited` and `legacy_tax` are assumed.
REFUSALS: Mapping[str, Refused] = {
    "throttle": too_many_calls(),
    "restlet_limit": too_many_calls(),
    "burst_401": invalid_login(),
    "no_permission": _permission(),
    "permission_violation": _violation(),
    "no_permission_401": invalid_login(),
    "already_exists": user_error("This entity already exists."),
    "locked_record": user_error("This record has been locked by a user defined workflow."),
    "administrator_record": _administrator(),
    "unexpected_error": unexpected_error(),
    "dimension_mismatch": invalid_value(9999, "location", "location"),
    "closed_period": _period(),
    "unbalanced_journal": user_error("The amounts in a journal entry must balance."),
    "spaces_in_url": spaces_in_url(),
    "deposited": user_error("This transaction has been deposited and cannot be edited."),
    "over_receipt": user_error("The quantity received cannot exceed the quantity of the order.", "item.items[0]"),
    "record_changed": Refused(409, "RCRD_HAS_BEEN_CHANGED", "Record has been changed."),
    "legacy_tax": _no_tax_details(),
    "line_error": invalid_value(9999, "item", "item.items[0].item"),
}
