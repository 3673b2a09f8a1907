"""The bytes and words a viewer's socket carries; docs/protocol.md describes them. Pure: no sockets here."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from websockets.frames import Close, Frame, Opcode

from app.errors import Limit
from app.runs.description import RunDescription

# Why a stream is closed: the run is over; come back at once; try again later; the cursor is not one of this run; there
# is no such run.
RUN_OVER, COME_BACK, TRY_LATER, BAD_CURSOR, NO_SUCH_RUN = 1000, 1012, 1013, 4400, 4404
VERSION = 1
HEADER = struct.Struct("<BBBBII")


def encode_block(kind: int, lane: int, first: int, columns: NDArray[np.float32]) -> bytes:
    """Rows of one kind and lane; `columns` has shape (columns, rows), `first` rows came before."""
    count, rows = columns.shape
    return HEADER.pack(VERSION, kind, lane, count, first, rows) + columns.astype("<f4").tobytes()


def decode_blocks(message: bytes) -> Iterator[tuple[int, int, int, NDArray[np.float32]]]:
    """The blocks of a message: kind, lane, how many rows came before, columns of shape (columns, rows)."""
    at = 0
    while at < len(message):
        _, kind, lane, count, first, rows = HEADER.unpack_from(message, at)
        at += HEADER.size
        yield kind, lane, first, np.frombuffer(message, "<f4", count * rows, at).reshape(count, rows)
        at += 4 * count * rows


def frame(message: str | bytes) -> bytes:
    """A whole message as one websocket frame from a server (RFC 6455, section 5.2): the same bytes for every viewer."""
    text = isinstance(message, str)
    data = message.encode() if isinstance(message, str) else message
    return Frame(Opcode.TEXT if text else Opcode.BINARY, data).serialize(mask=False)


def encode_close(code: int) -> bytes:
    """The frame that ends a connection."""
    return Frame(Opcode.CLOSE, Close(code, "").serialize()).serialize(mask=False)


def encode_json(value: Any) -> str:
    """Strict JSON in ASCII: a NaN is a fault and raises ValueError, a lone surrogate is escaped."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def encode_run(run: RunDescription) -> str:
    return encode_json({"type": "run", "run": run})


def encode_error(code: str, message: str) -> str:
    return encode_json({"type": "error", **error(code, message)})


def error(code: str, message: str, limit: Limit | None = None) -> dict[str, Any]:
    """The one shape of every error."""
    return {"error": {"code": code, "message": message, **({"limit": limit} if limit else {})}}


BEAT_TEXT = encode_json({"type": "beat"})
BEAT, DRAINING = frame(BEAT_TEXT), frame(encode_json({"type": "draining"}))
