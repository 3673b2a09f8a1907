"""Notes whose request it is, for quotas further down, and bounds how many one address has under way."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.errors import VisitorOverloaded
from app.scheduling.run_registry import VISITOR
from app.web.admission.connections import RETRY_S, TOO_MANY_OF_ADDRESS, Connections
from app.web.admission.error_answers import deny, refusal
from app.web.admission.visitor import address_of, visitor_of


class CurrentVisitor:
    """ASGI middleware. Without a proxy it is the connections of an address that are bounded, where they are made."""

    def __init__(self, app: ASGIApp, connections: Connections) -> None:
        self._app = app
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        visitor = visitor_of(HTTPConnection(scope))
        VISITOR.set(visitor)
        if not self._connections.behind_proxy:
            await self._app(scope, receive, send)
            return
        address = address_of(visitor)
        try:
            if self._connections.begun(address):
                await self._app(scope, receive, send)
            else:
                self._connections.count_dropped("too_many_of_address")
                await deny(
                    refusal(VisitorOverloaded(TOO_MANY_OF_ADDRESS, RETRY_S, "connections")), scope, receive, send
                )
        finally:
            self._connections.ended(address)
