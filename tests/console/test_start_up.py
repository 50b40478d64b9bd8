"""What is imported before the first frame, and what may never stand in a text with markup."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

CONSOLE = Path(__file__).resolve().parents[2] / "console"
HEAVY = ("duckdb", "polars", "pydantic", "httpx", "sqlglot", "cryptography", "uvicorn", "starlette", "pyarrow")
TEXTUAL_FREE = ("console.desk", "console.actions", "console.jobs", "console.views.definitions", "console.views.query")


def modules_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after the statement."""
    code = f"{statement}\nimport sys\nprint('\\n'.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_nothing_heavy_is_imported_before_the_first_frame() -> None:
    assert not modules_after("import console.app") & set(HEAVY)


@pytest.mark.parametrize("module", TEXTUAL_FREE)
def test_what_commands_use_knows_no_textual(module: str) -> None:
    assert "textual" not in modules_after(f"import {module}, console.present.values, console.present.bars")


SINKS = {"notify", "Static", "Label", "Content", "Text", "update", "from_markup", "Button", "Option"}
#: Calls that make text out of data safe to show, or that write whole numbers and our own words.
SAFE_CONTENT = {"Content", "Text", "assemble"}


def calls(file: Path) -> list[ast.Call]:
    """Return the calls in a file to anything that shows text."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call) and name_of(node) in SINKS]


def name_of(call: ast.Call) -> str:
    """Return the last part of what is called."""
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def markup_is_off(call: ast.Call) -> bool:
    """Return whether the call says markup=False."""
    return any(
        k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in call.keywords
    )


def faults(file: Path) -> list[str]:
    """Return the calls that would read data as markup."""
    found = []
    for call in calls(file):
        name, where = name_of(call), f"{file.name}:{call.lineno}"
        if name == "from_markup" or (name in {"notify", "Static", "Label", "Button"} and not markup_is_off(call)):
            found.append(f"{where} {name} without markup=False")
        first = call.args[0] if call.args else None
        if (
            name == "update"
            and isinstance(call.func, ast.Attribute)
            and isinstance(first, ast.JoinedStr | ast.Constant)
        ):
            found.append(f"{where} update with a bare text")
    return found


@pytest.mark.parametrize("text", ["notify(f'{x}')", "Static('a')", "Content.from_markup(x)", "w.update(f'{x}')"])
def test_the_rule_finds_what_it_is_there_for(text: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.py"
    file.write_text(text, encoding="utf-8")
    assert len(faults(file)) == 1


def test_no_text_is_shown_as_markup() -> None:
    files = [*CONSOLE.glob("*.py"), *CONSOLE.glob("widgets/*.py"), *CONSOLE.glob("screens/*.py")]
    textual = [file for file in files if "textual" in file.read_text(encoding="utf-8")]
    assert len(textual) > 15
    assert [fault for file in textual for fault in faults(file)] == []


def test_files_keep_their_size() -> None:
    mine = [*CONSOLE.glob("widgets/*.py"), *CONSOLE.glob("present/*.py"), *CONSOLE.glob("views/*.py")]
    long = {f.name: n for f in mine if (n := len(f.read_text(encoding="utf-8").splitlines())) > 400}
    assert long == {}
    assert len((CONSOLE / "app.py").read_text(encoding="utf-8").splitlines()) <= 270
