"""Real settlement files: the referral fee of every one of 259 order lines is the rate of its own base, to the cent."""

from __future__ import annotations

from pathlib import Path

import pytest
from factories import World

from reconcile.controls import Evidence
from reconcile.fees.charged import find_differing
from reconcile.fees.schedule import FEE_SCHEDULE, fee_rows, sku_fees
from sync.amazon.settlements.file import read_settlement
from sync.streams import Document

CHANNEL = "amazon.CA"


@pytest.mark.shared
def test_the_fees_of_real_settlements_are_exactly_the_rate_and_another_rate_finds_every_line(shared: Path) -> None:
    world = World().decide(FEE_SCHEDULE, f"category|{CHANNEL}|*", category="all")
    for path in sorted((shared / "vendors/amazon/settlements").glob("adwweaver_*.txt")):
        parsed = read_settlement(path.read_bytes(), channel=None, document_name=path.name)
        world.put_all(Document(parsed.settlement, parsed.lines))
    counts = {}
    # 15 % and 7 % tax on it, which these files charge within the commission.
    for rate in ("16.05", "16.04", "15"):
        world.decide(FEE_SCHEDULE, f"rate|{CHANNEL}|all", rate=rate, minimum="0.30")
        with world.store.database.reading() as cursor:
            decided = Evidence(world.store, cursor, world.clock.now()).decisions(FEE_SCHEDULE)
            counts[rate] = len(find_differing(cursor, fee_rows(decided), sku_fees(decided)))
    world.store.close()
    assert counts == {"16.05": 0, "16.04": 259, "15": 259}
