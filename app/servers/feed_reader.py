"""The receiving end of a feed (`feeds.py`): a stream of bytes from the leader, taken apart into its messages."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from app.servers.feeds import LENGTH

if TYPE_CHECKING:
    import httpx

# The leader sends at least an empty message every second.
SILENT_S = 5.0


async def read_feed(client: "httpx.AsyncClient", address: str, headers: dict[str, str]) -> AsyncIterator[bytes]:
    """Messages until the feed ends, without the empty ones; none if the leader has no such run or sweep.

    Raises httpx.HTTPError when the leader is lost.
    """
    plain = {**headers, "Accept-Encoding": "identity"}
    async with client.stream("GET", address, headers=plain, timeout=SILENT_S) as answer:
        if answer.status_code != 200:
            return
        received = bytearray()
        async for piece in answer.aiter_raw():
            received += piece
            while len(received) >= LENGTH.size:
                [length] = LENGTH.unpack_from(received)
                if len(received) < LENGTH.size + length:
                    break
                message = bytes(received[LENGTH.size : LENGTH.size + length])
                del received[: LENGTH.size + length]
                if message:
                    yield message
