"""NetSuite: who we are to it, what is read, what is written. Its field names stop in this package."""

from __future__ import annotations

from sync.netsuite.bodies import TaxEngine
from sync.netsuite.checks import Facts, Finding, check_dimensions, check_period, next_open_day
from sync.netsuite.login.account import NetSuiteAccount
from sync.netsuite.login.auth import MachineLogin, TokenLogin
from sync.netsuite.login.connect import connect, connect_restlets
from sync.netsuite.pull.streams import PullSettings, streams
from sync.netsuite.push import PushSettings, handlers
from sync.netsuite.rest.client import NetSuiteClient, QueryPage, Written
from sync.netsuite.rest.jobs import Job, Jobs
from sync.netsuite.rest.restlets import Restlet, RestletClient
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
