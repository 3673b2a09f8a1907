"""`playground serve`: the server on its address, from a free port to a clean end."""

import asyncio
import socket
import sys

import uvicorn
from fastapi import FastAPI

from app.errors import PlaygroundError
from app.main import create_app, local_engine
from app.settings import Settings
from app.training.dataset import open_dataset, prepare
from app.web.wire import WireProtocol

# Well above any command; a viewer sends nothing at all.
MAX_SOCKET_MESSAGE = 16 * 1024


class CannotListen(PlaygroundError):
    """The address is taken, not ours, or no address."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises DatasetError or CannotListen before anything is started."""
    prepared = prepare(settings.data_dir, settings.cache_dir)
    with listen(settings.host, settings.port) as sock:
        app = create_app(settings, local_engine(settings, prepared), open_dataset(prepared))
        asyncio.run(_Server(server_config(app), address(settings.host, sock)).serve(sockets=[sock]))


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the server is run, here, in the benchmarks and in the tests."""
    return uvicorn.Config(
        app,
        log_level="warning",
        ws=WireProtocol,
        ws_max_size=MAX_SOCKET_MESSAGE,
        # Compressing costs several times the CPU of sending, for a tenth of the bytes.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=5,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises CannotListen with a sentence."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CannotListen(f"{host!r} is not an address of this machine: {error}.") from error
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(where)
        # Two servers may bind the same port until one of them listens.
        sock.listen(2048)
    except OSError as error:
        sock.close()
        raise CannotListen(
            f"Port {port} on {host} cannot be used: {error.strerror}. "
            f"Choose another, for example PORT={port + 1 if port < 65_535 else 8000}."
        ) from error
    return sock


def address(host: str, sock: socket.socket) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{sock.getsockname()[1]}"


class _Server(uvicorn.Server):
    """Says where it is once it really answers."""

    def __init__(self, config: uvicorn.Config, where: str) -> None:
        super().__init__(config)
        self._where = where

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"Optimizer Playground is at {self._where}  (Ctrl-C ends it)", file=sys.stdout, flush=True)
