"""The lists that screens and the command line show. A column's name is also its field in the filter language."""

from __future__ import annotations

from console.views.query import HANDED_OVER, ViewDefinition
from console.views.rows import Column

__all__ = ["VIEWS"]

_CURRENCY = Column("currency", "Cur", 3, hidden=True)
_RANK = Column("rank", "Rank", 4, "count", hidden=True)

_DISCREPANCIES = ViewDefinition(
    "discrepancies",
    "discrepancies.sql",
    (
        Column("severity", "Sev", 4),
        Column("control", "Kind", 21),
        Column("channel", "Channel", 10, priority=3),
        Column("record", "Key", 19, stretch=True),
        Column("diff", "Diff", 10, "money", currency="currency"),
        Column("since", "Age", 4, "age"),
        Column("due_at", "Due", 6, "age", priority=4),
        Column("status", "Status", 8, priority=2),
        Column("cause", "Cause", 28, priority=5, stretch=True),
        Column("title", "Title", 30, hidden=True),
        Column("amount", "At stake", 12, "money", hidden=True, currency="currency"),
        Column("subject", "Number", 30, hidden=True),
        _CURRENCY,
        _RANK,
    ),
    search=("record", "subject", "control", "cause", "title"),
    order="rank, due_at NULLS LAST, amount DESC",
    needs=("now",),
)

_CAUSES = ViewDefinition(
    "causes",
    HANDED_OVER,
    (
        Column("cause", "Cause", 30, stretch=True),
        Column("count", "Count", 6, "count"),
        Column("blocked", "Blocked", 7, "count", priority=2),
        Column("money", "At stake", 16),
        Column("oldest", "Age", 4, "age"),
        Column("due_at", "Due", 6, "age", priority=3),
        Column("control", "Kind", 21, priority=4),
    ),
    search=("cause", "control"),
    order='"count" DESC, oldest',
)

_QUEUE = ViewDefinition(
    "queue",
    "queue.sql",
    (
        Column("status", "Status", 8),
        Column("operation", "Operation", 22, priority=2),
        Column("target", "Identity", 24),
        Column("summary", "What", 20, stretch=True, priority=3),
        Column("channel", "Channel", 10, priority=5),
        Column("attempts", "Tries", 5, "count", priority=3),
        Column("next_at", "Next", 6, "age", priority=4),
        Column("error", "Last error", 24, stretch=True),
        Column("amount", "Amount", 11, "money", priority=6, currency="currency"),
        Column("changed_at", "Age", 4, "age"),
        _CURRENCY,
        _RANK,
    ),
    search=("operation", "target", "summary", "error"),
    order="rank, changed_at DESC",
)

_SETTLEMENTS = ViewDefinition(
    "settlements",
    "settlements.sql",
    (
        Column("channel", "Channel", 10),
        Column("settlement", "Settlement", 11, stretch=True),
        Column("period_start", "From", 10, "date", priority=4),
        Column("period_end", "To", 10, "date", priority=2),
        Column("deposit_at", "Deposit", 10, "date", priority=3),
        Column("currency", "Cur", 3),
        Column("total", "Payout", 11, "finance", currency="currency"),
        Column("gap", "Gap", 10, "finance", currency="currency"),
        # Report, ledger, payout, bank: = ties, ! differs, ? is missing, ~ is not due yet, . was never read.
        Column("ties", "RLPB", 4),
        Column("posted", "Post", 4),
        Column("lines", "Lines", 9, "count", priority=5),
        Column("status", "Status", 10),
        Column("document", "File", 20, hidden=True),
    ),
    search=("settlement", "document"),
    order="period_end DESC",
    needs=("now", "ties"),
)

_SETTLEMENT_TYPES = ViewDefinition(
    "settlement_types",
    HANDED_OVER,
    (
        Column("line_type", "Line type", 28, stretch=True),
        Column("account", "Account", 22, stretch=True),
        Column("lines", "Lines", 8, "count"),
        Column("amount", "Amount", 13, "finance", currency="currency"),
        Column("status", "State", 8),
        _CURRENCY,
    ),
    search=("line_type", "account"),
    order="status DESC, abs(amount) DESC",
)

_LINE_TYPES = ViewDefinition(
    "line_types",
    HANDED_OVER,
    (
        Column("vendor", "Vendor", 8, priority=4),
        Column("line_type", "Line type", 24, stretch=True),
        Column("amount", "Amount", 14),
        Column("lines", "Lines", 6, "count"),
        Column("settlements", "Settl.", 6, "count", priority=3),
        Column("first_seen", "Seen", 4, "age", priority=2),
        Column("proposed", "Proposed", 22, stretch=True),
        Column("score", "Score", 5, "score", priority=2),
        Column("reason", "Reason", 30, hidden=True),
    ),
    search=("line_type", "proposed"),
    order='"lines" DESC',
)

