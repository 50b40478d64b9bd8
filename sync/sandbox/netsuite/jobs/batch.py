"""Batches: one request, many records of one type, a task for each (CONTRACT §2.7)."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request

from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.json_text import dump, load
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["MOST_ITEMS", "ItemCall", "check_collection", "is_collection_type", "read_batch", "shuffled"]

MOST_ITEMS = 100
_COLLECTION = re.compile(r"/services/rest/record/v1/([^/]+)/?\Z")


@dataclass(frozen=True, slots=True)
class ItemCall:
    """What a task does: one call of the record service, or a refusal that is clear without one."""

    method: str
    path: str
    query: str
    body: bytes
    refusal: Refused | None = None


def is_collection_type(content_type: str) -> bool:
    """Say whether a content type announces a collection."""
    parts = [part.strip().lower().replace('"', "") for part in content_type.split(";")]
    return parts[0] == "application/vnd.oracle.resource+json" and "type=collection" in parts[1:]


def _is_collection_path(path: str) -> bool:
    found = _COLLECTION.match(path)
    return found is not None and found[1] != "metadata-catalog"


def check_collection(request: Request, body: bytes, settings: AccountSettings, *, wants_job: bool) -> bool:
    """Say whether a record call is a batch.

    Raises:
        Refused: INVALID_CONTENT for a collection body without its content type; INVALID_HEADER for a batch that is
            not asynchronous, or in a release before 2026.1 (code and words assumed).
    """
    if not _is_collection_path(request.url.path) or request.method == "GET":
        return False
    typed = is_collection_type(request.headers.get("content-type", ""))
    if request.method == "POST" and not typed:
        if _has_only_items(body):
            text = "Error while accessing a resource. A collection of records needs the content type of a collection."
            raise Refused(400, "INVALID_CONTENT", text, where={"o:errorPath": "items"})
        return False
    if not settings.offers_batch:
        text = f"Batch operations are not available in release {settings.release}."
        raise Refused(400, "INVALID_HEADER", text, where={"o:errorHeader": "Content-Type"})
    if not wants_job:
        text = "A batch operation needs the request header 'Prefer: respond-async'."
        raise Refused(400, "INVALID_HEADER", text, where={"o:errorHeader": "Prefer"})
    if request.method != "DELETE" and not typed:
        text = "Error while accessing a resource. A collection of records needs the content type of a collection."
        raise Refused(400, "INVALID_CONTENT", text, where={"o:errorHeader": "Content-Type"})
    return True


def read_batch(request: Request, body: bytes) -> list[ItemCall]:
    """Return one call for each record of a batch.

    Raises:
        Refused: when the batch as a whole cannot be read, is empty or holds more than 100 records.
    """
    path = request.url.path.rstrip("/")
    if request.method == "DELETE":
        return [ItemCall("DELETE", f"{path}/{_key(key)}", "", b"") for key in _ids(request)]
    items = _items(body)
    return [_item_call(request, path, item) for item in items]


def shuffled(count: int, seed: str) -> list[int]:
    """Return the order in which a parallel batch works its records off: any, but the same for the same seed."""
    order = list(range(count))
    random.Random(seed).shuffle(order)
    return order


def _item_call(request: Request, path: str, item: Mapping[str, object]) -> ItemCall:
    query = request.scope.get("query_string", b"").decode("latin-1")
    if request.method == "POST":
        return ItemCall("POST", path, query, dump(item).encode())
    named = {name.lower(): value for name, value in item.items()}
    own, external = named.get("id"), named.get("externalid")
    rest = {name: value for name, value in item.items() if name.lower() != "id"}
    if isinstance(own, str | int) and not isinstance(own, bool):
        return ItemCall(request.method, f"{path}/{_key(str(own))}", query, dump(rest).encode())
    if isinstance(external, str) and external:
        return ItemCall(request.method, f"{path}/eid:{_key(external)}", query, dump(rest).encode())
    text = "Error while accessing a resource. An item of a batch needs an id or an externalId."
    return ItemCall(request.method, path, query, b"", Refused(400, "INVALID_CONTENT", text))


def _key(text: str) -> str:
    return quote(text, safe=":")


def _ids(request: Request) -> list[str]:
    keys = [key.strip() for key in request.query_params.get("ids", "").split(",") if key.strip()]
    where = {"o:errorQueryParam": "ids"}
    if not keys:
        raise Refused(400, "INVALID_PARAMETER", "The query parameter ids is required.", where=where)
    if len(keys) > MOST_ITEMS:
        raise Refused(400, "INVALID_PARAMETER", f"A batch holds {MOST_ITEMS} records at most.", where=where)
    return keys


def _items(body: bytes) -> list[Mapping[str, object]]:
    where = {"o:errorPath": "items"}
    try:
        parsed = load(body)
    except ValueError:
        raise Refused(400, "INVALID_REQUEST", "Invalid request body: it is not JSON.") from None
    items = parsed.get("items") if isinstance(parsed, dict) else None
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Refused(400, "INVALID_CONTENT", "Error while accessing a resource. items must hold records.", where=where)
    if len(items) > MOST_ITEMS:
        text = f"Error while accessing a resource. A batch holds {MOST_ITEMS} records at most."
        raise Refused(400, "INVALID_CONTENT", text, where=where)
    return items


def _has_only_items(body: bytes) -> bool:
    try:
        parsed = load(body)
    except ValueError:
        return False
    return isinstance(parsed, dict) and set(parsed) == {"items"} and isinstance(parsed["items"], list)
