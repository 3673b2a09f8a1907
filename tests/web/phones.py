"""Phones at one address: a connection each, which stays open, and the requests that the page of a lesson makes."""

import asyncio
import json
from typing import Any


class Phone:
    """A browser with one connection."""

    def __init__(self, host: str, port: int, number: int) -> None:
        self.host, self.port, self.headers = host, port, f"X-Browser: phone-{number:04}\r\n"

    async def connect(self) -> "Phone":
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        return self

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        content = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n" if content else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n{self.headers}{kind}\r\n"
        self._writer.write(head.encode() + content)
        status, *headers = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        length = next(int(header.partition(":")[2]) for header in headers if header.startswith("content-length:"))
        return int(status.split()[1]), await self._reader.readexactly(length)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()
