"""Refuses what pages of other sites ask of this server in a visitor's browser, sockets before they are accepted.

A program that is no browser names no origin, and is not refused. Looking (GET) is free to all.
"""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import Settings
from app.web.address import is_own_origin
from app.web.admission.error_answers import deny, failure

LOOKING = ("GET", "HEAD", "OPTIONS")


class Origins:
    """ASGI middleware: an Origin that is neither this server nor one the settings name is answered with 403."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in LOOKING):
            connection = HTTPConnection(scope)
            foreign = [origin for origin in connection.headers.getlist("origin") if self._foreign(connection, origin)]
            if foreign:
                refusal = failure(
                    403,
                    "foreign_origin",
                    f"A page of {foreign[0][:100]!a} may not do this here. If that is this server's own address, its "
                    "operator should set PUBLIC_URL to it; if it is another site of theirs, ALLOWED_ORIGINS.",
                )
                await deny(refusal, scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _foreign(self, connection: HTTPConnection, origin: str) -> bool:
        origin = origin.lower()
        return origin not in self._settings.origins and not is_own_origin(connection, self._settings, origin)
