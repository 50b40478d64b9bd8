"""Whether the account of undeposited funds is known: a wrong one leaves the money of sales where nothing looks.

The ERP names its own account (`special_type`), a person may decide another one. Where neither is so, the number that
ships is only believed if the account is called undeposited funds; else candidates by name and type are named, and one
that is alone is offered.
"""

from __future__ import annotations

from reconcile.controls.control import Evidence
from reconcile.controls.posting_days import Offer, Stop, propose
from reconcile.mapping.accounts import UNDEPOSITED_FUNDS, account_subject
from reconcile.mapping.posting import ChannelBooks

__all__ = ["undeposited_stop"]

_KEY = "undeposited"
_SHOWN = 3
_CANDIDATES = """
SELECT account_id, trim(coalesce(number, '') || ' ' || name) FROM accounts
WHERE NOT inactive AND account_type IN ('OthCurrAsset', 'Bank') AND contains(lower(name), 'undeposited')
ORDER BY number, account_id
"""


def undeposited_stop(evidence: Evidence, books: ChannelBooks) -> Stop | None:
    """Return why settlements that need the account of undeposited funds cannot be posted; one candidate is offered."""
    routing = books.routing
    if books.policy.model != "deposit" and (routing is None or routing.settle_invoices != _KEY):
        return None
    account = books.accounts.find(books.channel, _KEY)
    if account is not None and account.account_id is not None and _is_known(evidence, books, account.account_id):
        if account.is_usable:
            return None
        cause = f"account {account.label} of {books.channel} is inactive in NetSuite"
        return (f"account|{books.channel}|{_KEY}", cause, "Make it active there again, or choose another account")
    candidates = evidence.cursor.execute(_CANDIDATES).fetchall()
    if len(candidates) == 1:
        [(account_id, label)] = candidates
        because = "the only account of undeposited funds by its name"
        words = f"{_KEY} on {label}"
        propose(
            evidence, Offer("account", account_subject("default", _KEY), {"account_id": account_id}, words, because)
        )
    stands = account.label if account is not None else "none"
    cause = f"the account of undeposited funds of {books.channel} is not known: {stands} is not called so in NetSuite"
    if account is None or account.account_id is None:
        cause = f"the account of undeposited funds of {books.channel} is not known: NetSuite has no {stands}"
    named = ", ".join(label for _, label in candidates[:_SHOWN])
    likely = f" (likely {named})" if named else ""
    return (f"account|{books.channel}|{_KEY}", cause, f"Decide the account of the key {_KEY}{likely}")


def _is_known(evidence: Evidence, books: ChannelBooks, account_id: str) -> bool:
    """Tell whether a person decided the account, the ERP says that it is the one, or its name does."""
    decided = evidence.decisions("account")
    scopes = (books.channel, books.channel.partition(".")[0], "default")
    if any(account_subject(scope, _KEY) in decided for scope in scopes):
        return True
    row = evidence.cursor.execute(
        "SELECT special_type = $2 OR contains(lower(name), 'undeposited') FROM accounts WHERE account_id = $1",
        [account_id, UNDEPOSITED_FUNDS],
    ).fetchone()
    return bool(row and row[0])