_FEES = ViewDefinition(
    "fees",
    HANDED_OVER,
    (
        Column("channel", "Channel", 10),
        Column("kind", "Kind", 8),
        Column("name", "Name", 14, stretch=True),
        Column("fee", "Fee", 12, stretch=True),
        Column("starts", "From", 10, "date"),
        Column("ends", "Until", 10, "date", priority=3),
        Column("status", "State", 9),
        Column("source", "Source", 22, stretch=True, priority=4),
        _RANK,
    ),
    search=("name", "source"),
    order="rank",
)

_DIMENSIONS = ViewDefinition(
    "dimensions",
    HANDED_OVER,
    (
        Column("channel", "Channel", 10),
        Column("account_key", "Account", 14, stretch=True),
        Column("fulfilment", "Ships", 7),
        Column("month", "Month", 9),
        Column("department", "Department", 12, stretch=True),
        Column("class", "Class", 10, stretch=True, priority=2),
        Column("location", "Location", 10, stretch=True),
        Column("entity", "Name", 10, priority=5),
        Column("by", "By", 8, priority=3),
        Column("decided_at", "Age", 4, "age", priority=4),
    ),
    search=("account_key", "department", "class", "location"),
    order="channel, account_key, month",
)

_MAPPING = ViewDefinition(
    "mapping",
    HANDED_OVER,
    (
        Column("channel", "Channel", 10, priority=2),
        Column("sku", "SKU", 20),
        Column("title", "Title", 16, stretch=True, priority=3),
        Column("suggestion", "Suggested item", 16),
        Column("score", "Score", 5, "score"),
        Column("orders", "Orders", 6, "count"),
        Column("value", "Blocked", 10, "money", currency="currency"),
        Column("currency", "Cur", 3),
    ),
    search=("sku", "title", "suggestion"),
    order='"value" DESC NULLS LAST',
)

_ORDERS = ViewDefinition(
    "orders",
    "orders.sql",
    (
        Column("channel", "Channel", 10, priority=2),
        Column("order", "Order", 21),
        Column("ordered_at", "Ordered", 12, "time"),
        Column("status", "Status", 11),
        Column("erp", "NetSuite", 12),
        Column("due_at", "Due", 6, "age", priority=2),
        Column("currency", "Cur", 3, priority=2),
        Column("total", "Total", 11, "money", currency="currency"),
        Column("document", "Document", 11, priority=4),
        Column("erp_status", "There", 13, priority=5),
        Column("by", "Ships", 7, priority=4),
        Column("kind", "Kind", 8, hidden=True),
        Column("wish", "Wish", 6, hidden=True),
        Column("buyer", "Buyer", 16, stretch=True, priority=3),
        Column("alternate", "Other number", 20, hidden=True),
        Column("tracking", "Tracking", 20, hidden=True),
    ),
    search=("order", "alternate", "erp", "tracking"),
    order="ordered_at DESC",
)

_SHIPMENTS = ViewDefinition(
    "shipments",
    "shipments.sql",
    (
        Column("channel", "Channel", 10, priority=3),
        Column("order", "Order", 19),
        Column("fulfilment", "NetSuite", 9, priority=2),
        Column("status", "State", 10),
        Column("due_at", "Due", 6, "age"),
        Column("units", "Units", 5, "count", priority=4),
        Column("parcels", "Parcels", 7, "count", priority=5),
        Column("carrier", "Carrier", 9, priority=3),
        Column("tracking", "Tracking", 18, stretch=True),
        Column("sent_at", "Left", 12, "time", priority=2),
        Column("delivered_at", "Delivered", 12, "time", priority=6),
        _RANK,
    ),
    search=("order", "fulfilment", "tracking", "carrier"),
    order="rank, due_at NULLS LAST, sent_at DESC",
    needs=("now",),
)

_RETURNS = ViewDefinition(
    "returns",
    "returns.sql",
    (
        Column("channel", "Channel", 10, priority=4),
        Column("order", "Order", 19, stretch=True),
        Column("return_id", "Return", 12, stretch=True, priority=3),
        Column("kind", "Kind", 8),
        Column("units", "Back", 4, "count"),
        Column("received", "Recd", 4, "count"),
        Column("disposition", "Condition", 12, priority=5),
        Column("refunded", "Refunded", 9, "money", currency="currency"),
        Column("rma", "RMA", 8, priority=2),
        Column("credit", "Credit", 8, priority=2),
        Column("status", "State", 8),
        Column("since", "Age", 4, "age"),
        Column("receipt", "Receipt", 8, hidden=True),
        Column("paid_out", "Refund", 8, hidden=True),
        Column("cause", "Cause", 28, hidden=True),
        _CURRENCY,
        _RANK,
    ),
    search=("order", "return_id", "rma", "receipt", "credit", "paid_out", "cause"),
    order="rank, since DESC",
)

