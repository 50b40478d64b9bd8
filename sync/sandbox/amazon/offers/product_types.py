"""Product Type Definitions 2020-09-01: which product types there are, and the schema of each at a presigned link."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.exact_json import exact_json
from sync.sandbox.amazon.front.gateway import Parts, Plans
from sync.sandbox.amazon.front.parameters import choice_list, texts
from sync.sandbox.amazon.front.refusals import Refused, bad_input
from sync.sandbox.amazon.offers.catalog_storage import Storage
from sync.sandbox.amazon.offers.listings_calls import marketplaces
from sync.sandbox.amazon.offers.product_types_attributes import ATTRIBUTES, PRODUCT_TYPES, REQUIREMENTS
from sync.sandbox.amazon.offers.product_types_check import product_schema
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "ProductTypesApi"]

PLANS: Plans = {
    "searchDefinitionsProductTypes": (5.0, 10.0),
    "getDefinitionsProductType": (5.0, 10.0),
}
_ROOT = "/definitions/2020-09-01/productTypes"
#: The link to a schema is good for seven days.
_LINK_LIFE_S = 604_800
_LOCALES = {"ATVPDKIKX0DER": "en_US", "A1PA6795UKMFR9": "de_DE"}
_META_KEY = "meta-schema-v1.json"
_META: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2019-09/schema",
    "$comment": "Product type definitions use JSON Schema and the keyword `selectors`.",
    "type": "object",
    "properties": {"selectors": {"type": "array", "items": {"type": "string"}}},
}


class ProductTypesApi:
    """The two operations; schemas are put into the storage when they are asked for."""

    def __init__(self, parts: Parts, storage: Storage) -> None:
        self._parts, self._storage = parts, storage

    def routes(self) -> list[Route]:
        """Return the routes of the API."""
        return [
            self._parts.op(_ROOT, "searchDefinitionsProductTypes", self.search),
            self._parts.op(f"{_ROOT}/{{product_type}}", "getDefinitionsProductType", self.get),
        ]

    async def search(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer searchDefinitionsProductTypes: by keywords, or recommended for an item name.

        Raises:
            Refused: 400 when both are given.
        """
        where = marketplaces(request)
        keywords = [word.lower() for word in texts(request, "keywords")]
        item_name = request.query_params.get("itemName", "").lower()
        if keywords and item_name:
            raise bad_input("keywords and itemName cannot be combined.")
        words = set(item_name.split())
        rows = []
        for name, spec in PRODUCT_TYPES.items():
            shown = spec.display_name_de if _locale(request, where, "searchLocale") == "de_DE" else spec.display_name
            text = f"{name} {shown} {' '.join(spec.categories)}".lower()
            if keywords and not any(word in text for word in keywords):
                continue
            if words and name != "PRODUCT" and not words & self._vocabulary(spec.categories):
                continue
            rows.append({"name": name, "displayName": shown, "marketplaceIds": where})
        return 200, {"productTypes": rows, "productTypeVersion": _version()}

    async def get(self, request: Request, fault: Fault | None) -> tuple[int, Any]:
        """Answer getDefinitionsProductType.

        Raises:
            Refused: 404 for a product type or version that there is not.
        """
        where = marketplaces(request, most=1)
        name = request.path_params["product_type"]
        requirements = (choice_list(request, "requirements", REQUIREMENTS) or ["LISTING"])[0]
        enforced = (choice_list(request, "requirementsEnforced", ("ENFORCED", "NOT_ENFORCED")) or ["ENFORCED"])[0]
        version = request.query_params.get("productTypeVersion", "LATEST")
        if name not in PRODUCT_TYPES or version not in ("LATEST", _version()):
            raise Refused(404, "NOT_FOUND", f"Product type '{name}' of version '{version}' was not found.")
        schema = product_schema(name, requirements, tuple(where), enforced=enforced == "ENFORCED")
        locale = _locale(request, where, "locale")
        spec = PRODUCT_TYPES[name]
        return 200, {
            "metaSchema": self._link(request, _META_KEY, _META),
            "schema": self._link(request, f"schema/{where[0]}/{requirements}/{enforced}/{name}.json", schema),
            "requirements": requirements,
            "requirementsEnforced": enforced,
            "propertyGroups": _groups(schema["properties"]),
            "locale": locale,
            "marketplaceIds": where,
            "productType": name,
            "displayName": spec.display_name_de if locale == "de_DE" else spec.display_name,
            "productTypeVersion": {"version": _version(), "latest": True, "releaseCandidate": False},
        }

    def _vocabulary(self, categories: Sequence[str]) -> set[str]:
        """Return the words of the titles of the products that belong to some categories."""
        products = (p for p in self._parts.world.products if p.category in categories)
        return {word for p in products for word in f"{p.title} {p.title_de}".lower().split()}

    def _link(self, request: Request, key: str, schema: Mapping[str, Any]) -> dict[str, Any]:
        body = exact_json(schema).encode()
        self._storage.keep(key, body, "application/json")
        checksum = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
        resource = self._storage.address(request, key, life_s=_LINK_LIFE_S)
        return {"link": {"resource": resource, "verb": "GET"}, "checksum": checksum}


def _version() -> str:
    """Return the version of the definitions: it changes when an attribute does."""
    text = exact_json({name: spec.item for name, spec in ATTRIBUTES.items()})
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:9]).decode()


def _locale(request: Request, where: Sequence[str], parameter: str) -> str:
    """Return the language of the answer: the marketplace's own unless another is asked for."""
    asked = request.query_params.get(parameter, "DEFAULT")
    if asked.startswith("de"):
        return "de_DE"
    return _LOCALES[where[0]] if asked == "DEFAULT" else "en_US"


def _groups(names: Sequence[str]) -> dict[str, Any]:
    groups: dict[str, Any] = {}
    for name in names:
        group = ATTRIBUTES[name].group
        empty = {"title": group.replace("_", " ").capitalize(), "description": "", "propertyNames": []}
        groups.setdefault(group, empty)["propertyNames"].append(name)
    return groups
