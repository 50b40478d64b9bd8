"""Every exchange of a whole pull over real HTTP, held against the vendors' own models."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.company import company, still_sandbox
from tests.chaos.recorder import Exchange, record

pytestmark = [pytest.mark.slow, pytest.mark.shared, pytest.mark.timeout(300)]

_JSON = ("application/json", "application/problem+json")


#: All that answers at once; reports on request take a clock that runs.
STREAMS = [
    *(f"amazon.{kind}" for kind in "orders settlements ledger payouts summaries balances listings stock feeds".split()),
    *(f"walmart.{kind}" for kind in "orders settlements returns summaries locations listings stock feeds".split()),
]


@pytest.fixture(scope="module")
def exchanges(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Exchange]]:
    sandbox, folder = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        kept = record(patch)
        with still_sandbox(150, sandbox) as running, company(running, folder) as here:
            pulled = here.workspace.pull(STREAMS)
            assert not pulled.failed, pulled.failed
            yield kept


def _tool(shared: Path, vendor: str) -> Any:
    path = shared / "vendors" / vendor / "tools" / "check_against_models.py"
    spec = importlib.util.spec_from_file_location(f"{vendor}_models_judge_of_the_wire", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _calls(exchanges: list[Exchange], vendor: str) -> list[Exchange]:
    """Return the JSON exchanges of an API's operations: no presigned document, no file."""
    found = [e for e in exchanges if e.vendor == vendor and e.answer_headers.get("content-type", "").startswith(_JSON)]
    assert len(found) >= 5
    return found


def test_what_amazon_was_asked_and_answered_is_in_its_models(shared: Path, exchanges: list[Exchange]) -> None:
    module = _tool(shared, "amazon")
    judge = module.Models.load(module.DEFAULT_MODELS, strict=True)
    for e in _calls(exchanges, "amazon"):
        assert judge.find(e.method, e.path) is not None, e.path
        if e.body:
            assert judge.request_violations(e.method, e.path, json.loads(e.body)) == [], e.path
        assert judge.violations(e.method, e.path, e.status, json.loads(e.answer)) == [], e.path


def test_what_walmart_was_asked_and_answered_is_in_its_models(shared: Path, exchanges: list[Exchange]) -> None:
    judge = _tool(shared, "walmart").Model()
    for e in _calls(exchanges, "walmart"):
        if e.body and e.headers.get("content-type", "").startswith(_JSON):
            assert judge.violations(e.method, e.path, "request", json.loads(e.body)) == [], e.path
        media = e.answer_headers["content-type"]
        assert judge.violations(e.method, e.path, e.status, json.loads(e.answer), content_type=media) == [], e.path
