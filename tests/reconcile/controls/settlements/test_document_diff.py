"""What is posted and read back never differs, whatever is posted as whatever; any one change of it is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from drawn_settlements import POLICIES, RULES, settlement, some_lines
from factories import World, usd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from posting_world import NOVEMBER, OCTOBER, entries, judge, ledger_of, open_books, planned, post, sells, send, settle

from reconcile.controls.control import Evidence
from reconcile.controls.settlements.document_diff import Expected, FirstRead, compare
from reconcile.controls.settlements.expected_documents import expected_lines
from reconcile.controls.settlements.posted_documents import PostedDocument, PostedLine
from reconcile.controls.settlements.unposted import UnpostedPart
from reconcile.fixes.settlements.settlements import posting_operation
from reconcile.mapping.posting import ChannelBooks
from reconcile.mapping.routing import Routing
from reconcile.settlement import AccountMap, Dimensions, Journal, Rule, Rules, classify, journals, load_accounts
from reconcile.settlement.models import PaidSale
from reconcile.settlement.policy import DimensionRule
from sync.records import Transaction, TransactionLine

CONTROL = "journal_differs"
KINDS = {"journal_entry.create": "Journal", "deposit.create": "Deposit", "cash_sale.create": "CashSale"}
SEGMENT = st.sampled_from([None, "5", "6"])
DIMENSIONS = st.builds(
    Dimensions,
    subsidiary_id=st.just("1"),
    department_id=SEGMENT,
    class_id=SEGMENT,
    location_id=SEGMENT,
    channel_location_id=SEGMENT,
    customer_id=st.just("77"),
    rules=st.lists(
        st.builds(
            DimensionRule,
            account_key=st.sampled_from([None, "sales", "referral_fees"]),
            fulfilled_by=st.sampled_from([None, "channel"]),
            department_id=SEGMENT,
            entity_id=st.sampled_from([None, "99"]),
        ),
        max_size=2,
    ).map(tuple),
)
MODELS = st.sampled_from(["journal", "deposit", "cash_sale"])
#: A key for each text, so that a part has many lines.
MIXED = Rules(
    [
        Rule("amazon", kind, amount_type, text, category, key)
        for kind in ("Order", "Refund", "Fee")
        for amount_type, text, category, key in (
            (
                "ItemPrice",
                "Principal",
                "refunds" if kind == "Refund" else "sales",
                "refunds" if kind == "Refund" else "sales",
            ),
            ("ItemPrice", "Tax", "tax", "tax_collected"),
            ("ItemFees", "Commission", "referral_fees", "referral_fees"),
            ("ItemPrice", "Commission", "reserves", "reserve"),
        )
    ]
)
FIELDS = ("account_id", "amount", "memo", "department_id", "class_id", "location_id", "entity_id", "subsidiary_id")
HEAD: Mapping[str, Any] = {
    "date": date(2020, 1, 1), "currency": "XTS", "memo": "by hand", "exchange_rate": Decimal("0.5"),
    "period_id": "202001",
}  # fmt: skip


def _accounts() -> AccountMap:
    """Every account key with an account of its own and an item that sells to it."""
    scopes = load_accounts().scopes
    numbered = {
        scope: {
            key: replace(a, account_id="311" if key == "undeposited" else f"9{a.number}", item_id=f"I{a.number}")
            for key, a in entries.items()
        }
        for scope, entries in scopes.items()
    }
    return AccountMap(numbered)


ACCOUNTS = _accounts()
SOLD = {str(a.item_id): str(a.account_id) for scope in ACCOUNTS.scopes.values() for a in scope.values()}


def paid_by(data: st.DataObject, journal: Journal) -> tuple[PaidSale, ...]:
    """Perhaps a cash sale that waits for what one line of the journal says, or was let go by another deposit."""
    line = next((x for x in journal.lines if x.groups and x.credit), None)
    if line is None or not data.draw(st.booleans()):
        return ()
    released = ACCOUNTS.find("amazon.US", "undeposited") if data.draw(st.booleans()) else None
    return (PaidSale("7100", "CS1", "113", line.credit, {line.groups[0]: line.credit}, released),)


def read_back(operation: Any, defaults: Mapping[str, str]) -> PostedDocument:
    """What the mirror has of a written operation; NetSuite fills dimensions that were left empty."""
    lines = []
    for n, row in enumerate(entries(operation.kind, operation.intent, SOLD), 1):
        said = {name: row.get(name) or defaults.get(name) for name in ("department_id", "class_id", "location_id")}
        ledger = Decimal(row.get("debit") or 0) - Decimal(row.get("credit") or 0)
        lines.append(
            PostedLine(
                row["account_id"], ledger or row["amount"], row.get("memo"), *said.values(), row.get("customer_id"),
                operation.intent["subsidiary_id"], str(n),
            )
        )  # fmt: skip
    day = date.fromisoformat(operation.intent["date"])
    kind = KINDS.get(operation.kind, "CashRfnd")
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    head = (day, operation.intent["currency"], Decimal("1.25"), moment, operation.intent["memo"], "202611")
    return PostedDocument(operation.identity, "8100", "JE1", kind, *head, tuple(lines))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    some_lines(),
    st.just(MIXED) | RULES,
    POLICIES,
    DIMENSIONS,
    MODELS,
    st.sampled_from(["USD", "EUR", "JPY"]),
    st.data(),
)
def test_what_is_read_back_never_differs_and_any_one_change_is_named(
    world: World, lines: Any, rules: Any, policy: Any, dimensions: Dimensions, model: str, currency: str, data: Any
) -> None:
    policy = replace(policy, model=model, suspense_key="sales", line_limit=data.draw(st.sampled_from([2, 3, 5, 1000])))
    books = ChannelBooks(
        "amazon.US",
        rules,
        ACCOUNTS,
        policy,
        dimensions,
        Routing(subsidiary_id="1", tax_policy="facilitator", customer_id="77"),
        None,
    )
    record = replace(settlement(lines), currency=currency)
    if currency == "JPY":
        lines = [replace(x, amount=x.amount * 100) for x in lines]
    made = [j for j in journals(record, classify(lines, rules), ACCOUNTS, policy, dimensions) if not j.blocked]
    defaults = data.draw(st.dictionaries(st.sampled_from(["department_id", "class_id", "location_id"]), SEGMENT))
    with world.store.database.reading() as cursor:
        evidence = Evidence(world.store, cursor, world.clock.now())
        for journal in made:
            part = UnpostedPart(record, books, journal, _sum(journal), 1, None, None)
            paid = paid_by(data, journal) if model == "deposit" and part.amount >= 0 else ()
            posted = read_back(posting_operation(evidence, part, "x", paid=paid), defaults)
            due = Expected(journal.date, "202611", currency, journal.memo, expected_lines(part, model, paid))
            first = FirstRead(posted.exchange_rate, {x.line_id: x for x in posted.lines})
            assert not compare(posted, due, first), (posted, due)
            _changed(posted, due, first, data)


def _sum(journal: Journal) -> Decimal:
    return sum((x.credit - x.debit for x in journal.lines if x.groups), Decimal(0))


def _changed(posted: PostedDocument, due: Expected, first: FirstRead, data: Any) -> None:
    if data.draw(st.booleans()):
        name = data.draw(st.sampled_from(sorted(HEAD)))
        found = compare(replace(posted, **{name: HEAD[name]}), due, first)
        assert (found.names, found.lines) == ((name.removesuffix("_id"),), ())
        return
    at = data.draw(st.integers(0, len(posted.lines) - 1))
    line, name = posted.lines[at], data.draw(st.sampled_from(FIELDS))
    if not line.amount or (name == "memo" and line.memo is None):
        return
    value = line.amount + (1 if line.amount > 0 else -1) if name == "amount" else "by hand"
    edited = (*posted.lines[:at], replace(line, **{name: value}), *posted.lines[at + 1 :])
    found = compare(replace(posted, lines=edited), due, first)
    assert (found.names, len(found.lines), found.head) == ((name,), 1, ())


@pytest.mark.parametrize("model", ["journal", "deposit", "cash_sale"])
def test_what_was_changed_in_netsuite_is_shown_line_by_line_and_posted_anew(world: World, model: str) -> None:
    sells(open_books(world)).decide("policy", "settlements", model=model)
    settle(world, "2026-11-01 Order|ItemPrice|Principal 25.00", "2026-11-01 Order|ItemFees|Commission -3.75")
    (operation,) = planned(world, "settlement_not_posted")
    send(world, operation, "8100")
    assert judge(world, CONTROL) == judge(world, "settlement_not_posted") == []
    before = ledger_of(world)
    _edit(world, model)
    (found,) = judge(world, CONTROL)
    assert (found["subject"], found["amount"], found["severity"]) == (NOVEMBER, usd("25.00"), "med")
    assert '"field": "line 2, 4000 Sales: department"' in found["detail"]
    back, again = planned(world, CONTROL)
    assert (back.identity, again.identity, again.depends_on) == (f"{NOVEMBER}-R", f"{NOVEMBER}-v2", (back.identity,))
    send(world, back, "8101")
    (once_more,) = planned(world, CONTROL) or planned(world, "settlement_not_posted")
    assert once_more.intent == again.intent
    send(world, again, "8102")
    assert judge(world, CONTROL) == judge(world, "settlement_not_posted") == []
    assert ledger_of(world) == before


def _edit(world: World, model: str) -> None:
    """Somebody moves the sales to department 9."""
    with world.store.database.reading() as cursor:

        def rows(kind: type, table: str) -> list[Any]:
            names = ", ".join(kind.__dataclass_fields__)
            found = cursor.execute(f"SELECT {names} FROM {table} WHERE transaction_id = '8100' ORDER BY ALL").fetchall()
            return [kind(*row) for row in found]

        (head,), lines = rows(Transaction, "transactions"), rows(TransactionLine, "transaction_lines")
    world.clock.advance(60)
    lines = [replace(x, department_id="9") if x.account_id == "304" else x for x in lines]
    world.put(replace(head, updated_at=head.updated_at + timedelta(seconds=60)), *lines)


def test_other_peoples_texts_days_and_dimensions_are_theirs(world: World) -> None:
    settle(open_books(world), "2026-11-01 Order|ItemPrice|Principal 25.00")
    (operation,) = planned(world, "settlement_not_posted")
    post(world, operation, "8100", memo="by the accountant", transaction_date=date(2026, 11, 30))
    assert judge(world, CONTROL) == []
    post(world, replace(operation, intent={**operation.intent, "currency": "CAD"}), "8100", updated_at=later(world))
    (found,) = judge(world, CONTROL)
    assert (found["subject"], found["amount"]) == (NOVEMBER, usd("25.00"))
    assert OCTOBER not in found["title"]


def later(world: World) -> datetime:
    return world.clock.now() + timedelta(seconds=60)
