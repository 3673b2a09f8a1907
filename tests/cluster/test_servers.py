"""Two web servers and a proxy before a cluster: what is lost when a server, a node, the head or a link is."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import NamedTuple

import httpx
import pytest
from websockets.exceptions import InvalidHandshake

from app.web.protocol import BAD_CURSOR
from tests.cluster.link import network_link
from tests.cluster.site import Site
from tests.server_process import ENDLESS
from tests.waiting import POLL_S, TIMEOUT_S, until_async
from tests.web.viewer import Viewer

SHORT = {"epochs": 1, "hidden": [16]}


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
            # A page would drop its curves and load them again.
            assert self.viewer.close_code != BAD_CURSOR, self.viewer.error
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
        link = stack.enter_context(network_link())
        yield Site(stack, few_idx_files, tmp_path_factory.mktemp("site"), url, 3, link=link)


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


async def test_lanes_of_a_node_that_is_cut_off_say_so_and_continue_with_every_point_once_the_link_is_back(site: Site):
    link = site.cluster.link
    if not link:
        pytest.skip("A link that can be cut needs a network of its own, and with it root, ip and nft.")
    await asyncio.to_thread(site.cluster.add_node, 3, beyond=True)
    race = start(site.urls[1], watched_at=site.urls[0])
    await race.until(20)
    link.cut()

    def silent() -> list[int]:
        return [lane["silent_s"] for lane in httpx.get(f"{site.proxy}/api/runs/{race.id}").json()["lanes"]]

    await until_async(lambda: all(silent()), "all lanes are told to be silent")
    link.mend()
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
