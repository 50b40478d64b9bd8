"""The ERP's documents of the channels' orders: what names an order, and everything that was made from it.

Controls choose their candidates first (the few orders that may differ) and link only those: what this costs follows
what changed, not what is stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reconcile.controls.control import Evidence

__all__ = ["BARE_REFERENCE", "NAMED_BY", "link_documents", "link_from", "link_unknown", "make_edges"]

#: A reference of ours carries a prefix; other connectors and people write the bare number.
BARE_REFERENCE = "CASE WHEN left({0}, 4) IN ('AMZ-', 'WMT-') THEN substr({0}, 5) ELSE {0} END"
#: Order to fulfilment, invoice, payment, return, receipt, credit and refund: nothing of an order lies deeper.
_DEEPEST = 6
_EDGES = """
CREATE OR REPLACE TEMP TABLE document_edges AS
SELECT created_from AS previous_id, transaction_id AS next_id FROM transaction_lines WHERE created_from IS NOT NULL
UNION
SELECT previous_id, next_id FROM document_links
"""
#: What names an order on a document of the ERP: (join key, reference).
NAMED_BY = (("external_key", "external_id"), ("other_key", "other_reference"), ("number_key", "number"))
# Step by step, each into a table: what the next one joins is known to be little, and what is large is read past it.
_ORDERS = """
CREATE OR REPLACE TEMP TABLE linked_orders AS
SELECT DISTINCT o.channel, o.order_id, o.order_key FROM temp.{candidates} c
JOIN orders o ON o.channel = c.channel AND o.order_id = c.order_id
"""
_NAMED = " UNION ".join(
    f"SELECT c.channel, c.order_id, t.transaction_id FROM temp.{{orders}} c"  # noqa: S608 - our names
    f" JOIN transactions t ON t.{key} = c.order_key AND {BARE_REFERENCE.format(f't.{column}')} = c.order_id"
    for key, column in NAMED_BY
)
_ROOTS = f"CREATE OR REPLACE TEMP TABLE linked_roots AS {_NAMED}"
# A deposit is made from the cash sales of many orders: it is none of the order's own documents.
_CHAIN = f"""
CREATE OR REPLACE TEMP TABLE linked_chain AS
WITH RECURSIVE chain (channel, order_id, transaction_id, made_from, depth) AS (
    SELECT channel, order_id, transaction_id, CAST(NULL AS VARCHAR), 0 FROM temp.{{roots}}
    UNION
    SELECT c.channel, c.order_id, e.next_id, c.transaction_id, c.depth + 1
    FROM chain c JOIN temp.document_edges e ON e.previous_id = c.transaction_id
    JOIN transactions t ON t.transaction_id = e.next_id AND t.transaction_type <> 'Deposit'
    WHERE c.depth < {_DEEPEST}
)
SELECT * FROM chain
"""  # noqa: S608 - our names
_LINKED = """
SELECT c.channel, c.order_id, c.made_from, c.depth, t.transaction_id, t.transaction_type, t.number, t.status,
    t.external_id, t.other_reference, t.customer_id, t.currency, t.total, t.transaction_date, t.period_id,
    t.created_at, t.updated_at
FROM temp.linked_chain c JOIN transactions t ON t.transaction_id = c.transaction_id
QUALIFY row_number() OVER (
    PARTITION BY c.channel, c.order_id, c.transaction_id ORDER BY c.depth, c.made_from
) = 1
"""


def make_edges(evidence: Evidence) -> None:
    """Make temp table `document_edges` (previous_id, next_id): what was made from what; once within one evidence."""
    evidence.once("document edges", lambda: evidence.cursor.execute(_EDGES) and True)


def link_documents(evidence: Evidence, candidates: str, into: str) -> None:
    """Create temp table `into` with the documents of the orders in temp table `candidates` (channel, order_id).

    One row a document and order: `channel`, `order_id`, `transaction_id`, `transaction_type`, `number`, `status`,
    `external_id`, `other_reference`, `customer_id`, `currency`, `total` (positive on sales, as mirrored),
    `transaction_date`, `period_id`, `created_at`, `updated_at`, and how it belongs to the order: `depth` 0 names it by
    external id, other reference or number; above 0 it was made from `made_from`, one of the order's documents.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check_names(candidates, into)
    evidence.cursor.execute(_ORDERS.format(candidates=candidates))
    evidence.cursor.execute(_ROOTS.format(orders="linked_orders"))
    _link(evidence, "linked_roots", f"CREATE OR REPLACE TEMP TABLE {into} AS")


def link_unknown(evidence: Evidence, unknown: str, into: str) -> None:
    """Add the documents of orders that `orders` does not have to a table that `link_documents` made.

    Temp table `unknown` holds them: channel, order_id, order_key.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check_names(unknown, into)
    evidence.cursor.execute(_ROOTS.format(orders=unknown))
    _link(evidence, "linked_roots", f"INSERT INTO temp.{into}")


def link_from(evidence: Evidence, roots: str, into: str) -> None:
    """Create temp table `into`, as `link_documents` does, from documents that are known to belong to an order.

    Temp table `roots` holds them: channel, order_id, transaction_id. The order may be one that `orders` does not have.

    Raises:
        ValueError: a table's name is no identifier.
    """
    _check_names(roots, into)
    _link(evidence, roots, f"CREATE OR REPLACE TEMP TABLE {into} AS")


def _link(evidence: Evidence, roots: str, into: str) -> None:
    make_edges(evidence)
    evidence.cursor.execute(_CHAIN.format(roots=roots))
    evidence.cursor.execute(f"{into} {_LINKED}")


def _check_names(*names: str) -> None:
    for name in names:
        if not name.isidentifier():
            raise ValueError(f"{name!r} is no table's name")
