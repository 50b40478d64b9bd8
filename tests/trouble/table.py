"""Which test proves which trouble: reads the `proves` marks of the suite and writes docs/faults.md.

python -m tests.trouble.table --write
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.trouble.rows import ROWS

__all__ = ["is_of_the_sandbox", "page", "proofs"]

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "faults.md"
_HEAD = """# Faults

What goes wrong at the vendors, which fault of the sandbox causes it (`tieout sandbox --list-faults`), which tests prove
that Tieout survives it, and which that the sandbox does it as the vendor does. Written by
`python -m tests.trouble.table --write` from the tests' own marks (`@pytest.mark.proves`); a test fails where a row is
survived nowhere, or where this page is out of date.
"""
_VENDORS = {"A": "Amazon", "W": "Walmart", "N": "NetSuite"}


@cache
def proofs() -> dict[str, list[str]]:
    """Return the tests that carry each row's mark, as `path::name`, sorted; unknown rows appear as they stand."""
    found: dict[str, set[str]] = {}
    for path in sorted((REPOSITORY / "tests").rglob("test_*.py")):
        for row, name in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(row, set()).add(f"{path.relative_to(REPOSITORY).as_posix()}::{name}")
    return {row: sorted(names) for row, names in found.items()}


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (row, test) of each mark: on a test, on one of its parameters, or on the whole module."""
    whole = [n for n in tree.body if isinstance(n, ast.Assign) and _names(n) == ["pytestmark"]]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            for where in (*node.decorator_list, *whole):
                for row in _rows(where):
                    yield row, node.name


def _names(node: ast.Assign) -> list[str]:
    return [t.id for t in node.targets if isinstance(t, ast.Name)]


def _rows(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "proves":
            yield from (a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str))


def is_of_the_sandbox(test: str) -> bool:
    """Tell whether a test is about the sandbox alone: it proves the trouble, not that anybody survives it."""
    return test.startswith(("tests/sync/sandbox/", "tests/conformance/"))


def _tests(tests: list[str]) -> str:
    return "<br>".join(f"`{t.removeprefix('tests/')}`" for t in tests)


def _faults_of(row: str) -> list[str]:
    from sync.sandbox.faults import fault_kinds

    return [f"`{k.vendor}.{k.name}`" for k in fault_kinds() if k.row == row]


def page() -> str:
    """Return docs/faults.md as the marks have it now."""
    proved, lines = proofs(), [_HEAD]
    for letter, vendor in _VENDORS.items():
        lines += [
            f"\n## {vendor}\n",
            "| row | what goes wrong | fault | survived in | caused in |",
            "|---|---|---|---|---|",
        ]
        for row, text in ROWS.items():
            if row.startswith(letter):
                caused = [t for t in proved.get(row, []) if is_of_the_sandbox(t)]
                survived = [t for t in proved.get(row, []) if not is_of_the_sandbox(t)]
                lines.append(
                    f"| {row} | {text} | {', '.join(_faults_of(row))} | {_tests(survived)} | {_tests(caused)} |"
                )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
