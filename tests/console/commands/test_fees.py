"""Measures and fee tables out of files, tables that ship, fees that rose: all on the command line."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from console.blocks import Passage
from console.live.details import read_detail
from console.live.fees import read_fee
from reconcile.fees.packages import TABLE
from sync.records import FeePreview
from sync.streams import Batch, Document
from tests.console.homes import Home
from tests.reconcile.factories import settled

HEAD = "sku,length,width,height,length_unit,weight,weight_unit\n"


def test_a_file_with_a_wrong_row_changes_nothing(empty: Home, tmp_path: Path) -> None:
    file = tmp_path / "sizes.csv"
    file.write_text(f"{HEAD}A,1,2,3,in,4,oz\nB,1,2,3,in,,oz\n", encoding="utf-8")
    done = empty.run("fees", "import-dimensions", str(file))
    assert (done.code, "line 3" in done.err, "weight is a number above zero" in done.err) == (2, True, True)
    assert empty.run("fees", "import-dimensions", str(tmp_path / "none.csv")).code == 2
    assert empty.query("SELECT count(*) FROM decisions") == [(0,)]


def test_measures_and_a_table_are_taken_once(empty: Home, tmp_path: Path) -> None:
    sizes, table = tmp_path / "sizes.csv", tmp_path / "table.csv"
    sizes.write_text(f"{HEAD}A,1,2,3,in,4,oz\nB,1,2,3,cm,4,g\n", encoding="utf-8")
    table.write_text(",".join(TABLE) + "\nsmall,15,12,0.75,,in,0,16,oz,,3.00,,,2026-01-01,,our own\n", encoding="utf-8")
    for decided, unchanged in ((2, 0), (0, 2)):
        done = empty.run("fees", "import-dimensions", str(sizes), "--json").one
        assert (done["decided"], done["unchanged"]) == (decided, unchanged)
    done = empty.run("fees", "import-table", str(table), "--channel", "amazon.US", "--json").one
    assert (done["decided"], done["unchanged"]) == (1, 0)
    assert {s for (s,) in empty.query("SELECT subject FROM current_decisions")} == {
        "package|*|A", "package|*|B", "table|amazon.US|fulfilment"
    }  # fmt: skip


def charge(home: Home, *fees: str) -> None:
    """Put a settlement that charges a unit of MUG on each day from 2026-10-16 on."""
    rows = [
        row
        for day, fee in enumerate(fees, 16)
        for row in (f"2026-10-{day} Order|ItemPrice|Principal 20.00",
                    f"2026-10-{day} Order|ItemFees|FBAPerUnitFulfillmentFee -{fee}")
    ]  # fmt: skip
    head, lines = settled("9", rows)
    named = [replace(x, order_id=f"O-{n // 2}", sku="MUG", order_line_id="1", quantity=1) for n, x in enumerate(lines)]
    document = Document(replace(head, total=sum((x.amount for x in named), Decimal(0))), named)
    home.workspace().store.mirror.commit("amazon.settlements@US", Batch(None, [document], {}), "run")


def test_a_fee_that_rose_goes_from_the_list_into_a_case_or_becomes_the_schedule(empty: Home, tmp_path: Path) -> None:
    assert empty.run("fees", "case", "amazon.US", "MUG").code == 2
    assert empty.run("fees", "adopt", "amazon.US", "MUG").code == 2
    assert "No fulfilment fee rose" in empty.run("fees", "changed").err
    charge(empty, "5.00", "5.00", "5.00", "6.10")
    (row,) = empty.run("fees", "changed", "amazon.US", "--json").rows
    assert (row["sku"], row["before"], row["after"], row["extra"], row["ask_until"]) == (
        "MUG", "5.00", "6.10", "1.10", "2027-01-17"
    )  # fmt: skip
    empty.run("reconcile")
    (key,) = [r["id"] for r in empty.run("list", "discrepancies", "--json").rows]
    assert key == "fee_changed|amazon.US|MUG/2026-10-19/6.10"
    detail = read_detail(empty.workspace().store, {}, "discrepancies", key, "fix")
    assert detail is not None
    (sent,) = (b for b in detail.blocks if isinstance(b, Passage) and b.copied)
    assert empty.run("fees", "case", "amazon.US", "MUG").out.startswith(sent.text.rstrip())
    out = tmp_path / "case.txt"
    done = empty.run("fees", "case", "amazon.US", "MUG", "--out", str(out), "--case", "77", "--json").one
    assert (done["units"], done["case"], done["text"]) == (1, "77", out.read_text(encoding="utf-8"))
    assert empty.run("fees", "changed", "--json").rows == []
    assert empty.run("disputes", "unmark", "amazon.US", "fulfilment|MUG").code == 0
    assert empty.run("fees", "adopt", "amazon.US", "MUG", "--json").one["amount"] == "6.10"
    assert empty.run("fees", "changed", "--json").rows == []
    assert [r["state"] for r in empty.run("fees", "schedule", "--json").rows if r["kind"] == "unit"] == ["decided"]


def test_a_shipped_table_is_confirmed_by_its_name(empty: Home) -> None:
    wrong = empty.run("fees", "confirm", "amazon.US", "FBA 1999")
    assert (wrong.code, "tieout fees schedule" in wrong.err) == (2, True)
    assert empty.run("fees", "confirm", "amazon.US", "FBA 2026-04-17", "--until", "2026-12-31", "--json").one["new"]
    states = {r["name"]: r["state"] for r in empty.run("fees", "schedule", "amazon.US", "--json").rows}
    assert (states["FBA 2026-04-17"], states["FBA 2026-01-15"]) == ("confirmed", "shipped")
    listed = empty.run("list", "fees", "--filter", "status:confirmed", "--json").rows
    assert [r["name"] for r in listed] == ["FBA 2026-04-17"]
    assert empty.run("list", "dimensions", "--json").rows == []


def told(home: Home, *days: int, fee: str = "5.00") -> None:
    """Put a reading of the fee preview of MUG on each of these days of October 2026."""
    sized = {"longest": 9, "median": 7, "shortest": 6, "weight": Decimal("7.5"), "price": Decimal("20.00")}
    known = {"product_id": None, "fulfilled_by": "channel", "currency": "USD", "length_unit": "in", "weight_unit": "lb"}
    rest = {"size_tier": "Large bulky", "fulfilment_fee": Decimal(fee), "referral_fee": None, "total_fee": None}
    for day in days:
        at = datetime(2026, 10, day, 3, tzinfo=UTC)
        record = FeePreview(channel="amazon.US", sku="MUG", seen_at=at, **sized, **known, **rest)  # type: ignore[arg-type]
        home.workspace().store.mirror.commit("amazon.fee_previews@US", Batch(None, [Document(record)], {}), "run")


def test_what_amazon_told_stands_in_schedule_line_finding_and_case_with_both_sizes(empty: Home, tmp_path: Path) -> None:
    sizes = tmp_path / "sizes.csv"
    sizes.write_text(f"{HEAD}MUG,9,7,2,in,7.5,lb\n", encoding="utf-8")
    assert empty.run("fees", "import-dimensions", str(sizes), "--json").one["decided"] == 1
    told(empty, 15, 20, 24)
    charge(empty, "5.00", "6.10")
    said = "2026-10-15 to 2026-10-24: 9 x 7 x 6 in, 7.5 lb (Large bulky), 5.00 USD a unit"
    (row,) = (r for r in empty.run("fees", "schedule", "--json").rows if r["kind"] == "preview")
    assert (row["name"], row["fee"], row["state"], row["source"]) == (
        "MUG", "5.00", "told",
        "fee preview of 2026-10-24: 9 x 7 x 6 in, 7.5 lb (Large bulky), yours 9 x 7 x 2 in, 7.5 lb",
    )  # fmt: skip
    assert (row["measured_by_channel"], row["measured_by_you"]) == (
        "9 x 7 x 6 in, 7.5 lb (Large bulky)", "9 x 7 x 2 in, 7.5 lb"
    )  # fmt: skip
    entry = read_fee(empty.workspace().store, row["key"], "schedule")
    assert entry is not None
    assert [b.text for b in entry.blocks if isinstance(b, Passage) and b.verbatim] == [said]
    lines = empty.run("explain", "O-1", "--json").rows
    assert [x.get("fee_preview") for x in lines] == [None, [said]]
    empty.run("reconcile")
    (key,) = [r["id"] for r in empty.run("list", "discrepancies", "--json").rows if "preview" in r["id"]]
    assert key == "fee_differs|amazon.US|MUG/preview/5/6.1"
    assert empty.run("show", key, "--json").one["detail"]["measured_by_you"] == "9 x 7 x 2 in, 7.5 lb"
    detail = read_detail(empty.workspace().store, {}, "discrepancies", key, "fix")
    assert detail is not None
    (sent,) = (b for b in detail.blocks if isinstance(b, Passage) and b.copied)
    out = tmp_path / "packet.xlsx"
    done = empty.run("fees", "case", "amazon.US", "MUG", "--out", str(out), "--case", "8", "--json").one
    assert (done["units"], done["amount"], done["text"], out.exists()) == (1, "1.10", sent.text, True)
    assert said in sent.text
    assert not [r for r in empty.run("list", "discrepancies", "--json").rows if "preview" in r["id"]]
