"""Runs `tieout push` in a process that kills itself (SIGKILL) at one named step; used by test_kill.py.

The points lie between every two steps of a push: the outbox is written, the request goes out, the vendor commits,
the answer comes back, the answer is stored, the target is read back.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from sync.outbox.operations import Operation, Outbox

POINTS = (
    "approved, nothing sent",
    "before the intent to send is stored",
    "intent stored, request not sent",
    "vendor committed, answer not received",
    "answer received, not stored",
    "answer stored, not read back",
    "read back, not stored",
)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(point: str) -> None:
    """Make this process die at the point, at the first sales order or journal that reaches it."""
    move, approve = Outbox.move, Outbox.approve

    def dying_approve(self: Outbox, *args: Any, **named: Any) -> int:
        count = approve(self, *args, **named)
        if point == "approved, nothing sent":
            die()
        return count

    def dying_move(self: Outbox, operation_id: str, state: str, **named: Any) -> Operation:
        is_document = self.operation(operation_id).kind != "customer.create"
        before = {
            ("sending", "send"): "before the intent to send is stored",
            ("in_doubt", "send"): "vendor committed, answer not received",
            ("answered", "send"): "answer received, not stored",
            ("done", "read back"): "read back, not stored",
        }
        after = {
            ("sending", "send"): "intent stored, request not sent",
            ("answered", "send"): "answer stored, not read back",
        }
        if is_document and before.get((state, named.get("step", ""))) == point:
            die()
        moved = move(self, operation_id, state, **named)
        if is_document and after.get((state, named.get("step", ""))) == point:
            die()
        return moved

    replace: list[tuple[type, str, Callable[..., Any]]] = [
        (Outbox, "approve", dying_approve),
        (Outbox, "move", dying_move),
    ]
    for owner, name, function in replace:
        setattr(owner, name, function)


if __name__ == "__main__":
    from console.cli import run_command

    arm(sys.argv[1])
    sys.exit(run_command(["push", *sys.argv[2:]]))