_CUSTOMERS = ViewDefinition(
    "customers",
    "customers.sql",
    (
        Column("status", "State", 9),
        Column("name", "Name", 18, stretch=True),
        Column("email", "E-mail", 18, stretch=True, priority=4),
        Column("phone", "Phone", 14, priority=5),
        Column("address", "Address", 18, stretch=True, priority=3),
        Column("orders", "Orders", 6, "count"),
        Column("value", "Bought", 10, "money", priority=2, currency="currency"),
        Column("score", "Score", 5, "score"),
        Column("candidate", "Candidate", 12, stretch=True),
        Column("evidence", "Evidence", 22, stretch=True, priority=6),
        Column("record", "Record", 16, hidden=True),
        _CURRENCY,
        _RANK,
    ),
    search=("name", "email", "phone", "address", "record", "candidate"),
    order='rank, score DESC NULLS LAST, "orders" DESC NULLS LAST',
    needs=("mask",),
)

_CALLS = ViewDefinition(
    "calls",
    "calls.sql",
    (
        Column("at", "At", 12, "time"),
        Column("vendor", "Vendor", 8),
        Column("method", "Method", 6),
        Column("path", "Path", 24, stretch=True),
        Column("status", "Status", 6, "count"),
        Column("ms", "ms", 6, "count", priority=2),
        Column("attempt", "Try", 3, "count", priority=3),
        Column("request_id", "Request id", 16, priority=4),
        Column("error", "Error", 14, priority=2),
        Column("operation", "Operation", 16, hidden=True),
    ),
    search=("path", "request_id", "error", "operation"),
    order='"at" DESC',
)

_BRIDGE = ViewDefinition(
    "bridge",
    HANDED_OVER,
    (
        Column("channel", "Channel", 10),
        # The drawer names the currency; opening + activity - payout = closing stands in 80 columns.
        Column("currency", "Cur", 3, priority=3),
        Column("settlement", "Settlement", 11, stretch=True),
        Column("period_start", "From", 10, "date", priority=4),
        Column("period_end", "To", 10, "date", priority=3),
        Column("opening", "Opening", 9, "finance", priority=2, currency="currency"),
        Column("activity", "Activity", 11, "finance", currency="currency"),
        Column("payout", "Payout", 11, "finance", currency="currency"),
        Column("closing", "Closing", 9, "finance", currency="currency"),
        Column("break", "Break", 9, "finance", currency="currency"),
        Column("bank", "Bank", 14, priority=3),
        Column("broken", "Why", 20, hidden=True),
        Column("place", "No", 4, "count", hidden=True),
    ),
    search=("settlement", "broken", "bank"),
    order="channel, currency, place",
)

_BANK = ViewDefinition(
    "bank",
    HANDED_OVER,
    (
        Column("kind", "What", 7),
        Column("day", "Day", 10, "date"),
        Column("amount", "Amount", 12, "finance", currency="currency"),
        Column("currency", "Cur", 3),
        Column("status", "State", 9),
        Column("against", "Against", 18, stretch=True),
        Column("text", "Text", 16, stretch=True, priority=2),
        Column("why", "Reason", 18, stretch=True, priority=2),
        Column("record", "Record", 18, stretch=True, priority=3),
        _RANK,
    ),
    search=("record", "against", "text", "why"),
    order="rank, day DESC",
)

_CLOSES = ViewDefinition(
    "closes",
    HANDED_OVER,
    (
        Column("month", "Month", 7),
        Column("status", "State", 10),
        Column("settlements", "Settlements", 11, "count"),
        Column("parts", "Posted", 7),
        Column("version", "Version", 7, "count", priority=2),
        Column("closed_at", "Closed", 12, "time"),
        Column("closed_by", "By", 10, priority=2),
        Column("reason", "Closed although", 20, stretch=True, priority=3),
    ),
    search=("month", "closed_by", "reason"),
    order="month DESC",
)

_ALL = (
    _DISCREPANCIES, _CAUSES, _QUEUE, _SETTLEMENTS, _SETTLEMENT_TYPES, _LINE_TYPES, _FEES, _DIMENSIONS, _BRIDGE, _BANK,
    _CLOSES, _MAPPING, _ORDERS, _SHIPMENTS, _RETURNS, _CUSTOMERS, _CALLS,
)  # fmt: skip

VIEWS: dict[str, ViewDefinition] = {view.name: view for view in _ALL}
