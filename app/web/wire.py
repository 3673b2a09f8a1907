"""The server's websocket protocol: uvicorn's own, and one thing that ASGI does not have.

ASGI sends a message to one viewer, by way of its task, and frames it anew for each. Here whole frames, made once, can
be written straight to any number of connections. How they are made is not decided here.
"""

from collections.abc import Callable

from starlette.websockets import WebSocket
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

EXTENSION = "playground.write"
Write = Callable[[bytes], bool]


class WireProtocol(WebSocketsSansIOProtocol):
    """One connection; the ASGI application finds its `write` among the extensions of the scope."""

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
