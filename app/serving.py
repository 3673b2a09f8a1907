"""`playground serve`: the server on its address, from a free port to a clean end."""

import asyncio
import contextlib
import logging
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable
from importlib.metadata import version
from types import FrameType
from urllib.parse import quote, urlencode

import uvicorn
from fastapi import FastAPI

from app.errors import CannotStart, PlaygroundError
from app.gc_tuning import Garbage
from app.logs import about, configure, log_repeats
from app.machine import cores, memory_mb
from app.main import chosen_engine, create_app
from app.scheduling.manager import Manager
from app.settings import Settings
from app.storage.location import only_server
from app.storage.store import Store
from app.training.dataset import open_dataset, prepare
from app.web.admission.connections import CONNECTIONS_AT_ONCE
from app.web.admission.request_timeout import RequestTimeoutProtocol
from app.web.live.broadcast import Broadcasts
from app.web.live.raw_websocket import BURST_BYTES, RawWebSocketProtocol

# Connections that the system lets wait: a crowd that comes at once is not refused.
WAITING_CONNECTIONS = 2048
# After so long without a sign that anything sent was taken, the system ends a connection: closing one waits for that.
TAKEN_WITHIN_MS = 60_000
# After SIGTERM, time to notify viewers and for a load balancer to turn elsewhere; then time for connections to
# end by themselves. Both together leave the rest of ten seconds to saving what races.
DRAIN_S, CLOSING_S = 1.0, 3
# Workers, the database and a few dozen connections.
LEAST_FILES = 100
# In tenths of a second, as uvicorn counts.
REPEATS_EVERY = 50

_log = logging.getLogger(__name__)


class CannotListen(PlaygroundError):
    """The address is taken, not ours, or no address."""


