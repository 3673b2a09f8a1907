"""What a node of a cluster runs, called as a server calls it, each call twice: an answer may be lost on its way."""

import asyncio
import pickle
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest

from app.config import RunConfig
from app.engine import node_host
from app.engine.commands import Pause, Step, Stop
from app.engine.lane_progress import LaneProgress, OnlyNew, count
from app.engine.node_host import NodeHost, TakenOver, WrongDigits
from app.engine.race_log import AgedCommand, NewEvents
from app.errors import NodeLost
from app.events import Detail, Frame, LaneEnded, LaneEvent, LaneStatus, Parameters
from app.training.dataset import prepare
from app.training.kernels import Kernel
from tests.waiting import until_async

pytestmark = pytest.mark.slow

SHORT = RunConfig(epochs=1, hidden=[16])


@pytest.fixture
def its_digits(few_idx_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The node has them, and calls them so."""
    monkeypatch.setenv("DATA_DIR", str(few_idx_files))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    return prepare(few_idx_files, tmp_path).name


ME, OTHER, RUN = "this server", "another server", "a run"


@pytest.fixture
async def host(its_digits: str) -> AsyncIterator[NodeHost]:
    host = NodeHost(3, 1024, its_digits, ME)
    await host.open(ME)
    yield host
    await host.close()


async def read_twice(host: NodeHost, cursor: int, saved: int) -> NewEvents:
    """Of two reads of the same place the second may find more."""
    first, second = [pickle.loads(await host.read(ME, RUN, cursor, saved)) for _ in range(2)]
    assert [type(event) for event in second.events[: len(first.events)]] == [type(event) for event in first.events]
    return second


async def read_all(host: NodeHost, saved: Callable[[int], int] = lambda cursor: cursor) -> list[LaneEvent]:
    events, cursor, over = [], 0, False
    while not over:
        read = await read_twice(host, cursor, saved(cursor))
        events += read.events
        cursor, over = read.cursor, read.over
        assert read.failure is None
    return events


async def test_called_twice_it_trains_once_and_reports_everything(host):
    for _ in range(2):
        await host.start(ME, RUN, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [])
    events = await read_all(host)

    for lane in range(3):
        assert sum(len(e.loss) for e in events if isinstance(e, Frame) and e.lane == lane) == 31
    assert sorted(e for e in events if isinstance(e, LaneEnded)) == [
        LaneEnded(lane, LaneStatus.FINISHED, 31) for lane in range(3)
    ]


async def test_a_command_that_comes_twice_is_obeyed_once(host):
    await host.start(ME, RUN, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [AgedCommand(0.0, Pause())])
    for number, command in enumerate((Step(), Step(), Stop()), 1):
        for _ in range(2):
            await host.deliver(ME, RUN, number, [AgedCommand(0.0, command)])
    events = await read_all(host)

    assert {e.step for e in events if isinstance(e, LaneEnded)} <= {0, 1, 2}
    assert {e.status for e in events if isinstance(e, LaneEnded)} == {LaneStatus.STOPPED}


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
async def test_it_keeps_for_another_server_what_is_not_saved_and_the_newest_networks(host, its_digits, share):
    await host.start(ME, RUN, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [])
    events = await read_all(host, lambda cursor: int(share * cursor))

    found = await host.take_over(OTHER, its_digits)
    assert (found.lanes, found.kernel) == (3, Kernel.WHOLE)
    [(run, kept)] = found.races.items()
    assert (run, kept.commands, kept.over) == (RUN, 0, True)
    read: NewEvents = pickle.loads(await host.read(OTHER, RUN, kept.cursor, kept.cursor))
    again = list(OnlyNew(kept.progress, kept.progress).of(read.events))
    assert count(kept.progress, again) == count([LaneProgress()] * 3, events)
    networks = {event.lane: event.step for event in again if isinstance(event, Parameters)}
    assert networks == {lane: 31 for lane in range(3)}
    if share == 0:
        assert kept.progress == [LaneProgress()] * 3


async def test_the_previous_server_is_refused_until_it_takes_the_run_over_again(host, its_digits):
    await host.start(ME, RUN, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [AgedCommand(0.0, Pause())])
    await host.take_over(OTHER, its_digits)

    for call in (host.read(ME, RUN, 0, 0), host.deliver(ME, RUN, 1, []), host.stay(ME), host.open(ME)):
        with pytest.raises(TakenOver):
            await call
    assert await host.take_over(ME, "other digits") is None
    await host.stay(OTHER)
    await host.take_over(ME, its_digits)
    await host.stay(ME)


async def test_a_race_that_is_over_is_forgotten_when_it_is_saved_and_one_that_goes_on_is_not(host, its_digits):
    await host.start(ME, RUN, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [])
    await read_all(host)
    await host.start(ME, "another", SHORT, Kernel.WHOLE, Detail.EVERYTHING, [AgedCommand(0.0, Pause())])
    await host.stay(ME, [RUN, "another", "one that was never here"])

    assert list((await host.take_over(OTHER, its_digits)).races) == ["another"]


async def test_a_host_with_other_digits_refuses(its_digits):
    host = NodeHost(3, 1024, "others", ME)
    with pytest.raises(WrongDigits, match=r"set DATA_DIR to the same files on all nodes"):
        await host.open(ME)
    assert await host.take_over(OTHER, "others") is None, "it is not warm"
    await host.close()


@pytest.mark.parametrize("lost", [True, False], ids=["ended", "call cancelled"])
async def test_a_host_that_is_lost_while_it_gets_warm_leaves_no_process(its_digits, lost):
    before = set(psutil.Process().children())
    host = NodeHost(1, 1024, its_digits, ME)
    opening = asyncio.create_task(host.open(ME))
    await until_async(lambda: set(psutil.Process().children()) > before or opening.done(), "a process of its own")

    if not lost:
        opening.cancel()
    await host.close()

    (answer,) = await asyncio.gather(opening, return_exceptions=True)
    assert isinstance(answer, NodeLost if lost else asyncio.CancelledError)
    assert set(psutil.Process().children()) == before


async def test_a_host_that_no_server_calls_ends(its_digits, monkeypatch):
    """It ends its process, which is this one."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(node_host, "ORPHANED_S", 0.2)
    monkeypatch.setattr(node_host.os, "_exit", lambda _: loop.call_soon_threadsafe(ended.set))
    NodeHost(3, 1024, its_digits, ME)

    await ended.wait()
