"""Every real settlement file is mapped whole and gives balanced journals that tie to its total."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reconcile.settlement import break_down, classify, journals, load_accounts, load_rules, summarise
from sync.amazon.settlements.file import read_settlement

# file → months of its lines
FILES = {
    "adwweaver_50011020300.txt": ["202506", "202507"],
    "adwweaver_50018020314.txt": ["202508"],
    "adwweaver_50041020342.txt": ["202508", "202509"],
    "adwweaver_50051020370.txt": ["202509", "202510"],
    "jtl_25625364862.txt": ["202510"],
    "jtl_25671641022.txt": ["202510"],
    "jtl_25672107332.txt": ["202510"],
    "jtl_25720682842.txt": ["202510"],
    "jtl_25758151382.txt": ["202510"],
    "jtl_25811124052.txt": ["202510"],
    "xieyi138-star_settlement-sample.txt": ["202606"],
}


@pytest.mark.shared
@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_mapped_whole_and_its_journals_balance(shared: Path, name: str) -> None:
    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    parsed = read_settlement(data, channel=None, document_name=name)
    accounts, head = load_accounts(), parsed.settlement
    classified = classify(parsed.lines, load_rules())
    assert classified.unmapped == ()
    assert break_down(classified).total == head.total
    made = journals(head, classified, accounts)
    assert [j.external_id for j in made] == [f"AMZ-SETTLE-{head.settlement_id}-{month}" for month in FILES[name]]
    assert all(j.balanced and not j.blocked for j in made)
    payouts = [line.debit - line.credit for j in made for line in j.lines if not line.groups]
    assert sum(payouts, Decimal(0)) == head.total


@pytest.mark.shared
def test_the_charge_for_a_negative_settlement_cancels_what_was_payable(shared: Path) -> None:
    name = "adwweaver_50018020314.txt"
    data = (shared / "vendors/amazon/settlements" / name).read_bytes()
    summary = summarise(read_settlement(data, channel=None, document_name=name), load_rules(), load_accounts())
    moved = [c for c in summary["categories"] if c["category"] == "transfers"]
    assert [(c["account"], c["lines"], c["amount"]) for c in moved] == [("1150 Amazon clearing", 2, "0.00")]
