"""Fees against their schedule: found per order line, explained by incentives, disputed, settled; the packet for it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from factories import NOW, World

from reconcile.controls import Evidence
from reconcile.cycle import run_cycle
from reconcile.fees.packet import disputable, packet_lines, write_packet
from reconcile.fees.questioned import DISPUTE, Questions, dispute_subject, find_questions
from reconcile.fees.schedule import FEE_SCHEDULE
from reconcile.plan import build_plan
from sync.errors import BadInput
from sync.streams import Batch, Document, RawPage
from sync.walmart.settlements.file import read_recon

CONTROL = "fee_differs"
CHANNEL = "walmart.US"
HEAD = (
    "Period Start Date,Period End Date,Total Payable,Currency,Transaction Key,Transaction Posted Timestamp,"
    "Transaction Type,Transaction Description,Customer Order #,Purchase Order #,Purchase Order line #,Amount,"
    "Amount Type,Ship Qty,Commission Rate,Partner Item Id,Partner GTIN,Partner Item Name,Contract Category,"
    "Product Type,Commission Rule,Original Commission,Commission Incentive Program,Commission Saving"
).split(",")


@pytest.fixture
def world() -> Iterator[World]:
    made = World()
    made.decide(FEE_SCHEDULE, f"category|{CHANNEL}|TV-1", category="consumer_electronics")  # 8 %
    yield made
    made.store.close()


def row(amount: str, kind: str, order: str = "PO1", **changes: str) -> dict[str, str]:
    """A row of the sale of one television; `changes` replace columns by their lower-case names."""
    values = {
        "Transaction Key": "2026_10_10_1",
        "Transaction Posted Timestamp": "10/10/2026",
        "Transaction Type": "Sale",
        "Transaction Description": "Purchase",
        "Customer Order #": "CO1",
        "Purchase Order #": order,
        "Purchase Order line #": "2",
        "Amount": amount,
        "Amount Type": kind,
        "Ship Qty": "1",
        "Commission Rate": "15",
        "Partner Item Id": "TV-1",
        "Partner GTIN": "00012345678905",
        "Partner Item Name": "=HYPERLINK(1)",
        "Contract Category": "Everything Else",
        "Commission Rule": "BSE-47-18.0",
    }
    return values | changes


def put_report(world: World, *rows: dict[str, str], end: date = date(2026, 10, 19)) -> World:
    """Pull a report of these rows, archived as it came."""
    total = sum((Decimal(r["Amount"]) for r in rows), Decimal(0))
    start = end - timedelta(days=13)
    summary = {
        "Period Start Date": f"{start:%m/%d/%Y}",
        "Period End Date": f"{end:%m/%d/%Y}",
        "Total Payable": str(total),
        "Currency": "USD",
        "Transaction Type": "PaymentSummary",
    }
    written = io.StringIO()
    writer = csv.DictWriter(written, HEAD, restval="")
    writer.writeheader()
    writer.writerows([summary, *rows])
    data = written.getvalue().encode()
    parsed = read_recon(data, channel=CHANNEL, document_name=f"recon {end}")
    batch = Batch(RawPage(data, "text/csv"), [Document(parsed.settlement, parsed.lines)], {})
    world.store.mirror.commit("walmart.settlements@US", batch, "run")
    return world


def sale(fee: str, order: str = "PO1", **changes: str) -> tuple[dict[str, str], dict[str, str]]:
    return row("100.00", "Product Price", order), row(f"-{fee}", "Commission on Product", order, **changes)


def questions(world: World, at: datetime = NOW) -> Questions:
    with world.store.database.reading() as cursor:
        return find_questions(Evidence(world.store, cursor, at))


def test_a_fee_of_another_category_is_found_with_what_the_report_says_and_the_last_day_to_dispute_it(
    world: World,
) -> None:
    put_report(world, *sale("15.00"), *sale("8.00", "PO2"))
    run_cycle(world.store, controls=[CONTROL])
    found = world.one()
    assert found["subject"] == "PO1/2/referral/20261019"
    assert found["title"] == "Referral fee of TV-1 in PO1 is 15.00 USD, the schedule gives 8.00"
    assert (found["amount"], found["channel_amount"], found["erp_amount"]) == (7, -15, -8)
    assert found["deadline"].astimezone(UTC) == datetime(2027, 1, 17, tzinfo=UTC)
    assert found["cause_id"] == f"fee|{CHANNEL}|referral|consumer_electronics"
    assert '"stated_category": "Everything Else"' in found["detail"]
    assert '"stated_rate": "15 %"' in found["detail"]
    plan = build_plan(world.store, [found["discrepancy_id"]])
    assert plan.obstacles[0].remedy == f"File it until 2027-01-17: `tieout disputes export {CHANNEL}`"


@pytest.mark.proves("W31")
@pytest.mark.parametrize(
    ("fee", "columns", "explained"),
    [
        ("6.00", {"Original Commission": "8.00", "Commission Saving": "2.00"}, True),
        ("6.00", {"Original Commission": "-8.00"}, True),
        ("6.00", {"Commission Saving": "2.00"}, True),
        ("6.00", {"Commission Saving": "1.99"}, False),
        ("6.00", {"Original Commission": "15.00", "Commission Saving": "9.00"}, False),
        ("6.00", {}, False),
        ("9.00", {"Original Commission": "15.00", "Commission Saving": "6.00"}, False),
    ],
)
def test_a_fee_lowered_by_an_incentive_is_explained_and_not_found(
    world: World, fee: str, columns: dict[str, str], explained: bool
) -> None:
    put_report(world, *sale(fee, **columns))
    seen = questions(world)
    assert (len(seen.found), seen.explained) == ((0, 1) if explained else (1, 0))


def test_too_little_charged_is_low_and_never_disputed(world: World) -> None:
    put_report(world, *sale("6.00"))
    run_cycle(world.store, controls=[CONTROL])
    assert (world.one()["severity"], world.one()["amount"]) == ("low", Decimal("2.00"))
    assert disputable(questions(world), CHANNEL, NOW) == []


def test_the_urgency_follows_the_deadline(world: World) -> None:
    put_report(world, *sale("15.00"))
    closes = datetime(2027, 1, 17, tzinfo=UTC)
    for at, severity, may in (
        (closes - timedelta(days=14), "med", 1),
        (closes - timedelta(days=13), "high", 1),
        (closes, "high", 1),
        (closes + timedelta(days=1), "low", 0),
    ):
        world.clock.advance((at - world.clock.now()).total_seconds())
        run_cycle(world.store, controls=[CONTROL])
        assert (world.one()["severity"], len(disputable(questions(world, at), CHANNEL, at))) == (severity, may)


def test_a_filed_dispute_leaves_the_list_returns_when_it_is_settled_short_and_closes_when_it_is_paid(
    world: World,
) -> None:
    put_report(world, *sale("15.00"))
    (question,) = questions(world).found
    world.decide(DISPUTE, dispute_subject(question.charge), case="C-1")
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []
    won = {"Transaction Type": "Dispute Settlement", "Transaction Description": "Dispute won"}
    put_report(world, row("5.00", "Fee/Reimbursement", **won), end=date(2026, 11, 2))
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["amount"] == Decimal("2.00")
    assert world.one()["title"].endswith("5.00 came back, 8.00 is right")
    put_report(world, row("2.00", "Fee/Reimbursement", **won), end=date(2026, 11, 16))
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []


def test_a_dispute_won_for_one_order_pays_no_other(world: World) -> None:
    won = {"Transaction Type": "Dispute Settlement", "Transaction Description": "Dispute won"}
    put_report(world, *sale("15.00"), *sale("15.00", "PO2"), row("7.00", "Fee/Reimbursement", "PO2", **won))
    run_cycle(world.store, controls=[CONTROL])
    assert world.one()["subject"].startswith("PO1/")


def test_the_packet_holds_the_disputed_lines_alone_with_what_the_form_asks_for(world: World, tmp_path: Path) -> None:
    put_report(world, *sale("15.00"), *sale("8.00", "PO2"), *sale("6.00", "PO3"), *sale("15.00", "PO4"))
    filed = next(q for q in questions(world).found if q.charge.order_id == "PO4")
    world.decide(DISPUTE, dispute_subject(filed.charge), case="C-1")
    path = tmp_path / "packet.xlsx"
    write_packet(packet_lines(disputable(questions(world), CHANNEL, NOW)), path)

    sheet = openpyxl.load_workbook(path).active
    head, line, total = ([c.value for c in cells] for cells in sheet.iter_rows())
    held = dict(zip(head, line, strict=True))
    assert {k: held[k] for k in head if "category" in k or "Purchase" in k or "%" in k} == {
        "Purchase Order #": "PO1",
        "Purchase Order line #": "2",
        "Existing contract category": "Everything Else",
        "Proposed contract category": "consumer_electronics",
        "Referral fee charged %": 15,
        "Referral fee expected %": 8,
    }
    assert (held["Item name"], held["GTIN"], held["Payment report"]) == (
        "=HYPERLINK(1)",
        "00012345678905",
        "recon 2026-10-19",
    )
    assert sheet["F2"].data_type == "s"
    assert (held["Order settlement date"].date(), held["File until"].date()) == (date(2026, 10, 19), date(2027, 1, 17))
    assert (held["Fee charged"], held["Fee expected"], held["Difference"]) == (15, 8, 7)
    assert (total[0], total[head.index("Difference")]) == ("1 lines", 7)


def test_a_packet_that_cannot_be_written_leaves_nothing_behind(world: World, tmp_path: Path) -> None:
    put_report(world, *sale("15.00"))
    lines = packet_lines(disputable(questions(world), CHANNEL, NOW))
    with pytest.raises(BadInput, match="cannot be written"):
        write_packet(lines, tmp_path / "no such folder" / "packet.xlsx")
    (tmp_path / "taken.xlsx").mkdir()
    with pytest.raises(BadInput, match="cannot be written"):
        write_packet(lines, tmp_path / "taken.xlsx")
    assert [p.name for p in tmp_path.iterdir()] == ["taken.xlsx"]


def test_what_no_category_explains_asks_for_the_category_and_skus_without_one_wait(world: World) -> None:
    world.store.decisions.withdraw(FEE_SCHEDULE, f"category|{CHANNEL}|TV-1", by="ann")
    put_report(world, *sale("14.37"), *sale("15.00", "PO2"))
    (result,) = run_cycle(world.store, controls=[CONTROL]).controls
    assert (result.open, result.waiting) == (1, 1)
    assert result.waiting_for == f"the fee category of 1 SKUs of {CHANNEL}"
    assert world.one()["blocked_by"] == f"Say its category: `tieout fees category {CHANNEL} TV-1 CATEGORY`"
    assert disputable(questions(world), CHANNEL, NOW) == []


def test_charges_before_the_first_day_of_the_control_are_left_alone(world: World) -> None:
    put_report(world, *sale("15.00")).decide("go_live", CONTROL, **{"from": "2026-10-11"})
    run_cycle(world.store, controls=[CONTROL])
    assert world.findings() == []
