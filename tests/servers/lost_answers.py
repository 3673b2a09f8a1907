"""A proxy to a server that can lose its answers: requests still reach the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.server_process import free_port


class Way:
    """Listens on `port`, and passes all on to the same machine's port `to`; once `lossy`, no byte comes back."""

    def __init__(self, to: int) -> None:
        self.port, self._to = free_port(), to
        self.lossy = False
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        # Wakes the thread that accepts connections.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                asking, _ = self._listening.accept()
                with suppress(OSError):
                    asked = socket.create_connection(("127.0.0.1", self._to))
                    for each in ((asking, asked, False), (asked, asking, True)):
                        threading.Thread(target=self._pass_on, args=each, daemon=True).start()
                    continue
                asking.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with source, suppress(OSError):
            while piece := source.recv(65_536):
                if not (answers and self.lossy):
                    target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def way_to(port: int) -> Iterator[Way]:
    way = Way(port)
    try:
        yield way
    finally:
        way.close()
