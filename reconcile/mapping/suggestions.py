"""Which item an unmapped SKU may be: ranked, with the evidence, for a person to choose. Never applied by itself."""

from __future__ import annotations

import re
from dataclasses import dataclass

import duckdb
from rapidfuzz import fuzz, process

__all__ = ["Suggestion", "normal_sku", "suggest_items"]

#: What sellers add to an item's number to tell channels, countries and ways of fulfilment apart.
_AFFIXES = {
    "amz", "amazon", "wm", "wmt", "walmart", "fba", "fbm", "mfn", "wfs", "us", "usa", "de", "uk", "ca", "new", "sku",
}  # fmt: skip
#: Below this nothing is alike enough to be shown.
_LEAST_SCORE = 45.0
_CONSIDERED = 200
#: Characters of a title that are compared (Amazon allows 200); a huge one would keep the console busy for minutes.
_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One candidate; `score` is 0 to 100, `evidence` says what it rests on, strongest first."""

    item_id: str
    name: str
    display_name: str | None
    score: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    item_id: str
    name: str
    display_name: str | None
    upc: str | None


def normal_sku(text: str) -> str:
    """Return a SKU without signs, letter case and what sellers add for a channel (`WM_ACM_YGA_06` → `acmyga06`)."""
    words = re.findall(r"[a-z0-9]+", text.casefold())
    return "".join(w for w in words if w not in _AFFIXES) or "".join(words)


def suggest_items(cursor: duckdb.DuckDBPyConnection, channel: str, sku: str, *, limit: int = 5) -> list[Suggestion]:
    """Return the active items most like a sold SKU, best first; an item of equal score ranks by its name.

    Compares the SKU with item names, the title that the channel shows with the item's display name, and the
    product id with the UPC where it is one.
    """
    row = cursor.execute(
        "SELECT left(any_value(title), $3), any_value(product_id) FROM order_lines WHERE channel = $1 AND sku = $2",
        [channel, sku, _LONGEST_TITLE],
    ).fetchone()
    title, product_id = row if row else (None, None)
    items = [
        _Candidate(*r)
        for r in cursor.execute(
            "SELECT item_id, name, display_name, upc FROM items WHERE NOT inactive ORDER BY name, item_id"
        ).fetchall()
    ]
    found = [_judge(items[i], sku, title, product_id) for i in _shortlist(items, sku, title, product_id)]
    good = [s for s in found if s.score >= _LEAST_SCORE]
    return sorted(good, key=lambda s: (-s.score, s.name, s.item_id))[:limit]


def _shortlist(items: list[_Candidate], sku: str, title: str | None, product_id: str | None) -> list[int]:
    """Return indexes of the items worth a closer look: alike in number, or in title, or of the same UPC."""
    names = [normal_sku(i.name) for i in items]
    chosen = {hit[2] for hit in process.extract(normal_sku(sku), names, scorer=fuzz.ratio, limit=_CONSIDERED)}
    if title:
        titles = [(i.display_name or "").casefold() for i in items]
        hits = process.extract(title.casefold(), titles, scorer=fuzz.token_set_ratio, limit=_CONSIDERED)
        chosen |= {hit[2] for hit in hits}
    code = _code(product_id) or _code(sku)
    chosen |= {n for n, i in enumerate(items) if code and _code(i.upc) == code}
    return sorted(chosen)


def _judge(item: _Candidate, sku: str, title: str | None, product_id: str | None) -> Suggestion:
    scored: list[tuple[float, str]] = []
    if normal_sku(sku) == normal_sku(item.name):
        scored.append((97.0, f"the same number as {item.name} but for signs, case or channel"))
    elif alike := round(fuzz.ratio(normal_sku(sku), normal_sku(item.name)), 1):
        scored.append((alike * 0.9, f"number {alike:g} % alike"))
    code = _code(product_id) or _code(sku)
    if code and _code(item.upc) == code:
        scored.append((99.0, f"UPC {item.upc}"))
    if title and item.display_name:
        alike = round(fuzz.token_sort_ratio(title.casefold(), item.display_name.casefold()), 1)
        scored.append((alike * 0.95, f"title {alike:g} % alike: {item.display_name}"))
    if not scored:
        return Suggestion(item.item_id, item.name, item.display_name, 0.0, ())
    scored.sort(reverse=True)
    # A second kind of evidence cannot make a weak first one strong, but it decides between equals.
    score = scored[0][0] + (100 - scored[0][0]) * scored[1][0] / 100 * 0.3 if len(scored) > 1 else scored[0][0]
    return Suggestion(item.item_id, item.name, item.display_name, round(score, 1), tuple(t for _, t in scored))


def _code(text: str | None) -> str | None:
    """Return a GTIN's digits without leading zeros (UPC, EAN and GTIN-14 of one thing are equal), None for others."""
    bare = (text or "").strip()
    return bare.lstrip("0") if bare.isascii() and bare.isdigit() and 8 <= len(bare) <= 14 and bare.strip("0") else None
