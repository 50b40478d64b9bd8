"""The benchmarks run and hold true figures; how fast they are is not for a test to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.__main__ import main
from tests.bench.figures import Figure, table


def test_an_unknown_name_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["nonsense"])
    assert stopped.value.code == 2
    assert "settlement, controls, story" in capsys.readouterr().err


def test_a_missed_budget_is_said_and_a_lower_bound_turns_it_round() -> None:
    slow = Figure("slow", 9.0, "s", 3.0, "base", 2.0)
    enough = Figure("enough", 0.96, "1/s", 1.0, "base", 0.95, at_least=True)
    assert [slow.is_met, enough.is_met, Figure("bare", 4.0, "ms").is_met] == [False, True, None]
    assert "NOT MET" in table([slow])
    assert "3.00" in table([slow])


@pytest.mark.slow
def test_small_runs_print_every_figure_with_its_budget(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["settlement", "controls", "story", "burst", "--rows", "300", "--folder", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    for figure in (
        "read, foot, match",
        "lines in parts",
        "full control run",
        "after a pull without news",
        "after one order has changed",
        "story by order id",
        "refused",
    ):
        assert figure in shown
