"""Opens the lists: most are SQL, some are worked out from decisions and handed over as rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from console.desk import ViewRequest
from console.live.closes import close_rows
from console.live.dimension_rules import dimension_rows
from console.live.fees import fee_rows
from console.live.finance import bank_rows, bridge_rows, line_type_rows, ties_of
from console.live.row_keys import CAUSE, type_key
from console.present.amounts import totals
from console.views.definitions import VIEWS
from console.views.query import build_view
from console.views.rows import Row, RowView
from reconcile.causes import causes
from reconcile.controls.control import Evidence
from reconcile.customers.known import masks_emails
from reconcile.mapping.suggestions import suggest_items
from reconcile.past import stand_at
from reconcile.refunds.cases import prepare_returns
from reconcile.seen_at import store_at
from reconcile.stored_settlements import see_settlement
from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["open_view"]

_SUGGESTED_AT_MOST = 400
#: Lists of discrepancies that can be read as of a moment, and the controls that they need (None: all).
_STANDING: dict[str, tuple[str, ...] | None] = {"discrepancies": None, "settlements": ("settlement_not_posted",)}


def open_view(store: Store, request: ViewRequest) -> RowView:
    """Build a list on a cursor of its own, which the view closes.

    Raises:
        FilterProblem: the filter or the column to sort by cannot be understood.
        BadInput: there is no such list, or what it needs is gone.
    """
    definition = VIEWS.get(request.view)
    if definition is None:
        raise BadInput("there is no such list", value=request.view, remedy=f"Known: {', '.join(VIEWS)}")
    rows: list[Row] | None = None
    scope = dict(request.scope)
    if request.view == "settlement_types":
        rows = _line_types(store_at(store, request.as_of), scope.get("settlement", ""), request.as_of)
    elif request.view in _WORKED_OUT:
        rows = _WORKED_OUT[request.view](store, request.as_of)
    elif request.view == "customers":
        scope["mask"] = "yes" if masks_emails(store) else ""
    elif request.view == "settlements":
        scope["ties"] = ties_of(store, request.as_of)
    cursor = store.database.cursor()
    try:
        if request.as_of is not None:
            store.mirror.as_of(cursor, request.as_of)
            if request.view in _STANDING:
                stand_at(cursor, store, request.as_of, _STANDING[request.view])
        if request.view == "returns":
            prepare_returns(Evidence(store, cursor, request.as_of or store.clock.now()))
        return build_view(
            cursor,
            definition,
            now=request.as_of or store.clock.now(),
            filter_text=request.filter,
            sort=request.sort,
            scope=scope,
            as_of=request.as_of,
            rows=rows,
        )
    except BaseException:
        cursor.close()
        raise


def _causes(store: Store, as_of: datetime | None) -> list[Row]:
    """Return what discrepancies share, with count, money by currency, and age of the oldest."""
    return [
        Row(
            CAUSE + c.cause_id,
            (
                c.cause,
                c.count,
                c.blocked,
                totals((v, k) for k, v in c.money) if c.money else "",
                c.oldest,
                c.deadline,
                ", ".join(c.controls).replace("_", " "),
            ),
        )
        for c in causes(store, as_of)
    ]


def _unmapped(store: Store) -> list[Row]:
    """Return the unmapped SKUs with the best suggestion for each."""
    with store.database.reading() as cursor:
        found = cursor.execute(
            """
            SELECT d.channel, d.subject, l.title, CAST(d.detail->>'orders' AS INTEGER), d.amount, d.currency
            FROM discrepancies d
            LEFT JOIN (
                SELECT channel, sku, min(title) AS title FROM order_lines GROUP BY channel, sku
            ) l ON l.channel = d.channel AND l.sku = d.subject
            WHERE d.control = 'sku_unmapped' AND d.state <> 'resolved' ORDER BY d.amount DESC, d.subject
            """
        ).fetchall()
        rows = []
        for place, (channel, sku, title, orders, amount, currency) in enumerate(found):
            best = suggest_items(cursor, channel, sku, limit=1) if place < _SUGGESTED_AT_MOST else []
            name = best[0].name if best else None
            score = Decimal(str(round(best[0].score))) if best else None
            values = (channel, sku, title, name, score, orders, amount, currency)
            rows.append(Row(f"{channel}|{sku}", values))
    return rows


def _line_types(store: Store, key: str, as_of: datetime | None) -> list[Row]:
    """Return one settlement's line types with category and account, by the decisions in force."""
    seen = see_settlement(store, key)
    if seen is None and as_of is not None:
        return []
    if seen is None:
        raise BadInput("there is no such settlement", value=key, remedy="Go back to the list of settlements")
    settlement = seen.parsed.settlement
    rows = []
    for category in seen.breakdown.categories:
        for kind in category.types:
            account = seen.accounts.find(settlement.channel, kind.account_key)
            parts = (kind.transaction_type, kind.amount_type, kind.amount_description)
            name = " / ".join(part for part in parts if part)
            state = "unmapped" if account is None else "mapped"
            label = account.label if account else None
            values = (name, label, kind.lines, kind.amount, state, settlement.currency)
            rows.append(Row(type_key(key, parts), values))
    return rows


_WORKED_OUT: dict[str, Callable[[Store, datetime | None], list[Row]]] = {
    "mapping": lambda store, _: _unmapped(store),
    "causes": _causes,
    "line_types": lambda store, _: line_type_rows(store),
    "bridge": bridge_rows,
    "bank": bank_rows,
    "closes": lambda store, _: close_rows(store),
    "fees": lambda store, _: fee_rows(store),
    "dimensions": lambda store, _: dimension_rows(store),
}
