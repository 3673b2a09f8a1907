"""How server and worker communicate: pickled values over a socket pair, each after its length.

The server's side is asynchronous and never blocks on half a message; the worker's side simply blocks. Both ends are
this program on this machine, so pickle is safe here and carries NumPy columns as they are.
"""

import asyncio
import pickle
import socket
import struct
from typing import Any, NamedTuple

from app.config import RunConfig
from app.engine.commands import SentCommand
from app.events import Detail
from app.training.kernels import Kernel

LENGTH = struct.Struct("<I")


class Ready(NamedTuple):
    """Worker to server: warm, and waiting for a lane. `fastest` is the kernel that was fastest here."""

    fastest: Kernel


class Unable(NamedTuple):
    """Worker to server, in place of Ready: why it ends."""

    reason: str


class Ping(NamedTuple):
    """Server to worker: answer with a Pong, whatever the lane is doing."""


class Pong(NamedTuple):
    """Worker to server: its process runs, and receives messages."""


class Forked(NamedTuple):
    """Fork server to server: the process id of the requested worker, or None and the reason."""

    pid: int | None
    reason: str | None = None


class Exited(NamedTuple):
    """Fork server to server: a worker is gone; minus the number of the signal that killed it, or its exit status."""

    pid: int
    code: int


class TrainLane(NamedTuple):
    """Server to worker: train this lane of this run, under these commands. Later ones follow as messages."""

    config: RunConfig
    lane: int
    kernel: Kernel
    commands: list[SentCommand]
    detail: Detail = Detail.EVERYTHING


def pack(message: Any) -> bytes:
    body = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


async def read(reader: asyncio.StreamReader) -> Any:
    """The next message. Raises asyncio.IncompleteReadError or ConnectionError when the worker is gone."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    return pickle.loads(await reader.readexactly(length))


def receive(sock: socket.socket) -> Any:
    """The next message, blocking. Raises EOFError or OSError when the server is gone."""
    (length,) = LENGTH.unpack(_exactly(sock, LENGTH.size))
    return pickle.loads(_exactly(sock, length))


def _exactly(sock: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = sock.recv(size - len(received))
        if not piece:
            raise EOFError
        received += piece
    return bytes(received)
