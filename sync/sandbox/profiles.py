"""Named sets of faults and levers: `profiles.toml` read, checked and armed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from sync.sandbox.faults import Fault
from sync.sandbox.levers import Controls, pull_lever

__all__ = ["Profile", "arm", "find_profile", "load_profiles"]

_FAULT_KEYS = {"vendor", "name", "count", "probability", "match", "method", "options"}


@dataclass(frozen=True, slots=True)
class Profile:
    """What goes wrong together. `levers` are pulled once, in order: (name, body)."""

    name: str
    text: str
    faults: tuple[Mapping[str, Any], ...]
    levers: tuple[tuple[str, Mapping[str, Any]], ...]

    def make_faults(self) -> list[Fault]:
        """Return the faults anew: each is counted down where it is set."""
        return [fault_of(row) for row in self.faults]


def fault_of(row: Mapping[str, Any]) -> Fault:
    """Return the fault that a table of JSON or TOML describes; without count and probability it strikes once.

    Raises:
        ValueError: if a key is unknown or a value has the wrong form.
    """
    if unknown := sorted(set(row) - _FAULT_KEYS):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(_FAULT_KEYS))}")
    count = row.get("count", None if "probability" in row else 1)
    return Fault(
        vendor=str(row.get("vendor", "")),
        name=str(row.get("name", "")),
        count=None if count is None else int(count),
        probability=float(row.get("probability", 1.0)),
        match=str(row.get("match", "")),
        method=str(row.get("method", "")),
        options={str(k): str(v) for k, v in dict(row.get("options") or {}).items()},
    )


def load_profiles(text: str | None = None) -> dict[str, Profile]:
    """Return the profiles that ship with the sandbox, or those of a TOML text, by name.

    Raises:
        ValueError: if a profile has no text, or a fault or lever of it is not written as it must be.
    """
    raw = text if text is not None else files("sync.sandbox").joinpath("profiles.toml").read_text(encoding="utf-8")
    found = {}
    for name, table in tomllib.loads(raw).items():
        if not isinstance(table, dict) or not table.get("text"):
            raise ValueError(f"profile {name} needs a text")
        levers = tuple((str(row["name"]), dict(row.get("body") or {})) for row in table.get("levers", ()))
        profile = Profile(name, str(table["text"]), tuple(table.get("faults", ())), levers)
        profile.make_faults()
        found[name] = profile
    return found


def find_profile(name: str) -> Profile:
    """Return one profile.

    Raises:
        ValueError: if there is none of that name.
    """
    profiles = load_profiles()
    if name not in profiles:
        raise ValueError(f"there is no profile {name!r}; there are {', '.join(profiles)}")
    return profiles[name]


def arm(profile: Profile, controls: Controls) -> list[Fault]:
    """Set the profile's faults and pull its levers; return the faults set.

    Raises:
        ValueError: if a fault's name is unknown or a lever refuses.
    """
    made = profile.make_faults()
    for fault in made:
        controls.faults.add(fault)
    for name, body in profile.levers:
        pull_lever(controls, name, body)
    return made
