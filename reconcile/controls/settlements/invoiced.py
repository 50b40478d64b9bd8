"""What invoices have sold of the orders that settlements pay: it is not sold again, its payments' account is relieved.

The receivable of an invoice is open until a payment closes it, and the payment puts the money on clearing or into
undeposited funds (`settle_invoices`). The settlement that brings the money must take it from there: its price lines of
these orders leave that account, while those of orders without an invoice are income as ever. Orders are told apart one
by one, so that any mix of the two ends right.

Without `settle_invoices` only invoices of ours count, and only where the price lines are income: they are set apart as
they would be, and hold the settlement back until a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconcile.controls.control import Evidence
from reconcile.documents import BARE_REFERENCE, NAMED_BY
from reconcile.mapping.posting import ChannelBooks, channel_books
from reconcile.settlement import LineGroup
from reconcile.settlement.categories import PRICE, TAXED

__all__ = [
    "OURS",
    "InvoicedOrder",
    "apart_of",
    "has_invoices",
    "invoiced_orders",
    "late_invoices",
    "paid_lines",
    "payments_key",
]

#: External ids of our invoices; what bills a sales order of ours is ours as well.
OURS = "^[A-Z]+-INV-"
_INCOME = ("Income", "OthIncome")
_NAMED = " UNION ".join(
    f"SELECT b.transaction_id, t.{key} AS order_key, {BARE_REFERENCE.format(f't.{column}')} AS order_id,"  # noqa: S608
    " coalesce(t.external_id, '') AS named"
    f" FROM bills b JOIN transactions t ON t.transaction_id = b.root WHERE t.{key} IS NOT NULL"
    for key, column in NAMED_BY
)
_BILLS = f"""
CREATE OR REPLACE TEMP TABLE settled_bills AS
WITH bills AS (
    SELECT transaction_id, transaction_id AS root FROM transactions
    WHERE transaction_type = 'CustInvc' AND status IS DISTINCT FROM 'V'
    UNION
    SELECT t.transaction_id, l.created_from FROM transactions t
    JOIN transaction_lines l ON l.transaction_id = t.transaction_id AND l.created_from IS NOT NULL
    WHERE t.transaction_type = 'CustInvc' AND t.status IS DISTINCT FROM 'V'
),
named AS ({_NAMED})
SELECT s.channel, s.order_key, s.order_id, t.transaction_id, coalesce(t.number, t.transaction_id) AS number,
    t.currency, coalesce(t.total, 0) AS total, t.created_at,
    bool_or(regexp_matches(coalesce(t.external_id, ''), '{OURS}') OR n.named = CASE split_part(s.channel, '.', 1)
        WHEN 'amazon' THEN 'AMZ-' WHEN 'walmart' THEN 'WMT-' END || s.order_id) AS is_ours
FROM (
    SELECT DISTINCT channel, order_key, order_id FROM settlement_lines
    WHERE order_key IN (SELECT order_key FROM named)
) s
JOIN named n ON n.order_key = s.order_key AND n.order_id = s.order_id
JOIN transactions t ON t.transaction_id = n.transaction_id
GROUP BY ALL
"""  # noqa: S608 - our names
_KINDS_HERE = """
SELECT DISTINCT channel, transaction_type, amount_type, amount_description FROM settlement_lines
WHERE order_key IN (SELECT order_key FROM temp.settled_bills) AND transaction_type NOT ILIKE '%refund%'
ORDER BY ALL
"""
_KINDS = """
CREATE OR REPLACE TEMP TABLE invoiced_kinds AS
SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS transaction_type,
    unnest($3::VARCHAR[]) AS amount_type, unnest($4::VARCHAR[]) AS amount_description, unnest($5::BOOLEAN[]) AS is_tax
"""
_CHANNELS = """
CREATE OR REPLACE TEMP TABLE invoiced_channels AS
SELECT unnest($1::VARCHAR[]) AS channel, unnest($2::VARCHAR[]) AS account_key, unnest($3::BOOLEAN[]) AS is_decided,
    unnest($4::BOOLEAN[]) AS holds_tax
"""
_OF_KINDS = """
JOIN temp.invoiced_kinds k ON k.channel = l.channel AND k.transaction_type = l.transaction_type
    AND k.amount_type = l.amount_type AND k.amount_description = l.amount_description
