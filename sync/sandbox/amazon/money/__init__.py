"""Finances 2024-06-19 and v0, and transfers, all over the ledger that settlements are made of."""
