"""What the tests of faults share: set one, read a refusal, sign a call with somebody else's library."""

from __future__ import annotations

from typing import Any

import httpx
import oauthlib.oauth1

from sync.sandbox.faults import Fault
from tests.sync.sandbox.netsuite.conftest import Served

__all__ = ["BROKEN", "CUSTOMERS", "ORDERS", "RECORDS", "order", "refusal", "signed", "strike"]

RECORDS = "/services/rest/record/v1"
CUSTOMERS, ORDERS = f"{RECORDS}/customer", f"{RECORDS}/salesOrder"
BROKEN = (httpx.RemoteProtocolError, httpx.ReadError)


def strike(host: Served, name: str, match: str = "", **options: str) -> None:
    """Set a fault for the next call that it fits."""
    host.faults.add(Fault("netsuite", name, match=match, options=options))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.json()["o:errorDetails"][0]["o:errorCode"]


def order(host: Served, external_id: str) -> dict[str, Any]:
    """Return the JSON body of an order of one line."""
    line = {"item": host.company.ref("widget"), "quantity": 1, "rate": 10}
    return {"entity": host.company.ref("buyer"), "externalId": external_id, "item": {"items": [line]}}


def signed(host: Served, path: str) -> httpx.Response:
    """Send a GET signed by somebody else's library."""
    tba, url = host.credentials["tba"], host.url + path
    signer = oauthlib.oauth1.Client(
        client_key=tba["consumer_key"],
        client_secret=tba["consumer_secret"],
        resource_owner_key=tba["token_id"],
        resource_owner_secret=tba["token_secret"],
        signature_method=oauthlib.oauth1.SIGNATURE_HMAC_SHA256,
        realm="TIEOUT_SB1",
        timestamp=str(int(host.company.clock.now().timestamp())),
    )
    _, headers, _ = signer.sign(url, "GET")
    return httpx.get(url, headers=dict(headers))
