"""RESTlets: scripts of the customer's account, called on a host of their own (contract §1.1, §2.10).

What a script answers and refuses is its author's choice: the answer is checked against a model of the caller's, and a
refusal may be a JSON error, a REST envelope or plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from sync.errors import ContractBroken
from sync.netsuite.rest.errors import refusal_inside
from sync.transport import Call, Reply, VendorClient

__all__ = ["Restlet", "RestletClient"]

M = TypeVar("M", bound=BaseModel)
_PATH = "/app/site/hosting/restlet.nl"


@dataclass(frozen=True, slots=True)
class Restlet:
    """One deployed script: its script and deployment id (numbers, or `customscript_…` and `customdeploy_…`)."""

    script: str
    deploy: str


class RestletClient:
    """Calls the scripts of one account; shares the account's gate, because NetSuite counts their calls together."""

    def __init__(self, transport: VendorClient) -> None:
        self.transport = transport

    async def read(self, script: Restlet, model: type[M], parameters: Mapping[str, str] | None = None) -> M:
        """Return what the script's GET answers.

        Raises:
            ContractBroken: the answer is not of this model.
            VendorError: the script refused; Throttled also in the RESTlet's own words (fault 2).
        """
        query = [("script", script.script), ("deploy", script.deploy), *(parameters or {}).items()]
        reply = await self.transport.send(Call(f"restlet {script.script}", "GET", _PATH, query=query))
        return _answer(reply, model)

    async def call(
        self,
        script: Restlet,
        method: Literal["POST", "PUT", "DELETE"],
        model: type[M],
        body: Mapping[str, object] | None = None,
        *,
        safe: bool = False,
    ) -> M:
        """Return what the script answers to a write; `safe` says that repeating it does no harm.

        Raises:
            InDoubt: the answer was lost and the call is not safe.
            ContractBroken: the answer is not of this model.
            VendorError: the script refused.
        """
        query = [("script", script.script), ("deploy", script.deploy)]
        call = Call(f"restlet {script.script}", method, _PATH, query=query, json=body, safe=safe)
        return _answer(await self.transport.send(call), model)


def _answer(reply: Reply, model: type[M]) -> M:
    if (inside := refusal_inside(reply)) is not None:
        raise inside
    document = reply.json()
    try:
        return model.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "the answer"
    raise ContractBroken(reply.seen(detail=f"{place}: {first['msg']}"))
