"""Statements of the company's bank accounts, from files: CSV as banks write it, and OFX."""

from __future__ import annotations

from sync.bank.reading import read_statement
from sync.bank.statement import BankStatement

__all__ = ["BankStatement", "read_statement"]
