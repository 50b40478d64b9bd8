"""`python -m tests.bench [NAME …] [--rows N]`: prints each figure, its baseline of the same run, ratio and budget."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.bench import burst, control_run, customers, first_mirror, frames, order_story, settlement_file, what_if
from tests.bench.figures import Figure, table

__all__ = ["BENCHES", "main"]

#: Name, what measures it, and its rows unless told.
BENCHES: Mapping[str, tuple[Callable[[Path, int], list[Figure]], int]] = {
    "settlement": (settlement_file.figures, 1_000_000),
    "controls": (control_run.figures, 1_000_000),
    "story": (order_story.figures, 1_000_000),
    "frames": (frames.figures, 1_000_000),
    "mirror": (first_mirror.figures, 100_000),
    "what-if": (what_if.figures, 1_000_000),
    "customers": (customers.figures, 100_000),
    "burst": (burst.figures, 0),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the named benchmarks (all without names) and print their figures; a missed budget is shown, not failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--rows", type=int, help="orders or lines (default: what the budget names)")
    parser.add_argument("--folder", type=Path, help="keep the made data here and use it again")
    asked = parser.parse_args(argv)
    unknown = sorted(set(asked.names) - set(BENCHES))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. Known are {', '.join(BENCHES)}")
    found: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as made:
        folder = asked.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        for name in asked.names or BENCHES:
            measure, rows = BENCHES[name]
            sys.stderr.write(f"{name} …\n")
            found += measure(folder, asked.rows or rows)
    sys.stdout.write(table(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
