"""Host, scheme and path of every request become those that visitors see, before anything else reads them.

A client may write anything into `Host`, so with PUBLIC_URL set every request is taken for one to that
address. Without it a request counts as one to its `Host`, if that can be a host at all.
"""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from app.settings import Settings
from app.web.address import HOST
from app.web.admission.error_answers import deny, failure

SOCKET_SCHEMES = {"http": "ws", "https": "wss"}


class PublicAddress:
    """ASGI middleware, outside of all others: host, scheme and path of each request become those visitors see.

    A proxy may pass the path of PUBLIC_URL on or take it away; either way it ends up in `root_path` and at the
    beginning of `path`, where Starlette expects it.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._public = urlsplit(settings.public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif self._public.netloc:
            await self._app(self._public_scope(scope), receive, send)
        elif (host := HTTPConnection(scope).headers.get("host")) is None or HOST.fullmatch(host):
            await self._app(self._proxied_scope(scope), receive, send)
        else:
            message = f"Host should be a name or an address, with a port if there is one; got {host[:60]!a}."
            await deny(failure(400, "invalid_request", message), scope, receive, send)

    def _public_scope(self, scope: Scope) -> Scope:
        root, path = self._public.path, scope["path"]
        inside = path == root or path.startswith(f"{root}/")
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["host"] = self._public.netloc
        return {
            **scope,
            "headers": headers.raw,
            "scheme": _scheme(scope, self._public.scheme),
            "root_path": root,
            "path": path if inside and path != root else f"{root}{'/' if path == root else path}",
        }

    def _proxied_scope(self, scope: Scope) -> Scope:
        """X-Forwarded-Proto is written by the same proxy as the header that is trusted."""
        if not self._settings.trusted_proxy_header:
            return scope
        proxied = HTTPConnection(scope).headers.get("x-forwarded-proto", "").rpartition(",")[2].strip()
        return {**scope, "scheme": _scheme(scope, proxied)}


def _scheme(scope: Scope, public: str) -> str:
    if public not in SOCKET_SCHEMES:
        return str(scope["scheme"])
    return SOCKET_SCHEMES[public] if scope["type"] == "websocket" else public
