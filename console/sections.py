"""The sections of the console: what has a key of its own, and the tabs of its drawer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SECTIONS", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """One place with a key of its own; `tabs` are the drawer's (id, title).

    `desk` is whose it is first: everybody's (`work`), finance's (`money`) or support's (`orders`). A narrow terminal
    names the sections of one desk in full; `brief` is the abbreviation of a long title where all are to be seen.
    """

    id: str
    key: str
    title: str
    tabs: tuple[tuple[str, str], ...] = ()
    desk: Literal["work", "money", "orders"] = "work"
    brief: str = ""

    @property
    def short(self) -> str:
        """Return the title, abbreviated if it has an abbreviation."""
        return self.brief or self.title


SECTIONS: tuple[Section, ...] = (
    Section("home", "1", "Home"),
    Section(
        "discrepancies",
        "2",
        "Discrepancies",
        (("diff", "Diff"), ("why", "Why"), ("fix", "Fix"), ("history", "History"), ("raw", "Raw")),
        brief="Discr.",
    ),
    Section(
        "queue",
        "3",
        "Queue",
        (("error", "Error"), ("diff", "Diff"), ("body", "Body"), ("attempts", "Attempts"), ("raw", "Raw")),
    ),
    Section(
        "settlements",
        "4",
        "Settlements",
        (
            ("breakdown", "Sums"),
            ("journal", "Journal"),
            ("ties", "Ties"),
            ("versions", "Versions"),
            ("history", "History"),
            ("raw", "Raw"),
        ),
        desk="money",
        brief="Settl.",
    ),
    Section(
        "bridge",
        "b",
        "Bridge",
        (("waterfall", "Waterfall"), ("bank", "Bank"), ("open", "Open")),
        desk="money",
    ),
    Section("bank", "B", "Bank", (("match", "Match"), ("near", "Near"), ("history", "History")), desk="money"),
    Section("close", "C", "Close", (("open", "Open"), ("drift", "Drift"), ("versions", "Versions")), desk="money"),
    Section(
        "mapping",
        "5",
        "Mapping",
        (("candidates", "Candidates"), ("orders", "Orders"), ("history", "History")),
        brief="Map",
    ),
    Section(
        "orders",
        "6",
        "Orders",
        (("story", "Story"), ("lines", "Lines"), ("diff", "Diff"), ("raw", "Raw")),
        desk="orders",
    ),
    Section(
        "shipments",
        "H",
        "Shipments",
        (("sides", "Sides"), ("fix", "Fix"), ("story", "Story"), ("raw", "Raw")),
        desk="orders",
        brief="Ship.",
    ),
    Section(
        "returns",
        "T",
        "Returns",
        (("sides", "Sides"), ("chain", "Chain"), ("fix", "Fix"), ("raw", "Raw")),
        desk="orders",
    ),
    Section(
        "customers",
        "U",
        "Customers",
        (("candidates", "Candidates"), ("history", "History"), ("record", "Record")),
        desk="orders",
        brief="Cust.",
    ),
    Section("log", "0", "Log", (("call", "Call"), ("request", "Request"), ("answer", "Answer"))),
)
