"""Bytes to a server as they are, and what comes back until it closes the connection."""

import contextlib
import socket

from tests.fuzz.target import HANG_S

QUIET_S = 0.05


def exchange(host: tuple[str, int], *parts: bytes) -> bytes:
    """Send each part once the one before was answered, or was not; then say that nothing more comes.

    Raises TimeoutError when the server keeps the connection open even so.
    """
    came = b""
    with socket.create_connection(host, timeout=HANG_S) as sock:
        try:
            for part in parts:
                sock.sendall(part)
                sock.settimeout(QUIET_S)
                with contextlib.suppress(TimeoutError):
                    came += sock.recv(2**16)
                sock.settimeout(HANG_S)
            sock.shutdown(socket.SHUT_WR)
            while piece := sock.recv(2**16):
                came += piece
        except TimeoutError:
            raise
        except OSError:
            # The server has dropped the connection, with what was still to be read.
            pass
    return came


def status_of(answer: bytes) -> list[int]:
    """The status of an HTTP answer; none if there is none."""
    return [int(answer[9:12])] if answer.startswith(b"HTTP/1.1 ") else []
