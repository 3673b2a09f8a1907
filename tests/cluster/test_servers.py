"""Two web servers and a proxy before a cluster: what is lost when a server, a node, the head or a link is."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from websockets.exceptions import InvalidHandshake

from tests.cluster.link import network_link
from tests.cluster.nodes import ray_cluster
from tests.engine.racing import ELSEWHERE
from tests.proxies import nginx
from tests.server_process import ENDLESS, free_port, served
from tests.waiting import POLL_S, TIMEOUT_S, until, until_async
from tests.web.viewer import Viewer

SHORT = {"epochs": 1, "hidden": [16]}


class Site:
    """All of it; `urls` are those of the servers, `proxy` that of nginx before them."""

    def __init__(self, stack: ExitStack, digits: Path, folder: Path, database_url: str) -> None:
        self.link = stack.enter_context(network_link())
        self.cluster = stack.enter_context(ray_cluster(digits, 3, link=self.link))
        ELSEWHERE.append(lambda: [process for node in self.cluster.nodes for process in node.processes])
        stack.callback(ELSEWHERE.pop)
        self._stack, self._digits, self._folder = stack, digits, folder
        self._environment = {**self.cluster.for_server, "DATABASE_URL": database_url}
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


class Race(NamedTuple):
    """One that goes on, with someone who watches it through one of the servers, or the proxy."""

    id: str
    key: dict[str, str]
    viewer: Viewer

    async def until(self, steps: int) -> None:
        """As a page does, with what it has: again and again, if the stream is cut off or no one answers."""
        while min(self.viewer.steps) < steps:
            with suppress(OSError, InvalidHandshake):
                async with self.viewer.connect() as socket:
                    while min(self.viewer.steps) < steps and await self.viewer.receive(socket):
                        pass
            await asyncio.sleep(POLL_S)

    def stop(self, url: str) -> None:
        answer = httpx.post(f"{url}/api/runs/{self.id}/stop", headers=self.key, timeout=TIMEOUT_S)
        assert answer.status_code == 202, answer.text


def start(url: str, watched_at: str, pace: int = 50) -> Race:
    answer = httpx.post(f"{url}/api/runs?pace={pace}", json=ENDLESS, timeout=TIMEOUT_S)
    assert answer.status_code == 201, answer.text
    run_id = answer.json()["id"]
    key = {"X-Owner-Key": answer.headers["X-Owner-Key"]}
    return Race(run_id, key, Viewer(watched_at.removeprefix("http://"), run_id))


@pytest.fixture(scope="module")
def site(few_idx_files, tmp_path_factory, postgres) -> Iterator[Site]:
    name = "cluster_servers"
    postgres.new_database(name)
    url = postgres.url.replace("/postgres?", f"/{name}?")
    with ExitStack() as stack:
        yield Site(stack, few_idx_files, tmp_path_factory.mktemp("site"), url)


async def test_a_race_is_started_on_one_server_watched_on_another_and_stopped_through_the_proxy(site: Site):
    for number in range(2):
        race = start(site.urls[number], watched_at=site.urls[1 - number])
        await race.until(20)
        race.stop(site.proxy)
        site.until_status(race.id, "stopped")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
async def test_a_race_goes_on_without_the_server_that_led_and_its_viewer_misses_no_point(site: Site, end):
    race = start(site.proxy, watched_at=site.proxy)
    await race.until(50)
    lost = site.leader
    site.processes[lost].send_signal(end)
    # Viewer takes neither a gap nor a double.
    await race.until(max(race.viewer.steps) + 100)
    assert site.status(race.id, site.urls[1 - lost]) == "running"
    race.stop(site.urls[1 - lost])
    await asyncio.to_thread(site.processes[lost].wait, TIMEOUT_S)
    site.processes[lost] = await asyncio.to_thread(site.start, lost)
    site.until_status(race.id, "stopped")


async def test_a_race_on_a_lost_node_is_interrupted_at_both_servers(site: Site):
    race = start(site.urls[0], watched_at=site.urls[1])
    await race.until(20)
    await asyncio.to_thread(site.cluster.nodes[-1].kill)
    site.until_status(race.id, "interrupted")
    assert min(lane["steps"] for lane in httpx.get(f"{site.proxy}/api/runs/{race.id}").json()["lanes"]) >= 20


async def test_a_node_that_is_cut_off_is_told_and_its_race_goes_on_with_every_point_when_the_link_is_mended(site: Site):
    await asyncio.to_thread(site.cluster.add_node, 3, beyond=True)
    race = start(site.urls[1], watched_at=site.urls[0])
    await race.until(20)
    site.link.cut()

    def silent() -> list[int]:
        return [lane["silent_s"] for lane in httpx.get(f"{site.proxy}/api/runs/{race.id}").json()["lanes"]]

    await until_async(lambda: all(silent()), "all lanes are told to be silent")
    site.link.mend()
    await race.until(max(race.viewer.steps) + 20)
    await until_async(lambda: not any(silent()), "that they are back is told")
    race.stop(site.proxy)
    site.until_status(race.id, "stopped")


async def test_without_its_head_races_are_interrupted_and_start_again_under_a_new_one(site: Site):
    race = start(site.urls[0], watched_at=site.urls[1])
    await race.until(20)
    await asyncio.to_thread(site.cluster.head.kill)
    site.until_status(race.id, "interrupted")

    await asyncio.to_thread(site.cluster.start_head)
    await asyncio.to_thread(site.cluster.add_node, 3)
    # It is taken at once, and waits until the new head is known.
    answer = httpx.post(f"{site.proxy}/api/runs", json=SHORT, timeout=TIMEOUT_S)
    assert answer.status_code == 201, answer.text
    site.until_status(answer.json()["id"], "finished")