"""
# Payments take invoices in the order in which they were made, whole ones, at price or with tax: what `invoice_unpaid`
# pays is what is set apart here.
_ORDERS = f"""
CREATE OR REPLACE TEMP TABLE invoiced_orders AS
WITH bills AS (
    SELECT b.*, c.account_key, c.holds_tax, sum(b.total) OVER (
        PARTITION BY b.channel, b.order_id ORDER BY b.created_at NULLS LAST, length(b.transaction_id), b.transaction_id
    ) AS due
    FROM temp.settled_bills b JOIN temp.invoiced_channels c ON c.channel = b.channel AND (c.is_decided OR b.is_ours)
),
billed AS (
    SELECT channel, order_id, any_value(order_key) AS order_key, any_value(account_key) AS account_key,
        any_value(holds_tax) AS holds_tax, min(number) AS number, sum(total) AS total, any_value(currency) AS currency,
        count(DISTINCT currency) AS currencies, max(created_at) AS created_at
    FROM bills GROUP BY ALL
),
paid AS (
    SELECT l.channel, l.order_id, l.settlement_id, s.period_end, s.currency,
        sum(CASE WHEN k.is_tax THEN 0 ELSE l.amount END) AS price, sum(l.amount) AS taxed
    FROM settlement_lines l {_OF_KINDS}
    JOIN billed b ON b.order_key = l.order_key AND b.channel = l.channel AND b.order_id = l.order_id
    JOIN settlements s ON s.channel = l.channel AND s.settlement_id = l.settlement_id
    GROUP BY ALL
),
running AS (
    SELECT channel, order_id, currency, sum(price) OVER sums AS price, sum(taxed) OVER sums AS taxed,
        row_number() OVER (PARTITION BY channel, order_id ORDER BY period_end DESC, settlement_id DESC) = 1 AS is_last
    FROM paid WINDOW sums AS (PARTITION BY channel, order_id ORDER BY period_end, settlement_id)
),
fits AS (
    SELECT r.channel, r.order_id, any_value(r.currency) AS paid_in, max(r.price) FILTER (r.is_last) AS price,
        bool_or(r.is_last AND r.price = b.due) AS at_price, bool_or(r.is_last AND r.taxed = b.due) AS at_taxed,
        bool_or(r.price = b.due) AS once_at_price, bool_or(r.taxed = b.due) AS once_at_taxed
    FROM running r JOIN bills b ON b.channel = r.channel AND b.order_id = r.order_id GROUP BY ALL
)
SELECT b.channel, b.order_key, b.order_id, b.account_key, b.number, b.total, b.currency, b.created_at, f.paid_in,
    f.price, b.currencies = 1 AND b.currency = f.paid_in AS is_same_currency, f.at_price OR f.at_taxed AS fits,
    NOT f.at_price AND (f.at_taxed OR (f.once_at_taxed AND NOT f.once_at_price)
        OR (b.holds_tax AND NOT f.once_at_price AND NOT f.once_at_taxed)) AS is_taxed
FROM billed b JOIN fits f ON f.channel = b.channel AND f.order_id = b.order_id
"""  # noqa: S608 - our names
_OF_ORDERS = f"""
FROM settlement_lines l
JOIN temp.invoiced_orders o ON o.order_key = l.order_key AND o.channel = l.channel AND o.order_id = l.order_id
{_OF_KINDS} AND (o.is_taxed OR NOT k.is_tax)
"""
_APART = f"""
SELECT l.channel, l.settlement_id, l.transaction_type, l.amount_type, l.amount_description, l.fulfilled_by,
    strftime(l.posted_date, '%Y-%m'), sum(l.amount), count(*), min(l.ordinal), min(l.posted_date), o.account_key
{_OF_ORDERS} GROUP BY ALL ORDER BY 1, 2, min(l.ordinal)
"""
_LINES = f"SELECT l.ordinal, o.account_key {_OF_ORDERS} WHERE l.channel = $1 AND l.settlement_id = $2"
_IN_PART = f"""
SELECT DISTINCT o.order_id, o.number, o.total, o.currency, o.price, o.paid_in, o.fits, o.is_same_currency
{_OF_ORDERS} WHERE l.channel = $1 AND l.settlement_id = $2 AND strftime(l.posted_date, '%Y-%m') = $3
ORDER BY o.order_id
"""
_LATE = f"""
SELECT count(DISTINCT o.order_id), min(o.number), min(o.order_id)
{_OF_ORDERS} WHERE l.channel = $1 AND l.settlement_id = $2 AND strftime(l.posted_date, '%Y-%m') = $3
    AND o.created_at > $4
"""


@dataclass(frozen=True, slots=True)
class InvoicedOrder:
    """An order that a month part pays and that invoices have sold; `number` is its first invoice."""

    order_id: str
    number: str
    #: All its invoices together, and what settlements pay of its price.
    billed: Decimal
    currency: str
    paid: Decimal
    paid_in: str
    #: Whether what is paid, at price or with tax, is what its first invoices add to.
    fits: bool
    is_same_currency: bool


def apart_of(evidence: Evidence, channel: str, settlement_id: str) -> tuple[LineGroup, ...]:
    """Return the sums of a settlement's lines that invoices have sold, each with the key of its payments' account.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    return evidence.once("invoiced lines", lambda: _apart(evidence)).get((channel, settlement_id), ())


