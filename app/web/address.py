"""This server's address from outside, and the path it is behind.

`web.admission.public_address` puts both into each request.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.types import Scope

from app.settings import Settings

# A domain name has at most 253 characters.
HOST = re.compile(r"(?:[\w.-]{1,253}|\[[\da-fA-F:.]{2,45}\])(?::\d{1,5})?", re.ASCII)


def root_of(scope: Scope) -> str:
    """The path below which a proxy offers the playground, without a slash at its end; empty as a rule."""
    # Files lie below a root of their own; Starlette keeps the application's.
    return str(scope.get("app_root_path", scope.get("root_path", "")))


def own_path(scope: Scope) -> str:
    """The path of a request as the routes know it."""
    return str(scope["path"]).removeprefix(root_of(scope))


def public_url(request: Request) -> str:
    """What comes before a path of this server in links that are read elsewhere, without a slash at its end."""
    return str(request.base_url).rstrip("/")


def run_path(run_id: str, where: str = "runs") -> str:
    """Of a run, or of what else has an id, as a sweep below "sweeps"."""
    return f"/{where}/{quote(run_id, safe='')}"


def oembed_address(request: Request, url: str) -> str:
    """The address of the oEmbed answer for this `url` of the server."""
    return f"{public_url(request)}/oembed?{urlencode({'url': url, 'format': 'json'})}"


def is_own_origin(connection: HTTPConnection, settings: Settings, origin: str) -> bool:
    """Whether pages of this `Origin`, in lower case, are this server's.

    Without PUBLIC_URL that is the address of the request, its scheme aside: a proxy may end TLS unknown to the
    server. But a server that only its own machine reaches has no domain name. One that leads here all the same may be
    another site's, pointed here to pass for this server (DNS rebinding).
    """
    if settings.public_url:
        return origin == settings.public_origin
    host = connection.headers.get("host", "").lower()
    if origin.partition("://")[2] != host:
        return False
    listening = _ip(settings.host)
    alone = listening is not None and listening.is_loopback and not settings.trusted_proxy_header
    return not alone or _ip(urlsplit(f"//{host}").hostname or "") is not None


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    try:
        return ip_address(host)
    except ValueError:
        return None
