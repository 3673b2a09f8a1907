"""What a node of a cluster runs, called as a server calls it, each call twice: an answer may be lost on its way."""

import asyncio
import pickle
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.config import RunConfig
from app.engine import node_host
from app.engine.commands import Pause, Step, Stop
from app.engine.node_host import AgedCommand, NodeHost, Read, WrongDigits
from app.events import Detail, Frame, LaneEnded, LaneStatus
from app.training.dataset import prepare
from app.training.kernels import Kernel

pytestmark = pytest.mark.slow

SHORT = RunConfig(epochs=1, hidden=[16])


@pytest.fixture
def its_digits(few_idx_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The node has them, and calls them so."""
    monkeypatch.setenv("DATA_DIR", str(few_idx_files))
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    return prepare(few_idx_files, tmp_path).name


@pytest.fixture
async def host(its_digits: str) -> AsyncIterator[NodeHost]:
    host = NodeHost(3, 1024, its_digits)
    await host.open()
    yield host
    await host.close()


async def read_twice(host: NodeHost, cursor: int) -> Read:
    """Of two reads of the same place the second may find more."""
    first, second = [pickle.loads(await host.read(cursor)) for _ in range(2)]
    assert [type(event) for event in second.events[: len(first.events)]] == [type(event) for event in first.events]
    return second


async def test_called_twice_it_trains_once_and_tells_all(host):
    for _ in range(2):
        await host.start(1, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [])
    events, over = [], False
    while not over:
        news, over, failure = await read_twice(host, len(events))
        events += news

    assert failure is None
    for lane in range(3):
        assert sum(len(e.loss) for e in events if isinstance(e, Frame) and e.lane == lane) == 31
    assert sorted(e for e in events if isinstance(e, LaneEnded)) == [
        LaneEnded(lane, LaneStatus.FINISHED, 31) for lane in range(3)
    ]


async def test_a_command_that_comes_twice_is_obeyed_once(host):
    await host.start(1, SHORT, Kernel.WHOLE, Detail.EVERYTHING, [AgedCommand(0.0, Pause())])
    for number, command in enumerate((Step(), Step(), Stop()), 1):
        for _ in range(2):
            await host.deliver(number, [AgedCommand(0.0, command)])
    events, over = [], False
    while not over:
        news, over, _ = await read_twice(host, len(events))
        events += news

    assert {e.step for e in events if isinstance(e, LaneEnded)} <= {0, 1, 2}
    assert {e.status for e in events if isinstance(e, LaneEnded)} == {LaneStatus.STOPPED}


async def test_a_host_with_other_digits_refuses(its_digits):
    host = NodeHost(3, 1024, "others")
    with pytest.raises(WrongDigits, match=r"set DATA_DIR to the same files on all nodes"):
        await host.open()
    await host.close()


async def test_a_host_that_no_server_calls_ends(its_digits, monkeypatch):
    """It ends its process, which is this one."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(node_host, "ORPHANED_S", 0.2)
    monkeypatch.setattr(node_host.os, "_exit", lambda _: loop.call_soon_threadsafe(ended.set))
    NodeHost(3, 1024, its_digits)

    await ended.wait()
