"""How many connections a server holds, of all and of each address, and how many it has dropped for what they sent, or
did not take, by reason.

Neither the addresses of those that are gone nor what came in is kept.
"""

import logging
import resource
from collections import Counter
from collections.abc import Callable
from typing import Literal

import uvicorn

from app.logs import about
from app.settings import Settings
from app.web.admission.visitor import network_of

Reason = Literal[
    "too_many_connections",
    "too_many_of_address",
    "viewer_flood",
    "invalid_frame",
    "invalid_handshake",
    "invalid_request",
    "request_timeout",
    "not_reading",
]
# Those of strangers with bad intentions; the others happen to browsers and health checks, too.
_LOGGED = {"too_many_connections", "too_many_of_address", "viewer_flood"}
# A page has a stream and, for moments, some requests; health checks and operators come on top.
PER_VIEWER, LEAST = 2, 1000
# Taken in one turn of the event loop: a crowd that comes at once does not keep the stream from those who are there.
CONNECTIONS_AT_ONCE = 32
# A server without viewers has some 35 descriptors open; a connection is taken up to three turns before it is counted.
KEPT, LEAST_EVER = 64 + 3 * CONNECTIONS_AT_ONCE, 8
RETRY_S = 10
TOO_MANY = "This server has no room for more connections. Try again in some seconds."
TOO_MANY_OF_ADDRESS = (
    "Your address has the most connections open that are allowed here. Close some pages, or try again in some seconds."
)

_log = logging.getLogger(__name__)


class Connections:
    """Of one server. `places_at` an address are those it has beside its own: where a class is."""

    def __init__(self, settings: Settings, places_at: Callable[[str], int] = lambda _: 0) -> None:
        self.open = 0
        self._places_at = places_at
        self.dropped: Counter[Reason] = Counter()
        # A proxy's connections are those of all its visitors: of each, the requests under way count in their place.
        self.behind_proxy = bool(settings.trusted_proxy_header)
        self._most = max(LEAST, PER_VIEWER * settings.max_viewers)
        self._of_address: Counter[str] = Counter()
        self._most_of_address = settings.connections_per_address

    @property
    def most(self) -> int:
        """As many as may be open: a quarter of the file descriptors, at least KEPT, is not for them."""
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if descriptors == resource.RLIM_INFINITY:
            return self._most
        return min(self._most, max(LEAST_EVER, descriptors - max(descriptors // 4, KEPT)))

    def opened(self, peer: str) -> Reason | None:
        """Count one more, until it is `closed`; why it is one too many, if it is."""
        self.open += 1
        has_room = self.behind_proxy or self.begun(network_of(peer))
        if self.open > self.most:
            return "too_many_connections"
        return None if has_room else "too_many_of_address"

    def closed(self, peer: str) -> None:
        self.open -= 1
        if not self.behind_proxy:
            self.ended(network_of(peer))

    def begun(self, address: str) -> bool:
        """Count one more of an address, until it is `ended`; whether it may have so many."""
        self._of_address[address] += 1
        most = self._most_of_address
        return self._of_address[address] <= most or self._of_address[address] <= most + self._places_at(address)

    def ended(self, address: str) -> None:
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def count_dropped(self, reason: Reason) -> None:
        self.dropped[reason] += 1
        if reason in _LOGGED:
            _log.warning("connection dropped", extra=about(reason=reason))


def connections_of(config: uvicorn.Config) -> Connections:
    """Those of the server that is run so."""
    connections: Connections = config.app.state.connections  # type: ignore[union-attr]  # always a FastAPI app here
    return connections


def plain_answer(status: str, why: str, *headers: str) -> bytes:
    """From the protocol itself, where there is no request that the application could answer. It ends the connection."""
    about_it = ("Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(why)}", *headers, "Connection: close")
    return "\r\n".join([f"HTTP/1.1 {status}", *about_it, "", why]).encode()
