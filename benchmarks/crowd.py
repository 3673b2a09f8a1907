"""Many viewers of one run, in one process: they read all that comes and note when it came.

Bare sockets and a selector, because viewers that cost as much as the server would measure themselves. They read no more
of docs/protocol.md than they need, and watch servers on this machine only.
"""

import base64
import contextlib
import ipaddress
import os
import resource
import selectors
import signal
import socket
import struct
import time
from array import array
from multiprocessing.connection import Connection
from typing import NamedTuple

from app.errors import PlaygroundError
from app.runs.history import Kind
from app.web.protocol import HEADER
from benchmarks.server import pin

MOST_VIEWERS = 5_000
# More at once would only wait in the server's queue of new connections.
JOINING_AT_ONCE = 200
READ_BYTES = 1 << 20
SILENCE_S = 30.0
# Kept free beside the sockets, for the files of Python, the pipe and the selector.
OTHER_FILES = 64

BINARY, CLOSE, PING = 2, 8, 9


class CannotWatch(PlaygroundError):
    """Too many viewers for this machine, a server elsewhere, or one that does not answer."""


class Watch(NamedTuple):
    """What a crowd is asked to do: `viewers` viewers on one run, until it is over."""

    host: str
    port: int
    run_id: str
    lanes: int
    viewers: int


class Piece(NamedTuple):
    """Batches of one lane in one message: how many came before it, and how many have come with it."""

    lane: int
    before: int
    after: int


class Sighting(NamedTuple):
    """One message, and when each viewer who got it had read it, by `time.monotonic()`."""

    pieces: list[Piece]
    arrivals: "array[float]"


class Watched(NamedTuple):
    """What a crowd has seen: its live messages, what each viewer had in the end, and how often something was left out.

    The first message of a viewer is what happened before it joined. It is no live message.
    """

    live: list[Sighting]
    rows: list[list[int]]
    gaps: int


def crowd(pipe: Connection, cores: set[int]) -> None:
    """The process: for each Watch it answers the seconds until all had joined, then Watched; or a CannotWatch."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pin(cores)
    while True:
        watch: Watch = pipe.recv()
        try:
            with contextlib.closing(Crowd(watch)) as viewers:
                pipe.send(viewers.join())
                pipe.send(viewers.watch())
        except CannotWatch as problem:
            pipe.send(problem)


def allow_open_files(count: int) -> None:
    """Raise this process's limit to `count` open files if it may. Raises CannotWatch."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and count > hard:
        raise CannotWatch(f"{count:,} open files are needed, and this machine allows {hard:,}: take fewer viewers.")
    if soft != resource.RLIM_INFINITY and count > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


class _Viewer:
    """One socket, and how much of the run has come through it."""

    __slots__ = ("joined", "live", "rest", "rows", "sock")

    def __init__(self, sock: socket.socket, lanes: int) -> None:
        self.sock = sock
        self.rows = [0] * lanes
        self.rest = b""
        self.joined = self.live = False


