"""From whatever id a person has to the order, settlement or document that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from reconcile.story.asked import bare_spellings, cleaned, order_within, spellings
from reconcile.story.elsewhere import by_shipping_order
from reconcile.story.models import Candidate
from reconcile.story.search_buyer import by_email, by_name, by_phone, by_sku
from reconcile.story.search_documents import by_document, by_operation
from reconcile.story.search_orders import by_channel_record, by_order, by_tracking, orders_named
from reconcile.story.search_settlements import by_settlement
from sync.mirror.places import look_up

__all__ = ["candidates", "order_candidate"]

#: Channels that may share one order number.
_MOST = 20


def candidates(cursor: duckdb.DuckDBPyConnection, text: str, *, limit: int = 20) -> list[Candidate]:
    """Return what a text may mean, newest first.

    First by exact ids of all systems: order id and customer order id; ids of channel records (return, RMA, licence
    plate, parcel, ledger event, reimbursement); any ERP document, also through what it was made from; tracking numbers;
    settlements, payouts and journals; identities of our own writes. Only where none of them names anything: e-mail,
    SKU and day, phone, buyer's name with or without postal code.
    """
    asked = cleaned(text)
    if not asked:
        return []
    # An id may hold what is cleaned away, such as a mark of the writing's direction: first of all as it was typed.
    forms = tuple(dict.fromkeys((text.strip(), *spellings(asked))))
    bare = tuple(dict.fromkeys((text.strip(), *bare_spellings(asked))))
    # Letter case makes no difference to a look-up: each spelling is asked for once.
    found_of = look_up(cursor, [form.upper() for form in (*forms, *bare)])
    known = {form: found_of.get(form.upper(), {}) for form in (*forms, *bare)}
    found = by_order(cursor, known, bare, limit)
    shipped = by_shipping_order(cursor, known, forms, limit)
    if not {(c.channel, c.subject) for c in shipped} & {(c.channel, c.subject) for c in found}:
        # The marketplace's own order of a shipping order is not where it was sold.
        found = shipped or found
    if not found:
        found = [
            *by_channel_record(cursor, known, forms, limit),
            *by_tracking(cursor, known, forms, limit),
            *by_document(cursor, known, forms, limit),
            *by_settlement(cursor, forms, limit),
            *by_operation(cursor, forms, limit),
        ]
    within = order_within(asked)
    if not found and within is not None:
        found = orders_named(cursor, [within], limit)
    for step in (by_email, by_sku, by_phone, by_name):
        found = found or step(cursor, asked, limit)
    return _newest_first(found)[:limit]


def order_candidate(cursor: duckdb.DuckDBPyConnection, channel: str, order_id: str) -> Candidate | None:
    """Return one order by its own key, None where the mirror has none."""
    named = orders_named(cursor, [order_id], _MOST)
    return next((c for c in named if (c.channel, c.subject) == (channel, order_id)), None)


def _newest_first(found: Sequence[Candidate]) -> list[Candidate]:
    """Return each subject once, by the first id that named it."""
    first: dict[tuple[str, str, str], Candidate] = {}
    for one in found:
        first.setdefault((one.kind, one.channel, one.subject), one)
    # What names an order stands before the document itself: the order's page holds the document too.
    return sorted(first.values(), key=lambda c: c.at, reverse=True)
