"""Goods of the channels' orders on both sides: which units left, in which parcels, and what of them was billed."""

from __future__ import annotations

from reconcile.fulfilment.goods import ErpDocument, ErpLine, OrderGoods, Parcel, ParcelLine, read_goods
from reconcile.fulfilment.units import Share, running_share, share_out

__all__ = [
    "ErpDocument",
    "ErpLine",
    "OrderGoods",
    "Parcel",
    "ParcelLine",
    "Share",
    "read_goods",
    "running_share",
    "share_out",
]
