"""One month of a settlement as deposit, as cash sale and as journal, over real HTTP: the same balances in NetSuite.

Posted, taken back to nothing on every account, posted anew as another kind. Then a payout that the bank converted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from console.commands.statements import import_file
from console.workspace import Workspace
from reconcile.bank.decide import decide_match
from reconcile.cycle import run_cycle
from reconcile.offers import offers_of, take_offers
from reconcile.plan import build_plan, stage
from reconcile.reversal import plan_reversal
from reconcile.settlement import load_accounts
from sync.sandbox.server import Running
from tests.journeys.dated import Dated, dated_sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

D = Decimal
Balances = dict[str, Decimal]


@pytest.fixture(scope="module")
def dated() -> Iterator[Dated]:
    with dated_sandbox(200) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox(dated: Dated) -> Running:
    return dated.running


@pytest.fixture(scope="module")
def workspace(dated: Dated, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    opened = dated.pulled(tmp_path_factory.mktemp("company"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def part(workspace: Workspace, sandbox: Running) -> str:
    """The longest month of an Amazon US settlement that nothing blocks; each account has an item that sells to it."""
    numbers = {str(a.fields["acctNumber"]): a.id for a in sandbox.books.records("account") if "acctNumber" in a.fields}
    accounts = load_accounts()
    for key in sorted({k for scope in accounts.scopes.values() for k in scope}):
        account = accounts.find("amazon.US", key)
        if account is not None and account.number in numbers and key not in ("clearing", "fx", "bank"):
            body = {"itemId": f"SETTLE-{key}", "incomeAccount": {"id": str(numbers[account.number])}}
            item = sandbox.books.create("otherChargeSaleItem", body)
            value = {"number": account.number, "item_id": str(item)}
            workspace.store.decisions.decide("account", f"amazon.US|{key}", value, by="ann")
    run_cycle(workspace.store)
    pay_invoices(workspace, "amazon.US")
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT subject FROM discrepancies d WHERE control = 'settlement_not_posted' AND channel = 'amazon.US'"
            " AND state = 'open' ORDER BY (SELECT count(*) FROM settlement_lines l JOIN transactions t"
            " ON t.transaction_type = 'CashSale' AND coalesce(t.other_key, t.external_key) = l.order_key"
            " WHERE l.settlement_id = split_part(d.subject, '-', 3)"
            " AND strftime(l.posted_date, '%Y%m') = split_part(d.subject, '-', 4)) DESC, subject"
        ).fetchone()  # the part with most of the cash sales that are in the books
    assert row is not None
    return str(row[0])


def decide_model(workspace: Workspace, model: str) -> None:
    workspace.store.decisions.decide("policy", "settlements|amazon.US", {"model": model}, by="ann")
    run_cycle(workspace.store)


def send(workspace: Workspace, plan_id: str) -> None:
    workspace.store.outbox.approve(plan_id, by="ann")
    drained = workspace.push()
    states = {o.identity: (o.state, o.error, o.drift) for o in workspace.store.outbox.operations(plan_id=plan_id)}
    assert {(state, bool(drift)) for state, _, drift in states.values()} == {("done", False)}, (states, drained)
    workspace.pull_written(drained)
    assert not workspace.pull(["netsuite.links"]).failed
    run_cycle(workspace.store)


def fix(workspace: Workspace, control: str, channel: str, subject: str) -> list[str]:
    """Plan, review and send what settles one finding; return the kinds of the writes."""
    plan = build_plan(workspace.store, [f"{control}|{channel}|{subject}"])
    assert plan.operations, plan.obstacles
    send(workspace, stage(workspace.store, plan, by="ann"))
    assert subject not in open_subjects(workspace, control)
    # What we sent and read back is what we would post: fields, lines and dimensions.
    assert subject not in open_subjects(workspace, "journal_differs")
    return [o.kind for o in plan.operations]


def pay_invoices(workspace: Workspace, channel: str) -> None:
    """Book the payments of what a channel's settlements pay, as they came: deposits take them along."""
    store = workspace.store
    found = [f"invoice_unpaid|{channel}|{subject}" for subject in open_subjects(workspace, "invoice_unpaid")]
    mine = [key for key in found if is_found(workspace, key)]
    for key in mine:
        if offers_of(store, [key]):
            take_offers(store, [key], by="ann")
    if mine:
        send(workspace, stage(store, build_plan(store, mine), by="ann"))


