"""Every trouble of the vendors is proved by a test, and the page that says so is true."""

from __future__ import annotations

import pytest

from sync.sandbox.faults import fault_kinds
from tests.trouble.rows import ROWS
from tests.trouble.table import PAGE, is_of_the_sandbox, page, proofs


def test_there_are_as_many_rows_as_the_vendors_contracts_have() -> None:
    assert [sum(r.startswith(v) for r in ROWS) for v in "AWN"] == [74, 39, 40]


@pytest.mark.parametrize("row", ROWS)
def test_each_trouble_is_survived_in_a_test(row: str) -> None:
    survived = [t for t in proofs().get(row, []) if not is_of_the_sandbox(t)]
    assert survived, f"{row} ({ROWS[row]}) is survived in no test"


def test_no_test_claims_a_row_that_does_not_exist() -> None:
    assert sorted(set(proofs()) - set(ROWS)) == []


def test_each_fault_of_the_sandbox_is_of_a_known_row_or_of_all_vendors() -> None:
    assert sorted({k.row for k in fault_kinds() if k.row} - set(ROWS)) == []


def test_the_page_of_faults_is_what_the_tests_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `python -m tests.trouble.table --write`"