def paid_lines(evidence: Evidence, channel: str, settlement_id: str) -> Mapping[int, str]:
    """Return ordinal → account key of the lines that `apart_of` sums."""
    if not apart_of(evidence, channel, settlement_id):
        return {}
    return dict(evidence.cursor.execute(_LINES, [channel, settlement_id]).fetchall())


def invoiced_orders(evidence: Evidence, channel: str, settlement_id: str, month: str) -> tuple[InvoicedOrder, ...]:
    """Return the orders of a month part (YYYY-MM) that invoices have sold."""
    if not any(group.month == month for group in apart_of(evidence, channel, settlement_id)):
        return ()
    rows = evidence.cursor.execute(_IN_PART, [channel, settlement_id, month]).fetchall()
    return tuple(InvoicedOrder(*row) for row in rows)


def late_invoices(evidence: Evidence, channel: str, settlement_id: str, month: str, since: object) -> str | None:
    """Return that orders of a month part were invoiced after a moment, None where none was."""
    if not apart_of(evidence, channel, settlement_id):
        return None
    row = evidence.cursor.execute(_LATE, [channel, settlement_id, month, since]).fetchone()
    if row is None or not row[0]:
        return None
    count, number, order_id = row
    more = f" and {count - 1} more orders" if count > 1 else ""
    return f"{number} has sold {order_id}{more} since"


def payments_key(books: ChannelBooks) -> str:
    """Return the account key of where payments of a channel's invoices go, or where they would by its posting model."""
    settles = books.routing.settle_invoices if books.routing else "none"
    if settles != "none":
        return settles
    return "undeposited" if books.policy.model == "deposit" else "clearing"


def has_invoices(evidence: Evidence) -> bool:
    """Tell whether orders of settlements have invoices; then temp tables `settled_bills` and `invoiced_*` tell of them.

    Raises:
        BadInput: a decision on line types, dimensions or the settlement policy cannot be used.
    """
    return evidence.once("invoices of settled orders", lambda: _link(evidence))


def _apart(evidence: Evidence) -> Mapping[tuple[str, str], tuple[LineGroup, ...]]:
    if not has_invoices(evidence):
        return {}
    found: dict[tuple[str, str], list[LineGroup]] = {}
    for channel, settlement_id, *values in evidence.cursor.execute(_APART).fetchall():
        found.setdefault((channel, settlement_id), []).append(LineGroup(*values))
    return {key: tuple(groups) for key, groups in found.items()}


def _link(evidence: Evidence) -> bool:
    cursor = evidence.cursor
    if cursor.execute("SELECT 1 FROM transactions WHERE transaction_type = 'CustInvc' LIMIT 1").fetchone() is None:
        return False
    cursor.execute(_BILLS)
    rows = cursor.execute("SELECT DISTINCT channel FROM temp.settled_bills ORDER BY channel").fetchall()
    if not rows:
        return False
    _note_kinds(evidence)
    books = [channel_books(evidence, str(channel)) for (channel,) in rows]
    decided = [b.routing is not None and b.routing.settle_invoices != "none" for b in books]
    taxed = [b.routing is not None and b.routing.holds_tax for b in books]
    cursor.execute(_CHANNELS, [[b.channel for b in books], [payments_key(b) for b in books], decided, taxed])
    cursor.execute(_ORDERS)
    return True


def _note_kinds(evidence: Evidence) -> None:
    """Make temp table `invoiced_kinds` of the line types that are what a buyer paid."""
    rows = evidence.cursor.execute("SELECT account_id FROM accounts WHERE account_type IN $1", [list(_INCOME)])
    income = {str(account_id) for (account_id,) in rows.fetchall()}
    kinds = [row for row in evidence.cursor.execute(_KINDS_HERE).fetchall() if _is_sold(evidence, income, *row)]
    columns = [list(column) for column in zip(*kinds, strict=True)] or [[], [], [], []]
    rules = [channel_books(evidence, channel).rules for channel, *_ in kinds]
    vendors = [channel.partition(".")[0] for channel, *_ in kinds]
    is_tax = [r.place(v, *kind[1:]).category not in PRICE for r, v, kind in zip(rules, vendors, kinds, strict=True)]
    evidence.cursor.execute(_KINDS, [*columns, is_tax])


def _is_sold(evidence: Evidence, income: set[str], channel: str, *kind: str) -> bool:
    """Tell whether lines of a type are what a buyer paid, and are sold again where nobody has decided."""
    books = channel_books(evidence, channel)
    placed = books.rules.place(channel.partition(".")[0], *kind)
    if placed.category not in TAXED:
        return False
    if placed.category not in PRICE or (books.routing is not None and books.routing.settle_invoices != "none"):
        return True
    account = books.accounts.find(channel, placed.account_key)
    return account is not None and account.account_id in income
