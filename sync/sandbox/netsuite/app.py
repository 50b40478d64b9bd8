"""The NetSuite app: one company's REST host on loopback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from sync.sandbox.netsuite.books.company import NetSuiteBooks, Now
from sync.sandbox.netsuite.front.door import TOKEN_PATH, FaultSource, FrontDoor, ahead_s
from sync.sandbox.netsuite.front.fault_effects import Account
from sync.sandbox.netsuite.front.gate import Gate
from sync.sandbox.netsuite.jobs.api import JobService
from sync.sandbox.netsuite.jobs.office import JobOffice
from sync.sandbox.netsuite.login.auth import InvalidGrant, TokenOffice
from sync.sandbox.netsuite.login.token_signature import SignatureDesk
from sync.sandbox.netsuite.query.api import QueryService
from sync.sandbox.netsuite.rest.record_service import RecordService
from sync.sandbox.netsuite.rest.restlets import RestletService
from sync.sandbox.netsuite.rest.system import SystemService
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.answers import error, refusal_of
from sync.sandbox.netsuite.wire.json_text import dump
from sync.sandbox.netsuite.wire.refusals import Refused

__all__ = ["netsuite_app"]

_RECORD = "/services/rest/record/v1"
_RESTLET = "/app/site/hosting/restlet.nl"


class _NetSuiteApp(Starlette):
    """Keeps the server's own `send` within reach: a fault that cuts the connection needs it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("server_send", send)
        await super().__call__(scope, receive, send)


def netsuite_app(
    books: NetSuiteBooks,
    clock: Now,
    settings: AccountSettings,
    credentials: Mapping[str, object],
    faults: FaultSource | None,
) -> Starlette:
    """Return the app; `credentials` are those of `make_credentials`.

    `app.state` holds `office` (tokens: revoke), `desk` (TBA: audit trail), `gate`, `queries` and `jobs` for tests.
    """
    office = TokenOffice(clock, settings, credentials)
    desk = SignatureDesk(clock, settings, cast("Mapping[str, str]", credentials["tba"]))
    gate, records, queries = Gate(settings), RecordService(books, settings), QueryService(books, settings)
    jobs = JobService(JobOffice(clock, settings, books.seed), settings)

    async def token(request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode("latin-1")))
        try:
            return Response(dump(office.issue(form, ahead_s=ahead_s(request))), media_type="application/json")
        except InvalidGrant as refused:
            return Response(dump({"error": refused.error}), 400, media_type="application/json")

    async def refused(request: Request, problem: Exception) -> Response:
        if not isinstance(problem, Refused):
            raise problem
        return refusal_of(request, problem, settings)

    async def unknown_address(request: Request, problem: Exception) -> Response:
        return error(_no_such_address(request, problem), settings)

    account = Account(books, settings, office, desk)
    door = Middleware(FrontDoor, account=account, gate=gate, jobs=jobs, faults=faults)
    app = _NetSuiteApp(
        routes=[
            Route(TOKEN_PATH, token, methods=["POST"]),
            *_record_routes(records),
            *_job_routes(jobs),
            Route("/services/rest/query/v1/suiteql", queries.suiteql, methods=["POST"]),
            *_system_routes(SystemService(office, settings)),
            Route(_RESTLET, RestletService(books).call, methods=["GET", "POST", "PUT", "DELETE"]),
        ],
        middleware=[door],
        exception_handlers={Refused: refused, HTTPException: unknown_address},
    )
    app.state.office, app.state.desk, app.state.gate, app.state.queries = office, desk, gate, queries
    app.state.jobs = jobs.office
    return app


def _no_such_address(request: Request, problem: Exception) -> Refused:
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    if status == 405:
        return Refused(405, "METHOD_NOT_ALLOWED", "The method is not allowed here.")
    where = {"o:errorUrl": request.url.path}
    return Refused(404 if status == 404 else 400, "INVALID_REQUEST", "Invalid URL.", where=where)


def _record_routes(records: RecordService) -> list[Route]:
    one = f"{_RECORD}/{{record}}/{{id}}"
    return [
        Route(f"{_RECORD}/metadata-catalog", records.catalog, methods=["GET"]),
        Route(f"{_RECORD}/metadata-catalog/{{record}}", records.schema, methods=["GET"]),
        Route(f"{one}/!transform/{{target}}", records.transform, methods=["POST"]),
        Route(f"{_RECORD}/{{record}}", records.list_records, methods=["GET"]),
        Route(f"{_RECORD}/{{record}}", records.create, methods=["POST"]),
        Route(one, records.read, methods=["GET"]),
        Route(one, records.update, methods=["PATCH"]),
        Route(one, records.upsert, methods=["PUT"]),
        Route(one, records.delete, methods=["DELETE"]),
        Route(f"{one}/{{sublist}}", records.read_sublist, methods=["GET"]),
        Route(f"{one}/{{sublist}}/{{line}}", records.read_line, methods=["GET"]),
        Route(f"{one}/{{sublist}}/{{line}}", records.update_line, methods=["PATCH"]),
    ]


def _job_routes(jobs: JobService) -> list[Route]:
    one = "/services/rest/async/v1/job/{job}"
    return [
        Route(one, jobs.job, methods=["GET"]),
        Route(f"{one}/task", jobs.tasks, methods=["GET"]),
        Route(f"{one}/task/{{task}}", jobs.task, methods=["GET"]),
        Route(f"{one}/task/{{task}}/result", jobs.result, methods=["GET"]),
    ]


def _system_routes(system: SystemService) -> list[Route]:
    certificates = "/services/rest/auth/oauth2/v1/clients/{client}/certificates"
    return [
        Route("/services/rest/system/v1/governanceLimits", system.governance_limits, methods=["GET"]),
        Route("/services/rest/system/v1/serverTime", system.server_time, methods=["GET"]),
        Route("/rest/tokeninfo", system.token_info, methods=["GET"]),
        Route(certificates, system.certificates, methods=["GET"]),
        Route(certificates, system.add_certificate, methods=["POST"]),
    ]
