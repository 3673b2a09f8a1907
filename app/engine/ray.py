"""The process that uses Ray, and the only module that imports it. It serves `ray_cluster`, and ends with it.

Its machine must be a node of the cluster, usually one without cores for races. Each host is a detached actor.
"""

import asyncio
import os
import secrets
import socket
import sys
from typing import Any

import ray
from ray._private.services import canonicalize_bootstrap_address
from ray._raylet import GcsClient
from ray.exceptions import ActorUnavailableError, AuthenticationError, RayError, RayTaskError

from app.engine.channel import pack, read
from app.engine.node_host import NodeHost
from app.engine.ray_cluster import token_place
from app.engine.remote_place import Unreachable
from app.errors import CannotStart, NodeLost


def main() -> None:
    """`argv`: the number of the socket to the server."""
    asyncio.run(_Driver().serve(socket.socket(fileno=int(sys.argv[1]))))
    # Threads may wait for a head that is gone.
    os._exit(0)


class _Driver:
    def __init__(self) -> None:
        self._hosts: dict[int, Any] = {}
        self._answering: set[asyncio.Task[None]] = set()

    async def serve(self, sock: socket.socket) -> None:
        """Serve requests until the server is gone."""
        sock.setblocking(False)
        reader, writer = await asyncio.open_connection(sock=sock)
        try:
            while True:
                number, method, *arguments = await read(reader)
                # In the order of the requests as far as their first wait.
                task = asyncio.create_task(self._answer(writer, number, method, arguments))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
        except (asyncio.IncompleteReadError, OSError):
            pass

    async def _answer(self, writer: asyncio.StreamWriter, number: int, method: str, arguments: list[Any]) -> None:
        answer: Any = None
        problem: Exception | None = None
        try:
            answer = await getattr(self, method)(*arguments)
        except ActorUnavailableError:
            problem = Unreachable()
        except RayTaskError as error:
            # What the host has raised.
            problem = error.cause
        except RayError:
            problem = NodeLost()
        except Exception as error:
            problem = error
        writer.write(pack((number, answer, problem)))

    async def connect(self, address: str, namespace: str) -> None:
        try:
            await asyncio.to_thread(_check_token, address)
            await asyncio.to_thread(ray.init, address, namespace=namespace, log_to_driver=False)
        except AuthenticationError:
            raise CannotStart(
                f"The Ray cluster at {address} does not take the token of this server, which is read from "
                f"{token_place()}. Expected is the one that its head was started with: copy it there, and to all nodes."
            ) from None
        except Exception as error:
            # The rest of Ray's messages is pages long.
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise CannotStart(f"The Ray cluster at {address} can't be used: {reason}.") from None

    async def capacity(self) -> tuple[int, int]:
        """How many cores, on how many machines."""
        cores = [each for each in await asyncio.to_thread(_cores) if each]
        return sum(cores), len(cores)

    async def hosts(self) -> list[str]:
        """The names of all hosts in this namespace."""
        return await asyncio.to_thread(ray.util.list_named_actors)

    async def find(self, host: int, name: str) -> None:
        self._hosts[host] = await asyncio.to_thread(ray.get_actor, name)

    async def create(self, host: int, lanes: int, *arguments: Any) -> None:
        self._hosts[host] = await asyncio.to_thread(_create, lanes, *arguments)

    async def call(self, host: int, method: str, *arguments: Any) -> Any:
        if host not in self._hosts:
            raise NodeLost
        return await asyncio.wrap_future(getattr(self._hosts[host], method).remote(*arguments).future())

    async def kill(self, host: int) -> None:
        if host in self._hosts:
            await asyncio.to_thread(ray.kill, self._hosts.pop(host))


def _check_token(address: str) -> None:
    """Raises AuthenticationError at once, where `ray.init` tries for 20 s and then does not say why it failed."""
    if head := canonicalize_bootstrap_address(address):
        GcsClient(address=head)


def _cores() -> list[int]:
    """The cores of each machine of the cluster."""
    return [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]


def _create(lanes: int, *arguments: Any) -> Any:
    # On a cluster of small machines a race has a whole one.
    largest = max(_cores(), default=0)
    options = {
        "num_cpus": min(lanes, largest or lanes),
        "name": f"host-{secrets.token_urlsafe(8)}",
        # It outlives this process, until `node_host.ORPHANED_S` have gone by.
        "lifetime": "detached",
        "max_restarts": 0,
    }
    return ray.remote(NodeHost).options(**options).remote(lanes, *arguments)