def serve(settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM. Raises DatasetError, CannotListen or CannotStart before anything is started."""
    if -1 < (files := resource.getrlimit(resource.RLIMIT_NOFILE)[1]) < LEAST_FILES:
        raise CannotStart(f"This process may open {files} files, and needs at least {LEAST_FILES}: raise `ulimit -n`.")
    configure(settings.log_format, settings.log_level)
    prepared = prepare(settings.data_dir, settings.cache_dir)
    with listen(settings.host, settings.port) as sock, only_server(settings):
        dataset = open_dataset(prepared)
        where = address(settings.host, sock)
        store, url = Store.of(settings, dataset), settings.server_url or reachable(settings.host, sock)
        app = create_app(settings, chosen_engine(settings, prepared), dataset, store, url)

        def started() -> None:
            write_line(welcome(settings, where))
            _log.info("server started", extra=_setup(settings, where))

        run_server(app, sock, started)


def _setup(settings: Settings, where: str) -> dict[str, object]:
    """What an operator asks first of a server that is not as expected; no secrets."""
    kept = (settings.database_url or "memory").partition("://")[0] if settings.database_url is not None else "sqlite"
    return about(
        version=version("optimizer-playground"),
        address=where,
        cores=cores(),
        memory_mb=memory_mb(),
        max_running=settings.max_running,
        run_memory_mb=settings.run_memory_mb,
        max_viewers=settings.max_viewers,
        runs=kept,
        digits=settings.data_dir.name,
        passphrase="yes" if settings.passphrase.get_secret_value() else "no",
    )


def welcome(settings: Settings, where: str) -> str:
    """The lines printed at the start. A teacher's key that they have chosen themselves is not shown."""
    lines = [f"Optimizer Playground is at {where}  (Ctrl-C ends it)"]
    if settings.classroom and "teacher_key" not in settings.model_fields_set:
        secrets = {"token": settings.passphrase.get_secret_value(), "teacher": settings.teacher_key.get_secret_value()}
        secret_words = urlencode({name: secret for name, secret in secrets.items() if secret}, quote_via=quote)
        lines.append(f"The teacher's link: {settings.public_url or where}/#{secret_words}")
    return "\n".join(lines)


def write_line(text: str) -> None:
    """Write to standard output at once. Raises CannotStart."""
    try:
        print(text, flush=True)
    except OSError as error:
        # What is left in its buffer would be written, and fail, once more at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CannotStart(f"The address cannot be written to standard output: {error.strerror}.") from error


def run_server(app: FastAPI, sock: socket.socket, started: Callable[[], None]) -> None:
    """Serve `app` alone in this process until SIGINT or SIGTERM; `started` is called once races can start.

    Raises CannotStart and WorkerDied when it could not start; all that was begun is closed then.
    """
    with contextlib.suppress(ValueError, OSError):
        # A viewer is an open file, and the usual limit, 1024, is meant for programs that do not know of others.
        resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    server = _Server(app, started)
    asyncio.run(server.serve(sockets=[sock]))
    if server.problem:
        raise server.problem


def server_config(app: FastAPI) -> uvicorn.Config:
    """How the server is run, here, in the benchmarks and in the tests."""
    return uvicorn.Config(
        app,
        # Its own lines go where all others go; those of every request, with the visitor's address, nowhere.
        log_config=None,
        log_level="warning",
        access_log=False,
        # It would trust every connection from this machine; which one to trust is a setting: `web.admission.visitor`.
        proxy_headers=False,
        http=RequestTimeoutProtocol,
        ws=RawWebSocketProtocol,
        ws_max_size=BURST_BYTES,
        # Compressing costs several times the CPU of sending, for a tenth of the bytes.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=CLOSING_S,
        backlog=CONNECTIONS_AT_ONCE,
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the address. Raises CannotListen with a sentence."""
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise CannotListen(f"{host!r} is not an address of this machine: {error}.") from error
    sock = socket.socket(family, kind, protocol)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        # Every connection that is accepted inherits it; not all systems have it.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKEN_WITHIN_MS)
    try:
        sock.bind(where)
        # Two servers may bind the same port until one of them listens.
        sock.listen(WAITING_CONNECTIONS)
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


def reachable(host: str, sock: socket.socket) -> str:
    """An address for other machines, where the server listens on all of its own."""
    if host not in ("0.0.0.0", "::"):
        return address(host, sock)
    with contextlib.suppress(OSError):
        return address(socket.gethostbyname(socket.gethostname()), sock)
    return address("127.0.0.1", sock)


class _Server(uvicorn.Server):
    """Says when races can start, and never stops in the middle of a stream.

    At SIGTERM it drains: nothing new starts and viewers are notified, before uvicorn closes what is open. A second
    signal does not wait for that, and neither does Ctrl-C.
    """

    def __init__(self, app: FastAPI, started: Callable[[], None]) -> None:
        super().__init__(server_config(app))
        self._manager: Manager = app.state.manager
        self._broadcasts: Broadcasts = app.state.broadcasts
        self._started = started
        self._app = app
        self.problem: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._garbage: Garbage | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._loop and sig == signal.SIGTERM and not self._manager.draining:
            # A signal handler may interrupt the event loop anywhere.
            self._manager.drain()
            self._loop.call_soon_threadsafe(self._drain)
        else:
            super().handle_exit(sig, frame)

    def _drain(self) -> None:
        _log.info("draining", extra=about(viewers=self._broadcasts.viewers))
        self._broadcasts.drain()
        asyncio.get_running_loop().call_later(DRAIN_S, self._end)

    def _end(self) -> None:
        # Not by way of uvicorn's `handle_exit`, which would raise the signal again in the end: this is a clean one.
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._loop = asyncio.get_running_loop()
            for sock in sockets or ():
                # asyncio has one number for both, and has just set it to that of the event loop.
                sock.listen(WAITING_CONNECTIONS)
            self._garbage = Garbage(self._loop.time())
            self._app.state.opening.add_done_callback(self._opened)

    def _opened(self, opening: asyncio.Task[None]) -> None:
        if opening.cancelled():
            return
        self.problem = opening.exception()
        try:
            if not self.problem:
                self._started()
        except CannotStart as problem:
            self.problem = problem
        if self.problem:
            self._end()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if counter % REPEATS_EVERY == 0:
            log_repeats()
        if self._garbage and self._loop and counter % 10 == 0:
            self._garbage.collect(self._loop.time(), self._broadcasts.viewers, self._broadcasts.left)
        return await super().on_tick(counter)
