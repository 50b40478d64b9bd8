"""BIGINT join keys beside string ids: large joins run on integers, money is decided on the string too."""

from __future__ import annotations

import hashlib
import re

__all__ = ["REFERENCE_PREFIXES", "join_key", "reference_key", "strip_prefix"]

_AMAZON_ORDER = re.compile(r"\d{3}-\d{7}-\d{7}")
#: What our external ids put before a channel's own number.
REFERENCE_PREFIXES = ("AMZ-", "WMT-")


def join_key(text: str) -> int:
    """Return the BIGINT key of an id: its digits for an Amazon order id or a short number, else a hash.

    Two ids can share a key; compare the strings where it decides money.
    """
    if _AMAZON_ORDER.fullmatch(text):
        return int(text.replace("-", ""))
    if text.isascii() and text.isdigit() and len(text) <= 18 and (text == "0" or text[0] != "0"):
        return int(text)
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") & 0x7FFF_FFFF_FFFF_FFFF


def strip_prefix(reference: str) -> str:
    """Return a channel's own number out of one of our external ids (`AMZ-113-…` gives `113-…`)."""
    for prefix in REFERENCE_PREFIXES:
        if reference.startswith(prefix):
            return reference[len(prefix) :]
    return reference


def reference_key(reference: str | None) -> int | None:
    """Return the join key of a reference without our prefix, None for none."""
    return join_key(strip_prefix(reference)) if reference else None
