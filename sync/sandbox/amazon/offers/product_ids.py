"""Amazon's own numbers of a product that the world does not keep."""

from __future__ import annotations

import hashlib

from sync.sandbox.world.model import Listing

__all__ = ["fnsku_of"]

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def fnsku_of(listing: Listing) -> str:
    """Return the label number under which Amazon keeps a listing's units: X00 and seven characters, always the same."""
    digest = hashlib.sha256(f"{listing.channel}/{listing.sku}".encode()).digest()
    return "X00" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:7])
