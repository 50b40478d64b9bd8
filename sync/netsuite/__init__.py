"""NetSuite: who we are to it, what is read, what is written. Its field names stop in this package."""

from __future__ import annotations

from sync.netsuite.account import NetSuiteAccount
from sync.netsuite.auth import MachineLogin, TokenLogin
from sync.netsuite.bodies import TaxEngine
from sync.netsuite.checks import Facts, Finding, check_dimensions, check_period, next_open_day
from sync.netsuite.client import NetSuiteClient, QueryPage, Written
from sync.netsuite.connect import connect, connect_restlets
from sync.netsuite.jobs import Job, Jobs
from sync.netsuite.pull import PullSettings, streams
from sync.netsuite.push import PushSettings, handlers
from sync.netsuite.restlets import Restlet, RestletClient
from sync.netsuite.survey import RecordSurvey, Survey, survey

__all__ = [
    "Facts",
    "Finding",
    "Job",
    "Jobs",
    "MachineLogin",
    "NetSuiteAccount",
    "NetSuiteClient",
    "PullSettings",
    "PushSettings",
    "QueryPage",
    "RecordSurvey",
    "Restlet",
    "RestletClient",
    "Survey",
    "TaxEngine",
    "TokenLogin",
    "Written",
    "check_dimensions",
    "check_period",
    "connect",
    "connect_restlets",
    "handlers",
    "next_open_day",
    "streams",
    "survey",
]
