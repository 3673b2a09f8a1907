"""A viewer as docs/protocol.md describes it, written from that page alone."""

import json
import struct
from functools import partial
from typing import Any

import numpy as np
from websockets.asyncio import client
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from app.web.protocol import TRY_LATER
from tests.waiting import TIMEOUT_S

HEADER = struct.Struct("<BBBBII")
# In a crowd on a busy machine a handshake takes its time, and so do answers to pings where a viewer reads slowly.
connect = partial(client.connect, open_timeout=TIMEOUT_S, ping_interval=None)


class Viewer:
    """Folds what a stream says; `first` must always be what this viewer already has."""

    def __init__(self, address: str, run_id: str, lanes: int = 3) -> None:
        self.url = f"ws://{address}/api/runs/{run_id}/stream"
        self.rows: dict[int, list[np.ndarray]] = {
            kind: [np.empty((columns, 0))] * lanes for kind, columns in {1: 3, 2: 107, 3: 75}.items()
        }
        self.run: dict[str, Any] | None = None
        self.error: dict[str, Any] | None = None
        self.draining = False
        self.close_code: int | None = None

    def connect(self, cursor: bool = True) -> client.connect:
        """A connection that goes on from what this viewer has."""
        steps, evaluations, pushes = (",".join(str(rows.shape[1]) for rows in self.rows[kind]) for kind in (1, 2, 3))
        return connect(self.url + f"?{steps=!s}&{evaluations=!s}&{pushes=!s}" if cursor else self.url)

    def take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._take_blocks(message)
            return
        value = json.loads(message)
        if value["type"] == "draining":
            self.draining = True
        elif value["type"] != "beat":
            setattr(self, value["type"], value[value["type"]])

    def _take_blocks(self, message: bytes) -> None:
        at = 0
        while at < len(message):
            version, kind, lane, columns, first, rows = HEADER.unpack_from(message, at)
            assert version == 1
            assert first == self.rows[kind][lane].shape[1], "a gap or a double"
            at += HEADER.size
            block = np.frombuffer(message, "<f4", columns * rows, at).reshape(columns, rows)
            self.rows[kind][lane] = np.concatenate([self.rows[kind][lane], block], axis=1)
            at += 4 * columns * rows

    async def receive(self, socket: ClientConnection) -> bool:
        """Take one message; False when the stream is over."""
        try:
            self.take(await socket.recv())
            return True
        except ConnectionClosed:
            self.close_code = socket.close_code
            return False

    async def watch(self, cursor: bool = True) -> "Viewer":
        """Watch until the stream is over."""
        async with self.connect(cursor) as socket:
            while await self.receive(socket):
                pass
        return self

    async def watch_when_there(self) -> "Viewer":
        """The same, of a run that a server is yet to find in its database."""
        while self.close_code in (None, TRY_LATER):
            await self.watch()
        return self

    @property
    def steps(self) -> list[int]:
        return [rows.shape[1] for rows in self.rows[1]]


def assert_same_points(one: Viewer, other: Viewer) -> None:
    for kind in (1, 2, 3):
        for mine, theirs in zip(one.rows[kind], other.rows[kind], strict=True):
            np.testing.assert_array_equal(mine, theirs)