def is_found(workspace: Workspace, discrepancy_id: str) -> bool:
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT count(*) FROM discrepancies WHERE discrepancy_id = $1", [discrepancy_id]
        ).fetchone()
    return row != (0,)


def open_subjects(workspace: Workspace, control: str) -> list[str]:
    with workspace.store.database.reading() as cursor:
        found = cursor.execute(
            "SELECT subject FROM discrepancies WHERE control = $1 AND state <> 'resolved' ORDER BY subject", [control]
        ).fetchall()
    return [str(row[0]) for row in found]


def balances(workspace: Workspace, *names: str) -> Balances:
    """Return account number → debit less credit of named documents in NetSuite's ledger, in the books' currency."""
    query = (
        "SELECT a.acctnumber, tal.debit, tal.credit FROM transactionaccountingline tal"
        " JOIN transaction t ON t.id = tal.transaction JOIN account a ON a.id = tal.account WHERE t.externalid = ?"
    )
    sums: Balances = defaultdict(Decimal)
    for name in names:
        rows = workspace.submit(workspace.accounts.netsuite_query(query, (name,))).result(timeout=60)
        assert rows, f"{name} is not in NetSuite"
        for r in rows:
            sums[str(r["acctnumber"])] += D(str(r.get("debit") or 0)) - D(str(r.get("credit") or 0))
    return {number: amount for number, amount in sums.items() if amount}


def settled(workspace: Workspace, part: str, where: str = "true") -> Decimal:
    """Return the sum of a part's lines in the report, without any classification."""
    _, _, number, month = part.split("-")
    with workspace.store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT sum(amount) FROM settlement_lines WHERE settlement_id = $1"
            f" AND strftime(posted_date, '%Y%m') = $2 AND {where}",
            [number, month],
        ).fetchone()
    assert row is not None
    return D(row[0] or 0)


#: What buyers paid, whether the part books it itself or takes it up from undeposited funds.
_PAID_BY_BUYERS = ("4000", "4010", "4020", "4200", "1190")


def folded(sums: Balances) -> Balances:
    """Return the balances with all that buyers paid in one."""
    paid = sum((amount for number, amount in sums.items() if number in _PAID_BY_BUYERS), D(0))
    return {n: a for n, a in sums.items() if n not in _PAID_BY_BUYERS} | {"paid by buyers": paid}


def price_lines_to(workspace: Workspace, sandbox: Running, number: str) -> None:
    """Book what buyers paid on an account by number, with an item that sells to it; settlements pay no invoices."""
    routing = dict(workspace.store.decisions.current("routing")["amazon.US"].value)
    workspace.store.decisions.decide("routing", "amazon.US", routing | {"settle_invoices": "none"}, by="ann")
    account = next(a for a in sandbox.books.records("account") if a.fields.get("acctNumber") == number)
    body = {"itemId": f"SETTLE-{number}", "incomeAccount": {"id": str(account.id)}}
    value = {"number": number, "item_id": str(sandbox.books.create("otherChargeSaleItem", body))}
    for key in ("sales", "shipping_income", "gift_wrap_income", "promotions"):
        workspace.store.decisions.decide("account", f"amazon.US|{key}", value, by="ann")
    run_cycle(workspace.store)


def test_a_part_says_the_same_as_deposit_as_cash_sale_and_as_journal(
    workspace: Workspace, sandbox: Running, part: str
) -> None:
    """The books hold cash sales of orders that Amazon shipped: their money waits for the deposit."""
    decide_model(workspace, "deposit")
    assert fix(workspace, "settlement_not_posted", "amazon.US", part) == ["deposit.create"]
    first = balances(workspace, part)
    assert first["1150"] == settled(workspace, part)
    assert first["1190"] < 0, "no cash sale of the books was taken up"
    paid = (
        "transaction_type = 'Order' AND amount_type IN ('ItemPrice', 'Promotion') AND NOT amount_description ~ '.*Tax'"
    )
    assert -folded(first)["paid by buyers"] == settled(workspace, part, paid)
    assert sum(first.values()) == 0

    take_back(workspace, part, "document.void")
    assert balances(workspace, part, f"{part}-R") == {}
    assert fix(workspace, "settlement_not_posted", "amazon.US", f"{part}-v2") == ["deposit.create"]
    assert balances(workspace, f"{part}-v2") == first, "the sales of the voided deposit are not earned once more"

    take_back(workspace, f"{part}-v2", "document.void")
    decide_model(workspace, "cash_sale")
    blocked = build_plan(workspace.store, [f"settlement_not_posted|amazon.US|{part}-v3"])
    assert "would be sold twice: their money waits on 1190" in blocked.obstacles[0].cause
    price_lines_to(workspace, sandbox, "1190")
    assert fix(workspace, "settlement_not_posted", "amazon.US", f"{part}-v3") == ["cash_sale.create"]
    summary = balances(workspace, f"{part}-v3")
    assert folded(summary) == folded(first)
    assert not summary.keys() & {"4000", "4010", "4020", "4200"}, "income is earned by the cash sales of the orders"
    take_back(workspace, f"{part}-v3", "cash_refund.create")
    assert balances(workspace, f"{part}-v3", f"{part}-v3-R") == {}

    decide_model(workspace, "journal")
    assert fix(workspace, "settlement_not_posted", "amazon.US", f"{part}-v4") == ["journal_entry.create"]
    assert balances(workspace, f"{part}-v4") == summary
    assert part not in " ".join(open_subjects(workspace, "journal_differs"))


