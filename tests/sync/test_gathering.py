"""Reading ahead: order, errors and the end are kept, whatever is ready when."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.gathering import gathered
from sync.streams import Batch, Document
from tests.reconcile.factories import customer


class NoWaiting(asyncio.SelectorEventLoop):
    """A loop whose clock jumps to the next thing that is due: what sleeps for hours is done at once."""

    _now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._now = max(self._now, self._scheduled[0].when())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


async def written(every_s: float, count: int, write_s: float) -> list[tuple[int, float]]:
    """Return how many batches each transaction took and when it began; a batch comes every so many seconds."""

    async def source() -> AsyncIterator[Batch]:
        for n in range(count):
            await asyncio.sleep(every_s)
            yield batch(n)

    found: list[tuple[int, float]] = []
    async for some in gathered(source()):
        found.append((len(some), asyncio.get_running_loop().time()))
        await asyncio.sleep(write_s)
    return found


def batch(number: int, documents: int = 1) -> Batch:
    return Batch(None, [Document(customer(str(n))) for n in range(documents)], {"n": number})


async def source(
    batches: Sequence[Batch], error: Exception | None = None, closed: list[bool] | None = None, pause: bool = False
) -> AsyncIterator[Batch]:
    try:
        for one in batches:
            if pause:
                await asyncio.sleep(0)
            yield one
        if error is not None:
            raise error
    finally:
        if closed is not None:
            closed.append(True)


async def taken(batches: AsyncIterator[Batch]) -> list[list[int]]:
    return [[int(str(b.cursor["n"])) for b in some] async for some in gathered(batches)]


async def test_an_error_comes_after_everything_that_was_read_before_it() -> None:
    seen: list[int] = []

    async def take() -> None:
        async for some in gathered(source([batch(1), batch(2)], ValueError("broken"))):
            seen.extend(int(str(b.cursor["n"])) for b in some)

    with pytest.raises(ValueError, match="broken"):
        await take()
    assert seen == [1, 2]


async def test_an_empty_source_yields_nothing() -> None:
    assert await taken(source([])) == []


async def test_one_transaction_takes_no_more_rows_than_it_should() -> None:
    assert await taken(source([batch(1, 6000), batch(2, 6000), batch(3, 20_000), batch(4)])) == [[1], [2], [3], [4]]


async def test_whoever_stops_early_closes_the_source() -> None:
    closed: list[bool] = []
    endless = source([batch(n) for n in range(1000)], closed=closed)
    async with aclosing(gathered(endless)) as ready:
        async for _ in ready:
            break
    assert closed == [True]


async def test_a_source_slower_than_the_disk_is_written_batch_by_batch() -> None:
    gate = asyncio.Semaphore(0)

    async def slow() -> AsyncIterator[Batch]:
        for n in range(3):
            await gate.acquire()
            yield batch(n)

    seen = []
    gate.release()
    async for some in gathered(slow()):
        seen.append(len(some))
        gate.release()
    assert seen == [1, 1, 1]


@given(st.lists(st.integers(0, 4000), max_size=60), st.booleans())
def test_every_batch_comes_once_and_in_order(sizes: list[int], pause: bool) -> None:
    batches = [batch(n, size // 100) for n, size in enumerate(sizes)]
    found = asyncio.run(taken(source(batches, pause=pause)))
    assert [n for some in found for n in some] == list(range(len(sizes)))


def test_a_slow_source_waits_for_nothing() -> None:
    with asyncio.Runner(loop_factory=NoWaiting) as runner:
        found = runner.run(written(every_s=180.0, count=4, write_s=0.05))
    assert [count for count, _ in found] == [1, 1, 1, 1]
    assert [at for _, at in found] == pytest.approx([180, 360, 540, 720])


def test_what_comes_quicker_than_it_is_written_is_waited_for_as_long_as_writing_took() -> None:
    with asyncio.Runner(loop_factory=NoWaiting) as runner:
        found = runner.run(written(every_s=0.01, count=60, write_s=0.0999))
    # Nine come while the first is written, ten more in as long again.
    assert [count for count, _ in found][:2] == [1, 19]
    assert sum(count for count, _ in found) == 60
    assert len(found) <= 5


def test_nobody_is_waited_for_longer_than_a_second() -> None:
    with asyncio.Runner(loop_factory=NoWaiting) as runner:
        found = runner.run(written(every_s=2.0, count=40, write_s=30.0))
    begun = [at for _, at in found]
    assert begun[1] == pytest.approx(33.0)
