"""Settlements in every dress of the trouble list, as the sandbox serves them: read whole, or set aside and shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from sync.sandbox.faults import Fault
from sync.sandbox.server import Running, Sandbox

from .sandboxed import NOW, Amazon, connected_to


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Sandbox(seed=7, now=NOW, size=300, limits=True).start() as running:
        yield running


@pytest.fixture
async def amazon(running: Running) -> AsyncIterator[Amazon]:
    async with connected_to(running) as connected:
        yield connected


#: What a settlement may look like and still be read whole, each line of it.
READ = {
    "A23": "nul_cells",
    "A24": "gzip_behind_identity",
    "A25": "gzip_declared",
    "A27": "utf8_document",
    "A28": "byte_order_mark",
    "A41": "currency_on_some_lines",
    "A42": "header_repeated",
    "A43": "blank_lines_first",
    "A44": "shifted_columns",
    "A45": "other_columns",
    "A46": "quantity_only_lines",
    "A47": "trailing_blanks",
    "A48": "decimal_comma",
    "A50": "day_before_month",
    "A51": "posted_date_empty",
    "A52": "long_descriptions",
    "A53": "equal_lines",
    "A54": "quotes_in_text",
    "A55": "unknown_triple",
    "A56": "old_fee_names",
    "A57": "sign_reversed",
    "A58": "two_amounts",
    "A59": "reserve_not_carried",
    "A60": "charged_card",
    "A61": "failed_transfer",
    "A62": "no_marketplace",
    "A63": "non_amazon_order",
    "A64": "shipment_as_order",
    "A65": "unknown_order",
}
#: What must be set aside and shown, whole.
SET_ASIDE = {"A49": "mixed_marks", "A22": "expired_url"}


@pytest.mark.parametrize(
    ("fault", "is_read"),
    [pytest.param(w, True, id=w, marks=pytest.mark.proves(r)) for r, w in READ.items()]
    + [pytest.param(w, False, id=w, marks=pytest.mark.proves(r)) for r, w in SET_ASIDE.items()],
)
async def test_a_settlement_in_any_dress_foots_or_is_set_aside(amazon: Amazon, fault: str, is_read: bool) -> None:
    amazon.running.clock.advance(3600)
    wanted = {r.settlement_id for r in await amazon.records("settlements", "DE")}
    amazon.running.clock.advance(3600)
    amazon.running.faults.add(Fault("amazon", fault, count=None))

    batches = await amazon.read("settlements", "DE")

    read = [d for b in batches for d in b.documents]
    aside = [q for b in batches for q in b.quarantined]
    assert len(read) + len(aside) == len(wanted) >= 2
    assert bool(read) is is_read or fault in ("mixed_marks",)
    assert bool(aside) is not is_read
    for document in read:
        assert sum(x.amount for x in document.lines) == document.record.total  # type: ignore[union-attr]
        assert document.record.settlement_id in wanted  # type: ignore[union-attr]


@pytest.mark.proves("A67")
async def test_parallel_settlements_of_europe_go_each_to_its_own_channel(amazon: Amazon) -> None:
    amazon.running.clock.advance(7200)
    amazon.running.faults.add(Fault("amazon", "parallel_settlements", count=None))

    (stream,) = amazon.streams("settlements", channels=["amazon.DE"])
    batches = [b async for b in stream.pull(None, amazon.clock.now())]

    assert [q for b in batches for q in b.quarantined] == []
    assert {d.record.channel for b in batches for d in b.documents} == {"amazon.DE"}  # type: ignore[union-attr]


@pytest.mark.proves("A32")
async def test_a_report_listed_twice_is_read_once(amazon: Amazon) -> None:
    amazon.running.clock.advance(7200)
    amazon.running.faults.add(Fault("amazon", "report_twice", count=None))

    ids = [r.settlement_id for r in await amazon.records("settlements", "DE")]

    assert len(ids) == len(set(ids))


@pytest.mark.proves("A08", "A09", "A11")
@pytest.mark.parametrize("fault", ["login_ends_older_tokens", "short_token", "expired_token"])
async def test_a_token_that_ends_early_costs_no_record(amazon: Amazon, fault: str) -> None:
    amazon.running.clock.advance(7200)
    amazon.running.faults.add(Fault("amazon", fault, count=2 if fault != "expired_token" else 1))

    assert await amazon.records("stock")
    amazon.running.clock.advance(120)
    assert await amazon.records("balances")
