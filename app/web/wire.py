"""The server's websocket protocol: uvicorn's own, with one thing that ASGI does not have and one that uvicorn lacks.

ASGI sends a message to one viewer, by way of its task, and frames it anew for each. Here whole frames, made once, can
be written straight to any number of connections. How they are made is not decided here.

A request that asks for a websocket and can't be read as a handshake is left open by uvicorn without an answer, and
when the server ends, closing it fails and what else is open stays open. Here it is answered and closed.
"""

from collections.abc import Callable

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "playground.write"
Write = Callable[[bytes], bool]

_WHY = b"This is no websocket handshake: expected at most 128 headers and lines of at most 8,192 bytes."
_NO_HANDSHAKE = b"\r\n".join(
    [
        b"HTTP/1.1 400 Bad Request",
        b"Content-Type: text/plain; charset=utf-8",
        b"Content-Length: %d" % len(_WHY),
        b"Connection: close",
        b"",
        _WHY,
    ]
)


class WireProtocol(WebSocketsSansIOProtocol):
    """One connection; the ASGI application finds its `write` among the extensions of the scope."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated and not self.close_sent:
            # As uvicorn marks a handshake that it has refused: there is nobody to tell that the server ends.
            self.handshake_complete = self.close_sent = True
            self.transport.write(_NO_HANDSHAKE)
            self.transport.close()

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
    write: Write = socket.scope["extensions"][EXTENSION]["write"]
    return write
