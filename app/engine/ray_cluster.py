"""A Ray cluster as the server sees it: through a driver, a process of its own that is started again when it is gone.

When its node or the head of the cluster is lost, Ray blocks the process that uses it, and then ends it. So it is kept
out of the server.
"""

import asyncio
import contextlib
import importlib.metadata
import itertools
import os
import secrets
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.engine.base import Capacity
from app.engine.channel import pack, read
from app.errors import CannotStart, NodeLost

# Before, a page that is open in a browser on a node could run code there (CVE-2025-62593), or there were no tokens.
LEAST_VERSION = (2, 60)
# Ray tries for minutes.
CONNECT_WITHIN_S = 30.0
MAIN = "import sys; sys.path[:] = {path!r}; from app.engine.ray import main; main()"


def check_ray() -> None:
    """Raises CannotStart if Ray is not installed or too old, or if its cluster would run code for any client."""
    try:
        version = importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        raise CannotStart(
            "PLAYGROUND_ENGINE=ray needs Ray, which is not installed: pip install 'optimizer-playground[ray]'."
        ) from None
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_VERSION:
        least = ".".join(map(str, LEAST_VERSION))
        raise CannotStart(f"Ray {version} has known security holes: install {least} or newer on all nodes.")
    if os.environ.get("RAY_AUTH_MODE") != "token":
        raise CannotStart(
            "A Ray cluster runs code for anyone who reaches it: set RAY_AUTH_MODE=token here and on all nodes, and "
            "RAY_AUTH_TOKEN_PATH to a file with the same token."
        )
    if not os.environ.get("RAY_AUTH_TOKEN"):
        _check_token_file(_token_file())


def token_place() -> str:
    """Where Ray reads the token of this process from."""
    return "RAY_AUTH_TOKEN" if os.environ.get("RAY_AUTH_TOKEN") else f"{_token_file()}"


def _token_file() -> Path:
    return Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")


def _check_token_file(file: Path) -> None:
    try:
        found = file.stat()
    except OSError as error:
        raise CannotStart(f"The token of the Ray cluster, {file}, can't be read: {error.strerror}.") from error
    if not stat.S_ISREG(found.st_mode) or not found.st_size:
        raise CannotStart(f"The token of the Ray cluster is expected in the file {file}, and there is none.")
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or found.st_uid != os.geteuid():
        raise CannotStart(
            f"The token of the Ray cluster, {file}, can be read by others (mode {stat.S_IMODE(found.st_mode):o}): "
            "it has to belong to the user of this server, with mode 600."
        )


class RayCluster:
    """See `remote_place.Cluster`. A host is a number here."""

    def __init__(self, address: str = "auto", servers: str | None = None) -> None:
        """All `servers` of the same name find each other's hosts. Raises CannotStart, see `check_ray`."""
        check_ray()
        self._namespace = f"optimizer-playground-{servers or secrets.token_urlsafe(8)}"
        self.connected, self._gone = False, True
        self._address = address
        self._driver: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter
        self._listening: asyncio.Task[None]
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._numbers = itertools.count()

    async def connect(self) -> None:
        await self.disconnect()
        ours, theirs = socket.socketpair()
        with theirs:
            self._driver = subprocess.Popen(
                [sys.executable, "-c", MAIN.format(path=sys.path), str(theirs.fileno())],
                # Ray has log files of its own.
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                # Signals from a terminal are for the server, which ends it.
                start_new_session=True,
            )
        ours.setblocking(False)
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._listening = asyncio.create_task(self._listen(reader), name="driver")
        self._gone = False
        problem = ""
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self._ask("connect", self._address, self._namespace)
                self.connected = True
        except TimeoutError:
            problem = f"it does not answer within {CONNECT_WITHIN_S:g} s"
        except NodeLost:
            problem = "Ray ended"
        finally:
            if not self.connected:
                await self.disconnect()
        if problem:
            raise CannotStart(f"The Ray cluster at {self._address} can't be used: {problem}.")

    async def capacity(self) -> Capacity:
        return Capacity(*await self._ask("capacity"))

    async def hosts(self) -> list[int]:
        found = []
        for name in await self._ask("hosts"):
            number = next(self._numbers)
            # It may have ended in this moment.
            with contextlib.suppress(ValueError):
                await self._ask("find", number, name)
                found.append(number)
        return found

    async def create(self, lanes: int, *arguments: Any) -> int:
        # Of no earlier driver's hosts.
        number = next(self._numbers)
        await self._ask("create", number, lanes, *arguments)
        return number

    async def call(self, host: int, method: str, *arguments: Any) -> Any:
        return await self._ask("call", host, method, *arguments)

    async def kill(self, host: int) -> None:
        await self._ask("kill", host)

    async def disconnect(self) -> None:
        driver, self._driver = self._driver, None
        if driver:
            # Whatever it waits for.
            driver.kill()
            await asyncio.to_thread(driver.wait)
            await self._listening

    async def _ask(self, *request: Any) -> Any:
        if self._gone:
            raise NodeLost
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        self._writer.write(pack((number, *request)))
        try:
            return await answer
        finally:
            del self._asked[number]

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while True:
                number, answer, problem = await read(reader)
                # The caller may be gone.
                if (asked := self._asked.get(number)) and not asked.done():
                    asked.set_exception(problem) if problem else asked.set_result(answer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self._gone, self.connected = True, False
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(NodeLost())
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
