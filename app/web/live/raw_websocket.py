"""The server's websocket protocol: uvicorn's own, with one feature that ASGI lacks and some that uvicorn lacks.

ASGI sends a message to one viewer, by way of its task, and frames it again for each. Here whole frames, made once, can
be written straight to any number of connections. How they are made is not decided here.

A viewer has nothing to say: what it sends is bounded, and messages are not read. uvicorn parses whatever comes, answers
every ping however little of the answers is taken, and hands on every message.

A request that asks for a websocket and can't be read as a handshake is left open by uvicorn without an answer, and
when the server ends, closing it fails and what else is open stays open. Here it is answered and closed.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from app.quotas import TokenBucket
from app.web.admission.connections import Reason, connections_of, plain_answer

EXTENSION = "playground.write"
Write = Callable[[bytes], bool]

# A browser answers a ping of ten bytes every 20 seconds, and a program may send some of its own. After a connection
# stood still, all that was held back comes at once.
BURST_BYTES, BYTES_PER_S = 4096, 256
BURST_FRAMES, FRAMES_PER_S = 64, 4

_NO_HANDSHAKE = plain_answer(
    "400 Bad Request",
    "This is not a websocket handshake: expected at most 128 headers and lines of at most 8,192 bytes.",
)


class RawWebSocketProtocol(WebSocketsSansIOProtocol):
    """One connection; the ASGI application finds its `write` among the extensions of the scope."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connections = connections_of(self.config)
        now = self.loop.time()
        self._bytes = TokenBucket(BURST_BYTES, BYTES_PER_S, now)
        self._frames = TokenBucket(BURST_FRAMES, FRAMES_PER_S, now)
        if self.transport.get_write_buffer_size():
            # An answer to an earlier request is not taken, and this protocol would not learn when there is room again.
            self._drop("not_reading")

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.closed(self.client[0] if self.client else "")
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self.handshake_initiated:
            if not self.handshake_complete:
                # A client has to wait for the answer to its handshake, and uvicorn does not expect one that does not.
                self._drop("invalid_frame")
                return
            if not self._bytes.take(len(data), self.loop.time()):
                self._drop("viewer_flood")
                return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.close_sent:
            # As uvicorn marks a handshake that it has refused, so that it is not closed once more at the end.
            self.handshake_complete = self.close_sent = True
            self._connections.count_dropped("invalid_handshake")
            self.transport.write(_NO_HANDSHAKE)
            self.transport.close()

    def handle_events(self) -> None:
        if self._frames.take(len(self.conn.events), self.loop.time()):
            super().handle_events()
        else:
            self._drop("viewer_flood")

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            # A viewer that does not read the messages would not read the answer either.
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        """Not read, and so neither kept nor decoded."""

    handle_text = handle_bytes = handle_cont

    def handle_parser_exception(self) -> None:
        self._connections.count_dropped("invalid_frame")
        super().handle_parser_exception()
        self._abort_if_behind()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_if_behind()

    def _abort_if_behind(self) -> None:
        """A transport that is closed waits until all is taken that was sent: for ever, if nothing is."""
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _drop(self, reason: Reason) -> None:
        self._connections.count_dropped(reason)
        self.transport.abort()

    async def run_asgi(self) -> None:
        self.scope["extensions"][EXTENSION] = {"write": self.write}
        await super().run_asgi()

    def write(self, frames: bytes) -> bool:
        """Hand whole frames to the connection now; False, and nothing done, if it is behind or gone."""
        if self.transport.is_closing() or not self.writable.is_set():
            return False
        self.transport.write(frames)
        return True


def write_of(socket: WebSocket) -> Write:
    """The `write` of an accepted socket's connection."""
    return cast(Write, socket.scope["extensions"][EXTENSION]["write"])
