"""A visitor's streams through three servers, of which one may have six: opened at the same moment, or by polling."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.server_process import start_owned
from tests.servers.conftest import Server, new_database
from tests.waiting import TIMEOUT_S, until
from tests.web.viewer import Viewer, connect

pytestmark = pytest.mark.slow

MOST = 6


@pytest.fixture(scope="module")
def three(pair, start, database) -> Iterator[list[Server]]:
    with start(database) as third:
        yield [*pair, third]


@pytest.fixture
def race(three) -> Iterator[str]:
    """A running race that no one watches."""
    run_id, key = start_owned(three[1].url, pace=50)
    yield run_id
    three[1].post(f"/api/runs/{run_id}/stop", **key)
    until(lambda: three[0].get(f"/api/runs/{run_id}").json()["status"] == "stopped", "it has stopped")


def viewers_told(servers: list[Server], run_id: str) -> list[int]:
    return [server.get(f"/api/runs/{run_id}").json()["viewers"] for server in servers]


async def test_of_those_opened_at_the_same_moment_as_many_stay_as_one_may_have(three, race):
    viewers = [Viewer(three[number % 3].url.removeprefix("http://"), race) for number in range(3 * MOST)]
    sockets = await asyncio.gather(*(each.connect() for each in viewers))

    async def admitted(viewer: Viewer, socket) -> bool:
        while not viewer.run and await viewer.receive(socket):
            pass
        return viewer.run is not None

    try:
        stay = await asyncio.gather(*map(admitted, viewers, sockets))
        assert sum(stay) == MOST
        refused = [viewer.error for viewer, stays in zip(viewers, stay, strict=True) if not stays]
        assert [error["code"] for error in refused] == ["too_many"] * (2 * MOST)
        until(lambda: viewers_told(three, race) == [MOST] * 3, "they are counted everywhere")
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))


async def refusal(server: Server, run_id: str) -> str:
    """Why a viewer may not watch this."""
    viewer = Viewer(server.url.removeprefix("http://"), run_id)
    async with viewer.connect() as socket:
        while not viewer.run and await viewer.receive(socket):
            pass
    return viewer.error["code"] if viewer.error else ""


async def test_what_was_open_through_a_lost_leader_keeps_nobody_from_watching(start, postgres):
    name = new_database(postgres)
    with start(name) as leader, start(name) as follower:
        run_id, _ = start_owned(leader.url, pace=50)
        sockets = [await Viewer(leader.url.removeprefix("http://"), run_id).connect() for _ in range(MOST)]
        other = Viewer(follower.url.removeprefix("http://"), run_id)
        sockets.append(await connect(other.url, local_addr=("127.0.0.2", 0)))
        until(
            lambda: viewers_told([leader], run_id) == [MOST + 1],
            "what the follower reports has been answered with what is open elsewhere",
        )
        # So that no other server leads.
        postgres.stop()
        try:
            leader.process.kill()
            async with asyncio.timeout(TIMEOUT_S):
                # Whether it is found or not, without the database.
                while await refusal(follower, run_id) == "too_many":
                    pass
        finally:
            postgres.start()
        await asyncio.gather(*(socket.close() for socket in sockets))


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """Of another visitor."""
    transport = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
    async with httpx.AsyncClient(timeout=TIMEOUT_S, transport=transport) as http:
        yield http


async def test_pages_that_poll_through_all_servers_in_turn_count_once_each(three, race, http):
    async def poll(page: int, server: Server) -> httpx.Response:
        return await http.get(f"{server.url}/api/runs/{race}/frames", params={"viewer": f"page-{page}"})

    for turn in range(3):
        answers = [await poll(page, three[(page + turn) % 3]) for page in range(MOST)]
        assert [answer.status_code for answer in answers] == [200] * MOST, answers[-1].text
    until(lambda: viewers_told(three, race) == [MOST] * 3, "each is one viewer")
    one_more = [await poll(MOST, server) for server in three]
    assert [answer.status_code for answer in one_more] == [429] * 3
    assert one_more[0].json() == one_more[1].json() == one_more[2].json()