def take_back(workspace: Workspace, name: str, kind: str) -> None:
    made = plan_reversal(workspace.store, name, reason="posted as another kind", by="ann")
    assert made.plan_id is not None, made.plan.obstacles
    assert [o.kind for o in made.plan.operations] == [kind]
    send(workspace, made.plan_id)


def test_euros_that_the_bank_paid_out_in_dollars_leave_clearing_at_zero(workspace: Workspace, tmp_path: Path) -> None:
    """Books of the German company are in euros: the dollars of its bank account come in at NetSuite's rate."""
    store = workspace.store
    pay_invoices(workspace, "amazon.DE")
    for subject in [s for s in open_subjects(workspace, "settlement_not_posted") if s.startswith("AMZ-SETTLE-259")]:
        fix(workspace, "settlement_not_posted", "amazon.DE", subject)
    with store.database.reading() as cursor:
        row = cursor.execute(
            "SELECT settlement_id, total, CAST(deposit_at AS DATE) FROM settlements WHERE channel = 'amazon.DE'"
            " AND total > 100 ORDER BY period_end DESC LIMIT 1"
        ).fetchone()
    assert row is not None
    number, total, day = row
    dollars = (total * D("1.0871")).quantize(D("0.01"))
    statement = tmp_path / "bank.csv"
    statement.write_text(f"Date,Description,Amount\n{day:%Y-%m-%d},AMAZON PAYMENTS EU,{dollars}\n", encoding="utf-8")
    import_file(store, statement, account="chase", currency="USD", date_order=None, who="ann")
    decide_match(store, booking_of(workspace), [f"amazon.DE/{number}"], by="ann")
    for key, account in (("bank:chase", "1000"), ("fx", "8000")):
        store.decisions.decide("account", f"amazon.DE|{key}", {"number": account}, by="ann")
    run_cycle(store)
    name = f"AMZ-PAYOUT-{number}"
    assert open_subjects(workspace, "payout_not_posted") == [name]
    assert fix(workspace, "payout_not_posted", "amazon.DE", name) == ["journal_entry.create"] * 2

    legs = (f"{name}-OUT", f"{name}-IN")
    in_euros = balances(workspace, *legs)
    worth = (dollars / D("1.09")).quantize(D("0.01"))
    assert in_euros == {"1150": -total, "1000": worth, "8000": total - worth}
    assert balances(workspace, *names_of(workspace, number), *legs).get("1150", D(0)) == 0

    for leg in legs:
        take_back(workspace, leg, "journal_entry.reverse")
    assert balances(workspace, *legs, *(f"{leg}-R" for leg in legs)) == {}
    assert open_subjects(workspace, "payout_not_posted") == [name]
    assert fix(workspace, "payout_not_posted", "amazon.DE", name) == ["journal_entry.create"] * 2
    assert balances(workspace, *(f"{leg}-v2" for leg in legs)) == in_euros


def booking_of(workspace: Workspace) -> str:
    with workspace.store.database.reading() as cursor:
        row = cursor.execute("SELECT account || '|' || line_id FROM bank_lines").fetchone()
    assert row is not None
    return str(row[0])


def names_of(workspace: Workspace, settlement_id: str) -> list[str]:
    with workspace.store.database.reading() as cursor:
        found = cursor.execute(
            "SELECT external_id FROM transactions WHERE external_id LIKE 'AMZ-SETTLE-' || $1 || '-%'", [settlement_id]
        ).fetchall()
    return [str(row[0]) for row in found]
