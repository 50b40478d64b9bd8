"""Report, sum, ledger and payout of one company, each read over HTTP by its own stream, tell of the same money."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from reconcile.controls import Evidence
from reconcile.controls.settlements.ties import see_ties
from reconcile.cycle import run_cycle
from sync.engine import pull
from sync.records import Payout
from sync.sandbox.server import Sandbox
from sync.store.store import Store
from sync.streams import Batch, Document
from tests.sync.amazon.sandboxed import NOW, connected_to


async def test_the_witnesses_of_the_sandbox_tie_and_a_cent_taken_from_a_payout_is_found() -> None:
    with Sandbox(seed=7, now=NOW, size=100, limits=False).start() as running:
        async with connected_to(running) as amazon:
            store = Store.in_memory(amazon.clock)
            pulled = await pull(store, amazon.streams("orders", "settlements", "ledger", "payouts", "summaries"))
            assert {o.state for o in pulled.streams} == {"done"}
            with store.database.reading() as cursor:
                ties = see_ties(Evidence(store, cursor, store.clock.now()))
                names = ", ".join(f.name for f in fields(Payout))
                row = cursor.execute(
                    f"SELECT {names} FROM payouts WHERE state = 'paid' ORDER BY paid_at LIMIT 1"
                ).fetchone()
            assert row is not None
            assert len(ties) > 8
            assert {w.state for t in ties for w in t.witnesses if w.name in ("lines", "summary", "payout")} == {"tied"}
            assert sum(t.of("ledger").state == "tied" for t in ties) >= len(ties) - 2
            assert [t for t in ties if t.differing] == []

            paid = Payout(*row)
            short = Payout(*(paid.amount - Decimal("0.01") if f.name == "amount" else v
                             for f, v in zip(fields(Payout), row, strict=True)))  # fmt: skip
            store.mirror.commit("test", Batch(None, [Document(short)], {}), "run")
            run_cycle(store, controls=["settlement_untied"])
            with store.database.reading() as cursor:
                found = cursor.execute("SELECT subject, amount FROM discrepancies").fetchall()
            store.close()
    assert found == [(paid.settlement_id, Decimal("0.01"))]
