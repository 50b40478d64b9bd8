"""Goods: stock and its cost, fulfilments and receipts, transfers, how far an order is."""
