"""What a channel's returns and refunds are booked by: routing, policy, accounts, items, open periods."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from reconcile.controls.posting_days import Stop
from reconcile.mapping.posting import channel_books
from reconcile.mapping.routing import Routing, prefix_of
from reconcile.mapping.skus import Resolution, resolve_skus
from reconcile.refunds.policy import ReturnsPolicy, returns_policy
from sync.errors import BadInput

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence
    from reconcile.refunds.cases import Case

__all__ = ["Terms", "resolved", "sent_unread", "terms_of"]

_SENT = """
SELECT identity, max(updated_at) FROM operations
WHERE state IN ('done', 'answered') AND kind IN ('return_authorization.create', 'item_receipt.create',
    'credit_memo.create', 'cash_refund.create', 'customer_refund.create', 'return_authorization.close_lines')
GROUP BY identity
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """One channel's terms; ids are the ERP's internal ids."""

    channel: str
    routing: Routing
    policy: ReturnsPolicy
    clearing_account_id: str | None

    @property
    def prefix(self) -> str:
        """Return what our external ids start with."""
        return prefix_of(self.channel)

    @property
    def account_id(self) -> str | None:
        """Return where refunds are taken from."""
        return self.policy.account_id or self.clearing_account_id

    def day(self, moment: datetime) -> date:
        """Return a moment's date in the channel's calendar."""
        return moment.astimezone(ZoneInfo(self.routing.time_zone)).date()


def terms_of(evidence: Evidence, channel: str) -> Terms | Stop:
    """Return a channel's terms, or why it has none."""
    return evidence.once(f"returns terms {channel}", lambda: _terms(evidence, channel))


def _terms(evidence: Evidence, channel: str) -> Terms | Stop:
    try:
        books = channel_books(evidence, channel)
        policy = returns_policy(channel, evidence.decisions("returns"))
    except BadInput as error:
        return (f"returns|{channel}", error.problem, error.remedy)
    if books.routing is None:
        problem = books.routing_problem or f"{channel} has no routing"
        return (f"routing|{channel}", problem, f"Decide subsidiary, locations, customers and tax of {channel}")
    clearing = books.accounts.find(channel, "clearing")
    return Terms(channel, books.routing, policy, clearing.account_id if clearing and clearing.is_usable else None)


def resolved(evidence: Evidence, cases: Iterable[Case]) -> Mapping[tuple[str, str], Resolution]:
    """Return what every SKU of these orders' returns and refunds stands for."""
    pairs = {(c.channel, line.sku) for c in cases for back in c.returns for line in back.lines}
    pairs |= {(c.channel, x.sku) for c in cases for p in c.portions for x in p.lines if x.sku}
    return resolve_skus(evidence.cursor, pairs, evidence.decisions("sku"))


def sent_unread(evidence: Evidence, until: datetime) -> frozenset[str]:
    """Return the external ids of what was sent after the ERP was last read."""
    sent = evidence.once("returns sent", lambda: evidence.cursor.execute(_SENT).fetchall())
    return frozenset(str(identity) for identity, at in sent if at > until)
