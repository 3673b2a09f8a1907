"""Bytes to a server as they are: connections, handshakes and frames that no client library would send."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

from tests.waiting import TIMEOUT_S

HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
# So that little is in transit, and the rest has to wait at the sender.
NARROW_BYTES, SHORT_SEGMENT = 4096, 536


def frame(opcode: int, data: bytes = b"", *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """A frame of a client (RFC 6455, section 5.2), with a mask of zeros."""
    first = fin << 7 | reserved << 4 | opcode
    length = len(data)
    told, more = (length, b"") if length < 126 else (126, struct.pack("!H", length))
    return bytes([first, masked << 7 | told]) + more + bytes(4 if masked else 0) + data


def handshake(address: str, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {address}\r\n{HANDSHAKE}\r\n".encode()


@contextlib.asynccontextmanager
async def connected(
    address: str, narrow: bool = False, local: str = "127.0.0.1"
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, port = address.split(":")
    sock = socket.socket()
    sock.setblocking(False)
    sock.bind((local, 0))
    if narrow:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, NARROW_BYTES)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, SHORT_SEGMENT)
    await asyncio.get_running_loop().sock_connect(sock, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=sock, limit=NARROW_BYTES if narrow else 2**16)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def watching(
    address: str, run_id: str, narrow: bool = False
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A viewer of a run, after the handshake."""
    async with connected(address, narrow) as (reader, writer):
        writer.write(handshake(address, f"/api/runs/{run_id}/stream"))
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        yield reader, writer


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the connection is closed, gently or not."""
    came = b""
    async with asyncio.timeout(TIMEOUT_S):
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(2**16):
                came += piece
    return came
