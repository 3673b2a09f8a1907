"""The crowd that measures the server: what it sees, what it computes from that, and what it refuses."""

import asyncio
from array import array
from contextlib import closing

import httpx
import psutil
import pytest

from benchmarks.crowd import MOST_VIEWERS, CannotWatch, Crowd, Piece, Sighting, Watch, Watched
from benchmarks.server import FrameArrival, Race
from benchmarks.viewers import ages_ms, missed
from tests.waiting import until_async

SHORT = {"epochs": 3, "hidden": [16]}


def look(watch: Watch) -> Watched:
    with closing(Crowd(watch)) as crowd:
        crowd.join()
        return crowd.watch()


async def watched(http: httpx.AsyncClient, address: str, viewers: int) -> Watched:
    run_id = (await http.post("/api/runs", json=SHORT)).json()["id"]
    host, port = address.split(":")
    return await asyncio.to_thread(look, Watch(host, int(port), run_id, 3, viewers))


async def test_a_crowd_sees_every_batch_and_closes_its_sockets(http, address):
    await http.get("/healthz")
    before = psutil.Process().num_fds()

    seen = await watched(http, address, viewers=50)

    assert seen.rows == [[93, 93, 93]] * 50
    assert seen.gaps == 0
    assert all(len(sighting.arrivals) <= 50 for sighting in seen.live)
    await until_async(lambda: psutil.Process().num_fds() <= before, "all sockets are closed")


async def test_an_unknown_run_is_reported(address):
    host, port = address.split(":")
    seen = await asyncio.to_thread(look, Watch(host, int(port), "nosuchrun", 3, 2))

    assert seen.rows == [[0, 0, 0]] * 2


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "0.0.0.0", "2001:db8::1"])
def test_viewers_are_sent_to_this_machine_only(host):
    with pytest.raises(CannotWatch, match=r"this machine only"):
        Crowd(Watch(host, 80, "run", 3, 1))


@pytest.mark.parametrize("viewers", [0, -1, MOST_VIEWERS + 1])
def test_the_number_of_viewers_is_bounded(viewers):
    with pytest.raises(CannotWatch, match=r"from 1 to 5,000"):
        Crowd(Watch("127.0.0.1", 80, "run", 3, viewers))


RACE = Race(
    [FrameArrival(0, 10, 1.0), FrameArrival(1, 8, 1.5), FrameArrival(0, 20, 2.0), FrameArrival(0, 25, 9.0)], 10.0
)


def test_the_age_of_each_frame_counts_from_its_own_coming_in():
    both = Sighting([Piece(0, 0, 20), Piece(1, 0, 8)], array("d", [2.5, 3.0]))
    late = Sighting([Piece(0, 20, 25)], array("d", [9.25]))

    ages = ages_ms(RACE, Watched([both, late], [], 0), since=0.0, until=5.0)

    assert sorted(ages) == [500, 1000, 1000, 1500, 1500, 2000]


def test_what_anybodymissed_is_counted():
    assert missed(RACE, Watched([], [[25, 8], [25, 8]], 0)) == 0
    assert missed(RACE, Watched([], [[25, 8], [20, 7]], 2)) == 5 + 1 + 2
