"""A proxy between the page and its server, of the kind that lets no websocket through."""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

Mode = Literal["refuse", "swallow", "hold back", "let through"]

REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
PIECE = 1 << 16


class BlockingProxy(socketserver.ThreadingTCPServer):
    """On a free port; `mode` decides what happens to each new websocket."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, server_port: int, mode: Mode) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.server_port, self.mode = server_port, mode
        self.open: set[socket.socket] = set()
        self.address = f"http://127.0.0.1:{self.server_address[1]}"


class _Connection(socketserver.BaseRequestHandler):
    server: BlockingProxy

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := self.request.recv(PIECE)):
                return
            head += piece
        mode = self.server.mode if b"upgrade: websocket" in head.lower() else "let through"
        if mode == "refuse":
            self.request.sendall(REFUSED)
        elif mode == "swallow":
            while self.request.recv(PIECE):
                pass
        else:
            self._pass_on(head, mode)

    def _pass_on(self, head: bytes, mode: Mode) -> None:
        with socket.create_connection(("127.0.0.1", self.server.server_port)) as upstream:
            self.server.open |= {upstream, self.request}
            upstream.sendall(head)
            back = threading.Thread(target=_pipe, args=(upstream, self.request, mode == "hold back"), daemon=True)
            back.start()
            _pipe(self.request, upstream)
            back.join()
            self.server.open -= {upstream, self.request}

    def finish(self) -> None:
        with suppress(OSError):
            self.request.close()


def _pipe(source: socket.socket, target: socket.socket, head_alone: bool = False) -> None:
    """Until one side ends; with `head_alone` nothing after the first answer's head."""
    with suppress(OSError):
        while piece := source.recv(PIECE):
            if head_alone and b"HTTP/1.1" not in piece:
                continue
            target.sendall(piece.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head_alone else piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def blocking_proxy(address: str, mode: Mode) -> Iterator[BlockingProxy]:
    """Before the server at `address`."""
    with BlockingProxy(int(address.rsplit(":", 1)[1]), mode) as proxy:
        threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            for each in list(proxy.open):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
