"""A real Ray cluster of several nodes on this machine alone, each of which can be lost."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from app.engine.cluster import ClusterEngine
from app.engine.ray_cluster import RayCluster as Connection
from app.training.dataset import prepare
from tests.cluster.link import Link
from tests.server_process import free_port
from tests.waiting import until

# Set by `make cluster-test`, which installs Ray; without it neither is anything of a cluster tested nor Ray imported.
CLUSTER_TESTS = bool(os.environ.get("CLUSTER_TESTS"))
# As little as Ray takes.
OBJECT_STORE_BYTES = 80_000_000
# What every process of Ray is set up with, here and in every command that docs and deploy/ name.
RAY_SETTINGS = {
    # Networks come with the answers: each that goes through the object store costs more than ten batches.
    "RAY_max_direct_call_object_size": "4000000",
    # So long a node waits for its head, in seconds, before it ends with all that trains there.
    "RAY_gcs_rpc_server_reconnect_timeout_s": "30",
}


class Node:
    """The processes of one node, of which each is in one session."""

    def __init__(self, session: int) -> None:
        self._session = session

    @property
    def processes(self) -> list[psutil.Process]:
        found = []
        for pid in psutil.pids():
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(pid) == self._session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    found.append(psutil.Process(pid))
        return found

    def kill(self) -> None:
        """As if its machine had lost its power."""
        self._signal(signal.SIGKILL)
        until(lambda: not self.processes, "the node is gone")

    def freeze(self) -> None:
        """As if its network cable had been pulled: all connections stay, and no one answers."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        # Some are started while others are being signalled.
        for _ in range(3):
            for process in self.processes:
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(which)


class RayCluster:
    """A head without cores for races, and nodes that are added."""

    def __init__(self, folder: Path, digits: Path, link: Link | None = None) -> None:
        """`digits` is a folder of IDX files, for DATA_DIR on all nodes; some of them may be beyond a link."""
        token = folder / "token"
        token.touch(0o600)
        token.write_text(secrets.token_urlsafe(32))
        self.settings = {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(token),
            **RAY_SETTINGS,
            "DATA_DIR": str(digits),
            "CACHE_DIR": str(folder / "cache"),
        }
        self.link, self._here = link, link.here if link else "127.0.0.1"
        self.address = f"{self._here}:{free_port()}"
        self._folder = folder
        self.nodes: list[Node] = []
        self.head = self.start_head()

    def start_head(self) -> Node:
        port = f"--port={self.address.partition(':')[2]}"
        # Ray takes what an earlier head has left there for one that runs.
        folder = f"--temp-dir={self._folder / str(len(self.nodes))}"
        return self._start("--head", port, folder, "--include-dashboard=false", cpus=0)

    def add_node(self, cpus: int, beyond: bool = False) -> Node:
        """One that is started `beyond` the link can be cut off."""
        return self._start(f"--address={self.address}", cpus=cpus, beyond=beyond)

    @property
    def for_server(self) -> dict[str, str]:
        """What a server needs to race here, beside its digits and its cache."""
        own = {name: value for name, value in self.settings.items() if name not in ("DATA_DIR", "CACHE_DIR")}
        return {**own, "PLAYGROUND_ENGINE": "ray", "RAY_ADDRESS": self.address}

    def engine(self, monkeypatch: pytest.MonkeyPatch, prepared: Path | None = None) -> ClusterEngine:
        """One for this process, which is set up as a server's would be; it is still closed."""
        for name, value in self.settings.items():
            monkeypatch.setenv(name, value)
        prepared = prepared or prepare(Path(self.settings["DATA_DIR"]), Path(self.settings["CACHE_DIR"]))
        return ClusterEngine(Connection(self.address), prepared)

    def close(self) -> None:
        for node in self.nodes:
            node.kill()

    def _start(self, *arguments: str, cpus: int, beyond: bool = False) -> Node:
        link, here = (self.link.inside, self.link.there) if beyond and self.link else ([], self._here)
        log = self._folder / f"node-{len(self.nodes)}.log"
        with log.open("w") as said:
            started = subprocess.Popen(
                [
                    *(*link, sys.executable, "-m", "ray.scripts.scripts", "start", *arguments, f"--num-cpus={cpus}"),
                    *(f"--node-ip-address={here}", f"--object-store-memory={OBJECT_STORE_BYTES}"),
                    *("--disable-usage-stats", "--include-log-monitor=false"),
                ],
                env={**os.environ, **self.settings},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )
        node = Node(started.pid)
        self.nodes.append(node)
        assert started.wait() == 0, log.read_text()
        return node


@contextmanager
def ray_cluster(digits: Path, *nodes: int, link: Link | None = None) -> Iterator[RayCluster]:
    """A cluster of nodes with so many cores each; whatever the test did, it is gone afterwards."""
    # Not below pytest's folder: the path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        cluster = RayCluster(Path(folder), digits, link)
        try:
            for cpus in nodes:
                cluster.add_node(cpus)
            yield cluster
        finally:
            cluster.close()
