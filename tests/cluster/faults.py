"""`make cluster-faults`: kill -9 of each part of a cluster with two web servers, in the middle of 20 watched races.

A race whose part was killed has to end, and all others to go on; nothing that was shown over two seconds before may be
lost from the database, and what the killed part has left behind has to end by itself.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import NamedTuple

import httpx
import numpy as np
import psutil
from numpy.typing import NDArray
from rich.console import Console

from app.settings import Settings
from app.storage.database import Database
from app.storage.restore import restore
from app.training.dataset import Dataset, open_dataset, prepare
from tests.cluster.site import Site
from tests.cluster.watcher import Watcher
from tests.engine.racing import fork_servers, until_gone, workers
from tests.postgres import postgres_server
from tests.training.idx import write_dataset
from tests.trials.verdict import Check, table, verdict
from tests.waiting import TIMEOUT_S, until, until_async

RACES, PACE = 20, 10
# Small enough for 20 at once on two cores, and endless.
RACE = {"lanes": [{"optimizer": "sgd"}], "epochs": 100, "batch_size": 1, "hidden": [8]}
# Of two nodes: with a node gone, the other one has room for half.
CORES = 13
SETTLED_STEPS = 100
MOST_LOST_S, MOST_WAITED_S, MOST_GONE_S = 2.0, 60.0, 60.0
SETTINGS = {
    "MAX_RUNNING": f"{RACES}",
    "MAX_RUNS_PER_VISITOR": f"{RACES}",
    "MAX_VIEWERS_PER_VISITOR": "200",
    "STARTS_PER_MINUTE": "1000",
}


class Outcome(NamedTuple):
    """How many races there were and how many ended for it; seconds a viewer waited, and of curve lost.

    Viewers begin anew where a server has less than they have. Orphans are processes of what was killed, which have to
    end by themselves.
    """

    killed: str
    races: int
    ended: int
    expected: bool
    waited_s: float
    lost_s: float
    began_anew: int
    orphans: int
    gone_s: float


class Killed(NamedTuple):
    """What was done; how races end for it, if any do, and the processes that have to end by themselves."""

    ends_as: str | None
    orphans: list[psutil.Process]
    mend: Callable[[], None]


def nothing() -> None:
    """It is there again, or not needed."""


def a_lane(site: Site) -> Killed:
    """Not one of those three that are ready for the next race."""
    worker = next(children[0] for server in fork_servers() if len(children := server.children()) == 1)
    worker.kill()
    return Killed("failed", [worker], nothing)


def _server(site: Site, number: int) -> Killed:
    process = site.processes[number]
    orphans = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()

    def mend() -> None:
        site.processes[number] = site.start(number)

    return Killed(None, orphans, mend)


def the_server_that_follows(site: Site) -> Killed:
    return _server(site, 1 - site.leader)


def the_server_that_leads(site: Site) -> Killed:
    return _server(site, site.leader)


def a_node(site: Site) -> Killed:
    """Of Ray, the process that all others there belong to."""
    node = site.cluster.nodes[-1]
    raylet = next(process for process in node.processes if process.name() == "raylet")
    orphans = [process for process in [*workers(), *fork_servers()] if process in node.processes]
    raylet.kill()
    return Killed("interrupted", orphans, lambda: site.cluster.add_node(CORES) and None)


def the_head(site: Site) -> Killed:
    orphans = [*workers(), *fork_servers()]
    site.cluster.head.kill()
    return Killed("interrupted", orphans, nothing)


FAULTS = [a_lane, the_server_that_follows, the_server_that_leads, a_node, the_head]


def start(site: Site) -> Watcher:
    answer = httpx.post(f"{site.proxy}/api/runs?pace={PACE}", json=RACE, timeout=TIMEOUT_S)
    assert answer.status_code == 201, answer.text
    return Watcher(site.proxy.removeprefix("http://"), answer.json()["id"])


class Kept:
    """Steps of a race that are in the database."""

    def __init__(self, database: Database, labels: NDArray[np.uint8]) -> None:
        self._database, self._labels = database, labels

    def __call__(self, run_id: str) -> int:
        found = self._database.find(run_id)
        return restore(found[0], self._labels, same_digits=False).history.steps(0) if found else 0

    def enough(self, watcher: Watcher, at: float) -> bool:
        """Whether it has all that the watcher had by then, or is over."""
        return self._database.is_over(watcher.run_id) or not watcher.lost_s(self(watcher.run_id), at)


async def outcome(fault: Callable[[Site], Killed], site: Site, watchers: list[Watcher], kept: Kept) -> Outcome:
    """Kill, and see what comes of each race, and of what is left behind."""
    for watcher in watchers:
        watcher.expect_more(SETTLED_STEPS)
    at = time.monotonic()
    killed = await asyncio.to_thread(fault, site)

    async def gone() -> float:
        await until_gone(killed.orphans)
        return time.monotonic() - at

    ending = asyncio.create_task(gone())
    await until_async(lambda: all(watcher.settled for watcher in watchers), "each viewer is told")
    gone_s = await ending
    ended = [watcher for watcher in watchers if watcher.over]
    for watcher in watchers:
        # A race that goes on is saved by and by.
        await asyncio.to_thread(until, partial(kept.enough, watcher, at), "it is saved")
    lost_s = max(watcher.lost_s(kept(watcher.run_id), at) for watcher in watchers)
    await asyncio.to_thread(killed.mend)
    return Outcome(
        fault.__name__.replace("_", " "),
        len(watchers),
        len(ended),
        {watcher.status for watcher in ended} == ({killed.ends_as} if killed.ends_as else set()),
        max(watcher.waited_s(at) for watcher in watchers),
        lost_s,
        sum(watcher.began_anew for watcher in watchers),
        len(killed.orphans),
        gone_s,
    )


async def trial(site: Site, kept: Kept, tell: Callable[[str], None]) -> list[Outcome]:
    """Every fault, each with as many races going on."""
    outcomes: list[Outcome] = []
    watchers: list[Watcher] = []
    for fault in FAULTS:
        name = fault.__name__.replace("_", " ")
        watchers = [watcher for watcher in watchers if not watcher.over]
        for _ in range(RACES - len(watchers)):
            watchers.append(await asyncio.to_thread(start, site))
            watchers[-1].begin()
        tell(f"{name}: {RACES} races begin")
        await until_async(partial(all_train, watchers), "all races train, watched")
        try:
            outcomes.append(await outcome(fault, site, watchers, kept))
            tell(f"{name} was killed: {outcomes[-1].ended} races ended, a viewer waited {outcomes[-1].waited_s:.1f} s")
        except AssertionError as problem:
            tell(f"{name} was killed: {problem}")
            outcomes.append(Outcome(name, RACES, 0, False, 0.0, 0.0, 0, 0, 0.0))
            break
    for watcher in watchers:
        await watcher.leave()
    return outcomes


def all_train(watchers: Iterable[Watcher]) -> bool:
    return all(watcher.steps > 2 * PACE for watcher in watchers)


def checks(outcomes: list[Outcome]) -> list[Check]:
    broken = [each.killed for each in outcomes if not each.expected]
    lost, gone = max(each.lost_s for each in outcomes), max(each.gone_s for each in outcomes)
    waited, anew = max(each.waited_s for each in outcomes), sum(each.began_anew for each in outcomes)
    return [
        Check("killed, and other than expected", ", ".join(broken) or "none", "none", not broken),
        Check("curve lost", f"{lost:.1f} s", f"at most {MOST_LOST_S:g} s", lost <= MOST_LOST_S),
        Check("viewers that begin anew", f"{anew}", "none", not anew),
        Check("longest wait of a viewer", f"{waited:.1f} s", f"at most {MOST_WAITED_S:g} s", waited <= MOST_WAITED_S),
        Check("orphans are gone within", f"{gone:.1f} s", f"at most {MOST_GONE_S:g} s", gone <= MOST_GONE_S),
    ]


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 160)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cluster-faults-")))
        whole = open_dataset(prepare(Settings.model_fields["data_dir"].default, folder / "whole"))
        few = [part[:size] for part, size in zip(whole[:4], (2000, 2000, 500, 500), strict=True)]
        (digits := folder / "digits").mkdir()
        write_dataset(digits, Dataset.of(*few))
        database_url = stack.enter_context(postgres_server(fsync="on")).new_database("faults")
        site = Site(stack, digits, folder, database_url, CORES, CORES, **SETTINGS)
        database = Database(database_url.replace("postgresql://", "postgresql+psycopg://"), digits="")
        stack.callback(database.close)
        outcomes = asyncio.run(trial(site, Kept(database, few[3]), lambda text: console.print(text, highlight=False)))
    shown = table(
        f"kill -9 in the middle of {RACES} races, load {os.getloadavg()[0]:.0f}",
        *("killed", "races ended", "curve lost", "begin anew", "viewers wait at most", "orphans", "gone within"),
    )
    for each in outcomes:
        lost, waited, gone = (f"{seconds:.1f} s" for seconds in (each.lost_s, each.waited_s, each.gone_s))
        ended, anew, orphans = f"{each.ended} of {each.races}", f"{each.began_anew}", f"{each.orphans}"
        shown.add_row(each.killed, ended, lost, anew, waited, orphans, gone)
    console.print(shown)
    return verdict(checks(outcomes), console)


if __name__ == "__main__":
    # Ends as Ctrl+C does: together with all that was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
