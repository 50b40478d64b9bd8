"""Fee tables and measures out of files, and decisions on fees; what the commands and the console's actions share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sync.errors import BadInput
from sync.store.store import Store

__all__ = ["FEE_CONTROLS", "decide_fees", "dimension_values", "fee_adoptions", "read_text", "table_values"]

#: What a decision on fees can change.
FEE_CONTROLS = ("fee_differs", "fee_changed", "size_differs")

_Values = dict[str, dict[str, object]]


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        BadInput: it cannot be read, or is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"the file cannot be read: {error.strerror}", remedy="Check its name", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise BadInput("the file is not UTF-8", remedy="Save it as CSV in UTF-8", file=str(path)) from error


def table_values(path: Path, *, channel: str, name: str) -> _Values:
    """Return the decision that a CSV with a fulfilment table makes for a channel.

    Raises:
        BadInput: a row is wrong; names its line.
    """
    from reconcile.fees.packages import table_rows

    rows = table_rows(read_text(path), file=path.name)
    if not rows:
        raise BadInput("the table has no rows", remedy="Give a file with rows", file=path.name)
    return {f"table|{channel}|{name}": {"rows": rows}}


def dimension_values(path: Path, *, channel: str) -> _Values:
    """Return the decisions that a CSV with sizes and weights makes, one a SKU.

    Raises:
        BadInput: a row is wrong; names its line.
    """
    from reconcile.fees.packages import read_packages

    found = read_packages(read_text(path), file=path.name)
    return {f"package|{channel}|{sku}": dict[str, object](value) for sku, value in found}


def decide_fees(store: Store, values: Mapping[str, Mapping[str, object]], *, who: str, reason: str = "") -> list[str]:
    """Decide what is new or different, all or nothing, and judge the fees anew; return the subjects of what was.

    Raises:
        BadInput: one of them cannot be used; nothing is decided then.
    """
    from reconcile.cycle import run_cycle
    from reconcile.fees.schedule import FEE_SCHEDULE, check_decision

    for subject, value in values.items():
        check_decision(subject, value)
    held = store.decisions.current(FEE_SCHEDULE)
    fresh = [s for s, v in values.items() if s not in held or dict(held[s].value) != dict(v)]
    with store.database.transaction():
        for subject in fresh:
            store.decisions.decide(FEE_SCHEDULE, subject, values[subject], by=who, reason=reason)
    run_cycle(store, controls=FEE_CONTROLS)
    return fresh


def fee_adoptions(store: Store, channel: str, name: str) -> Mapping[str, Mapping[str, object]]:
    """Return the decisions by which what a channel charges is right: of a SKU that rose, or of a table's row.

    Raises:
        BadInput: nothing of that name differs.
    """
    from reconcile.controls import Evidence
    from reconcile.fees.rises import adoptions

    with store.database.reading() as cursor:
        return adoptions(Evidence(store, cursor, store.clock.now()), channel, name)
