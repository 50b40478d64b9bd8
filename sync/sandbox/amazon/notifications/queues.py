"""What Amazon delivers to: one queue a destination, read over HTTP as SQS is read.

GET /queue/{destination_id}?max=10 receives messages, which stay hidden for 30 seconds; DELETE
/queue/{destination_id}/{receipt} takes one away for good. POST /queue {"since": …} puts what the world did since then
into the queues once more. None of the three is an operation of Amazon's API.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sync.sandbox.amazon.front.exact_json import exact_json
from sync.sandbox.amazon.front.gateway import Parts, body_of
from sync.sandbox.amazon.front.parameters import moment_of, whole_number
from sync.sandbox.amazon.front.refusals import Refused
from sync.sandbox.faults import Fault

__all__ = ["Queues", "queue_routes"]

_HIDDEN_FOR = timedelta(seconds=30)


@dataclass(slots=True)
class _Message:
    message_id: str
    body: str
    visible_at: datetime
    receipt: str = ""


@dataclass(slots=True)
class Queues:
    """The messages of each destination, oldest first."""

    _kept: dict[str, list[_Message]] = field(default_factory=dict)
    _made: int = 0

    def open(self, destination_id: str) -> None:
        """Begin a queue."""
        self._kept.setdefault(destination_id, [])

    def close(self, destination_id: str) -> None:
        """End a queue with everything in it."""
        self._kept.pop(destination_id, None)

    def put(self, destination_id: str, notification: dict[str, Any], at: datetime) -> None:
        """Add a notification."""
        self._made += 1
        message_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"message/{self._made}"))
        self._kept[destination_id].append(_Message(message_id, exact_json(notification), at))

    def receive(self, destination_id: str, most: int, now: datetime, fault: Fault | None) -> list[dict[str, str]]:
        """Return up to `most` visible messages and hide them; a fault delivers each twice, or the newest first.

        Raises:
            Refused: 404 when there is no such queue.
        """
        if destination_id not in self._kept:
            raise Refused(404, "NonExistentQueue", "The specified queue does not exist.")
        visible = [m for m in self._kept[destination_id] if m.visible_at <= now]
        if fault and fault.name == "out_of_order":
            visible.reverse()
        taken = []
        for message in visible[:most]:
            self._made += 1
            message.visible_at = now + _HIDDEN_FOR
            message.receipt = str(uuid.uuid5(uuid.NAMESPACE_OID, f"receipt/{self._made}"))
            shown = {"messageId": message.message_id, "receiptHandle": message.receipt, "body": message.body}
            taken += [shown] * (2 if fault and fault.name == "delivered_twice" else 1)
        return taken

    def remove(self, destination_id: str, receipt: str) -> None:
        """Take a received message away for good; a receipt that is no longer known is taken as done already."""
        kept = self._kept.get(destination_id, [])
        kept[:] = [m for m in kept if m.receipt != receipt]


def queue_routes(parts: Parts, queues: Queues, publish: Callable[[datetime | None], int]) -> list[Route]:
    """Return the queue's own routes; `publish` puts what happened (since a moment) into the queues and counts it."""

    async def receive(request: Request) -> Response:
        publish(None)
        fault: Fault | None = request.scope.get("state", {}).get("fault")
        try:
            most = whole_number(request, "max", 10, 1, 10)
            taken = queues.receive(request.path_params["destination_id"], most, parts.clock.now(), fault)
        except Refused as refused:
            return JSONResponse({"error": refused.message}, status_code=refused.status)
        return JSONResponse({"messages": taken})

    async def remove(request: Request) -> Response:
        queues.remove(request.path_params["destination_id"], request.path_params["receipt"])
        return Response(status_code=204)

    async def again(request: Request) -> Response:
        try:
            since = moment_of("since", str((await body_of(request)).get("since")))
        except Refused as refused:
            return JSONResponse({"error": refused.message}, status_code=refused.status)
        return JSONResponse({"published": publish(since)}, status_code=201)

    return [
        Route("/queue", again, methods=["POST"]),
        Route("/queue/{destination_id}", receive, methods=["GET"]),
        Route("/queue/{destination_id}/{receipt}", remove, methods=["DELETE"]),
    ]
