"""The routes of the Reports API 2021-06-30: reports, schedules and documents."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.routing import Route

from sync.sandbox.amazon.front.gateway import Parts, Plans, body_of, named
from sync.sandbox.amazon.reports.api import ReportsApi
from sync.sandbox.amazon.reports.schedules import Schedules
from sync.sandbox.faults import Fault

__all__ = ["PLANS", "routes"]

PLANS: Plans = {
    "getReports": (0.0222, 10.0),
    "createReport": (0.0167, 15.0),
    "cancelReport": (0.0222, 10.0),
    "getReport": (2.0, 15.0),
    "getReportSchedules": (0.0222, 10.0),
    "createReportSchedule": (0.0222, 10.0),
    "cancelReportSchedule": (0.0222, 10.0),
    "getReportSchedule": (0.0222, 10.0),
    "getReportDocument": (0.0167, 15.0),
}
_ROOT = "/reports/2021-06-30"


def routes(parts: Parts) -> list[Route]:
    """Return the routes; the reports' documents are offered to the presigned addresses."""
    api = parts.reports
    schedules = Schedules(api, parts.clock)
    parts.documents.add_source(api.document)
    return _report_routes(parts, api, schedules) + _schedule_routes(parts, schedules)


def _report_routes(parts: Parts, api: ReportsApi, schedules: Schedules) -> list[Route]:
    async def search(request: Request, fault: Fault | None) -> tuple[int, Any]:
        schedules.run_due()
        return 200, api.search(request, fault)

    async def get(request: Request, fault: Fault | None) -> tuple[int, Any]:
        schedules.run_due()
        return 200, api.get(request)

    async def create(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 202, api.create(await body_of(request), fault)

    async def cancel(request: Request, fault: Fault | None) -> tuple[int, Any]:
        api.cancel(request)
        return 200, None

    async def describe(request: Request, fault: Fault | None) -> tuple[int, Any]:
        document_id = request.path_params["document_id"]
        stale = named(fault, "expired_url")
        return 200, parts.documents.describe(request, document_id, "reportDocumentId", stale=stale)

    both = ("seller", "restricted")
    return [
        parts.op(f"{_ROOT}/reports", "getReports", search),
        parts.op(f"{_ROOT}/reports", "createReport", create, "POST"),
        parts.op(f"{_ROOT}/reports/{{report_id}}", "getReport", get),
        parts.op(f"{_ROOT}/reports/{{report_id}}", "cancelReport", cancel, "DELETE"),
        parts.op(f"{_ROOT}/documents/{{document_id}}", "getReportDocument", describe, admits=both),
    ]


def _schedule_routes(parts: Parts, schedules: Schedules) -> list[Route]:
    async def search(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, schedules.search(request)

    async def get(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 200, schedules.get(request)

    async def create(request: Request, fault: Fault | None) -> tuple[int, Any]:
        return 201, schedules.create(await body_of(request))

    async def cancel(request: Request, fault: Fault | None) -> tuple[int, Any]:
        schedules.cancel(request)
        return 200, None

    return [
        parts.op(f"{_ROOT}/schedules", "getReportSchedules", search),
        parts.op(f"{_ROOT}/schedules", "createReportSchedule", create, "POST"),
        parts.op(f"{_ROOT}/schedules/{{schedule_id}}", "getReportSchedule", get),
        parts.op(f"{_ROOT}/schedules/{{schedule_id}}", "cancelReportSchedule", cancel, "DELETE"),
    ]
