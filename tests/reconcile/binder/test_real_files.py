"""Months of real settlement files, V1 and V2, German and American: closed, written and proved to the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconcile.binder import verify_binder, write_binder
from reconcile.close import see_month
from reconcile.close.canonical import canonical
from reconcile.seen_at import evidence_at
from sync.amazon.settlements.file import read_settlement
from sync.errors import BadInput
from sync.settlements import ParsedSettlement
from sync.streams import Batch, Document, RawPage
from tests.reconcile.close.month_world import company
from tests.reconcile.factories import NOW

pytestmark = pytest.mark.shared


def read(path: Path) -> ParsedSettlement | None:
    try:
        return read_settlement(path.read_bytes(), channel=None, document_name=path.name)
    except BadInput:
        # Notes and licences lie beside the files.
        return None


def test_every_month_of_real_settlements_is_proved_from_its_binder(shared: Path, tmp_path: Path) -> None:
    world = company()
    months: set[str] = set()
    lines = 0
    for path in sorted((shared / "vendors" / "amazon" / "settlements").iterdir()):
        parsed = read(path)
        if parsed is not None:
            page = RawPage(path.read_bytes(), "text/plain")
            world.store.mirror.commit("files", Batch(page, [Document(parsed.settlement, parsed.lines)], {}), "run")
            months |= {f"{line.posted_date:%Y-%m}" for line in parsed.lines}
            lines += len(parsed.lines)
    assert lines > 1000
    for month in sorted(months):
        with evidence_at(world.store) as evidence:
            content = {**see_month(evidence, month), "obstacles": [], "discrepancies": []}
        content["obstacles"] = [
            {"kind": "unmapped", "channel": j["channel"], "subject": j["external_id"], "problem": "", "remedy": ""}
            for j in content["journals"]
            if j["blocked_by"]
        ]
        close = world.store.closes.append(month, canonical(content), as_of=NOW, by="ann")
        write_binder(world.store, close, tmp_path / month)
        checks = {c.name: c for c in verify_binder(tmp_path / month)}
        assert [c for c in checks.values() if not c.is_proved] == []
        assert checks["originals read again give the same lines"].count == len(content["settlements"])
    assert world.store.closes.broken() == []
    world.store.close()
