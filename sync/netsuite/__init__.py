"""NetSuite: who we are to it, what is read, what is written. Its field names stop in this package."""

from __future__ import annotations

from sync.netsuite.account import NetSuiteAccount
from sync.netsuite.auth import MachineLogin, TokenLogin
from sync.netsuite.bodies import TaxEngine
from sync.netsuite.client import NetSuiteClient, QueryPage, Written
from sync.netsuite.connect import connect
from sync.netsuite.pull import PullSettings, streams
from sync.netsuite.push import PushSettings, handlers

__all__ = [
    "MachineLogin",
    "NetSuiteAccount",
    "NetSuiteClient",
    "PullSettings",
    "PushSettings",
    "QueryPage",
    "TaxEngine",
    "TokenLogin",
    "Written",
    "connect",
    "handlers",
    "streams",
]
