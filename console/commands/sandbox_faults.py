"""What can be made to go wrong in a sandbox: read from the command line, and listed."""

from __future__ import annotations

from collections.abc import Sequence

from console.commands.output import Output
from sync.errors import BadInput

__all__ = ["checked_faults", "list_what_goes_wrong"]


def checked_faults(written: Sequence[str], profile: str | None) -> list[str]:
    """Return what to arm, profile first, after a look whether it exists: a typing error costs no start of a world.

    Raises:
        BadInput: a profile or fault is unknown, or not written as it must be.
    """
    from sync.sandbox.faults import Faults, parse_fault
    from sync.sandbox.profiles import find_profile

    try:
        if profile is not None:
            find_profile(profile)
        for text in written:
            Faults().add(parse_fault(text))
    except ValueError as error:
        raise BadInput(str(error), remedy="See tieout sandbox --list-faults") from None
    return [*([] if profile is None else [profile]), *written]


def list_what_goes_wrong(output: Output, *, as_json: bool) -> None:
    """Write every fault, profile and lever: its name, its row of a vendor's trouble list, its sentence."""
    from sync.sandbox.faults import fault_kinds
    from sync.sandbox.levers import LEVERS
    from sync.sandbox.profiles import load_profiles

    output.as_json = as_json
    rows = [{"kind": "fault", "name": f"{k.vendor}.{k.name}", "row": k.row, "text": k.text} for k in fault_kinds()]
    rows += [{"kind": "profile", "name": p.name, "row": "", "text": p.text} for p in load_profiles().values()]
    rows += [{"kind": "lever", "name": x.name, "row": "", "text": x.text} for x in LEVERS.values()]
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        if output.as_json:
            output.record(row)
        else:
            output.text(f"{row['kind']:<7}  {row['name']:<{width}}  {row['row']:<3}  {row['text']}")