class Crowd:
    """The viewers of one run. `join`, then `watch`, then `close`. Raises CannotWatch if it can't be done here."""

    def __init__(self, watch: Watch) -> None:
        if not ipaddress.ip_address(watch.host).is_loopback:
            raise CannotWatch(f"Viewers are sent to this machine only; {watch.host} is not its loopback.")
        if not 1 <= watch.viewers <= MOST_VIEWERS:
            raise CannotWatch(f"Viewers should be from 1 to {MOST_VIEWERS:,}; got {watch.viewers:,}.")
        allow_open_files(watch.viewers + OTHER_FILES)
        self._watch = watch
        self._selector = selectors.DefaultSelector()
        self._viewers: list[_Viewer] = []
        self._sightings: dict[bytes, Sighting] = {}
        # One for all: a megabyte made anew for each read would cost more than the reading.
        self._space = memoryview(bytearray(READ_BYTES))
        self._joined = self._left = self._gaps = 0

    def join(self) -> float:
        """Open all viewers; the seconds until the last one had its answer. Those who have joined watch meanwhile."""
        began = time.monotonic()
        while self._joined < self._watch.viewers:
            while len(self._viewers) < min(self._watch.viewers, self._joined + JOINING_AT_ONCE):
                self._viewers.append(self._knock())
            self._read()
        return time.monotonic() - began

    def watch(self) -> Watched:
        """Read until the run is over for everybody."""
        while self._left < len(self._viewers):
            self._read()
        return Watched(list(self._sightings.values()), [viewer.rows for viewer in self._viewers], self._gaps)

    def close(self) -> None:
        for viewer in self._viewers:
            viewer.sock.close()
        self._selector.close()

    def _knock(self) -> _Viewer:
        sock = socket.create_connection((self._watch.host, self._watch.port), SILENCE_S)
        key = base64.b64encode(os.urandom(16)).decode()
        sock.sendall(
            f"GET /api/runs/{self._watch.run_id}/stream HTTP/1.1\r\nHost: {self._watch.host}:{self._watch.port}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        sock.setblocking(False)
        viewer = _Viewer(sock, self._watch.lanes)
        self._selector.register(sock, selectors.EVENT_READ, viewer)
        return viewer

    def _read(self) -> None:
        ready = self._selector.select(SILENCE_S)
        if not ready:
            raise CannotWatch(f"The server was silent for {SILENCE_S:.0f} seconds.")
        for key, _ in ready:
            viewer: _Viewer = key.data
            size = viewer.sock.recv_into(self._space)
            now = time.monotonic()
            data = bytes(self._space[:size])
            if not data:
                raise CannotWatch("The server closed a connection before the run was over.")
            if viewer.rest:
                data = viewer.rest + data
            if not viewer.joined:
                data = self._joined_by(viewer, data)
            self._take(viewer, data, now)

    def _joined_by(self, viewer: _Viewer, data: bytes) -> bytes:
        answer, end, after = data.partition(b"\r\n\r\n")
        if not end:
            return data
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise CannotWatch(f"The server refused a viewer: {answer[:60]!r}.")
        viewer.joined = True
        self._joined += 1
        return after

    def _take(self, viewer: _Viewer, data: bytes, now: float) -> None:
        """Take the whole frames of `data` and keep the rest for later."""
        at = 0
        while viewer.joined and (frame := _frame(data, at)):
            opcode, start, end = frame
            if opcode == BINARY:
                self._see(viewer, data[start:end], now)
            elif opcode == PING:
                # Masked, as all a client says, with zeros: the payload as it came.
                viewer.sock.send(struct.pack("!BB4x", 0x8A, 0x80 | (end - start)) + data[start:end])
            elif opcode == CLOSE:
                self._selector.unregister(viewer.sock)
                viewer.sock.close()
                self._left += 1
            at = end
        viewer.rest = data[at:]

    def _see(self, viewer: _Viewer, message: bytes, now: float) -> None:
        # All viewers get the same bytes: reading them once is enough.
        sighting = self._sightings.get(message) or Sighting(pieces(message), array("d"))
        for lane, before, after in sighting.pieces:
            self._gaps += before != viewer.rows[lane]
            viewer.rows[lane] = after
        if viewer.live:
            sighting.arrivals.append(now)
            self._sightings[message] = sighting
        viewer.live = True


def _frame(data: bytes, at: int) -> tuple[int, int, int] | None:
    """Opcode, start and end of the payload of a frame from a server (RFC 6455, section 5.2), once it is all there."""
    have = len(data)
    if have < at + 2:
        return None
    length, start = data[at + 1], at + 2
    if length == 126:
        start = at + 4
        length = int.from_bytes(data[at + 2 : start])
    elif length == 127:
        start = at + 10
        length = int.from_bytes(data[at + 2 : start])
    end = start + length
    return (data[at] & 15, start, end) if end <= have else None


def pieces(message: bytes) -> list[Piece]:
    """What a binary message says of batches: the headers of its blocks."""
    pieces, at = [], 0
    while at < len(message):
        _, kind, lane, columns, first, rows = HEADER.unpack_from(message, at)
        if kind == Kind.METRICS:
            pieces.append(Piece(lane, first, first + rows))
        at += HEADER.size + 4 * columns * rows
    return pieces
