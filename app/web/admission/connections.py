"""How many connections a server holds, and how many it has dropped for what they sent, or did not take, by reason.

Neither the addresses nor what came in is kept.
"""

import logging
import resource
from collections import Counter
from typing import Literal

import uvicorn

from app.logs import about
from app.settings import Settings

Reason = Literal[
    "too_many_connections",
    "viewer_flood",
    "invalid_frame",
    "invalid_handshake",
    "invalid_request",
    "request_timeout",
    "not_reading",
]
# Those of strangers with bad intentions; the others happen to browsers and health checks, too.
_LOGGED = {"too_many_connections", "viewer_flood"}
# A page has a stream and, for moments, some requests; health checks and operators come on top.
PER_VIEWER, LEAST = 2, 1000
# A server without viewers has some 35 descriptors open.
KEPT, LEAST_EVER = 64, 8

_log = logging.getLogger(__name__)


class Connections:
    """Of one server."""

    def __init__(self, settings: Settings) -> None:
        self.open = 0
        self.dropped: Counter[Reason] = Counter()
        self._most = max(LEAST, PER_VIEWER * settings.max_viewers)

    @property
    def most(self) -> int:
        """As many as may be open: a quarter of the file descriptors, at least 64, is kept for workers, store, files."""
        descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        if descriptors == resource.RLIM_INFINITY:
            return self._most
        return min(self._most, max(LEAST_EVER, descriptors - max(descriptors // 4, KEPT)))

    def count_dropped(self, reason: Reason) -> None:
        self.dropped[reason] += 1
        if reason in _LOGGED:
            _log.warning("connection dropped", extra=about(reason=reason))


def connections_of(config: uvicorn.Config) -> Connections:
    """Those of the server that is run so."""
    connections: Connections = config.app.state.connections  # type: ignore[union-attr]  # always a FastAPI app here
    return connections
