"""The headers by which browsers hold every answer of this server to what the pages need, and no more."""

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import Settings
from app.web.address import HOST, own_path


class SecurityHeaders:
    """ASGI middleware: adds the headers to every answer that the application makes."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(scope=message).update(security_headers(self._settings, scope))
            await send(message)

        await self._app(scope, receive, with_headers)


def security_headers(settings: Settings, scope: Scope) -> dict[str, str]:
    host = HTTPConnection(scope).headers.get("host", "")
    # Not every browser takes the sockets of a page's own server for its own.
    sockets = f" ws://{host} wss://{host}" if HOST.fullmatch(host) else ""
    ancestors = settings.frame_ancestors or ("*" if own_path(scope).startswith("/embed/") else "'self'")
    policy = {
        "default-src": "'self'",
        "img-src": "'self' data: blob:",
        "connect-src": f"'self'{sockets}",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": ancestors,
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
