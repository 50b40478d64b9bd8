"""Asynchronous calls and batches: taken in at once, worked off by the account's clock."""
