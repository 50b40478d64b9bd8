"""What a lever is, and what it may move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sync.sandbox.call_log import CallLog
from sync.sandbox.clock import SandboxClock
from sync.sandbox.faults import Faults
from sync.sandbox.lever_fields import Fields
from sync.sandbox.netsuite.books.company import NetSuiteBooks
from sync.sandbox.world.bank import Bank
from sync.sandbox.world.model import World

__all__ = ["Controls", "Lever"]


@dataclass(frozen=True, slots=True)
class Controls:
    """What the admin app may move."""

    world: World
    books: NetSuiteBooks
    clock: SandboxClock
    faults: Faults
    calls: CallLog
    set_limits: Callable[[bool], None]
    bank: Bank


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever. `fields` are the names that its body may have; `pull` returns what the answer says."""

    name: str
    text: str
    fields: tuple[str, ...]
    pull: Callable[[Controls, datetime, Fields], Mapping[str, object]]
