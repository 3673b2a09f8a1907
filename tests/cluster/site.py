"""Two web servers and nginx before a cluster and a PostgreSQL, each of which can be lost."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx

from tests.cluster.link import Link
from tests.cluster.nodes import ray_cluster
from tests.engine.racing import ELSEWHERE
from tests.proxies import nginx
from tests.server_process import free_port, served
from tests.waiting import TIMEOUT_S, until


class Site:
    """All of it; `urls` are those of the servers, `proxy` that of nginx before them."""

    def __init__(
        self,
        stack: ExitStack,
        digits: Path,
        folder: Path,
        database_url: str,
        *nodes: int,
        link: Link | None = None,
        **settings: str,
    ) -> None:
        """`nodes` are the cores of each node, `settings` those of both servers."""
        self.cluster = stack.enter_context(ray_cluster(digits, *nodes, link=link))
        ELSEWHERE.append(lambda: [process for node in self.cluster.nodes for process in node.processes])
        stack.callback(ELSEWHERE.pop)
        self._stack, self._digits, self._folder = stack, digits, folder
        self._environment = {**self.cluster.for_server, "DATABASE_URL": database_url, **settings}
        self._ports = [free_port(), free_port()]
        self.urls = [f"http://127.0.0.1:{port}" for port in self._ports]
        self.processes = [self.start(number) for number in range(2)]
        port, [one, other] = free_port(), self._ports
        stack.enter_context(nginx(f"127.0.0.1:{one}; server 127.0.0.1:{other}", port, folder))
        self.proxy = f"http://127.0.0.1:{port}"

    def start(self, number: int) -> Any:
        """A server, ready as soon as it knows who leads."""
        log = self._stack.enter_context((self._folder / f"server-{number}.log").open("a"))
        server = served(self._digits, self._folder, port=self._ports[number], stderr=log, **self._environment)
        process, url = self._stack.enter_context(server)
        until(lambda: httpx.get(f"{url}/readyz", timeout=TIMEOUT_S).status_code == 200, "it takes races")
        return process

    @property
    def leader(self) -> int:
        """The number of the server that leads."""
        texts = [httpx.get(f"{url}/metrics", timeout=TIMEOUT_S).text.splitlines() for url in self.urls]
        return ["playground_leads 1.0" in text for text in texts].index(True)

    def status(self, run_id: str, url: str) -> str:
        answer = httpx.get(f"{url}/api/runs/{run_id}", timeout=TIMEOUT_S)
        return answer.json()["status"] if answer.status_code == 200 else str(answer.status_code)

    def until_status(self, run_id: str, status: str) -> None:
        """At both servers."""
        for url in self.urls:
            until(lambda url=url: self.status(run_id, url) == status, f"{run_id} is {status} at {url}")
