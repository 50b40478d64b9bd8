"""The services about the account itself: limits, time, who the token is, certificates (CONTRACT §1.1, §2.9)."""

from __future__ import annotations

from datetime import UTC

from starlette.requests import Request
from starlette.responses import Response

from sync.sandbox.netsuite.login.auth import TokenOffice
from sync.sandbox.netsuite.settings import AccountSettings
from sync.sandbox.netsuite.wire.answers import singular
from sync.sandbox.netsuite.wire.json_text import dump, load
from sync.sandbox.netsuite.wire.refusals import Refused, not_found

__all__ = ["SystemService"]


class SystemService:
    """The handlers of `/services/rest/system/v1`, `/rest/tokeninfo` and the certificates of the integration."""

    def __init__(self, office: TokenOffice, settings: AccountSettings) -> None:
        self._office, self._settings = office, settings

    async def governance_limits(self, request: Request) -> Response:
        """GET /governanceLimits: how many calls at once the account may make."""
        del request
        limit = self._settings.concurrency_limit
        body = {
            "accountConcurrencyLimit": limit,
            "accountUnallocatedConcurrencyLimit": limit,
            "integrationLimitType": "accountLimit",
        }
        return singular(body)

    async def server_time(self, request: Request) -> Response:
        """GET /serverTime."""
        del request
        return singular({"serverTime": self._office.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")})

    async def token_info(self, request: Request) -> Response:
        """GET /rest/tokeninfo: company, role and user of the credentials that were sent (field names assumed)."""
        del request
        body = {
            "companyId": self._settings.realm,
            "companyName": self._settings.company_name,
            "roleId": 3,
            "roleName": "Administrator",
            "entityId": 4,
        }
        return Response(dump(body), media_type="application/json")

    async def certificates(self, request: Request) -> Response:
        """GET …/clients/{clientId}/certificates."""
        self._check_client(request)
        body = {"items": [held.shown() for held in self._office.shelf.all()]}
        return Response(dump(body), media_type="application/json")

    async def add_certificate(self, request: Request) -> Response:
        """POST …/clients/{clientId}/certificates {"fileContent": PEM, "role", "entity"}: its id signs at once."""
        self._check_client(request)
        try:
            body = load(await request.body())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(400, "INVALID_REQUEST", "Invalid request body: it must be a JSON object.")
        return Response(
            dump(self._office.shelf.register(body.get("fileContent")).shown()), media_type="application/json"
        )

    def _check_client(self, request: Request) -> None:
        if request.path_params["client"] != self._office.credentials["client_id"]:
            raise not_found(request.url.path)
